"""Tokens put together on their way: whoever reads a stream pays for every piece of it.

Words are judged and shown by the sentence, so a token that waits for the end of its sentence, or
for a tenth of a second, keeps nobody waiting; a vendor's client makes some forty objects of it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from app.delegates.llm.answer import Reading

LONGEST_WAIT = 0.1
"""Seconds that a piece of text may be held back by others, once the next has come."""

_SENTENCE_END = re.compile("[.!?\u2026\u3002\uff01\uff1f]\\W?\\s|[\n\r]")
_PLAIN_CHOICE = frozenset(("index", "delta", "finish_reason", "logprobs"))
_PLAIN_DELTA = frozenset(("content", "role"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """Who waits for a streamed answer: told of every event, and how many pieces are bearable.

    `lines` are the open answers, so that who waits can hang up where a client forgets to.
    """

    heard: Callable[[], None]
    most_pieces: int
    lines: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def hang_up(self) -> None:
        """Close what is still open."""
        while self.lines:
            await self.lines.pop()()


EAR: ContextVar[Ear | None] = ContextVar("ear", default=None)
"""The attempt in whose name a request is sent; vendors' clients carry it through."""


class Gathered:
    """Pieces of text, held until a sentence ends among them or the time is over."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._pieces: list[str] = []
        self._end = ""
        self._since = -math.inf  # so that the first word is heard at once

    def add(self, piece: str) -> str:
        """Take in a piece; gives all that may go on now, often nothing."""
        self._pieces.append(piece)
        heard = self._end + piece  # a mark and its blank are often two tokens
        self._end = heard[-2:]
        if not _SENTENCE_END.search(heard) and self._now() - self._since < LONGEST_WAIT:
            return ""
        return self.taken()

    def taken(self) -> str:
        """All that is held."""
        if not self._pieces:
            return ""
        self._since, self._end = self._now(), ""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


class Merging(Reading):
    """Reads a stream along and writes it anew, with fewer and longer pieces of text."""

    def __init__(
        self,
        *,
        most_bytes: int,
        most_pieces: int,
        now: Callable[[], float],
        heard: Callable[[], None],
    ) -> None:
        super().__init__(most_bytes=most_bytes, most_pieces=most_pieces)
        self._gathered = Gathered(now)
        self._heard = heard
        self._shape: dict[str, Any] | None = None
        self._written = bytearray()

    def passed(self, data: bytes) -> bytes:
        """Take bytes as they come; gives those that go on to the client, often none."""
        self.feed(data)
        return self._taken()

    def rest(self) -> bytes:
        """What is left when the stream is over."""
        self._flush(self._gathered.taken())
        return self._taken()

    def _taken(self) -> bytes:
        if not self._written:
            return b""
        ready = bytes(self._written)
        self._written.clear()
        return ready

    def _data(self, payload: bytes, new: list[str]) -> None:
        super()._data(payload, new)
        if self.done:
            self._flush(self._gathered.taken())
            self._write(payload)

    def _chunk(self, payload: bytes, chunk: dict[str, object], new: list[str]) -> None:
        super()._chunk(payload, chunk, new)
        if self.finish is None:
            self._heard()
        text = _plain_text(chunk)
        if text:
            self._shape = chunk
            self._flush(self._gathered.add(text))
        else:
            self._flush(self._gathered.taken())
            self._write(payload)

    def _flush(self, text: str) -> None:
        if text and self._shape is not None:
            choices: Any = self._shape["choices"]
            choices[0]["delta"] = {"content": text}
            self._write(json.dumps(self._shape).encode())

    def _write(self, payload: bytes) -> None:
        self._written += b"data: " + payload + b"\n\n"


def _plain_text(chunk: dict[str, Any]) -> str:
    """The text of a chunk that holds nothing else; empty for every other."""
    choices = chunk.get("choices")
    if not choices or chunk.get("usage") is not None:
        return ""
    choice = choices[0]
    delta = choice.get("delta")
    if (
        not delta
        or choice.get("finish_reason") is not None
        or choice.get("logprobs") is not None
        or not choice.keys() <= _PLAIN_CHOICE
        or not delta.keys() <= _PLAIN_DELTA
    ):
        return ""
    return str(delta.get("content") or "")
