"""What is said while a slow turn is in the making is answered then, and costs the turn nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from app.delegates.offline import OfflineDelegate
from app.domain.events import Moved, Spoken
from app.domain.moves import Move, Speech
from app.domain.table import Owed, Table
from app.errors import ParleyError
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.orchestrator.orders import Refusal, Say
from app.orchestrator.runner import LAST_WORD_MS, Desk, Host
from tests.orchestrator.peopled import opened, until_a_model

ID = "t"


@dataclass
class Slow(OfflineDelegate):
    """The engine, which takes its turn and answers when it is let."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    move_now: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answer_now: asyncio.Event = field(default_factory=asyncio.Event)
    left: list[str] = field(default_factory=list)

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        self.begun.set()
        try:
            await self.move_now.wait()
        except asyncio.CancelledError:
            self.left.append("turn")
            raise
        move = await super().move(view, room, seat)
        return replace(move, speech=replace(move.speech, by="model"))

    async def reply(self, room: Table, owed: Owed) -> Speech:
        self.asked.set()
        try:
            await self.answer_now.wait()
        except asyncio.CancelledError:
            self.left.append("answer")
            raise
        return await super().reply(room, owed)


class Unable(Slow):
    """A delegate whose answer comes to nothing."""

    async def reply(self, room: Table, owed: Owed) -> Speech:
        self.asked.set()
        raise ParleyError("recalled")


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    at: int = 1_000

    def __call__(self, _table: Table | None) -> int:
        return self.at


@dataclass
class Scene:
    """A table at which a slow delegate of one seat has the turn, and a person sits at another."""

    desk: Desk
    clock: Clock
    slow: Slow
    person: str
    turning: str
    other: str
    host: asyncio.Task[None]

    async def say(self, to: str) -> None:
        words = Speech(text="What about the water?", by="person", to=to)
        said = await self.desk.submit(ID, Say(seat=self.person, room="plenary", speech=words))
        assert not isinstance(said, Refusal), said

    async def heard(
        self, kind: type[Spoken] | type[Moved], seat: str, times: int = 1
    ) -> Spoken | Moved:
        """An act of this kind by this seat, when it has come so many times."""
        async with self.desk.wakeup.listen(ID) as bell:
            while True:
                bodies = [event.body for event in await self.desk.log.read(ID)]
                found = [b for b in bodies if isinstance(b, kind) and b.seat == seat]
                if len(found) >= times:
                    return found[times - 1]
                assert await bell.wait(60)

    async def order(self) -> list[tuple[str, str]]:
        events = await self.desk.log.read(ID)
        return [(e.body.kind, e.body.seat) for e in events if isinstance(e.body, Spoken | Moved)]


@asynccontextmanager
async def scene(slow: Slow | None = None, seconds: int = 0) -> AsyncIterator[Scene]:
    clock, slow = Clock(), slow or Slow()
    desk = Desk(MemoryLog(), LocalWakeup(), clock)
    person, others = await opened(desk, ID, seconds)
    turning = await until_a_model(desk, ID, person)
    host = asyncio.create_task(Host(desk, {"model": slow, "engine": OfflineDelegate()}, {}).run(ID))
    other = next(seat for seat in others if seat != turning)
    try:
        async with asyncio.timeout(60):
            await slow.begun.wait()
            yield Scene(desk, clock, slow, person, turning, other, host)
    finally:
        host.cancel()
        await asyncio.gather(host, return_exceptions=True)


@pytest.mark.parametrize("whom", ["turning", "other"])
async def test_an_answer_does_not_wait_for_a_slow_turn(whom: str) -> None:
    async with scene() as at:
        at.slow.answer_now.set()
        for times in (1, 2):
            await at.say(getattr(at, whom))
            await at.heard(Spoken, getattr(at, whom), times)
        assert not any(
            kind == "seat.moved" and seat == at.turning for kind, seat in await at.order()
        )
        assert not at.slow.left
        at.slow.move_now.set()
        moved = await at.heard(Moved, at.turning)
        assert isinstance(moved, Moved)
        assert not moved.stand_in


async def test_an_answer_that_is_being_given_comes_before_the_turn() -> None:
    """Also the answer of the very seat that moves: its turn would else end what it owes."""
    async with scene() as at:
        await at.say(at.turning)
        await at.slow.asked.wait()
        at.slow.move_now.set()
        for _ in range(50):
            await asyncio.sleep(0)
        assert ("seat.moved", at.turning) not in await at.order()
        at.slow.answer_now.set()
        await at.heard(Moved, at.turning)
        order = await at.order()
        assert order.index(("words.spoken", at.turning)) < order.index(("seat.moved", at.turning))
        assert not at.slow.left


async def test_a_turns_clock_does_not_wait_for_an_answer() -> None:
    async with scene(seconds=60) as at:
        await at.say(at.other)
        await at.slow.asked.wait()
        turn = (await at.desk.sitting(ID)).table.turn
        assert turn is not None
        assert turn.deadline is not None
        at.clock.at = turn.deadline - LAST_WORD_MS
        at.slow.move_now.set()
        moved = await at.heard(Moved, at.turning)
        assert isinstance(moved, Moved)
        assert not moved.stand_in
        assert at.slow.left == ["answer"]
        at.slow.answer_now.set()
        await at.heard(Spoken, at.other)  # asked once more, in the course of the talks


async def test_an_answer_that_fails_leaves_the_turn_alone() -> None:
    async with scene(Unable()) as at:
        await at.say(at.other)
        await at.slow.asked.wait()
        at.slow.move_now.set()
        await at.heard(Moved, at.turning)
        assert at.slow.left == []


async def test_a_host_that_goes_recalls_both() -> None:
    async with scene() as at:
        await at.say(at.other)
        await at.slow.asked.wait()
        at.host.cancel()
        await asyncio.gather(at.host, return_exceptions=True)
        assert sorted(at.slow.left) == ["answer", "turn"]
        assert not any(seat == at.other for _, seat in await at.order())
