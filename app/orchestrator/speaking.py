"""Who speaks next: pure floor policies over the public record, each with its reason."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from app.domain.table import PLENARY, Offer, Table

POLICIES = ("list", "mention", "bid")


def speaking_list(table: Table, round_number: int) -> tuple[str, ...]:
    """The list of a round: drawn by the seed once, and begun one seat later every round."""
    seats = _drawn(table.seed, table.case.seat_ids)
    start = round_number % len(seats)
    return seats[start:] + seats[:start]


@lru_cache(maxsize=256)
def _drawn(seed: int, seats: tuple[str, ...]) -> tuple[str, ...]:
    """The seats in the order that a seed draws."""
    return tuple(
        sorted(seats, key=lambda seat: hashlib.sha256(f"{seed}/list/{seat}".encode()).digest())
    )


def next_speaker(table: Table) -> tuple[str, str] | None:
    """The seat that gets the floor and why; None when all have spoken in this round."""
    spoken, present = table.spoken, table.present
    order = [
        seat for seat in speaking_list(table, table.round) if seat not in spoken and seat in present
    ]
    if not order:
        return None
    policy = table.session.floor if table.round > 0 else "list"
    if policy == "mention":
        asked = addressed(table)
        if asked in order:
            return asked, "addressed by the last speaker"
        return order[0], "next on the list; nobody waiting was addressed"
    if policy == "bid":
        bids = {seat: bid(table, seat) for seat in order}
        turns = {seat: sum(move.seat == seat for move in table.moves) for seat in order}
        best = min(order, key=lambda seat: (-bids[seat][0], turns[seat], order.index(seat)))
        return best, f"bid {bids[best][0]}: {bids[best][1]}"
    return order[0], "next on the list"


def addressed(table: Table) -> str:
    """The seat to which the last words in plenary were addressed, or ''."""
    for remark in reversed(table.words):
        if remark.room == PLENARY:
            return remark.speech.to or ""
    return ""


def bid(table: Table, seat: str) -> tuple[int, str]:
    """How urgently a seat asks for the floor, 0 to 4, from public acts alone."""
    if addressed(table) == seat:
        return 4, "it was addressed and answers"
    since = max((move.turn for move in table.moves if move.seat == seat), default=0)
    fresh = [offer for offer in table.offers if offer.turn > since and offer.by != seat]
    if any(_touches_own_issue(table, seat, offer) for offer in fresh):
        return 3, "a new text moves an issue it owns"
    mine = {offer.number for offer in table.offers if offer.by == seat}
    later = [move for move in table.moves if move.turn > since and move.seat != seat]
    if any(mine & set(move.move.endorse) for move in later):
        return 2, "its text won support"
    if fresh:
        return 1, "there is a new text to answer"
    return 0, "nothing new was put to it"


def _touches_own_issue(table: Table, seat: str, offer: Offer) -> bool:
    held = table.offer(table.latest.get(seat, 0))
    if held is None:
        return False
    changed = table.agenda.differences(held.package, offer.package)
    return any(seat in table.agenda.issues[place].owners for place in changed)
