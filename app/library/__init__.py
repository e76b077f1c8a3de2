"""Tables and personas from their TOML files, found, read and checked; and the prompt files."""

from app.library.load import load_case
from app.library.places import TableInfo, find, new_case, shipped, tables
from app.library.prompts import Prompt, load_prompts

__all__ = [
    "Prompt",
    "TableInfo",
    "find",
    "load_case",
    "load_prompts",
    "new_case",
    "shipped",
    "tables",
]
