"""How far two raters agree, and what a measured rate is worth: the statistics of a judge's report.

Kappa misleads where one answer is rare, so Gwet's AC1 stands beside it; rates carry Wilson
bounds; a judged share is corrected for the judge's known errors, or refused when the judge is
too close to guessing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, TypeAlias

from app.evaluator.transcript import Unscored

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]

LEAST_INFORMED = 0.2
"""Below this sum of TPR and TNR minus one a judge is too near to guessing to be corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its bounds."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """A judge's yes and no against the truth."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def count(self) -> int:
        """All items."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def prevalence(self) -> float:
        """Share of true yes."""
        return (self.tp + self.fn) / self.count

    @property
    def agreement(self) -> float:
        """Share of equal answers."""
        return (self.tp + self.tn) / self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The report on one binary criterion. A rate without items of its class is Unscored."""

    confusion: Confusion
    tpr: Interval | Unscored
    tnr: Interval | Unscored
    balanced: float | Unscored
    kappa: float | Unscored
    ac1: float | Unscored


def confusion(judged: Sequence[bool], truth: Sequence[bool]) -> Confusion:
    """Count a judge's answers against the truth; ValueError for lists of different length."""
    pairs = Counter(zip(judged, truth, strict=True))
    return Confusion(
        tp=pairs[True, True],
        fp=pairs[True, False],
        fn=pairs[False, True],
        tn=pairs[False, False],
    )


def agreement(judged: Sequence[bool], truth: Sequence[bool]) -> Agreement | Unscored:
    """Everything about one binary criterion; Unscored without items."""
    table = confusion(judged, truth)
    if not table.count:
        return Unscored(reason="no_occasion", detail="no labelled items")
    tpr = _rate(table.tp, table.tp + table.fn, "no item is truly met")
    tnr = _rate(table.tn, table.tn + table.fp, "no item is truly unmet")
    balanced: float | Unscored = Unscored(reason="no_occasion", detail="one class is empty")
    if isinstance(tpr, Interval) and isinstance(tnr, Interval):
        balanced = (tpr.value + tnr.value) / 2
    return Agreement(
        confusion=table,
        tpr=tpr,
        tnr=tnr,
        balanced=balanced,
        kappa=kappa(judged, truth),
        ac1=ac1(judged, truth),
    )


def _rate(hits: int, count: int, why: str) -> Interval | Unscored:
    return wilson(hits, count) if count else Unscored(reason="no_occasion", detail=why)


def wilson(hits: int, count: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a rate (Wilson 1927); ValueError for an impossible count."""
    if not 0 <= hits <= count or not count:
        raise ValueError(f"{hits} of {count} is no rate")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate, spread = hits / count, z * z / count
    middle = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / count + spread / count / 4)
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == count else min(1.0, middle + half)
    return Interval(value=rate, low=low, high=high)


def kappa(
    one: Sequence[Hashable],
    other: Sequence[Hashable],
    weight: Callable[[int, int], float] | None = None,
    order: Sequence[Hashable] = (),
) -> float | Unscored:
    """Cohen's kappa (Cohen 1960); with `weight`, a disagreement of places in `order`, weighted.

    Unscored where both raters gave one answer only: there is no chance to correct for.
    """
    if not one:
        return Unscored(reason="no_occasion", detail="no items")
    pairs = Counter(zip(one, other, strict=True))
    ranks = {answer: place for place, answer in enumerate(order or dict.fromkeys([*one, *other]))}
    left, right = Counter(one), Counter(other)
    count = len(one)

    def cost(a: Hashable, b: Hashable) -> float:
        return weight(ranks[a], ranks[b]) if weight else float(a != b)

    seen = sum(cost(a, b) * n for (a, b), n in pairs.items()) / count
    chance = sum(cost(a, b) * left[a] * right[b] for a in left for b in right) / count**2
    if chance == 0:
        return Unscored(reason="no_occasion", detail="both raters gave one answer throughout")
    return 1 - seen / chance


def ac1(one: Sequence[Hashable], other: Sequence[Hashable]) -> float | Unscored:
    """Gwet's AC1 (Gwet 2008): chance agreement that does not explode for rare answers."""
    if not one:
        return Unscored(reason="no_occasion", detail="no items")
    answers = set(one) | set(other)
    if len(answers) < 2:
        answers = {*answers, object()}
    count = len(one)
    seen = sum(a == b for a, b in zip(one, other, strict=True)) / count
    share = {a: (list(one).count(a) + list(other).count(a)) / (2 * count) for a in answers}
    chance = sum(p * (1 - p) for p in share.values()) / (len(answers) - 1)
    return (seen - chance) / (1 - chance)


def alpha(units: Sequence[Sequence[float | None]], level: Level) -> float | Unscored:
    """Krippendorff's alpha (Krippendorff 2011) over units, each with the raters' values or None."""
    rows = [[v for v in unit if v is not None] for unit in units]
    rows = [row for row in rows if len(row) > 1]
    totals: Counter[float] = Counter(value for row in rows for value in row)
    count = sum(totals.values())
    if len(totals) < 2:
        return Unscored(reason="no_occasion", detail="fewer than two different values are paired")
    delta = _distance(level, totals)
    seen = 0.0
    for row in rows:
        here = Counter(row)
        pairs = sum(here[a] * here[b] * delta(a, b) for a in here for b in here)
        seen += pairs / (len(row) - 1)
    chance = sum(totals[a] * totals[b] * delta(a, b) for a in totals for b in totals)
    return 1 - (count - 1) * seen / chance


def _distance(level: Level, totals: Mapping[float, int]) -> Callable[[float, float], float]:
    """The squared difference between two values on a level of measurement."""
    values = sorted(totals)

    def ordinal(a: float, b: float) -> float:
        low, high = min(a, b), max(a, b)
        between = sum(totals[v] for v in values if low <= v <= high)
        return (between - (totals[low] + totals[high]) / 2) ** 2 if low != high else 0.0

    match level:
        case "nominal":
            return lambda a, b: float(a != b)
        case "ordinal":
            return ordinal
        case "interval":
            return lambda a, b: (a - b) ** 2
        case "ratio":
            return lambda a, b: ((a - b) / (a + b)) ** 2 if a + b else 0.0


def rogan_gladen(
    judged_yes: int,
    judged: int,
    tpr: tuple[int, int],
    tnr: tuple[int, int],
    confidence: float = 0.95,
) -> Interval | Unscored:
    """The true share behind a judged one (Rogan and Gladen 1978), with delta-method bounds.

    `tpr` and `tnr` are hits and count of the calibration sample. Both samples' errors are in the
    bounds. Unscored when the judge is hardly better than guessing.
    """
    if not judged or not tpr[1] or not tnr[1]:
        return Unscored(reason="no_occasion", detail="an empty sample")
    share, sens, spec = judged_yes / judged, tpr[0] / tpr[1], tnr[0] / tnr[1]
    informed = sens + spec - 1
    if informed < LEAST_INFORMED:
        detail = f"TPR + TNR - 1 is {informed:.2f}; at least {LEAST_INFORMED} is needed"
        return Unscored(reason="judge_failed", detail=detail)
    raw = (share + spec - 1) / informed
    true = min(1.0, max(0.0, raw))
    variance = (
        share * (1 - share) / judged
        + true**2 * sens * (1 - sens) / tpr[1]
        + (1 - true) ** 2 * spec * (1 - spec) / tnr[1]
    ) / informed**2
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * math.sqrt(variance)
    return Interval(value=true, low=max(0.0, true - half), high=min(1.0, true + half))


def spearman(one: Sequence[float], other: Sequence[float]) -> float | Unscored:
    """Rank correlation, ties at their mean rank."""
    if len(one) != len(other):
        raise ValueError("two lists of different length")
    left, right = _ranks(one), _ranks(other)
    middle = (len(one) + 1) / 2
    a = [rank - middle for rank in left]
    b = [rank - middle for rank in right]
    scale = math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    if not scale:
        return Unscored(reason="no_occasion", detail="one list does not vary")
    return sum(x * y for x, y in zip(a, b, strict=True)) / scale


def _ranks(values: Sequence[float]) -> list[float]:
    places: dict[float, list[int]] = {}
    for rank, place in enumerate(sorted(range(len(values)), key=lambda n: values[n]), 1):
        places.setdefault(values[place], []).append(rank)
    return [sum(places[value]) / len(places[value]) for value in values]
