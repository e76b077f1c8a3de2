"""Page 9: deals that were better for all, and everything one change away with who would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain import bargaining
from app.domain.bargaining import Change
from app.domain.case import Case
from app.domain.solutions import best_product
from app.domain.terms import Package
from app.evaluator import wording
from app.evaluator.debrief.floors import shortfall
from app.evaluator.debrief.ground import Ground, Untold
from app.evaluator.value import Assessment

BETTER = 5
"""Better deals shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """An issue and the option it would have instead."""

    issue: str
    title: str
    option: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Better:
    """A signable package that gives no seat less and some seat more than the text in force."""

    changes: tuple[Instead, ...]
    gains: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """One change: what it does to every seat's total, and who would have said no and why."""

    change: Instead
    shifts: Mapping[str, int]
    below: tuple[tuple[str, str], ...]
    losers: tuple[str, ...]
    harmless: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Page 9. `start` says what the changes start from; `dominators` counts all better packages."""

    start: str
    dominators: int
    better: tuple[Better, ...]
    aways: tuple[Away, ...]
    nearest: tuple[str, ...]


def leftover(on: Ground) -> Leftover | Untold:
    """The page; untold in a seat's view, and where there is nothing to start from."""
    found = on.found
    if found is None:
        return Untold(
            why="What else was possible is worked out from every sheet, and this view holds one.",
            how="It opens with the facilitator's debrief, when the sheets are opened.",
        )
    if found.start is None:
        return Untold(
            why="Nothing was tabled, so there is no text to start from.",
            how="The frontier page shows what could have been signed.",
        )
    in_force = found.final.package is not None
    count, better = _better(found, found.start) if in_force else (0, ())
    harmless = {(fix.change.issue, fix.change.option) for fix in found.fixes if fix.harmless}
    return Leftover(
        start="the text in force" if in_force else "the best-backed offer",
        dominators=count,
        better=better,
        aways=tuple(
            _away(found.case, found.ground.preset, change, harmless)
            for change in bargaining.one_change(found.case, found.ground.preset, found.start)
        ),
        nearest=tuple(wording.nearby(found)),
    )


def _better(found: Assessment, package: Package) -> tuple[int, tuple[Better, ...]]:
    """How many packages dominate, and the five with the largest product of gains over no deal."""
    case, survey = found.case, found.ground.found
    now = np.array([case.mandates[seat].total(package) for seat in case.seat_ids], np.int64)
    ahead = survey.totals - now
    rows = np.flatnonzero((ahead >= 0).all(axis=1) & (ahead > 0).any(axis=1))
    count = len(rows)
    picked: list[Better] = []
    while len(rows) and len(picked) < BETTER:
        best = best_product(survey.totals[rows] - survey.no_deal)
        row = int(rows[best])
        other = case.agenda.package(int(survey.numbers[row]))
        picked.append(
            Better(
                changes=tuple(
                    _change(case, case.issues[place].id, other[place])
                    for place in case.agenda.differences(package, other)
                ),
                gains={
                    seat: int(gain) for seat, gain in zip(case.seat_ids, ahead[row], strict=True)
                },
            )
        )
        rows = np.delete(rows, best)
    return count, tuple(picked)


def _change(case: Case, issue_id: str, option: str) -> Instead:
    issue = case.agenda.issue(issue_id)
    return Instead(
        issue=issue.id, title=issue.title, option=option, label=issue.option(option).label
    )


def _away(case: Case, preset: str, change: Change, harmless: set[tuple[str, str]]) -> Away:
    return Away(
        change=_change(case, change.issue, change.option),
        shifts={seat: sum(points) for seat, points in change.shifts.items() if any(points)},
        below=tuple(
            (seat, shortfall(case, preset, seat, change.package, found))
            for seat, found in change.refusals.items()
        ),
        losers=tuple(seat for seat in change.losers if seat not in change.refusals),
        harmless=(change.issue, change.option) in harmless,
    )
