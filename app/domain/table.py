"""The state of a table as a fold over its events, and the only way out of it: `view_for`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from app.domain.events import (
    AgreementReached,
    BallotCast,
    CaucusClosed,
    CaucusOpened,
    CommandTaken,
    DraftsCirculated,
    EndorsementsLapsed,
    Event,
    HelperPassed,
    ImprovementAnswered,
    ImprovementProposed,
    ImprovementSettled,
    LineCrossed,
    Moved,
    NewsArrived,
    RankingOpened,
    ReadingProposed,
    RoundOpened,
    SeatTaken,
    Spoken,
    TableClosed,
    TableOpened,
    TextTabled,
    TurnOpened,
    TurnTraced,
    VoteCast,
)
from app.domain.state import Offer, Owed, Remark, Room, Table, Turn, changed

FACILITATOR_VIEW = "facilitator"
WATCHER_VIEW = "watcher"
HELPERS = ("chair", "mediator")
PLENARY = "plenary"

__all__ = [
    "FACILITATOR_VIEW",
    "HELPERS",
    "PLENARY",
    "WATCHER_VIEW",
    "Offer",
    "Owed",
    "Remark",
    "Room",
    "Table",
    "Turn",
    "as_seen",
    "derived_seed",
    "evolve",
    "fold",
    "view_for",
    "visible",
]


def derived_seed(seed: int, viewer: str) -> int:
    """A viewer's own seed: stable, and telling nothing about the table's."""
    digest = hashlib.sha256(f"{seed}/{viewer}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def visible(event: Event, viewer: str) -> bool:
    """Whether a viewer may see an event. Denies unless the audience names the viewer."""
    if viewer == FACILITATOR_VIEW:
        return True
    if "*" in event.audience or viewer in event.audience:
        return True
    return isinstance(event.body, TableOpened)


def view_for(events: Iterable[Event], viewer: str) -> tuple[Event, ...]:
    """The events a viewer may see, numbered densely so that gaps betray nothing.

    The facilitator sees the log as it is. Everybody else gets the opening with the case as
    they may read it (own mandate only) and a seed of their own.
    """
    if viewer == FACILITATOR_VIEW:
        return tuple(events)
    seen: list[Event] = []
    for event in events:
        if visible(event, viewer):
            seen.append(as_seen(event, viewer, len(seen) + 1))
    return tuple(seen)


def as_seen(event: Event, viewer: str, number: int) -> Event:
    """One visible event in a viewer's own numbering."""
    body = event.body
    if isinstance(body, TableOpened):
        body = replace(body, case=body.case.seen_by(viewer), seed=derived_seed(body.seed, viewer))
    return Event(table_id=event.table_id, seq=number, at=event.at, audience=(), body=body)


def fold(events: Iterable[Event], start: Table | None = None) -> Table:
    """The table after these events; ValueError when they do not begin with an opening."""
    table = start
    for event in events:
        table = evolve(table, event)
    if table is None:
        raise ValueError("no events: a table begins with its opening")
    return table


def evolve(table: Table | None, event: Event) -> Table:
    """The table after one more event."""
    body = event.body
    if isinstance(body, TableOpened):
        return Table(
            table_id=event.table_id,
            case=body.case,
            case_hash=body.case_hash,
            seed=body.seed,
            session=body.session,
            version=body.version,
        )
    if table is None:
        raise ValueError("the first event of a table is its opening")
    match body:
        case CommandTaken() | TurnTraced():
            return table
        case Moved():
            return _moved(table, body)
        case EndorsementsLapsed():
            return _lapsed(table, body)
        case SeatTaken() | RoundOpened() | TurnOpened() | NewsArrived() | LineCrossed():
            return _called(table, body)
        case CaucusOpened() | CaucusClosed() | Spoken() | ReadingProposed():
            return _talked(table, body)
        case TextTabled() | HelperPassed() | DraftsCirculated() | VoteCast():
            return _helped(table, body)
        case _:
            return _ending(table, body)


def _lapsed(table: Table, body: EndorsementsLapsed) -> Table:
    """Some endorsements of a seat no longer stand."""
    backing = {
        number: tuple(seat for seat in seats if seat != body.seat or number not in body.offers)
        for number, seats in table.backing.items()
    }
    latest = {
        seat: number
        for seat, number in table.latest.items()
        if seat != body.seat or number not in body.offers
    }
    return changed(table, backing=backing, latest=latest)


def _called(
    table: Table, body: SeatTaken | RoundOpened | TurnOpened | NewsArrived | LineCrossed
) -> Table:
    """Who sits, who has the floor, what was brought to the table."""
    match body:
        case SeatTaken():
            return changed(
                table,
                occupants={**table.occupants, body.seat: body.occupant},
                names={**table.names, body.seat: body.name},
                owed=tuple(o for o in table.owed if o.seat != body.seat),
            )
        case RoundOpened():
            return changed(table, round=body.round, spoken=(), helped=())
        case TurnOpened():
            turn = Turn(number=body.turn, seat=body.seat, deadline=body.deadline)
            return changed(table, turn=turn, turns=body.turn)
        case NewsArrived():
            at = (*table.news_at, table.turns)
            return changed(table, news=(*table.news, body), news_at=at)
        case LineCrossed():
            return changed(table, crossings=(*table.crossings, body))


def _talked(table: Table, body: CaucusOpened | CaucusClosed | Spoken | ReadingProposed) -> Table:
    """Private rooms and words between turns."""
    match body:
        case CaucusOpened():
            room = Room(id=body.room, seats=body.seats, by=body.by, topic=body.topic)
            return changed(table, rooms={**table.rooms, body.room: room})
        case CaucusClosed():
            shut = replace(table.rooms[body.room], open=False)
            owed = tuple(o for o in table.owed if o.room != body.room)
            return changed(table, rooms={**table.rooms, body.room: shut}, owed=owed)
        case Spoken():
            return _spoken(table, body)
        case ReadingProposed():
            return table


def _moved(table: Table, body: Moved) -> Table:
    """One turn: endorsements, withdrawals, the package tabled, the words."""
    move, seat = body.move, body.seat
    backing, latest = dict(table.backing), dict(table.latest)
    offers, gone = table.offers, table.gone
    for withdrawal in move.withdraw:
        held = backing.get(withdrawal.offer, ())
        if seat in held:
            place = held.index(seat)
            backing[withdrawal.offer] = held[:place] + held[place + 1 :]
        if latest.get(seat) == withdrawal.offer:
            del latest[seat]
    if move.walk:
        backing = {n: tuple(s for s in seats if s != seat) for n, seats in backing.items()}
        latest.pop(seat, None)
        gone = (*gone, seat)
    for number in move.endorse:
        backing[number] = (*backing.get(number, ()), seat)
        latest[seat] = number
    if move.package is not None and body.offer is not None:
        offer = Offer(
            number=body.offer, by=seat, package=move.package, turn=body.turn, round=table.round
        )
        offers = (*offers, offer)
        backing[body.offer] = (seat,)
        latest[seat] = body.offer
    remark = Remark(
        seat=seat,
        room=PLENARY,
        speech=move.speech,
        round=table.round,
        turn=body.turn,
        offer=body.offer,
    )
    return changed(
        table,
        turn=None,
        spoken=(*table.spoken, seat),
        offers=offers,
        backing=backing,
        latest=latest,
        moves=(*table.moves, body),
        words=(*table.words, remark),
        owed=tuple(o for o in table.owed if o.seat != seat or o.room != PLENARY),
        gone=gone,
    )


def _spoken(table: Table, body: Spoken) -> Table:
    """Words between turns; a person's words may leave others owing an answer."""
    remark = Remark(
        seat=body.seat, room=body.room, speech=body.speech, round=table.round, number=body.number
    )
    owed = tuple(
        o
        for o in table.owed
        if not (o.seat == body.seat and o.room == body.room and o.number == body.speech.answers)
    )
    if body.speech.by == "person" and not table.closed:
        others = table.rooms[body.room].seats if body.room != PLENARY else ()
        asked = (body.speech.to,) if body.speech.to else others
        owed += tuple(
            Owed(seat=seat, room=body.room, number=body.number)
            for seat in asked
            if seat != body.seat and table.occupants.get(seat) in ("engine", "model")
        )
    return changed(table, words=(*table.words, remark), owed=owed)


def _helped(table: Table, body: TextTabled | HelperPassed | DraftsCirculated | VoteCast) -> Table:
    """What the chair and the mediator do, and the private answers they get."""
    match body:
        case TextTabled():
            offer = Offer(
                number=body.offer,
                by=body.by,
                package=body.package,
                turn=table.turns,
                round=table.round,
            )
            remark = Remark(
                seat=body.by,
                room=PLENARY,
                speech=body.speech,
                round=table.round,
                offer=body.offer,
            )
            return changed(
                _polled(table, body.by),
                offers=(*table.offers, offer),
                backing={**table.backing, body.offer: ()},
                words=(*table.words, remark),
            )
        case HelperPassed():
            return _polled(table, body.by)
        case DraftsCirculated():
            return changed(table, drafts=body.drafts, votes={})
        case VoteCast():
            return changed(table, votes={**table.votes, body.seat: body.vote})


def _polled(table: Table, helper: str) -> Table:
    """The helper is done for this round; a finished poll is kept for its learning."""
    polls = table.polls
    if helper == "mediator" and table.drafts:
        polls = (*polls, (table.drafts, table.votes))
        return changed(table, helped=(*table.helped, helper), polls=polls, drafts=(), votes={})
    return changed(table, helped=(*table.helped, helper))


def _ending(
    table: Table,
    body: RankingOpened
    | BallotCast
    | AgreementReached
    | ImprovementProposed
    | ImprovementAnswered
    | ImprovementSettled
    | TableClosed,
) -> Table:
    """From several passing packages to the close."""
    match body:
        case RankingOpened():
            return changed(table, ranking=body.offers, ballots={})
        case BallotCast():
            return changed(table, ballots={**table.ballots, body.seat: body.ballot})
        case AgreementReached():
            return changed(table, deal=body, ranking=())
        case ImprovementProposed():
            return changed(table, improvement=body.package, answers={})
        case ImprovementAnswered():
            return changed(table, answers={**table.answers, body.seat: body.accept})
        case ImprovementSettled():
            return changed(table, improved=body, improvement=None)
        case TableClosed():
            return changed(table, closed=body, turn=None, owed=())
