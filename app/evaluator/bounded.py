"""What can be said of a case too large to enumerate: optima with a proved bound, never a guess.

Every figure carries the value of a package that was found, and a bound that no package exceeds.
Where both are the same the figure is exact. What would need a list of all packages (how many
are signable, the frontier) is not said at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.case import Case
from app.domain.opening import Opening
from app.evaluator.chords import nash
from app.evaluator.optima import Figure, Optima
from app.evaluator.programme import NODES, Answer, Column, Demand, Programme
from app.evaluator.zone import passes

CONCEPTS = ("nash", "kalai-smorodinsky", "max-min", "joint-gain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A case under one preset, by integer programmes.

    `empty` is True or False where it is proved, None where the search ended before. `figures`
    holds max-min, joint-gain, kalai-smorodinsky and nash, `best` each seat's highest total;
    None stands for nothing found. `passing` says, of an empty zone, whether the case's rule
    lets a package pass all the same. `openings` are single changes of a mandate that open an
    empty zone, `easing` the floors that open it together with the fewest points in all.
    """

    preset: str
    packages: int
    reason: str
    empty: bool | None
    no_deal: Mapping[str, int]
    floors: Mapping[str, int]
    best: Mapping[str, Figure | None]
    figures: Mapping[str, Figure | None]
    passing: bool | None
    openings: tuple[Opening, ...]
    easing: tuple[Opening, ...]
    openings_exact: bool


def bounded(case: Case, preset: str, reason: str, *, nodes: int = NODES) -> Bounded:
    """Solve a case by integer programmes. `reason` says why it is not enumerated."""
    optima = Optima(Programme(case, preset, nodes=nodes))
    first = optima.asked(optima.everybody)
    empty = True if first.none else False if first.package is not None else None
    best: dict[str, Figure | None] = dict.fromkeys(case.seat_ids)
    figures: dict[str, Figure | None] = dict.fromkeys(CONCEPTS)
    if empty is False:
        best = {seat: optima.highest(seat) for seat in case.seat_ids}
        figures["joint-gain"] = optima.joint_gain(first)
        figures["max-min"] = optima.max_min()
        figures["kalai-smorodinsky"] = optima.kalai_smorodinsky(best)
        known = [figure for figure in figures.values() if figure is not None]
        figures["nash"] = nash(optima, best, known)
    single, sure = _openings(optima) if empty else ((), True)
    easing, least = _easing(optima) if empty else ((), True)
    return Bounded(
        preset=preset,
        packages=case.agenda.count,
        reason=reason,
        empty=empty,
        no_deal=dict(optima.made.no_deal),
        floors=dict(optima.made.floor),
        best=best,
        figures=figures,
        passing=_passing(optima, preset) if empty else None,
        openings=single,
        easing=easing,
        openings_exact=sure and least,
    )


def _passing(optima: Optima, preset: str) -> bool | None:
    """Whether a package meets the case's rule though not everybody could sign it."""
    rule = optima.made.case.rule
    if rule.at_least >= len(optima.seats):
        return False
    signs = {seat: place for place, seat in enumerate(optima.seats)}
    demands = []
    for row in optima.made.rows:
        beside = np.zeros(len(optima.seats))
        beside[signs[row.seat]] = min(0.0, row.least - row.low)
        # Who does not sign (0) asks for no more than any package gives.
        low = row.low + min(0.0, row.least - row.low)
        demands.append(Demand(weights=np.append(row.weights, beside), low=low))
    nothing = np.zeros(optima.made.width)
    demands.append(
        Demand(weights=np.append(nothing, np.ones(len(optima.seats))), low=rule.at_least)
    )
    musts = {*rule.required, *rule.vetoes}
    columns = [Column(low=float(seat in musts), high=1, whole=True) for seat in optima.seats]
    objective = np.zeros(optima.made.width + len(columns))
    answer = optima.asked(objective, rows=(), demands=demands, columns=columns)
    if answer.none:
        return False
    if answer.package is None or not passes(optima.made.case, answer.package, preset):
        return None
    return True


def _openings(optima: Optima) -> tuple[tuple[Opening, ...], bool]:
    """Single changes that open an empty zone, and whether the points are proved least."""
    floors: list[Opening] = []
    sure = True
    for seat in optima.seats:
        rows = [row for row in optima.made.rows if (row.seat, row.part) != (seat, "total")]
        answer = optima.asked(optima.made.total[seat], rows=rows)
        sure &= answer.none or optima.proved(answer, _total(optima, seat, answer))
        if answer.package is not None:
            floor = optima.made.floor[seat]
            points = floor - _total(optima, seat, answer)
            floors.append(Opening(seat=seat, points=points, floor=floor))
    floors.sort(key=lambda opening: (opening.points, optima.seats.index(opening.seat)))
    lines: list[Opening] = []
    for line in (row for row in optima.made.rows if row.part == "line"):
        rows = [row for row in optima.made.rows if row is not line]
        answer = optima.asked(np.zeros(optima.made.width), rows=rows)
        sure &= answer.none or answer.package is not None
        if answer.package is not None:
            lines.append(Opening(seat=line.seat, line=line.line))
    return (*floors, *lines), sure


def _easing(optima: Optima) -> tuple[tuple[Opening, ...], bool]:
    """Floors to lower together, with the fewest points in all, to open an empty zone."""
    count = len(optima.seats)
    kept = [row for row in optima.made.rows if row.part != "total"]
    demands = [
        Demand(
            weights=np.append(optima.made.total[seat], np.eye(count)[place]),
            low=optima.made.floor[seat],
        )
        for place, seat in enumerate(optima.seats)
    ]
    columns = [
        Column(low=0, high=max(0.0, optima.made.floor[seat] - _least(optima, seat)))
        for seat in optima.seats
    ]
    objective = np.append(np.zeros(optima.made.width), -np.ones(count))
    answer = optima.asked(objective, rows=kept, demands=demands, columns=columns)
    if answer.package is None:
        return (), answer.none
    found = tuple(
        Opening(seat=seat, points=lack, floor=optima.made.floor[seat])
        for seat in optima.seats
        if (lack := optima.made.floor[seat] - _total(optima, seat, answer)) > 0
    )
    return found, optima.proved(answer, -sum(opening.points for opening in found))


def _total(optima: Optima, seat: str, answer: Answer) -> int:
    mandate = optima.made.case.mandates[seat]
    return 0 if answer.package is None else mandate.total(answer.package)


def _least(optima: Optima, seat: str) -> float:
    return sum(float(row.min()) for row in optima.parts(seat))
