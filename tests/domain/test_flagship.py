"""What is known about the flagship, from its own files."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from app.domain import bargaining
from app.domain.case import Case
from app.domain.terms import Package
from app.library import load_case

SIGNABLE = {"guided": 20_187, "standard": 3_789, "hard": 1_274, "expert": 600}


@cache
def flagship() -> Case:
    return load_case("table-for-five")


@cache
def surveyed(preset: str) -> bargaining.Survey:
    return bargaining.survey(flagship(), preset)


def reference(name: str) -> Package:
    return next(r.package for r in flagship().references if r.id == name)


def middle() -> Package:
    return tuple(issue.options[(len(issue.options) - 1) // 2].id for issue in flagship().issues)


@pytest.mark.parametrize("preset", SIGNABLE)
def test_how_many_packages_all_five_could_sign(preset: str) -> None:
    found = surveyed(preset)
    assert found.count == 2_048_000
    assert found.signable == found.passing == SIGNABLE[preset]


@pytest.mark.parametrize("name", ["capitulation", "russian-maximal", "ukrainian-maximal"])
def test_nobody_wins_everything(name: str) -> None:
    pattern = next(p for p in flagship().patterns if p.id == name)
    assert not pattern.signable
    for preset in SIGNABLE:
        for package in map(flagship().agenda.package, surveyed(preset).numbers.tolist()):
            settled = flagship().agenda.as_mapping(package)
            assert not all(settled[i] in options for i, options in pattern.require.items())


def test_what_the_articles_package_is_worth() -> None:
    worth = {s: flagship().mandates[s].total(reference("article")) for s in flagship().seat_ids}
    assert worth == {"ukraine": 69, "russia": 58, "usa": 87, "nato": 85, "eu": 91}


@pytest.mark.parametrize("preset", SIGNABLE)
def test_the_articles_package_is_signable_and_efficient(preset: str) -> None:
    found = surveyed(preset)
    row = found.row(flagship().agenda.number(reference("article")))
    assert row is not None
    assert row in bargaining.frontier(found.totals)
    assert bargaining.uniform_gain(flagship(), found, reference("article")) == 0


def gains(name: str) -> dict[str, tuple[int, ...]]:
    return {
        seat: tuple(
            got - held
            for got, held in zip(
                flagship().mandates[seat].worth(reference(name)),
                flagship().mandates[seat].no_deal,
                strict=True,
            )
        )
        for seat in flagship().seat_ids
    }


def test_the_articles_package_is_strong_but_leaves_russia_nothing_in_security() -> None:
    found = gains("article")
    assert all(gain >= 0 for shift in found.values() for gain in shift)
    nothing = {
        (seat, place) for seat, shift in found.items() for place in range(3) if not shift[place]
    }
    assert ("russia", flagship().currencies.index("security")) in nothing


def test_two_deals_is_the_nash_package() -> None:
    for preset in ("guided", "standard"):
        found = surveyed(preset)
        assert bargaining.solution(flagship(), found, "nash") == reference("article-two-deals")
        assert bargaining.nash_ratio(flagship(), found, reference("article-two-deals")) == 1.0


def test_the_frontier_has_386_packages() -> None:
    assert len(bargaining.frontier(surveyed("guided").totals)) == 386


def test_the_dated_package_is_paid_for_by_russias_security() -> None:
    signable = {p for p in SIGNABLE if surveyed(p).holds(flagship(), reference("article-dated"))}
    assert signable == {"guided", "standard"}
    below = {
        (seat, flagship().currencies[place]): gain
        for seat, shift in gains("article-dated").items()
        for place, gain in enumerate(shift)
        if gain < 0
    }
    assert below == {("russia", "security"): -2}


def test_no_seat_gets_its_ideal() -> None:
    for preset in SIGNABLE:
        for seat, best in zip(flagship().seat_ids, surveyed(preset).best, strict=True):
            assert best < flagship().mandates[seat].best() == flagship().scale


def test_taking_the_middle_works_in_guided_only() -> None:
    assert {p for p in SIGNABLE if surveyed(p).holds(flagship(), middle())} == {"guided"}


def test_every_presets_packages_are_among_those_of_guided() -> None:
    all_of_them = surveyed("guided").numbers
    for preset in SIGNABLE:
        assert np.isin(surveyed(preset).numbers, all_of_them).all()


def test_a_seats_own_set_needs_no_other_mandate() -> None:
    for seat in flagship().seat_ids:
        own = bargaining.own_set(flagship().seen_by(seat), seat, "standard")
        assert len(own.numbers) == surveyed("standard").own[seat].count
        assert np.isin(surveyed("standard").numbers, own.numbers).all()
