"""CPU per turn of a model's seats, beside the same calls made by bare clients, in one run.

The same prompts and schemas go to the same local server (a process of its own, not counted):
through the bare client in a loop, and through a whole turn of ours with counsel, guard, durable
event and fan-out to five seats. `bench.bare` holds the bare loops.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from app import __version__
from app.delegates import model
from app.delegates.base import Ask, Complete, Completion, Message
from app.delegates.llm import LangChainDoor, OpenAIDoor
from app.delegates.llm.budget import Budget
from app.delegates.llm.calls import Endpoint
from app.domain.case import Case
from app.eventlog.base import EventLog, case_hash
from app.eventlog.memory import MemoryLog
from app.eventlog.sql import SqlLog
from app.eventlog.wakeup import LocalWakeup
from app.library import find, load_case
from app.main import offline_helpers
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host, virtual_clock
from app.settings import ModelSetting, Secret
from app.web.views import Press
from bench.bare import Bare, ChatOpenAILoop, OpenAILoop
from bench.figures import grid, quartiles, spread, verdict
from bench.pliable import Gullible
from bench.siege import papers
from tests.llm.server import prompt_mark

ORDER = 40
CASE = "table-for-five"
SEED = 4
CALLS = 20
Barrier = Literal["strict", "filtered"]
Door = OpenAIDoor | LangChainDoor
KINDS: dict[str, type[OpenAIDoor] | type[LangChainDoor]] = {
    "langchain": LangChainDoor,
    "direct": OpenAIDoor,
}


@dataclass(slots=True)
class Recorder:
    """Keeps every question with its answer, and whether it was streamed."""

    inner: Complete
    asked: list[tuple[Ask, bool]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        done = await self.inner(ask, on_text)
        self.asked.append((ask, on_text is not None))
        plain = [{"role": m.role, "content": m.text} for m in ask.messages]
        self.answers[prompt_mark(plain)] = done.text
        return done


@dataclass(slots=True)
class Seconds:
    """Processor seconds of a table, and those of the engine's counsel within them."""

    turns: int = 0
    total: float = 0.0
    counsel: float = 0.0


async def played(case: Case, complete: Complete, log: EventLog, barrier: Barrier) -> Seconds:
    """One table of model seats to its end, every event printed for each of its seats."""
    spent = Seconds()
    desk, press = Desk(log, LocalWakeup(), virtual_clock(0)), Press()

    def cast(_table: object, _seat: str) -> model.Casting:
        return model.Casting(complete=complete, model="openai:mock", barrier=barrier)

    frames: list[str] = []
    shown: list[Any] = []
    delegate = model.ModelDelegate(cast, papers(), lambda: 0.0, on_delta=shown.append)
    table_id = f"turns-{barrier}"
    opening = Open(
        case=case,
        case_hash=case_hash(case),
        seed=SEED,
        session=case.session,
        version=__version__,
        occupants=dict.fromkeys(case.seat_ids, "model"),
    )
    opened = await desk.submit(table_id, opening)
    if isinstance(opened, Refusal):
        raise SystemExit(opened.reason)
    host = Host(desk, {"model": delegate}, offline_helpers())
    sent = dict.fromkeys(case.seat_ids, 0)
    issues = tuple(issue.id for issue in case.issues)
    with counsel_timed(spent):
        begun = time.process_time()
        while True:
            sitting = await desk.sitting(table_id)
            for seat in case.seat_ids:
                for event in sitting.seen(seat)[sent[seat] :]:
                    frames.append(press.frame(event, issues))
                    sent[seat] += 1
            if sitting.table.closed is not None or not await host.step(table_id):
                break
        spent.total = time.process_time() - begun
    spent.turns = sum(event.body.kind == "turn.traced" for event in sitting.events)
    await log.close()
    return spent


@contextmanager
def counsel_timed(spent: Seconds) -> Iterator[None]:
    """Add the processor time of the engine's advice to `spent`."""
    plain = vars(model)["counselled"]

    def timed(*given: Any, **named: Any) -> Any:
        begun = time.process_time()
        try:
            return plain(*given, **named)
        finally:
            spent.counsel += time.process_time() - begun

    vars(model)["counselled"] = timed
    try:
        yield
    finally:
        vars(model)["counselled"] = plain


@contextmanager
def serving(answers: dict[str, str]) -> Iterator[str]:
    """The local server with these answers, in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.json"
        path.write_text(json.dumps(answers), "utf-8")
        command = [sys.executable, "-m", "tests.llm.server", "--answers", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                yield server.stdout.readline().strip()
            finally:
                server.terminate()


def opened_door(kind: str, url: str) -> Door:
    """A door to the local server."""
    setting = ModelSetting(name="openai:mock", base_url=url, key=Secret("none"))
    return KINDS[kind](setting, Endpoint(name=setting.name, budget=Budget({})))


async def spent_on(steps: Callable[[], Any], turns: int) -> float:
    """Processor milliseconds a turn."""
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

    def over(self) -> list[float]:
        """What a turn costs over the bare loop, counsel apart."""
        return [t - c - b for t, c, b in zip(self.turn, self.counsel, self.bare, strict=True)]

    def ratio(self) -> list[float]:
        """A turn, counsel apart, as a share of the bare loop."""
        return [(t - c) / b for t, c, b in zip(self.turn, self.counsel, self.bare, strict=True)]


async def measured(
    kind: str, barrier: Barrier, rounds: int, url: str, asked: list[tuple[Ask, bool]]
) -> Column:
    """Bare loop, our door alone, and our whole turn, interleaved."""
    case = load_case(find(CASE))
    column = Column()
    bare: Bare = ChatOpenAILoop(url) if kind == "langchain" else OpenAILoop(url)
    door = opened_door(kind, url)

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
            spent = await played(case, door, log, barrier)
            column.turn.append(spent.total * 1000 / spent.turns)
            column.counsel.append(spent.counsel * 1000 / spent.turns)
            column.bare.append(await spent_on(by_bare, spent.turns))
            column.calls.append(await spent_on(by_door, spent.turns))
    await bare.aclose()
    await door.aclose()
    return column


def _nothing(_text: str) -> None:
    """Take no notice."""


async def grown(kind: str, rounds: int, url: str) -> dict[str, list[float]]:
    """CPU of one streamed call with 50 and with 200 turns of transcript, a message a turn."""
    bare: Bare = ChatOpenAILoop(url) if kind == "langchain" else OpenAILoop(url)
    door = opened_door(kind, url)
    found: dict[str, list[float]] = {}
    words = "We have heard the offer and would rather speak of the second clause. " * 6
    for _ in range(rounds):
        for turns in (50, 200):
            ask = Ask(
                messages=(
                    Message(role="system", text="You speak for a delegation. " * 60),
                    *(Message(role="user", text=f"{n}: {words}") for n in range(turns)),
                ),
                purpose="speaker",
            )

            async def by_bare(ask: Ask = ask) -> None:
                for _ in range(CALLS):
                    await bare.ask(ask, streams=True)

            async def by_door(ask: Ask = ask) -> None:
                for _ in range(CALLS):
                    await door(ask, _nothing)

            for name, steps in (("bare", by_bare), ("ours", by_door)):
                found.setdefault(f"{name} {turns}", []).append(await spent_on(steps, CALLS))
    await bare.aclose()
    await door.aclose()
    return found


async def _run(rounds: int) -> int:
    case = load_case(find(CASE))
    rows: list[list[object]] = []
    lines: list[tuple[str, bool, str, str]] = []
    columns: dict[tuple[str, Barrier], Column] = {}
    barriers: tuple[Barrier, ...] = ("filtered", "strict")
    for barrier in barriers:
        recorder = Recorder(Gullible(()))
        once = await played(case, recorder, MemoryLog(), barrier)
        streamed = sum(streams for _, streams in recorder.asked) / once.turns
        whole = len(recorder.asked) / once.turns - streamed
        with serving(recorder.answers) as url:
            for kind in KINDS:
                column = await measured(kind, barrier, rounds, url, recorder.asked)
                columns[kind, barrier] = column
                way = f"{whole:.2f} whole, {streamed:.2f} streamed"
                rows.append(
                    [
                        "ChatOpenAI" if kind == "langchain" else "openai",
                        way,
                        spread(column.bare, 2),
                        spread(column.calls, 2),
                        spread(column.turn, 2),
                        spread(column.counsel, 2),
                        spread(column.over(), 2),
                        spread(column.ratio(), 2),
                    ]
                )
    head = ["client", "calls a turn", "bare loop", "our door", "our turn", "of it counsel"]
    print("CPU ms a turn, median (quartiles); the last two columns without the counsel\n")
    print(grid([*head, "over the bare loop", "share of it"], rows))
    growth_rows: list[list[object]] = []
    growth: dict[str, float] = {}
    with serving({}) as url:
        for kind in KINDS:
            found = await grown(kind, rounds, url)
            ratios = [b / a for a, b in zip(found["ours 50"], found["ours 200"], strict=True)]
            growth[kind] = quartiles(ratios)[1]
            growth_rows.append(
                [kind, *(spread(values, 2) for values in found.values()), spread(ratios, 2)]
            )
            shares = [o / b for o, b in zip(found["ours 50"], found["bare 50"], strict=True)]
            if kind == "direct":
                share = quartiles(shares)[1]
                lines.append(
                    ("direct door, streamed, 50 turns", share <= 0.35, f"{share:.2f} x", "0.35 x")
                )
    names = ["bare 50", "ours 50", "bare 200", "ours 200"]
    print("\nCPU ms of one streamed call of 60 tokens by turns of transcript\n")
    print(grid(["door", *names, "ours 200 / 50"], growth_rows))
    print()
    for barrier, target in (("filtered", 1.0), ("strict", 2.0)):
        name = "whole replies" if barrier == "filtered" else "streamed"
        over = quartiles(columns["langchain", barrier].over())[1]
        lines.append(
            (
                f"LangChain, {name}, over ChatOpenAI",
                over <= target,
                f"{over:.2f} ms",
                f"{target} ms",
            )
        )
    ratio = quartiles(columns["direct", "strict"].ratio())[1]
    lines.append(("direct turn over openai loop", ratio <= 0.35, f"{ratio:.2f} x", "0.35 x"))
    for kind, value in growth.items():
        lines.append((f"{kind} growth 50 to 200 turns", value <= 1.3, f"{value:.2f} x", "1.3 x"))
    for line in lines:
        print(verdict(*line))
    return 0 if all(met for _, met, _, _ in lines) else 1


def run(argv: list[str]) -> int:
    """Measure and print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench turns", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(argv)
    return asyncio.run(_run(given.rounds))
