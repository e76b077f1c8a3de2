"""Measures of a package, improvement and neighbours against an oracle that tries everything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import bargaining
from app.domain.case import Case
from app.domain.terms import Points
from tests import brute
from tests.cases import cases, issue, packages, presets
from tests.plain import plain

either = st.one_of(cases(), cases(roomy=True))


@given(either, presets, st.data())
def test_improvement_is_the_best_package_that_harms_nobody(
    case: Case, preset: str, data: st.DataObject
) -> None:
    package = data.draw(packages(case))
    found = bargaining.survey(case, preset)
    assert bargaining.improve(case, preset, package, found) == brute.improvement(
        case, preset, package
    )


@given(cases(), presets)
def test_improving_a_signable_deal_ends_after_few_steps(case: Case, preset: str) -> None:
    found = bargaining.survey(case, preset)
    for number in found.numbers[:3]:
        package = case.agenda.package(int(number))
        seen = [package]
        while (better := bargaining.improve(case, preset, seen[-1], found)) is not None:
            assert better not in seen
            seen.append(better)


def test_improvement_asks_for_the_survey_of_its_preset() -> None:
    case = plain()
    with pytest.raises(ValueError, match="guided"):
        bargaining.improve(
            case, "hard", ("water-a", "power-b", "border-b"), bargaining.survey(case, "guided")
        )


@given(either, presets, st.sampled_from(["signable", "strong", "each"]), st.data())
def test_the_nearest_package_that_leaves_nobody_out(
    case: Case, preset: str, wanted: bargaining.Leaves, data: st.DataObject
) -> None:
    package = data.draw(packages(case))
    found = bargaining.survey(case, preset)
    assert bargaining.nearest(case, found, package, wanted) == brute.nearest(
        case, preset, package, wanted
    )


@given(cases(), presets, st.data())
def test_one_change_lists_every_neighbour_with_who_refuses_and_who_pays(
    case: Case, preset: str, data: st.DataObject
) -> None:
    package = data.draw(packages(case))
    changes = bargaining.one_change(case, preset, package)
    neighbours = {
        other
        for other in brute.everything(case)
        if sum(a != b for a, b in zip(package, other, strict=True)) == 1
    }
    assert len(changes) == len(neighbours)
    assert {change.package for change in changes} == neighbours
    for change in changes:
        other = change.package
        assert dict(zip((i.id for i in case.issues), other, strict=True))[change.issue] == (
            change.option
        )
        for seat in case.seat_ids:
            before, after = brute.worth(case, seat, package), brute.worth(case, seat, other)
            assert change.totals[seat] == sum(after)
            assert list(change.shifts[seat]) == [b - a for a, b in zip(before, after, strict=True)]
            assert (seat in change.gainers) == (sum(after) > sum(before))
            assert (seat in change.losers) == (sum(after) < sum(before))
            assert (seat in change.refusals) != brute.signs(case, seat, other, preset)
            if brute.crosses(case, seat, other):
                assert "red-line" in {b.rule for b in change.refusals[seat]}


@given(either, presets, st.data())
def test_measures_of_a_package(case: Case, preset: str, data: st.DataObject) -> None:
    package = data.draw(packages(case))
    found = bargaining.survey(case, preset)
    space = brute.everything(case)
    joint = [brute.gains(case, space[n]) for n in brute.joint(case, preset)]
    mine = brute.gains(case, package)
    best = max((brute.nash_value(row) for row in joint), default=0)
    assert bargaining.surplus(case, package) == tuple(mine)
    assert bargaining.nash_ratio(case, found, package) == (
        brute.nash_value(mine) / best if best else 0.0
    )
    tops = [max(column) for column in zip(*joint, strict=True)] or [0] * len(mine)
    assert bargaining.shares(case, found, package) == {
        seat: one / top if top > 0 else 0.0
        for seat, one, top in zip(case.seat_ids, mine, tops, strict=True)
    }
    most = max((sum(row) for row in joint), default=0)
    assert bargaining.joint_gain(case, found, package) == (sum(mine) / most if most > 0 else 0.0)
    ahead = [min(b - a for a, b in zip(mine, row, strict=True)) for row in joint]
    assert bargaining.uniform_gain(case, found, package) == max([0, *ahead])
    assert bargaining.dominated(case, found, package) == brute.is_dominated(mine, joint)


@given(cases(), presets)
def test_without_a_deal_everything_is_nothing(case: Case, preset: str) -> None:
    found = bargaining.survey(case, preset)
    assert bargaining.nash_ratio(case, found, None) == 0.0
    assert bargaining.joint_gain(case, found, None) == 0.0
    assert set(bargaining.shares(case, found, None).values()) == {0.0}


def test_a_package_that_cannot_be_made_better_without_harm_stays() -> None:
    case = plain()
    found = bargaining.survey(case, "guided")
    best = bargaining.solution(case, found, "nash")
    assert best == ("water-a", "power-b", "border-b")
    assert bargaining.improve(case, "guided", best, found) is None
    assert bargaining.nearest(case, found, best, "strong") == best
    assert found.holds(case, best)
    assert not found.holds(case, ("water-a", "power-b", "border-c"))


def priced(no_deal: Points, *worths: Points) -> Case:
    """The plain case where one issue matters, priced so for North; South gets 90 from all."""
    case = plain()
    letters = issue("water", len(worths))
    rows = dict(zip((o.id for o in letters.options), worths, strict=True))
    flat: dict[str, Points] = dict.fromkeys(rows, (30, 30, 30))
    kept = case.mandates["north"].no_deal_lines[0]
    north = replace(
        case.mandates["north"],
        sheet=(rows,),
        red_lines=(),
        no_deal_lines=(replace(kept, points=no_deal),),
    )
    south = replace(case.mandates["south"], sheet=(flat,), red_lines=())
    return replace(case, issues=(letters,), mandates={"north": north, "south": south})


def improved(case: Case, option: str) -> str | None:
    better = bargaining.improve(case, "guided", (option,), bargaining.survey(case, "guided"))
    return better[0] if better else None


def test_a_currency_that_is_below_no_deal_may_stay_but_not_sink() -> None:
    stays = priced((10, 10, 10), (5, 20, 20), (5, 25, 25))
    assert improved(stays, "water-a") == "water-b"
    sinks = priced((10, 10, 10), (5, 20, 20), (4, 25, 25))
    assert improved(sinks, "water-a") is None


def test_a_currency_above_no_deal_may_come_down_to_it() -> None:
    assert improved(priced((10, 10, 10), (20, 20, 20), (10, 30, 30)), "water-a") == "water-b"
    assert improved(priced((10, 10, 10), (20, 20, 20), (9, 30, 30)), "water-a") is None


def test_keeping_every_currency_comes_before_the_larger_product() -> None:
    case = priced((10, 10, 10), (5, 20, 20), (6, 40, 40), (10, 20, 20))
    assert improved(case, "water-a") == "water-c"


def test_keeping_every_currency_is_better_at_the_same_totals() -> None:
    case = priced((10, 10, 10), (5, 20, 20), (10, 15, 20))
    assert improved(case, "water-a") == "water-b"
    assert improved(case, "water-b") is None


def test_just_no_deal_leaves_nobody_out_in_one_reading_and_not_in_the_other() -> None:
    case = priced((10, 10, 10), (5, 20, 20), (10, 20, 20), (11, 20, 20))
    found = bargaining.survey(case, "guided")
    assert bargaining.nearest(case, found, ("water-b",), "strong") == ("water-b",)
    assert bargaining.nearest(case, found, ("water-b",), "each") == ("water-c",)
    assert bargaining.nearest(case, found, ("water-a",), "signable") == ("water-a",)
    assert bargaining.nearest(case, found, ("water-a",), "strong") == ("water-c",)


def test_a_package_nobody_may_sign_has_no_neighbour_when_nothing_is_signable() -> None:
    case = plain()
    case = replace(case, gain=1000)
    found = bargaining.survey(case, "guided")
    package = ("water-a", "power-b", "border-b")
    assert found.best == (30, 30)
    assert bargaining.nearest(case, found, package) is None
    assert bargaining.improve(case, "guided", package, found) is None
    assert bargaining.uniform_gain(case, found, package) == 0
