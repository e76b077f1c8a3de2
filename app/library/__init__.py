"""Tables and personas from their TOML files: found, read, checked, and made into a `Case`."""

from app.library.load import load_case
from app.library.places import TableInfo, find, new_case, shipped, tables

__all__ = ["TableInfo", "find", "load_case", "new_case", "shipped", "tables"]
