"""What a person types: verbs, options and help; the work is in `app.commands`."""

# Commands are imported inside the verbs, so that `parley --help` starts light.

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any, TextIO, cast

import typer

cli = typer.Typer(
    name="parley",
    help="Parley: the rehearsal table for multi-party negotiation. Everything played is fiction.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

TableName = Annotated[
    str, typer.Argument(metavar="TABLE", help="A table's name (parley tables) or its folder.")
]
RecordPath = Annotated[Path, typer.Argument(metavar="RECORD", help="A record: a .jsonl file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print data instead of text.")]
PresetName = Annotated[
    str | None, typer.Option("--preset", help="Difficulty; the table's own list is in its file.")
]


def _home() -> Path:
    from app.settings import home_of

    return home_of()


def _leave(code: int) -> None:
    if code:
        raise typer.Exit(code)


@cli.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to bind; loopback if not given.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Allow an address other than loopback.")
    ] = False,
) -> None:
    """Serve the tables to a browser and print the address to open."""
    from app.commands import serve as command

    _leave(command.run(host, port, behind_proxy=behind_proxy))


@cli.command()
def play(
    table: Annotated[
        str | None, typer.Argument(metavar="TABLE", help="A table's name or its folder.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed plays the same table.")] = 1,
    preset: PresetName = None,
    rounds: Annotated[int | None, typer.Option(help="Bargaining rounds.", min=1, max=100)] = None,
    floor: Annotated[str | None, typer.Option(help="list, mention or bid.")] = None,
    mediator: Annotated[str | None, typer.Option(help="none, votes or ranks.")] = None,
    chair: Annotated[
        bool | None, typer.Option("--chair/--no-chair", help="A chair tables a text each round.")
    ] = None,
    improve: Annotated[
        bool | None, typer.Option("--improve/--no-improve", help="Offer an improvement of a deal.")
    ] = None,
    seat: Annotated[
        list[str] | None,
        typer.Option(metavar="SEAT=WHO", help="WHO is human, engine or provider:model."),
    ] = None,
    seats: Annotated[
        str | None, typer.Option(metavar="WHO", help="Who plays the seats not named by --seat.")
    ] = None,
    barrier: Annotated[
        str, typer.Option(help="strict: words by a call that saw no secret; or filtered.")
    ] = "strict",
    guard: Annotated[
        str, typer.Option(help="on; or record, to let breaches through and count them.")
    ] = "on",
    counsel: Annotated[str, typer.Option(help="on; or off, without the engine's advice.")] = "on",
    temperature: Annotated[float, typer.Option(help="Of the models.", min=0.0, max=2.0)] = 0.7,
    out: Annotated[
        Path | None, typer.Option(help="Write the record here; it holds every seat's secrets.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file of --out.")] = False,
    resume: Annotated[Path | None, typer.Option(help="Go on with a stopped record.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict only.")] = False,
    json: AsJson = False,
) -> None:
    """Play a table in this terminal and print who left with what."""
    from app.commands import play as command

    if table is None and resume is None:
        raise typer.BadParameter("name a table, or a record with --resume", param_hint="TABLE")
    order = command.Order(
        table=table or "",
        seed=seed,
        preset=preset,
        rounds=rounds,
        floor=floor,
        mediator=mediator,
        chair=chair,
        improve=improve,
        seats=_seated(seat or []),
        everybody=seats or "",
        barrier="filtered" if _one_of(barrier, "--barrier", "strict", "filtered") else "strict",
        record=_one_of(guard, "--guard", "on", "record"),
        counsel=not _one_of(counsel, "--counsel", "on", "off"),
        temperature=temperature,
        out=out,
        force=force,
        resume=resume,
        quiet=quiet,
        json=json,
        home=_home(),
    )
    _leave(command.run(order))


def _seated(words: list[str]) -> dict[str, str]:
    """Read `--seat ukraine=human` options."""
    seats: dict[str, str] = {}
    for word in words:
        seat, equals, who = word.partition("=")
        if not (seat and equals and who):
            raise typer.BadParameter(f"{word!r}: write SEAT=human, engine or provider:model")
        seats[seat] = who
    return seats


def _one_of(word: str, option: str, usual: str, other: str) -> bool:
    """Whether an option has its other value; refuse what is neither."""
    if word not in (usual, other):
        raise typer.BadParameter(f"{word!r}: write {usual} or {other}", param_hint=option)
    return word == other


@cli.command()
def join(
    url: Annotated[str, typer.Argument(metavar="URL", help="The table's address.")],
    seat: Annotated[str | None, typer.Option(help="The seat to take; none to watch.")] = None,
    token: Annotated[str | None, typer.Option(help="Login token, if not in the address.")] = None,
) -> None:
    """Sit down at a served table from this terminal."""
    from app.commands import join as command

    _leave(command.run(url, seat=seat, token=token))


@cli.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty or new folder.")],
) -> None:
    """Write a starter case for two seats."""
    from app.commands import tables as command

    _leave(command.new(folder))


@cli.command()
def check(table: TableName, json: AsJson = False) -> None:
    """Lint a table: sizes of the zone, baselines, lines without effect, leaks, sources."""
    from app.commands import check as command

    _leave(command.run(table, json, _home()))


@cli.command()
def solve(table: TableName, preset: PresetName = None, json: AsJson = False) -> None:
    """Solve a table exactly: who could sign what, the frontier, the solution points."""
    from app.commands import solve as command

    _leave(command.run(table, preset, json, _home()))


@cli.command()
def assess(
    record: RecordPath,
    json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write a self-contained page.")] = None,
) -> None:
    """Say who left with what, from a table's record."""
    from app.commands import assess as command

    _leave(command.run(record, json=json, html=html))


@cli.command()
def replay(
    record: RecordPath,
    seat: Annotated[
        str | None, typer.Option(help="Only what this seat (or a watcher) saw.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Fold a record again and print what happened."""
    from app.commands import replay as command

    _leave(command.run(record, seat=seat, json=json))


@cli.command()
def tables(json: AsJson = False) -> None:
    """List the tables that can be opened by name."""
    from app.commands import tables as command

    _leave(command.run(json=json, home=_home()))


@cli.command()
def models(json: AsJson = False) -> None:
    """List the models that are configured and what each lacks."""
    from app.commands import models as command

    _leave(command.run(json=json))


@cli.command()
def doctor(
    model: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", help="provider:model; all configured ones if none."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Test models with one cheap structured call each and say what is wrong."""
    from app.commands import doctor as command

    _leave(command.run(model or [], json=json))


prompt = typer.Typer(help="What models were sent, from a record.", no_args_is_help=True)
cli.add_typer(prompt, name="prompt")


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

    _leave(command.show(seat, table, at, json=json))


importing = typer.Typer(help="Make a table of a game of another project.", no_args_is_help=True)
exporting = typer.Typer(help="Write a table in the form of another project.", no_args_is_help=True)
benches = typer.Typer(help="Measure the engine by published metrics.", no_args_is_help=True)
cli.add_typer(importing, name="import")
cli.add_typer(exporting, name="export")
cli.add_typer(benches, name="bench")

Foreign = Annotated[Path, typer.Argument(metavar="SRC", help="The other project's folder.")]
NewFolder = Annotated[Path, typer.Argument(metavar="DEST", help="An empty or new folder.")]
AsOf = Annotated[str | None, typer.Option(metavar="DATE", help="The table's date; today if none.")]


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

    _leave(command.llm_deliberation(source, dest, incentive=incentive, as_of=as_of))


@importing.command("genius")
def import_genius(source: Foreign, dest: NewFolder, as_of: AsOf = None) -> None:
    """A GENIUS, GeniusWeb or NegMAS folder, told apart by what is in it."""
    from app.commands import importing as command

    _leave(command.genius(source, dest, as_of=as_of))


@importing.command("card")
def import_card(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A card, JSON or PNG.")],
    dest: Annotated[
        Path | None, typer.Argument(metavar="DEST", help="Where to write; printed if none.")
    ] = None,
) -> None:
    """A character card (V2 or V3) as the skeleton of a seat; its prompts stay off."""
    from app.commands import importing as command

    _leave(command.card(file, dest))


@exporting.command("genius")
def export_genius(table: TableName, dest: NewFolder, preset: PresetName = None) -> None:
    """A GENIUS domain with profiles; says what that form cannot hold."""
    from app.commands import exporting as command

    _leave(command.genius(table, dest, preset=preset, home=_home()))


@benches.command("deliberation")
def bench_deliberation(
    table: TableName,
    tables: Annotated[int, typer.Option(help="Tables to play.", min=1)] = 100,
    rounds: Annotated[int, typer.Option(help="Turns a party.", min=1, max=100)] = 4,
    mediator: Annotated[str, typer.Option(help="none, votes or ranks.")] = "none",
    chair: Annotated[bool, typer.Option("--chair", help="With a chair.")] = False,
    seed: Annotated[int, typer.Option(help="First seed.")] = 1,
    json: AsJson = False,
) -> None:
    """Success by the pass rule and by all parties, wrong offers, who is left out."""
    from app.commands import deliberation as command

    _leave(
        command.run(
            table,
            tables,
            rounds=rounds,
            mediator=mediator,
            chair=chair,
            seed=seed,
            json=json,
            home=_home(),
        )
    )


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
