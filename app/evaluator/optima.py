"""The optima of a programme, each with the bound that proves how far it is from the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from app.domain.terms import Package
from app.evaluator.programme import Answer, Column, Demand, Programme, Row, Vector
from app.evaluator.zone import Deal, deal

SCALE = 1_000.0
"""Objectives that are no whole points are stretched, so that HiGHS's own tolerance (one part in
ten million of the objective) stays far below the margins."""

POINT_MARGIN, SHARE_MARGIN = 1e-3, 1e-6
"""Added to bounds for what HiGHS computes in floating point: points, shares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The best of something: `value` is that of `deal`, `bound` what no package exceeds."""

    value: float
    bound: float
    exact: bool
    deal: Deal

    @property
    def gap(self) -> float:
        """How much more than the value there could be, as a part of the value."""
        if self.exact:
            return 0.0
        return (self.bound - self.value) / abs(self.value) if self.value else math.inf


def figure(value: float, bound: float, following: float | Fraction, found: Deal) -> Figure:
    """A figure, exact when the bound stays below `following`, the least value above this one.

    A bound below what was found would be an error of arithmetic: it proves nothing.
    """
    if bound < value:
        return Figure(value=value, bound=math.inf, exact=False, deal=found)
    exact = bound < following
    return Figure(value=value, bound=value if exact else bound, exact=exact, deal=found)


class Optima:
    """What is best in a programme, concept by concept."""

    def __init__(self, made: Programme) -> None:
        self.made = made
        self.seats = made.case.seat_ids
        self.everybody: Vector = np.sum([made.total[seat] for seat in self.seats], axis=0)
        self.asked = made.best

    def highest(self, seat: str) -> Figure | None:
        """The seat's highest total among what all could sign."""
        answer = self.asked(self.made.total[seat])
        return self._points(answer, lambda found: found.totals[seat], 0)

    def joint_gain(self, answer: Answer) -> Figure | None:
        """The largest sum of gains: `answer` is to the sum of totals."""
        held = sum(self.made.no_deal.values())
        return self._points(answer, lambda found: sum(found.gains.values()), held)

    def max_min(self) -> Figure | None:
        """The largest smallest gain; among equals, the largest sum of gains."""
        reach = dict.fromkeys(self.seats, 1)
        answer = self._fairest(reach, 1.0)
        if answer.package is None:
            return None
        least = min(self.made.gains(answer.package).values())
        found = self._lifted(dict.fromkeys(self.seats, least), answer.package)
        value = min(found.gains.values())
        return figure(value, self.whole(answer), value + 1, found)

    def kalai_smorodinsky(self, best: Mapping[str, Figure | None]) -> Figure | None:
        """The largest smallest share of what a seat could gain, over the seats that could gain.

        It needs their highest totals exactly; None where those are not proved.
        """
        reach: dict[str, int] = {}
        for seat, top in best.items():
            if top is None or not top.exact:
                return None
            reach[seat] = int(top.value) - self.made.no_deal[seat]
        able = {seat: most for seat, most in reach.items() if most > 0}
        if not able:
            return None
        answer = self._fairest(able, SCALE)
        if answer.package is None:
            return None
        gains = self.made.gains(answer.package)
        share = min(Fraction(gains[seat], most) for seat, most in able.items())
        floors = {seat: math.ceil(share * most) for seat, most in able.items()}
        found = self._lifted(floors, answer.package)
        share = min(Fraction(found.gains[seat], most) for seat, most in able.items())
        # Shares are whole gains over whole reaches, so between two of them there is nothing.
        following = min(Fraction(math.floor(share * most) + 1, most) for most in able.values())
        return figure(float(share), answer.bound / SCALE + SHARE_MARGIN, following, found)

    def proved(self, answer: Answer, value: int) -> bool:
        """Whether nothing in whole points is better than what was found."""
        return answer.package is not None and value == self.whole(answer)

    def whole(self, answer: Answer) -> float:
        """The bound of an answer in whole points; infinite where there is none."""
        far = math.isinf(answer.bound)
        return answer.bound if far else math.floor(answer.bound + self.margin())

    def margin(self) -> float:
        """For floating point; it grows with the sheets: huge points prove less, not too much."""
        return POINT_MARGIN * max(1.0, float(np.abs(self.everybody).max()) / SCALE)

    def parts(self, seat: str) -> list[Vector]:
        """The seat's totals, issue by issue."""
        return np.split(self.made.total[seat], np.cumsum(self.made.sizes)[:-1])

    def _fairest(self, reach: Mapping[str, int], scale: float) -> Answer:
        """The largest number that every gain reaches, each counted in parts of the seat's reach."""
        demands = [
            Demand(
                weights=np.append(self.made.total[seat], -most / scale), low=self.made.no_deal[seat]
            )
            for seat, most in reach.items()
        ]
        ends = [
            part for seat in reach for row in self.parts(seat) for part in (row.min(), row.max())
        ]
        far = scale * (
            sum(abs(float(end)) for end in ends) + sum(map(abs, self.made.no_deal.values()))
        )
        objective = np.append(np.zeros(self.made.width), 1.0)
        return self.asked(objective, demands=demands, columns=[Column(low=-far, high=far)])

    def _lifted(self, least: Mapping[str, int], package: Package) -> Deal:
        """The package with the largest sum of gains that gives each seat so much."""
        rows = [
            Row(
                seat=seat,
                part="total",
                weights=self.made.total[seat],
                low=self.made.no_deal[seat] + gain,
            )
            for seat, gain in least.items()
        ]
        answer = self.asked(self.everybody, rows=[*self.made.rows, *rows])
        return deal(self.made.case, package if answer.package is None else answer.package)

    def _points(self, answer: Answer, value: Callable[[Deal], int], held: int) -> Figure | None:
        """A figure in whole points, `held` less than the programme's objective."""
        if answer.package is None:
            return None
        found = deal(self.made.case, answer.package)
        got = value(found)
        return figure(got, self.whole(answer) - held, got + 1, found)
