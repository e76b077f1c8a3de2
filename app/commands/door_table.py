"""What a person at the table types: serve, play, join, and what there is to play with."""

# Commands are imported inside the verbs, so that `parley --help` starts light.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.door_words import AsJson, PresetName, home, leave


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

    leave(command.run(host, port, behind_proxy=behind_proxy))


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
        typer.Option(
            metavar="SEAT=WHO",
            help="WHO is human, engine or provider:model; 'provider:model filtered "
            "temperature=0.3' gives one seat its own barrier and temperature.",
        ),
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
    temperature: Annotated[
        float | None, typer.Option(help="Of the models; 0.7 if not given.", min=0.0, max=2.0)
    ] = None,
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
        home=home(),
    )
    leave(command.run(order))


def _seated(words: list[str]) -> dict[str, str]:
    """Read `--seat ukraine=human` options."""
    seats: dict[str, str] = {}
    for word in words:
        seat, equals, who = word.partition("=")
        if not (seat and equals and who):
            raise typer.BadParameter(f"{word!r}: write SEAT=human, engine or provider:model")
        if seat in seats:
            raise typer.BadParameter(f"--seat names {seat} twice")
        seats[seat] = who
    return seats


def _one_of(word: str, option: str, usual: str, other: str) -> bool:
    """Whether an option has its other value; refuse what is neither."""
    if word not in (usual, other):
        raise typer.BadParameter(f"{word!r}: write {usual} or {other}", param_hint=option)
    return word == other


def join(
    url: Annotated[str, typer.Argument(metavar="URL", help="The table's address.")],
    seat: Annotated[str | None, typer.Option(help="The seat to take; none to watch.")] = None,
    token: Annotated[str | None, typer.Option(help="Login token, if not in the address.")] = None,
) -> None:
    """Sit down at a served table from this terminal."""
    from app.commands import join as command

    leave(command.run(url, seat=seat, token=token))


def tables(json: AsJson = False) -> None:
    """List the tables that can be opened by name."""
    from app.commands import tables as command

    leave(command.run(json=json, home=home()))


def models(json: AsJson = False) -> None:
    """List the models that are configured and what each lacks."""
    from app.commands import models as command

    leave(command.run(json=json))


def doctor(
    model: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", help="provider:model; all configured ones if none."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Test models by one cheap call each, and Redis by one ring; say what is wrong."""
    from app.commands import doctor as command

    leave(command.run(model or [], json=json))
