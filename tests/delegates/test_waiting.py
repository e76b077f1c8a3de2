"""Under a rule that can pass without all, the engine does not close over anybody's head early."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.delegates import engine
from app.delegates.acceptance import public_lean, read_seat, usual_level
from app.delegates.aspiration import hurry
from app.domain.case import Case, PassRule, Session, TalkingPoint
from app.domain.events import Body, Event, Moved, RankingOpened, RoundOpened, SeatTaken, TableOpened
from app.domain.moves import Move, Speech
from app.domain.table import Table, evolve, fold
from app.library.imports.llm_deliberation import read_game

ALL = ("a2", "b2", "c2", "d3")
"""The package that every seat of the orchard could sign."""

WORDS = Speech(text="x", by="engine")


@pytest.fixture(scope="module")
def orchard(root: Path) -> Case:
    return read_game(root / "tests/data/llm-deliberation/orchard", as_of="2025-01-13").case


def sat(case: Case, rounds: int, round_number: int, *moves: tuple[str, Move]) -> Table:
    bodies: list[Body] = [
        TableOpened(case=case, case_hash="w", seed=1, session=Session(rounds=rounds), version=""),
        *(SeatTaken(seat=seat, occupant="engine") for seat in case.seat_ids),
        RoundOpened(round=round_number),
    ]
    table = fold(Event(table_id="t", seq=1, at=0, audience=("*",), body=body) for body in bodies)
    for turn, (seat, move) in enumerate(moves, start=1):
        offer = len(table.offers) + 1 if move.package else None
        body = Moved(turn=turn, seat=seat, move=move, offer=offer)
        table = evolve(table, Event(table_id="t", seq=1, at=0, audience=("*",), body=body))
    return table


def tabled_and_named(case: Case, *seats: str) -> list[tuple[str, Move]]:
    first, *others = seats
    named = [(seat, Move(speech=WORDS, endorse=(1,))) for seat in others]
    return [(first, Move(speech=WORDS, package=ALL)), *named]


def test_the_name_that_would_close_over_a_seat_waits_for_the_last_round(orchard: Case) -> None:
    backers = ("orchard-company", "water-board", "village-council")
    early = sat(orchard, 4, 3, *tabled_and_named(orchard, *backers))
    assert engine.leaves_out(early, "growers-union", 1)
    last = sat(orchard, 4, 4, *tabled_and_named(orchard, *backers))
    assert not engine.leaves_out(last, "growers-union", 1)


def test_the_last_name_of_all_never_waits(orchard: Case) -> None:
    backers = ("orchard-company", "water-board", "village-council", "bird-society")
    table = sat(orchard, 4, 1, *tabled_and_named(orchard, *backers))
    assert not engine.leaves_out(table, "growers-union", 1)


def test_under_unanimity_nobody_waits(orchard: Case) -> None:
    strict = replace(orchard, rule=PassRule(required=orchard.seat_ids, at_least=5))
    table = sat(strict, 4, 1, *tabled_and_named(strict, "orchard-company", "water-board"))
    assert not any(engine.leaves_out(table, seat, 1) for seat in strict.seat_ids)


def test_ballots_put_breadth_first(orchard: Case) -> None:
    broad = tabled_and_named(orchard, *orchard.seat_ids)
    narrow = ("growers-union", Move(speech=WORDS, package=("a1", "b1", "c1", "d4")))
    table = sat(orchard, 4, 4, *broad, narrow)
    body = RankingOpened(offers=(1, 2))
    table = evolve(table, Event(table_id="t", seq=1, at=0, audience=("*",), body=body))
    assert engine.ballot(table, "growers-union").ranking == (1, 2)


def test_silence_that_waits_teaches_nothing(orchard: Case) -> None:
    """The same silence lowers a seat's worth where its name would not have closed the talks."""
    silent = ("growers-union", Move(speech=WORDS))
    names = ("orchard-company", "water-board", "village-council")
    waited = sat(orchard, 4, 3, *tabled_and_named(orchard, *names), silent)
    refused = sat(orchard, 4, 3, *tabled_and_named(orchard, *names[:2]), silent)
    lean = public_lean(orchard, "growers-union")
    untouched = read_seat(sat(orchard, 4, 3), "growers-union", lean)
    place = [waited.agenda.indices(ALL)]
    chosen = np.array(place, dtype=np.int64)
    after = read_seat(waited, "growers-union", lean)
    assert after.worth(chosen)[0] == untouched.worth(chosen)[0]
    assert read_seat(refused, "growers-union", lean).worth(chosen)[0] < after.worth(chosen)[0]


def test_a_seat_that_says_yes_early_is_read_as_having_a_low_floor(orchard: Case) -> None:
    yes = [("village-council", Move(speech=WORDS, endorse=(1,)))]
    lean = public_lean(orchard, "village-council")
    tabled = [("orchard-company", Move(speech=WORDS, package=ALL))]
    agreed = read_seat(sat(orchard, 4, 3, *tabled, *yes), "village-council", lean)
    assert agreed.level < usual_level(3, 4)


def test_short_talks_hurry_and_long_ones_do_not() -> None:
    assert hurry(4) > 1.0
    assert hurry(10) == 1.0


def argued(case: Case) -> Case:
    """The case with one published argument, so that texts are not the only way to speak."""
    issue = case.issues[0]
    point = TalkingPoint(
        id="p",
        issue=issue.id,
        kind="interest",
        favours=(issue.options[0].id,),
        against=(),
        text="x",
        source=(),
    )
    first, *others = case.seats
    return replace(case, seats=(replace(first, points=(point,)), *others))


def test_where_nobody_argues_in_public_every_turn_brings_a_text(orchard: Case) -> None:
    held = ("bird-society", Move(speech=WORDS, package=("a3", "b3", "c3", "d1")))
    table = sat(orchard, 10, 2, held)
    assert engine.restless(table, "bird-society", list(table.offers))


def test_in_short_talks_every_turn_brings_a_text(orchard: Case) -> None:
    held = ("bird-society", Move(speech=WORDS, package=("a3", "b3", "c3", "d1")))
    for rounds, new in ((4, True), (10, False)):
        table = sat(argued(orchard), rounds, 2, held)
        standing = list(table.offers)
        assert engine.restless(table, "bird-society", standing) is new


def test_in_the_closing_call_a_text_left_unnamed_is_given_up(orchard: Case) -> None:
    held = ("bird-society", Move(speech=WORDS, package=("a3", "b3", "c3", "d1")))
    silent = ("growers-union", Move(speech=WORDS))
    spoken = argued(orchard)
    quiet = sat(spoken, 10, 9, held)
    assert not engine.restless(quiet, "bird-society", list(quiet.offers))
    table = sat(spoken, 10, 9, held, silent)
    assert engine.restless(table, "bird-society", list(table.offers))
