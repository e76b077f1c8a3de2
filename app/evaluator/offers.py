"""Every package that lay on the table: what it was worth to whom, and who stood behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.mandate import Breach
from app.domain.table import Offer, Table
from app.domain.terms import Package, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferValue:
    """One numbered package: its worth to every seat, its backers at their most and at the end.

    `refusals` says for each seat below whose floor it is why that seat could not sign it.
    """

    number: int
    by: str
    turn: int
    round: int
    package: Package
    worth: Mapping[str, Points]
    peak: tuple[str, ...]
    peak_turn: int
    backers: tuple[str, ...]
    refusals: Mapping[str, tuple[Breach, ...]]

    @property
    def totals(self) -> dict[str, int]:
        """Points over all currencies, per seat."""
        return {seat: sum(points) for seat, points in self.worth.items()}

    @property
    def signable(self) -> bool:
        """Whether it lay on or above every seat's floor."""
        return not self.refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a seat stood at the end: the last package it tabled and the last it backed."""

    seat: str
    tabled: int | None
    backed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """The seats behind an offer when they were most, and the turn at which they first were."""

    seats: frozenset[str]
    turn: int


def offer_values(table: Table) -> tuple[OfferValue, ...]:
    """All offers in the order of their numbers."""
    peaks = backings(table)
    return tuple(_valued(table, offer, peaks[offer.number]) for offer in table.offers)


def positions(table: Table) -> tuple[Position, ...]:
    """Every seat's last position, in the case's order."""
    tabled = {offer.by: offer.number for offer in table.offers}
    return tuple(
        Position(seat=seat, tabled=tabled.get(seat), backed=table.latest.get(seat))
        for seat in table.case.seat_ids
    )


def backings(table: Table) -> dict[int, Backing]:
    """For every offer the most seats that ever stood behind it at once."""
    now: dict[int, set[str]] = {offer.number: set() for offer in table.offers}
    peak = {o.number: Backing(seats=frozenset(), turn=o.turn) for o in table.offers}
    for moved in table.moves:
        for withdrawal in moved.move.withdraw:
            now[withdrawal.offer].discard(moved.seat)
        given = moved.move.endorse if moved.offer is None else (*moved.move.endorse, moved.offer)
        for number in given:
            now[number].add(moved.seat)
            if len(now[number]) > len(peak[number].seats):
                peak[number] = Backing(seats=frozenset(now[number]), turn=moved.turn)
    return peak


def _valued(table: Table, offer: Offer, peak: Backing) -> OfferValue:
    case = table.case
    found = {seat: case.breaches(seat, offer.package, table.preset) for seat in case.seat_ids}
    return OfferValue(
        number=offer.number,
        by=offer.by,
        turn=offer.turn,
        round=offer.round,
        package=offer.package,
        worth={seat: case.mandates[seat].worth(offer.package) for seat in case.seat_ids},
        peak=tuple(seat for seat in case.seat_ids if seat in peak.seats),
        peak_turn=peak.turn,
        backers=tuple(seat for seat in case.seat_ids if seat in table.backers(offer.number)),
        refusals={seat: reasons for seat, reasons in found.items() if reasons},
    )
