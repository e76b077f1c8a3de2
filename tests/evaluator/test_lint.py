"""The case linter: every check fires on a case made wrong on purpose, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from app.domain.case import Case, PassRule, Pattern, Reference
from app.domain.mandate import Mandate, RedLine
from app.evaluator.lint import Report, lint, runs
from app.evaluator.zone import middle, passes, restricted, zone
from app.library import load_case
from tests import brute
from tests.cases import cases, presets
from tests.plain import plain

DEAL = ("water-a", "power-b", "border-b")


def checks(report: Report) -> set[str]:
    return {finding.check for finding in report.findings}


def with_mandate(case: Case, seat: str, change: Callable[[Mandate], Mandate]) -> Case:
    return replace(case, mandates={**case.mandates, seat: change(case.mandates[seat])})


def with_line(case: Case, seat: str, line: RedLine) -> Case:
    return with_mandate(case, seat, lambda m: replace(m, red_lines=(*m.red_lines, line)))


def test_the_flagship_is_clean() -> None:
    report = lint(load_case("table-for-five"))
    assert report.findings == ()
    assert {z.preset: z.passing for z in report.zones}["standard"] == 3_789
    assert {note.check for note in report.notes} == {"absent-option", "reference"}


def test_the_plain_case_is_clean() -> None:
    assert lint(plain()).findings == ()


def test_an_empty_zone_is_found_with_the_smallest_change_that_opens_it() -> None:
    case = with_mandate(plain(), "north", lambda m: replace(m, least={"guided": 90}))
    report = lint(case)
    found = [f for f in report.findings if f.check == "empty-zone"]
    assert [f.place for f in found] == ["table.toml: presets.guided"]
    assert "North from 90 to 70" in found[0].remedy


def test_several_small_changes_are_named_where_they_ask_for_less_than_one() -> None:
    case = with_mandate(plain(), "north", lambda m: replace(m, least={"guided": 72}))
    case = with_mandate(case, "south", lambda m: replace(m, least={"guided": 72}))
    found = [f for f in lint(case).findings if f.check == "empty-zone"]
    assert found[0].remedy.startswith(
        "lower the least total of North from 72 to 70, lower the least total of South from 72 to "
        "70 (together 4 points, the fewest that do); or lower the least total of North from 72 to"
    )


def test_a_floor_that_the_signing_test_makes_is_told_apart() -> None:
    case = with_mandate(plain(), "north", lambda m: replace(m, least={}))
    lines = (replace(case.mandates["north"].no_deal_lines[0], points=(20, 20, 25)),)
    case = with_mandate(case, "north", lambda m: replace(m, no_deal_lines=lines))
    found = [f for f in lint(case).findings if f.check == "empty-zone"]
    assert "its no deal plus 10 is 75: that must come down too" in found[0].remedy


def test_a_soft_rule_may_have_deals_that_do_not_suit_everybody() -> None:
    case = with_mandate(plain(), "north", lambda m: replace(m, least={"standard": 101}))
    case = replace(case, rule=PassRule(required=(), at_least=1))
    report = lint(case)
    assert "empty-zone" not in checks(report)
    assert "no-unanimity" in {note.check for note in report.notes}


def test_an_ideal_that_all_could_sign_is_found() -> None:
    """South gives way: nothing is a line to it, and without a deal it holds nothing."""

    def gives_way(mandate: Mandate) -> Mandate:
        line = replace(mandate.no_deal_lines[0], points=(0, 0, 0))
        return replace(mandate, red_lines=(), no_deal_lines=(line,), least={})

    case = replace(with_mandate(plain(), "south", gives_way), gain=0)
    found = [f for f in lint(case).findings if f.check == "ideal"]
    assert {f.place for f in found} == {"north.toml: sheet"}
    assert len(found) == len(case.presets)


def test_a_line_that_changes_nothing_is_found() -> None:
    again = RedLine(
        id="n2", text="Again.", of={"border": ("border-c",)}, limit=0, source=("judgment",)
    )
    places = {f.place for f in lint(with_line(plain(), "north", again)).findings}
    assert places == {"north.toml: red_lines.n1", "north.toml: red_lines.n2"}


def test_an_option_no_seat_could_sign_is_found() -> None:
    case = plain()
    for seat in case.seat_ids:
        never = RedLine(
            id="x", text="Never.", of={"water": ("water-b",)}, limit=0, source=("judgment",)
        )
        case = with_line(case, seat, never)
    found = [f.place for f in lint(case).findings if f.check == "dead-option"]
    assert found == ["table.toml: issues.water.options.water-b"]


def test_taking_the_middle_may_not_make_a_deal_in_the_default_preset() -> None:
    case = plain()
    assert middle(case) == ("water-a", "power-a", "border-b")
    first, power, last = case.issues
    turned = replace(power, options=tuple(reversed(power.options)))
    assert checks(lint(replace(case, issues=(first, turned, last)))) == {"middle"}


def test_a_sheet_that_misses_the_scale_is_found() -> None:
    assert checks(lint(replace(plain(), scale=99))) == {"sheet-sum"}


SECRET = "the capital would rather lose the power than the water of the northern lakes"


@pytest.mark.parametrize(
    ("public", "leaks"),
    [
        (SECRET.upper().replace(" ", ",  "), True),
        ("As is known, the capital would rather lose the power.", True),
        ("The capital would rather lose power.", False),
        ("We will say it openly: the border is not given, and that is that.", True),
        ("The border is not for sale.", False),
    ],
)
def test_confidential_words_in_public_text_are_found(public: str, leaks: bool) -> None:
    case = with_mandate(plain(), "north", lambda m: replace(m, brief=f"Listen: {SECRET}."))
    north, south = case.seats
    assert lint(case).findings == ()
    for spoken in (
        replace(south, brief=public),
        replace(south, phrases={"hold": ("Nothing today.", public)}),
        replace(south, points=(replace(south.points[0], text=public),)),
    ):
        report = lint(replace(case, seats=(north, spoken)))
        assert checks(report) == ({"leak"} if leaks else set())
        assert all(f.place.startswith("south.toml") for f in report.findings)


def test_word_runs_ignore_case_and_punctuation() -> None:
    assert list(runs("One, TWO - three!", 2)) == [("one", "two"), ("two", "three")]
    assert list(runs("One", 2)) == []


def test_missing_sources_are_found_wherever_one_is_due() -> None:
    case = plain()
    north, south = case.seats
    issue, *rest = case.issues
    bare = replace(issue, options=(replace(issue.options[0], source=()), *issue.options[1:]))
    case = replace(
        case,
        issues=(bare, *rest),
        seats=(replace(north, points=(replace(north.points[0], source=()),)), south),
        references=(Reference(id="deal", title="Deal", package=DEAL),),
    )
    case = with_mandate(
        case,
        "south",
        lambda m: replace(
            m,
            red_lines=tuple(replace(line, source=()) for line in m.red_lines),
            no_deal_lines=tuple(replace(line, source=()) for line in m.no_deal_lines),
        ),
    )
    assert {f.place for f in lint(case).findings if f.check == "source"} == {
        "table.toml: issues.water.options.water-a",
        "table.toml: packages.deal",
        "north.toml: points.north.water.1",
        "south.toml: red_lines.s1",
        "south.toml: no_deal[0]",
    }


def test_patterns_and_references_must_keep_what_they_say() -> None:
    def pattern(option: str, signable: bool) -> Pattern:
        return Pattern(id="p", title="P", require={"border": (option,)}, signable=signable)

    def found(*patterns: Pattern) -> set[str]:
        return checks(lint(replace(plain(), patterns=patterns)))

    assert found(pattern("border-b", True), pattern("border-c", False)) == set()
    assert found(pattern("border-b", False)) == {"pattern"}
    assert found(pattern("border-c", True)) == {"pattern"}
    wrong = Reference(
        id="r", title="R", package=("water-a", "power-b", "border-c"), source=("judgment",)
    )
    assert checks(lint(replace(plain(), references=(wrong,)))) == {"reference"}
    right = replace(wrong, package=DEAL)
    assert checks(lint(replace(plain(), references=(right,)))) == set()


def test_a_reference_shut_out_by_another_preset_is_a_note() -> None:
    case = with_mandate(plain(), "north", lambda m: replace(m, least={"hard": 80}))
    right = Reference(id="r", title="R", package=DEAL, source=("judgment",))
    report = lint(replace(case, references=(right,)))
    assert "reference" not in checks(report)
    assert any("not agreeable under hard: r" in note.text for note in report.notes)


def agreeable(case: Case, preset: str) -> set[tuple[str, ...]]:
    """Packages that meet the rule, by trying all."""
    needed = {*case.rule.required, *case.rule.vetoes}
    found = set()
    for package in brute.everything(case):
        able = {s for s in case.seat_ids if brute.signs(case, s, package, preset)}
        if needed <= able and len(able) >= case.rule.at_least:
            found.add(package)
    return found


@settings(max_examples=40)
@given(cases(), presets)
def test_a_zone_counts_what_meets_the_rule_also_when_restricted(case: Case, preset: str) -> None:
    wanted = agreeable(case, preset)
    described, _ = zone(case, preset)
    assert described.passing == len(wanted)
    assert described.share == len(wanted) / len(brute.everything(case))
    assert described.middle == (middle(case) in wanted)
    for package in brute.everything(case)[:12]:
        assert passes(case, package, preset) == (package in wanted)
    last = case.issues[-1]
    only = {last.id: (last.options[0].id,)}
    part, _ = zone(restricted(case, only), preset)
    assert part.passing == sum(package[-1] == last.options[0].id for package in wanted)
