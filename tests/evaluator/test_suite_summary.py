"""Estimates, gates and comparisons of runs, against plain counting and against known statistics."""

from __future__ import annotations

import itertools
import json
import math
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evaluator.agreement import wilson
from app.evaluator.suite import Gate, Sign, Statistic, Suite
from app.evaluator.suite_compare import (
    as_baseline,
    baseline_rows,
    compare,
    sign_flip,
)
from app.evaluator.suite_pages import as_junit, as_report
from app.evaluator.suite_scorers import Measure
from app.evaluator.suite_summary import (
    effective_wilson,
    estimate,
    grouped,
    rulings,
    varying,
)

MEASURES = {
    name: Measure(name=name, text=name, better=better)  # type: ignore[arg-type]
    for name, better in (("deal", "up"), ("gain", "up"), ("leaks", "down"), ("rounds", ""))
}


def row(
    name: str,
    scores: dict[str, Any],
    *,
    seed: int = 1,
    preset: str = "standard",
    lineup: str = "engine",
    cluster: str = "",
) -> dict[str, Any]:
    return {
        "id": name,
        "key": name,
        "place": 0,
        "cluster": cluster or f"case/{seed}",
        "cell": {
            "case": "case", "preset": preset, "lineup": lineup, "guard": "on", "seed": seed,
            "talk": "",
        },
        "scores": scores,
        "unscored": {
            key: {"reason": "no_occasion", "detail": ""}
            for key, value in scores.items()
            if value is None
        },
        "notes": [],
    }  # fmt: skip


def many(deals: list[bool], **more: Any) -> list[dict[str, Any]]:
    return [row(f"r{n}", {"deal": deal}, seed=n, **more) for n, deal in enumerate(deals)]


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_independent_shares_carry_the_plain_wilson_bounds(deals: list[bool]) -> None:
    made = estimate("deal", many(deals), 1)
    plain = wilson(sum(deals), len(deals))
    assert (made.value, made.method, made.effect) == (sum(deals) / len(deals), "wilson", 1.0)
    assert made.lower == pytest.approx(plain.low, abs=1e-12)
    assert made.upper == pytest.approx(plain.high, abs=1e-12)
    assert (made.scored, made.total) == (len(deals), sum(deals))


def test_cases_that_share_a_draw_do_not_count_as_so_many() -> None:
    """Ten seeds, each four times over with the same outcome: ten cases' worth of knowledge."""
    deals = [True] * 8 + [False] * 2
    rows = [
        row(f"r{n}/{copy}", {"deal": deal}, seed=n)
        for n, deal in enumerate(deals)
        for copy in range(4)
    ]
    made = estimate("deal", rows, 1)
    assert made.effect == pytest.approx(4.0)
    plain = wilson(8, 10)
    assert (made.lower, made.upper) == pytest.approx((plain.low, plain.high))
    same = [row(f"r{n}/{c}", {"deal": True}, seed=n) for n in range(10) for c in range(4)]
    assert estimate("deal", same, 1).lower == pytest.approx(wilson(10, 10).low)


def test_a_mean_is_bounded_by_a_bootstrap_that_repeats() -> None:
    dice = Random(4)
    rows = [row(f"r{n}", {"gain": dice.gauss(10, 3)}, seed=n) for n in range(50)]
    one, again, other = (estimate("gain", rows, seed) for seed in (1, 1, 2))
    assert (one.lower, one.upper) == (again.lower, again.upper)
    assert (one.lower, one.upper) != (other.lower, other.upper)
    half = 1.96 * 3 / math.sqrt(50)
    assert one.value - one.lower == pytest.approx(half, rel=0.35)
    assert one.upper - one.value == pytest.approx(half, rel=0.35)


def test_unscored_is_counted_and_never_a_zero() -> None:
    rows = [*many([True, True]), row("x", {"deal": None}, seed=9), row("y", {}, seed=10)]
    made = estimate("deal", rows, 1)
    assert (made.value, made.scored, dict(made.unscored)) == (1.0, 2, {"no_occasion": 1})
    empty = estimate("deal", [row("x", {"deal": None})], 1)
    assert math.isnan(empty.value)
    assert empty.statistic("unscored") == 1


@given(st.floats(0.01, 0.99), st.floats(1, 500))
def test_fractional_counts_bound_between_their_neighbours(rate: float, count: float) -> None:
    less, more = (effective_wilson(rate, n) for n in (math.floor(count), math.floor(count) + 1))
    here = effective_wilson(rate, count)
    assert less.low <= here.low + 1e-12 <= more.low + 2e-12
    assert 0 <= here.low <= rate <= here.high <= 1


# -- gates -------------------------------------------------------------------------------------


def ruled(
    rows: list[dict[str, Any]], statistic: Statistic, sign: Sign, limit: float, **more: Any
) -> list[bool]:
    gate = Gate(
        name="g", measure=more.pop("measure", "deal"), statistic=statistic, sign=sign,
        limit=limit, **more,
    )  # fmt: skip
    suite = Suite(id="s", title="", about="", folder="", scorers=(), gates=(gate,))
    return [one.held for one in rulings(suite, rows)]


def test_gates_stand_on_bounds() -> None:
    perfect = many([True] * 34), many([True] * 35)
    assert [ruled(rows, "lower", ">=", 0.9) for rows in perfect] == [[False], [True]]
    assert ruled(perfect[0], "value", ">=", 0.9) == [True]
    few = Suite(
        id="s", title="", about="", folder="", scorers=(),
        gates=(Gate(name="g", measure="deal", statistic="lower", sign=">=", limit=0.9),),
    )  # fmt: skip
    assert "34 cases cannot show it; 35 could" in rulings(few, perfect[0])[0].text
    assert "found 0.898" in rulings(few, perfect[0])[0].text


@pytest.mark.parametrize("needed", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_the_number_of_cases_named_is_the_least_that_would_do(needed: float) -> None:
    gate = Gate(name="g", measure="deal", statistic="lower", sign=">=", limit=needed)
    suite = Suite(id="s", title="", about="", folder="", scorers=(), gates=(gate,))
    said = rulings(suite, many([True]))[0].reason
    count = int(said.split("; ")[1].split(" ")[0])
    assert ruled(many([True] * count), "lower", ">=", needed) == [True]
    assert ruled(many([True] * (count - 1)), "lower", ">=", needed) == [False]


def test_a_gate_on_nothing_fails() -> None:
    assert ruled([], "value", ">=", 0.0) == [False]
    assert ruled(many([True]), "value", ">=", 0.0, where={"lineup": "nobody"}) == [False]
    assert ruled(many([True]), "value", ">=", 0.0, measure="elsewhere") == [False]
    unscored = [row("x", {"deal": None})]
    assert ruled(unscored, "total", "==", 0) == [False], "an unscored promise is not kept"
    assert ruled(unscored, "unscored", "<=", 0) == [False]
    assert ruled(many([True]), "unscored", "<=", 0) == [True]


def test_a_gate_splits_by_axes_and_fails_where_it_fails() -> None:
    rows = [*many([True] * 40, preset="easy"), *many([False] * 40, preset="hard")]
    assert ruled(rows, "lower", ">=", 0.9, each=("preset",)) == [True, False]
    assert ruled(rows, "lower", ">=", 0.9, where={"preset": "easy"}) == [True]
    assert ruled(rows, "lower", ">=", 0.9) == [False]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=8), st.integers(-5, 5))
def test_every_statistic_and_sign_means_what_it_says(values: list[int], limit: int) -> None:
    rows = [row(f"r{n}", {"gain": value}, seed=n) for n, value in enumerate(values)]
    known: dict[Statistic, float] = {
        "value": sum(values) / len(values), "least": min(values), "most": max(values),
        "total": sum(values), "scored": len(values), "unscored": 0,
    }  # fmt: skip
    signs: dict[Sign, Any] = {
        ">=": float.__ge__, "<=": float.__le__, "==": float.__eq__, ">": float.__gt__,
        "<": float.__lt__,
    }  # fmt: skip
    for (statistic, figure), (sign, holds) in itertools.product(known.items(), signs.items()):
        held = ruled(rows, statistic, sign, limit, measure="gain")
        assert held == [holds(float(figure), float(limit))], (statistic, sign)


def test_groups_follow_what_varies() -> None:
    rows = [*many([True], preset="easy"), *many([True], preset="hard")]
    assert varying(rows) == ("preset",)
    assert list(grouped(rows, ("preset",))) == ["preset=easy", "preset=hard"]


# -- comparisons -------------------------------------------------------------------------------


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=8),
    st.integers(0, 3),
)
def test_the_sign_flip_test_is_exact_for_few_clusters(steps: list[int], width: int) -> None:
    clusters = [str(n // (width + 1)) for n in range(len(steps))]
    sums = [
        sum(s for s, c in zip(steps, clusters, strict=True) if c == name)
        for name in sorted(set(clusters))
    ]
    flips = list(itertools.product((1, -1), repeat=len(sums)))
    seen = abs(sum(sums))
    hits = sum(abs(sum(f * s for f, s in zip(flip, sums, strict=True))) >= seen for flip in flips)
    p = sign_flip([float(s) for s in steps], clusters, 1)
    assert p == pytest.approx(hits / len(flips) if any(sums) else 1.0)


def test_the_sign_flip_test_keeps_its_level_where_cases_share_draws() -> None:
    """No true difference, four cases a cluster: few rejections. Counted as independent: many."""
    dice = Random(11)
    rejected = naive = 0
    for trial in range(300):
        steps, clusters = [], []
        for cluster in range(20):
            drawn = dice.gauss(0, 1)
            steps += [drawn + dice.gauss(0, 0.1) for _ in range(4)]
            clusters += [str(cluster)] * 4
        rejected += sign_flip(steps, clusters, trial) < 0.05
        naive += sign_flip(steps, [str(n) for n in range(len(steps))], trial) < 0.05
    assert rejected / 300 < 0.09
    assert naive / 300 > 0.2, "this is the mistake that clusters are for"


def test_a_comparison_pairs_by_case_and_seed() -> None:
    first = [row(f"a{n}", {"deal": n % 4 > 0, "gain": 5.0, "leaks": 0}, seed=n) for n in range(40)]
    second = [row(f"b{n}", {"deal": True, "gain": 9.0, "leaks": 1}, seed=n) for n in range(5, 45)]
    found = compare(first, second, MEASURES, 1)
    assert isinstance(found, tuple)
    by = {one.measure: one for one in found}
    assert by["deal"].test == "mcnemar"
    assert (by["deal"].pairs.items, len(by["deal"].pairs.only_first)) == (35, 5)
    assert (by["deal"].change, by["gain"].change, by["leaks"].change) == (
        "better", "better", "worse",
    )  # fmt: skip
    for one in found:
        assert one.p >= one.raw_p, "Holm only raises"


def test_two_lineups_of_one_run_are_paired_without_that_axis() -> None:
    first = [row(f"a{n}", {"deal": False}, seed=n, lineup="calm") for n in range(20)]
    second = [row(f"b{n}", {"deal": True}, seed=n, lineup="besieged") for n in range(20)]
    assert not isinstance(compare(first, second, MEASURES, 1), tuple)
    found = compare(first, second, MEASURES, 1, ("lineup",))
    assert isinstance(found, tuple)
    assert found[0].pairs.wins == 20


def test_no_difference_is_not_called_one() -> None:
    dice = Random(5)
    alarms = 0
    for trial in range(100):
        first = [row(f"a{n}", {"gain": dice.gauss(0, 1)}, seed=n) for n in range(30)]
        second = [row(f"a{n}", {"gain": dice.gauss(0, 1)}, seed=n) for n in range(30)]
        found = compare(first, second, MEASURES, trial)
        assert isinstance(found, tuple)
        alarms += found[0].change != "no difference shown"
    assert alarms <= 12


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=10))
def test_a_baseline_keeps_what_it_is_held_against(deals: list[bool]) -> None:
    rows = [
        row(f"r{n}", {"deal": deal, "rounds": 9, "leaks": None}, seed=n)
        for n, deal in enumerate(deals)
    ]
    head = {"suite": "s", "code": "c", "version": "v", "created": "t"}
    held = json.loads(json.dumps(as_baseline(head, rows, MEASURES)))
    back = baseline_rows(held)
    assert [one["scores"] for one in back] == [{"deal": deal} for deal in deals]
    found = compare(back, rows, MEASURES, 1)
    assert isinstance(found, tuple)
    assert [one.change for one in found] == ["no difference shown"]


# -- what others read --------------------------------------------------------------------------

HEAD = {
    "suite": "s<&>", "title": "A <b>suite</b>", "about": "x", "created": "2024-12-02T00:00:00",
    "version": "1", "code": "c", "fiction": "Fiction.", "seed": 1, "took": {},
}  # fmt: skip


def test_junit_is_xml_with_a_failure_for_a_gate_and_an_error_for_a_case() -> None:
    rows = [
        *many([True, False]), {**row("bad\x00id", {"deal": None}, seed=7), "error": "it \x1b fell"}
    ]  # fmt: skip
    gate = Gate(name="g <1>", measure="deal", statistic="value", sign=">=", limit=0.9)
    suite = Suite(id="s", title="", about="", folder="", scorers=(), gates=(gate,))
    root = ElementTree.fromstring(as_junit(HEAD, rows, rulings(suite, rows)))
    assert (root.get("failures"), root.get("errors"), root.get("tests")) == ("1", "1", "4")
    assert "found 0.5" in (root.find(".//failure").get("message") or "")  # type: ignore[union-attr]
    assert len(root.findall(".//error")) == 1


def test_the_report_escapes_and_needs_nothing_from_outside() -> None:
    rows = [{**row("<script>", {"deal": True}), "notes": ["<img src=x onerror=y>"]}]
    page = as_report(HEAD, rows, (), MEASURES)
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>suite" not in page
    assert "http" not in page
    assert "Fiction." in page
