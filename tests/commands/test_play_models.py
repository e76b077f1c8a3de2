"""Models at a table from the command line, over the wire: play, usage, prompts shown again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.delegates.llm.models import WORD
from app.domain.events import Moved, TurnTraced
from app.eventlog.record import read_record
from tests.llm.in_thread import ServerInThread
from tests.llm.server import KEY, ModelServer

SPEECH = (
    "The paper of {} is before us, and page {} of it belongs to the clauses that are open. "
    "Who pays for item {} of it, and when, is what we would hear about next."
)


def reply(body: Mapping[str, Any]) -> str:
    """Hold, in a well-formed form; and words of no consequence."""
    wanted = body.get("response_format")
    if wanted is None:
        seat = body["messages"][0]["content"].split(" at a rehearsal")[0].split()[-1]
        size = sum(len(m["content"]) for m in body["messages"])
        return SPEECH.format(seat, size, size + 1)
    fields: dict[str, Any] = {}
    schema = wanted["json_schema"]["schema"]
    for name, kind in schema["properties"].items():
        fields[name] = [] if kind["type"] == "array" else kind.get("enum", [True])[0]
        if "none" in kind.get("enum", ()):
            fields[name] = "none"
        if kind["type"] == "boolean":
            fields[name] = True
    if "word" in fields:
        fields |= {"word": WORD, "number": 7}
    if "act" in fields:
        fields["act"] = "hold"
    return json.dumps(fields)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A model on this machine, known by the environment."""
    with ServerInThread(reply) as held:
        monkeypatch.setenv("OPENAI_BASE_URL", held.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield held


def parley(*words: str) -> int:
    """The exit code of a command line."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    code = left.value.code
    return code if isinstance(code, int) else 0


def played(path: Path, *more: str) -> None:
    words = ["play", "first-offer", "--rounds", "2", "--seats", "openai:mock-1", "--out", str(path)]
    assert parley(*words, *more) == 0


def test_models_play_and_the_record_says_what_they_used(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record.jsonl"
    played(path)
    out = capsys.readouterr().out
    assert "What the models used" in out
    assert "openai:mock-1" in out
    events = read_record(path).events
    traces = [e.body for e in events if isinstance(e.body, TurnTraced)]
    moves = [e.body for e in events if isinstance(e.body, Moved)]
    assert len(traces) == len(moves) == 6
    assert {call.purpose for trace in traces for call in trace.calls} == {"planner", "speaker"}
    assert any(move.move.speech.by == "model" for move in moves)
    assert all(e.audience == () for e in events if isinstance(e.body, TurnTraced))
    assert len(server.requests) == sum(len(trace.calls) for trace in traces)
    assert KEY not in path.read_text("utf-8") + out


def test_a_prompt_is_rendered_again_exactly_as_it_was_sent(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record.jsonl"
    played(path, "--quiet")
    sent = [
        [(m["role"], m["content"]) for m in request.body["messages"]] for request in server.requests
    ]
    capsys.readouterr()
    shown: list[list[tuple[str, str]]] = []
    for event in read_record(path).events:
        if not isinstance(event.body, Moved):
            continue
        where = ("--table", str(path), "--at", str(event.seq), "--json")
        assert parley("prompt", "show", event.body.seat, *where) == 0
        calls = json.loads(capsys.readouterr().out)
        shown += [[(m["role"], m["text"]) for m in call["messages"]] for call in calls]
    assert shown == sent


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"prompt":"', '"prompt":"0', "hash differs"),
        ('"planner","1/', '"planner","9/', "prompt files have changed"),
        ("belongs to the clauses", "is about the clauses", "hash differs"),
    ],
)
def test_a_prompt_that_differs_is_not_shown(
    server: ModelServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    words: str,
) -> None:
    del server
    path = tmp_path / "record.jsonl"
    played(path, "--quiet")
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    last = max(e.seq for e in read_record(path).events if isinstance(e.body, TurnTraced))
    seat = next(
        e.body.seat
        for e in read_record(path).events
        if e.seq == last and isinstance(e.body, TurnTraced)
    )
    capsys.readouterr()
    assert parley("prompt", "show", seat, "--table", str(path), "--at", str(last)) == 2
    found = capsys.readouterr()
    assert words in found.err
    assert "Your mandate" not in found.out


def test_prompt_show_says_where_the_turns_are(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del server
    path = tmp_path / "record.jsonl"
    played(path, "--quiet")
    for at, word in (("1", "no turn of a model"), ("9999", "there is no entry 9999")):
        assert parley("prompt", "show", "firm", "--table", str(path), "--at", at) == 2
        assert word in capsys.readouterr().err


def test_usage_is_in_the_data_too(server: ModelServer, capsys: pytest.CaptureFixture[str]) -> None:
    del server
    words = ("play", "first-offer", "--rounds", "1", "--seat", "firm=openai:mock-1", "--json")
    assert parley(*words) == 0
    data = json.loads(capsys.readouterr().out)
    assert set(data["usage"]) == {"firm"}
    assert data["usage"]["firm"]["turns"] == 2


def test_a_measuring_table_is_marked(server: ModelServer, tmp_path: Path) -> None:
    del server
    path = tmp_path / "record.jsonl"
    played(path, "--guard", "record", "--counsel", "off", "--quiet")
    events = read_record(path).events
    assert events[0].body.session.record  # type: ignore[union-attr]
    assert not any(e.body.counsel for e in events if isinstance(e.body, TurnTraced))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--seat", "firm=gpt"), "provider:model"),
        (("--seat", "nobody=openai:mock-1"), "no seat 'nobody'"),
        (("--barrier", "soft"), "strict or filtered"),
        (("--guard", "off"), "on or record"),
        (("--counsel", "maybe"), "on or off"),
        (("--guard", "record", "--seat", "firm=human"), "record mode with people"),
    ],
)
def test_what_is_wrong_is_said(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parley("play", "first-offer", *words) == 2
    assert message in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_doctor_and_models(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del server
    assert parley("models") == 0
    assert "No model is configured" in capsys.readouterr().out
    monkeypatch.setenv("PARLEY_MODELS", "openai:mock-1")
    assert parley("models", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "openai:mock-1"
    assert parley("doctor", "openai:mock-1") == 0
    assert "openai:mock-1: ready" in capsys.readouterr().out
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert parley("doctor", "openai:mock-1") == 1
    out = capsys.readouterr().out
    assert "no connection" in out
    assert "remedy" in out
