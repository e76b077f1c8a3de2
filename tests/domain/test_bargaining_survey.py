"""The feasible set and the own sets against an oracle that tries every package."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import bargaining
from app.domain.case import Case
from app.domain.mandate import RedLine
from app.errors import CaseError
from tests import brute
from tests.cases import cases, issue, presets
from tests.plain import plain

TAILS = st.sampled_from([1, 3, 8, 40, 131_072])


@given(cases(), presets, TAILS)
def test_the_survey_counts_what_trying_every_package_counts(
    case: Case, preset: str, tail: int
) -> None:
    found = bargaining.survey(case, preset, tail=tail)
    space = brute.everything(case)
    signers = [{s for s in case.seat_ids if brute.signs(case, s, p, preset)} for p in space]

    assert found.count == len(space)
    joint = [n for n, able in enumerate(signers) if len(able) == len(case.seats)]
    assert found.numbers.tolist() == joint
    assert found.totals.tolist() == [
        [sum(brute.worth(case, s, space[n])) for s in case.seat_ids] for n in joint
    ]
    assert found.nearly == sum(len(able) >= len(case.seats) - 1 for able in signers)
    for seat in case.seat_ids:
        others = set(case.seat_ids) - {seat}
        assert found.held_up[seat] == sum(able == others for able in signers)


@given(cases(), presets, TAILS)
def test_the_survey_knows_each_seats_own_range(case: Case, preset: str, tail: int) -> None:
    found = bargaining.survey(case, preset, tail=tail)
    space = brute.everything(case)
    for seat in case.seat_ids:
        own = [sum(brute.worth(case, seat, p)) for p in space if brute.signs(case, seat, p, preset)]
        reach = found.own[seat]
        assert (reach.count, reach.least, reach.most) == (
            len(own),
            min(own, default=None),
            max(own, default=None),
        )
        both = [sum(brute.worth(case, seat, space[n])) for n in found.numbers]
        joint = found.joint(seat)
        assert (joint.least, joint.most) == (min(both, default=None), max(both, default=None))


@given(cases(), presets, TAILS)
def test_passing_follows_the_decision_rule_with_its_vetoes(
    case: Case, preset: str, tail: int
) -> None:
    passing = 0
    for package in brute.everything(case):
        able = {s for s in case.seat_ids if brute.signs(case, s, package, preset)}
        needed = {*case.rule.required, *case.rule.vetoes}
        passing += len(able) >= case.rule.at_least and needed <= able
    assert bargaining.survey(case, preset, tail=tail).passing == passing


@given(cases(), presets, TAILS)
def test_an_own_set_is_what_the_seat_could_sign_best_first(
    case: Case, preset: str, tail: int
) -> None:
    space = brute.everything(case)
    for seat in case.seat_ids:
        own = bargaining.own_set(case.seen_by(seat), seat, preset, tail=tail)
        ranked = sorted(
            (-sum(brute.worth(case, seat, p)), n)
            for n, p in enumerate(space)
            if brute.signs(case, seat, p, preset)
        )
        assert own.numbers.dtype == np.int32
        assert list(zip((-own.totals).tolist(), own.numbers.tolist(), strict=True)) == ranked
        held = brute.no_deal(case, seat)
        for number, keeps in zip(own.numbers.tolist(), own.whole.tolist(), strict=True):
            got = brute.worth(case, seat, space[number])
            assert keeps == all(a >= b for a, b in zip(got, held, strict=True))


@given(cases(), st.data())
def test_worth_scores_and_grid_agree_with_plain_sums(case: Case, data: st.DataObject) -> None:
    space = brute.everything(case)
    numbers = np.array(data.draw(st.lists(st.integers(0, len(space) - 1), max_size=6)), np.int64)
    for seat in case.seat_ids:
        assert bargaining.worths(case, seat, numbers).tolist() == [
            brute.worth(case, seat, space[n]) for n in numbers
        ]
    assert bargaining.scores(case, numbers).tolist() == [
        [sum(brute.worth(case, s, space[n])) for s in case.seat_ids] for n in numbers
    ]
    weights = [[data.draw(st.integers(-9, 9)) / 2 for _ in i.options] for i in case.issues]
    named = [
        {o.id: w for o, w in zip(i.options, row, strict=True)}
        for i, row in zip(case.issues, weights, strict=True)
    ]
    assert bargaining.option_grid(case.agenda, weights).tolist() == [
        sum(row[option] for row, option in zip(named, package, strict=True)) for package in space
    ]


@given(cases(), presets)
def test_a_line_on_an_unknown_issue_lets_nothing_pass(case: Case, preset: str) -> None:
    seat = case.seat_ids[0]
    broken = RedLine(id="x", text="x", of={"nowhere": ("a",)}, limit=1)
    mandate = case.mandates[seat]
    mandate = replace(mandate, red_lines=(*mandate.red_lines, broken))
    case = replace(case, mandates={**case.mandates, seat: mandate})
    assert len(bargaining.own_set(case, seat, preset).numbers) == 0
    assert bargaining.survey(case, preset).signable == 0
    assert all(case.breaches(seat, p, preset) for p in brute.everything(case)[:20])


def large(case: Case, issues: int) -> Case:
    """The case with this many issues of four options, all worth nothing to anybody."""
    agenda = tuple(issue(f"issue{n}", 4) for n in range(issues))
    sheet = tuple({o.id: (0,) * len(case.currencies) for o in i.options} for i in agenda)
    mandates = {
        seat: replace(m, sheet=sheet, no_deal_lines=(), red_lines=(), least={})
        for seat, m in case.mandates.items()
    }
    return replace(case, issues=agenda, mandates=mandates, gain=0)


def test_a_case_beyond_the_limit_is_refused_with_the_limit_named() -> None:
    case = large(plain(), 15)
    for ask in (
        lambda: bargaining.survey(case, "guided"),
        lambda: bargaining.own_set(case, "north", "guided"),
    ):
        with pytest.raises(bargaining.TooLarge, match="256,000,000") as refused:
            ask()
        assert isinstance(refused.value, CaseError)
        assert refused.value.found == 4**15


def test_more_joint_packages_than_memory_should_hold_are_refused() -> None:
    with pytest.raises(bargaining.TooLarge, match="8,000,000"):
        bargaining.survey(large(plain(), 12), "guided")


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        bargaining.option_grid(plain().agenda, [[1.0]])
