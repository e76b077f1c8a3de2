"""A local OpenAI-compatible model server that streams, counts, and misbehaves on request.

Hand-made HTTP on asyncio, so that a test holds every byte of the wire. What a request gets is
decided by `server.script` (behaviours used up one by one), else by `server.always`, else an
honest answer whose words come from `server.reply(body)`.

    async with ModelServer(lambda body: "Hello.") as server:
        ...  # server.url, server.requests, server.script.append(behaviour)

On its own, for benchmarks and trying out: python -m tests.llm.server [--port 0] [--tokens 60]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import math
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Any

Body = dict[str, Any]
Reply = Callable[[Body], str]
MODEL = "mock-1"
KEY = "sk-local-canary-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Body:
        """The JSON body, empty where there is none."""
        return json.loads(self.raw) if self.raw else {}


def pieces(text: str, size: int = 4) -> list[str]:
    """Cut a text into tokens of a few characters."""
    return [text[at : at + size] for at in range(0, len(text), size)]


class Exchange:
    """One request and the connection to answer it on."""

    def __init__(
        self,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        server: ModelServer,
    ) -> None:
        self.request = request
        self.reader = reader
        self.writer = writer
        self.server = server
        self.close = False

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def head(
        self, status: int = 200, headers: Mapping[str, str] | None = None, *, chunked: bool = False
    ) -> None:
        """Send the status line and the headers."""
        lines = [f"HTTP/1.1 {status} X"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if chunked:
            lines.append("transfer-encoding: chunked")
        await self.raw(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape"))

    async def answer(
        self, status: int, body: bytes | object, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a whole response; anything but bytes is written as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        every = {"content-type": "application/json", "content-length": str(len(data))}
        await self.head(status, {**every, **(headers or {})})
        await self.raw(data)

    async def events(self) -> None:
        """Open an event stream."""
        await self.head(200, {"content-type": "text/event-stream"}, chunked=True)

    async def chunk(self, data: bytes) -> None:
        """Send one chunk of a chunked body."""
        await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def event(self, value: object) -> None:
        """Send one JSON event."""
        await self.chunk(b"data: " + json.dumps(value).encode() + b"\n\n")

    async def end(self, *, done: bool = True) -> None:
        """Close an event stream cleanly."""
        await self.raw((b"e\r\ndata: [DONE]\n\n\r\n" if done else b"") + b"0\r\n\r\n")

    def reset(self) -> None:
        """Break the connection with a TCP reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def hung_up(self) -> None:
        """Return when the client has left."""
        with contextlib.suppress(ConnectionError):
            await self.reader.read(1)
        self.close = True
        self.server.left.set()

    # ---- honest parts ----

    def tokens_in(self) -> int:
        """Count the prompt's tokens, as this server bills them: a token per four bytes."""
        texts = [str(message["content"]) for message in self.request.body["messages"]]
        return math.ceil(len("".join(texts).encode("utf-8", "replace")) / 4)

    def usage(self, count: int) -> dict[str, Any]:
        """Bill an answer and give what is reported for it."""
        prompt = self.tokens_in()
        self.server.billed += prompt + count
        return {
            "prompt_tokens": prompt,
            "completion_tokens": count,
            "total_tokens": prompt + count,
            "prompt_tokens_details": {"cached_tokens": prompt // 2},
        }

    def delta(self, delta: object, finish: str | None = None, index: int = 0) -> dict[str, Any]:
        """Make one streamed chunk."""
        return {
            "id": "c1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self.server.model,
            "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
        }

    def completion(
        self, message: Mapping[str, Any], finish: str | None = "stop", **more: Any
    ) -> dict[str, Any]:
        """Make a whole chat completion."""
        count = len(pieces(str(message.get("content") or "")))
        return {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": self.server.model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", **message},
                    "finish_reason": finish,
                }
            ],
            "usage": self.usage(count),
            **more,
        }

    async def whole(self, text: str) -> None:
        """Answer in one piece."""
        await self.answer(200, self.completion({"content": text}))

    async def stream(self, parts: Iterable[str]) -> None:
        """Answer token by token."""
        await self.events()
        await self.event(self.delta({"role": "assistant", "content": ""}))
        count = 0
        for part in parts:
            count += 1
            await self.event(self.delta({"content": part}))
        await self.event(self.delta({}, "stop"))
        billed = self.usage(count)
        if (self.request.body.get("stream_options") or {}).get("include_usage"):
            await self.event({**self.delta({}), "choices": [], "usage": billed})
        await self.end()

    async def honest(self) -> None:
        """Answer as asked: whole or streamed."""
        body = self.request.body
        text = self.server.reply(body)
        if body.get("stream"):
            await self.stream(pieces(text))
        else:
            await self.whole(text)


Behaviour = Callable[[Exchange], Awaitable[None]]


class ModelServer:
    """The server; use it as an asynchronous context."""

    def __init__(
        self, reply: Reply = lambda _: "Good morning to all of you.", *, port: int = 0
    ) -> None:
        self.reply = reply
        self.connections = 0
        self._wanted = port
        self.script: deque[Behaviour] = deque()
        self.always: Behaviour | None = None
        self.requests: list[Request] = []
        self.left = asyncio.Event()
        self.model = MODEL
        self.billed = 0
        self.remember = True
        self.tls: Any = None
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ModelServer:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self._wanted, limit=1 << 26, ssl=self.tls
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        """The port that was taken."""
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """The base URL, as a client is given it."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the server closes: both are the end of this connection
        finally:
            self._connections.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ", 2)
        request = Request(method=method, path=path, headers=headers, raw=raw)
        if self.remember:
            self.requests.append(request)
        exchange = Exchange(request, reader, writer, self)
        behaviour = self.script.popleft() if self.script else self.always
        if behaviour is None:
            await exchange.honest()
        else:
            await behaviour(exchange)
        return not exchange.close


def prompt_mark(messages: Sequence[Mapping[str, str]]) -> str:
    """The key of a prompt in a file of ready answers."""
    plain = [[message["role"], message["content"]] for message in messages]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def lean(answers: Mapping[str, str], other: str, size: int = 4) -> Behaviour:
    """Give a behaviour that looks its answer up: for benchmarks, which do not count this process.

    Every token is its own chunk and its own packet.
    """

    async def behave(exchange: Exchange) -> None:
        body = exchange.request.body
        text = answers.get(prompt_mark(body["messages"]), other)
        ready = _ready(exchange, pieces(text, size), streamed=bool(body.get("stream")))
        for part in ready:
            await exchange.raw(part)
            await asyncio.sleep(0)

    return behave


def _ready(exchange: Exchange, parts: list[str], *, streamed: bool) -> list[bytes]:
    if not streamed:
        data = json.dumps(exchange.completion({"content": "".join(parts)})).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        return [head % len(data) + data]
    chunks = [
        exchange.delta({"role": "assistant", "content": ""}),
        *(exchange.delta({"content": part}) for part in parts),
        exchange.delta({}, "stop"),
        {**exchange.delta({}), "choices": [], "usage": exchange.usage(len(parts))},
    ]
    lines = [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks]
    lines.append(b"data: [DONE]\n\n")
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    framed = [b"%x\r\n%b\r\n" % (len(line), line) for line in lines]
    return [head, *framed, b"0\r\n\r\n"]


async def _serve(answers: Mapping[str, str], tokens: int) -> None:
    async with ModelServer() as server:
        server.remember = False
        server.always = lean(answers, "word" * tokens)
        print(server.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted; the first line printed is the base URL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=60)
    parser.add_argument("--answers", type=Path, help="JSON: prompt_mark to answer")
    given = parser.parse_args()
    answers = json.loads(given.answers.read_text("utf-8")) if given.answers else {}
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(answers, given.tokens))


if __name__ == "__main__":
    main()
