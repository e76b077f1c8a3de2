"""Whole tables of AI seats: they end, most in deals, and nobody goes below a floor."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from app.domain.case import Case, Session
from app.domain.events import Event
from app.domain.table import Table, fold
from app.library import load_case, shipped
from tests.brute import everything
from tests.oracle import Paper, complaints, harmless, paper_in, paper_of, signs
from tests.small_cases import small_case
from tests.tables import run_table

SEEDS = range(1, 7)


@cache
def flagship() -> Case:
    return load_case("table-for-five")


@cache
def paper() -> Paper:
    return paper_in(Path(str(shipped("personas"))) / "table-for-five")


@cache
def log(seed: int, session: Session) -> tuple[Event, ...]:
    return run_table(flagship(), seed, session)


def end(events: tuple[Event, ...]) -> Table:
    """The table, after checking that it ended and kept its promises by the oracle."""
    table = fold(events)
    assert table.closed is not None
    assert table.crossings == ()
    assert complaints(paper(), events) == []
    return table


@pytest.mark.parametrize("seed", SEEDS)
def test_the_flagship_ends_in_a_deal_all_could_sign(seed: int) -> None:
    table = end(log(seed, Session()))
    assert table.closed is not None
    assert table.closed.outcome == "agreement"
    assert table.signed is not None
    for seat in flagship().seat_ids:
        assert signs(paper(), seat, table.signed, "standard")
    assert {move.stand_in for move in table.moves} == {""}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_seat_tables_a_package_twice_and_all_are_above_its_floor(seed: int) -> None:
    table = end(log(seed, Session()))
    for seat in flagship().seat_ids:
        mine = [o.package for o in table.offers if o.by == seat]
        assert mine
        assert len(set(mine)) == len(mine)
        assert all(signs(paper(), seat, package, "standard") for package in mine)


def test_tables_of_different_seeds_differ() -> None:
    signed = {end(log(seed, Session())).signed for seed in SEEDS}
    opened = {tuple(m.seat for m in fold(log(s, Session())).moves[:5]) for s in SEEDS}
    assert len(signed) > 1
    assert len(opened) > 1


@pytest.mark.parametrize("policy", ["list", "mention", "bid"])
def test_every_floor_policy_gives_each_seat_a_turn_a_round_and_says_why(policy: str) -> None:
    events = log(2, Session(floor=policy, rounds=4))
    end(events)
    rounds: list[list[str]] = []
    reasons: Counter[str] = Counter()
    for event in events:
        if event.body.kind == "round.opened":
            rounds.append([])
        if event.body.kind == "turn.opened":
            rounds[-1].append(event.body.seat)
            assert event.body.policy == (policy if len(rounds) > 1 else "list")
            reasons[event.body.reason.split(":")[0]] += 1
    assert all(sorted(seats) == sorted(flagship().seat_ids) for seats in rounds if seats)
    assert all(reasons)
    wanted = {
        "list": "next on the list",
        "mention": "addressed by the last speaker",
        "bid": "bid 4",
    }
    assert reasons[wanted[policy]] > 0


@pytest.mark.parametrize("mode", ["votes", "ranks"])
def test_a_mediated_table_finishes_with_texts_of_the_mediators(mode: str) -> None:
    table = end(log(1, Session(mediator=mode, rounds=6)))
    texts = [offer for offer in table.offers if offer.by == "mediator"]
    assert texts
    assert len({offer.round for offer in texts}) == len(texts)
    assert len(table.polls) >= len(texts)
    for drafts, votes in table.polls:
        assert set(votes) == set(flagship().seat_ids)
        for seat, vote in votes.items():
            assert all(signs(paper(), seat, drafts[n], "standard") for n in vote.yes)


def test_a_chaired_table_finishes_with_texts_of_the_chairs() -> None:
    table = end(log(1, Session(chair=True, rounds=6)))
    texts = [offer for offer in table.offers if offer.by == "chair"]
    assert len(texts) >= 2
    assert len({offer.round for offer in texts}) == len(texts)


@pytest.mark.parametrize("seed", [1, 4])
def test_an_improvement_harms_nobody(seed: int) -> None:
    events = log(seed, Session(improve=True))
    table = end(events)
    assert table.deal is not None
    assert table.improved is not None
    assert harmless(paper(), table.deal.package, table.improved.package)
    if table.improved.outcome == "accepted":
        assert table.signed == table.improved.package
        for seat in flagship().seat_ids:
            assert signs(paper(), seat, table.signed, "standard")


@pytest.mark.parametrize("preset", ["guided", "hard", "expert"])
def test_every_preset_is_played_to_an_end_above_its_floor(preset: str) -> None:
    table = end(log(1, Session(preset=preset)))
    if table.signed is not None:
        for seat in flagship().seat_ids:
            assert signs(paper(), seat, table.signed, preset)


def test_without_a_zone_there_is_no_deal_and_with_one_there_often_is() -> None:
    ends: Counter[tuple[bool, str]] = Counter()
    for number in range(60):
        dice = random.Random(number)
        case = small_case(dice)
        preset = dice.choice(case.presets).id
        text = paper_of(case)
        session = Session(
            preset=preset,
            rounds=dice.randint(1, 5),
            floor=dice.choice(("list", "mention", "bid")),
            mediator=dice.choice(("none", "votes", "ranks")),
            chair=dice.random() < 0.5,
            improve=dice.random() < 0.5,
        )
        events = run_table(case, number, session)
        table = fold(events)
        assert complaints(text, events) == [], number
        assert table.closed is not None, number
        rule = text["rule"]
        full = rule["at_least"] == len(text["order"])
        zone = any(
            all(signs(text, seat, package, preset) for seat in case.seat_ids)
            for package in everything(case)
        )
        if full:
            ends[zone, table.closed.outcome] += 1
    assert ends[False, "agreement"] == 0
    assert ends[False, "impasse"] > 5
    assert ends[True, "agreement"] > ends[True, "impasse"]


def test_a_larger_case_is_enumerated_or_refused_but_never_guessed() -> None:
    """One seat's secrets too many for the flagship's zone: an empty zone ends in an impasse."""
    case = load_case("first-offer")
    table = fold(run_table(case, 1, case.session))
    assert table.closed is not None
    assert complaints(paper_of(case), run_table(case, 1, case.session)) == []


@pytest.mark.soak
@pytest.mark.timeout(1_200)
def test_the_flagship_ends_in_deals_for_many_seeds() -> None:
    deals = 0
    for seed in range(100, 160):
        table = end(log(seed, Session()))
        deals += table.signed is not None
    assert deals == 60
