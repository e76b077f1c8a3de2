"""What the talks are about: pure data and arithmetic, no input or output."""
