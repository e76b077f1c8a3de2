"""A person at this process's own terminal lets the others answer; nobody does it beside."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from app.delegates.offline import OfflineDelegate
from app.domain.moves import Move, Speech
from app.domain.table import Owed, Table
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.orchestrator.orders import Refusal, Say
from app.orchestrator.procedure import outstanding
from app.orchestrator.runner import Desk, Host, virtual_clock
from tests.orchestrator.peopled import opened

ID = "t"


@dataclass
class Model(OfflineDelegate):
    """The engine, which has to go out for its answers as a model does."""

    asked: list[int] = field(default_factory=list)

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        move = await super().move(view, room, seat)
        return replace(move, speech=replace(move.speech, by="model"))

    async def reply(self, room: Table, owed: Owed) -> Speech:
        self.asked.append(owed.number)
        for _ in range(20):
            await asyncio.sleep(0)
        return await super().reply(room, owed)


@dataclass
class Talker(OfflineDelegate):
    """A person as at the terminal: speaks, has the others answer, and then moves."""

    desk: Desk
    host: Host | None = None

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        to = next(each for each in view.case.seat_ids if each != seat)
        words = Speech(text="What about the water?", by="person", to=to)
        said = await self.desk.submit(ID, Say(seat=seat, room="plenary", speech=words))
        assert not isinstance(said, Refusal), said
        assert self.host is not None
        while any(a.act == "reply" for a in outstanding((await self.desk.sitting(ID)).table)):
            await self.host.step(ID)
        return Move(speech=Speech(text="We listen.", by="person"))


async def test_a_remark_in_a_persons_own_turn_is_answered_once() -> None:
    desk = Desk(MemoryLog(), LocalWakeup(), virtual_clock(0))
    await opened(desk, ID)
    model, talker = Model(), Talker(desk)
    talker.host = Host(desk, {"model": model, "person": talker, "engine": OfflineDelegate()}, {})
    await talker.host.run(ID, forever=False)
    assert (await desk.sitting(ID)).table.closed is not None
    assert model.asked == sorted(set(model.asked))
