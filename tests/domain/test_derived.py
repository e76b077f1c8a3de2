"""What is kept so that it need not be worked out again is what working it out would give."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.derived import MAX_KEPT, Derived
from app.domain.events import EndorsementsLapsed, Event, Moved, TextTabled
from app.domain.mandate import NoDealLine, RedLine
from app.domain.state import Table, changed
from app.domain.table import FACILITATOR_VIEW, WATCHER_VIEW, evolve
from app.orchestrator.sitting import Sitting
from tests.strategies import played

NAMES = [each.name for each in fields(Table)]


@pytest.mark.parametrize("number", range(12))
def test_a_changed_table_is_a_replaced_one(number: int) -> None:
    """The oracle is `dataclasses.replace`, over every event of tables played at random."""
    play = played(number, steps=60)
    table: Table | None = None
    for event in play.events:
        before, was = table, dict(vars(table)) if table else {}
        table = evolve(table, event)
        if before is None:
            continue
        assert vars(before) == was, "the table before it was written on"
        news = {name: getattr(table, name) for name in NAMES}
        assert changed(before, **news) == replace(before, **news) == table
        assert changed(before) == before
        assert changed(before) is not before


def test_a_table_carries_its_fields_and_nothing_that_could_grow_old() -> None:
    table = Sitting(played(3).events).table
    for name in dir(Table):
        if isinstance(getattr(Table, name), property):
            getattr(table, name)
    assert list(vars(table)) == NAMES
    with pytest.raises(TypeError, match="rund"):
        changed(table, rund=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("number", range(40))
def test_who_is_gone_has_walked_and_nobody_else(number: int) -> None:
    play = played(number, steps=90)
    sitting = Sitting(())
    for event in play.events:
        sitting.absorb([event])
        for viewer in (FACILITATOR_VIEW, WATCHER_VIEW, *play.case.seat_ids):
            view = sitting.view(viewer)
            walked = {moved.seat for moved in view.moves if moved.move.walk}
            assert view.present == tuple(s for s in play.case.seat_ids if s not in walked)


def backed(events: list[Event]) -> dict[int, list[str]]:
    """Who stands behind which offer, counted by hand."""
    behind: dict[int, list[str]] = {}
    for body in (event.body for event in events):
        if isinstance(body, TextTabled):
            behind[body.offer] = []
        elif isinstance(body, EndorsementsLapsed):
            for number in body.offers:
                behind[number].remove(body.seat)
        elif isinstance(body, Moved):
            for withdrawal in body.move.withdraw:
                behind[withdrawal.offer].remove(body.seat)
            for seats in behind.values():
                while body.move.walk and body.seat in seats:
                    seats.remove(body.seat)
            for number in body.move.endorse:
                behind[number].append(body.seat)
            if body.offer is not None:
                behind[body.offer] = [body.seat]
    return behind


@pytest.mark.parametrize("number", range(60))
def test_who_stands_behind_an_offer_is_who_said_so_and_in_that_order(number: int) -> None:
    play = played(number, steps=90)
    sitting = Sitting(())
    for count, event in enumerate(play.events, 1):
        sitting.absorb([event])
        behind = {offer: tuple(seats) for offer, seats in backed(play.events[:count]).items()}
        assert dict(sitting.table.backing) == behind
        assert list(sitting.table.backing) == list(behind)


def test_some_table_of_these_has_a_seat_that_walked() -> None:
    assert any(Sitting(played(n, steps=90).events).table.gone for n in range(40))


def test_a_result_is_worked_out_once_for_a_tuple_and_again_for_its_equal() -> None:
    asked: list[tuple[int, ...]] = []

    def work(source: tuple[int, ...]) -> int:
        asked.append(source)
        return sum(source)

    derived = Derived(work)
    one, equal = (tuple(map(int, text)) for text in ("12", "12"))
    assert [derived(one), derived(one), derived(equal), derived(one)] == [3] * 4
    assert [id(source) for source in asked] == [id(one), id(equal)]


def test_an_error_is_not_kept_but_raised_again() -> None:
    def first(source: tuple[int, ...]) -> int:
        return source[0]

    derived = Derived(first)
    for _ in range(2):
        with pytest.raises(IndexError):
            derived(())


def test_no_tuple_gets_the_result_of_one_that_is_gone() -> None:
    """Identities of tuples that were let go are used again; the results must not be."""

    def first(source: tuple[int, object]) -> int:
        return source[0]

    derived = Derived(first)
    for number in range(5 * MAX_KEPT):
        assert derived((number, object())) == number
        assert len(derived) <= MAX_KEPT


OPTIONS = st.sampled_from("abc")


@settings(max_examples=300)
@given(
    st.dictionaries(st.sampled_from("pqr"), st.tuples(OPTIONS) | st.just(()), max_size=3),
    st.dictionaries(st.sampled_from("pqrs"), OPTIONS),
    st.integers(-1, 3),
)
def test_a_line_holds_when_all_of_it_is_settled_and_few_enough_match(
    of: dict[str, tuple[str, ...]], settled: dict[str, str], limit: int
) -> None:
    line = RedLine(id="x", text="x", of=of, limit=limit)
    matching = sum(settled[issue] in options for issue, options in of.items() if issue in settled)
    assert line.holds(settled) is (of.keys() <= settled.keys() and matching <= limit)


@given(st.lists(st.tuples(st.integers(), st.integers()), max_size=5))
def test_no_deal_is_the_sum_of_its_lines(points: list[tuple[int, int]]) -> None:
    mandate = next(iter(played(1).case.mandates.values()))
    lines = tuple(NoDealLine(line="x", points=each) for each in points)
    wanted = (sum(p[0] for p in points), sum(p[1] for p in points)) if points else ()
    assert replace(mandate, no_deal_lines=lines).no_deal == wanted


def test_lines_in_different_currencies_are_an_error_every_time() -> None:
    mandate = next(iter(played(1).case.mandates.values()))
    lines = (NoDealLine(line="x", points=(1, 2)), NoDealLine(line="y", points=(1,)))
    wrong = replace(mandate, no_deal_lines=lines)
    for _ in range(2):
        with pytest.raises(ValueError, match="argument 2"):
            _ = wrong.no_deal
