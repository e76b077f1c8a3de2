"""The floor in the allow form: it allows what an oracle would sign, and nothing in doubt."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app import guard
from app.domain.case import Case
from app.domain.mandate import Breach, Floor, Mandate, RedLine
from app.domain.terms import Agenda, Package
from app.library import load_case
from tests.oracle import paper_of, signs
from tests.plain import plain
from tests.small_cases import any_package, small_case


def test_the_guard_allows_exactly_what_the_oracle_would_sign() -> None:
    allowed = 0
    for number in range(150):
        dice = random.Random(number)
        case = small_case(dice)
        paper = paper_of(case)
        for _ in range(20):
            package = any_package(dice, case.issues)
            for seat in case.seat_ids:
                preset = dice.choice(case.presets).id
                fine = signs(paper, seat, package, preset)
                allowed += fine
                assert guard.allows(case, seat, package, preset) == fine
    assert allowed > 500


def test_the_same_on_the_flagship() -> None:
    case = load_case("table-for-five")
    paper = paper_of(case)
    dice = random.Random(5)
    for _ in range(1_500):
        package = any_package(dice, case.issues)
        seat, preset = dice.choice(case.seat_ids), dice.choice(case.presets).id
        assert guard.allows(case, seat, package, preset) == signs(paper, seat, package, preset)


# ---- whatever is not provably allowed is a breach ----

GOOD: Package = ("water-a", "power-b", "border-b")


def test_the_plain_deal_is_allowed() -> None:
    assert guard.allows(plain(), "north", GOOD, "standard")
    assert guard.allows(plain(), "south", GOOD, "standard")


@pytest.mark.parametrize(
    ("seat", "package", "preset"),
    [
        ("nobody", GOOD, "standard"),
        ("", GOOD, "standard"),
        ("north", GOOD, "no-such-preset"),
        ("north", (), "standard"),
        ("north", GOOD[:2], "standard"),
        ("north", (*GOOD, "border-b"), "standard"),
        ("north", ("power-b", "water-a", "border-b"), "standard"),
        ("north", ("water-a", "power-b", "no-such-option"), "standard"),
        ("north", ("water-a", "power-b", ""), "standard"),
        ("north", ("water-a", "power-b", None), "standard"),
        ("north", ("water-a", "power-b", ["border-b"]), "standard"),
        ("north", None, "standard"),
    ],
)
def test_doubt_is_a_breach(seat: str, package: Package, preset: str) -> None:
    assert not guard.allows(plain(), seat, package, preset)
    assert all(breach.reason for breach in guard.breaches(plain(), seat, package, preset))


def altered(**changes: object) -> Case:
    case = plain()
    north = replace(case.mandates["north"], **changes)  # type: ignore[arg-type]
    return replace(case, mandates={**case.mandates, "north": north})


NAN = float("nan")


@pytest.mark.parametrize(
    "case",
    [
        replace(plain(), mandates={}),
        replace(plain(), gain=NAN),  # type: ignore[arg-type]
        altered(least={"standard": NAN}),
        altered(least={"standard": float("inf")}),
        altered(least={"standard": None}),
        altered(
            sheet=tuple(
                dict.fromkeys(row, (NAN, NAN, NAN)) for row in plain().mandates["north"].sheet
            )
        ),
        altered(sheet=({}, {}, {})),
        altered(sheet=plain().mandates["north"].sheet[:2]),
        altered(sheet=()),
        altered(no_deal_lines=()),
        altered(red_lines=(RedLine(id="x", text="x", of={"unknown": ("a",)}, limit=0),)),
        altered(red_lines=(RedLine(id="x", text="x", of={"water": ("water-b",)}, limit=-1),)),
        altered(red_lines=(RedLine(id="x", text="x", of={"water": ("water-b",)}, limit=NAN),)),  # type: ignore[arg-type]
    ],
)
def test_a_mandate_that_cannot_be_read_allows_nothing(case: Case) -> None:
    assert not guard.allows(case, "north", GOOD, "standard")


def test_a_guard_that_denies_instead_of_allowing_lets_nan_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Why the comparisons are written the way they are."""
    case = altered(least={"standard": NAN})

    def denying(
        self: Mandate, package: Package, agenda: Agenda, floor: Floor, currencies: tuple[str, ...]
    ) -> tuple[Breach, ...]:
        total = self.total(package)
        low = total < sum(floor.no_deal) + floor.gain or total < floor.least
        return (Breach(rule="mandate", reason="too little"),) if low else ()

    assert not guard.allows(case, "north", GOOD, "standard")
    monkeypatch.setattr(Mandate, "breaches", denying)
    assert guard.allows(case, "north", GOOD, "standard")


def test_a_breach_names_the_line_the_seat_would_cross() -> None:
    found = guard.breaches(plain(), "north", ("water-a", "power-a", "border-c"), "standard")
    assert [breach.line for breach in found if breach.rule == "red-line"] == ["n1"]
    assert "The border is not given." in found[0].reason
