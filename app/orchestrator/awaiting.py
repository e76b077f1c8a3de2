"""Whom the table waits for: a pure question about its state."""

from __future__ import annotations

from app.domain.state import Table
from app.orchestrator.course import due_helper
from app.orchestrator.orders import Awaited


def outstanding(table: Table) -> tuple[Awaited, ...]:
    """Whom the table waits for, and for what; empty when it is closed."""
    if table.closed is not None:
        return ()
    present = table.present
    owed = tuple(
        Awaited(act="reply", seat=o.seat, ref=o.number, room=o.room)
        for o in table.owed
        if o.seat in present
    )
    return owed + awaited_course(table)


def awaited_course(table: Table) -> tuple[Awaited, ...]:
    """The same without the answers to words: what the course of the talks waits for."""
    seats = table.present
    if table.turn is not None:
        turn = table.turn
        return (Awaited(act="turn", seat=turn.seat, ref=turn.number, deadline=turn.deadline),)
    if table.ranking:
        return tuple(Awaited(act="ballot", seat=s) for s in seats if s not in table.ballots)
    if table.improvement is not None:
        return tuple(Awaited(act="improvement", seat=s) for s in seats if s not in table.answers)
    if table.deal is not None:
        return (Awaited(act="search", seat="server"),)
    helper = due_helper(table)
    if helper == "mediator":
        if not table.drafts:
            return (Awaited(act="drafts", seat="mediator"),)
        voters = tuple(Awaited(act="vote", seat=s) for s in seats if s not in table.votes)
        return voters or (Awaited(act="text", seat="mediator"),)
    if helper == "chair":
        return (Awaited(act="text", seat="chair"),)
    return ()
