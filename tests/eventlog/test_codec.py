"""The codec: every kind comes back equal, the bytes are canonical, the unknown is refused."""

import json
import typing
from collections.abc import Mapping
from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.case import (
    Case,
    Claim,
    Inject,
    PassRule,
    Pattern,
    Position,
    Preset,
    Reference,
    Seat,
    Source,
    TalkingPoint,
)
from app.domain.events import Body, Event, RoundOpened, TableOpened
from app.domain.mandate import Aim, Mandate, NoDealLine, RedLine, Style
from app.domain.terms import Issue, Option
from app.errors import CaseError
from app.eventlog.base import (
    case_hash,
    decode_body,
    decode_case,
    decode_event,
    encode_body,
    encode_case,
    encode_event,
)

KINDS: tuple[type, ...] = typing.get_args(Body)

texts = st.text(max_size=6)
finite = st.floats(allow_nan=False, allow_infinity=False)
listed = st.dictionaries(texts, st.lists(texts, max_size=2).map(tuple), max_size=2)
worths = st.lists(st.integers(), max_size=2).map(tuple)


def few(kind: type, **parts: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    """At most one record of a kind: a case is deep, and trees of whole cases take minutes."""
    return st.lists(st.builds(kind, **parts), max_size=1).map(tuple)


mandates = st.builds(
    Mandate,
    sheet=st.lists(st.dictionaries(texts, worths, max_size=2), max_size=2).map(tuple),
    no_deal_lines=few(NoDealLine),
    red_lines=few(RedLine, of=listed),
    least=st.dictionaries(texts, st.integers(), max_size=2),
    style=st.builds(Style, exponent=finite, reciprocity=finite),
    goals=few(Aim),
    interests=few(Aim),
)
seats = few(Seat, phrases=listed, positions=few(Position), points=few(TalkingPoint))
cases = st.builds(
    Case,
    issues=few(Issue, options=few(Option)),
    rule=st.builds(PassRule, unanimity_bonus=st.dictionaries(texts, st.integers(), max_size=2)),
    seats=seats,
    presets=few(Preset),
    mandates=st.dictionaries(texts, mandates, max_size=2),
    sources=few(Source),
    claims=few(Claim),
    injects=few(Inject),
    references=few(Reference),
    patterns=few(Pattern, require=listed),
)


def events(kind: type) -> st.SearchStrategy[Event]:
    """Events with a body of one kind."""
    return st.builds(
        Event,
        table_id=st.text(min_size=1, max_size=8),
        seq=st.integers(min_value=1),
        at=st.integers(),
        audience=st.lists(st.text()).map(tuple),
        body=st.builds(kind, **({"case": cases} if kind is TableOpened else {})),
    )


def kind_of(kind: type) -> str:
    """The kind's word, read from its annotation."""
    return next(str(each.default) for each in fields(kind) if each.name == "kind")


@pytest.mark.parametrize("kind", KINDS, ids=kind_of)
def test_every_kind_comes_back_equal(kind: type) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(events(kind))
    def comes_back(event: Event) -> None:
        text = encode_event(event)
        assert "\n" not in text
        assert decode_event(text) == event
        assert encode_event(decode_event(text)) == text
        assert type(decode_event(text).body) is kind
        assert decode_body(encode_body(event.body)) == event.body
        assert json.loads(text)["body"]["kind"] == kind_of(kind)

    comes_back()


def test_the_kinds_are_all_different() -> None:
    assert len({kind_of(kind) for kind in KINDS}) == len(KINDS) > 20


def test_a_case_comes_back_with_its_hash(case: Case) -> None:
    again = decode_case(encode_case(case))
    assert again == case
    assert case_hash(again) == case_hash(case)
    assert len(case_hash(case)) == 64


def test_equal_cases_hash_equal_whatever_the_order_of_their_keys(case: Case) -> None:
    turned = replace(case, mandates=dict(reversed(list(case.mandates.items()))))
    assert turned == case
    assert case_hash(turned) == case_hash(case)


def test_any_change_of_a_case_changes_its_hash(case: Case) -> None:
    seat = case.seat_ids[0]
    mandate = case.mandates[seat]
    line = replace(mandate.red_lines[0], limit=mandate.red_lines[0].limit + 1)
    looser = replace(mandate, red_lines=(line, *mandate.red_lines[1:]))
    changed = replace(case, mandates={**case.mandates, seat: looser})
    assert case_hash(changed) != case_hash(case)


ROUND = '{"table_id":"t","seq":1,"at":0,"audience":[],"body":{"round":0,"kind":"round.opened"}}'


def test_the_line_is_what_the_manual_shows() -> None:
    event = Event(table_id="t", seq=1, at=0, audience=(), body=RoundOpened(round=0))
    assert encode_event(event) == ROUND


@pytest.mark.parametrize(
    ("old", "new", "sign"),
    [
        ('"round":0', '"round":"0"', "integer"),
        ('"round":0', '"round":0.5', "integer"),
        ('"round":0', '"round":true', "integer"),
        ('"round":0', '"round":0,"extra":1', "extra"),
        ('"round":0,', "", "round"),
        (',"kind":"round.opened"', "", "kind"),
        ("round.opened", "round.shut", "unknown kind 'round.shut'"),
        ('"seq":1', '"seq":0', "seq"),
        ('"seq":1', '"seq":1,"mood":2', "mood"),
        ('"at":0,', "", "at"),
        ('"audience":[]', '"audience":"*"', "audience"),
        ("}}", "}", "JSON"),
    ],
)
def test_what_is_not_known_is_refused_with_its_place(old: str, new: str, sign: str) -> None:
    with pytest.raises(CaseError, match="line 7") as caught:
        decode_event(ROUND.replace(old, new, 1), "record", 7)
    assert sign in str(caught.value)
    assert all(finding.path == "record" for finding in caught.value.findings)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)))
@settings(deadline=None)
def test_any_other_json_is_refused(value: object) -> None:
    with pytest.raises(CaseError):
        decode_event(json.dumps(value))


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_any_other_bytes_are_refused(raw: bytes) -> None:
    for decode in (decode_event, decode_body, decode_case):
        with pytest.raises(CaseError):
            decode(raw)


def test_null_is_not_a_case() -> None:
    with pytest.raises(CaseError, match="expected a case"):
        decode_case("null")


def test_maps_of_a_case_keep_their_order(case: Case) -> None:
    mandates: Mapping[str, object] = decode_case(encode_case(case)).mandates
    assert list(mandates) == list(case.mandates)
