"""Records: what was written comes back; what was torn, changed or made up is named by line."""

import contextlib
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.case import Case
from app.domain.events import (
    EVERYBODY,
    Body,
    Event,
    Fact,
    Moved,
    RoundOpened,
    TableOpened,
    TurnOpened,
)
from app.domain.moves import Move, Speech
from app.domain.table import view_for
from app.errors import CaseError, SettingsError
from app.eventlog.base import case_hash
from app.eventlog.record import RecordWriter, parse_record, read_record, write_record


@pytest.fixture(scope="session")
def events(case: Case, opening: Fact) -> tuple[Event, ...]:
    """The first turn of a table."""
    seat = case.seat_ids[0]
    speech = Speech(text="Grüezi — this is our draft.", by="engine")
    move = Move(speech=speech, package=case.references[0].package)
    bodies: list[Body] = [
        opening.body,
        RoundOpened(round=1),
        TurnOpened(turn=1, seat=seat, policy="list", reason="next on the list"),
        Moved(turn=1, seat=seat, move=move, offer=1),
        RoundOpened(round=2),
    ]
    return tuple(
        Event(table_id="t", seq=seq, at=1_736_726_400_000, audience=EVERYBODY, body=body)
        for seq, body in enumerate(bodies, 1)
    )


@pytest.fixture(scope="session")
def raw(events: tuple[Event, ...]) -> bytes:
    return "".join(write_record(events)).encode()


def test_a_record_comes_back(events: tuple[Event, ...], raw: bytes) -> None:
    record = parse_record(raw)
    assert record.events == events
    assert not record.torn
    assert record.viewer == "facilitator"
    assert "".join(write_record(record.events)).encode() == raw


def test_line_1_is_the_case_and_the_rest_one_event_each(case: Case, raw: bytes) -> None:
    head, *rest = raw.decode().splitlines()
    first = json.loads(head)
    assert list(first) == ["format", "version", "seed", "case_hash", "viewer", "case", "opened"]
    assert first["format"] == "parley.record/1"
    assert first["case"]["id"] == case.id
    assert first["opened"]["session"]["rounds"] == case.session.rounds
    assert [json.loads(line)["seq"] for line in rest] == [2, 3, 4, 5]


def test_a_torn_last_line_costs_that_line_only(events: tuple[Event, ...], raw: bytes) -> None:
    whole = raw.rfind(b"\n", 0, -1) + 1
    for end in range(whole + 1, len(raw) - 1):
        record = parse_record(raw[:end])
        assert record.torn
        assert record.events == events[:-1]
    assert parse_record(raw[:whole]).events == events[:-1]
    assert not parse_record(raw[:whole]).torn
    unended = parse_record(raw[:-1])
    assert (unended.events, unended.torn) == (events, False)


def test_a_record_cut_anywhere_gives_a_beginning_or_an_error(
    events: tuple[Event, ...], raw: bytes
) -> None:
    for end in range(0, len(raw), 211):
        try:
            record = parse_record(raw[:end])
        except CaseError:
            assert end <= raw.find(b"\n")
        else:
            assert record.events == events[: len(record.events)]


LATE = ('"preset"', '"round"', '"package"')
SPOILED: list[tuple[str, str, str]] = [
    ('"scale":100', '"scale":101', "line 1: the case is not the one"),
    ('"limit":1', '"limit":2', "line 1: the case is not the one"),
    ('"limit":1', '"limit":"1"', "line 1, case.mandates"),
    ('"seed":7', '"seed":7,"mood":1', "line 1, mood"),
    ('"seed":7', '"seed":7,"seed":8', "'seed' stands twice"),
    ("parley.record/1", "parley.record/9", "line 1: not a record of this version"),
    ('"preset":"standard","rounds"', '"preset":"gentle","rounds"', "line 1"),
    ('"seq":3', '"seq":4', "line 3: found event 4; expected 3"),
    ('"seq":2', '"seq":1', "line 2: found event 1; expected 2"),
    ('{"table_id":"t","seq":2', '{"table_id":"u","seq":2', "line 2: found an event of table 'u'"),
    ("turn.opened", "turn.danced", "line 3, body: unknown kind 'turn.danced'"),
    ('"round":2', '"round":2,"round":3', "line 5: not JSON: the key 'round' stands twice"),
    ('"round":2', '"round":NaN', "line 5: not JSON: NaN"),
    ('"round":2', '"round":1e999', "line 5"),
    ('"round":2', '"round":' + "[" * 100_000, "line 5"),
    ('"round":2', '"round":' + "9" * 5_000, "line 5"),
    ('"round":2,', "", "line 5, body.round.opened.round"),
    ('"offer":1', '"offer":2', "line 4: found offer 2; expected 1"),
    ('"endorse":[]', '"endorse":[3]', "line 4: offer 3 is not on the table"),
    ('"package":["senior-band"', '"package":["silly-band"', "line 4: a package that is not"),
    ('"turn":1,"seat":"candidate","policy"', '"turn":1,"seat":"pope","policy"', "no seat 'pope'"),
]


@pytest.mark.parametrize(("old", "new", "sign"), SPOILED)
def test_what_is_wrong_is_named_by_line(raw: bytes, old: str, new: str, sign: str) -> None:
    text = raw.decode()
    place = text.rfind(old) if old.startswith(LATE) else text.find(old)
    assert place >= 0, "this test spoils nothing"
    spoiled = text[:place] + new + text[place + len(old) :]
    with pytest.raises(CaseError) as caught:
        parse_record(spoiled.encode())
    assert sign in str(caught.value)


def test_lines_that_are_missing_doubled_or_exchanged_are_refused(raw: bytes) -> None:
    lines = raw.splitlines(keepends=True)
    for order in ([0, 2, 3, 4], [0, 1, 1, 2], [0, 2, 1, 3], [1, 2], [0, 0, 1], [0, 1, 2, 4, 3]):
        with pytest.raises(CaseError):
            parse_record(b"".join(lines[n] for n in order))
    with pytest.raises(CaseError, match="line 3"):
        parse_record(b"".join([*lines[:2], b"\n", *lines[2:]]))


def test_no_single_byte_brings_anything_but_a_record_or_findings(raw: bytes) -> None:
    @given(
        place=st.integers(min_value=0, max_value=len(raw) - 1),
        byte=st.integers(min_value=0, max_value=255),
    )
    @settings(max_examples=150, deadline=None)
    def spoil(place: int, byte: int) -> None:
        with contextlib.suppress(CaseError):
            parse_record(raw[:place] + bytes([byte]) + raw[place + 1 :])

    spoil()


def test_a_case_that_does_not_fit_itself_is_refused(case: Case, events: tuple[Event, ...]) -> None:
    seat = case.seat_ids[0]
    mandate = case.mandates[seat]
    broken = [
        replace(mandate, sheet=mandate.sheet[1:]),
        replace(mandate, no_deal_lines=()),
        replace(mandate, no_deal_lines=(replace(mandate.no_deal_lines[0], points=(1,)),)),
        replace(mandate, red_lines=(replace(mandate.red_lines[0], of={"pay": ("gold",)}),)),
        replace(mandate, red_lines=(replace(mandate.red_lines[0], of={"tea": ("gold",)}),)),
    ]
    cases = [replace(case, mandates={**case.mandates, seat: each}) for each in broken]
    cases += [replace(case, mandates={}), replace(case, presets=()), replace(case, issues=())]
    for each in cases:
        opening = events[0].body
        assert isinstance(opening, TableOpened)
        body = replace(opening, case=each, case_hash=case_hash(each))
        text = "".join(write_record([replace(events[0], body=body)]))
        with pytest.raises(CaseError, match="line 1"):
            parse_record(text.encode())


def test_a_seat_s_view_can_be_recorded_as_such(case: Case, events: tuple[Event, ...]) -> None:
    seat, other = case.seat_ids
    shown = view_for(events, seat)
    text = "".join(write_record(shown, viewer=seat))
    assert case.mandates[other].brief[:40] not in text
    record = parse_record(text.encode())
    assert (record.events, record.viewer) == (shown, seat)
    with pytest.raises(CaseError, match="not the one"):
        parse_record("".join(write_record(shown)).encode())


# ---- the file ----


def test_the_writer_flushes_every_line(tmp_path: Path, events: tuple[Event, ...]) -> None:
    path = tmp_path / "talk.jsonl"
    with RecordWriter(path) as writer:
        for count, event in enumerate(events, 1):
            writer.write([event])
            assert read_record(path).events == events[:count]
        writer.write(events)  # what it holds already is passed over
    assert read_record(path).events == events
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_writer_refuses_a_gap_and_a_closed_file(
    tmp_path: Path, events: tuple[Event, ...]
) -> None:
    writer = RecordWriter(tmp_path / "talk.jsonl")
    with pytest.raises(ValueError, match="does not follow"):
        writer.write(events[1:])
    writer.close()
    writer.close()
    with pytest.raises(SettingsError, match="closed"):
        writer.write(events)


@pytest.mark.parametrize("cut", [0, 1, 30])
def test_a_writer_resumes_after_a_crash(
    tmp_path: Path, events: tuple[Event, ...], raw: bytes, cut: int
) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_bytes(raw[: len(raw) - cut])
    with RecordWriter(path, "resume") as writer:
        assert writer.last == (4 if cut == 30 else 5)
        writer.write(events)
        writer.write([replace(events[-1], seq=6, body=RoundOpened(round=3))])
    assert path.read_bytes().startswith(raw)
    record = read_record(path)
    assert (len(record.events), record.torn) == (6, False)


def test_resuming_nothing_is_beginning(tmp_path: Path, events: tuple[Event, ...]) -> None:
    path = tmp_path / "talk.jsonl"
    with RecordWriter(path, "resume") as writer:
        writer.write(events)
    assert read_record(path).events == events


def test_a_record_is_never_overwritten_by_accident(
    tmp_path: Path, events: tuple[Event, ...], raw: bytes
) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_bytes(raw + raw)
    with pytest.raises(SettingsError, match="exists; choose another file"):
        RecordWriter(path)
    with pytest.raises(CaseError):
        RecordWriter(path, "resume")
    assert path.read_bytes() == raw + raw
    with RecordWriter(path, "replace") as writer:
        writer.write(events)
    assert path.read_bytes() == raw


def test_places_that_hold_no_record_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl", Path("\0")):
        with pytest.raises(CaseError):
            read_record(path)
    with pytest.raises(SettingsError, match="cannot be written"):
        RecordWriter(tmp_path / "no" / "folder.jsonl")
    with pytest.raises(SettingsError, match="cannot be written"):
        RecordWriter(tmp_path, "replace")
