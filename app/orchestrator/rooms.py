"""Words between turns and private meetings: the rules of talk that does not bind."""

from __future__ import annotations

from app.domain.events import EVERYBODY, CaucusClosed, CaucusOpened, ReadingProposed, Spoken
from app.domain.moves import MAX_WORDS, Speech
from app.domain.table import PLENARY, Table
from app.orchestrator.minutes import Minutes
from app.orchestrator.orders import CallCaucus, CloseCaucus, Refusal, Say

MAX_REMARKS = 60
"""Remarks one person may make between turns within one round."""

MAX_ROOMS = 8
"""Private meetings one seat may have open at a time."""


def say(minutes: Minutes, command: Say) -> Refusal | None:
    table, speech = minutes.table, command.speech
    if command.seat not in table.present:
        return Refusal(code="left-table", reason="This seat has left the table.")
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
        return Refusal(code="wrong-voice", reason=f"Seat {seat} is not spoken for by: {speech.by}.")
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


def call_caucus(minutes: Minutes, command: CallCaucus) -> Refusal | None:
    table = minutes.table
    seats = tuple(s for s in table.case.seat_ids if s in command.seats)
    if len(seats) != len(set(command.seats)):
        return Refusal(code="no-such-seat", reason="A caucus is a meeting of seats of this table.")
    if not 2 <= len(seats) < len(table.case.seats):
        return Refusal(
            code="bad-caucus", reason="A caucus needs two seats at least, and not all of them."
        )
    if not all(seat in table.present for seat in seats):
        return Refusal(code="left-table", reason="One of these seats has left the table.")
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


def close_caucus(minutes: Minutes, command: CloseCaucus) -> Refusal | None:
    room = minutes.table.rooms.get(command.room)
    known = room is not None and (command.by == "facilitator" or command.by in room.seats)
    if room is None or not known or not room.open:
        return Refusal(code="no-such-room", reason="There is no such open room for this seat.")
    minutes.note(CaucusClosed(room=command.room, by=command.by), room.seats)
    return None
