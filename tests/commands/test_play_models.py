"""Models at a table from the command line, over the wire: play, usage, prompts shown again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.delegates.llm.models import WORD
from app.domain.events import Moved, SeatTaken, TurnTraced
from app.eventlog.record import read_record
from tests.llm.in_thread import ServerInThread
from tests.llm.misbehaviour import error, status
from tests.llm.server import KEY, Exchange, ModelServer

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
        (("--seat", "firm=openai:mock-1 loose"), "then filtered or temperature=0.3"),
        (("--seat", "firm=openai:mock-1 temperature=9"), "then filtered or temperature=0.3"),
        (("--seat", "firm=openai:a", "--seat", "firm=engine"), "names firm twice"),
        (("--seat", "firm=anthropic:claude"), "pip install langchain-anthropic"),
        (("--seat", "firm=openai:mock-1"), "no key: set OPENAI_API_KEY"),
    ],
)
def test_what_is_wrong_is_said(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parley("play", "first-offer", *words) == 2
    assert message in " ".join(capsys.readouterr().err.replace("│", " ").split())


def seated(path: Path) -> dict[str, str]:
    """What plays each seat, as the record names it."""
    bodies = [event.body for event in read_record(path).events]
    return {body.seat: body.name for body in bodies if isinstance(body, SeatTaken)}


def traced(path: Path, seat: str = "firm") -> list[TurnTraced]:
    bodies = [event.body for event in read_record(path).events]
    return [body for body in bodies if isinstance(body, TurnTraced) and body.seat == seat]


def asked_for(server: ModelServer) -> list[tuple[str, float]]:
    """The model and the temperature of every request."""
    return [(r.body["model"], r.body["temperature"]) for r in server.requests]


def test_a_seat_has_a_barrier_and_a_temperature_of_its_own(
    server: ModelServer, tmp_path: Path
) -> None:
    path = tmp_path / "record.jsonl"
    words = ("--seat", "firm=openai:warm filtered temperature=1.2", "--temperature", "0.2")
    played(path, *words, "--quiet")
    assert seated(path) == {
        "candidate": "openai:mock-1 temperature=0.2",
        "firm": "openai:warm filtered temperature=1.2",
    }
    assert {trace.barrier for trace in traced(path)} == {"filtered"}
    assert {trace.barrier for trace in traced(path, "candidate")} == {"strict"}
    assert set(asked_for(server)) == {("warm", 1.2), ("mock-1", 0.2)}


def test_a_stopped_table_goes_on_as_it_was_played(server: ModelServer, tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    played(path, "--barrier", "filtered", "--counsel", "off", "--temperature", "0.3", "--quiet")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if '"turn.traced"' in line)
    path.write_text("".join(lines[: first + 1]), "utf-8")
    server.requests.clear()
    assert parley("play", "--resume", str(path), "--quiet") == 0
    traces = [*traced(path), *traced(path, "candidate")]
    assert len(traces) > 1
    assert {(trace.barrier, trace.counsel) for trace in traces} == {("filtered", False)}
    assert set(asked_for(server)) == {("mock-1", 0.3)}


def test_a_stopped_table_has_spent_what_it_spent(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, caps = tmp_path / "record.jsonl", tmp_path / "models.toml"
    caps.write_text("[caps.table]\ncalls = 3\n", "utf-8")
    monkeypatch.setenv("PARLEY_MODELS_FILE", str(caps))
    played(path, "--quiet")
    assert len(server.requests) == 3
    lines = path.read_text("utf-8").splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if '"turn.opened"' in line)
    path.write_text("".join(lines[: last + 1]), "utf-8")
    assert parley("play", "--resume", str(path), "--quiet") == 0
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--seat", "firm=engine"), "--seat"),
        (("--seats", "openai:mock-1"), "--seats"),
        (("--guard", "record", "--no-chair"), "--chair, --guard"),
    ],
)
def test_what_a_record_has_settled_is_not_ignored(
    words: tuple[str, ...],
    named: str,
    server: ModelServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del server
    path = tmp_path / "record.jsonl"
    played(path, "--quiet")
    capsys.readouterr()
    assert parley("play", "--resume", str(path), *words) == 2
    assert f"leave out {named}" in " ".join(capsys.readouterr().err.split())


def test_why_the_engine_stood_in_is_told(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.always = status(401)
    path, page = tmp_path / "record.jsonl", tmp_path / "page.html"
    played(path)
    told = " ".join(capsys.readouterr().out.split())
    assert "the model gave no answer (the key is missing or wrong)" in told
    assert told.count("[engine] (the engine took this turn: the model gave no answer)") == 4
    assert parley("assess", str(path), "--html", str(page)) == 0
    assert "turn 1: the engine took this turn" in page.read_text("utf-8")
    capsys.readouterr()
    words = ("play", "first-offer", "--rounds", "1", "--seats", "openai:mock-1", "--json")
    assert parley(*words) == 0
    assert "key is missing" in " ".join(json.loads(capsys.readouterr().out)["stand_ins"])


def test_a_model_that_lost_its_voice_is_not_blamed_for_its_words(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def mute(exchange: Exchange) -> None:
        if exchange.request.body.get("stream"):
            await exchange.answer(404, error("model_not_found"))
        else:
            await exchange.honest()

    server.always = mute
    played(tmp_path / "record.jsonl")
    told = " ".join(capsys.readouterr().out.split())
    assert "the model decided, but no words of it came (the server does not know this" in told


def test_a_models_name_is_told_in_full(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del server
    name = "openai:a-model-of-a-long-name-2026-01-01"
    words = ("--seat", f"firm={name}", "--rounds", "1")
    played(tmp_path / "record.jsonl", *words)
    lines = capsys.readouterr().out.partition("What the models used")[2].split("\n")
    start = lines[1].index("model")
    column = "".join(line[start:].split("  ")[0].strip() for line in lines[2:])
    assert name in column


def test_nothing_between_colons_becomes_a_picture(
    server: ModelServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "record.jsonl"
    spoken = "The clause of pay :x: is before us and we would hear on it from the other side now."
    server.reply = lambda body: spoken if body.get("response_format") is None else reply(body)
    played(path)
    assert ":x:" in capsys.readouterr().out
    assert parley("replay", str(path)) == 0
    assert ":x:" in capsys.readouterr().out
    at, seat = next(
        (event.seq, event.body.seat)
        for event in read_record(path).events
        if isinstance(event.body, TurnTraced)
        and any(spoken == call.answer for call in event.body.calls)
    )
    assert parley("prompt", "show", seat, "--table", str(path), "--at", str(at)) == 0
    assert ":x:" in capsys.readouterr().out
    monkeypatch.setenv("PARLEY_MODELS", "openai:x")
    for words in (("models",), ("doctor",)):
        parley(*words)
        assert "openai:x:" in capsys.readouterr().out


def test_nothing_in_a_record_acts_on_the_terminal(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del server
    path = tmp_path / "record.jsonl"
    played(path, "--quiet")
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("The paper of", "The\\u001b]0;title\\u0007 paper\\u00a0of"), "utf-8"
    )
    capsys.readouterr()
    assert parley("replay", str(path)) == 0
    told = capsys.readouterr().out
    assert "\N{REPLACEMENT CHARACTER}]0;title\N{REPLACEMENT CHARACTER} paper\xa0of" in told
    assert "\x1b]" not in told
    at = next(e.seq for e in read_record(path).events if isinstance(e.body, TurnTraced))
    parley("prompt", "show", "firm", "--table", str(path), "--at", str(at))
    assert "\x1b]" not in capsys.readouterr().out


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
