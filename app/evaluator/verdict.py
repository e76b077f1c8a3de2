"""The verdict on one package: what each seat got in each currency, and how good the deal is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.domain import bargaining
from app.domain.bargaining import Survey
from app.domain.case import Case
from app.domain.mandate import Breach, Mandate
from app.domain.terms import Package, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """An option of the package that moves one seat's account in one currency."""

    issue: str
    option: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One seat and one currency: held at no deal, got, and the options that earn it."""

    currency: str
    held: int
    got: int
    earned: tuple[Earning, ...]

    @property
    def gain(self) -> int:
        """What the text is worth over no deal in this currency."""
        return self.got - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """A red line of a seat: on which issues the text carries a listed option, and is it kept."""

    id: str
    text: str
    status: str
    touched: tuple[str, ...]
    limit: int
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The three readings of something of value; they are always reported together.

    `any`: no red line crossed and the total at least no deal plus the case's gain. `strong`:
    that, and no currency below no deal. `each`: every currency above no deal.
    """

    any: bool
    strong: bool
    each: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatVerdict:
    """One seat's account.

    `best` is its highest total over what all seats could sign, None when there is no such
    package; `use` its (total - no deal) / (best - no deal). `overridden` marks a seat that put
    its name to this offer below its own floor by an explicit override.
    """

    seat: str
    entries: tuple[Entry, ...]
    readings: Readings
    lines: tuple[LineState, ...]
    least: int
    refusals: tuple[Breach, ...]
    best: int | None
    use: float | None
    overridden: bool

    @property
    def total(self) -> int:
        """Points over all currencies."""
        return sum(entry.got for entry in self.entries)

    @property
    def held(self) -> int:
        """Points over all currencies at no deal."""
        return sum(entry.held for entry in self.entries)

    @property
    def gain(self) -> int:
        """What the text is worth over no deal."""
        return self.total - self.held

    @property
    def mandate_met(self) -> bool:
        """Whether the total reaches what the capital asks for; true where it asks for nothing."""
        return self.total >= self.least

    @property
    def crossed(self) -> tuple[LineState, ...]:
        """The red lines the text crosses."""
        return tuple(line for line in self.lines if not line.kept)

    @property
    def lacking(self) -> tuple[Entry, ...]:
        """The currencies in which the seat has nothing over no deal."""
        return tuple(entry for entry in self.entries if entry.gain <= 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How good a package is for the table, against everything all seats could sign.

    `joint_*` add points of different seats: a convention, not a measurement. `distance` is the
    straight line in points from the seats' totals to the nearest undominated signable package;
    `uniform_gain` the points that some signable package gives every seat on top. What has no
    meaning without a signable package is None.
    """

    nash_ratio: float
    least_gain: int
    best_least_gain: int | None
    joint_gain: int
    joint_best: int | None
    joint_used: float | None
    distance: float | None
    uniform_gain: int
    dominators: int
    on_frontier: bool

    @property
    def joint_left(self) -> float | None:
        """The part of the largest joint gain that stayed on the table."""
        return None if self.joint_used is None else 1.0 - self.joint_used


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One package judged; without a package every seat holds what no deal leaves it."""

    package: Package | None
    seats: tuple[SeatVerdict, ...]
    thinnest: tuple[str, ...]
    measures: Measures

    @property
    def readings(self) -> Readings:
        """The readings for the table: each holds when it holds for every seat."""
        return Readings(
            any=all(seat.readings.any for seat in self.seats),
            strong=all(seat.readings.strong for seat in self.seats),
            each=all(seat.readings.each for seat in self.seats),
        )

    @property
    def lacking(self) -> tuple[tuple[str, Entry], ...]:
        """Every seat and currency with nothing over no deal."""
        return tuple((seat.seat, entry) for seat in self.seats for entry in seat.lacking)

    def seat(self, seat_id: str) -> SeatVerdict:
        """One seat's account; KeyError when there is none."""
        for seat in self.seats:
            if seat.seat == seat_id:
                return seat
        raise KeyError(seat_id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Yard:
    """What packages are measured against: the survey, and its undominated rows."""

    case: Case
    preset: str
    found: Survey
    edge: npt.NDArray[np.int64]


def yard(case: Case, preset: str, found: Survey) -> Yard:
    """The yardstick of a case under a preset."""
    rows = bargaining.undominated(case, found)
    return Yard(case=case, preset=preset, found=found, edge=rows)


def judge(
    ground: Yard, package: Package | None, overridden: frozenset[str] = frozenset()
) -> Verdict:
    """The verdict on a package; None stands for no deal."""
    shares: Mapping[str, float | None] = dict.fromkeys(ground.case.seat_ids)
    if ground.found.signable:
        shares = bargaining.shares(ground.case, ground.found, package)
    seats = tuple(
        _seat(ground, seat, package, shares[seat], seat in overridden)
        for seat in ground.case.seat_ids
    )
    return Verdict(
        package=package,
        seats=seats,
        thinnest=_thinnest(seats) if package is not None else (),
        measures=_measures(ground, package, seats),
    )


def _seat(
    ground: Yard, seat: str, package: Package | None, use: float | None, overridden: bool
) -> SeatVerdict:
    """One seat's account of a package."""
    case, mandate = ground.case, ground.case.mandates[seat]
    entries = _entries(case, mandate, package)
    lines = _lines(case, mandate, package)
    floor = case.floor(seat, ground.preset)
    gains = [entry.gain for entry in entries]
    anything = package is not None and all(line.kept for line in lines) and sum(gains) >= case.gain
    return SeatVerdict(
        seat=seat,
        entries=entries,
        readings=Readings(
            any=anything,
            strong=anything and all(gain >= 0 for gain in gains),
            each=package is not None and all(gain > 0 for gain in gains),
        ),
        lines=lines,
        least=floor.least,
        refusals=case.breaches(seat, package, ground.preset) if package is not None else (),
        best=ground.found.best[case.seat_ids.index(seat)] if ground.found.signable else None,
        use=use,
        overridden=overridden,
    )


def _entries(case: Case, mandate: Mandate, package: Package | None) -> tuple[Entry, ...]:
    """The account, currency by currency."""
    held = mandate.no_deal
    got: Points = held if package is None else mandate.worth(package)
    return tuple(
        Entry(
            currency=currency,
            held=held[place],
            got=got[place],
            earned=_earned(case, mandate, package, place),
        )
        for place, currency in enumerate(case.currencies)
    )


def _earned(
    case: Case, mandate: Mandate, package: Package | None, currency: int
) -> tuple[Earning, ...]:
    """The options that move this currency, the weightiest first, then in agenda order."""
    if package is None:
        return ()
    rows = zip(case.issues, mandate.sheet, package, strict=True)
    found = [
        Earning(issue=issue.id, option=option, points=row[option][currency])
        for issue, row, option in rows
        if row[option][currency]
    ]
    return tuple(sorted(found, key=lambda earning: -earning.points))


def _lines(case: Case, mandate: Mandate, package: Package | None) -> tuple[LineState, ...]:
    """Every red line: touched where, kept or not. Nothing is crossed where nothing is signed."""
    settled = {} if package is None else case.agenda.as_mapping(package)
    return tuple(
        LineState(
            id=line.id,
            text=line.text,
            status=line.status,
            touched=line.touched(settled),
            limit=line.limit,
            kept=package is None or line.holds(settled),
        )
        for line in mandate.red_lines
    )


def _thinnest(seats: tuple[SeatVerdict, ...]) -> tuple[str, ...]:
    """The seats with the smallest share of what they could have gained."""
    keys = {s.seat: float(s.gain) if s.use is None else s.use for s in seats}
    least = min(keys.values())
    return tuple(seat for seat, key in keys.items() if key == least)


def _measures(ground: Yard, package: Package | None, seats: tuple[SeatVerdict, ...]) -> Measures:
    """The figures for the table."""
    case, found = ground.case, ground.found
    gains = [seat.gain for seat in seats]
    totals = np.array([seat.total for seat in seats], np.int64)
    ahead = found.totals - totals
    better = (ahead >= 0).all(axis=1) & (ahead > 0).any(axis=1)
    reach = found.totals - found.no_deal
    joint = int(reach.sum(axis=1).max()) if found.signable else None
    row = None if package is None else found.row(case.agenda.number(package))
    return Measures(
        nash_ratio=bargaining.nash_ratio(case, found, package),
        least_gain=min(gains),
        best_least_gain=int(reach.min(axis=1).max()) if found.signable else None,
        joint_gain=sum(gains),
        joint_best=joint,
        joint_used=sum(gains) / joint if joint else None,
        distance=_distance(ground, totals),
        uniform_gain=max(0, int(ahead.min(axis=1).max())) if found.signable else 0,
        dominators=int(np.count_nonzero(better)),
        on_frontier=row is not None and bool((ground.edge == row).any()),
    )


def _distance(ground: Yard, totals: npt.NDArray[np.int64]) -> float | None:
    """Straight line in points to the nearest undominated signable package."""
    if not len(ground.edge):
        return None
    ahead = ground.found.totals[ground.edge].astype(np.int64) - totals
    return math.sqrt(int((ahead * ahead).sum(axis=1).min()))
