"""A case as a small integer programme: a yes or no for every option, solved by HiGHS in scipy.

This is the one door to scipy, the optional extra `solve`; whoever may lack it imports this late.
Red lines, least totals and currencies are linear in the options chosen, so the programme is the
case itself and not a model of it. Each package found is added up again in whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

from app.domain.case import Case
from app.domain.space import points
from app.domain.terms import Package

Vector: TypeAlias = npt.NDArray[np.float64]
Part: TypeAlias = Literal["total", "currency", "line"]

NODES = 20_000
"""Branches HiGHS may try for one optimum. A count and no clock: the same answer everywhere."""

_INFEASIBLE, _UNCLEAR = 2, 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """Something a seat asks for: `weights` over the options chosen add up to at least `low`."""

    seat: str
    part: Part
    weights: Vector
    low: float
    line: str = ""

    @property
    def least(self) -> float:
        """A number that no package falls below: every negative weight at once."""
        return float(np.minimum(self.weights, 0).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A number beside the options that the programme may choose, between two ends."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Demand:
    """Like a Row, over the options and the columns beside them, of no seat in particular."""

    weights: Vector
    low: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one programme.

    `package` is the best one found, `bound` what no package exceeds in the objective. `none`
    says that it is proved that no package meets the rows.
    """

    package: Package | None = None
    bound: float = np.inf
    none: bool = False


class Programme:
    """The rows of a case under a preset, to be solved for many objectives."""

    def __init__(self, case: Case, preset: str, *, nodes: int = NODES) -> None:
        self.case = case
        self.preset = preset
        self.nodes = nodes
        self.sizes = case.agenda.sizes
        self.width = sum(self.sizes)
        self.worth = {
            seat: np.concatenate(points(case.agenda, case.mandates[seat])).astype(np.float64)
            for seat in case.seat_ids
        }
        self.total = {seat: worth.sum(axis=1) for seat, worth in self.worth.items()}
        self.floor = {seat: case.floor(seat, preset).total for seat in case.seat_ids}
        self.no_deal = {seat: sum(case.mandates[seat].no_deal) for seat in case.seat_ids}
        self.rows = tuple(row for seat in case.seat_ids for row in self._asks(seat))

    def gains(self, package: Package) -> dict[str, int]:
        """Each seat's total over no deal, in whole numbers."""
        mandates = self.case.mandates
        return {s: mandates[s].total(package) - self.no_deal[s] for s in self.case.seat_ids}

    def best(
        self,
        objective: Vector,
        *,
        rows: Iterable[Row] | None = None,
        demands: Sequence[Demand] = (),
        columns: Sequence[Column] = (),
    ) -> Answer:
        """Maximise an objective over the options and the columns beside them.

        `rows` are the seats' asks that hold: all unless told.
        """
        held = list(self.rows if rows is None else rows)
        beside = np.zeros(len(columns))
        every = [*(Demand(weights=np.append(r.weights, beside), low=r.low) for r in held), *demands]
        limits = [LinearConstraint(self._one_each(len(columns)), 1, 1)]
        if every:
            weights = np.stack([demand.weights for demand in every])
            limits.append(LinearConstraint(weights, [demand.low for demand in every], np.inf))
        whole = [1.0] * self.width + [float(column.whole) for column in columns]
        bounds = Bounds(
            [0.0] * self.width + [column.low for column in columns],
            [1.0] * self.width + [column.high for column in columns],
        )
        found = self._asked(-objective, whole, bounds, limits)
        if found.status == _INFEASIBLE:
            return Answer(none=True)
        bound = -found.mip_dual_bound if found.mip_dual_bound is not None else np.inf
        package = None if found.x is None else self._package(found.x)
        if package is not None and not self._meets(package, held):
            package = None  # rounding the programme's numbers broke a row: nothing is claimed
        return Answer(package=package, bound=float(bound))

    def _asked(self, cost: Vector, whole: list[float], bounds: Bounds, limits: list[Any]) -> Any:
        """Ask HiGHS; where its first look cannot tell unbounded from infeasible, ask again."""
        found = None
        for presolve in (True, False):
            options = {"node_limit": self.nodes, "mip_rel_gap": 0.0, "presolve": presolve}
            found = milp(
                cost, integrality=whole, bounds=bounds, constraints=limits, options=options
            )
            if found.status != _UNCLEAR:
                break
        return found

    def _one_each(self, beside: int) -> Vector:
        """Every issue carries exactly one of its options."""
        chosen = np.zeros((len(self.sizes), self.width + beside))
        start = 0
        for place, size in enumerate(self.sizes):
            chosen[place, start : start + size] = 1
            start += size
        return chosen

    def _package(self, chosen: Vector) -> Package:
        """The options that were said yes to."""
        parts = np.split(chosen[: self.width], np.cumsum(self.sizes)[:-1])
        return self.case.agenda.at(tuple(int(part.argmax()) for part in parts))

    def _meets(self, package: Package, rows: Iterable[Row]) -> bool:
        """Whether a package meets the rows, added up anew in whole numbers."""
        places = self.case.agenda.indices(package)
        starts = np.cumsum((0, *self.sizes[:-1]))
        chosen = np.zeros(self.width)
        chosen[starts + np.array(places)] = 1
        return all(round(float(row.weights @ chosen)) >= row.low for row in rows)

    def _asks(self, seat: str) -> list[Row]:
        """All that the seat's floor is made of."""
        mandate, floor = self.case.mandates[seat], self.case.floor(seat, self.preset)
        asks = [Row(seat=seat, part="total", weights=self.total[seat], low=floor.total)]
        if floor.strong:
            asks += [
                Row(seat=seat, part="currency", weights=self.worth[seat][:, place], low=held)
                for place, held in enumerate(floor.no_deal)
            ]
        for line in mandate.red_lines:
            listed = np.array(
                [
                    option.id in line.of.get(issue.id, ())
                    for issue in self.case.issues
                    for option in issue.options
                ],
                dtype=np.float64,
            )
            readable = all(issue in self.case.agenda.ids for issue in line.of)
            limit = line.limit if readable else -1  # what cannot be read is never signed
            asks.append(Row(seat=seat, part="line", weights=-listed, low=-limit, line=line.id))
        return asks
