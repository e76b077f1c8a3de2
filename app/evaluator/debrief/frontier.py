"""Page 3: what all could have signed, two seats at a time, and where this table came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from app.evaluator import wording
from app.evaluator.debrief.ground import Ground, Untold
from app.evaluator.debrief.tables import Sitting
from app.evaluator.value import Assessment

CLOUD = 1500
"""Different points of a scatter that are kept; of more, every n-th is."""

NAMED = 3
"""Solution points that stand before the case's own packages among the marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A package worth marking: its sign on the plot, what it is, its shape, and its totals."""

    sign: str
    title: str
    shape: str
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The cloud as data: for one total of the first seat the range of the second's."""

    x: int
    low: int
    high: int
    packages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two seats over everything all could sign.

    `cloud` are different pairs of totals (every `step`-th of `points`), `undominated` those of
    packages no other dominates for all seats, `edge` where neither of the two can gain unless
    the other loses. `opposed` marks the two whose totals run most against each other.
    """

    seats: tuple[str, str]
    opposed: bool
    correlation: float | None
    points: int
    step: int
    cloud: tuple[tuple[int, int], ...]
    undominated: tuple[tuple[int, int], ...]
    edge: tuple[tuple[int, int], ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """Page 3. The most opposed pair comes first."""

    told: str
    marks: tuple[Mark, ...]
    pairs: tuple[Pair, ...]


def frontier(on: Ground, others: Sequence[Sitting] = ()) -> Frontier | Untold:
    """The page; untold in a seat's view and where nothing could be signed by all."""
    found = on.found
    if found is None:
        return Untold(
            why="The frontier is worked out from every sheet, and this view holds one.",
            how="It opens with the facilitator's debrief, when the sheets are opened.",
        )
    if not found.zone.signable:
        return Untold(
            why=wording.zone(found),
            how="parley check says what keeps the zone empty, and a softer preset may open it.",
        )
    seats = found.case.seat_ids
    totals = found.ground.found.totals
    picked = list(combinations(range(len(seats)), 2))
    bonds = {pair: _correlation(totals[:, pair[0]], totals[:, pair[1]]) for pair in picked}
    opposed = min(picked, key=lambda pair: 2.0 if (r := bonds[pair]) is None else r)
    ordered = [opposed, *(pair for pair in picked if pair != opposed)]
    return Frontier(
        told=wording.zone(found),
        marks=tuple(marks(found, others)),
        pairs=tuple(
            _pair(found, pair, opposed=pair == opposed, bond=bonds[pair]) for pair in ordered
        ),
    )


def _correlation(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float | None:
    """Correlation of two columns; None where one of them does not vary."""
    if one.min() == one.max() or other.min() == other.max():
        return None
    return round(float(np.corrcoef(one, other)[0, 1]), 3)


def marks(found: Assessment, others: Sequence[Sitting] = ()) -> list[Mark]:
    """What is marked on every scatter."""
    held = {seat.seat: seat.held for seat in found.signed.seats}
    listed = [Mark(sign="0", title="no deal", shape="cross", totals=held)]
    if found.signed.package is not None:
        totals = {seat.seat: seat.total for seat in found.signed.seats}
        listed.append(Mark(sign="D", title="the deal as signed", shape="diamond", totals=totals))
    elif found.start is not None:
        mandates = found.case.mandates
        best = {seat: mandates[seat].total(found.start) for seat in found.case.seat_ids}
        listed.append(
            Mark(sign="B", title="the best-backed offer", shape="diamond-open", totals=best)
        )
    if found.improved is not None:
        better = {seat.seat: seat.total for seat in found.improved.seats}
        put = found.improvement in ("accepted", "refused")
        title = "the improvement" if put else "less for nobody, more for somebody"
        title = f"{title} ({wording.IMPROVEMENTS[found.improvement]})"
        listed.append(Mark(sign="I", title=title, shape="diamond-open", totals=better))
    for number, mark in enumerate(found.references, 1):
        shape = "triangle-open" if number <= NAMED else "square-open"
        able = "" if mark.signable else " (not signable by all here)"
        listed.append(
            Mark(
                sign=str(number), title=f"{mark.title}{able}", shape=shape, totals=dict(mark.totals)
            )
        )
    for number, other in enumerate(others, 1):
        if other.signed:
            title = f"the deal of table {other.table}"
            listed.append(
                Mark(sign=f"T{number}", title=title, shape="diamond-open", totals=other.totals)
            )
    return listed


def _pair(found: Assessment, pair: tuple[int, int], *, opposed: bool, bond: float | None) -> Pair:
    seats, under = found.case.seat_ids, found.ground
    pairs = under.found.totals[:, list(pair)]
    cloud = [(int(x), int(y)) for x, y in np.unique(pairs, axis=0)]
    step = -(-len(cloud) // CLOUD)
    return Pair(
        seats=(seats[pair[0]], seats[pair[1]]),
        opposed=opposed,
        correlation=bond,
        points=len(cloud),
        step=step,
        cloud=tuple(cloud[::step]),
        undominated=tuple((int(x), int(y)) for x, y in np.unique(pairs[under.edge], axis=0)),
        edge=tuple(_staircase(cloud)),
        columns=tuple(
            Column(x=int(x), low=int(part.min()), high=int(part.max()), packages=len(part))
            for x in np.unique(pairs[:, 0])
            for part in [pairs[pairs[:, 0] == x, 1]]
        ),
    )


def _staircase(cloud: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The points where neither of the two seats can gain without the other losing."""
    edge: list[tuple[int, int]] = []
    for x, y in sorted(cloud, reverse=True):
        if not edge or y > edge[-1][1]:
            edge.append((x, y))
    return edge[::-1]
