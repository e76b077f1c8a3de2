"""An answer that nobody waits for any more is given up, and its draft with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from app.delegates.offline import OfflineDelegate
from app.domain.events import Moved, Spoken
from app.domain.moves import Move, Speech
from app.domain.table import Owed, Table
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.orchestrator.orders import CallCaucus, CloseCaucus, Command, Refusal, Say
from app.orchestrator.runner import Desk, Host, system_clock
from app.web.drafts import Drafts
from app.web.recall import Recallable, Recalled
from tests.orchestrator.peopled import opened, until_a_model

ID = "t"


@dataclass
class Slow(OfflineDelegate):
    """A delegate that is never done with its turn, nor with an answer in a private room."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def reply(self, room: Table, owed: Owed) -> Speech:
        if owed.room == "plenary":
            return await super().reply(room, owed)
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        raise AssertionError


@dataclass
class Scene:
    desk: Desk
    delegate: Recallable
    person: str
    other: str
    turning: str

    async def do(self, command: Command) -> None:
        done = await self.desk.submit(ID, command)
        assert not isinstance(done, Refusal), done

    async def asked_apart(self) -> str:
        """The person asks the other in private; the room."""
        await self.do(CallCaucus(by=self.person, seats=(self.person, self.other), topic=""))
        (room,) = (await self.desk.sitting(ID)).table.rooms
        words = Speech(text="What about the water?", by="person", to=self.other)
        await self.do(Say(seat=self.person, room=room, speech=words))
        return room


@asynccontextmanager
async def scene(slow: Slow) -> AsyncIterator[Scene]:
    desk = Desk(MemoryLog(), LocalWakeup(), system_clock)
    person, others = await opened(desk, ID)
    turning = await until_a_model(desk, ID, person)
    other = next(seat for seat in others if seat != turning)
    async with asyncio.timeout(60):
        yield Scene(desk, Recallable(slow, desk, Drafts()), person, other, turning)


async def test_an_answer_in_a_room_that_was_closed_is_recalled() -> None:
    slow = Slow()
    async with scene(slow) as at:
        room = await at.asked_apart()
        sitting = await at.desk.sitting(ID)
        owed = Owed(seat=at.other, room=room, number=1)
        answer = asyncio.create_task(at.delegate.reply(sitting.public(), owed))
        await slow.asked.wait()
        await at.do(CloseCaucus(by=at.person, room=room))
        with pytest.raises(Recalled):
            await answer
        assert slow.left.is_set()


async def test_who_spoke_elsewhere_is_answered_after_an_answer_was_recalled() -> None:
    """Beside the same turn: the remark is gone, the talk is not."""
    slow = Slow()
    async with scene(slow) as at:
        host = Host(at.desk, {"model": at.delegate, "engine": OfflineDelegate()}, {})
        running = asyncio.create_task(host.run(ID))
        try:
            await slow.begun.wait()
            room = await at.asked_apart()
            await slow.asked.wait()
            async with at.desk.wakeup.listen(ID) as bell:
                await at.do(CloseCaucus(by=at.person, room=room))
                words = Speech(text="What about the water?", by="person", to=at.other)
                await at.do(Say(seat=at.person, room="plenary", speech=words))
                while not await answered(at):
                    assert await bell.wait(60)
            bodies = [event.body for event in await at.desk.log.read(ID)]
            assert not any(isinstance(b, Moved) and b.seat == at.turning for b in bodies)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def answered(at: Scene) -> bool:
    bodies = [event.body for event in await at.desk.log.read(ID)]
    return any(isinstance(b, Spoken) and b.seat == at.other for b in bodies)
