"""Two runs on the same items: paired difference, exact test, bounds, and the least visible step."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import NormalDist, fmean, stdev

from app.evaluator.agreement import Interval
from app.evaluator.transcript import Unscored


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """One measure on two runs. `difference` is the second run minus the first.

    `seed` and `draws` make the bounds repeatable; `smallest` is the least true difference that
    so many items would have shown with 80 % power.
    """

    items: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    wins: int
    ties: int
    losses: int
    difference: Interval
    p: float | None
    smallest: float
    seed: int
    draws: int


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided test on the items that changed (McNemar 1947, binomial form)."""
    changed, few = gained + lost, min(gained, lost)
    if not changed:
        return 1.0
    tail = sum(math.comb(changed, k) for k in range(few + 1))
    return min(1.0, 2.0 * tail / float(2**changed))


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """P-values adjusted for so many tests (Holm 1979), in the order given."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    adjusted = [0.0] * len(values)
    worst = 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = worst
    return tuple(adjusted)


def bootstrap(
    values: Sequence[float],
    clusters: Sequence[Hashable],
    seed: int,
    draws: int = 2_000,
    confidence: float = 0.95,
) -> Interval:
    """A mean with percentile bounds, whole clusters drawn with replacement; seeded."""
    if not values:
        raise ValueError("no values")
    groups: dict[Hashable, tuple[float, int]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        total, count = groups.get(cluster, (0.0, 0))
        groups[cluster] = (total + value, count + 1)
    parts = list(groups.values())
    chance = Random(seed)  # noqa: S311 - statistics, not secrets
    means = []
    for _ in range(draws):
        drawn = chance.choices(parts, k=len(parts))
        means.append(sum(total for total, _ in drawn) / sum(count for _, count in drawn))
    means.sort()
    cut = (1 - confidence) / 2
    low, high = int(cut * draws), min(draws - 1, math.ceil((1 - cut) * draws) - 1)
    return Interval(value=fmean(values), low=means[low], high=means[high])


def design_effect(values: Sequence[float], clusters: Sequence[Hashable]) -> float | Unscored:
    """By how much clustering swells the variance of the mean, against independent items."""
    if len(values) < 2:
        return Unscored(reason="no_occasion", detail="fewer than two items")
    middle = fmean(values)
    plain = sum((v - middle) ** 2 for v in values)
    sums: dict[Hashable, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + value - middle
    if not plain:
        return Unscored(reason="no_occasion", detail="the values do not vary")
    return sum(total**2 for total in sums.values()) / plain


def detectable(spread: float, items: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """The least paired difference that so many items show with this power."""
    normal = NormalDist()
    return (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) * spread / math.sqrt(items)


def needed(spread: float, difference: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Items needed to see a paired difference with this power."""
    return math.ceil((detectable(spread, 1, alpha, power) / difference) ** 2)


def paired(
    first: Mapping[str, float],
    second: Mapping[str, float],
    clusters: Mapping[str, Hashable],
    seed: int,
    draws: int = 2_000,
) -> Paired | Unscored:
    """Compare two runs item by item; unmatched ids are listed, never dropped in silence."""
    both = sorted(first.keys() & second.keys())
    if not both:
        return Unscored(reason="no_occasion", detail="the two runs share no item")
    steps = [second[key] - first[key] for key in both]
    binary = all(value in (0, 1) for key in both for value in (first[key], second[key]))
    wins, losses = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    spread = stdev(steps) if len(steps) > 1 else 0.0
    return Paired(
        items=len(both),
        only_first=tuple(sorted(first.keys() - second.keys())),
        only_second=tuple(sorted(second.keys() - first.keys())),
        wins=wins,
        ties=len(both) - wins - losses,
        losses=losses,
        difference=bootstrap(steps, [clusters.get(key, key) for key in both], seed, draws),
        p=mcnemar(wins, losses) if binary else None,
        smallest=detectable(spread, len(both)),
        seed=seed,
        draws=draws,
    )
