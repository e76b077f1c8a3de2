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
    BallotCast,
    CaucusClosed,
    CaucusOpened,
    DraftsCirculated,
    Fact,
    HelperPassed,
    ImprovementAnswered,
    ImprovementProposed,
    ImprovementSettled,
    LineCrossed,
    Moved,
    NewsArrived,
    ReadingProposed,
    SeatTaken,
    Spoken,
    TableClosed,
    TableOpened,
    TextTabled,
    VoteCast,
)
from app.domain.moves import MAX_WORDS, Move, Speech
from app.domain.table import PLENARY, Table
from app.domain.terms import Package
from app.orchestrator.course import (
    advance,
    due_helper,
    open_round,
    settle_improvement,
    settle_ranking,
)
from app.orchestrator.floor_rules import move_refusal, underfloor
from app.orchestrator.minutes import Minutes
from app.orchestrator.orders import (
    Adjourn,
    Announce,
    AnswerImprovement,
    Awaited,
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

MAX_REMARKS = 60
"""Remarks one person may make between turns within one round."""

MAX_ROOMS = 8
"""Private meetings open at one time."""

MEDIATORS = ("none", "votes", "ranks")

Rule: TypeAlias = Callable[[Minutes, Any], Refusal | None]


def decide(table: Table | None, command: Command, now: int) -> tuple[Fact, ...] | Refusal:
    """Facts to append, or why not. `now` is in milliseconds since 1970."""
    if isinstance(command, Open):
        return _open(table, command, now)
    if table is None:
        return Refusal(code="not-open", reason="This table has not been opened.")
    if table.closed is not None:
        return Refusal(code="closed", reason=f"The talks are over: {table.closed.reason}.")
    seat = getattr(command, "seat", None)
    if seat is not None and seat not in table.case.seat_ids:
        return Refusal(code="no-such-seat", reason=f"There is no seat {seat!r} at this table.")
    minutes = Minutes(table, now)
    refusal = _RULES[type(command)](minutes, command)
    if refusal is not None:
        return refusal
    advance(minutes)
    return tuple(minutes.facts)


def outstanding(table: Table) -> tuple[Awaited, ...]:
    """Whom the table waits for, and for what; empty when it is closed."""
    if table.closed is not None:
        return ()
    owed = tuple(
        Awaited(act="reply", seat=o.seat, ref=o.number, room=o.room) for o in table.owed
    )
    return owed + _awaited_course(table)


def _awaited_course(table: Table) -> tuple[Awaited, ...]:
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
    return None


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



def _say(minutes: Minutes, command: Say) -> Refusal | None:
    table, speech = minutes.table, command.speech
    refusal = _speech_refusal(table, command.seat, speech) or _room_refusal(
        table, command.room, command.seat
    )
    if refusal is not None:
        return refusal
    if speech.by == "person":
        recent = sum(
            w.seat == command.seat and w.turn is None and w.round == table.round
            for w in table.words
        )
        if recent >= MAX_REMARKS:
            return Refusal(
                code="too-many-words", reason="Too many remarks in this round; take your turn."
            )
    elif not any(
        o.seat == command.seat and o.room == command.room and o.number == speech.answers
        for o in table.owed
    ):
        return Refusal(code="not-awaited", reason="Nobody asked this seat for an answer.")
    audience = EVERYBODY if command.room == PLENARY else table.rooms[command.room].seats
    number = 1 + sum(w.room == command.room and w.number is not None for w in table.words)
    minutes.note(
        Spoken(number=number, seat=command.seat, room=command.room, speech=speech), audience
    )
    if command.reading:
        minutes.note(
            ReadingProposed(
                seat=command.seat,
                room=command.room,
                answers=number,
                choices=command.reading,
                text=command.reading_text,
            ),
            (command.seat,),
        )
    return None


def _speech_refusal(table: Table, seat: str, speech: Speech) -> Refusal | None:
    if not speech.text.strip():
        return Refusal(code="no-words", reason="A remark needs words.")
    if len(speech.text) > MAX_WORDS:
        return Refusal(code="too-long", reason=f"At most {MAX_WORDS} characters at a time.")
    if speech.by != table.occupants.get(seat) and speech.by != "engine":
        return Refusal(code="wrong-voice", reason=f"{seat} is not spoken for by {speech.by}.")
    if speech.by == "engine" and table.occupants.get(seat) == "person":
        return Refusal(code="wrong-voice", reason=f"A person speaks for {seat}.")
    if speech.to is not None and speech.to not in table.case.seat_ids:
        return Refusal(code="no-such-seat", reason=f"There is no seat {speech.to!r} to address.")
    return None


def _room_refusal(table: Table, room: str, seat: str) -> Refusal | None:
    if room == PLENARY:
        return None
    held = table.rooms.get(room)
    if held is None or not held.open or seat not in held.seats:
        # One answer for "absent", "closed" and "not yours": a room's existence is private.
        return Refusal(code="no-such-room", reason="There is no such open room for this seat.")
    return None


def _call_caucus(minutes: Minutes, command: CallCaucus) -> Refusal | None:
    table = minutes.table
    seats = tuple(s for s in table.case.seat_ids if s in command.seats)
    if len(seats) != len(set(command.seats)):
        return Refusal(code="no-such-seat", reason="A caucus is a meeting of seats of this table.")
    if not 2 <= len(seats) < len(table.case.seats):
        return Refusal(
            code="bad-caucus", reason="A caucus needs two seats at least, and not all of them."
        )
    if command.by != "facilitator" and command.by not in seats:
        return Refusal(code="not-in-room", reason="A seat calls a caucus it sits in.")
    mine = [room for room in table.rooms.values() if room.open and command.by in room.seats]
    if len(mine) >= MAX_ROOMS:
        return Refusal(code="too-many-rooms", reason=f"At most {MAX_ROOMS} open rooms for a seat.")
    if any(room.open and room.seats == seats for room in table.rooms.values()):
        return Refusal(code="bad-caucus", reason="These seats are meeting already.")
    # The number counts meetings of these very seats: it tells nobody of any other room.
    count = sum(room.seats == seats for room in table.rooms.values()) + 1
    minutes.note(
        CaucusOpened(
            room=f"{'+'.join(seats)}/{count}",
            seats=seats,
            by=command.by,
            topic=command.topic[:200],
        ),
        seats,
    )
    return None


def _close_caucus(minutes: Minutes, command: CloseCaucus) -> Refusal | None:
    room = minutes.table.rooms.get(command.room)
    known = room is not None and (command.by == "facilitator" or command.by in room.seats)
    if room is None or not known or not room.open:
        return Refusal(code="no-such-room", reason="There is no such open room for this seat.")
    minutes.note(CaucusClosed(room=command.room, by=command.by), room.seats)
    return None


def _package_refusal(table: Table, package: Package) -> Refusal | None:
    if not table.agenda.complete(package):
        return Refusal(code="incomplete", reason="A package settles every issue of the agenda.")
    held = table.offer_of(package)
    if held is not None:
        return Refusal(
            code="duplicate", reason=f"This very package is on the table as offer {held.number}."
        )
    return None


def _table_text(minutes: Minutes, command: TableText) -> Refusal | None:
    table = minutes.table
    if Awaited(act="text", seat=command.by) not in _awaited_course(table):
        return Refusal(code="not-awaited", reason=f"The {command.by} has nothing to table now.")
    if command.package is None:
        minutes.note(HelperPassed(by=command.by))
        return None
    refusal = _package_refusal(table, command.package)
    if refusal is not None:
        return refusal
    minutes.note(
        TextTabled(
            offer=len(table.offers) + 1,
            by=command.by,
            package=command.package,
            speech=command.speech,
        )
    )
    return None


def _circulate(minutes: Minutes, command: Circulate) -> Refusal | None:
    table = minutes.table
    if Awaited(act="drafts", seat="mediator") not in _awaited_course(table):
        return Refusal(code="not-awaited", reason="The mediator has nothing to circulate now.")
    if not 1 <= len(command.drafts) <= 12:
        return Refusal(code="bad-vote", reason="The mediator circulates one to twelve drafts.")
    if not all(table.agenda.complete(draft) for draft in command.drafts):
        return Refusal(code="incomplete", reason="A draft settles every issue of the agenda.")
    minutes.note(DraftsCirculated(drafts=command.drafts))
    return None


def _cast_vote(minutes: Minutes, command: CastVote) -> Refusal | None:
    table, vote = minutes.table, command.vote
    if Awaited(act="vote", seat=command.seat) not in _awaited_course(table):
        return Refusal(code="not-awaited", reason="The mediator is not waiting for this vote.")
    known = range(len(table.drafts))
    if not all(n in known for n in (*vote.yes, *vote.ranking)):
        return Refusal(code="bad-vote", reason="A vote names drafts that were circulated.")
    minutes.note(VoteCast(seat=command.seat, vote=vote), (command.seat, "mediator"))
    return None


def _cast_ballot(minutes: Minutes, command: CastBallot) -> Refusal | None:
    table = minutes.table
    if Awaited(act="ballot", seat=command.seat) not in _awaited_course(table):
        return Refusal(code="not-awaited", reason="No ballot is asked of this seat now.")
    if sorted(command.ballot.ranking) != sorted(table.ranking):
        return Refusal(
            code="bad-ballot", reason=f"Rank exactly these offers: {list(table.ranking)}."
        )
    minutes.note(BallotCast(seat=command.seat, ballot=command.ballot), (command.seat,))
    if len(minutes.table.ballots) == len(table.present):
        settle_ranking(minutes)
    return None


def _propose_improvement(minutes: Minutes, command: ProposeImprovement) -> Refusal | None:
    table = minutes.table
    if Awaited(act="search", seat="server") not in _awaited_course(table) or table.deal is None:
        return Refusal(code="not-awaited", reason="There is no deal to improve now.")
    deal = table.deal.package
    if command.package is None:
        minutes.note(ImprovementSettled(outcome="none", package=deal))
        return None
    refusal = _package_refusal(table, command.package)
    if refusal is not None and refusal.code != "duplicate":
        return refusal
    if not _harmless(table, deal, command.package):
        return Refusal(code="harms", reason="It would take something from somebody.")
    minutes.note(ImprovementProposed(package=command.package))
    return None


def _harmless(table: Table, deal: Package, package: Package) -> bool:
    """No seat's total falls, and no currency of any seat falls below no deal."""
    for mandate in table.case.mandates.values():
        before, after, held = mandate.worth(deal), mandate.worth(package), mandate.no_deal
        if not sum(after) >= sum(before):
            return False
        if not all(a >= min(b, h) for a, b, h in zip(after, before, held, strict=True)):
            return False
    return True


def _answer_improvement(minutes: Minutes, command: AnswerImprovement) -> Refusal | None:
    table = minutes.table
    if Awaited(act="improvement", seat=command.seat) not in _awaited_course(table):
        return Refusal(code="not-awaited", reason="No answer is asked of this seat now.")
    if command.accept and table.improvement is not None:
        refusal = underfloor(table, command.seat, table.improvement, override=command.override)
        if refusal is not None:
            return refusal
        below = guard.breaches(table.case, command.seat, table.improvement, table.preset)
        if below:
            crossed = LineCrossed(turn=table.turns, seat=command.seat, offer=0, breaches=below)
            minutes.note(crossed, (command.seat,))
    minutes.note(ImprovementAnswered(seat=command.seat, accept=command.accept))
    if len(minutes.table.answers) == len(table.present):
        settle_improvement(minutes)
    return None


def _expire(minutes: Minutes, command: Expire) -> Refusal | None:
    turn = minutes.table.turn
    if turn is None or turn.number != command.turn:
        return Refusal(code="not-your-turn", reason="That turn has passed.")
    if turn.deadline is None or not minutes.now >= turn.deadline:
        return Refusal(code="not-due", reason="The clock of this turn has not run out.")
    words = Speech(text="(The clock ran out; the delegation made no statement.)", by="facilitator")
    minutes.note(
        Moved(turn=turn.number, seat=turn.seat, move=Move(speech=words), stand_in="clock")
    )
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
    Say: _say,
    CallCaucus: _call_caucus,
    CloseCaucus: _close_caucus,
    TableText: _table_text,
    Circulate: _circulate,
    CastVote: _cast_vote,
    CastBallot: _cast_ballot,
    ProposeImprovement: _propose_improvement,
    AnswerImprovement: _answer_improvement,
    Expire: _expire,
    Announce: _announce,
    Adjourn: _adjourn,
}
