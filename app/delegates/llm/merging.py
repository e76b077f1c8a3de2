"""Tokens put together on their way: whoever reads a stream pays for every piece of it.

Words are judged and shown by the sentence, so a token that waits for the end of its sentence, or
for a tenth of a second, keeps nobody waiting; a vendor's client makes some forty objects of it, and
every sentence shown is a frame to everybody who looks on. Nobody reads twenty sentences a second.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

LONGEST_WAIT = 0.1
"""Seconds that a piece of text may be held back by others, once the next has come."""

SHORTEST_WAIT = 0.05
"""Seconds between two pieces, however soon a sentence ends."""

_SENTENCE_END = re.compile("[.!?\u2026\u3002\uff01\uff1f]\\W?\\s|[\n\r]")


class Gathered:
    """Pieces of text, held until a sentence ends among them or the time is over."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._pieces: list[str] = []
        self._end = ""
        self._ended = False
        self._since = -math.inf  # so that the first word is heard at once

    def add(self, piece: str) -> str:
        """Take in a piece; gives all that may go on now, often nothing."""
        self._pieces.append(piece)
        heard = self._end + piece  # a mark and its blank are often two tokens
        self._end = heard[-2:]
        waited = self._now() - self._since
        self._ended = self._ended or _SENTENCE_END.search(heard) is not None
        if waited < (SHORTEST_WAIT if self._ended else LONGEST_WAIT):
            return ""
        return self.taken()

    def taken(self) -> str:
        """All that is held."""
        if not self._pieces:
            return ""
        self._since, self._end, self._ended = self._now(), "", False
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
