"""Medians, spreads, shares and plain-text tables: how every bench prints its figures."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile (inclusive method); NaN without values."""
    if not values:
        return (math.nan, math.nan, math.nan)
    if len(values) == 1:
        return (values[0], values[0], values[0])
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (low, middle, high)


def spread(values: Sequence[float], digits: int = 3) -> str:
    """`median (lower quartile to upper quartile)`."""
    low, middle, high = quartiles(values)
    if math.isnan(middle):
        return "-"
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def mean(values: Sequence[float]) -> float:
    """The mean; NaN without values."""
    return statistics.fmean(values) if values else math.nan


def share(count: int, of: int) -> str:
    """`97.5 % (195/200)`; the count stays visible, so that a rounded 100 % cannot hide one."""
    return f"{100 * count / of:.1f} % ({count}/{of})" if of else "-"


def standard_error(values: Sequence[float]) -> float:
    """Standard error of a mean; NaN with fewer than two values."""
    if len(values) < 2:
        return math.nan
    return statistics.stdev(values) / math.sqrt(len(values))


def grid(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown with columns of one width, readable as it stands."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    drawn = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(drawn)


def verdict(name: str, met: bool, figure: str, target: str) -> str:
    """One line on a target: met or missed, the figure beside it."""
    return f"{'met   ' if met else 'MISSED'}  {name}: {figure} (target {target})"
