"""What can be said of a case too large to enumerate: optima with a proved bound, never a guess.

Every figure carries the value of a package that was found, and a bound that no package exceeds.
Where both are the same the figure is exact. What would need a list of all packages (how many
are signable, the frontier) is not said at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from app.domain.case import Case
from app.domain.opening import Opening
from app.domain.solutions import product
from app.domain.terms import Package
from app.evaluator.programme import NODES, Answer, Column, Demand, Programme, Row, Vector
from app.evaluator.zone import Deal, deal

ROUNDS = 60
"""Programmes solved at most on the way to the largest product of gains."""

SCALE = 1_000.0
"""Objectives that are no whole points are stretched, so that HiGHS's own tolerance (one part in
ten million of the objective) stays far below the margins."""

POINT_MARGIN, SHARE_MARGIN, LOG_MARGIN = 1e-3, 1e-6, 1e-5
"""Added to bounds for what HiGHS computes in floating point: points, shares, logarithms."""

_STEP = 1.25
_NEAR = 2e-5


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
    search = _Search(Programme(case, preset, nodes=nodes))
    first = search.asked(search.everybody)
    empty = True if first.none else False if first.package is not None else None
    best: dict[str, Figure | None] = dict.fromkeys(case.seat_ids)
    figures: dict[str, Figure | None] = dict.fromkeys(CONCEPTS)
    if empty is False:
        best = {seat: search.highest(seat) for seat in case.seat_ids}
        figures["joint-gain"] = search.joint_gain(first)
        figures["max-min"] = search.max_min()
        figures["kalai-smorodinsky"] = search.kalai_smorodinsky(best)
        figures["nash"] = search.nash(best, figures)
    openings, sure = search.openings() if empty else ((), True)
    easing, least = search.easing() if empty else ((), True)
    return Bounded(
        preset=preset,
        packages=case.agenda.count,
        reason=reason,
        empty=empty,
        no_deal=dict(search.made.no_deal),
        floors=dict(search.made.floor),
        best=best,
        figures=figures,
        passing=search.passing() if empty else None,
        openings=openings,
        easing=easing,
        openings_exact=sure and least,
    )


CONCEPTS = ("nash", "kalai-smorodinsky", "max-min", "joint-gain")


class _Search:
    """The optima of one programme."""

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
        bound = math.floor(answer.bound + self._margin())
        return Figure(value=value, bound=max(value, bound), exact=value >= bound, deal=found)

    def kalai_smorodinsky(self, best: Mapping[str, Figure | None]) -> Figure | None:
        """The largest smallest share of what a seat could gain; needs exact highest totals."""
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
        bound = answer.bound / SCALE + SHARE_MARGIN
        exact = bound < following
        value = float(share)
        return Figure(value=value, bound=value if exact else bound, exact=exact, deal=found)

    def nash(
        self, best: Mapping[str, Figure | None], figures: Mapping[str, Figure | None]
    ) -> Figure | None:
        """The largest product of gains, from above by chords of the logarithm.

        A chord between neighbouring whole gains is the logarithm at both and above it nowhere
        else that matters, so each programme's optimum bounds every product from above. Chords
        at the gains of the package found make the next one closer.
        """
        fair = figures["max-min"]
        if fair is not None and fair.bound <= 0:
            return Figure(value=0, bound=0, exact=True, deal=fair.deal)
        low = {seat: max(1, self.made.floor[seat] - self.made.no_deal[seat]) for seat in self.seats}
        high = {
            seat: max(low[seat], math.floor(top.bound) - self.made.no_deal[seat])
            if top is not None
            else sum(int(row.max()) for row in self._parts(seat)) - self.made.no_deal[seat]
            for seat, top in best.items()
        }
        chords = _Chords(self, low, high)
        known = [figure.deal for figure in figures.values() if figure is not None]
        for one in known:
            chords.add(one.gains)
        found = max(known, key=_product, default=None)
        ceiling = math.inf
        for _ in range(ROUNDS):
            answer = chords.solved()
            if answer.none:
                break
            ceiling = min(ceiling, answer.bound / SCALE + LOG_MARGIN)
            if answer.package is None:
                break
            one = deal(self.made.case, answer.package)
            if found is None or _product(one) > _product(found):
                found = one
            near = _product(found) and ceiling - math.log(_product(found)) <= _NEAR
            if near or not chords.add(one.gains):
                break
        if found is None or not _product(found):
            return None
        value = _product(found)
        bound = math.exp(ceiling)
        exact = bound < value + 1
        return Figure(value=value, bound=value if exact else bound, exact=exact, deal=found)

    def passing(self) -> bool | None:
        """Whether a package meets the case's rule though not everybody could sign it."""
        rule = self.made.case.rule
        if rule.at_least >= len(self.seats):
            return False
        signs = {seat: place for place, seat in enumerate(self.seats)}
        demands = []
        for row in self.made.rows:
            beside = np.zeros(len(self.seats))
            beside[signs[row.seat]] = min(0.0, row.least - row.low)
            # Who does not sign (0) asks for no more than any package gives.
            low = row.low + min(0.0, row.least - row.low)
            demands.append(Demand(weights=np.append(row.weights, beside), low=low))
        nothing = np.zeros(self.made.width)
        demands.append(
            Demand(weights=np.append(nothing, np.ones(len(self.seats))), low=rule.at_least)
        )
        musts = {*rule.required, *rule.vetoes}
        columns = [Column(low=float(seat in musts), high=1, whole=True) for seat in self.seats]
        objective = np.zeros(self.made.width + len(columns))
        answer = self.asked(objective, rows=(), demands=demands, columns=columns)
        return False if answer.none else True if answer.package is not None else None

    def openings(self) -> tuple[tuple[Opening, ...], bool]:
        """Single changes that open an empty zone, and whether the points are proved least."""
        floors: list[Opening] = []
        sure = True
        for seat in self.seats:
            rows = [row for row in self.made.rows if (row.seat, row.part) != (seat, "total")]
            answer = self.asked(self.made.total[seat], rows=rows)
            sure &= answer.none or self._proved(answer, self._total(seat, answer))
            if answer.package is not None:
                floor = self.made.floor[seat]
                points = floor - self._total(seat, answer)
                floors.append(Opening(seat=seat, points=points, floor=floor))
        floors.sort(key=lambda opening: (opening.points, self.seats.index(opening.seat)))
        lines: list[Opening] = []
        for line in (row for row in self.made.rows if row.part == "line"):
            rows = [row for row in self.made.rows if row is not line]
            answer = self.asked(np.zeros(self.made.width), rows=rows)
            sure &= answer.none or answer.package is not None
            if answer.package is not None:
                lines.append(Opening(seat=line.seat, line=line.line))
        return (*floors, *lines), sure

    def easing(self) -> tuple[tuple[Opening, ...], bool]:
        """Floors to lower together, with the fewest points in all, to open an empty zone."""
        count = len(self.seats)
        kept = [row for row in self.made.rows if row.part != "total"]
        demands = [
            Demand(
                weights=np.append(self.made.total[seat], np.eye(count)[place]),
                low=self.made.floor[seat],
            )
            for place, seat in enumerate(self.seats)
        ]
        columns = [
            Column(low=0, high=max(0.0, self.made.floor[seat] - self._least(seat)))
            for seat in self.seats
        ]
        objective = np.append(np.zeros(self.made.width), -np.ones(count))
        answer = self.asked(objective, rows=kept, demands=demands, columns=columns)
        if answer.package is None:
            return (), answer.none
        found = tuple(
            Opening(seat=seat, points=lack, floor=self.made.floor[seat])
            for seat in self.seats
            if (lack := self.made.floor[seat] - self._total(seat, answer)) > 0
        )
        return found, self._proved(answer, -sum(opening.points for opening in found))

    def _fairest(self, reach: Mapping[str, int], scale: float) -> Answer:
        """The largest number that every gain reaches, each counted in parts of the seat's reach."""
        demands = [
            Demand(
                weights=np.append(self.made.total[seat], -most / scale), low=self.made.no_deal[seat]
            )
            for seat, most in reach.items()
        ]
        ends = [
            part for seat in reach for row in self._parts(seat) for part in (row.min(), row.max())
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
        bound = math.floor(answer.bound + self._margin()) - held
        return Figure(value=got, bound=max(got, bound), exact=got >= bound, deal=found)

    def _proved(self, answer: Answer, value: int) -> bool:
        """Whether nothing in whole points is better than what was found."""
        return answer.package is not None and value >= math.floor(answer.bound + self._margin())

    def _margin(self) -> float:
        """For floating point; grows with the sheets, so that huge points prove less, not too much."""
        return POINT_MARGIN * max(1.0, float(np.abs(self.everybody).max()) / SCALE)

    def _total(self, seat: str, answer: Answer) -> int:
        mandate = self.made.case.mandates[seat]
        return 0 if answer.package is None else mandate.total(answer.package)

    def _parts(self, seat: str) -> list[Vector]:
        """The seat's totals, issue by issue."""
        return np.split(self.made.total[seat], np.cumsum(self.made.sizes)[:-1])

    def _least(self, seat: str) -> float:
        return sum(float(row.min()) for row in self._parts(seat))


class _Chords:
    """What the logarithm of each gain stays below, ever closer."""

    def __init__(self, search: _Search, low: Mapping[str, int], high: Mapping[str, int]) -> None:
        self.search = search
        self.low, self.high = low, high
        self.columns = [
            Column(low=SCALE * math.log(low[seat]), high=SCALE * math.log(high[seat]))
            for seat in search.seats
        ]
        self.known: set[tuple[str, int]] = set()
        self.demands: list[Demand] = []
        for seat in search.seats:
            at = low[seat]
            while at < high[seat]:
                self._chord(seat, at)
                at = max(at + 1, math.ceil(at * _STEP))
            self._chord(seat, max(low[seat], high[seat] - 1))
        self.rows = [*search.made.rows, *(self._positive(seat) for seat in search.seats)]

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
        objective = np.append(np.zeros(self.search.made.width), np.ones(count))
        return self.search.asked(
            objective, rows=self.rows, demands=self.demands, columns=self.columns
        )

    def _chord(self, seat: str, at: int) -> None:
        if (seat, at) in self.known:
            return
        self.known.add((seat, at))
        made = self.search.made
        slope = SCALE * math.log1p(1 / at)
        beside = -np.array([float(one == seat) for one in self.search.seats])
        low = slope * (made.no_deal[seat] + at) - SCALE * math.log(at)
        self.demands.append(Demand(weights=np.append(slope * made.total[seat], beside), low=low))

    def _positive(self, seat: str) -> Row:
        made = self.search.made
        low = made.no_deal[seat] + self.low[seat]
        return Row(seat=seat, part="total", weights=made.total[seat], low=low)


def _product(found: Deal) -> int:
    return product(tuple(found.gains.values()))
