"""The rules of procedure: `decide` answers a command with facts or a refusal.

Every command of every kind of delegate comes through here, and the guard sits inside, so that
no path reaches the log without it. Time and chance are parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from app import guard
from app.domain.events import (
    EVERYBODY,
    FACILITATOR,
    EndorsementsLapsed,
    Fact,
    LineCrossed,
    Moved,
    NewsArrived,
    SeatTaken,
    TableClosed,
    TableOpened,
)
from app.domain.moves import MAX_WORDS, Move, Speech
from app.domain.state import Table
from app.orchestrator import ballots, rooms
from app.orchestrator.awaiting import outstanding
from app.orchestrator.course import advance, open_round
from app.orchestrator.floor_rules import move_refusal
from app.orchestrator.minutes import Minutes
from app.orchestrator.orders import (
    Adjourn,
    Announce,
    AnswerImprovement,
    CallCaucus,
    CastBallot,
    CastVote,
    Circulate,
    CloseCaucus,
    Command,
    Expire,
    Open,
    ProposeImprovement,
    Refusal,
    Say,
    Submit,
    TableText,
    TakeSeat,
)
from app.orchestrator.speaking import POLICIES

__all__ = ["decide", "outstanding"]

MEDIATORS = ("none", "votes", "ranks")

Rule: TypeAlias = Callable[[Minutes, Any], Refusal | None]


def decide(table: Table | None, command: Command, now: int) -> tuple[Fact, ...] | Refusal:
    """Facts to append, or why not. `now` is in milliseconds since 1970."""
    if isinstance(command, Open):
        return _open(table, command, now)
    if table is None:
        return Refusal(code="not-open", reason="This table has not been opened.")
    if table.closed is not None:
        return Refusal(
            code="closed", reason=f"The talks are over: {table.closed.reason.rstrip('.')}."
        )
    seat = getattr(command, "seat", None)
    if seat is not None and seat not in table.case.seat_ids:
        return Refusal(code="no-such-seat", reason=f"There is no seat {seat!r} at this table.")
    minutes = Minutes(table, now)
    refusal = _RULES[type(command)](minutes, command)
    if refusal is not None:
        return refusal
    advance(minutes)
    if isinstance(command, Submit | Say) and command.trace is not None:
        minutes.note(command.trace, FACILITATOR)
    return tuple(minutes.facts)


def _open(table: Table | None, command: Open, now: int) -> tuple[Fact, ...] | Refusal:
    if table is not None:
        return Refusal(code="already-open", reason="This table is open already.")
    session, case = command.session, command.case
    wrong = [
        text
        for good, text in (
            (session.preset in {p.id for p in case.presets}, f"preset {session.preset!r}"),
            (session.floor in POLICIES, f"floor policy {session.floor!r}"),
            (session.mediator in MEDIATORS, f"mediator {session.mediator!r}"),
            (1 <= session.rounds <= 100, f"{session.rounds} rounds (1 to 100)"),
            (0 <= session.turn_seconds <= 86_400, f"{session.turn_seconds} seconds a turn"),
            (
                not (session.record and "person" in command.occupants.values()),
                "record mode with people at the table",
            ),
            (all(s in case.seat_ids for s in command.occupants), "a seat the case has not"),
        )
        if not good
    ]
    if wrong:
        return Refusal(code="bad-session", reason=f"Not possible: {', '.join(wrong)}.")
    minutes = Minutes(None, now)
    minutes.note(
        TableOpened(
            case=case,
            case_hash=command.case_hash,
            seed=command.seed,
            session=session,
            version=command.version,
        ),
        (),
    )
    for seat in case.seat_ids:
        occupant = command.occupants.get(seat, "engine")
        name = command.names.get(seat, "")
        minutes.note(SeatTaken(seat=seat, occupant=occupant, name=name))
    open_round(minutes, 0)
    advance(minutes)
    return tuple(minutes.facts)


def _take_seat(minutes: Minutes, command: TakeSeat) -> Refusal | None:
    if minutes.table.session.record and command.occupant == "person":
        return Refusal(code="not-allowed", reason="No person may sit at a table in record mode.")
    if len(command.name) > 80:
        return Refusal(code="too-long", reason="A name has at most 80 characters.")
    minutes.note(SeatTaken(seat=command.seat, occupant=command.occupant, name=command.name))
    _let_lapse(minutes, command.seat)
    return None


def _let_lapse(minutes: Minutes, seat: str) -> None:
    """No AI seat stands below its floor, not even on what a person before it overrode."""
    table = minutes.table
    if table.occupants.get(seat) == "person" or table.session.record:
        return
    below = tuple(
        offer.number
        for offer in table.offers
        if seat in table.backers(offer.number)
        and not guard.allows(table.case, seat, offer.package, table.preset)
    )
    if below:
        minutes.note(EndorsementsLapsed(seat=seat, offers=below))


def _submit(minutes: Minutes, command: Submit) -> Refusal | None:
    table, move, seat = minutes.table, command.move, command.seat
    refusal = move_refusal(table, command)
    if refusal is not None:
        return refusal
    offer = len(table.offers) + 1 if move.package is not None else None
    minutes.note(
        Moved(turn=command.turn, seat=seat, move=move, offer=offer, stand_in=command.stand_in)
    )
    named = [(n, table.offers[n - 1].package) for n in move.endorse]
    if move.package is not None and offer is not None:
        named.append((offer, move.package))
    for number, package in named:
        below = guard.breaches(table.case, seat, package, table.preset)
        if below:
            crossed = LineCrossed(turn=command.turn, seat=seat, offer=number, breaches=below)
            minutes.note(crossed, (seat,))
    if move.walk:
        short = table.case.seat(seat).short
        if not table.case.rule.passes(frozenset(minutes.table.present)):
            minutes.note(TableClosed(outcome="walkout", reason=f"{short} left the table"))
    return None


def _expire(minutes: Minutes, command: Expire) -> Refusal | None:
    turn = minutes.table.turn
    if turn is None or turn.number != command.turn:
        return Refusal(code="not-your-turn", reason="That turn has passed.")
    if turn.deadline is None or not minutes.now >= turn.deadline:
        return Refusal(code="not-due", reason="The clock of this turn has not run out.")
    words = Speech(text="(The clock ran out; the delegation made no statement.)", by="facilitator")
    minutes.note(Moved(turn=turn.number, seat=turn.seat, move=Move(speech=words), stand_in="clock"))
    return None


def _announce(minutes: Minutes, command: Announce) -> Refusal | None:
    if not command.text.strip():
        return Refusal(code="no-words", reason="News needs words.")
    if len(command.text) > MAX_WORDS:
        return Refusal(code="too-long", reason=f"At most {MAX_WORDS} characters at a time.")
    seats = minutes.table.case.seat_ids
    if command.to != EVERYBODY and not all(seat in seats for seat in command.to):
        return Refusal(code="no-such-seat", reason="News goes to all or to seats of this table.")
    minutes.note(NewsArrived(text=command.text), command.to)
    return None


def _adjourn(minutes: Minutes, command: Adjourn) -> Refusal | None:
    minutes.note(TableClosed(outcome="adjourned", reason=command.reason[:400] or "adjourned"))
    return None


_RULES: dict[type, Rule] = {
    TakeSeat: _take_seat,
    Submit: _submit,
    Say: rooms.say,
    CallCaucus: rooms.call_caucus,
    CloseCaucus: rooms.close_caucus,
    TableText: ballots.table_text,
    Circulate: ballots.circulate,
    CastVote: ballots.cast_vote,
    CastBallot: ballots.cast_ballot,
    ProposeImprovement: ballots.propose_improvement,
    AnswerImprovement: ballots.answer_improvement,
    Expire: _expire,
    Announce: _announce,
    Adjourn: _adjourn,
}
