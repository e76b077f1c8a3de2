"""`parley play` and its records: the same bytes, cut anywhere and gone on with."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from app.commands import assess as assess_command
from app.commands import play, replay
from app.domain.events import Moved, TableOpened
from app.domain.table import FACILITATOR_VIEW, fold, view_for
from app.eventlog.base import encode_event
from app.eventlog.record import read_record, write_record
from app.library import shipped
from tests.conftest import ROOT
from tests.oracle import complaints, paper_in

FLAGSHIP = Path(str(shipped("personas"))) / "table-for-five"


def order(**more: object) -> play.Order:
    usual = {"seed": 7, "quiet": True, **({} if "resume" in more else {"rounds": 4})}
    return play.Order(**{"table": "table-for-five", **usual, **more})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A record with everything in it: news, mediator, chair, improvement."""
    path = tmp_path_factory.mktemp("whole") / "table.jsonl"
    assert play.run(order(out=path, rounds=3, mediator="votes", chair=True, improve=True)) == 0
    return path.read_bytes()


@cache
def subprocess_play(folder: Path, hash_seed: str, zone: str) -> bytes:
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "app", "play", "table-for-five", "--seed", "7", "--out", "t.jsonl"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": hash_seed,
            "TZ": zone,
            "LC_ALL": "C",
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    return done.stdout + b"\0" + (folder / "t.jsonl").read_bytes()


def test_the_same_seed_plays_the_same_table_byte_for_byte(tmp_path: Path) -> None:
    one = subprocess_play(tmp_path / "one", "1", "Pacific/Kiritimati")
    two = subprocess_play(tmp_path / "two", "4242", "America/Caracas")
    assert one == two
    record = one.split(b"\0")[1]
    for secret in (str(ROOT).encode(), str(tmp_path).encode(), os.uname().nodename.encode()):
        assert secret not in record
    events = read_record(tmp_path / "one" / "t.jsonl").events
    assert fold(events).closed is not None
    assert complaints(paper_in(FLAGSHIP), events) == []
    assert b"Rehearsal fiction" in one or b"rehearsal fiction" in one.lower()


def test_the_clock_of_a_record_is_the_cases_date(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(whole)
    events = read_record(path).events
    assert events[0].at == play.noon("2024-12-02") == 1_733_140_800_000
    times = [event.at for event in events]
    assert times == sorted(times)
    assert {(t - times[0]) % 60_000 for t in times} == {0}


def test_the_seed_is_not_in_the_tables_name_or_any_seats_view(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    assert play.run(order(seed=918273645, out=path, rounds=1)) == 0
    events = read_record(path).events
    for viewer in ("ukraine", "watcher", "mediator"):
        for event in view_for(events, viewer):
            assert "918273645" not in encode_event(event)


def places(raw: bytes) -> list[int]:
    """Where to cut: after and inside lines, at the head, in the middle of a command's facts."""
    dice = random.Random(5)
    ends = [n + 1 for n, byte in enumerate(raw) if byte == 10]
    cuts = {ends[0], ends[1], ends[6], ends[-2], ends[-1], ends[-1] - 1, ends[0] + 5}
    for start in dice.sample(ends[:-1], 3):
        cuts |= {start, start + dice.randint(1, 40)}
    return sorted(cuts)


def test_a_record_cut_anywhere_goes_on_to_the_same_bytes(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    for cut in places(whole):
        path.write_bytes(whole[:cut])
        assert play.run(order(table="", resume=path)) == 0, cut
        assert path.read_bytes() == whole, cut


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_record_cut_after_any_line_goes_on_to_the_same_bytes(
    whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "cut.jsonl"
    for cut in [n + 1 for n, byte in enumerate(whole) if byte == 10]:
        path.write_bytes(whole[:cut])
        assert play.run(order(table="", resume=path)) == 0, cut
        assert path.read_bytes() == whole, cut


def test_going_on_into_another_file_leaves_the_first_alone(whole: bytes, tmp_path: Path) -> None:
    cut, out = tmp_path / "cut.jsonl", tmp_path / "out.jsonl"
    held = whole[: len(whole) - 900]
    cut.write_bytes(held)
    assert play.run(order(table="", resume=cut, out=out)) == 0
    assert cut.read_bytes() == held
    assert out.read_bytes() == whole


def test_a_finished_record_stays_as_it_is(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(whole)
    assert play.run(order(table="", resume=path)) == 0
    assert path.read_bytes() == whole


def test_a_record_that_breaks_the_rules_is_not_gone_on_with(
    whole: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.jsonl"
    lines = whole.splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if b'"seat.moved"' in line)
    text = lines[last].decode()
    twisted = text.replace('"by":"engine"', '"by":"person"')
    assert twisted != text
    path.write_bytes(b"".join(lines[:last]) + twisted.encode())
    before = path.read_bytes()
    capsys.readouterr()
    assert play.run(order(table="", resume=path)) == 2
    err = capsys.readouterr().err
    assert f"line {last + 1}" in err
    assert path.read_bytes() == before


def test_replay_ends_in_the_state_that_was_played(
    whole: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(whole)
    table = fold(read_record(path).events)
    capsys.readouterr()
    assert replay.run(path, json=True) == 0
    data = json.loads(capsys.readouterr().out)
    assert table.closed is not None
    assert data["outcome"] == table.closed.outcome
    assert data["events"] == whole.count(b"\n")
    assert [o["number"] for o in data["offers"]] == [o.number for o in table.offers]
    for offer, held in zip(data["offers"], table.offers, strict=True):
        assert offer["package"] == table.agenda.as_mapping(held.package)
        assert set(offer["backers"]) == table.backers(held.number)
    assert data["signed"] == (table.agenda.as_mapping(table.signed) if table.signed else None)


def test_replay_for_a_seat_shows_only_what_it_saw(
    whole: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(whole)
    capsys.readouterr()
    assert replay.run(path, seat="ukraine") == 0
    text = capsys.readouterr().out
    events = read_record(path).events
    words = [e.body.move.speech.text for e in events if isinstance(e.body, Moved)]
    flat = " ".join(text.split())
    assert all(" ".join(word.split()) in flat for word in words[:5])
    opening = events[0].body
    assert isinstance(opening, TableOpened)
    for seat, mandate in opening.case.mandates.items():
        if seat != "ukraine":
            assert all(line.text not in flat for line in mandate.red_lines)


def test_a_seats_own_record_can_be_replayed_but_not_gone_on_with(
    whole: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, own = tmp_path / "t.jsonl", tmp_path / "own.jsonl"
    path.write_bytes(whole)
    events = view_for(read_record(path).events, "eu")
    own.write_text("".join(write_record(events, "eu")), encoding="utf-8")
    assert replay.run(own) == 0
    assert replay.run(own, seat="eu") == 2
    assert play.run(order(table="", resume=own)) == 2
    assert "only a facilitator's record goes on" in capsys.readouterr().err


def test_json_and_quiet_print_one_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.jsonl"
    assert play.run(order(json=True, out=path, rounds=2)) == 0
    caught = capsys.readouterr()
    data = json.loads(caught.out)
    assert caught.err == ""
    assert assess_command.run(path, json=True) == 0
    again = json.loads(capsys.readouterr().out)
    assert data == again


def test_a_case_with_a_clock_is_played_without_one(tmp_path: Path) -> None:
    """The virtual clock goes a minute a turn: a real deadline would end every turn at once."""
    folder = tmp_path / "clocked"
    folder.mkdir()
    for file in FLAGSHIP.glob("*.toml"):
        text = file.read_text("utf-8").replace("turn_seconds = 0", "turn_seconds = 30")
        (folder / file.name).write_text(text, "utf-8")
    path = tmp_path / "t.jsonl"
    assert play.run(order(table=str(folder), rounds=1, out=path)) == 0
    table = fold(read_record(path).events)
    assert {move.stand_in for move in table.moves} == {""}


def test_a_record_holds_the_facilitators_view_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    assert play.run(order(out=path, rounds=1)) == 0
    held = read_record(path)
    assert held.viewer == FACILITATOR_VIEW
    assert path.stat().st_mode & 0o077 == 0
    assert path.read_bytes().endswith(b"\n")


def test_a_resumed_table_keeps_its_own_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.jsonl"
    assert play.run(order(out=path)) == 0
    before = path.read_bytes()
    assert play.run(order(table="", resume=path, preset="hard", chair=True)) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "leave out --preset, --chair" in told
    assert path.read_bytes() == before
