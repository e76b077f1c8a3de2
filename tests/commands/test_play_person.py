"""A person plays a short table at a terminal: offers, endorsements, words and an override."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.events import LineCrossed, Moved, Spoken
from app.domain.table import fold
from app.evaluator.value import assess
from app.eventlog.record import read_record
from app.library import load_case, shipped
from tests.conftest import ROOT
from tests.dialogue import Dialogue
from tests.oracle import complaints, paper_in

MAIN, ISSUE = "> ", "number, Enter to keep, q to leave: "
WORDS, MEAN = "Words with it (Enter: none), q to leave: ", "Type 'override' to do it: "
REMARK = "Russia, we would like to hear what you say of this."


def place(issue: str, option: str) -> tuple[int, str]:
    """Where an option stands on the walk through the issues: which prompt, which number."""
    case = load_case("table-for-five")
    at = case.agenda.index(issue)
    return at, str(case.issues[at].index(option) + 1)


def walk_through(talk: Dialogue, at: int, number: str, words: str) -> str:
    """Answer every issue with Enter but one; the prompt that follows the words."""
    for issue in range(len(load_case("table-for-five").issues)):
        assert talk.until(ISSUE) == ISSUE
        talk.say(number if issue == at else "")
    assert talk.until(WORDS) == WORDS
    talk.say(words)
    return talk.until(MAIN, MEAN)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "table.jsonl"


def sit(record: Path, *more: str) -> Dialogue:
    arguments = ["play", "table-for-five", "--seed", "3", "--rounds", "3"]
    return Dialogue([*arguments, "--seat", "ukraine=human", "--out", str(record), *more], cwd=ROOT)


def test_a_person_plays_three_rounds(record: Path) -> None:
    with sit(record) as talk:
        assert talk.until(MAIN)
        assert "for your eyes only" in talk.text
        for line in (
            "",
            "/help",
            "help",
            "/sheet",
            "Brief",
            "/offers",
            "/draft",
            "/nothing",
            "/ '",
        ):
            talk.say(line)
            assert talk.until(MAIN) == MAIN
        for line in (
            "/endorse 1",
            "/endorse x",
            "/endorse",
            "/endorse \u00b2",
            "/withdraw 99999999999",
        ):
            talk.say(line)
            assert talk.until(MAIN) == MAIN
            assert "needs the number of an offer" in talk.text[-200:]
        talk.say("/walk now")
        assert talk.until(MAIN) == MAIN
        assert "Opening statements carry words only." in talk.text
        talk.say("/pass We are here to listen.")

        assert talk.until(MAIN) == MAIN
        talk.say(REMARK)
        assert talk.until(MAIN) == MAIN
        assert talk.text.count(REMARK) == 1
        at, number = place("territory", "recognition")
        talk.say("/offer")
        assert walk_through(talk, at, number, "Against our own instructions.") == MEAN
        assert "it crosses your line" in talk.text
        talk.say("no")
        assert talk.until(MAIN) == MAIN
        talk.say("/offer")
        assert walk_through(talk, at, number, "Against our own instructions.") == MEAN
        talk.say("override")

        assert talk.until(MAIN) == MAIN
        talk.say("/worth 1")
        assert talk.until(MAIN) == MAIN
        assert "Offer 1: " in talk.text
        talk.say("/endorse 1 We can see something in it.")
        if talk.until(MAIN, MEAN) == MEAN:
            talk.say("override")
            assert talk.until(MAIN) == MAIN
        talk.say("/offer")
        at, number = place("territory", "line-unspoken")
        if walk_through(talk, at, number, "A serious text.") == MEAN:
            talk.say("override")
        assert talk.end() == 0
    assert "Traceback" not in talk.text
    assert "Override by Ukraine" in talk.text
    events = read_record(record).events
    table = fold(events)
    assert table.closed is not None
    assert complaints(paper_in(Path(str(shipped("personas"))) / "table-for-five"), events) == []
    marks = [e for e in events if isinstance(e.body, LineCrossed)]
    assert marks
    assert {e.audience for e in marks} == {("ukraine",)}
    words = [e.body for e in events if isinstance(e.body, Spoken)]
    assert words[0].speech.text == REMARK
    assert (words[1].seat, words[1].speech.by) == ("russia", "engine")
    mine = [e.body for e in events if isinstance(e.body, Moved) and e.body.seat == "ukraine"]
    assert len(mine) == 4
    assert {body.move.speech.by for body in mine} == {"person"}
    assert sum(body.offer is not None for body in mine) >= 1
    assert assess(table) is not None


def test_ctrl_c_stops_at_once_and_loses_no_words(record: Path) -> None:
    with sit(record) as talk:
        assert talk.until(MAIN) == MAIN
        talk.say(REMARK)
        assert talk.until(MAIN) == MAIN
        assert talk.interrupt() == 130
    assert f"parley play --resume {record}" in talk.text
    assert "Traceback" not in talk.text
    assert "KeyboardInterrupt" not in talk.text
    spoken = [e.body for e in read_record(record).events if isinstance(e.body, Spoken)]
    assert [body.speech.text for body in spoken][:1] == [REMARK]
    with Dialogue(["play", "--resume", str(record)], cwd=ROOT) as talk:
        while talk.until(MAIN, "Your order: ", "Accept it? (y/n) "):
            talk.say("/pass We wait.")
        assert talk.end() == 0
    assert fold(read_record(record).events).closed is not None


def test_the_end_of_input_stops_like_ctrl_c(record: Path) -> None:
    with sit(record) as talk:
        assert talk.until(MAIN) == MAIN
        talk.press(b"\xff\xfe\n")
        assert talk.until(MAIN) == MAIN
        talk.press(b"\x04")
        assert talk.end() == 130
    assert "Stopped" in talk.text
    assert "Traceback" not in talk.text


def test_a_person_answers_a_mediator(record: Path) -> None:
    asks = "Which could you sign? (numbers, or none) "
    with sit(record, "--mediator", "votes") as talk:
        asked = 0
        while prompt := talk.until(MAIN, asks):
            asked += prompt == asks
            talk.say("1, 2 none \u00b2 99" if prompt == asks else "/pass We wait.")
        assert talk.end() == 0
    assert asked == 2
    table = fold(read_record(record).events)
    assert [votes["ukraine"].yes for _, votes in table.polls] == [(0, 1), (0, 1)]
