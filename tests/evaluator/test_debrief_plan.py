"""The improvement plan: each rule finds what was done on purpose, cites it, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.case import Case
from app.domain.events import SeatTaken
from app.domain.table import fold, view_for
from app.evaluator.debrief import cautions, strengths
from app.evaluator.debrief.advice import Advice
from app.evaluator.debrief.ground import Ground, ground
from app.evaluator.debrief.plan import CHANGES, Plan
from app.evaluator.debrief.whole import debrief
from app.evaluator.value import assess
from tests import brute
from tests.plain import plain
from tests.small_cases import small_case
from tests.tables import run_table
from tests.talks import Said, Talks

TOP = ("water-a", "power-a", "border-a")
MIDDLE = ("water-a", "power-a", "border-b")
GOOD = ("water-a", "power-b", "border-b")
SOUTH = ("water-b", "power-b", "border-c")
BAD = ("water-b", "power-b", "border-c")


def on(talks: Talks) -> Ground:
    table = talks.table
    return ground(table, tuple(talks.events), "facilitator", assess(table))


def found(rule: Callable[..., object], talks: Talks, seat: str) -> list[Advice]:
    return list(rule(on(talks), seat))  # type: ignore[call-overload, no-any-return]


def talks(*said: Said) -> Talks:
    return Talks(plain()).say(list(said))


def test_two_concessions_in_a_row_that_nobody_answers() -> None:
    words = "We let the power go: the b settlement of power."
    steps = [
        Said(seat="north", package=TOP),
        Said(seat="south", package=SOUTH),
        Said(seat="north", package=MIDDLE),
        Said(seat="north", package=GOOD, text=words),
    ]
    (one,) = found(cautions.gave_twice, talks(*steps), "north")
    sheet = {p: sum(brute.worth(plain(), "north", p)) for p in (TOP, MIDDLE, GOOD)}
    assert f"{sheet[TOP] - sheet[MIDDLE]} points at turn 3" in one.seen
    assert f"{sheet[MIDDLE] - sheet[GOOD]} at turn 4" in one.seen
    assert one.cite is not None
    assert (one.turn, one.cite.turn, one.cite.text) == (4, 4, words)
    answered = [
        *steps[:3],
        Said(seat="south", package=("water-b", "power-b", "border-b")),
        steps[3],
    ]
    assert found(cautions.gave_twice, talks(*answered), "north") == []
    assert found(cautions.gave_twice, talks(*steps), "south") == []
    (kept,) = found(strengths.answered, talks(*answered), "north")
    assert "followed by an offer that is better for it from North" not in kept.seen
    assert kept.turn == 3


def test_a_text_all_could_sign_that_a_seat_let_lie() -> None:
    said = [
        Said(seat="south", package=GOOD, text="Take the a settlement of water."),
        Said(seat="north"),
    ]
    assert all(brute.signs(plain(), s, GOOD, "standard") for s in ("north", "south"))
    (one,) = found(cautions.passed_over, talks(*said).close("impasse"), "north")
    worth = sum(brute.worth(plain(), "north", GOOD))
    assert f"was worth {worth} to this one, {worth - 30} more than no deal" in one.seen
    assert one.cite is not None
    assert (one.turn, one.cite.text) == (1, "Take the a settlement of water.")
    backed = [said[0], Said(seat="north", endorse=(1,))]
    assert found(cautions.passed_over, talks(*backed).close("impasse"), "north") == []
    late = [Said(seat="north"), said[0]]
    assert found(cautions.passed_over, talks(*late).close("impasse"), "north") == []


def test_asking_a_seat_about_what_weighs_most_there() -> None:
    case = plain()
    spans = {
        i.id: max(sum(w) for w in row.values()) - min(sum(w) for w in row.values())
        for i, row in zip(case.issues, case.mandates["south"].sheet, strict=True)
    }
    top = max(spans, key=lambda name: spans[name])
    assert top in ("power", "border")
    (one,) = found(cautions.unasked, talks(Said(seat="north"), Said(seat="south")), "north")
    assert f"\u201c{top.title()}\u201d" in one.seen
    assert f"({spans[top]} points" in one.seen
    asks = Said(seat="north", text=f"We hear you. South, why does {top} matter to you?")
    assert found(cautions.unasked, talks(asks), "north") == []
    (kept,) = found(strengths.asked_well, talks(asks), "north")
    assert kept.cite is not None
    assert kept.cite.text == f"South, why does {top} matter to you?"
    told = Said(seat="north", text=f"South, {top} matters to us.")
    assert found(cautions.unasked, talks(told), "north")


def test_secrets_overrides_threats_and_silence() -> None:
    leak = talks(Said(seat="north", text="Good day. Our bottom line is 30 points."))
    (one,) = found(cautions.leaked, leak, "north")
    assert one.cite is not None
    assert "30" in one.cite.text
    crossed = talks(Said(seat="north", package=BAD)).cross("north", 1)
    (two,) = found(cautions.overridden, crossed, "north")
    assert "offer 1 below its own floor" in two.seen
    threat = talks(Said(seat="north", text="Hear us. Agree or else."), Said(seat="south"))
    (three,) = found(cautions.annoyed, threat, "north")
    assert three.cite is not None
    assert three.cite.text == "Agree or else."
    (four,) = found(cautions.unnamed, threat, "north")
    assert "It never addressed or named South" in four.seen
    for rule in (cautions.leaked, cautions.overridden, cautions.annoyed):
        assert found(rule, threat, "south") == []


def test_listening_is_measured_against_the_study() -> None:
    mute = talks(*(Said(seat="north", text="We say so. It is so.") for _ in range(4)))
    (one,) = found(cautions.little_listening, mute, "north")
    assert one.seen.startswith("None of its 8 sentences was a question (0 %)")
    asks = talks(
        Said(seat="north", text="Why is that? If I understand you, it is the mill. Is that right?")
    )
    assert found(cautions.little_listening, asks, "north") == []


def test_what_would_have_cost_nobody_anything() -> None:
    """Against a search that shares no code: harmless, better for the seat, and never asked for."""
    hits = 0
    for seed in range(60):
        case = small_case(random.Random(seed))
        events = run_table(case, seed, replace(case.session, rounds=3))
        table = fold(events)
        package = table.signed
        if package is None:
            continue
        under = ground(table, events, "facilitator", assess(table))
        for seat in case.seats:
            wanted = {
                option
                for option, other in one_change(case, package)
                if harmless(case, package, other, table.preset)
                and sum(brute.worth(case, seat.id, other))
                > sum(brute.worth(case, seat.id, package))
                and not any(
                    option in o.package for o in [x for x in table.offers if x.by == seat.id][-2:]
                )
            }
            told = list(cautions.free_gain(under, seat.id))
            assert len(told) == len(wanted)
            for advice in told:
                assert any(label(case, option) in advice.seen for option in wanted)
            hits += len(told)
    assert hits


def one_change(case: Case, package: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (option.id, (*package[:n], option.id, *package[n + 1 :]))
        for n, issue in enumerate(case.issues)
        for option in issue.options
        if option.id != package[n]
    ]


def harmless(case: Case, old: tuple[str, ...], new: tuple[str, ...], preset: str) -> bool:
    for seat in case.seats:
        held, before, after = (
            brute.no_deal(case, seat.id),
            brute.worth(case, seat.id, old),
            brute.worth(case, seat.id, new),
        )
        if sum(after) < sum(before) or not brute.signs(case, seat.id, new, preset):
            return False
        if any(a < min(b, h) for a, b, h in zip(after, before, held, strict=True)):
            return False
    return True


def label(case: Case, option: str) -> str:
    return next(o.label for i in case.issues for o in i.options if o.id == option)


def test_the_plan_is_short_and_people_come_first() -> None:
    case = plain()
    table = Talks(case)
    table.note(SeatTaken(seat="south", occupant="person", name="Alex"))
    table.say([Said(seat="north", package=GOOD), Said(seat="south", endorse=(1,))]).sign()
    page = debrief(table.events).plan
    assert isinstance(page, Plan)
    assert [(each.seat, each.person) for each in page.seats] == [("south", True), ("north", False)]
    for each in page.seats:
        assert sum(a.kind == "change" for a in each.advice) <= CHANGES
        assert sum(a.kind == "keep" for a in each.advice) <= 1
    assert "none was below its floor" in page.seats[0].advice[0].seen
    own = debrief(view_for(table.events, "south"), "south").plan
    assert isinstance(own, Plan)
    assert [each.seat for each in own.seats] == ["south"]
    assert not any("that seat's sheet" in a.seen for each in own.seats for a in each.advice)


@pytest.mark.parametrize("rule", [*cautions.CHANGE, *strengths.KEEP])
def test_no_rule_finds_anything_in_an_empty_table(rule: Callable[..., object]) -> None:
    if rule in (cautions.unasked,):
        return
    assert found(rule, Talks(plain()), "north") == []


def test_who_joins_the_text_of_another_seat_has_something_to_keep() -> None:
    words = "Yes to the b settlement of power."
    told = [
        Said(seat="north", package=GOOD),
        Said(seat="south", endorse=(1,), text=words),
    ]
    signed = talks(*told).sign()
    (one,) = found(strengths.joined, signed, "south")
    assert "offer 1 of North, at turn 2, the first after its author" in one.seen
    assert one.cite is not None
    assert (one.turn, one.cite.text) == (2, words)
    assert found(strengths.joined, signed, "north") == []
    assert found(strengths.joined, talks(*told), "south") == []


def test_a_single_question_is_counted_in_grammar() -> None:
    said = Said(seat="north", text="We need power. " * 12 + "Why not?")
    (one,) = found(cautions.little_listening, talks(said), "north")
    assert one.seen.startswith("One of its 13 sentences was a question")
