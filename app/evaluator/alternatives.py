"""What else there was: one-change-away fixes, the nearest deal for all, and solution points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain import bargaining
from app.domain.bargaining import Change, Leaves, Solution
from app.domain.case import Case
from app.domain.mandate import Breach
from app.domain.solutions import best_product
from app.domain.terms import Package, Points
from app.evaluator.verdict import Verdict, Yard

SOLUTIONS: tuple[tuple[Solution, str], ...] = (
    ("nash", "Nash: the largest product of gains"),
    ("kalai-smorodinsky", "Kalai-Smorodinsky: the most even shares of the possible gain"),
    ("max-min", "Max-min: the most for the seat that gains least"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A package worth comparing with: the author's, a solution concept's, or the table's own."""

    id: str
    title: str
    package: Package
    worth: Mapping[str, Points]
    signable: bool

    @property
    def totals(self) -> dict[str, int]:
        """Points over all currencies, per seat."""
        return {seat: sum(points) for seat, points in self.worth.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a seat would refuse a change: it is below its floor, or it loses by it."""

    seat: str
    breaches: tuple[Breach, ...]
    loss: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A package one issue away that takes nothing from anybody, or helps who got least.

    `harmless`: no seat's total falls, no currency of any seat sinks below no deal, and somebody
    gains. `helps`: the seats that got least, or nothing in a currency, to whom it gives more.
    """

    change: Change
    harmless: bool
    helps: tuple[str, ...]
    fills: tuple[tuple[str, str], ...]
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The nearest signable package that leaves nobody out in one reading; None: there is none.

    `shifts` holds each seat's gain or loss per currency against the package it starts from.
    """

    wanted: Leaves
    package: Package | None
    issues: tuple[str, ...]
    shifts: Mapping[str, Points]


def references(ground: Yard) -> tuple[Reference, ...]:
    """The solution points, then the case's own named packages."""
    case, found = ground.case, ground.found
    marks: list[Reference] = []
    for concept, title in SOLUTIONS:
        package = bargaining.solution(case, found, concept)
        if package is not None:
            marks.append(reference(ground, concept, title, package))
    marks += [reference(ground, named.id, named.title, named.package) for named in case.references]
    return tuple(marks)


def reference(ground: Yard, mark: str, title: str, package: Package) -> Reference:
    """A package with its worth to every seat."""
    case = ground.case
    return Reference(
        id=mark,
        title=title,
        package=package,
        worth={seat: case.mandates[seat].worth(package) for seat in case.seat_ids},
        signable=ground.found.holds(case, package),
    )


def fixes(ground: Yard, verdict: Verdict) -> tuple[Fix, ...]:
    """The changes of one issue that help: harmless ones, then those that cost others least.

    A seat pushed below its floor weighs more than any loss above it; ties keep agenda order.
    """
    if verdict.package is None:
        return ()
    changes = bargaining.one_change(ground.case, ground.preset, verdict.package)
    found = [_fix(ground.case, verdict, change) for change in changes]
    useful = [fix for fix in found if fix.harmless or fix.helps]
    return tuple(
        sorted(
            useful,
            key=lambda fix: (
                not fix.harmless,
                len(fix.change.refusals),
                -len(fix.fills),
                sum(objection.loss for objection in fix.objections),
            ),
        )
    )


def _fix(case: Case, verdict: Verdict, change: Change) -> Fix:
    """One change judged from the package it starts from."""
    fills: list[tuple[str, str]] = []
    sinks = False
    for seat in verdict.seats:
        for entry, shift in zip(seat.entries, change.shifts[seat.seat], strict=True):
            if entry.gain <= 0 < entry.gain + shift:
                fills.append((seat.seat, entry.currency))
            sinks = sinks or entry.gain + shift < min(0, entry.gain)
    weak = {*verdict.thinnest, *(seat for seat, _ in fills)}
    return Fix(
        change=change,
        harmless=not change.losers and not change.refusals and not sinks and bool(change.gainers),
        helps=tuple(s for s in case.seat_ids if s in weak and sum(change.shifts[s]) > 0),
        fills=tuple(fills),
        objections=tuple(
            Objection(
                seat=seat,
                breaches=change.refusals.get(seat, ()),
                loss=max(0, -sum(change.shifts[seat])),
            )
            for seat in case.seat_ids
            if seat in change.refusals or seat in change.losers
        ),
    )


def nearest(ground: Yard, package: Package | None, wanted: Leaves) -> Near | None:
    """The nearest deal that leaves nobody out; None when there is nothing to start from."""
    if package is None:
        return None
    case = ground.case
    found = bargaining.nearest(case, ground.found, package, wanted)
    if found is None:
        return Near(wanted=wanted, package=None, issues=(), shifts={})
    return Near(
        wanted=wanted,
        package=found,
        issues=tuple(case.issues[n].id for n in case.agenda.differences(package, found)),
        shifts={seat: _shift(case, seat, package, found) for seat in case.seat_ids},
    )


def _shift(case: Case, seat: str, old: Package, new: Package) -> Points:
    """What a seat gains or loses per currency from one package to another."""
    mandate = case.mandates[seat]
    pairs = zip(mandate.worth(new), mandate.worth(old), strict=True)
    return tuple(after - before for after, before in pairs)


def turned(ground: Yard, package: Package) -> Change | None:
    """The one change that makes a package signable by all: the largest product of gains."""
    case, found = ground.case, ground.found
    able = [
        change
        for change in bargaining.one_change(case, ground.preset, package)
        if found.holds(case, change.package)
    ]
    if not able:
        return None
    totals = np.array([[c.totals[seat] for seat in case.seat_ids] for c in able], np.int64)
    return able[best_product(totals - found.no_deal)]
