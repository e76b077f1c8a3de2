"""What one turn may hold: the rules of a move, with the guard inside, and the legal moves."""

from __future__ import annotations

from dataclasses import dataclass

from app import guard
from app.domain.moves import MAX_WORDS, Move
from app.domain.table import Table
from app.domain.terms import Package
from app.orchestrator.orders import Refusal, Submit


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal:
    """What a seat may do in the turn it has; `turn` is 0 when it has none.

    `endorse` and `withdraw` are offer numbers. `below` are offers a person could endorse only
    with an explicit override; for an AI seat they are not to be had at all.
    """

    turn: int = 0
    endorse: tuple[int, ...] = ()
    below: tuple[int, ...] = ()
    withdraw: tuple[int, ...] = ()
    may_table: bool = False
    may_walk: bool = False


def legal_moves(table: Table, seat: str) -> Legal:
    """The legal moves of a seat, from a fold that holds that seat's mandate."""
    turn = table.turn
    if table.closed is not None or turn is None or turn.seat != seat:
        return Legal()
    if table.round == 0:
        return Legal(turn=turn.number)
    free = [o for o in table.offers if seat not in table.backers(o.number)]
    good = tuple(o.number for o in free if guard.allows(table.case, seat, o.package, table.preset))
    return Legal(
        turn=turn.number,
        endorse=good,
        below=tuple(o.number for o in free if o.number not in good),
        withdraw=tuple(o.number for o in table.offers if seat in table.backers(o.number)),
        may_table=True,
        may_walk=True,
    )


def move_refusal(table: Table, command: Submit) -> Refusal | None:
    """Why this move may not be made now, or None."""
    return (
        _turn_refusal(table, command)
        or _words_refusal(table, command)
        or _acts_refusal(table, command.seat, command.move)
        or _floor_refusal(table, command.seat, command.move)
    )


def _turn_refusal(table: Table, command: Submit) -> Refusal | None:
    turn = table.turn
    if turn is None or turn.seat != command.seat or turn.number != command.turn:
        holder = table.case.seat(turn.seat).short if turn else "nobody"
        return Refusal(
            code="not-your-turn", reason=f"Turn {command.turn} is not open; {holder} has the floor."
        )
    return None


def _words_refusal(table: Table, command: Submit) -> Refusal | None:
    speech, occupant = command.move.speech, table.occupants.get(command.seat)
    if not speech.text.strip():
        return Refusal(code="no-words", reason="A turn carries a speech, however short.")
    if len(speech.text) > MAX_WORDS:
        return Refusal(code="too-long", reason=f"At most {MAX_WORDS} characters at a time.")
    honest = speech.by == occupant or (
        speech.by == "engine" and occupant == "model" and command.stand_in
    )
    if not honest:
        return Refusal(
            code="wrong-voice",
            reason=f"Seat {command.seat} is held by: {occupant}, not {speech.by}.",
        )
    if speech.to is not None and speech.to not in table.case.seat_ids:
        return Refusal(code="no-such-seat", reason=f"There is no seat {speech.to!r} to address.")
    return None


def _acts_refusal(table: Table, seat: str, move: Move) -> Refusal | None:
    acts = bool(move.endorse or move.withdraw or move.package is not None or move.walk)
    if table.round == 0 and acts:
        return Refusal(code="statement-only", reason="Opening statements carry words only.")
    for number in (*move.endorse, *(w.offer for w in move.withdraw)):
        if table.offer(number) is None:
            return Refusal(code="no-such-offer", reason=f"There is no offer {number}.")
    return (
        _endorse_refusal(table, seat, move)
        or _withdraw_refusal(table, seat, move)
        or _package_refusal(table, move)
    )


def _endorse_refusal(table: Table, seat: str, move: Move) -> Refusal | None:
    if len(set(move.endorse)) != len(move.endorse):
        return Refusal(code="already-endorsed", reason="An offer is endorsed once.")
    for number in move.endorse:
        if seat in table.backers(number):
            return Refusal(code="already-endorsed", reason=f"You stand behind offer {number}.")
        if any(w.offer == number for w in move.withdraw):
            return Refusal(
                code="both-ways", reason=f"Endorse offer {number} or withdraw from it, not both."
            )
    return None


def _withdraw_refusal(table: Table, seat: str, move: Move) -> Refusal | None:
    if len({w.offer for w in move.withdraw}) != len(move.withdraw):
        return Refusal(code="not-endorsed", reason="An endorsement is withdrawn once.")
    for withdrawal in move.withdraw:
        if seat not in table.backers(withdrawal.offer):
            return Refusal(
                code="not-endorsed", reason=f"You do not stand behind offer {withdrawal.offer}."
            )
        if not withdrawal.reason.strip():
            return Refusal(code="no-reason", reason="Say why you withdraw your endorsement.")
    return None


def _package_refusal(table: Table, move: Move) -> Refusal | None:
    if move.package is None:
        return None
    if not table.agenda.complete(move.package):
        return Refusal(
            code="incomplete",
            reason=f"A package settles all {len(table.case.issues)} issues with known options.",
        )
    held = table.offer_of(move.package)
    if held is not None:
        return Refusal(
            code="duplicate",
            reason=f"This very package is on the table as offer {held.number}: endorse it.",
        )
    return None


def _floor_refusal(table: Table, seat: str, move: Move) -> Refusal | None:
    """The guard: on the server's stored packages, never on the seat's word for them."""
    named = [table.offers[number - 1].package for number in move.endorse]
    if move.package is not None:
        named.append(move.package)
    for package in named:
        refusal = underfloor(table, seat, package, override=move.override)
        if refusal is not None:
            return refusal
    return None


def underfloor(table: Table, seat: str, package: Package, *, override: bool) -> Refusal | None:
    """Refuse a package below the seat's floor: always to an AI seat, to a person unless meant.

    A table in record mode, which has no people at it, lets it through to be counted.
    """
    found = guard.breaches(table.case, seat, package, table.preset)
    if not found or table.session.record:
        return None
    reasons = "; ".join(breach.reason for breach in found)
    if table.occupants.get(seat) != "person":
        return Refusal(code="below-floor", reason=f"Not this package: {reasons}.")
    if override:
        return None
    return Refusal(code="own-line", reason=f"Your own instructions stand against it: {reasons}.")
