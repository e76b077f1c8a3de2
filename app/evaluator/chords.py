"""The largest product of gains, enclosed from above by chords of the logarithm (Nash 1950)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from app.domain.solutions import product
from app.evaluator.optima import SCALE, Figure, Optima, figure
from app.evaluator.programme import Answer, Column, Demand, Row
from app.evaluator.zone import Deal, deal

ROUNDS = 60
"""Programmes solved at most on the way to the largest product of gains."""

LOG_MARGIN = 1e-5
"""Added to the bound of a logarithm for what HiGHS computes in floating point."""

_STEP = 1.25
_NEAR = 2 * LOG_MARGIN


def nash(
    optima: Optima, best: Mapping[str, Figure | None], known: Sequence[Figure]
) -> Figure | None:
    """The largest product of gains. `known` are figures whose packages are a start.

    A chord between neighbouring whole gains is the logarithm at both of them and above it at all
    other whole numbers, so each programme's optimum bounds every product from above. Chords at
    the gains of the package found make the next programme closer.
    """
    made = optima.made
    found = max((one.deal for one in known), key=_product, default=None)
    chords = _Chords(optima, *_ends(optima, best))
    for start in known:
        chords.add(start.deal.gains)
    ceiling = math.inf
    for _ in range(ROUNDS):
        answer = chords.solved()
        if answer.none:
            break
        ceiling = min(ceiling, answer.bound / SCALE + LOG_MARGIN)
        if answer.package is None:
            break
        one = deal(made.case, answer.package)
        if found is None or _product(one) > _product(found):
            found = one
        if ceiling - math.log(_product(found)) <= _NEAR or not chords.add(one.gains):
            break
    if found is None:
        return None
    value = _product(found)
    bound = math.exp(ceiling) if chords.open else 0.0
    return figure(value, bound, value + 1, found)


def _ends(
    optima: Optima, best: Mapping[str, Figure | None]
) -> tuple[dict[str, int], dict[str, int]]:
    """The least and the most each seat can gain where every seat gains something."""
    made = optima.made
    low = {seat: max(1, made.floor[seat] - made.no_deal[seat]) for seat in optima.seats}
    high = {}
    for seat, top in best.items():
        ideal = sum(int(part.max()) for part in optima.parts(seat))
        most = ideal if top is None or math.isinf(top.bound) else math.floor(top.bound)
        high[seat] = max(low[seat], most - made.no_deal[seat])
    return low, high


class _Chords:
    """What the logarithm of each gain stays below, ever closer.

    `open` is False once it is proved that in no package every seat gains something.
    """

    def __init__(self, optima: Optima, low: Mapping[str, int], high: Mapping[str, int]) -> None:
        self.optima = optima
        self.low, self.high = low, high
        self.open = True
        self.columns = [
            Column(low=SCALE * math.log(low[seat]), high=SCALE * math.log(high[seat]))
            for seat in optima.seats
        ]
        self.known: set[tuple[str, int]] = set()
        self.demands: list[Demand] = []
        for seat in optima.seats:
            at = low[seat]
            while at < high[seat]:
                self._chord(seat, at)
                at = max(at + 1, math.ceil(at * _STEP))
            self._chord(seat, max(low[seat], high[seat] - 1))
        self.rows = [*optima.made.rows, *(self._positive(seat) for seat in optima.seats)]

    def add(self, gains: Mapping[str, int]) -> bool:
        """Chords at these gains, to either side; False when all were known."""
        before = len(self.known)
        for seat, gain in gains.items():
            for at in (gain - 1, gain):
                if self.low[seat] <= at <= self.high[seat]:
                    self._chord(seat, at)
        return len(self.known) > before

    def solved(self) -> Answer:
        """The largest sum of what the chords allow."""
        count = len(self.columns)
        objective = np.append(np.zeros(self.optima.made.width), np.ones(count))
        answer = self.optima.asked(
            objective, rows=self.rows, demands=self.demands, columns=self.columns
        )
        self.open = self.open and not answer.none
        return answer

    def _chord(self, seat: str, at: int) -> None:
        if (seat, at) in self.known:
            return
        self.known.add((seat, at))
        made = self.optima.made
        slope = SCALE * math.log1p(1 / at)
        beside = -np.array([float(one == seat) for one in self.optima.seats])
        low = slope * (made.no_deal[seat] + at) - SCALE * math.log(at)
        self.demands.append(Demand(weights=np.append(slope * made.total[seat], beside), low=low))

    def _positive(self, seat: str) -> Row:
        made = self.optima.made
        low = made.no_deal[seat] + self.low[seat]
        return Row(seat=seat, part="total", weights=made.total[seat], low=low)


def _product(found: Deal) -> int:
    return product(tuple(found.gains.values()))
