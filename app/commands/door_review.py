"""What a reader of records types: replay, and what models were sent."""

# Commands are imported inside the verbs, so that `parley --help` starts light.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.door_words import AsJson, RecordPath, leave

prompt = typer.Typer(help="What models were sent, from a record.", no_args_is_help=True)


def replay(
    record: RecordPath,
    seat: Annotated[
        str | None, typer.Option(help="Only what this seat (or a watcher) saw.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Fold a record again and print what happened."""
    from app.commands import replay as command

    leave(command.run(record, seat=seat, json=json))


@prompt.command("show")
def prompt_show(
    seat: Annotated[str, typer.Argument(metavar="SEAT", help="The seat a model played.")],
    table: Annotated[
        Path, typer.Option(metavar="RECORD", help="A facilitator's record: a .jsonl file.")
    ],
    at: Annotated[int, typer.Option(metavar="SEQ", help="Number of the turn's entry.")],
    json: AsJson = False,
) -> None:
    """Render again exactly what a model was sent for one turn; refuse if it differs."""
    from app.commands import prompt as command

    leave(command.show(seat, table, at, json=json))
