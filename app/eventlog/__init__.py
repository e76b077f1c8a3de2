"""Where events are kept: one protocol, several stores."""
