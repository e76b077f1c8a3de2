"""A log cut short at any entry is made whole again with the very facts that are missing."""

from __future__ import annotations

from dataclasses import replace

from app.domain.events import Event, Fact, LineCrossed, Moved, TableOpened
from app.domain.moves import Speech
from app.domain.table import fold
from app.orchestrator.orders import Refusal
from app.orchestrator.procedure import outstanding
from app.orchestrator.remainder import remainder
from tests.strategies import Play, played


def facts(events: list[Event]) -> list[Fact]:
    return [Fact(body=event.body, audience=event.audience) for event in events]


def commands(each: Play) -> set[int]:
    """The numbers after which a command's facts were complete."""
    ends, total = {0}, 0
    ends.add(next(n for n, e in enumerate(each.events) if e.body.kind == "turn.opened") + 1)
    total = max(ends)
    for sent in each.sent:
        if not isinstance(sent.answer, Refusal):
            total += len(sent.answer)
            ends.add(total)
    return ends


def test_what_is_missing_is_what_was_there() -> None:
    checked = 0
    for number in (*range(60), 99):  # 99: a person accepts an improvement below their floor
        each = played(number)
        ends = commands(each)
        for cut in range(1, len(each.events) + 1):
            held = each.events[:cut]
            if held[-1].body.kind in ("words.spoken", "line.crossed"):
                continue  # a reading, or a mark before an answer, may be lost: asked again
            end = min(n for n in ends if n >= cut)
            owed = remainder(held, each.seated)
            assert not isinstance(owed, Refusal), (number, cut, owed)
            assert list(owed) == facts(each.events[cut:end]), (number, cut)
            checked += cut not in ends
    assert checked > 500


def test_a_table_made_whole_waits_for_somebody() -> None:
    for number in range(60, 90):
        each = played(number)
        for cut in range(1, len(each.events) + 1, 3):
            held = each.events[:cut]
            owed = remainder(held, each.seated)
            assert not isinstance(owed, Refusal)
            table = fold(held)
            for fact in owed:
                event = Event(table_id="t", seq=0, at=0, audience=(), body=fact.body)
                table = fold([event], table)
            assert table.closed is not None or outstanding(table)


def test_an_override_is_marked_also_when_its_mark_was_cut_off() -> None:
    found = 0
    for number in range(120):
        each = played(number)
        for place, event in enumerate(each.events):
            if isinstance(event.body, LineCrossed) and event.body.offer:
                before = each.events[place - 1].body
                if isinstance(before, Moved):
                    owed = remainder(each.events[:place])
                    assert not isinstance(owed, Refusal)
                    assert owed[0].body == event.body
                    found += 1
    assert found > 10


def test_entries_that_do_not_follow_the_rules_are_refused() -> None:
    each = played(1)
    last = max(n for n, e in enumerate(each.events) if isinstance(e.body, Moved))
    body = each.events[last].body
    assert isinstance(body, Moved)
    twisted = replace(body, move=replace(body.move, speech=Speech(text="", by="engine")))
    events = [*each.events[:last], replace(each.events[last], body=twisted)]
    assert isinstance(remainder(events), Refusal)


def test_an_opening_alone_is_seated_as_asked() -> None:
    each = played(2)
    assert isinstance(each.events[0].body, TableOpened)
    owed = remainder(each.events[:1], dict.fromkeys(each.case.seat_ids, "person"))
    assert not isinstance(owed, Refusal)
    seats = [f.body.occupant for f in owed if f.body.kind == "seat.taken"]
    assert seats == ["person"] * len(each.case.seats)
