"""A secret stays in its room: what no viewer's events, numbers or folds may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from app.domain.events import Event
from app.domain.table import FACILITATOR_VIEW, Table, fold, view_for
from app.eventlog.base import encode_event
from app.library import load_case
from app.orchestrator.sitting import Sitting
from tests.strategies import SEED, Play, played

NUMBERS = range(0, 300, 4)
HELPER_VIEWS = ("watcher", "chair", "mediator", "", "nobody", "*x")
OWN_KINDS = ("vote.cast", "ballot.cast", "line.crossed", "reading.proposed")
CANARY = re.compile(r"zq-([a-z+]+)-([a-z+0-9-]+)")


@cache
def play(number: int) -> Play:
    return played(number)


def viewers(each: Play) -> tuple[str, ...]:
    return (*each.case.seat_ids, *HELPER_VIEWS)


def views() -> Iterator[tuple[Play, str, tuple[Event, ...]]]:
    for number in NUMBERS:
        for viewer in viewers(play(number)):
            yield play(number), viewer, view_for(play(number).events, viewer)


def may_know(each: Play, whose: str, what: str, viewer: str) -> bool:
    """Whose canary may be in whose view."""
    if whose in each.case.seat_ids:
        return viewer == whose
    if whose == "news":
        return what == "all" or viewer in what.split("+")
    if whose == "room" and what != "plenary":
        return viewer in re.split(r"[+]", what.split("-")[0].split("/")[0])
    return whose == "room"


def test_no_viewer_reads_a_canary_of_another_room() -> None:
    met: set[str] = set()
    for each, viewer, events in views():
        for event in events:
            for whose, what in CANARY.findall(encode_event(event)):
                met.add(whose)
                assert may_know(each, whose, what, viewer), (viewer, whose, what, event.body.kind)
    assert {"north", "south", "news", "room"} <= met
    assert "table" not in met


def test_the_facilitators_log_holds_every_canary_so_the_search_can_find_them() -> None:
    text = "".join(encode_event(e) for n in NUMBERS for e in play(n).events)
    whose = {pair[0] for pair in CANARY.findall(text)}
    assert {"north", "south", "east", "west", "news", "room", "table"} <= whose
    assert str(SEED) in text


def test_no_view_shows_a_gap_an_audience_or_the_true_seed() -> None:
    for _, viewer, events in views():
        assert [event.seq for event in events] == list(range(1, len(events) + 1)), viewer
        for event in events:
            assert event.audience == ()
            assert str(SEED) not in encode_event(event)


def test_private_acts_reach_only_their_seat() -> None:
    for _, viewer, events in views():
        for event in events:
            kind, body = event.body.kind, event.body
            assert kind not in ("command.taken", "turn.traced")
            if kind in OWN_KINDS:
                seat = getattr(body, "seat", "")
                asks = kind == "vote.cast" and viewer == "mediator"
                assert seat == viewer or asks, (viewer, kind)
            if kind.startswith("caucus"):
                room = getattr(body, "room", "")
                assert viewer in room.split("/")[0].split("+")


def known(table: Table, viewer: str) -> None:
    """What the fold over a viewer's events may hold."""
    case = table.case
    assert set(case.mandates) <= {viewer}
    assert (case.injects, case.references, case.patterns) == ((), (), ())
    assert table.seed != SEED
    assert set(table.ballots) <= {viewer}
    if viewer != "mediator":
        assert set(table.votes) <= {viewer}
        assert all(set(votes) <= {viewer} for _, votes in table.polls)
    assert {crossing.seat for crossing in table.crossings} <= {viewer}
    assert all(viewer in room.seats for room in table.rooms.values())


def test_the_folds_of_a_sitting_hold_no_more_than_the_events_do() -> None:
    for number in NUMBERS:
        each = play(number)
        sitting = Sitting(each.events)
        for viewer in viewers(each):
            table = sitting.view(viewer)
            known(table, viewer)
            assert table == fold(view_for(each.events, viewer))
        assert sitting.view(FACILITATOR_VIEW) == each.live


def test_a_room_knows_what_all_in_it_know_and_no_mandate() -> None:
    for number in NUMBERS:
        each = play(number)
        sitting = Sitting(each.events)
        for seats in combinations(each.case.seat_ids, 2):
            table = sitting.shared(seats)
            assert table.case.mandates == {}
            assert table.ballots == {}
            assert table.votes == {}
            assert table.crossings == ()
            assert all(set(seats) <= set(room.seats) for room in table.rooms.values())
            for remark in table.words:
                room = table.rooms.get(remark.room)
                assert remark.room == "plenary" or (room and set(seats) <= set(room.seats))
            for news in table.news:
                to = CANARY.findall(news.text)
                assert all(
                    w != "news" or n == "all" or set(seats) <= set(n.split("+")) for w, n in to
                )


def test_two_viewers_draw_from_seeds_of_their_own() -> None:
    each = play(0)
    seeds = {view_for(each.events, v)[0].body.seed for v in each.case.seat_ids}  # type: ignore[union-attr]
    assert len(seeds) == len(each.case.seat_ids)


def test_a_private_event_changes_nothing_in_anybody_elses_view() -> None:
    """Leave a private event out of the log: every viewer it was not for sees the same."""
    tried = 0
    for number in NUMBERS:
        each = play(number)
        for place, event in enumerate(each.events):
            if "*" in event.audience or place == 0:
                continue
            without = (*each.events[:place], *each.events[place + 1 :])
            for viewer in viewers(each):
                if viewer not in event.audience:
                    tried += 1
                    assert view_for(without, viewer) == view_for(each.events, viewer)
    assert tried > 500


def test_the_flagships_secrets_stay_with_their_seats() -> None:
    """Sentences of the real files this time: whole lines of briefs, lines and no-deal values."""
    case = load_case("table-for-five")
    each = played(3, case, steps=60)
    secrets = {
        seat: [
            *(line for line in mandate.brief.splitlines() if len(line) > 30),
            *(line.text for line in mandate.red_lines),
            *(line.line for line in mandate.no_deal_lines),
        ]
        for seat, mandate in case.mandates.items()
    }
    for viewer in (*case.seat_ids, "watcher", "mediator", "chair"):
        text = "".join(encode_event(event) for event in view_for(each.events, viewer))
        own = "\n".join(secrets.get(viewer, ()))
        for seat, lines in secrets.items():
            for line in lines:
                if viewer != seat and line not in own:
                    assert line not in text, (viewer, seat, line)
