"""Frontier and solution points against an oracle over exact fractions."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.domain import bargaining, solutions
from app.domain.case import Case
from tests import brute
from tests.cases import cases, presets


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    width = draw(st.integers(1, 4))
    row = st.lists(st.integers(-2, 6), min_size=width, max_size=width)
    return draw(st.lists(row, min_size=1, max_size=60))


@given(tables())
def test_the_frontier_is_what_nothing_dominates_equals_kept(rows: list[list[int]]) -> None:
    expected = [n for n, row in enumerate(rows) if not brute.is_dominated(row, rows)]
    assert solutions.frontier(np.array(rows)).tolist() == expected


def test_the_frontier_survives_many_blocks_and_slices() -> None:
    rows = np.random.default_rng(5).integers(0, 30, size=(40_000, 3))
    found = solutions.frontier(rows)
    kept = rows[found]
    inside = np.zeros(len(rows), dtype=bool)
    inside[found] = True
    for row, stays in zip(rows[::97], inside[::97], strict=True):
        beaten = bool(((kept >= row).all(axis=1) & (kept > row).any(axis=1)).any())
        assert beaten != stays
    for row in kept:
        assert not ((rows >= row).all(axis=1) & (rows > row).any(axis=1)).any()


@given(st.data(), st.integers(1, 4))
def test_the_frontier_found_issue_by_issue_is_that_of_all_packages(
    data: st.DataObject, seats: int
) -> None:
    row = st.lists(st.integers(-2, 6), min_size=seats, max_size=seats)
    parts = data.draw(st.lists(st.lists(row, min_size=1, max_size=4), min_size=1, max_size=4))
    space = [[sum(column) for column in zip(*rows, strict=True)] for rows in product(*parts)]
    expected = [n for n, one in enumerate(space) if not brute.is_dominated(one, space)]
    assert solutions.frontier_dp([np.array(part) for part in parts]).tolist() == expected


@given(cases(), presets, st.booleans())
def test_the_undominated_rows_of_a_case_are_the_oracles(
    case: Case, preset: str, free: bool
) -> None:
    if free:
        mandates = {s: replace(m, red_lines=(), least={}) for s, m in case.mandates.items()}
        soft = tuple(replace(one, strong=False) for one in case.presets)
        case = replace(case, gain=-1000, mandates=mandates, presets=soft)
    found = bargaining.survey(case, preset)
    assert not free or found.signable == found.count
    space = brute.everything(case)
    rows = [brute.gains(case, space[n]) for n in brute.joint(case, preset)]
    expected = [n for n, row in enumerate(rows) if not brute.is_dominated(row, rows)]
    assert bargaining.undominated(case, found).tolist() == expected


def test_the_frontier_of_wide_numbers_is_not_narrowed_wrongly() -> None:
    for most in (255, 256, 65_535, 65_536, 2**31, 2**40):
        rows = np.array([[0, most], [most, 0], [most - 1, 0], [0, most - 1], [1, 1]])
        assert solutions.frontier(rows).tolist() == [0, 1, 4]


@given(tables())
def test_solution_points_match_exact_arithmetic(rows: list[list[int]]) -> None:
    array, nothing = np.array(rows), np.zeros(len(rows[0]), dtype=np.int64)
    values = [brute.nash_value(row) for row in rows]
    assert solutions.nash(array, nothing) == values.index(max(values))
    assert solutions.kalai_smorodinsky(array, nothing) == brute.kalai_smorodinsky(rows)
    assert solutions.max_min(array, nothing) == brute.max_min(rows)


def test_products_too_close_for_floating_point_are_told_apart() -> None:
    many = 9_999_999
    rows = np.array([[many, many, many, many], [many + 1, many - 1, many, many]])
    assert solutions.nash(rows, np.zeros(4, dtype=np.int64)) == 0
    assert solutions.nash(rows[::-1], np.zeros(4, dtype=np.int64)) == 1


def test_equal_products_tie_though_floating_point_rounds_them_apart() -> None:
    one = [71, 294, 394, 35, 133, 63, 256, 392, 233, 244]
    other = [392, 63, 394, 133, 244, 71, 233, 294, 35, 256]
    assert sorted(one) == sorted(other)
    rough = solutions.products(np.array([one, other]))
    assert rough[0] != rough[1]
    for rows in ([one, other], [other, one]):
        assert solutions.nash(np.array(rows), np.zeros(10, dtype=np.int64)) == 0


def test_an_empty_set_has_no_solution() -> None:
    none, nothing = np.zeros((0, 2), dtype=np.int64), np.zeros(2, dtype=np.int64)
    assert solutions.frontier(none).tolist() == []
    assert solutions.nash(none, nothing) is None
    assert solutions.kalai_smorodinsky(none, nothing) is None
    assert solutions.max_min(none, nothing) is None


@given(cases(), presets)
def test_solutions_of_a_case_are_the_oracles(case: Case, preset: str) -> None:
    found = bargaining.survey(case, preset)
    space = brute.everything(case)
    joint = [space[n] for n in brute.joint(case, preset)]
    gains = [brute.gains(case, package) for package in joint]
    if not joint:
        assert bargaining.solution(case, found, "nash") is None
        return
    values = [brute.nash_value(row) for row in gains]
    assert bargaining.solution(case, found, "nash") == joint[values.index(max(values))]
    best = joint[brute.kalai_smorodinsky(gains)]
    assert bargaining.solution(case, found, "kalai-smorodinsky") == best
    assert bargaining.solution(case, found, "max-min") == joint[brute.max_min(gains)]
