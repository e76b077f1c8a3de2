"""Measurements of Parley against its stated floors: every module with a `run` is one bench."""
