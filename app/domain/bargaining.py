"""Bargaining over packages: how good one is, what would be better, and what is near it.

The feasible set is `survey`, a seat's own part of it `own_set`; both are exact. Everything here
reads whole mandates: it is for the facilitator, the evaluator and the mediator with full
information. A seat's own view is `own_set` and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from app.domain.case import Case
from app.domain.mandate import Breach
from app.domain.solutions import (
    best_product,
    frontier,
    frontier_dp,
    kalai_smorodinsky,
    leximin,
    max_min,
    nash,
    product,
)
from app.domain.space import (
    EXACT_LIMIT,
    Ints,
    Lens,
    OwnSet,
    TooLarge,
    choices,
    option_grid,
    own_set,
    points,
    scores,
    worths,
)
from app.domain.survey import JOINT_LIMIT, Reach, Survey, survey
from app.domain.terms import Package, Points

__all__ = [
    "EXACT_LIMIT",
    "JOINT_LIMIT",
    "Change",
    "Leaves",
    "Lens",
    "OwnSet",
    "Reach",
    "Survey",
    "TooLarge",
    "best_product",
    "choices",
    "dominated",
    "frontier",
    "improve",
    "joint_gain",
    "kalai_smorodinsky",
    "leximin",
    "max_min",
    "nash",
    "nash_ratio",
    "nearest",
    "one_change",
    "option_grid",
    "own_set",
    "scores",
    "shares",
    "solution",
    "surplus",
    "survey",
    "undominated",
    "uniform_gain",
    "worths",
]

Leaves: TypeAlias = Literal["signable", "strong", "each"]
"""What "leaves nobody out" asks for: signable by all; also no currency of any seat below no
deal; also every currency of every seat above no deal."""

Solution: TypeAlias = Literal["nash", "kalai-smorodinsky", "max-min"]

_CONCEPTS = {"nash": nash, "kalai-smorodinsky": kalai_smorodinsky, "max-min": max_min}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A package one option away from another, and what that would do.

    `shifts` holds each seat's gain or loss per currency against the package it came from;
    `refusals` why a seat could not sign it, for the seats that could not.
    """

    issue: str
    option: str
    package: Package
    totals: Mapping[str, int]
    shifts: Mapping[str, Points]
    refusals: Mapping[str, tuple[Breach, ...]]

    @property
    def gainers(self) -> tuple[str, ...]:
        """Seats whose total rises."""
        return tuple(seat for seat, shift in self.shifts.items() if sum(shift) > 0)

    @property
    def losers(self) -> tuple[str, ...]:
        """Seats whose total falls."""
        return tuple(seat for seat, shift in self.shifts.items() if sum(shift) < 0)


def solution(case: Case, found: Survey, concept: Solution) -> Package | None:
    """The package a solution concept picks among those all could sign; None without any."""
    row = _CONCEPTS[concept](found.totals, found.no_deal)
    return None if row is None else case.agenda.package(int(found.numbers[row]))


def undominated(case: Case, found: Survey) -> npt.NDArray[np.int64]:
    """Rows of the survey that no other dominates: the frontier of what all could sign.

    Where every package is signable it is found issue by issue, several times as fast.
    """
    if not found.signable or found.signable < found.count:
        return frontier(found.totals)
    sheets = [points(case.agenda, case.mandates[seat]) for seat in case.seat_ids]
    return frontier_dp(
        [
            np.stack([rows.sum(axis=1) for rows in part], axis=1)
            for part in zip(*sheets, strict=True)
        ]
    )


def surplus(case: Case, package: Package) -> tuple[int, ...]:
    """Each seat's total over no deal, in the case's order of seats."""
    mandates = (case.mandates[seat] for seat in case.seat_ids)
    return tuple(mandate.total(package) - sum(mandate.no_deal) for mandate in mandates)


def nash_ratio(case: Case, found: Survey, package: Package | None) -> float:
    """Product of gains over no deal, as a part of the best signable product; 0 without a deal.

    It can exceed 1 only for a package that somebody was not allowed to sign.
    """
    row = nash(found.totals, found.no_deal)
    if package is None or row is None:
        return 0.0
    best = product(tuple((found.totals[row] - found.no_deal).tolist()))
    return product(surplus(case, package)) / best if best else 0.0


def shares(case: Case, found: Survey, package: Package | None) -> dict[str, float]:
    """Each seat's (total - no deal) / (best signable - no deal); 0 without a deal.

    A seat that no signable package gives anything has a share of 0. The smallest of the values
    is the thinnest seat's.
    """
    if package is None:
        return dict.fromkeys(case.seat_ids, 0.0)
    reach = [top - int(held) for top, held in zip(found.best, found.no_deal, strict=True)]
    gains = zip(case.seat_ids, surplus(case, package), reach, strict=True)
    return {seat: gain / most if most > 0 else 0.0 for seat, gain, most in gains}


def joint_gain(case: Case, found: Survey, package: Package | None) -> float:
    """Sum of all gains over no deal, as a part of the largest signable sum; 0 without a deal.

    It adds points of different seats, which is a convention and not a measurement.
    """
    if package is None or not found.signable:
        return 0.0
    most = int((found.totals - found.no_deal).sum(axis=1).max())
    return sum(surplus(case, package)) / most if most > 0 else 0.0


def uniform_gain(case: Case, found: Survey, package: Package) -> int:
    """The largest number of points that some signable package gives every seat on top."""
    if not found.signable:
        return 0
    ahead = found.totals - _totals(case, package)
    return max(0, int(ahead.min(axis=1).max()))


def dominated(case: Case, found: Survey, package: Package) -> bool:
    """Whether a signable package gives some seat more and no seat less."""
    ahead = found.totals - _totals(case, package)
    return bool(((ahead >= 0).all(axis=1) & (ahead > 0).any(axis=1)).any())


def improve(case: Case, preset: str, package: Package, found: Survey) -> Package | None:
    """A signable package that harms nobody and is better; None when there is none.

    Nobody is harmed when no seat's total falls and no currency of any seat falls below no deal
    (one that is there already may stay, not sink). Better means that a total rises, or that
    every seat now keeps all its currencies where one did not. Packages that keep every currency
    of every seat come first, then the largest product of gains over no deal, then the smallest
    number.
    """
    if found.preset != preset:
        raise ValueError(f"the survey is of preset {found.preset}, not {preset}")
    now = _totals(case, package)
    rows = np.flatnonzero((found.totals >= now).all(axis=1))
    numbers = found.numbers[rows]
    harmless = np.ones(len(rows), dtype=np.bool_)
    whole = np.ones(len(rows), dtype=np.bool_)
    whole_now = True
    for seat in case.seat_ids:
        mandate = case.mandates[seat]
        held, has = np.array(mandate.no_deal), np.array(mandate.worth(package))
        worth = worths(case, seat, numbers)
        harmless &= (worth >= np.minimum(held, has)).all(axis=1)
        whole &= (worth >= held).all(axis=1)
        whole_now = whole_now and bool((has >= held).all())
    rises = found.totals[rows].sum(axis=1) > now.sum()
    better = harmless & (rises | (whole & (not whole_now)))
    if (better & whole).any():
        better &= whole
    if not better.any():
        return None
    choice = rows[better]
    picked = choice[best_product(found.totals[choice] - found.no_deal)]
    return case.agenda.package(int(found.numbers[picked]))


def nearest(
    case: Case, found: Survey, package: Package, wanted: Leaves = "strong"
) -> Package | None:
    """The nearest signable package that leaves nobody out in the sense wanted.

    Fewest issues changed, then the largest product of gains over no deal, then the smallest
    number; the package itself when it qualifies already; None when none does.
    """
    fits = _leaves_nobody_out(case, found.numbers, wanted)
    rows = np.flatnonzero(fits)
    if not len(rows):
        return None
    here = np.array(case.agenda.indices(package))
    changed = (choices(case.agenda, found.numbers[rows]) != here).sum(axis=1)
    close = rows[changed == changed.min()]
    picked = close[best_product(found.totals[close] - found.no_deal)]
    return case.agenda.package(int(found.numbers[picked]))


def _leaves_nobody_out(case: Case, numbers: Ints, wanted: Leaves) -> npt.NDArray[np.bool_]:
    """Which of these packages give every seat what `wanted` asks for in every currency."""
    fits = np.ones(len(numbers), dtype=np.bool_)
    if wanted == "signable":
        return fits
    for seat in case.seat_ids:
        gain = worths(case, seat, numbers) - np.array(case.mandates[seat].no_deal)
        fits &= (gain >= 0 if wanted == "strong" else gain > 0).all(axis=1)
    return fits


def one_change(case: Case, preset: str, package: Package) -> tuple[Change, ...]:
    """Every package one option away, in the order of the agenda and of its options."""
    worth = {seat: case.mandates[seat].worth(package) for seat in case.seat_ids}
    changes: list[Change] = []
    for place, issue in enumerate(case.issues):
        for option in issue.options:
            if option.id == package[place]:
                continue
            other = (*package[:place], option.id, *package[place + 1 :])
            changes.append(_change(case, preset, issue.id, other, worth))
    return tuple(changes)


def _change(
    case: Case, preset: str, issue: str, other: Package, before: Mapping[str, Points]
) -> Change:
    """What one change does to every seat."""
    after = {seat: case.mandates[seat].worth(other) for seat in case.seat_ids}
    breaches = {seat: case.breaches(seat, other, preset) for seat in case.seat_ids}
    return Change(
        issue=issue,
        option=other[case.agenda.index(issue)],
        package=other,
        totals={seat: sum(got) for seat, got in after.items()},
        shifts={
            seat: tuple(new - old for new, old in zip(after[seat], had, strict=True))
            for seat, had in before.items()
        },
        refusals={seat: found for seat, found in breaches.items() if found},
    )


def _totals(case: Case, package: Package) -> npt.NDArray[np.int64]:
    """Every seat's total of one package."""
    return np.array([case.mandates[seat].total(package) for seat in case.seat_ids], np.int64)
