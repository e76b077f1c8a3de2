"""What both doors do alike for an honest server: the one conformance suite of `Complete`."""

from __future__ import annotations

import asyncio
import os

import pytest

from app.delegates.base import Complete, Message
from app.delegates.llm import parse
from tests.llm.misbehaviour import message
from tests.llm.rig import KINDS, Listener, ask, door
from tests.llm.server import Exchange, ModelServer

BOTH = pytest.mark.parametrize("kind", KINDS)
SCHEMA = {
    "type": "object",
    "properties": {"act": {"enum": ["hold", "offer"]}},
    "required": ["act"],
    "additionalProperties": False,
}


@BOTH
@pytest.mark.parametrize("mode", ["whole", "streamed"])
async def test_a_door_sends_what_was_asked_and_gives_what_came(kind: str, mode: str) -> None:
    async with ModelServer(lambda _: '{"act": "hold"}') as server, door(kind, server.url) as made:
        complete: Complete = made
        listener = Listener()
        question = ask(
            messages=(
                Message(role="system", text="Règles — 好 \u2028 \U0001f54a"),
                Message(role="assistant", text='I said "no".'),
                Message(role="user", text="<span>data: [DONE]\n\n</span>"),
            ),
            schema=SCHEMA,
            max_tokens=321,
            temperature=0.25,
        )
        got = await complete(question, listener if mode == "streamed" else None)
        assert parse(got.text) == {"act": "hold"}
        assert (got.model, got.tries, got.usage.reported) == ("mock-1", 1, True)
        assert got.usage.prompt + got.usage.completion == server.billed
        assert got.usage.cached == got.usage.prompt // 2
        assert listener.text == (got.text if mode == "streamed" else "")

        (request,) = server.requests
        body = request.body
        assert [(m["role"], m["content"]) for m in body["messages"]] == [
            (m.role, m.text) for m in question.messages
        ]
        assert body["model"] == "mock"
        assert body["temperature"] == 0.25
        assert body.get("max_tokens", body.get("max_completion_tokens")) == 321
        assert body["response_format"]["json_schema"]["schema"] == SCHEMA
        assert bool(body.get("stream")) == (mode == "streamed")
        assert request.path == "/v1/chat/completions"
        assert request.headers["accept-encoding"] == "identity"


@BOTH
@pytest.mark.parametrize("mode", ["whole", "streamed"])
async def test_what_stands_beside_the_counts_of_a_usage_does_not_cost_them(
    kind: str, mode: str
) -> None:
    async def priced(x: Exchange) -> None:
        counted = x.usage
        more = {"cost": 0.0012, "queue_time": 0.02, "is_byok": False, "cost_details": {"in": 0.1}}
        x.usage = lambda count: counted(count) | more  # type: ignore[method-assign]
        await x.honest()

    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = priced
        got = await made(ask(), Listener() if mode == "streamed" else None)
        assert got.usage.reported
        assert got.usage.prompt + got.usage.completion == server.billed
        assert got.usage.cached == got.usage.prompt // 2


@BOTH
async def test_pieces_come_as_they_are_written(kind: str) -> None:
    more = asyncio.Event()

    async def behave(x: Exchange) -> None:
        await x.events()
        await x.event(x.delta({"content": "First. "}))
        await more.wait()
        await x.event(x.delta({"content": "Second."}))
        await x.event(x.delta({}, "stop"))
        await x.end()

    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = behave
        pieces: list[str] = []

        def on_text(piece: str) -> None:
            pieces.append(piece)
            more.set()  # the server goes on only when the first piece was given

        got = await made(ask(), on_text)
        assert pieces == ["First. ", "Second."]
        assert got.text == "First. Second."


@BOTH
async def test_a_second_attempt_takes_the_first_back(kind: str) -> None:
    async def broken(x: Exchange) -> None:
        await x.events()
        await x.event(x.delta({"content": "I was about to"}))
        await x.end(done=False)

    async with ModelServer() as server, door(kind, server.url) as made:
        server.script.append(broken)
        pieces: list[str] = []
        got = await made(ask(), pieces.append)
        assert pieces[:2] == ["I was about to", ""]
        assert "".join(pieces[2:]) == got.text == "Good morning to all of you."
        assert got.tries == 2


@BOTH
@pytest.mark.parametrize("mode", ["whole", "streamed"])
async def test_what_nobody_sees_does_not_come_through(kind: str, mode: str) -> None:
    hidden = "We agree\u202e\U000e0041\x07 to that."
    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = message(content=hidden)
        listener = Listener()
        got = await made(ask(), listener if mode == "streamed" else None)
        assert got.text == "We agree to that."
        assert listener.text in ("", got.text)


@BOTH
async def test_a_proxy_or_a_trace_in_the_environment_is_not_taken(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    async with ModelServer() as server, door(kind, server.url) as made:
        got = await made(ask())
        assert got.text
    if kind == "langchain":
        assert os.environ["LANGSMITH_TRACING"] == "false"


@BOTH
async def test_one_slow_table_leaves_room_for_others(kind: str) -> None:
    gate = asyncio.Event()

    async def slow(x: Exchange) -> None:
        await gate.wait()
        await x.honest()

    async with ModelServer() as server, door(kind, server.url) as made:
        assert made.endpoint.lanes is not None
        made.endpoint.lanes.places = 2
        order: list[str] = []

        async def turn(lane: str) -> None:
            await made(ask(lane=lane))
            order.append(lane)

        server.script.extend([slow])
        crowd = [asyncio.create_task(turn("big")) for _ in range(6)]
        await asyncio.sleep(0)
        other = asyncio.create_task(turn("small"))
        await other
        assert order.count("big") <= 3  # round robin: not behind the whole crowd
        gate.set()
        await asyncio.gather(*crowd)
        assert len(order) == 7
