"""Delegates that fail: the engine goes on, and what a table hears tells nothing of a line."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest

from app.delegates.base import Taken
from app.delegates.offline import OfflineDelegate
from app.domain.events import Moved, TurnTraced
from app.domain.moves import Move, Speech
from app.domain.table import Owed, Table
from app.errors import DelegateFailed
from app.eventlog.base import encode_body
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.orchestrator.orders import Open, Refusal, Say
from app.orchestrator.runner import Desk, Host, virtual_clock
from app.orchestrator.turn import NO_ANSWER, NOT_OPEN
from tests.turns import trio

ID = "t"
BAD = {"north": ("water-b", "power-b", "border-b"), "south": ("water-a", "power-a", "border-a")}


class Failing(OfflineDelegate):
    """Gives nothing, whatever it is asked."""

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        raise DelegateFailed("no answer in time")

    async def reply(self, room: Table, owed: Owed) -> Speech:
        raise DelegateFailed("no answer in time")


@dataclass
class Crossing(OfflineDelegate):
    """Tables what its seat may not sign, with a trace, as a broken model's seat would."""

    async def move(self, view: Table, room: Table, seat: str) -> Taken:  # type: ignore[override]
        words = Speech(text="We table this.", by="model")
        trace = TurnTraced(
            turn=view.turn.number if view.turn else 0,
            seat=seat,
            after=0,
            model="m",
            barrier="strict",
            counsel=True,
            templates=(),
            calls=(),
            notes=("kept",),
        )
        package = BAD[seat] if view.round and seat in BAD else None
        return Taken(move=Move(speech=words, package=package), trace=trace)


async def begun(occupants: dict[str, str], rounds: int = 1) -> Desk:
    case = trio()
    desk = Desk(MemoryLog(), LocalWakeup(), virtual_clock(0))
    done = await desk.submit(
        ID,
        Open(
            case=case,
            case_hash="0" * 64,
            seed=5,
            session=replace(case.session, rounds=rounds),
            version="0",
            occupants={seat: occupants.get(seat, "engine") for seat in case.seat_ids},  # type: ignore[misc]
        ),
    )
    assert not isinstance(done, Refusal)
    return desk


async def test_the_engine_takes_the_turn_of_a_seat_whose_delegate_fails() -> None:
    desk = await begun({"north": "model", "south": "model"})
    await Host(desk, {"model": Failing(), "engine": OfflineDelegate()}, {}).run(ID)
    table = (await desk.sitting(ID)).table
    assert table.closed is not None
    failed = [m for m in table.moves if m.seat in ("north", "south")]
    others = [m for m in table.moves if m.seat not in ("north", "south")]
    assert {m.stand_in for m in failed} == {NO_ANSWER}
    assert {m.move.speech.by for m in failed} == {"engine"}
    assert {m.stand_in for m in others} <= {""}
    assert any(m.move.package is not None for m in failed), (
        "the engine plays, it does not only hold"
    )


async def test_without_an_engine_the_seat_holds() -> None:
    desk = await begun(dict.fromkeys(trio().seat_ids, "model"))
    await Host(desk, {"model": Failing()}, {}).run(ID)
    table = (await desk.sitting(ID)).table
    assert table.closed is not None
    assert {m.stand_in for m in table.moves} == {NO_ANSWER}
    assert {m.move.package for m in table.moves} == {None}


async def test_words_owed_by_a_failing_delegate_are_answered() -> None:
    desk = await begun({"north": "person", "south": "model"})
    words = Speech(text="So?", by="person", to="south")
    assert not isinstance(
        await desk.submit(ID, Say(seat="north", room="plenary", speech=words)), Refusal
    )
    await Host(desk, {"model": Failing(), "engine": OfflineDelegate()}, {}).run(ID, forever=False)
    table = (await desk.sitting(ID)).table
    assert table.owed == ()
    answers = [w for w in table.words if w.seat == "south" and w.number is not None]
    assert [w.speech.by for w in answers] == ["engine"]


async def test_nobody_plays_for_a_person_unasked() -> None:
    desk = await begun({"north": "person", "south": "person"})
    with pytest.raises(DelegateFailed):
        await Host(desk, {"person": Failing(), "engine": OfflineDelegate()}, {}).run(ID)


async def test_only_the_facilitator_learns_which_rule_a_seat_met() -> None:
    desk = await begun({"north": "model", "south": "model"})
    await Host(desk, {"model": Crossing(), "engine": OfflineDelegate()}, {}).run(ID)
    sitting = await desk.sitting(ID)
    refused = [m for m in sitting.table.moves if m.stand_in]
    assert refused
    assert {m.stand_in for m in refused} == {NOT_OPEN}
    traces = [e for e in sitting.events if isinstance(e.body, TurnTraced)]
    told = [
        e.body.notes for e in traces if isinstance(e.body, TurnTraced) and len(e.body.notes) > 1
    ]
    assert told
    assert set(told) == {("kept", "refused below-floor")}
    public = [json.loads(encode_body(e.body)) for e in sitting.seen("watcher")]
    assert "below-floor" not in json.dumps(public)
    moved = {e.body.turn for e in sitting.seen("watcher") if isinstance(e.body, Moved)}
    assert {m.turn for m in refused} <= moved
