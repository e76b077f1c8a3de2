"""Page 10: what came in from outside, and what the seats said and tabled after it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.table import Offer
from app.evaluator.debrief.ground import Bulletin, Cite, Ground, Untold
from app.evaluator.evidence import sentences

_WORD = re.compile(r"[^\W\d_]{5,}")
_PLAIN = (
    "about after again against before being between could every first other their there these "
    "those three under until where which while would should shall still within without party "
    "parties table talks ahead given known makes taken today"
)

SHARED = 2
"""Longer words that a sentence has to share with a bulletin to count as taking it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """A seat's first turn after a bulletin: whether it tabled, and what that changed.

    `changed` are issues against the seat's own offer before, empty when it tabled nothing or
    its first; `own` is the change of its own points, None where its sheet is closed or there
    was no offer before.
    """

    seat: str
    turn: int
    offer: int | None
    changed: tuple[str, ...]
    own: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One bulletin. `taken` are the first words after it that share its longer words."""

    text: str
    inject: str
    turn: int
    round: int
    to: tuple[str, ...]
    planned: tuple[str, ...]
    taken: Cite | None
    after: tuple[After, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Page 10."""

    items: tuple[Item, ...]


def news(on: Ground) -> News | Untold:
    """The page; untold where no news came."""
    if not on.course.news:
        held = on.table.session.injects
        return Untold(
            why="No news reached this view of the table.",
            how=(
                "The case has none planned; the facilitator can send some by hand."
                if held
                else "The session ran without injects; open the table with them."
            ),
        )
    return News(items=tuple(_item(on, bulletin) for bulletin in on.course.news))


def _item(on: Ground, bulletin: Bulletin) -> Item:
    planned = next((x.exercises for x in on.case.injects if x.id == bulletin.inject), ())
    return Item(
        text=bulletin.text,
        inject=bulletin.inject,
        turn=bulletin.turn,
        round=bulletin.round,
        to=bulletin.to,
        planned=planned,
        taken=_taken(on, bulletin),
        after=tuple(
            _after(on, seat, bulletin.turn)
            for seat in on.case.seat_ids
            if not bulletin.to or seat in bulletin.to
            if any(moved.seat == seat and moved.turn > bulletin.turn for moved in on.table.moves)
        ),
    )


def _taken(on: Ground, bulletin: Bulletin) -> Cite | None:
    """The first sentence after a bulletin with two or more of its longer words.

    Words that had been said before it came do not count.
    """
    before = [line for line in on.lines if line.turn <= bulletin.turn]
    wanted = _words(bulletin.text)
    wanted -= {word for line in before for word in _words(line.remark.speech.text)}
    for line in on.lines:
        if line.turn <= bulletin.turn:
            continue
        for sentence in sentences(line.remark.speech.text):
            if len(wanted & _words(sentence)) >= SHARED:
                return on.cite(line, sentence)
    return None


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)} - set(_PLAIN.split())


def _after(on: Ground, seat: str, turn: int) -> After:
    """The seat's first turn after a turn."""
    moved = next(m for m in on.table.moves if m.seat == seat and m.turn > turn)
    own = [offer for offer in on.table.offers if offer.by == seat]
    offer = next((o for o in own if o.number == moved.offer), None)
    before = next((o for o in reversed(own) if offer and o.number < offer.number), None)
    return After(
        seat=seat,
        turn=moved.turn,
        offer=offer.number if offer else None,
        changed=_changed(on, before, offer),
        own=(
            on.total(seat, offer.package) - on.total(seat, before.package)
            if offer and before and seat in on.known
            else None
        ),
    )


def _changed(on: Ground, before: Offer | None, offer: Offer | None) -> tuple[str, ...]:
    if before is None or offer is None:
        return ()
    places = on.case.agenda.differences(before.package, offer.package)
    return tuple(on.case.issues[place].id for place in places)
