"""Two runs case by case: paired differences, tests that respect shared draws, and baselines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean
from typing import Any

from app.evaluator.comparison import Paired, holm, paired
from app.evaluator.suite import AXES
from app.evaluator.suite_scorers import Measure, better_of
from app.evaluator.transcript import Unscored

BASELINE_FORMAT = "parley.baseline/1"
FLIPS = 4_000
LEVEL = 0.05
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One measure on two runs. `p` is adjusted for all measures of the comparison (Holm).

    `test` says how it was found: `mcnemar` on independent yes-or-no cases, else `sign-flip`
    over clusters. `lost` counts cases that only one of the runs could score.
    """

    measure: str
    better: str
    first: float
    second: float
    pairs: Paired
    raw_p: float
    p: float
    test: str
    lost: int

    @property
    def change(self) -> str:
        """`better`, `worse`, `differs` where no way is better, or `no difference shown`."""
        if self.p >= LEVEL or self.pairs.difference.value == 0:
            return "no difference shown"
        if not self.better:
            return "differs"
        return "better" if (self.pairs.difference.value > 0) == (self.better == "up") else "worse"


def pair_id(row: Row, dropped: Iterable[str] = ()) -> str:
    """By what cases of two runs are paired: everything but the axes that the runs differ in."""
    cell = row["cell"]
    if cell["talk"]:
        return str(cell["talk"])
    left = [str(cell[axis]) for axis in AXES if axis not in dropped]
    return "/".join([*left, str(cell["seed"])])


def compare(
    first: Sequence[Row],
    second: Sequence[Row],
    measures: Mapping[str, Measure],
    seed: int,
    dropped: Sequence[str] = (),
) -> tuple[Compared, ...] | Unscored:
    """Every measure that both runs have; Unscored when their cases cannot be paired."""
    one = {pair_id(row, dropped): row for row in first}
    other = {pair_id(row, dropped): row for row in second}
    for name, rows, by_id in (("first", first, one), ("second", second, other)):
        if len(by_id) < len(rows):
            detail = f"several cases of the {name} pair with one of the other; select one of each"
            return Unscored(reason="no_occasion", detail=detail)
    if not one.keys() & other.keys():
        return Unscored(
            reason="no_occasion", detail="the two share no case; compare runs of one suite"
        )
    names = dict.fromkeys(name for row in (*first, *second) for name in row["scores"])
    found = [
        made for name in names if (made := _compared(name, one, other, measures, seed)) is not None
    ]
    adjusted = holm([made.raw_p for made in found])
    return tuple(replace(made, p=p) for made, p in zip(found, adjusted, strict=True))


def _compared(
    name: str,
    one: Mapping[str, Row],
    other: Mapping[str, Row],
    measures: Mapping[str, Measure],
    seed: int,
) -> Compared | None:
    """One measure; None when no case has it in both runs."""
    left, right = _values(name, one), _values(name, other)
    both = sorted(left.keys() & right.keys())
    if not both:
        return None
    clusters = {key: str(one[key]["cluster"]) for key in one}
    pairs = paired(left, right, clusters, seed)
    assert not isinstance(pairs, Unscored)
    steps = [right[key] - left[key] for key in both]
    alone = len({clusters[key] for key in both}) == len(both)
    if pairs.p is not None and alone:
        p, test = pairs.p, "mcnemar"
    else:
        p, test = sign_flip(steps, [clusters[key] for key in both], seed), "sign-flip"
    shared = one.keys() & other.keys()
    return Compared(
        measure=name,
        better=better_of(name, measures),
        first=fmean(left[key] for key in both),
        second=fmean(right[key] for key in both),
        pairs=pairs,
        raw_p=p,
        p=p,
        test=test,
        lost=len(shared) - len(both),
    )


def _values(name: str, rows: Mapping[str, Row]) -> dict[str, float]:
    return {
        key: float(row["scores"][name])
        for key, row in rows.items()
        if row["scores"].get(name) is not None
    }


def sign_flip(steps: Sequence[float], clusters: Sequence[str], seed: int) -> float:
    """Two-sided p by flipping the signs of whole clusters' sums (Fisher's randomisation test).

    Exact for up to twelve clusters that moved, else over 4,000 seeded draws, the one observed
    counted among them.
    """
    sums: dict[str, float] = {}
    for step, cluster in zip(steps, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + step
    moved = [total for total in sums.values() if total]
    if not moved:
        return 1.0
    seen = abs(sum(moved)) - 1e-12
    if len(moved) <= 12:
        hits = sum(
            abs(sum(t if mask >> n & 1 else -t for n, t in enumerate(moved))) >= seen
            for mask in range(2 ** len(moved))
        )
        return hits / float(2 ** len(moved))
    chance = Random(seed)  # noqa: S311 - statistics, not secrets
    hits = 1 + sum(
        abs(sum(t if bit == "1" else -t for bit, t in zip(bits, moved, strict=True))) >= seen
        for bits in (f"{chance.getrandbits(len(moved)):0{len(moved)}b}" for _ in range(FLIPS))
    )
    return hits / (FLIPS + 1)


# -- baselines ---------------------------------------------------------------------------------


def as_baseline(head: Row, rows: Iterable[Row], measures: Mapping[str, Measure]) -> dict[str, Any]:
    """A run as a file to hold later runs against: values by case of measures that have a way."""
    items = {}
    for row in rows:
        held = {
            name: value
            for name, value in row["scores"].items()
            if value is not None and better_of(name, measures)
        }
        items[row["id"]] = {"cluster": row["cluster"], "cell": row["cell"], "scores": held}
    return {
        "format": BASELINE_FORMAT,
        "suite": head["suite"],
        "code": head["code"],
        "version": head["version"],
        "created": head["created"],
        "items": items,
    }


def baseline_rows(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a baseline file's data."""
    return [{"id": name, "unscored": {}, **item} for name, item in held["items"].items()]
