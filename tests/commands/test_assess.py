"""`parley assess`: exit codes, the three outputs, and records that are not to be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.commands import assess
from app.eventlog.base import case_hash
from app.eventlog.record import write_record
from app.library import load_case
from tests.talks import Said, Talks


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """A record of the article's package, signed."""
    case = load_case("table-for-five")
    talks = Talks(case).say([Said(seat="usa", package=case.references[0].package)]).sign()
    return "".join(write_record(talks.events)).replace("0" * 64, case_hash(case)).splitlines(True)


@pytest.fixture
def record(tmp_path: Path, lines: list[str]) -> Path:
    path = tmp_path / "table.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_the_terminal(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert assess.run(record) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Nobody overall, but Russia has nothing in security." in out
    assert "3,789 could be signed" in out


def test_json_is_alone_on_stdout(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = record.with_suffix(".html")
    assert assess.run(record, json=True, html=page) == 0
    caught = capsys.readouterr()
    assert json.loads(caught.out)["signed"]["readings"] == {
        "any": True,
        "strong": True,
        "each": False,
    }
    assert str(page) in caught.err
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_a_seats_view_is_2(
    record: Path, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    record.write_text(lines[0].replace('"viewer":"facilitator"', '"viewer":"russia"'), "utf-8")
    assert assess.run(record) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert "facilitator" in caught.err
    assert "Traceback" not in caught.err


@pytest.mark.parametrize("text", ["", "\n", "{}\n", "not a record\n", "\x00\n"])
def test_what_is_no_record_is_2(
    record: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record.write_text(text, encoding="utf-8")
    assert assess.run(record, json=True) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert record.name in caught.err.replace("\n", "")


def test_a_missing_file_and_a_page_that_cannot_be_written_are_2(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert assess.run(record.with_name("none.jsonl")) == 2
    assert assess.run(record, html=record.parent / "no" / "such" / "folder.html") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_torn_record_is_assessed_as_far_as_it_goes(
    record: Path, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    record.write_text("".join(lines)[:-20], encoding="utf-8")
    assert assess.run(record) == 0
    caught = capsys.readouterr()
    assert "cut off" in caught.err
    assert "A text is agreed and the table is still open." in " ".join(caught.out.split())
