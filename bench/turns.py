"""CPU per turn of a model's seats, beside the same calls made by bare clients, in one run.

The same prompts and schemas, as many calls, go to the same local server (a process of its own,
not counted): through the bare client in a loop, and through a whole turn of ours with counsel,
guard, durable event and fan-out to five seats. `bench.bare` holds the bare loops, `bench.parts`
the clocks, `bench.rehearsed` the model.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

from app.delegates.base import Ask, Message
from app.delegates.llm import LangChainDoor, OpenAIDoor
from app.delegates.llm.budget import Budget
from app.delegates.llm.calls import Endpoint
from app.delegates.llm.daybook import DayBook
from app.domain.case import Case
from app.eventlog.memory import MemoryLog
from app.eventlog.sql import SqlLog
from app.library import find, load_case
from app.settings import ModelSetting, Secret
from bench.bare import Bare, ChatOpenAILoop, OpenAILoop
from bench.figures import grid, quartiles, spread, verdict
from bench.naive import NaiveTurn
from bench.parts import COUNSEL, DOOR, PLACES, Clocked, Parts, clocked
from bench.rehearsed import Recorder, Rehearsed, rehearsed, saved
from bench.seated import SEED, Barrier, Counsels, Seconds, played, sockets

ORDER = 40
CASE = "table-for-five"
CALLS = 20
OFTEN = 4
"""Rounds of calls for each round of tables: short ones, so that the machine's pace is shared."""

LONG_ROUNDS = 39
WATCHERS = 10
Door = OpenAIDoor | LangChainDoor
KINDS: dict[str, type[OpenAIDoor] | type[LangChainDoor]] = {
    "langchain": LangChainDoor,
    "direct": OpenAIDoor,
}
CLIENTS = {"langchain": "ChatOpenAI", "direct": "openai"}


@contextmanager
def serving(answers: dict[str, str]) -> Iterator[str]:
    """The local server with these answers, in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        path = saved(answers, folder)
        command = [sys.executable, "-m", "tests.llm.server", "--answers", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                yield server.stdout.readline().strip()
            finally:
                server.terminate()


@cache
def home() -> tempfile.TemporaryDirectory[str]:
    """A folder for this run; it goes with the process."""
    return tempfile.TemporaryDirectory()


def opened_door(kind: str, url: str) -> Door:
    """A door to the local server, with a book of the day as every served door has."""
    setting = ModelSetting(name="openai:mock", base_url=url, key=Secret("none"))
    budget = Budget({}, book=DayBook(Path(home().name) / "spent"))
    return KINDS[kind](setting, Endpoint(name=setting.name, budget=budget))


def bare_client(kind: str, url: str) -> Bare:
    """What its vendor's pages show."""
    return ChatOpenAILoop(url) if kind == "langchain" else OpenAILoop(url)


async def spent_on(steps: Callable[[], Awaitable[None]], turns: int) -> float:
    """Processor milliseconds a turn, without clearing away what was before."""
    gc.collect()
    begun = time.process_time()
    await steps()
    return (time.process_time() - begun) * 1000 / turns


@dataclass(slots=True, kw_only=True)
class Column:
    """The figures of one client for one way of speaking, a round each."""

    bare: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    turn: list[float] = field(default_factory=list)
    counsel: list[float] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=dict)

    def over(self) -> list[float]:
        """What a turn costs over the bare loop."""
        return [t - b for t, b in zip(self.turn, self.bare, strict=True)]

    def ratio(self) -> list[float]:
        """A turn as a share of the bare loop."""
        return [t / b for t, b in zip(self.turn, self.bare, strict=True)]


async def measured(
    kind: str,
    barrier: Barrier,
    rounds: int,
    url: str,
    asked: Sequence[tuple[Ask, bool]],
    *,
    counsels: Counsels,
) -> Column:
    """Bare loop, our door alone, and our whole turn with ready counsel, interleaved."""
    case = load_case(find(CASE))
    column = Column()
    bare, door = bare_client(kind, url), opened_door(kind, url)

    async def by_bare() -> None:
        for ask, streams in asked:
            await bare.ask(ask, streams=streams)

    async def by_door() -> None:
        for ask, streams in asked:
            await door(ask, _nothing if streams else None)

    await by_bare()
    await by_door()
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(rounds):
            log = SqlLog(f"sqlite:///{folder}/{round_}.db")
            spent = await played(case, door, log, barrier, counsels=counsels)
            column.turn.append(spent.own)
            column.bare.append(await spent_on(by_bare, spent.turns))
            column.calls.append(await spent_on(by_door, spent.turns))
            log = SqlLog(f"sqlite:///{folder}/{round_}-live.db")
            live = await played(case, door, log, barrier)
            column.counsel.append(live.own - spent.own)
        names = [part for part, _ in PLACES if part != COUNSEL]
        with clocked(names) as parts:
            log = SqlLog(f"sqlite:///{folder}/parts.db")
            spent = await played(case, Clocked(door, parts), log, barrier, counsels=counsels)
        column.parts = shares(parts, spent)
    await bare.aclose()
    await door.aclose()
    return column


def shares(parts: Parts, spent: Seconds) -> dict[str, float]:
    """Milliseconds a turn by part, the fan-out and what is left over among them."""
    found = {part: value * 1000 / spent.turns for part, value in parts.spent.items()}
    found["frames"] = spent.frames * 1000 / spent.turns
    found["the rest"] = spent.own - sum(found.values())
    return found


def _nothing(_text: str) -> None:
    """Take no notice."""


async def grown(kind: str, rounds: int, url: str) -> dict[str, list[float]]:
    """CPU of one streamed call with 50 and with 200 turns of transcript, a message a turn."""
    bare, door = bare_client(kind, url), opened_door(kind, url)
    found: dict[str, list[float]] = {}
    words = "We have heard the offer and would rather speak of the second clause. " * 6
    spoken = [Message(role="user", text=f"{n}: {words}") for n in range(200)]
    brief = Message(role="system", text="You speak for a delegation. " * 60)
    asks = {n: Ask(messages=(brief, *spoken[:n]), purpose="speaker") for n in (50, 200)}

    async def by_bare(ask: Ask) -> None:
        for _ in range(CALLS):
            await bare.ask(ask, streams=True)

    async def by_door(ask: Ask) -> None:
        for _ in range(CALLS):
            await door(ask, _nothing)

    for _ in range(rounds * OFTEN):
        for name, steps in (("bare", by_bare), ("ours", by_door)):
            for turns, ask in asks.items():
                spent = await spent_on(partial(steps, ask), CALLS)
                found.setdefault(f"{name} {turns}", []).append(spent)
    await bare.aclose()
    await door.aclose()
    return found


async def watched(
    rounds: int, voice: Rehearsed, watchers: int = WATCHERS
) -> dict[str, list[float]]:
    """CPU a turn, streamed, shown to so many watchers and stored: the naive one and ours."""
    case = load_case(find(CASE))
    recorder, counsels = Recorder(voice), Counsels()
    once = await played(case, recorder, MemoryLog(), "strict", counsels=counsels)
    found: dict[str, list[float]] = {"naive": [], "ours": []}
    with (
        serving(recorder.answers) as url,
        tempfile.TemporaryDirectory() as folder,
        sockets(watchers) as outs,
    ):
        naive, door = NaiveTurn(url, Path(folder), outs), opened_door("direct", url)

        async def naively() -> None:
            for ask, streams in recorder.asked:
                await naive.call(ask, streams=streams)

        await naively()
        for round_ in range(rounds):
            found["naive"].append(await spent_on(naively, once.turns))
            log = SqlLog(f"sqlite:///{folder}/{round_}.db")
            spent = await played(case, door, log, "strict", counsels=counsels, watchers=watchers)
            found["ours"].append(spent.own)
        await naive.aclose()
        await door.aclose()
    return found


def long_case(case: Case) -> Case:
    """The case with a rule that nothing can pass, so that its talks last as long as they may."""
    rule = replace(case.rule, at_least=len(case.seats) + 1)
    return replace(case, rule=rule, session=replace(case.session, rounds=LONG_ROUNDS))


async def long_table(case: Case, voice: Rehearsed, rounds: int) -> dict[str, list[float]]:
    """CPU a turn, with ready counsel, of tables of 50 and of 200 turns through the direct door."""
    recorder, counsels = Recorder(voice), Counsels()
    await played(case, recorder, MemoryLog(), "strict", counsels=counsels)
    found: dict[str, list[float]] = {"table of 50": [], "table of 200": []}
    with serving(recorder.answers) as url, tempfile.TemporaryDirectory() as folder:
        door = opened_door("direct", url)
        for round_ in range(rounds):
            for turns in (50, 200):
                log = SqlLog(f"sqlite:///{folder}/{round_}-{turns}.db")
                spent = await played(case, door, log, "strict", counsels=counsels, turns=turns)
                found[f"table of {turns}"].append(spent.own)
        await door.aclose()
    return found


async def _columns(rounds: int, voice: Rehearsed) -> dict[tuple[str, Barrier], Column]:
    case = load_case(find(CASE))
    columns: dict[tuple[str, Barrier], Column] = {}
    rows: list[list[object]] = []
    barriers: tuple[Barrier, ...] = ("filtered", "strict")
    for barrier in barriers:
        recorder, counsels = Recorder(voice), Counsels()
        once = await played(case, recorder, MemoryLog(), barrier, counsels=counsels)
        streamed = sum(streams for _, streams in recorder.asked) / once.turns
        whole = len(recorder.asked) / once.turns - streamed
        with serving(recorder.answers) as url:
            for kind in KINDS:
                column = await measured(
                    kind, barrier, rounds, url, recorder.asked, counsels=counsels
                )
                columns[kind, barrier] = column
                rows.append(
                    [
                        CLIENTS[kind],
                        f"{whole:.2f} whole, {streamed:.2f} streamed",
                        *(spread(found, 2) for found in (column.bare, column.calls, column.turn)),
                        spread(column.counsel, 2),
                        spread(column.over(), 2),
                        spread(column.ratio(), 2),
                    ]
                )
    head = ["client", "calls a turn", "bare loop", "our door", "our turn", "counsel, apart"]
    print(
        "CPU ms a turn, median (quartiles). Our turn is all of it, with the engine's counsel\n"
        "taken ready; what it costs more with the counsel live stands apart.\n"
    )
    print(grid([*head, "over the bare loop", "share of it"], rows))
    return columns


def print_parts(columns: dict[tuple[str, Barrier], Column]) -> None:
    """Where a turn's time goes, from one more table each, with clocks that cost a little."""
    names = [part for part, _ in PLACES if part != COUNSEL]
    rows = [
        [name, *(f"{column.parts.get(name, 0.0):.2f}" for column in columns.values())]
        for name in [DOOR, *names, "the rest"]
    ]
    head = [f"{CLIENTS[kind]}, {barrier}" for kind, barrier in columns]
    print("\nWhere our turn's CPU ms go (one table each)\n")
    print(grid(["part", *head], rows))


async def _run(rounds: int, voices: tuple[Rehearsed, Rehearsed]) -> int:
    columns = await _columns(rounds, voices[0])
    print_parts(columns)
    lines: list[tuple[str, bool, str, str]] = []
    for barrier, target in (("filtered", 1.0), ("strict", 2.0)):
        name = "whole replies" if barrier == "filtered" else "streamed"
        over = quartiles(columns["langchain", barrier].over())[1]  # type: ignore[index]
        name = f"LangChain, {name}, over ChatOpenAI"
        lines.append((name, over <= target, f"{over:+.2f} ms", f"at most +{target} ms"))
    direct = columns["direct", "strict"]
    for name, value in (
        (
            "direct door alone",
            quartiles([c / b for c, b in zip(direct.calls, direct.bare, strict=True)])[1],
        ),
        ("direct door, whole turn", quartiles(direct.ratio())[1]),
    ):
        name = f"{name}, over the openai loop, streamed"
        lines.append((name, value <= 0.35, f"{value:.2f} x", "0.35 x"))
    rows: list[list[object]] = []
    with serving({}) as url:
        for kind in KINDS:
            found = await grown(kind, rounds, url)
            ratios = [b / a for a, b in zip(found["ours 50"], found["ours 200"], strict=True)]
            value = quartiles(ratios)[1]
            rows.append([kind, *(spread(each, 2) for each in found.values()), spread(ratios, 2)])
            lines.append((f"{kind} door, 50 to 200 turns", value <= 1.3, f"{value:.2f} x", "1.3 x"))
    print("\nCPU ms of one streamed call of 60 tokens by turns of transcript\n")
    print(grid(["door", "bare 50", "bare 200", "ours 50", "ours 200", "ours 200 / 50"], rows))
    shown = await watched(rounds, voices[0])
    ratios = [ours / naive for naive, ours in zip(*shown.values(), strict=True)]
    value = quartiles(ratios)[1]
    print(f"\nCPU ms a turn with {WATCHERS} watchers, direct door, counsel ready\n")
    print(
        grid(
            [*shown, "share"], [[*(spread(each, 2) for each in shown.values()), spread(ratios, 2)]]
        )
    )
    name = f"whole turn with {WATCHERS} watchers, over the naive one"
    lines.append((name, value <= 0.35, f"{value:.2f} x", "0.35 x"))
    tables = await long_table(long_case(load_case(find(CASE))), voices[1], rounds)
    ratios = [b / a for a, b in zip(*tables.values(), strict=True)]
    value = quartiles(ratios)[1]
    print("\nCPU ms a turn of whole tables, direct door, counsel ready\n")
    print(grid([*tables], [[spread(each, 2) for each in tables.values()]]))
    lines.append(
        ("a turn at a table of 200 over one of 50", value <= 1.3, f"{value:.2f} x", "1.3 x")
    )
    print()
    for line in lines:
        print(verdict(*line))
    return 0 if all(met for _, met, _, _ in lines) else 1


def run(argv: list[str]) -> int:
    """Measure and print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench turns", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(argv)
    case = load_case(find(CASE))
    longer = long_case(case)
    voices = (
        rehearsed(case, SEED, case.session),
        rehearsed(longer, SEED, longer.session),
    )
    return asyncio.run(_run(given.rounds, voices))
