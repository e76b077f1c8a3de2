"""Estimates over the cases of a run with their bounds, and whether the gates hold.

A share is bounded by Wilson's interval on the effective number of cases: where cases share a
draw, their number is divided by the design effect. A mean is bounded by a bootstrap over whole
clusters with a recorded seed. What is unscored is counted by reason and never a zero.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist, fmean
from typing import Any, Literal

from app.evaluator.agreement import Interval
from app.evaluator.comparison import bootstrap, design_effect
from app.evaluator.suite import Gate, Suite

DRAWS = 2_000
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One measure over some cases. `value` and bounds are NaN where nothing was scored.

    `effect` is the design effect by which clusters swell the variance; 1 where cases are
    independent of each other.
    """

    measure: str
    scored: int
    unscored: Mapping[str, int]
    value: float
    lower: float
    upper: float
    least: float
    most: float
    total: float
    method: Literal["wilson", "bootstrap", "none"]
    clusters: int
    effect: float

    def statistic(self, name: str) -> float:
        """A statistic by the name that gates use."""
        if name == "unscored":
            return sum(self.unscored.values())
        return float(getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A gate on one group of cases: held or not, the figure, and the estimate it stands on."""

    gate: Gate
    group: str
    held: bool
    figure: float
    estimate: Estimate
    reason: str = ""

    @property
    def text(self) -> str:
        """One line: the gate, the bound that was asked for, the figure that was found."""
        where = f" [{self.group}]" if self.group else ""
        figure = "nothing scored" if math.isnan(self.figure) else f"{self.figure:.4g}"
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.gate.name}{where}: {self.gate.text}, found {figure}{why}"


def estimate(measure: str, rows: Iterable[Row], seed: int) -> Estimate:
    """One measure over the rows that have it, scored or not."""
    values: list[float] = []
    clusters: list[str] = []
    lost: Counter[str] = Counter()
    yes_no = True
    for row in rows:
        if measure not in row["scores"]:
            continue
        value = row["scores"][measure]
        if value is None:
            lost[row["unscored"][measure]["reason"]] += 1
            continue
        yes_no = yes_no and isinstance(value, bool)
        values.append(float(value))
        clusters.append(row["cluster"])
    if not values:
        nan = math.nan
        return Estimate(
            measure=measure,
            scored=0,
            unscored=dict(lost),
            value=nan,
            lower=nan,
            upper=nan,
            least=nan,
            most=nan,
            total=0.0,
            method="none",
            clusters=0,
            effect=1.0,
        )
    groups = len(set(clusters))
    effect = _effect(values, clusters)
    found = (
        effective_wilson(fmean(values), len(values) / effect)
        if yes_no
        else bootstrap(values, clusters, seed, DRAWS)
    )
    return Estimate(
        measure=measure,
        scored=len(values),
        unscored=dict(lost),
        value=found.value,
        lower=found.low,
        upper=found.high,
        least=min(values),
        most=max(values),
        total=sum(values),
        method="wilson" if yes_no else "bootstrap",
        clusters=groups,
        effect=effect,
    )


def _effect(values: Sequence[float], clusters: Sequence[str]) -> float:
    """The design effect, at least 1. Where nothing varies, cases of a cluster count as one."""
    groups = len(set(clusters))
    if groups == len(values):
        return 1.0
    found = design_effect(values, clusters)
    most = len(values) / groups
    return max(1.0, found) if isinstance(found, float) else most


def effective_wilson(rate: float, count: float, confidence: float = 0.95) -> Interval:
    """Wilson's interval for a share of an effective, perhaps fractional, number of cases."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    spread = z * z / count
    middle = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / count + spread / count / 4)
    low = 0.0 if rate == 0 else max(0.0, middle - half)
    high = 1.0 if rate == 1 else min(1.0, middle + half)
    return Interval(value=rate, low=low, high=high)


def grouped(rows: Iterable[Row], axes: Sequence[str]) -> dict[str, list[Row]]:
    """Rows by the axes named: `preset=hard lineup=engine`; one group without axes."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        name = " ".join(f"{axis}={row['cell'][axis]}" for axis in axes)
        found.setdefault(name, []).append(row)
    return found


def rulings(suite: Suite, rows: Sequence[Row]) -> tuple[Ruling, ...]:
    """Every gate on every group it splits into. A gate on nothing does not hold."""
    found: list[Ruling] = []
    for gate in suite.gates:
        chosen = [
            row for row in rows if all(row["cell"][axis] == v for axis, v in gate.where.items())
        ]
        for group, held in (grouped(chosen, gate.each) or {"": []}).items():
            found.append(_ruling(gate, group, estimate(gate.measure, held, suite.seed)))
    return tuple(found)


def _ruling(gate: Gate, group: str, made: Estimate) -> Ruling:
    figure = made.statistic(gate.statistic)
    ruling = Ruling(gate=gate, group=group, held=False, figure=figure, estimate=made)
    if gate.statistic == "unscored":
        return replace(ruling, held=_compare(figure, gate))
    if not made.scored:
        reasons = ", ".join(f"{n} {reason}" for reason, n in made.unscored.items())
        return replace(
            ruling, figure=math.nan, reason=f"unscored: {reasons}" if reasons else "no such case"
        )
    held = _compare(figure, gate)
    return replace(ruling, held=held, reason="" if held else _too_few(gate, made))


def _too_few(gate: Gate, made: Estimate) -> str:
    """A perfect share that fails on its bound alone fails for want of cases: say how many."""
    if made.method != "wilson" or gate.statistic not in ("lower", "upper"):
        return ""
    miss = 1 - gate.limit if gate.statistic == "lower" else gate.limit
    perfect = made.value == (1.0 if gate.statistic == "lower" else 0.0)
    if not perfect or not 0 < miss < 1:
        return ""
    z = NormalDist().inv_cdf(0.975)
    needed = math.ceil(z * z * (1 - miss) / miss)
    count = max(1, round(made.scored / made.effect))
    few = "1 case" if count == 1 else f"{count} cases"
    return f"{few} cannot show it; {needed} could"


def _compare(figure: float, gate: Gate) -> bool:
    match gate.sign:
        case ">=":
            return figure >= gate.limit
        case "<=":
            return figure <= gate.limit
        case "==":
            return figure == gate.limit
        case ">":
            return figure > gate.limit
        case "<":
            return figure < gate.limit


def measured(rows: Iterable[Row]) -> tuple[str, ...]:
    """Every measure of the rows, in the order of first appearance."""
    return tuple(dict.fromkeys(name for row in rows for name in row["scores"]))


def varying(rows: Sequence[Row]) -> tuple[str, ...]:
    """Axes on which the rows differ: by these a summary is split."""
    axes = ("case", "preset", "lineup", "guard")
    return tuple(axis for axis in axes if len({row["cell"][axis] for row in rows}) > 1)
