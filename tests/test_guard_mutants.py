"""A guard weakened in any of these ways is caught by the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app import guard
from app.domain.case import Case, PassRule
from app.domain.mandate import Breach, Floor, RedLine
from app.domain.moves import Move
from app.domain.terms import Package
from app.orchestrator import ballots, course, floor_rules, procedure
from app.orchestrator.floor_rules import underfloor
from app.orchestrator.minutes import Minutes
from tests.oracle import complaints, paper_of
from tests.strategies import played

Patch = Callable[[pytest.MonkeyPatch], None]

REAL_GUARD = guard.breaches
REAL_FLOOR = Case.floor
REAL_HOLDS = RedLine.holds
REAL_PASSES = PassRule.passes


def found_by_the_oracle(most: int = 500) -> str:
    """The first complaint about a table of this many; empty when all kept their promises."""
    for number in range(most):
        each = played(number, steps=90)
        found = complaints(paper_of(each.case), each.events)
        if found:
            return found[0]
    return ""


def blind_to(rule: str) -> Patch:
    """A guard that passes over one kind of breach."""

    def blind(case: Case, seat: str, package: Package, preset: str) -> tuple[Breach, ...]:
        return tuple(b for b in REAL_GUARD(case, seat, package, preset) if b.rule != rule)

    return lambda patch: patch.setattr(guard, "breaches", blind)


def no_guard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guard, "breaches", lambda *_: ())


def floor_one_too_low(patch: pytest.MonkeyPatch) -> None:
    def low(case: Case, seat: str, preset: str) -> Floor:
        real = REAL_FLOOR(case, seat, preset)
        return replace(real, gain=real.gain - 1, least=real.least - 1)

    patch.setattr(Case, "floor", low)


def capital_one_too_low(patch: pytest.MonkeyPatch) -> None:
    def low(case: Case, seat: str, preset: str) -> Floor:
        real = REAL_FLOOR(case, seat, preset)
        return replace(real, least=real.least - 1)

    patch.setattr(Case, "floor", low)


def strong_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Case,
        "floor",
        lambda case, seat, preset: replace(REAL_FLOOR(case, seat, preset), strong=False),
    )


def another_preset(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        guard, "breaches", lambda case, seat, package, _: REAL_GUARD(case, seat, package, "guided")
    )


def another_seats_mandate(patch: pytest.MonkeyPatch) -> None:
    def wrong(case: Case, seat: str, package: Package, preset: str) -> tuple[Breach, ...]:
        other = case.seat_ids[case.seat_ids.index(seat) - 1]
        return REAL_GUARD(case, other, package, preset)

    patch.setattr(guard, "breaches", wrong)


def one_line_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        RedLine, "holds", lambda line, said: line.id.endswith("line1") or REAL_HOLDS(line, said)
    )


def one_match_too_many(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RedLine, "holds", lambda line, said: len(line.touched(said)) <= line.limit + 1)


def only_the_package(patch: pytest.MonkeyPatch) -> None:
    """Endorsements go unchecked."""
    real = floor_rules._floor_refusal
    patch.setattr(
        floor_rules,
        "_floor_refusal",
        lambda table, seat, move: real(table, seat, replace(move, endorse=())),
    )


def only_endorsements(patch: pytest.MonkeyPatch) -> None:
    real = floor_rules._floor_refusal
    patch.setattr(
        floor_rules,
        "_floor_refusal",
        lambda table, seat, move: real(table, seat, replace(move, package=None)),
    )


def only_the_first_endorsement(patch: pytest.MonkeyPatch) -> None:
    real = floor_rules._floor_refusal
    patch.setattr(
        floor_rules,
        "_floor_refusal",
        lambda table, seat, move: real(table, seat, replace(move, endorse=move.endorse[:1])),
    )


def the_seats_word_for_it(patch: pytest.MonkeyPatch) -> None:
    """Looks at the package the move restates, where it should look at the stored ones."""
    real = floor_rules._floor_refusal

    def trusting(table: object, seat: str, move: Move) -> object:
        stated = replace(move, endorse=()) if move.package is not None else move
        return real(table, seat, stated)  # type: ignore[arg-type]

    patch.setattr(floor_rules, "_floor_refusal", trusting)


def the_offer_before(patch: pytest.MonkeyPatch) -> None:
    """Checks each endorsement against the offer numbered one less."""
    real = floor_rules._floor_refusal
    patch.setattr(
        floor_rules,
        "_floor_refusal",
        lambda table, seat, move: real(
            table, seat, replace(move, endorse=tuple(max(1, n - 1) for n in move.endorse))
        ),
    )


def override_for_all(patch: pytest.MonkeyPatch) -> None:
    """An AI seat's override counts."""
    patch.setattr(
        floor_rules,
        "underfloor",
        lambda table, seat, package, *, override: (
            None if override else underfloor(table, seat, package, override=override)
        ),
    )


def people_free_of_it(patch: pytest.MonkeyPatch) -> None:
    """A person need not say that they mean it."""
    patch.setattr(
        floor_rules,
        "underfloor",
        lambda table, seat, package, *, override: underfloor(
            table, seat, package, override=override or table.occupants[seat] == "person"
        ),
    )


def improvement_unguarded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ballots, "underfloor", lambda *_, **__: None)


def harm_allowed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ballots, "_harmless", lambda *_: True)


def harm_in_total_only(patch: pytest.MonkeyPatch) -> None:
    """Currencies below no deal go unseen."""
    patch.setattr(
        ballots,
        "_harmless",
        lambda table, deal, package: all(
            m.total(package) >= m.total(deal) for m in table.case.mandates.values()
        ),
    )


def crossing_unmarked(patch: pytest.MonkeyPatch) -> None:
    """The guard refuses as it should, but what is let through leaves no mark."""

    class Silent:
        allows = staticmethod(guard.allows)
        breaches = staticmethod(lambda *_: ())

    patch.setattr(procedure, "guard", Silent)


def override_inherited(patch: pytest.MonkeyPatch) -> None:
    """An engine that takes a seat goes on standing behind what the person overrode."""
    patch.setattr(procedure, "_let_lapse", lambda *_: None)


def crossing_told_to_all(patch: pytest.MonkeyPatch) -> None:
    real = Minutes.note

    def loud(minutes: object, body: object, audience: tuple[str, ...] = ("*",)) -> None:
        real(minutes, body, ("*",) if type(body).__name__ == "LineCrossed" else audience)  # type: ignore[arg-type]

    patch.setattr(Minutes, "note", loud)


def one_backer_short(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        PassRule,
        "passes",
        lambda rule, backers: REAL_PASSES(replace(rule, at_least=rule.at_least - 1), backers),
    )


def vetoes_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        PassRule, "passes", lambda rule, backers: REAL_PASSES(replace(rule, vetoes=()), backers)
    )


def requirement_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        PassRule, "passes", lambda rule, backers: REAL_PASSES(replace(rule, required=()), backers)
    )


def any_answer_will_do(patch: pytest.MonkeyPatch) -> None:
    """An improvement accepted by one counts as accepted by all."""
    real = course.settle_improvement

    def generous(minutes: Minutes) -> None:
        table = minutes.table
        answers = dict.fromkeys(table.answers, any(table.answers.values()))
        minutes._table = replace(table, answers=answers)
        real(minutes)

    patch.setattr(ballots, "settle_improvement", generous)


MUTANTS: dict[str, Patch] = {
    "no guard at all": no_guard,
    "red lines unread": blind_to("red-line"),
    "signing test unread": blind_to("signing-test"),
    "mandate unread": blind_to("mandate"),
    "currencies unread": blind_to("currency"),
} | {
    each.__name__.replace("_", " "): each
    for each in (
        floor_one_too_low,
        capital_one_too_low,
        strong_forgotten,
        another_preset,
        another_seats_mandate,
        one_line_skipped,
        one_match_too_many,
        only_the_package,
        only_endorsements,
        only_the_first_endorsement,
        the_seats_word_for_it,
        the_offer_before,
        override_for_all,
        people_free_of_it,
        improvement_unguarded,
        harm_allowed,
        harm_in_total_only,
        crossing_unmarked,
        override_inherited,
        crossing_told_to_all,
        one_backer_short,
        vetoes_forgotten,
        requirement_forgotten,
        any_answer_will_do,
    )
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_guard_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    assert found_by_the_oracle()


def test_the_whole_guard_is_not() -> None:
    assert found_by_the_oracle(150) == ""
