"""Readers of other people's formats: each makes a `Case` of foreign files, or says why not."""
