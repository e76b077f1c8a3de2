"""Page 5: what every offer was worth to whom over the turns, and every seat's own steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from app.domain.table import Offer
from app.evaluator.debrief.ground import Bulletin, Caucus, Ground
from app.evaluator.process import step_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One issue on which an offer differs from the seat's one before; `own` is what it costs."""

    issue: str
    before: str
    after: str
    own: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one own offer to the next.

    `own` is the change for the seat itself, `others` that for all others added up (a convention;
    None where their sheets are closed). `kind` is the class of the step by these two; in a
    seat's view it is "gave", "took" or "level". `pleased` are the other seats for which the new
    offer is worth more than the one before, as far as sheets are known. `toward` are the seats
    whose own offers, tabled since the one before, had become better for this seat.
    """

    seat: str
    turn: int
    round: int
    offer: int
    since: int
    before: int
    after: int
    own: int
    others: int | None
    kind: str
    shifts: tuple[Shift, ...]
    pleased: tuple[str, ...]
    toward: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabled:
    """An offer, what it is worth to every seat known, and who stood behind it at the most."""

    number: int
    by: str
    turn: int
    round: int
    totals: Mapping[str, int]
    below: tuple[str, ...]
    peak: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One seat's part of the dance: its floor and no deal, and its steps."""

    seat: str
    no_deal: int
    floor: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dance:
    """Page 5. `deal` is the number of the offer signed, or None."""

    turns: int
    deal: int | None
    offers: tuple[Tabled, ...]
    parts: tuple[Part, ...]
    news: tuple[Bulletin, ...]
    caucuses: tuple[Caucus, ...]


def dance(on: Ground) -> Dance:
    """The page."""
    table, case = on.table, on.case
    peaks = peak_backers(on)
    return Dance(
        turns=table.turns,
        deal=table.deal.offer if table.deal else None,
        offers=tuple(
            Tabled(
                number=offer.number,
                by=offer.by,
                turn=offer.turn,
                round=offer.round,
                totals={seat: on.total(seat, offer.package) for seat in on.known},
                below=tuple(
                    seat for seat in on.known if case.breaches(seat, offer.package, table.preset)
                ),
                peak=peaks[offer.number],
            )
            for offer in table.offers
        ),
        parts=tuple(
            Part(
                seat=seat,
                no_deal=sum(case.mandates[seat].no_deal),
                floor=case.floor(seat, table.preset).total,
                steps=steps(on, seat),
            )
            for seat in on.known
        ),
        news=on.course.news,
        caucuses=on.course.caucuses,
    )


def peak_backers(on: Ground) -> dict[int, tuple[str, ...]]:
    """For every offer the most seats that stood behind it at once, in the case's order."""
    now: dict[int, set[str]] = {offer.number: set() for offer in on.table.offers}
    most: dict[int, set[str]] = {number: set() for number in now}
    for change in on.course.backing:
        held = now[change.offer]
        (held.add if change.given else held.discard)(change.seat)
        if len(held) > len(most[change.offer]):
            most[change.offer] = set(held)
    return {n: tuple(s for s in on.case.seat_ids if s in seats) for n, seats in most.items()}


def steps(on: Ground, seat: str) -> tuple[Step, ...]:
    """Every step of a seat whose sheet is known."""
    own = [offer for offer in on.table.offers if offer.by == seat]
    return tuple(_step(on, seat, old, new) for old, new in pairwise(own))


def _step(on: Ground, seat: str, old: Offer, new: Offer) -> Step:
    sheet = on.case.mandates[seat].sheet
    shifts = tuple(
        Shift(
            issue=issue.id,
            before=before,
            after=after,
            own=sum(row[after]) - sum(row[before]),
        )
        for issue, row, before, after in zip(
            on.case.issues, sheet, old.package, new.package, strict=True
        )
        if before != after
    )
    own = sum(shift.own for shift in shifts)
    others = None
    if on.whole:
        rest = [s for s in on.known if s != seat]
        others = sum(on.total(s, new.package) - on.total(s, old.package) for s in rest)
    kind = "gave" if own < 0 else "took" if own > 0 else "level"
    return Step(
        seat=seat,
        turn=new.turn,
        round=new.round,
        offer=new.number,
        since=old.number,
        before=on.total(seat, old.package),
        after=on.total(seat, new.package),
        own=own,
        others=others,
        kind=kind if others is None else step_kind(own, others),
        shifts=shifts,
        pleased=tuple(
            s for s in on.known if s != seat and on.total(s, new.package) > on.total(s, old.package)
        ),
        toward=toward(on, seat, old.number, new.number),
    )


def toward(on: Ground, seat: str, after: int, before: int) -> tuple[str, ...]:
    """Seats that tabled, between two offers, one better for this seat than their last."""
    last: dict[str, int] = {}
    moved: list[str] = []
    for offer in on.table.offers:
        if offer.number >= before:
            break
        worth = on.total(seat, offer.package)
        if offer.number > after and worth > last.get(offer.by, worth):
            moved.append(offer.by)
        last[offer.by] = worth
    return tuple(s for s in on.case.seat_ids if s in moved and s != seat)
