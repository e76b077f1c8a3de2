"""Statistics of agreement and comparison against published numbers and against brute force."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluator.agreement import (
    Agreement,
    Interval,
    ac1,
    agreement,
    alpha,
    kappa,
    rogan_gladen,
    spearman,
    wilson,
)
from app.evaluator.comparison import (
    Paired,
    bootstrap,
    design_effect,
    detectable,
    holm,
    mcnemar,
    needed,
    paired,
)
from app.evaluator.transcript import Unscored


def spread(table: tuple[int, int, int, int]) -> tuple[list[bool], list[bool]]:
    """Two raters' answers from a table: both yes, first only, second only, both no."""
    cells = [(True, True), (True, False), (False, True), (False, False)]
    pairs = [cell for cell, count in zip(cells, table, strict=True) for _ in range(count)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def number(value: float | Unscored) -> float:
    assert not isinstance(value, Unscored), value
    return value


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ((20, 5, 10, 15), 0.4000),
        ((45, 15, 25, 15), 0.1304),
        ((25, 35, 5, 35), 0.2593),
        ((2, 3, 3, 92), 0.368),
        ((118, 5, 2, 0), -0.0234),
    ],
)
def test_kappa_of_published_tables(table: tuple[int, int, int, int], expected: float) -> None:
    assert number(kappa(*spread(table))) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("table", "expected"), [((2, 3, 3, 92), 0.934), ((118, 5, 2, 0), 0.9408)])
def test_ac1_where_kappa_misleads(table: tuple[int, int, int, int], expected: float) -> None:
    assert number(ac1(*spread(table))) == pytest.approx(expected, abs=5e-4)


KRIPPENDORFF_C = [
    (1, 1, None, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4),
    (4, 4, 4, 4), (1, 1, 2, 1), (2, 2, 2, 2), (None, 5, 5, 5), (None, None, 1, 1),
    (None, 3, None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "expected"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_of_krippendorffs_four_observers(level: str, expected: float) -> None:
    assert number(alpha(KRIPPENDORFF_C, level)) == pytest.approx(expected, abs=5e-4)  # type: ignore[arg-type]


def test_alpha_of_krippendorffs_two_observers() -> None:
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert number(alpha(list(zip(meg, owen, strict=True)), "nominal")) == pytest.approx(
        0.095, abs=5e-4
    )
    ben, gerry = "aabbdcccedda", "babbbcccedd" + "d"
    units = [(ord(a), ord(b)) for a, b in zip(ben, gerry, strict=True)]
    assert number(alpha(units, "nominal")) == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (45, 50, 0.786, 0.957),
        (54, 60, 0.799, 0.953),
        (72, 80, 0.815, 0.948),
        (90, 100, 0.826, 0.945),
        (60, 60, 0.940, 1.0),
        (30, 30, 0.886, 1.0),
        (100, 100, 0.963, 1.0),
    ],
)
def test_wilson_bounds(hits: int, count: int, low: float, high: float) -> None:
    found = wilson(hits, count)
    assert [found.low, found.high] == pytest.approx([low, high], abs=6e-4)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_the_set_of_rates_not_rejected(case: tuple[int, int]) -> None:
    """Oracle: the bounds solve the score test, which shares no code with the closed form."""
    hits, count = case
    found = wilson(hits, count)
    for bound in (found.low, found.high):
        if 0 < bound < 1:
            score = abs(hits / count - bound) / math.sqrt(bound * (1 - bound) / count)
            assert score == pytest.approx(1.959964, rel=1e-5)


def test_rogan_gladen_gives_the_published_correction() -> None:
    found = rogan_gladen(80, 100, (39, 40), (30, 40))
    assert isinstance(found, Interval)
    assert found.value == pytest.approx(0.7586, abs=5e-5)
    assert found.low < found.value < found.high


def test_rogan_gladen_refuses_a_judge_who_guesses() -> None:
    assert isinstance(rogan_gladen(50, 100, (6, 10), (5, 10)), Unscored)
    assert isinstance(rogan_gladen(0, 0, (6, 10), (5, 10)), Unscored)


def test_rogan_gladen_covers_the_truth() -> None:
    """Simulated judges with known errors: the bounds hold the true share about 95 times in 100."""
    chance = random.Random(5)
    inside = 0
    for _ in range(400):
        yes = sum(chance.random() < (0.9 if chance.random() < 0.3 else 0.2) for _ in range(200))
        hits = sum(chance.random() < 0.9 for _ in range(80))
        clear = sum(chance.random() < 0.8 for _ in range(80))
        found = rogan_gladen(yes, 200, (hits, 80), (clear, 80))
        assert isinstance(found, Interval)
        inside += found.low <= 0.3 <= found.high
    assert 0.92 <= inside / 400 <= 0.98


def test_a_report_counts_and_leaves_empty_classes_unscored() -> None:
    report = agreement(*spread((9, 2, 1, 8)))
    assert isinstance(report, Agreement)
    assert (report.confusion.tp, report.confusion.fp) == (9, 2)
    assert isinstance(report.tpr, Interval)
    assert report.tpr.value == pytest.approx(0.9)
    assert number(report.balanced) == pytest.approx((0.9 + 0.8) / 2)
    lone = agreement([True, True], [True, True])
    assert isinstance(lone, Agreement)
    assert isinstance(lone.tnr, Unscored)
    assert isinstance(lone.kappa, Unscored)
    assert isinstance(agreement([], []), Unscored)


@given(st.integers(0, 12), st.integers(0, 12))
def test_mcnemar_is_the_share_of_coin_tosses_as_lopsided(gained: int, lost: int) -> None:
    changed, few = gained + lost, min(gained, lost)
    if changed > 12:
        return
    tosses = list(itertools.product((0, 1), repeat=changed))
    as_far = sum(min(sum(t), changed - sum(t)) <= few for t in tosses) / len(tosses)
    assert mcnemar(gained, lost) == pytest.approx(min(1.0, as_far))


def test_holm_of_the_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_items_needed_for_a_paired_difference() -> None:
    assert [needed(0.5, 0.10), needed(0.5, 0.05), needed(0.35, 0.10), needed(0.35, 0.05)] == [
        197, 785, 97, 385,
    ]  # fmt: skip
    assert detectable(0.5, 197) == pytest.approx(0.10, abs=5e-4)


def test_a_cluster_bootstrap_is_wider_than_a_naive_one_and_repeats_itself() -> None:
    chance = random.Random(1)
    values, clusters = [], []
    for cluster in range(20):
        base = chance.gauss(0, 1)
        values += [base + chance.gauss(0, 0.1) for _ in range(10)]
        clusters += [cluster] * 10
    together = bootstrap(values, clusters, seed=3)
    apart = bootstrap(values, list(range(200)), seed=3)
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert together == bootstrap(values, clusters, seed=3)
    assert number(design_effect(values, clusters)) > 5
    assert number(design_effect(values, list(range(200)))) == pytest.approx(1)


def test_a_paired_comparison_lists_what_has_no_partner() -> None:
    first = {f"t{n}": float(n % 2) for n in range(40)} | {"old": 1.0}
    second = {f"t{n}": 1.0 for n in range(40)} | {"new": 0.0}
    found = paired(first, second, {}, seed=7)
    assert isinstance(found, Paired)
    assert (found.only_first, found.only_second) == (("old",), ("new",))
    assert (found.wins, found.ties, found.losses) == (20, 20, 0)
    assert found.p == pytest.approx(2 / 2**20)
    assert found.difference.low > 0
    assert isinstance(paired({"a": 1}, {"b": 1}, {}, seed=1), Unscored)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30))
def test_spearman_of_a_list_with_itself_and_its_mirror(values: list[int]) -> None:
    found = spearman(values, values)
    if len(set(values)) == 1:
        assert isinstance(found, Unscored)
    else:
        assert found == pytest.approx(1)
        assert spearman(values, [-v for v in values]) == pytest.approx(-1)
