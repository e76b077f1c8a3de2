"""Readers of transcripts that others wrote: one module a format, none of them needs a library."""
