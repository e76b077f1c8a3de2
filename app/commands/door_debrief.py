"""What a trainer types: assess, for the verdict on the terminal and the after-action report."""

# Commands are imported inside the verbs, so that `parley --help` starts light.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.door_words import AsJson, RecordPath, leave


def assess(
    record: RecordPath,
    json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write the report as one page.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the report as Markdown.")] = None,
    data: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    seat: Annotated[
        str | None, typer.Option(help="That seat's own report, without other sheets.")
    ] = None,
    others: Annotated[
        list[Path] | None,
        typer.Option("--with", metavar="RECORD", help="Compare with this table; repeatable."),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="How it felt: the questionnaire as CSV or JSON.")
    ] = None,
    names: Annotated[
        bool, typer.Option("--names/--no-names", help="People's names in the report.")
    ] = True,
) -> None:
    """Say who left with what, from a table's record."""
    from app.commands import assess as command

    leave(
        command.carry_out(
            command.Order(
                record=record,
                json=json,
                html=html,
                markdown=markdown,
                data=data,
                seat=seat,
                others=tuple(others or ()),
                answers=answers,
                names=names,
            )
        )
    )
