"""Words that the verbs share: arguments, options, the folder of data and the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TableName = Annotated[
    str, typer.Argument(metavar="TABLE", help="A table's name (parley tables) or its folder.")
]
RecordPath = Annotated[Path, typer.Argument(metavar="RECORD", help="A record: a .jsonl file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print data instead of text.")]
PresetName = Annotated[
    str | None, typer.Option("--preset", help="Difficulty; the table's own list is in its file.")
]


def home() -> Path:
    """The folder of all data."""
    from app.settings import home_of

    return home_of()


def leave(code: int) -> None:
    """End with this exit code; 0 goes on to the ordinary end."""
    if code:
        raise typer.Exit(code)
