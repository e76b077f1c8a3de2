"""The zone of a case under one preset: its size, its edges, and the deals theory would pick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.bargaining import (
    Reach,
    Survey,
    kalai_smorodinsky,
    max_min,
    nash,
    survey,
    undominated,
)
from app.domain.case import Case
from app.domain.opening import Opening
from app.domain.terms import Issue, Package

CONCEPTS = {"nash": nash, "kalai-smorodinsky": kalai_smorodinsky, "max-min": max_min}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A package with every seat's total and its gain over no deal."""

    package: Package
    totals: Mapping[str, int]
    gains: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """What a case allows under one preset, in numbers.

    `deals` holds the package of each solution concept, or None for an empty zone. `middle` and
    `references` say which packages would pass the case's rule if every seat that could sign did.
    """

    preset: str
    packages: int
    signable: int
    passing: int
    nearly: int
    frontier: int
    own: Mapping[str, Reach]
    joint: Mapping[str, Reach]
    held_up: Mapping[str, int]
    no_deal: Mapping[str, int]
    floors: Mapping[str, int]
    deals: Mapping[str, Deal | None]
    middle: bool
    references: Mapping[str, bool]

    @property
    def share(self) -> float:
        """How often a package drawn at random passes: the random baseline."""
        return self.passing / self.packages


def zone(case: Case, preset: str) -> tuple[Zone, Survey]:
    """The zone, and the survey it was read from."""
    found = survey(case, preset)
    deals: dict[str, Deal | None] = {}
    for name, concept in CONCEPTS.items():
        row = concept(found.totals, found.no_deal)
        number = None if row is None else int(found.numbers[row])
        deals[name] = None if number is None else deal(case, case.agenda.package(number))
    described = Zone(
        preset=preset,
        packages=found.count,
        signable=found.signable,
        passing=found.passing,
        nearly=found.nearly,
        frontier=len(undominated(case, found)),
        own=found.own,
        joint={seat: found.joint(seat) for seat in case.seat_ids},
        held_up=found.held_up,
        no_deal={seat: sum(case.mandates[seat].no_deal) for seat in case.seat_ids},
        floors={seat: case.floor(seat, preset).total for seat in case.seat_ids},
        deals=deals,
        middle=passes(case, middle(case), preset),
        references={r.id: passes(case, r.package, preset) for r in case.references},
    )
    return described, found


def deal(case: Case, package: Package) -> Deal:
    """A package with what it is worth to every seat."""
    totals = {seat: case.mandates[seat].total(package) for seat in case.seat_ids}
    gains = {seat: total - sum(case.mandates[seat].no_deal) for seat, total in totals.items()}
    return Deal(package=package, totals=totals, gains=gains)


def middle(case: Case) -> Package:
    """The option in the middle of every issue in the author's order, the earlier of two."""
    return tuple(issue.options[(len(issue.options) - 1) // 2].id for issue in case.issues)


def passes(case: Case, package: Package, preset: str) -> bool:
    """Whether the package meets the case's rule when every seat that could sign it does."""
    able = (seat for seat in case.seat_ids if not case.breaches(seat, package, preset))
    return case.rule.passes(frozenset(able))


def ways(case: Case, single: Sequence[Opening], together: Sequence[Opening]) -> list[str]:
    """Changes that open an empty zone, in words: the smallest first."""
    found = [_way(case, opening) for opening in single]
    points = sum(opening.points for opening in together)
    smallest = min((opening.points for opening in single if not opening.line), default=None)
    if together and (smallest is None or points < smallest):
        parts = ", ".join(_way(case, opening) for opening in together)
        found.insert(0, f"{parts} (together {points} points, the fewest that do)")
    return found


def _way(case: Case, opening: Opening) -> str:
    """One change in words."""
    name = case.seat(opening.seat).short
    if opening.line:
        return f"drop red line {opening.line} of {name}"
    mandate, lowered = case.mandates[opening.seat], opening.floor - opening.points
    told = f"lower the least total of {name} from {opening.floor} to {lowered}"
    signing = sum(mandate.no_deal) + case.gain
    if lowered < signing:
        told += f" (its no deal plus {case.gain} is {signing}: that must come down too)"
    return told


def restricted(case: Case, require: Mapping[str, tuple[str, ...]]) -> Case:
    """The case with only these options on the issues named."""
    return replace(case, issues=tuple(_only(issue, require) for issue in case.issues))


def _only(issue: Issue, require: Mapping[str, tuple[str, ...]]) -> Issue:
    """The issue with the required options, or as it is."""
    if issue.id not in require:
        return issue
    kept = tuple(option for option in issue.options if option.id in require[issue.id])
    return replace(issue, options=kept)
