"""Solution concepts over a set of packages: Pareto frontier, Nash, Kalai-Smorodinsky, max-min.

All work on a table of totals, one row a package in number order, one column a seat. Ties break
by the first row, hence by package number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Totals: TypeAlias = npt.NDArray[np.integer[Any]]
Rows: TypeAlias = npt.NDArray[np.int64]

_FIRST, _BLOCK = 16, 256
_SLICE = 4_096
_SAME = 1e-9


def frontier(totals: Totals) -> Rows:
    """Rows that no other row dominates, ascending; equal rows are all kept.

    A row that dominates another has the larger sum, so it stands before it in the order used.
    The first blocks are small: a few good rows strike most of the others at little cost.
    """
    if len(totals) == 0:
        return np.zeros(0, dtype=np.int64)
    wide = np.asarray(totals)
    sums = wide.sum(axis=1, dtype=np.int64)
    behind = _narrow(int(sums.max()) - sums)
    order = np.argsort(behind, kind="stable")
    columns, behind = np.stack([_narrow(column)[order] for column in wide.T]), behind[order]
    kept: list[Rows] = []
    size = _FIRST
    while len(order):
        block = min(size, len(order))
        head, head_behind = columns[:, :block], behind[:block]
        free = ~_struck(head, head_behind, head, head_behind)
        kept.append(order[:block][free])
        best, best_behind = head[:, free], head_behind[free]
        alive = np.ones(len(order), dtype=np.bool_)
        alive[:block] = False
        for start in range(block, len(order), _SLICE):
            part = slice(start, start + _SLICE)
            alive[part] = ~_struck(columns[:, part], behind[part], best, best_behind)
        order, columns, behind = order[alive], columns[:, alive], behind[alive]
        size = min(2 * size, _BLOCK)
    return np.sort(np.concatenate(kept))


def frontier_dp(parts: Sequence[Totals]) -> Rows:
    """Packages that no other dominates, by number, when every package there is may be taken.

    `parts[i]` is what each option of issue i (a row) is worth to each seat (a column). Issue after
    issue joins and what is dominated goes: a dominated part is in no undominated whole, for the
    better part could stand in its place. That fails where a red line forbids a combination.
    """
    sizes = [len(part) for part in parts]
    steps = [math.prod(sizes[place + 1 :]) for place in range(len(sizes))]
    spread = [int(np.ptp(part, axis=0).sum()) for part in parts]
    totals = np.zeros((1, parts[0].shape[1]), dtype=np.int64)
    numbers = np.zeros(1, dtype=np.int64)
    for place in sorted(range(len(parts)), key=lambda place: -spread[place]):
        joined = totals[:, None, :] + parts[place][None, :, :]
        totals = joined.reshape(-1, totals.shape[1])
        numbers = (numbers[:, None] + steps[place] * np.arange(sizes[place])).ravel()
        kept = frontier(totals)
        totals, numbers = totals[kept], numbers[kept]
    return np.sort(numbers)


def _narrow(values: Totals) -> npt.NDArray[np.unsignedinteger[Any]]:
    """The same order in as few bytes as the spread needs: what is compared is memory traffic."""
    wide = np.asarray(values, dtype=np.int64)
    shifted = wide - wide.min()
    small: npt.NDArray[np.unsignedinteger[Any]] = shifted.astype(
        np.min_scalar_type(int(shifted.max()))
    )
    return small


def _struck(
    rows: Totals, rows_behind: Totals, by: Totals, by_behind: Totals
) -> npt.NDArray[np.bool_]:
    """Which rows (given as columns) are dominated by one of the others."""
    beaten: npt.NDArray[np.bool_] = by_behind[:, None] < rows_behind[None, :]
    for mine, theirs in zip(rows, by, strict=True):
        beaten &= theirs[:, None] >= mine[None, :]
    found: npt.NDArray[np.bool_] = np.logical_or.reduce(beaten, axis=0)
    return found


def product(surplus: tuple[int, ...]) -> int:
    """Product of the gains over no deal, exact; a seat that gains nothing makes it zero."""
    return math.prod(max(0, gain) for gain in surplus)


def products(surplus: Totals) -> npt.NDArray[np.float64]:
    """The same for many rows, in floating point: to compare, not to report."""
    found = np.ones(len(surplus), dtype=np.float64)
    for gains in np.asarray(surplus).T:
        found *= np.maximum(gains, 0)
    return found


def nash(totals: Totals, no_deal: Totals) -> int | None:
    """Row with the largest product of gains over no deal (Nash 1950); None without rows."""
    if len(totals) == 0:
        return None
    return best_product(np.asarray(totals) - no_deal)


def best_product(surplus: Totals) -> int:
    """First row with the largest product, compared exactly."""
    rough = products(surplus)
    top = float(rough.max())
    if top <= 0.0:
        return 0
    close = np.flatnonzero(rough >= top * (1.0 - _SAME))
    return int(max(close, key=lambda row: (product(tuple(surplus[row].tolist())), -row)))


def shares(totals: Totals, no_deal: Totals) -> npt.NDArray[np.float64]:
    """Each seat's part of its largest possible gain: (total - no deal) / (best - no deal).

    A seat that can gain nothing anywhere in the set has a share of zero.
    """
    surplus = np.asarray(totals, dtype=np.float64) - no_deal
    reach = surplus.max(axis=0)
    found: npt.NDArray[np.float64] = np.where(
        reach > 0, surplus / np.where(reach > 0, reach, 1.0), 0.0
    )
    return found


def kalai_smorodinsky(totals: Totals, no_deal: Totals) -> int | None:
    """Row whose smallest share is largest, leximin on ties (Kalai and Smorodinsky 1975).

    Shares are correctly rounded quotients of small whole numbers: equal fractions are equal.
    """
    return None if len(totals) == 0 else leximin(shares(totals, no_deal))


def max_min(totals: Totals, no_deal: Totals) -> int | None:
    """Row whose smallest gain in points over no deal is largest, leximin on ties."""
    if len(totals) == 0:
        return None
    return leximin(np.asarray(totals, dtype=np.int64) - no_deal)


def leximin(values: npt.NDArray[Any]) -> int:
    """First row that is best for its worst-off column, then its second worst, and so on."""
    ranked = np.sort(values, axis=1)
    rows = np.arange(len(ranked))
    for place in range(ranked.shape[1]):
        column = ranked[rows, place]
        rows = rows[column == column.max()]
    return int(rows[0])
