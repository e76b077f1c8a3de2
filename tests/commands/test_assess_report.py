"""`parley assess` as a trainer uses it: the report in files, one seat's own, tables compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.commands.assess import Order, carry_out
from app.domain.case import Session
from app.domain.table import view_for
from app.evaluator.debrief.codec import read_json
from app.eventlog.record import write_record
from app.library import load_case
from tests.tables import run_table

ANSWERS = "seat,result,self,process,relationship\ncandidate,5,6,4,3\n"


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Two facilitator's records of one case, a seat's record, and one of another case."""
    case = load_case("first-offer")
    first = run_table(case, 1, Session(rounds=6))
    second = run_table(case, 2, Session(rounds=6, preset=case.presets[0].id))
    seat = case.seats[0].id
    return {
        "first": "".join(write_record(first)),
        "second": "".join(write_record(second)).replace('"table_id":"t"', '"table_id":"u"'),
        "own": "".join(write_record(view_for(first, seat), seat)),
        "open": "".join(list(write_record(first))[:12]),
    }


@pytest.fixture
def folder(tmp_path: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    return tmp_path


def test_three_files_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    html, markdown, data = (folder / f"report.{end}" for end in ("html", "md", "json"))
    order = Order(
        record=folder / "first.jsonl",
        html=html,
        markdown=markdown,
        data=data,
        others=(folder / "second.jsonl",),
        answers=folder / "answers.csv",
    )
    assert carry_out(order) == 0
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err.count("written: ") == 3
    told = read_json(data.read_text("utf-8"))
    assert told.format == "parley.debrief/1"
    assert "Across tables" in html.read_text("utf-8")
    text = markdown.read_text("utf-8")
    assert "tables ended with a deal" in text
    assert "Means of 1 answer." in text
    before = (html.read_bytes(), markdown.read_bytes(), data.read_bytes())
    assert carry_out(order) == 0
    assert (html.read_bytes(), markdown.read_bytes(), data.read_bytes()) == before


def test_one_seats_own_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = load_case("first-offer")
    seat, other = case.seats[0].id, case.seats[1].id
    for record in ("first", "own"):
        assert carry_out(Order(record=folder / f"{record}.jsonl", seat=seat, json=True)) == 0
    out = capsys.readouterr().out
    first, own = out[: len(out) // 2], out[len(out) // 2 :]
    assert first == own
    assert json.loads(own)["heading"]["viewer"] == seat
    assert carry_out(Order(record=folder / "first.jsonl", seat=seat)) == 0
    text = capsys.readouterr().out
    assert "own debrief" in text
    for line in case.mandates[other].red_lines:
        assert line.text not in text


def test_what_may_not_be_is_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = load_case("first-offer")
    seat, other = case.seats[0].id, case.seats[1].id
    page = folder / "x.html"
    wrong = (
        (Order(record=folder / "own.jsonl", html=page), f"--seat {seat}"),
        (Order(record=folder / "own.jsonl", seat=other, html=page), "this is the view of"),
        (Order(record=folder / "first.jsonl", seat="mars", html=page), "no such seat"),
        (Order(record=folder / "open.jsonl", seat=seat, html=page), "still open"),
        (
            Order(record=folder / "first.jsonl", html=page, others=(folder / "first.jsonl",)),
            "given twice",
        ),
        (Order(record=folder / "first.jsonl", others=(folder / "second.jsonl",)), "add --html"),
        (
            Order(record=folder / "first.jsonl", html=page, answers=folder / "none.csv"),
            "cannot be read",
        ),
        (
            Order(record=folder / "first.jsonl", html=page, answers=folder / "first.jsonl"),
            "not JSON",
        ),
        (Order(record=folder / "first.jsonl", data=folder / "no" / "x.json"), "--data file"),
    )
    for order, says in wrong:
        assert carry_out(order) == 2, says
        caught = capsys.readouterr()
        assert caught.out == ""
        assert says in " ".join(caught.err.split())
        assert "Traceback" not in caught.err
    assert not page.exists()
