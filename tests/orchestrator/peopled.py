"""A table of three at which one person sits among models, until a model has the turn."""

from __future__ import annotations

from dataclasses import replace

from app.domain.moves import Move, Speech
from app.orchestrator.orders import Open, Refusal, Submit
from app.orchestrator.procedure import outstanding
from app.orchestrator.runner import Desk
from tests.turns import trio


async def opened(desk: Desk, table_id: str, seconds: int = 0) -> tuple[str, list[str]]:
    """Open it; the person's seat, and the models'."""
    case = trio()
    person, *others = case.seat_ids
    opening = Open(
        case=case,
        case_hash="0" * 64,
        seed=5,
        session=replace(case.session, rounds=2, turn_seconds=seconds),
        version="0",
        occupants={person: "person"} | dict.fromkeys(others, "model"),  # type: ignore[arg-type]
    )
    assert not isinstance(await desk.submit(table_id, opening), Refusal)
    return person, others


async def until_a_model(desk: Desk, table_id: str, person: str) -> str:
    """The person listens until a model has the turn; that model's seat."""
    while (awaited := outstanding((await desk.sitting(table_id)).table)[0]).seat == person:
        move = Move(speech=Speech(text="We listen.", by="person"))
        done = await desk.submit(table_id, Submit(seat=person, turn=awaited.ref, move=move))
        assert not isinstance(done, Refusal), done
    return awaited.seat
