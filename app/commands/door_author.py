"""What an author of cases types: new, check, solve, import and export."""

# Commands are imported inside the verbs, so that `parley --help` starts light.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.door_words import AsJson, PresetName, TableName, home, leave

importing = typer.Typer(help="Make a table of a game of another project.", no_args_is_help=True)
exporting = typer.Typer(help="Write a table in the form of another project.", no_args_is_help=True)

Foreign = Annotated[Path, typer.Argument(metavar="SRC", help="The other project's folder.")]
NewFolder = Annotated[Path, typer.Argument(metavar="DEST", help="An empty or new folder.")]
AsOf = Annotated[str | None, typer.Option(metavar="DATE", help="The table's date; today if none.")]


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty or new folder.")],
) -> None:
    """Write a starter case for two seats."""
    from app.commands import tables as command

    leave(command.new(folder))


def check(table: TableName, json: AsJson = False) -> None:
    """Lint a table: sizes of the zone, baselines, lines without effect, leaks, sources."""
    from app.commands import check as command

    leave(command.run(table, json, home()))


def solve(table: TableName, preset: PresetName = None, json: AsJson = False) -> None:
    """Solve a table exactly: who could sign what, the frontier, the solution points."""
    from app.commands import solve as command

    leave(command.run(table, preset, json, home()))


@importing.command("llm-deliberation")
def import_game(
    source: Foreign,
    dest: NewFolder,
    incentive: Annotated[
        str | None, typer.Option(help="One incentive for all parties, e.g. cooperative.")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """A game folder of LLM-Deliberation."""
    from app.commands import importing as command

    leave(command.llm_deliberation(source, dest, incentive=incentive, as_of=as_of))


@importing.command("genius")
def import_genius(source: Foreign, dest: NewFolder, as_of: AsOf = None) -> None:
    """A GENIUS, GeniusWeb or NegMAS folder, told apart by what is in it."""
    from app.commands import importing as command

    leave(command.genius(source, dest, as_of=as_of))


@importing.command("card")
def import_card(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A card, JSON or PNG.")],
    dest: Annotated[
        Path | None, typer.Argument(metavar="DEST", help="Where to write; printed if none.")
    ] = None,
) -> None:
    """A character card (V2 or V3) as the skeleton of a seat; its prompts stay off."""
    from app.commands import importing as command

    leave(command.card(file, dest))


@exporting.command("genius")
def export_genius(table: TableName, dest: NewFolder, preset: PresetName = None) -> None:
    """A GENIUS domain with profiles; says what that form cannot hold."""
    from app.commands import exporting as command

    leave(command.genius(table, dest, preset=preset, home=home()))
