"""The offline engine: a function of its own view, and faithful to its floor."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import pytest

from app.delegates import engine
from app.domain.case import Case, Session
from app.domain.events import Event, Occupant
from app.domain.space import own_set
from app.domain.table import Table, fold, view_for
from app.eventlog.base import case_hash
from app.library import load_case
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.procedure import decide
from tests.brute import everything
from tests.oracle import paper_of, signs
from tests.small_cases import small_case
from tests.tables import opened_events, run_table


@cache
def flagship() -> Case:
    return load_case("table-for-five")


@cache
def flagship_events(seed: int) -> tuple[Event, ...]:
    return run_table(flagship(), seed, Session())


def states(events: tuple[Event, ...], every: int) -> list[tuple[str, tuple[Event, ...]]]:
    """The seat with the floor and the log up to there, at every n-th turn."""
    found = []
    for place, event in enumerate(events):
        body = event.body
        if body.kind == "turn.opened" and body.turn % every == 0:
            found.append((body.seat, events[: place + 1]))
    return found


def others_changed(case: Case, seat: str, dice: random.Random) -> Case:
    """The same public case, with every other seat's secret sheet shuffled."""
    mandates = dict(case.mandates)
    for other in case.seat_ids:
        if other == seat:
            continue
        held = mandates[other]
        sheet = []
        for row in held.sheet:
            points = list(row.values())
            dice.shuffle(points)
            sheet.append(dict(zip(row, points, strict=True)))
        mandates[other] = replace(
            held,
            sheet=tuple(sheet),
            red_lines=held.red_lines[::-1][1:],
            least={},
            brief="Another brief.",
            no_deal_lines=held.no_deal_lines[:2],
        )
    return replace(case, mandates=mandates, references=(), patterns=(), injects=case.injects)


def viewed(events: tuple[Event, ...], seat: str, case: Case | None = None) -> Table:
    """The seat's fold, with other secrets in the log if asked."""
    if case is not None:
        opening = events[0].body
        assert opening.kind == "table.opened"
        events = (replace(events[0], body=replace(opening, case=case)), *events[1:])
    return fold(view_for(events, seat))


def test_a_plan_does_not_depend_on_other_seats_secrets() -> None:
    dice = random.Random(3)
    for seat, events in states(flagship_events(3), 6):
        own = viewed(events, seat)
        changed = viewed(events, seat, others_changed(flagship(), seat, dice))
        assert changed == own, "the view itself already hides them"
        assert engine.plan(changed, seat) == engine.plan(own, seat)


def test_a_plan_reads_no_other_mandate_even_when_it_is_left_lying_in_the_view() -> None:
    """The engine gets a view that holds foreign sheets by mistake, and is not tempted."""
    dice = random.Random(4)
    for seat, events in states(flagship_events(3), 9):
        own = viewed(events, seat)
        plans = {
            repr(engine.plan(replace(own, case=others_changed(flagship(), seat, dice)), seat))
            for _ in range(3)
        }
        assert plans == {repr(engine.plan(own, seat))}


def test_the_same_view_gives_the_same_plan_and_another_seed_may_not() -> None:
    differ = 0
    for seat, events in states(flagship_events(3), 3):
        view = viewed(events, seat)
        assert engine.plan(view, seat) == engine.plan(view, seat)
        differ += engine.plan(replace(view, seed=view.seed + 1), seat) != engine.plan(view, seat)
    assert differ


def test_a_plan_tables_and_endorses_only_what_the_oracle_would_sign() -> None:
    seen = 0
    for number in range(30):
        dice = random.Random(number)
        case = small_case(dice)
        paper = paper_of(case)
        events = run_table(case, number, Session(rounds=3, preset=dice.choice(case.presets).id))
        for seat, log in states(events, 2):
            view = viewed(log, seat)
            plan = engine.plan(view, seat)
            named = [view.offers[n - 1].package for n in plan.endorse]
            named += [plan.package] if plan.package is not None else []
            seen += len(named)
            assert all(signs(paper, seat, package, view.preset) for package in named)
            assert plan.package not in {offer.package for offer in view.offers}
            assert not set(plan.endorse) & {
                o.number for o in view.offers if seat in view.backers(o.number)
            }
    assert seen > 50


def test_own_packages_are_all_the_seat_could_sign_best_first() -> None:
    for number in range(40):
        case = small_case(random.Random(number))
        paper = paper_of(case)
        for seat in case.seat_ids:
            found = own_set(case, seat, "hard")
            packages = [case.agenda.package(int(n)) for n in found.numbers]
            wanted = [p for p in everything(case) if signs(paper, seat, p, "hard")]
            assert sorted(packages) == sorted(wanted)
            assert list(found.totals) == sorted(found.totals, reverse=True)


def test_a_seat_that_can_sign_nothing_says_so_and_offers_nothing() -> None:
    case = small_case(random.Random(8))
    seat = case.seat_ids[0]
    held = case.mandates[seat]
    hopeless = replace(held, least={"standard": 10_000})
    broken = replace(case, mandates={**case.mandates, seat: hopeless})
    events = run_table(broken, 1, Session(rounds=2))
    table = fold(events)
    theirs = [move.move for move in table.moves if move.seat == seat]
    assert theirs
    assert all(move.package is None and not move.endorse for move in theirs)
    assert all(move.speech.text for move in theirs)


def test_a_ballot_and_a_vote_follow_the_own_sheet() -> None:
    seat = "eu"
    view = viewed(flagship_events(3), seat)
    drafts = tuple(offer.package for offer in view.offers[:5])
    asked = replace(view, drafts=drafts, ranking=(1, 2, 3, 4), closed=None)
    totals = [
        sum(sum(row[o]) for row, o in zip(view.case.mandates[seat].sheet, p, strict=True))
        for p in drafts
    ]
    vote = engine.vote(asked, seat)
    assert sorted(vote.ranking) == list(range(5))
    assert [totals[n] for n in vote.ranking] == sorted(totals, reverse=True)
    paper = paper_of(flagship())
    assert all(signs(paper, seat, drafts[n], view.preset) for n in vote.yes)
    ballot = engine.ballot(asked, seat)
    assert sorted(ballot.ranking) == [1, 2, 3, 4]
    assert [totals[n - 1] for n in ballot.ranking] == sorted(totals[:4], reverse=True)


def test_an_improvement_is_taken_when_it_is_no_worse_and_above_the_floor() -> None:
    view = viewed(flagship_events(3), "nato")
    assert view.deal is not None
    assert engine.improvement(replace(view, improvement=view.deal.package), "nato")
    worst = min(everything_cheap(view), key=lambda p: view.case.mandates["nato"].total(p))
    assert not engine.improvement(replace(view, improvement=worst), "nato")
    assert not engine.improvement(view, "nato")


def everything_cheap(view: Table) -> list[tuple[str, ...]]:
    return [offer.package for offer in view.offers] + [view.agenda.package(n) for n in range(50)]


@pytest.mark.parametrize("occupant", ["engine"])
def test_one_case_one_hash_so_that_no_cache_is_shared(occupant: Occupant) -> None:
    """The engine keeps packages by the case's hash: two cases never share one."""
    one, two = small_case(random.Random(1)), small_case(random.Random(2))
    assert case_hash(one) != case_hash(two)
    seat = one.seat_ids[0]
    for case in (one, two, one):
        log = opened_events(case, 1, Session(rounds=2))
        found = engine.own_packages(viewed(log, seat), seat)
        assert len(found.numbers) == len(own_set(case, seat, "standard").numbers)


def test_the_opening_is_by_the_rules() -> None:
    done = decide(
        None,
        Open(case=flagship(), case_hash="", seed=1, session=Session(), version=""),
        0,
    )
    assert not isinstance(done, Refusal)
