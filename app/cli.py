"""What a person types: the verbs in the order of the help, each from its front door."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from typing import Annotated, Any, TextIO, cast

import typer

from app.commands import door_author, door_debrief, door_evals, door_review, door_table

cli = typer.Typer(
    name="parley",
    help="Parley: the rehearsal table for multi-party negotiation. Everything played is fiction.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

# In the order of the help: first what one sits down with, then what one reads it by.
for _verb in (
    door_table.serve,
    door_table.play,
    door_table.join,
    door_author.new,
    door_author.check,
    door_author.solve,
    door_debrief.assess,
    door_review.replay,
    door_table.tables,
    door_table.models,
    door_table.doctor,
):
    cli.command()(_verb)
cli.add_typer(door_review.prompt, name="prompt")
cli.add_typer(door_author.importing, name="import")
cli.add_typer(door_author.exporting, name="export")
cli.add_typer(door_evals.evals, name="eval")
cli.add_typer(door_evals.benches, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        from app import __version__

        print(f"parley {__version__}")
        raise typer.Exit


@cli.callback()
def _top(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the verb."""


class _Output:
    """Standard output whose reader may have gone (`parley solve ... | head`): no error of ours."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or drop it."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._gone()
            return len(text)

    def flush(self) -> None:
        """Flush, or drop it."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._gone()

    def _gone(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def main(argv: list[str] | None = None) -> Any:
    """Entry point: exit codes 0 done, 1 findings, 2 usage or input, 70 internal, 100 gate."""
    try:
        with redirect_stdout(cast("TextIO", _Output(sys.stdout))):
            cli(args=argv)
    except Exception as error:
        if os.environ.get("PARLEY_DEBUG"):
            raise
        print(f"parley: internal error: {type(error).__name__}: {error}", file=sys.stderr)
        print("Set PARLEY_DEBUG=1 to see where; please report it.", file=sys.stderr)
        sys.exit(70)
