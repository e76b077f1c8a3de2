"""Whatever is sent to a table, in whatever order: its promises hold, by an oracle's account."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

from app.domain.case import Case
from app.domain.events import (
    BallotCast,
    Event,
    ImprovementAnswered,
    LineCrossed,
    Moved,
    TableClosed,
    VoteCast,
)
from app.domain.moves import Move, Speech, Withdrawal
from app.domain.state import Table
from app.domain.table import evolve, fold
from app.eventlog.base import decode_event, encode_event
from app.library import load_case, shipped
from app.orchestrator.floor_rules import legal_moves
from app.orchestrator.orders import REFUSALS, Refusal, Submit, TakeSeat
from app.orchestrator.procedure import decide, outstanding
from app.orchestrator.sitting import Sitting
from tests.oracle import Paper, complaints, paper_in, paper_of, passes, signs
from tests.strategies import Play, played

NUMBERS = range(400)
FLAGSHIP_NUMBERS = range(12)


@cache
def play(number: int) -> Play:
    return played(number)


@cache
def flagship() -> Case:
    return load_case("table-for-five")


@cache
def flagship_play(number: int) -> Play:
    return played(number, flagship(), steps=80)


def every() -> list[Play]:
    return [play(n) for n in NUMBERS] + [flagship_play(n) for n in FLAGSHIP_NUMBERS]


def flagship_paper() -> Paper:
    return paper_in(Path(str(shipped("personas"))) / "table-for-five")


def test_no_table_breaks_a_promise() -> None:
    for number in NUMBERS:
        assert complaints(paper_of(play(number).case), play(number).events) == [], number
    for number in FLAGSHIP_NUMBERS:
        assert complaints(flagship_paper(), flagship_play(number).events) == [], number


def test_the_sequences_reach_what_they_are_to_judge() -> None:
    """Without this the test above could pass on tables at which nothing happens."""
    events = [event for each in every() for event in each.events]
    crossings = [e for e in events if isinstance(e.body, LineCrossed)]
    assert len(crossings) > 50
    assert any(e.body.offer == 0 for e in crossings if isinstance(e.body, LineCrossed))
    tabled = [e for e in events if isinstance(e.body, Moved) and e.body.move.package is not None]
    endorsed = [e for e in events if isinstance(e.body, Moved) and e.body.move.endorse]
    assert len(tabled) > 200
    assert len(endorsed) > 200
    for kind in (VoteCast, BallotCast, ImprovementAnswered):
        assert sum(isinstance(e.body, kind) for e in events) > 20, kind
    ends = {e.body.outcome for e in events if isinstance(e.body, TableClosed)}
    assert ends == {"agreement", "impasse", "walkout", "adjourned"}
    codes = [s.answer.code for p in every() for s in p.sent if isinstance(s.answer, Refusal)]
    assert codes.count("below-floor") > 500
    assert codes.count("own-line") > 50


def test_a_refusal_has_a_known_code_and_a_sentence() -> None:
    for each in every():
        for sent in each.sent:
            if isinstance(sent.answer, Refusal):
                assert sent.answer.code in REFUSALS
                assert sent.answer.reason[:1].isupper()
                assert sent.answer.reason.endswith(".")
            else:
                assert sent.answer, sent.command


def test_after_the_close_nothing_is_accepted() -> None:
    seen = 0
    for each in every():
        for sent in each.sent:
            if sent.before.closed is not None:
                seen += 1
                assert isinstance(sent.answer, Refusal)
                assert sent.answer.code in ("closed", "already-open")
    assert seen > 500


def test_an_open_table_waits_for_somebody_and_never_for_the_absent() -> None:
    walked = 0
    for each in every():
        gone: set[str] = set()
        for sent in each.sent:
            gone = {m.seat for m in sent.before.moves if m.move.walk}
            walked += bool(gone)
            waiting = outstanding(sent.before)
            if sent.before.closed is not None:
                assert waiting == ()
                continue
            assert waiting
            assert not gone & {a.seat for a in waiting}
            assert len(set(waiting)) == len(waiting)
            seats = {a.seat for a in waiting} - {"chair", "mediator", "server"}
            assert seats <= set(each.case.seat_ids)
            turns = [a for a in waiting if a.act == "turn"]
            assert len(turns) <= 1
    assert walked > 20


def test_what_passes_is_what_an_independent_count_says() -> None:
    agreed = 0
    for each in every():
        paper = paper_of(each.case)
        table = each.live
        for offer in table.offers:
            backers = set(table.backing.get(offer.number, ()))
            assert (offer.number in table.passing) == passes(paper, backers)
        agreed += table.deal is not None
    assert agreed > 50


def test_the_log_folds_to_the_live_table_also_in_two_parts_and_from_text() -> None:
    for number in NUMBERS[::5]:
        for each in (play(number), flagship_play(number // 5 % 4)):
            read = [decode_event(encode_event(event)) for event in each.events]
            assert read == each.events
            assert fold(read) == each.live
            cut = random.Random(number).randint(1, len(read))
            assert fold(read[cut:], fold(read[:cut])) == each.live


def test_a_sitting_holds_the_same_folds_however_it_was_fed() -> None:
    for number in NUMBERS[::10]:
        each = play(number)
        viewers = (*each.case.seat_ids, "watcher", "chair", "mediator", "facilitator")
        slow, fast = Sitting(()), Sitting(each.events)
        for viewer in viewers[:2]:
            slow.seen(viewer)
        for event in each.events:
            slow.absorb((event, event))
        slow.absorb(each.events)
        for viewer in viewers:
            assert slow.view(viewer) == fast.view(viewer)
            assert list(slow.seen(viewer)) == list(fast.seen(viewer))


# ---- legal moves ----


def turns_of(each: Play) -> list[Table]:
    """Every state of a table in which somebody has the floor."""
    states: list[Table] = []
    table: Table | None = None
    for event in each.events:
        table = evolve(table, event)
        if table.turn is not None and table.closed is None:
            states.append(table)
    return states


def accepted(table: Table, seat: str, move: Move) -> bool:
    turn = table.turn.number if table.turn else 0
    return not isinstance(decide(table, Submit(seat=seat, turn=turn, move=move), 0), Refusal)


def occupied(table: Table, seat: str, occupant: str) -> Table:
    """The same table with somebody else in the seat."""
    facts = decide(table, TakeSeat(seat=seat, occupant=occupant), 0)  # type: ignore[arg-type]
    assert not isinstance(facts, Refusal)
    for fact in facts:
        table = evolve(table, Event(table_id="t", seq=0, at=0, audience=("*",), body=fact.body))
    return table


def agree_both_ways(table: Table, paper: Paper, dice: random.Random) -> None:
    """Each atomic act is accepted exactly when `legal_moves` lists it."""
    assert table.turn is not None
    seat = table.turn.seat
    for occupant in ("engine", "model", "person"):
        here = occupied(table, seat, occupant)
        legal = legal_moves(here, seat)
        person = occupant == "person"
        words = Speech(text="We speak.", by=occupant)
        assert legal.turn == table.turn.number
        assert accepted(here, seat, Move(speech=words))
        assert accepted(here, seat, Move(speech=words, walk=True)) == legal.may_walk
        for number in range(len(table.offers) + 2):
            plain = Move(speech=words, endorse=(number,))
            meant = Move(speech=words, endorse=(number,), override=True)
            back = Move(speech=words, withdraw=(Withdrawal(offer=number, reason="No."),))
            assert accepted(here, seat, plain) == (number in legal.endorse)
            allowed = (*legal.endorse, *(legal.below if person else ()))
            assert accepted(here, seat, meant) == (number in allowed)
            assert accepted(here, seat, back) == (number in legal.withdraw)
        taken = {offer.package for offer in table.offers}
        for _ in range(8):
            package = tuple(dice.choice(i.options).id for i in table.case.issues)
            good = package not in taken and legal.may_table
            fine = signs(paper, seat, package, table.preset)
            assert accepted(here, seat, Move(speech=words, package=package)) == (good and fine)
            meant = Move(speech=words, package=package, override=True)
            assert accepted(here, seat, meant) == (good and (fine or person))
        for other in table.case.seat_ids:
            if other != seat:
                assert legal_moves(here, other).turn == 0
                assert not accepted(here, other, Move(speech=words))


def test_legal_moves_and_decide_agree_in_both_directions() -> None:
    for number in NUMBERS[:60]:
        dice = random.Random(number)
        each = play(number)
        states = turns_of(each)
        for table in dice.sample(states, min(4, len(states))):
            agree_both_ways(table, paper_of(each.case), dice)
    for number in FLAGSHIP_NUMBERS[:4]:
        dice = random.Random(number)
        states = turns_of(flagship_play(number))
        for table in dice.sample(states, min(3, len(states))):
            agree_both_ways(table, flagship_paper(), dice)


def test_a_seat_reads_its_legal_moves_off_its_own_view() -> None:
    for number in NUMBERS[::4]:
        each = play(number)
        for table, view in zip(*_own_views(each), strict=True):
            assert table.turn is not None
            assert legal_moves(view, table.turn.seat) == legal_moves(table, table.turn.seat)


def _own_views(each: Play) -> tuple[list[Table], list[Table]]:
    """At every fifth turn: the whole table, and what the seat with the floor sees."""
    whole: list[Table] = []
    own: list[Table] = []
    sitting = Sitting(())
    for event in each.events:
        sitting.absorb((event,))
        turn = sitting.table.turn
        if turn is not None and turn.number % 5 == 0 and sitting.table.closed is None:
            whole.append(sitting.table)
            own.append(sitting.view(turn.seat))
    return whole, own


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_many_more_sequences_break_no_promise() -> None:
    for number in range(1_000, 8_000):
        each = played(number)
        assert complaints(paper_of(each.case), each.events) == [], number
        assert each.live.closed is not None or outstanding(each.live), number
