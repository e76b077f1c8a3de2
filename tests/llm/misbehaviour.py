"""Ways in which a model's server misbehaves: behaviours for the local server, and their parts."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.llm.server import Behaviour, Exchange, pieces

GOOD = "We can live with that text."


def status(number: int, body: object = None, headers: Mapping[str, str] | None = None) -> Behaviour:
    """Answer with a status."""

    async def behave(x: Exchange) -> None:
        given = {"error": {"message": "no", "code": None}} if body is None else body
        await x.answer(number, given, headers)

    return behave


def error(code: str) -> dict[str, Any]:
    """An error body with one of the provider's own codes."""
    return {"error": {"message": "no", "code": code, "type": code, "param": None}}


def body(value: object, media: str = "application/json") -> Behaviour:
    """Answer 200 with this body, however it is asked."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()

    async def behave(x: Exchange) -> None:
        x.usage(0)
        await x.answer(200, data, {"content-type": media})

    return behave


def message(finish: str | None = "stop", **fields: Any) -> Behaviour:
    """Answer a whole completion with this message, or stream it as one delta."""

    async def behave(x: Exchange) -> None:
        if not x.request.body.get("stream"):
            await x.answer(200, x.completion(fields, finish))
            return
        await x.events()
        await x.event(x.delta({k: v for k, v in fields.items() if k != "role"}))
        await x.event(x.delta({}, finish))
        await x.end()

    return behave


def altered(change: Callable[[dict[str, Any]], object]) -> Behaviour:
    """Answer a whole completion after a change to it."""

    async def behave(x: Exchange) -> None:
        whole = x.completion({"content": GOOD})
        change(whole)
        await x.answer(200, whole)

    return behave


def usage(**fields: object) -> Behaviour:
    """Give a good answer with a false report of what it used."""

    async def behave(x: Exchange) -> None:
        if not x.request.body.get("stream"):
            await x.answer(200, {**x.completion({"content": GOOD}), "usage": fields})
            return
        await x.events()
        for part in pieces(GOOD):
            await x.event(x.delta({"content": part}))
        await x.event(x.delta({}, "stop"))
        x.usage(len(pieces(GOOD)))
        await x.event({**x.delta({}), "choices": [], "usage": fields})
        await x.end()

    return behave


def streamed(then: Callable[[Exchange], Awaitable[None]], text: str = GOOD) -> Behaviour:
    """Begin a stream with some text, then do this."""

    async def behave(x: Exchange) -> None:
        x.usage(3)
        await x.events()
        for part in pieces(text)[:3]:
            await x.event(x.delta({"content": part}))
        await then(x)

    return behave


def finished(then: Callable[[Exchange], Awaitable[None]]) -> Behaviour:
    """Stream a good answer up to its finish_reason, then do this."""

    async def behave(x: Exchange) -> None:
        x.usage(len(pieces(GOOD)))
        await x.events()
        for part in pieces(GOOD):
            await x.event(x.delta({"content": part}))
        await x.event(x.delta({}, "stop"))
        await then(x)

    return behave


async def silence(x: Exchange) -> None:
    """Never answer."""
    await x.hung_up()


async def reset(x: Exchange) -> None:
    """Break the connection hard."""
    x.reset()
    x.close = True


async def hang_up(x: Exchange) -> None:
    """Close the connection in the middle of nowhere."""
    x.close = True


async def end(x: Exchange) -> None:
    """End a stream without [DONE]."""
    await x.end(done=False)


async def done(x: Exchange) -> None:
    """End a stream with [DONE]."""
    await x.end()


async def half_line(x: Exchange) -> None:
    """Stop in the middle of a line."""
    await x.chunk(b'data: {"choices":[{"index":0,"delta":{"cont')
    await x.end(done=False)


async def error_event(x: Exchange) -> None:
    """Report a fault in the stream."""
    await x.event({"error": {"message": "overloaded", "code": "server_error"}})
    await x.end()


async def quota_event(x: Exchange) -> None:
    """Report in the stream that the account is empty."""
    await x.event(error("insufficient_quota"))
    await x.end()


async def not_json(x: Exchange) -> None:
    """Send an event that is not JSON."""
    await x.chunk(b"data: {not json}\n\n")
    await x.end()


async def bad_bytes(x: Exchange) -> None:
    """Send bytes that are not UTF-8."""
    await x.chunk(b'data: {"choices":[{"index":0,"delta":{"content":"\xff\xfe"}}]}\n\n')
    await x.end()


async def comments(x: Exchange) -> None:
    """Keep the connection alive with comments for ever."""
    gone = asyncio.ensure_future(x.hung_up())
    while not gone.done():
        await x.chunk(b": keep-alive\n\n")
        await asyncio.wait([gone], timeout=0.02)


async def drip(x: Exchange) -> None:
    """Send a token just inside the idle limit, for ever."""
    gone = asyncio.ensure_future(x.hung_up())
    while not gone.done():
        await x.event(x.delta({"content": "a"}))
        await asyncio.wait([gone], timeout=0.1)


async def flood(x: Exchange) -> None:
    """Send tokens without end."""
    while True:
        await x.event(x.delta({"content": "word "}))


async def choices(x: Exchange) -> None:
    """Stream a second choice."""
    await x.event(x.delta({"content": "other"}, index=1))
    await x.event(x.delta({}, "stop"))
    await x.end()


async def both_choices(x: Exchange) -> None:
    """Stream two choices in one chunk."""
    chunk = x.delta({"content": "one"})
    chunk["choices"] += x.delta({"content": "two"}, index=1)["choices"]
    await x.event(chunk)
    await x.event(x.delta({}, "stop"))
    await x.end()


async def late_word(x: Exchange) -> None:
    """Go on after the finish."""
    await x.event(x.delta({"content": " And more."}))
    await x.end()


async def wrong_delta(x: Exchange) -> None:
    """Send content that is no text."""
    await x.event(x.delta({"content": {"text": "x"}}))
    await x.event(x.delta({}, "stop"))
    await x.end()


async def list_event(x: Exchange) -> None:
    """Send a list for a chunk."""
    await x.event([1, 2, 3])
    await x.end()


async def split_bytes(x: Exchange) -> None:
    """Stream a good answer in the smallest packets, with CRLF line ends and a split letter."""
    x.usage(5)
    await x.events()
    text = "Ü — 好."
    lines = [x.delta({"content": text}), x.delta({}, "stop")]
    data = b"".join(
        b"data:" + json.dumps(line, ensure_ascii=False).encode() + b"\r\n\r\n" for line in lines
    )
    for at in range(len(data)):
        await x.chunk(data[at : at + 1])
    await x.end()


def media(x: Exchange) -> str:
    """The content type that the client waits for."""
    return "text/event-stream" if x.request.body.get("stream") else "application/json"


async def short_body(x: Exchange) -> None:
    """Promise more bytes than are sent."""
    x.usage(1)
    await x.head(200, {"content-type": media(x), "content-length": "5000"})
    await x.raw(b'data: {"choices": [' if x.request.body.get("stream") else b'{"choices": [')
    x.close = True


async def endless(x: Exchange) -> None:
    """Send a body without end."""
    await x.head(200, {"content-type": media(x)}, chunked=True)
    while True:
        await x.chunk(b" " * 65_536)


async def endless_error(x: Exchange) -> None:
    """Send an error body without end."""
    await x.head(500, {"content-type": "application/json"}, chunked=True)
    while True:
        await x.chunk(b" " * 65_536)


async def bomb(x: Exchange) -> None:
    """Send a small body that unpacks to a large one."""
    data = gzip.compress(b" " * (32 << 20))
    await x.answer(200, data, {"content-encoding": "gzip"})


async def slow_headers(x: Exchange) -> None:
    """Send half of the headers and no more."""
    await x.raw(b"HTTP/1.1 200 OK\r\ncontent-ty")
    await x.hung_up()


async def not_http(x: Exchange) -> None:
    """Speak another protocol."""
    await x.raw(b"SSH-2.0-OpenSSH_9.6\r\n")
    x.close = True
