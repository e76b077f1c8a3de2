"""The one shell: rival hosts, a cancelled host, the clock, a delegate that is refused."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app.delegates.base import Delegate
from app.delegates.chair import Chair
from app.delegates.mediator import Mediator
from app.delegates.offline import OfflineDelegate
from app.domain.case import Case, Session
from app.domain.events import Event, Moved, Occupant, TableOpened
from app.domain.moves import Ballot, Move, Speech, Vote
from app.domain.table import Owed, Table, fold
from app.errors import ParleyError
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.orchestrator.orders import CallCaucus, Open, Refusal, Say, Submit, TakeSeat
from app.orchestrator.procedure import outstanding
from app.orchestrator.runner import Desk, Host, virtual_clock
from tests.oracle import complaints, paper_of
from tests.plain import plain
from tests.turns import trio

ID = "t"
BAD = {"north": ("water-b", "power-b", "border-b"), "south": ("water-a", "power-a", "border-a")}


@dataclass
class FakeClock:
    """A clock that goes when it is told to."""

    at: int = 1_000

    def __call__(self, _table: Table | None) -> int:
        return self.at


class SlowLog(MemoryLog):
    """A log that lets others run before each answer, in many orders."""

    def __init__(self) -> None:
        super().__init__()
        self._waits = itertools.cycle((0, 2, 1, 3, 0, 1, 5))

    async def read(self, table_id: str, after: int = 0) -> tuple[Event, ...]:
        for _ in range(next(self._waits)):
            await asyncio.sleep(0)
        return await super().read(table_id, after)

    async def append(self, *args: Any) -> tuple[Event, ...]:
        for _ in range(next(self._waits)):
            await asyncio.sleep(0)
        return await super().append(*args)


@dataclass
class Spy(OfflineDelegate):
    """The offline delegate, keeping what it was shown."""

    shown: list[tuple[str, Table, Table]] = field(default_factory=list)
    rooms: list[Table] = field(default_factory=list)

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        self.shown.append((seat, view, room))
        return await super().move(view, room, seat)

    async def vote(self, view: Table, seat: str) -> Vote:
        self.shown.append((seat, view, view))
        return await super().vote(view, seat)

    async def reply(self, room: Table, owed: Owed) -> Speech:
        self.rooms.append(room)
        return await super().reply(room, owed)


class Stubborn(OfflineDelegate):
    """Answers every question with something that must be refused."""

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        if view.round == 0:
            return await super().move(view, room, seat)
        return Move(speech=Speech(text="Take it.", by="engine"), package=BAD[seat], override=True)

    async def vote(self, view: Table, seat: str) -> Vote:
        return Vote(yes=(99,))

    async def ballot(self, view: Table, seat: str) -> Ballot:
        return Ballot(ranking=())

    async def reply(self, room: Table, owed: Owed) -> Speech:
        return Speech(text="", by="engine")


def helpers() -> dict[str, Any]:
    return {"chair": Chair(), "mediator": Mediator()}


async def opened(
    desk: Desk,
    case: Case | None = None,
    seated: Mapping[str, Occupant] | None = None,
    **session: Any,
) -> None:
    command = Open(
        case=case if case is not None else plain(),
        case_hash="plain",
        seed=11,
        session=replace(Session(rounds=3), **session),
        version="0",
        occupants=dict(seated or {}),
    )
    done = await desk.submit(ID, command)
    assert not isinstance(done, Refusal), done


def whole(events: tuple[Event, ...]) -> Table:
    """The table, after checking that the record is gapless and keeps its promises."""
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    turns = [event.body.turn for event in events if isinstance(event.body, Moved)]
    assert turns == list(range(1, len(turns) + 1))
    opening = events[0].body
    assert isinstance(opening, TableOpened)
    assert complaints(paper_of(opening.case), events) == []
    return fold(events)


def desk_on(log: MemoryLog, wakeup: LocalWakeup) -> Desk:
    return Desk(log, wakeup, virtual_clock(0))


async def test_rival_hosts_on_one_log_make_one_gapless_record() -> None:
    log, wakeup = SlowLog(), LocalWakeup()
    await opened(desk_on(log, wakeup), mediator="votes", chair=True, improve=True)
    hosts = [Host(desk_on(log, wakeup), {"engine": OfflineDelegate()}, helpers()) for _ in range(4)]
    await asyncio.gather(*(host.run(ID) for host in hosts))
    rivals = await log.read(ID)
    alone = MemoryLog()
    await opened(desk_on(alone, wakeup), mediator="votes", chair=True, improve=True)
    await Host(desk_on(alone, wakeup), {"engine": OfflineDelegate()}, helpers()).run(ID)
    assert whole(rivals).closed is not None
    assert rivals == await alone.read(ID)


async def test_rival_hosts_with_a_refused_delegate_do_not_trip_over_each_other() -> None:
    log, wakeup = SlowLog(), LocalWakeup()
    await opened(desk_on(log, wakeup), mediator="ranks")
    hosts = [Host(desk_on(log, wakeup), {"engine": Stubborn()}, helpers()) for _ in range(5)]
    await asyncio.gather(*(host.run(ID) for host in hosts))
    assert whole(await log.read(ID)).closed is not None


@pytest.mark.parametrize("pauses", [0, 1, 3, 10, 40, 90])
async def test_a_cancelled_host_is_followed_by_another(pauses: int) -> None:
    log, wakeup = SlowLog(), LocalWakeup()
    await opened(desk_on(log, wakeup), mediator="votes")
    first = Host(desk_on(log, wakeup), {"engine": OfflineDelegate()}, helpers())
    task = asyncio.create_task(first.run(ID))
    for _ in range(pauses):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    held = await log.read(ID)
    await Host(desk_on(log, wakeup), {"engine": OfflineDelegate()}, helpers()).run(ID)
    events = await log.read(ID)
    assert events[: len(held)] == held
    assert whole(events).closed is not None


async def test_the_clock_passes_a_silent_persons_turn_on() -> None:
    clock, log = FakeClock(), MemoryLog()
    desk = Desk(log, LocalWakeup(), clock)
    await opened(desk, seated={"north": "person"}, turn_seconds=60, rounds=1)
    host = Host(desk, {"engine": OfflineDelegate()}, helpers())
    for _ in range(20):
        await host.run(ID, forever=False)
        table = (await desk.sitting(ID)).table
        if table.closed is not None:
            break
        assert [a.seat for a in outstanding(table)] == ["north"]
        assert table.turn is not None
        assert table.turn.deadline is not None
        clock.at = table.turn.deadline - 1
        assert not await host.step(ID)
        clock.at += 1
        assert await host.step(ID)
    table = whole(await log.read(ID))
    assert table.closed is not None
    theirs = [m for m in table.moves if m.seat == "north"]
    assert [m.stand_in for m in theirs] == ["clock"] * 2
    assert {m.move.speech.by for m in theirs} == {"facilitator"}


async def test_a_waiting_host_wakes_when_a_person_has_moved() -> None:
    log, wakeup = MemoryLog(), LocalWakeup()
    desk = desk_on(log, wakeup)
    await opened(desk, seated={"north": "person"}, rounds=1)
    task = asyncio.create_task(Host(desk, {"engine": OfflineDelegate()}, helpers()).run(ID))
    for _ in range(200):
        await asyncio.sleep(0)
        table = (await desk.sitting(ID)).table
        if task.done():
            break
        if table.turn is not None and table.turn.seat == "north":
            words = Move(speech=Speech(text="We listen.", by="person"))
            await desk.submit(ID, Submit(seat="north", turn=table.turns, move=words))
    await task
    assert whole(await log.read(ID)).closed is not None


async def test_a_refused_move_falls_back_where_all_can_see_it() -> None:
    desk = desk_on(MemoryLog(), LocalWakeup())
    await opened(desk, mediator="ranks", rounds=3)
    await Host(desk, {"engine": Stubborn()}, helpers()).run(ID)
    table = whole(await desk.log.read(ID))
    bargained = [m for m in table.moves if m.turn > 2]
    assert bargained
    assert {m.stand_in for m in bargained} <= {"move-refused"}
    assert {m.move.package for m in bargained} == {None}
    assert all(votes.yes == () for _, poll in table.polls for votes in poll.values())
    assert table.closed is not None


async def test_a_refused_answer_to_words_does_not_stop_the_table() -> None:
    desk = desk_on(MemoryLog(), LocalWakeup())
    await opened(desk, seated={"north": "person"})
    asked = Say(seat="north", room="plenary", speech=Speech(text="So?", by="person", to="south"))
    assert not isinstance(await desk.submit(ID, asked), Refusal)
    await Host(desk, {"engine": Stubborn()}, helpers()).run(ID, forever=False)
    table = (await desk.sitting(ID)).table
    assert table.owed == ()
    answer = next(w for w in table.words if w.seat == "south" and w.number is not None)
    assert (answer.speech.by, answer.speech.answers) == ("engine", 1)


async def test_a_person_who_sits_down_while_the_engine_thinks_keeps_the_turn() -> None:
    desk = desk_on(MemoryLog(), LocalWakeup())
    await opened(desk)

    class Overtaken(OfflineDelegate):
        async def move(self, view: Table, room: Table, seat: str) -> Move:
            done = await desk.submit(ID, TakeSeat(seat=seat, occupant="person", name="Ada"))
            assert not isinstance(done, Refusal)
            return await super().move(view, room, seat)

    await Host(desk, {"engine": Overtaken()}, helpers()).run(ID, forever=False)
    table = (await desk.sitting(ID)).table
    assert table.moves == ()
    assert table.turn is not None
    assert table.occupants[table.turn.seat] == "person"


async def test_a_seat_that_can_do_nothing_at_all_is_named() -> None:
    desk = desk_on(MemoryLog(), LocalWakeup())
    await opened(desk, seated={"north": "person", "south": "person"})

    class Mute(OfflineDelegate):
        async def move(self, view: Table, room: Table, seat: str) -> Move:
            return Move(speech=Speech(text="", by="person"))

    with pytest.raises(ParleyError, match=r"(north|south) could not turn: .+\."):
        await Host(desk, {"person": Mute()}, helpers()).run(ID)


async def test_a_delegate_is_shown_its_own_mandate_and_the_room_none() -> None:
    desk = desk_on(MemoryLog(), LocalWakeup())
    await opened(desk, mediator="votes")
    spy = Spy()
    await Host(desk, {"engine": spy}, helpers()).run(ID)
    assert len(spy.shown) > 8
    for seat, view, room in spy.shown:
        assert set(view.case.mandates) == {seat}
        assert set(view.votes) <= {seat}
        assert view.seed != 11
        assert room is view or (room.case.mandates == {} and room.votes == {})


async def test_a_helper_is_shown_no_mandate_and_the_chair_no_votes() -> None:
    desk = desk_on(MemoryLog(), LocalWakeup())
    await opened(desk, mediator="votes", chair=True)
    seen: dict[str, list[Table]] = {"chair": [], "mediator": []}

    class WatchedChair(Chair):
        def text(self, view: Table) -> Any:
            seen["chair"].append(view)
            return super().text(view)

    class WatchedMediator(Mediator):
        def text(self, view: Table) -> Any:
            seen["mediator"].append(view)
            return super().text(view)

    watched: dict[str, Any] = {"chair": WatchedChair(), "mediator": WatchedMediator()}
    delegates: dict[str, Delegate] = {"engine": OfflineDelegate()}
    await Host(desk, delegates, watched).run(ID)
    assert seen["chair"]
    assert seen["mediator"]
    assert all(view.case.mandates == {} for views in seen.values() for view in views)
    assert all(view.votes == {} for view in seen["chair"])
    assert all(set(view.votes) == {"north", "south"} for view in seen["mediator"])


async def test_an_answer_in_a_caucus_is_made_from_what_that_room_knows() -> None:
    desk = desk_on(MemoryLog(), LocalWakeup())
    spy = Spy()
    await opened(desk, trio(), seated={"north": "person"})
    apart = CallCaucus(by="north", seats=("north", "south"), topic="The border")
    await desk.submit(ID, CallCaucus(by="north", seats=("north", "east"), topic="Not theirs"))
    await desk.submit(ID, apart)
    for room in ("north+south/1", "plenary"):
        words = Speech(text="Well?", by="person", to="south")
        assert not isinstance(
            await desk.submit(ID, Say(seat="north", room=room, speech=words)), Refusal
        )
        await Host(desk, {"engine": spy}, helpers()).step(ID)
    private, public = spy.rooms
    assert (private.case.mandates, public.case.mandates) == ({}, {})
    assert (set(private.rooms), set(public.rooms)) == ({"north+south/1"}, set())
    answers = [w for w in (await desk.sitting(ID)).table.words if w.seat == "south"]
    assert [w.room for w in answers] == ["north+south/1", "plenary"]


async def test_a_desk_reads_again_what_it_has_let_go() -> None:
    log, wakeup = MemoryLog(), LocalWakeup()
    desk = desk_on(log, wakeup)
    await opened(desk)
    before = (await desk.sitting(ID)).table
    for number in range(250):
        await desk.sitting(f"other-{number}")
    assert (await desk.sitting(ID)).table == before
    assert (await desk.sitting("nothing")).seq == 0
    assert not await Host(desk, {}, {}).step("nothing")
