"""The assessment of the flagship against plain arithmetic on the numbers in its TOML files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain import bargaining
from app.domain.bargaining import Survey
from app.domain.case import Case
from app.evaluator import wording
from app.evaluator.value import assess
from app.library import load_case
from tests.talks import Said, Talks

FOLDER = Path(__file__).resolve().parents[2] / "personas" / "table-for-five"
FILE: dict[str, Any] = tomllib.loads((FOLDER / "table.toml").read_text("utf-8"))
SEATS: dict[str, dict[str, Any]] = {
    seat: tomllib.loads((FOLDER / f"{seat}.toml").read_text("utf-8")) for seat in FILE["seats"]
}
ISSUES: list[tuple[str, list[str]]] = [
    (issue["id"], [option["id"] for option in issue["options"]]) for issue in FILE["issues"]
]
ARTICLE = tuple(FILE["packages"][0]["choose"][issue] for issue, _ in ISSUES)


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("table-for-five")


@pytest.fixture(scope="module")
def found(case: Case) -> Survey:
    return bargaining.survey(case, "standard")


def got(seat: str, package: tuple[str, ...]) -> list[int]:
    rows = [SEATS[seat]["sheet"][i][o] for (i, _), o in zip(ISSUES, package, strict=True)]
    return [sum(row[n] for row in rows) for n in range(3)]


def held(seat: str) -> list[int]:
    return [sum(line["points"][n] for line in SEATS[seat]["no_deal"]) for n in range(3)]


def lines(seat: str) -> Iterator[tuple[dict[str, list[str]], int]]:
    for line in SEATS[seat]["red_lines"]:
        if "forbid" in line:
            yield line["forbid"], len(line["forbid"]) - 1
        else:
            yield line["of"], line["at_most"]


def crossed(seat: str, package: tuple[str, ...]) -> bool:
    chosen = dict(zip([i for i, _ in ISSUES], package, strict=True))
    return any(
        sum(chosen[issue] in options for issue, options in of.items()) > limit
        for of, limit in lines(seat)
    )


def need(seat: str) -> int:
    """The least total a seat may sign under the standard preset."""
    return int(max(sum(held(seat)) + FILE["gain"], SEATS[seat]["mandate"]["standard"]))


@pytest.fixture(scope="module")
def signable() -> list[dict[str, int]]:
    """Every package all could sign: a walk over the issues that turns back when it is hopeless."""
    sums = {
        s: [{o: sum(SEATS[s]["sheet"][i][o]) for o in options} for i, options in ISSUES]
        for s in SEATS
    }
    ahead = {
        s: [sum(max(r.values()) for r in rows[n:]) for n in range(11)] for s, rows in sums.items()
    }
    rules = [(of, limit) for seat in SEATS for of, limit in lines(seat)]
    least = {seat: need(seat) for seat in SEATS}
    reached: list[dict[str, int]] = []

    def walk(place: int, totals: dict[str, int], hits: tuple[int, ...]) -> None:
        if any(totals[s] + ahead[s][place] < least[s] for s in SEATS):
            return
        if place == len(ISSUES):
            reached.append(totals)
            return
        issue, options = ISSUES[place]
        for option in options:
            now = tuple(
                hit + (option in of.get(issue, ()))
                for hit, (of, _) in zip(hits, rules, strict=True)
            )
            if all(hit <= limit for hit, (_, limit) in zip(now, rules, strict=True)):
                walk(place + 1, {s: totals[s] + sums[s][place][option] for s in SEATS}, now)

    walk(0, dict.fromkeys(SEATS, 0), (0,) * len(rules))
    return reached


def signed(case: Case, package: tuple[str, ...]) -> Talks:
    return Talks(case).say([Said(seat="usa", package=package)]).sign()


PACKAGES = st.tuples(*[st.sampled_from(options) for _, options in ISSUES])
QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUICK
@given(package=PACKAGES)
def test_gains_readings_and_red_lines(case: Case, found: Survey, package: tuple[str, ...]) -> None:
    verdict = assess(signed(case, package).table, found).signed
    for seat in SEATS:
        gains = [a - b for a, b in zip(got(seat, package), held(seat), strict=True)]
        mine = verdict.seat(seat)
        assert [entry.gain for entry in mine.entries] == gains
        assert (mine.total, mine.held) == (sum(got(seat, package)), sum(held(seat)))
        some = sum(gains) >= 10 and not crossed(seat, package)
        assert mine.readings.any == some
        assert mine.readings.strong == (some and min(gains) >= 0)
        assert mine.readings.each == (min(gains) > 0)
        assert bool(mine.crossed) == crossed(seat, package)
        assert mine.mandate_met == (mine.total >= SEATS[seat]["mandate"]["standard"])
        assert bool(mine.refusals) == (crossed(seat, package) or mine.total < need(seat))
        assert [e.currency for e in mine.lacking] == [
            name for name, gain in zip(FILE["currencies"], gains, strict=True) if gain <= 0
        ]
    for name in ("any", "strong", "each"):
        everybody = all(getattr(seat.readings, name) for seat in verdict.seats)
        assert getattr(verdict.readings, name) == everybody


@QUICK
@given(package=PACKAGES)
def test_the_earnings_add_up_to_what_was_got(
    case: Case, found: Survey, package: tuple[str, ...]
) -> None:
    result = assess(signed(case, package).table, found)
    for seat in result.signed.seats:
        for place, entry in enumerate(seat.entries):
            assert sum(earning.points for earning in entry.earned) == entry.got
            for earning in entry.earned:
                sheet = SEATS[seat.seat]["sheet"][earning.issue]
                assert sheet[earning.option][place] == earning.points
            paid = [earning.points for earning in entry.earned]
            assert paid == sorted(paid, reverse=True)
    assert [(o.issue, o.option) for o in result.origins] == [
        (issue, option) for (issue, _), option in zip(ISSUES, package, strict=True)
    ]


@QUICK
@given(data=st.data())
def test_the_measures(
    case: Case, found: Survey, signable: list[dict[str, int]], data: st.DataObject
) -> None:
    near = st.sampled_from(range(len(found.numbers))).map(
        lambda row: case.agenda.package(int(found.numbers[row]))
    )
    package = data.draw(st.one_of(PACKAGES, near))
    result = assess(signed(case, package).table, found)
    verdict, figures = result.signed, result.signed.measures
    base = {seat: sum(held(seat)) for seat in SEATS}
    mine = {seat: sum(got(seat, package)) for seat in SEATS}

    def product(totals: dict[str, int]) -> int:
        value = 1
        for seat in SEATS:
            value *= max(0, totals[seat] - base[seat])
        return value

    best = max(product(row) for row in signable)
    assert figures.nash_ratio == pytest.approx(float(Fraction(product(mine), best)), rel=1e-12)
    tops = {seat: max(row[seat] for row in signable) for seat in SEATS}
    use = {s: Fraction(mine[s] - base[s], tops[s] - base[s]) for s in SEATS}
    for seat in verdict.seats:
        assert seat.best == tops[seat.seat]
        assert seat.use == pytest.approx(float(use[seat.seat]), rel=1e-12)
    assert set(verdict.thinnest) == {s for s in SEATS if use[s] == min(use.values())}
    assert figures.least_gain == min(mine[s] - base[s] for s in SEATS)
    assert figures.best_least_gain == max(min(r[s] - base[s] for s in SEATS) for r in signable)
    joint = max(sum(row.values()) for row in signable) - sum(base.values())
    assert figures.joint_best == joint
    assert figures.joint_used == pytest.approx((sum(mine.values()) - sum(base.values())) / joint)
    assert figures.joint_left == pytest.approx(
        1 - (sum(mine.values()) - sum(base.values())) / joint
    )
    better = [
        row
        for row in signable
        if all(row[s] >= mine[s] for s in SEATS) and any(row[s] > mine[s] for s in SEATS)
    ]
    assert figures.dominators == len(better)
    assert figures.uniform_gain == max(0, *(min(r[s] - mine[s] for s in SEATS) for r in signable))
    assert figures.on_frontier == (
        mine in signable and not better and not any(crossed(seat, package) for seat in SEATS)
    )
    assert result.zone.signable == len(signable)


def test_the_articles_package(case: Case, found: Survey) -> None:
    """It leaves nobody out by the first two readings, and Russia without security by the third."""
    result = assess(signed(case, ARTICLE).table, found)
    readings = result.signed.readings
    assert (readings.any, readings.strong, readings.each) == (True, True, False)
    assert [(seat, e.currency, e.gain) for seat, e in result.signed.lacking] == [
        ("russia", "security", 0)
    ]
    assert result.signed.thinnest == ("russia",)
    assert wording.headline(result) == "Nobody overall, but Russia has nothing in security."
    assert result.signed.measures.on_frontier
    assert result.signed.measures.distance == 0


def test_the_fixes_of_the_articles_package(case: Case, found: Survey) -> None:
    result = assess(signed(case, ARTICLE).table, found)
    first = result.fixes[0]
    assert (first.change.issue, first.change.option) == ("nuclear", "outline")
    assert first.fills == (("russia", "security"),)
    assert {objection.seat for objection in first.objections} == {"ukraine", "nato", "eu"}
    near = {one.wanted: one for one in result.nearest}
    assert near["strong"].issues == ()
    assert near["each"].issues == ("nuclear",)


@QUICK
@given(package=PACKAGES)
def test_every_fix_is_what_it_says(case: Case, found: Survey, package: tuple[str, ...]) -> None:
    result = assess(signed(case, package).table, found)
    before = {seat: got(seat, package) for seat in SEATS}
    for fix in result.fixes:
        other = fix.change.package
        assert sum(a != b for a, b in zip(package, other, strict=True)) == 1
        after = {seat: got(seat, other) for seat in SEATS}
        falls = {s for s in SEATS if sum(after[s]) < sum(before[s])}
        below = {s for s in SEATS if crossed(s, other) or sum(after[s]) < need(s)}
        assert {o.seat for o in fix.objections} == falls | below
        assert {o.seat for o in fix.objections if o.breaches} == below
        sinks = any(
            new < old and new < base
            for s in SEATS
            for new, old, base in zip(after[s], before[s], held(s), strict=True)
        )
        rises = any(sum(after[s]) > sum(before[s]) for s in SEATS)
        assert fix.harmless == (not falls and not below and not sinks and rises)
        filled = {
            (s, FILE["currencies"][n])
            for s in SEATS
            for n in range(3)
            if before[s][n] <= held(s)[n] < after[s][n]
        }
        assert set(fix.fills) == filled
        assert all(sum(after[s]) > sum(before[s]) for s in fix.helps)
        assert fix.harmless or fix.helps


def test_the_note_says_whom_the_source_names(case: Case) -> None:
    text = wording.yardstick(case)
    assert "line 17" in text
    assert "the EU is not named in this sentence" in text
    assert "Parley's extension" in text
