"""What each command line verb does."""
