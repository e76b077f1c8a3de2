"""Assessments of tables with every ending, on small cases, against an oracle of plain loops."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import bargaining
from app.domain.case import Case
from app.errors import CaseError
from app.evaluator import wording
from app.evaluator.report import as_data
from app.evaluator.value import Assessment, assess
from tests import brute
from tests.cases import cases, packages, presets
from tests.plain import plain
from tests.talks import Said, Talks

GOOD = ("water-a", "power-b", "border-b")
"""Signable by both seats of the plain case."""

BAD = ("water-b", "power-b", "border-c")
"""South's wish; it crosses north's line."""

HALF = ("water-b", "power-b", "border-b")
"""South can sign, north cannot; one change makes it GOOD."""


def signed(case: Case, *offers: tuple[str, ...], deal: int = 1, preset: str = "standard") -> Talks:
    seats = case.seat_ids
    turns = [Said(seat=seats[n % len(seats)], package=p) for n, p in enumerate(offers)]
    return Talks(case, preset).say(turns).sign(deal)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), preset=presets)
def test_any_case_any_package(data: st.DataObject, preset: str) -> None:
    case = data.draw(cases())
    package = data.draw(packages(case))
    result = assess(signed(case, package, preset=preset).table)
    verdict = result.signed
    for seat in verdict.seats:
        got, held = brute.worth(case, seat.seat, package), brute.no_deal(case, seat.seat)
        gains = [a - b for a, b in zip(got, held, strict=True)]
        some = not brute.crosses(case, seat.seat, package) and sum(gains) >= case.gain
        assert [e.gain for e in seat.entries] == gains
        assert seat.readings.any == some
        assert seat.readings.strong == (some and min(gains) >= 0)
        assert seat.readings.each == (min(gains) > 0)
        assert (not seat.refusals) == brute.signs(case, seat.seat, package, preset)
    able = brute.joint(case, preset)
    space = brute.everything(case)
    rows = [brute.gains(case, space[number]) for number in able]
    assert result.zone.signable == len(able)
    mine = brute.gains(case, package)
    top = max((brute.nash_value(row) for row in rows), default=0)
    expected = brute.nash_value(mine) / top if top else 0.0
    assert verdict.measures.nash_ratio == pytest.approx(expected, rel=1e-12)
    if rows:
        free = [row for row in rows if not brute.is_dominated(row, rows)]
        assert verdict.measures.distance == pytest.approx(min(math.dist(mine, row) for row in free))
        assert verdict.measures.on_frontier == (space.index(package) in able and mine in free)
    else:
        assert verdict.measures.distance is None
        assert all(seat.use is None for seat in verdict.seats)
    for near in result.nearest:
        assert near.package == brute.nearest(case, preset, package, near.wanted)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), preset=presets)
def test_the_improvement_that_was_not_asked_for(data: st.DataObject, preset: str) -> None:
    case = data.draw(cases())
    package = data.draw(packages(case))
    result = assess(signed(case, package, preset=preset).table)
    assert result.improvement == "not asked"
    best = brute.improvement(case, preset, package)
    assert (result.improved.package if result.improved else None) == best
    assert result.final is result.signed


@settings(max_examples=60, deadline=None)
@given(data=st.data(), preset=presets)
def test_a_table_without_a_deal(data: st.DataObject, preset: str) -> None:
    case = data.draw(cases())
    offers = data.draw(st.lists(packages(case), min_size=1, max_size=5, unique=True))
    seats = case.seat_ids
    turns = [Said(seat=seats[n % len(seats)], package=p) for n, p in enumerate(offers)]
    result = assess(Talks(case, preset).say(turns).close("impasse").table)
    assert result.outcome == "impasse"
    assert result.signed.package is None
    assert all(seat.gain == 0 and not seat.readings.any for seat in result.signed.seats)
    assert result.signed.measures.nash_ratio == 0.0
    assert result.improvement == "no deal"
    debrief = result.debrief
    assert debrief is not None
    able = {
        n: {s for s in seats if brute.signs(case, s, p, preset)} for n, p in enumerate(offers, 1)
    }
    assert [offer.number for offer in debrief.closest] == sorted(
        able, key=lambda n: (-1, -len(able[n]), n)
    )[:3]
    for offer in result.offers:
        assert set(seats) - set(offer.refusals) == able[offer.number]
    best = debrief.closest[0]
    space = brute.everything(case)
    joint = {space[number] for number in brute.joint(case, preset)}
    close = [p for p in joint if sum(a != b for a, b in zip(p, best.package, strict=True)) == 1]
    if best.signable or not close:
        assert debrief.turning is None
    else:
        assert debrief.turning is not None
        assert debrief.turning.package in close
        assert brute.nash_value(brute.gains(case, debrief.turning.package)) == max(
            brute.nash_value(brute.gains(case, p)) for p in close
        )


@settings(max_examples=80, deadline=None)
@given(data=st.data(), preset=presets)
def test_every_fix_is_what_it_says(data: st.DataObject, preset: str) -> None:
    case = data.draw(cases())
    package = data.draw(packages(case))
    result = assess(signed(case, package, preset=preset).table)
    seats = case.seat_ids
    listed = {fix.change.package: fix for fix in result.fixes}
    thin = set(result.signed.thinnest)
    now = brute.gains(case, package)
    for other in brute.everything(case):
        if sum(a != b for a, b in zip(package, other, strict=True)) != 1:
            continue
        then = brute.gains(case, other)
        sinks = False
        mended = set()
        for seat in seats:
            old, new = brute.worth(case, seat, package), brute.worth(case, seat, other)
            for a, b, held in zip(old, new, brute.no_deal(case, seat), strict=True):
                sinks = sinks or (b < held and b < a)
                if a <= held < b:
                    mended.add(seat)
        rises = {s for s, a, b in zip(seats, now, then, strict=True) if b > a}
        falls = {s for s, a, b in zip(seats, now, then, strict=True) if b < a}
        below = {s for s in seats if not brute.signs(case, s, other, preset)}
        harmless = bool(rises) and not (falls or below or sinks)
        helps = (thin | mended) & rises
        assert (other in listed) == (harmless or bool(helps))
        if other in listed:
            fix = listed[other]
            assert (fix.harmless, set(fix.helps)) == (harmless, helps)
            assert {o.seat for o in fix.objections} == falls | below


def test_a_currency_that_is_below_no_deal_already_may_stay_there() -> None:
    case = plain()
    north = replace(
        case.mandates["north"],
        sheet=(
            {"water-a": (20, 0, 20), "water-b": (25, 0, 20)},
            {"power-a": (0, 0, 0), "power-b": (0, 5, 0)},
            {"border-a": (0, 0, 0), "border-b": (20, 0, 10), "border-c": (0, 0, 0)},
        ),
    )
    case = replace(case, mandates={**case.mandates, "north": north})
    result = assess(signed(case, GOOD, preset="guided").table)
    assert result.signed.seat("north").entries[1].gain < 0
    harmless = [fix.change.option for fix in result.fixes if fix.harmless]
    assert harmless == ["water-b"]


def impasse() -> Assessment:
    talks = Talks(plain()).say(
        [
            Said(seat="south", package=HALF),
            Said(seat="north", package=GOOD),
            Said(seat="south", endorse=(2,)),
            Said(seat="south", withdraw=(2,)),
        ]
    )
    return assess(talks.close("impasse").table)


def test_an_endorsement_taken_back_still_counts_as_how_close_it_came() -> None:
    result = impasse()
    assert result.debrief is not None
    best = result.debrief.closest[0]
    assert (best.number, best.peak, best.peak_turn, best.backers) == (
        2,
        ("north", "south"),
        3,
        ("north",),
    )
    stands = {place.seat: (place.tabled, place.backed) for place in result.debrief.positions}
    assert stands == {"north": (2, 2), "south": (1, None)}


def test_backing_is_counted_at_one_moment_not_over_time() -> None:
    talks = Talks(plain()).say(
        [
            Said(seat="south", package=HALF),
            Said(seat="south", withdraw=(1,)),
            Said(seat="north", endorse=(1,)),
        ]
    )
    offer = assess(talks.close("impasse").table).offers[0]
    assert (offer.peak, offer.peak_turn, offer.backers) == (("south",), 1, ("north",))


def test_an_impasse_answers_everybody_and_says_what_came_closest() -> None:
    result = impasse()
    assert wording.headline(result).startswith("Everybody: the talks ended in an impasse")
    told = " ".join(wording.closest(result))
    assert "Offer 2 by North, turn 2: North and South behind it" in told
    assert "Offer 2 could have been signed by all as it stood." in told
    assert "North could not sign" in told
    assert "South last tabled offer 1" in " ".join(wording.stands(result))


def test_an_impasse_in_an_empty_zone_says_which_change_of_mandates_would_open_it() -> None:
    case = plain()
    north = replace(case.mandates["north"], least={"standard": 90})
    case = replace(case, mandates={**case.mandates, "north": north})
    table = Talks(case).say([Said(seat="south", package=HALF)]).close("impasse").table
    result = assess(table)
    assert result.zone.passing == 0
    assert result.debrief is not None
    assert [(o.seat, o.points, o.line) for o in result.debrief.openings] == [("north", 20, "")]
    assert [(o.seat, o.points) for o in result.debrief.easing] == [("north", 5), ("south", 12)]
    told = wording.closest(result)[-1]
    assert told.startswith("Nothing could be agreed under standard. What would open it: ")
    assert "(together 17 points, the fewest that do)" in told
    assert told.endswith("or lower the least total of North from 90 to 70.")
    debrief = as_data(result)["debrief"]
    assert debrief["openings"] == [{"seat": "north", "points": 20, "floor": 90, "line": ""}]
    assert [opening["points"] for opening in debrief["easing"]] == [5, 12]


def test_an_impasse_in_a_zone_that_is_open_names_no_change_of_mandates() -> None:
    result = impasse()
    assert result.debrief is not None
    assert result.debrief.openings == result.debrief.easing == ()
    assert "What would open it" not in " ".join(wording.closest(result))


def test_one_change_would_have_turned_the_best_offer() -> None:
    table = Talks(plain()).say([Said(seat="south", package=HALF)]).close("impasse").table
    result = assess(table)
    assert result.debrief is not None
    assert result.debrief.turning is not None
    assert result.debrief.turning.package == GOOD
    assert "One change would have made offer 1 signable by all: Water" in " ".join(
        wording.closest(result)
    )
    assert result.start == HALF
    assert GOOD in [fix.change.package for fix in result.fixes]


def test_silence_is_a_table_too() -> None:
    result = assess(Talks(plain()).say([Said(seat="north")]).close("adjourned").table)
    assert result.outcome == "adjourned"
    assert result.debrief is not None
    assert (result.debrief.closest, result.start, result.fixes, result.nearest) == (
        (),
        None,
        (),
        (),
    )


def test_a_walkout() -> None:
    talks = Talks(plain()).say([Said(seat="north", package=GOOD), Said(seat="south", walk=True)])
    result = assess(talks.close("walkout").table)
    assert result.outcome == "walkout"
    assert "a walkout" in wording.headline(result)


def test_a_table_that_is_still_open_says_so() -> None:
    talks = Talks(plain()).say([Said(seat="north", package=GOOD)])
    assert assess(talks.table).outcome == "open"
    assert wording.headline(assess(talks.table)).startswith(
        "Not known yet: the table is still open"
    )
    talks.agree(1)
    result = assess(talks.table)
    assert result.outcome == "open"
    assert wording.headline(result).startswith("A text is agreed and the table is still open.")


def test_an_override_is_marked_in_the_verdict() -> None:
    talks = Talks(plain()).say([Said(seat="south", package=BAD)]).cross("north", 1)
    result = assess(talks.say([Said(seat="north", endorse=(1,))]).sign().table)
    north = result.signed.seat("north")
    assert north.overridden
    assert not result.signed.seat("south").overridden
    assert [line.id for line in north.crossed] == ["n1"]
    assert (north.readings.any, north.readings.strong) == (False, False)
    assert wording.headline(result) == (
        "North has a red line of its own crossed. Something of value goes to South only."
    )


def test_an_override_on_an_offer_that_was_not_signed_does_not_mark_the_seat() -> None:
    talks = Talks(plain()).say([Said(seat="north", package=BAD)]).cross("north", 1)
    result = assess(talks.say([Said(seat="south", package=GOOD)]).sign(2).table)
    assert not result.signed.seat("north").overridden
    assert [crossing.seat for crossing in result.crossings] == ["north"]


def test_an_accepted_improvement_is_what_counts_and_a_refused_one_is_not() -> None:
    other = ("water-a", "power-b", "border-a")
    talks = Talks(plain()).say([Said(seat="south", package=GOOD)]).agree(1)
    taken = assess(Talks.improve(talks, other, accepted=True).close("agreement").table)
    assert taken.final.package == other
    assert taken.signed.package == GOOD
    assert [o.first for o in taken.improved_origins if o.issue == "border"] == [None]
    talks = Talks(plain()).say([Said(seat="south", package=GOOD)]).agree(1)
    kept = assess(talks.improve(other, accepted=False).close("agreement").table)
    assert (kept.improvement, kept.final.package) == ("refused", GOOD)
    assert kept.improved is not None
    assert kept.improved.package == other


def test_nothing_and_less_than_nothing_are_told_apart() -> None:
    case = plain()
    poor = ("water-a", "power-a", "border-b")
    headline = wording.headline(assess(signed(case, poor).table))
    assert headline.startswith("South leaves with nothing (0 against no deal).")
    assert headline.endswith("Something of value goes to North only.")


def test_a_seats_own_record_is_refused_with_a_remedy() -> None:
    case = replace(plain(), mandates={"north": plain().mandates["north"]})
    with pytest.raises(CaseError, match=r"case\.mandates.*south.*facilitator"):
        assess(Talks(case).table)


def test_a_survey_of_something_else_is_refused() -> None:
    table = Talks(plain()).table
    with pytest.raises(ValueError, match="plain/hard"):
        assess(table, bargaining.survey(plain(), "hard"))
