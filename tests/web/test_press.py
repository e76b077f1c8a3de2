"""Frames of events: the bytes are those of the body's fields, with every package named by issue."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import Body, Event, Moved, NewsArrived, TableOpened
from app.domain.moves import Move, Speech
from app.domain.table import FACILITATOR_VIEW, WATCHER_VIEW
from app.eventlog import base
from app.eventlog.base import encode_body
from app.orchestrator.sitting import Sitting
from app.web.views import Press
from tests.strategies import played

ISSUES = ("land", "water")


def named(value: Any, issues: tuple[str, ...], key: str = "") -> Any:
    """The oracle: the fields as plain data, packages as mappings."""
    if key == "package" and value is not None:
        return dict(zip(issues, value, strict=True))
    if key == "drafts":
        return [dict(zip(issues, each, strict=True)) for each in value]
    if isinstance(value, dict):
        return {name: named(each, issues, name) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [named(each, issues) for each in value]
    return value


def printed(body: Body, issues: tuple[str, ...]) -> str:
    """A body as the oracle prints it."""
    plain = named(asdict(body), issues)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def shown(body: Body, issues: tuple[str, ...]) -> str:
    """A body as the press prints it, out of its frame."""
    event = Event(table_id="t", seq=7, at=9, audience=(), body=body)
    frame = Press().frame(event, issues)
    head = f'{{"type":"event","cursor":7,"at":9,"kind":"{body.kind}","body":'
    assert frame.startswith(head)
    assert frame.endswith("}")
    return frame[len(head) : -1]


@pytest.mark.parametrize("number", range(30))
def test_every_event_of_a_table_is_printed_as_its_fields(number: int) -> None:
    play = played(number, steps=90)
    issues = tuple(issue.id for issue in play.case.issues)
    sitting, press = Sitting(play.events), Press()
    for viewer in (FACILITATOR_VIEW, WATCHER_VIEW, *play.case.seat_ids):
        for event in sitting.seen(viewer):
            if isinstance(event.body, TableOpened):
                continue
            assert shown(event.body, issues) == printed(event.body, issues)
            frame = json.loads(press.frame(event, issues))
            assert frame == {
                "type": "event",
                "cursor": event.seq,
                "at": event.at,
                "kind": event.body.kind,
                "body": json.loads(printed(event.body, issues)),
            }


def test_these_tables_hold_packages_of_every_sort() -> None:
    kinds = {event.body.kind for number in range(30) for event in played(number, steps=90).events}
    assert {"seat.moved", "text.tabled", "drafts.circulated", "agreement.reached"} <= kinds


TRICKY = st.text() | st.sampled_from(
    ('"package":["a","b"]', '\\"package":[', '{"drafts":[[', "\u2028\x7f\x00\b\f\u00e9\U0001f54a")
)


@given(TRICKY, st.none() | st.tuples(st.text(max_size=3), st.text(max_size=3)))
def test_words_are_never_taken_for_a_package(text: str, package: tuple[str, str] | None) -> None:
    try:
        text.encode()
        "".join(package or ()).encode()
    except UnicodeEncodeError:
        return
    move = Move(speech=Speech(text=text, by="model"), package=package)
    for body in (NewsArrived(text=text), Moved(turn=1, seat="a", move=move)):
        assert shown(body, ISSUES) == printed(body, ISSUES)


def test_a_body_that_is_kept_is_the_one_that_was_given() -> None:
    """More bodies than are kept, equal in number and not in words, some printed twice."""
    for number in range(1_000):
        body = NewsArrived(text=f"news {number}")
        for _ in range(2):
            assert json.loads(encode_body(body))["text"] == f"news {number}"


def test_an_opening_is_not_kept() -> None:
    opening = played(1).events[0].body
    assert encode_body(opening) == encode_body(opening)
    assert not any(source is opening for source, _ in base._PRINTED._kept.values())
