"""Optima with a proved bound, against an oracle that tries every package and against listing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.bargaining import survey
from app.domain.case import Case
from app.domain.mandate import RedLine
from app.domain.opening import easing, openings
from app.domain.solutions import product
from app.evaluator.bounded import Bounded, bounded
from app.evaluator.optima import Figure
from app.evaluator.zone import passes, zone
from app.library import load_case
from tests import brute
from tests.cases import cases, presets
from tests.large import large


def enclosed(figure: Figure | None, truth: float) -> Figure:
    """The figure's own package has its value, and the truth lies between value and bound."""
    assert figure is not None
    assert figure.value <= truth <= figure.bound
    assert not figure.exact or figure.value == figure.bound
    return figure


def exactly(figure: Figure | None, truth: float) -> None:
    assert enclosed(figure, truth).exact


@settings(max_examples=60)
@given(cases(), presets)
def test_every_figure_is_that_of_trying_all_packages(case: Case, preset: str) -> None:
    found = bounded(case, preset, "a test")
    space = brute.everything(case)
    joint = [space[number] for number in brute.joint(case, preset)]
    assert found.empty == (not joint)
    if not joint:
        assert not any(found.figures.values())
        return
    rows = [brute.gains(case, package) for package in joint]
    for place, seat in enumerate(case.seat_ids):
        held = sum(brute.no_deal(case, seat))
        exactly(found.best[seat], held + max(row[place] for row in rows))
    exactly(found.figures["joint-gain"], max(sum(row) for row in rows))
    exactly(found.figures["max-min"], max(min(row) for row in rows))
    tops = [max(column) for column in zip(*rows, strict=True)]
    able = [place for place, top in enumerate(tops) if top > 0]
    if able:
        fair = max(min(Fraction(row[place], tops[place]) for place in able) for row in rows)
        exactly(found.figures["kalai-smorodinsky"], float(fair))
    best = max(brute.nash_value(row) for row in rows)
    nash = enclosed(found.figures["nash"], best)
    assert nash.value == best
    assert nash.gap <= 3e-5
    for figure in (*found.figures.values(), *found.best.values()):
        if figure is not None:
            assert figure.deal.package in joint
            assert list(figure.deal.gains.values()) == brute.gains(case, figure.deal.package)


@settings(max_examples=60)
@given(cases(), presets)
def test_an_empty_zone_is_proved_and_opened_as_by_listing(case: Case, preset: str) -> None:
    best = {seat: mandate.best() for seat, mandate in case.mandates.items()}
    mandates = {
        seat: replace(m, least=dict.fromkeys(("standard", "hard"), best[seat] - 3))
        for seat, m in case.mandates.items()
    }
    case = replace(case, mandates=mandates)
    assume(not brute.joint(case, preset))
    found = bounded(case, preset, "a test")
    assert found.empty is True
    assert found.openings_exact
    assert found.openings == openings(case, preset)
    points = sum(opening.points for opening in easing(case, preset))
    assert sum(opening.points for opening in found.easing) == points
    assert found.passing == any(passes(case, package, preset) for package in brute.everything(case))


@given(cases(roomy=True), st.integers(0, 3), presets)
@settings(max_examples=30)
def test_a_search_cut_short_claims_nothing_false(case: Case, nodes: int, preset: str) -> None:
    found = bounded(case, preset, "a test", nodes=nodes)
    space = brute.everything(case)
    rows = [brute.gains(case, space[number]) for number in brute.joint(case, preset)]
    assert found.empty in (not rows, None)
    truths = {
        "joint-gain": max((sum(row) for row in rows), default=0),
        "max-min": max((min(row) for row in rows), default=0),
        "nash": max((brute.nash_value(row) for row in rows), default=0),
    }
    for name, truth in truths.items():
        if found.figures[name] is not None:
            enclosed(found.figures[name], truth)


@pytest.mark.parametrize("preset", ["guided", "standard", "hard", "expert"])
def test_the_flagship_is_solved_as_by_listing(preset: str) -> None:
    case = load_case("table-for-five")
    listed, found = zone(case, preset)[0], bounded(case, preset, "a test")
    rows = survey(case, preset)
    gains = rows.totals - rows.no_deal
    assert found.empty is False
    for seat, top in zip(case.seat_ids, rows.best, strict=True):
        exactly(found.best[seat], top)
    exactly(found.figures["joint-gain"], int(gains.sum(axis=1).max()))
    for name in ("max-min", "kalai-smorodinsky", "nash"):
        deal, figure = listed.deals[name], found.figures[name]
        assert deal is not None
        if name == "nash":
            assert enclosed(figure, product(tuple(deal.gains.values()))).gap <= 3e-5
            assert figure is not None
            assert figure.value == product(tuple(deal.gains.values()))
        elif name == "max-min":
            exactly(figure, min(deal.gains.values()))
        else:
            reach = np.array(rows.best) - rows.no_deal
            exactly(figure, float(min(np.array(list(deal.gains.values())) / reach)))


@pytest.mark.parametrize("preset", ["standard", "hard"])
def test_four_thousand_million_packages_are_solved(preset: str) -> None:
    case = large(1)
    found = bounded(case, preset, "a test")
    assert found.packages == 4**16
    assert found.empty is False
    for name, figure in (*found.figures.items(), *found.best.items()):
        assert figure is not None
        assert figure.exact or (name == "nash" and figure.gap <= 3e-5)
        for seat in case.seat_ids:
            assert brute.signs(case, seat, figure.deal.package, preset)
    _no_neighbour_beats(case, preset, found)


def _no_neighbour_beats(case: Case, preset: str, found: Bounded) -> None:
    """Whatever is one or two options away and signable stays below the bounds."""
    agenda = case.agenda
    tried = 0
    for figure in found.figures.values():
        assert figure is not None
        near = [agenda.indices(figure.deal.package)]
        for _ in range(2):
            near = [
                (*one[:place], option, *one[place + 1 :])
                for one in near[:40]
                for place, size in enumerate(agenda.sizes)
                for option in range(size)
            ]
        for package in map(agenda.at, near):
            if all(brute.signs(case, seat, package, preset) for seat in case.seat_ids):
                tried += 1
                gains = brute.gains(case, package)
                values = {
                    "nash": brute.nash_value(gains),
                    "max-min": min(gains),
                    "joint-gain": sum(gains),
                }
                for name, value in values.items():
                    other = found.figures[name]
                    assert other is not None
                    assert value <= other.bound
    assert tried > 100


def test_a_large_zone_that_is_empty_is_proved_so_and_opened() -> None:
    case = large(1, floor=82)
    found = bounded(case, "standard", "a test")
    assert found.empty is True
    assert found.easing
    assert found.openings_exact
    lowered = {opening.seat: opening.floor - opening.points for opening in found.easing}
    mandates = {
        seat: replace(m, least={"standard": lowered.get(seat, m.least["standard"])})
        for seat, m in case.mandates.items()
    }
    assert bounded(replace(case, mandates=mandates), "standard", "a test").empty is False
    seat = found.easing[0].seat
    short = {"standard": lowered[seat] + 1}
    mandates[seat] = replace(mandates[seat], least=short)
    assert bounded(replace(case, mandates=mandates), "standard", "a test").empty is True


def test_a_line_that_cannot_be_read_shuts_the_zone() -> None:
    case = large(1, issues=4, floor=0)
    seat = case.seat_ids[0]
    odd = RedLine(id="odd", text="odd", of={"nowhere": ("x",)}, limit=5)
    mandates = {**case.mandates, seat: replace(case.mandates[seat], red_lines=(odd,))}
    found = bounded(replace(case, mandates=mandates), "standard", "a test")
    assert found.empty is True
