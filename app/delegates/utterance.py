"""Words as they come from a model: made readable, cut into sentences, with fixed places.

However the text is cut into pieces on its way, the sentences and their places are the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\ue000-\uf8ff"
    "\U000110bd\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\U000f0000-\U0010ffff]"
)
"""Controls, marks of direction, joiners, fillers, variation selectors, tags, surrogates."""

_STOPS = ".!?\u2026\u3002\uff01\uff1f"
_BREAKS = "\n\r\v\f\x1c-\x1f\x85\u2028\u2029"
_END = re.compile(
    rf"[{_STOPS}{_BREAKS}](?:(?<=[{_BREAKS}])|[{_STOPS}]*[\"'\u201d\u2019\u00bb)\]*_]*(?=\s))"
)
"""A line's end, or stops with what closes after them before a blank; begun with one class of
characters, which is found fast."""

LONGEST = 6_000
"""Characters of raw text that are looked at; the rest of an endless answer is cut."""


def seen(text: str) -> str:
    """What of a text can be seen."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One whole sentence and where it begins in the speech."""

    offset: int
    text: str


class Utterance:
    """A speech in the making. `own` are the speaker's names: a copied tag of them is dropped."""

    def __init__(self, own: tuple[str, ...]) -> None:
        self._tag = _tag(own)
        self._rest = ""
        self._seen = 0
        self._parts: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """The whole sentences so far."""
        return " ".join(self._parts)

    def feed(self, piece: str) -> list[Sentence]:
        """Take in a piece; the sentences that are whole now."""
        piece = piece[: max(0, LONGEST - self._seen)]
        self._seen += len(piece)
        if not piece:
            return []
        self._rest += seen(piece)
        whole: list[Sentence] = []
        while (end := _END.search(self._rest)) is not None:
            cut, self._rest = self._rest[: end.end()], self._rest[end.end() :]
            whole += self._taken(cut)
        return whole

    def finish(self) -> list[Sentence]:
        """The last sentence, when it was not followed by anything."""
        cut, self._rest = self._rest, ""
        return self._taken(cut)

    def _taken(self, cut: str) -> list[Sentence]:
        text = " ".join(cut.split())
        if not self._parts:
            tag = self._tag.match(_folded(text))
            if tag is not None and len(_folded(text)) == len(text):
                text = text[tag.end() :].strip()
        if not text:
            return []
        offset = self._length + 1 if self._parts else 0
        self._parts.append(text)
        self._length = offset + len(text)
        return [Sentence(offset=offset, text=text)]


def whole(text: str, own: tuple[str, ...]) -> str:
    """A whole answer as it would have been streamed."""
    utterance = Utterance(own)
    utterance.feed(text)
    utterance.finish()
    return utterance.text


@lru_cache(maxsize=512)
def _tag(own: tuple[str, ...]) -> re.Pattern[str]:
    """How a model that copies the form of a record begins its words."""
    names = "|".join(re.escape(_folded(name)) for name in sorted(own, key=len, reverse=True))
    return re.compile(rf"^[\s\"'*_\[(>#-]*(?:{names})[\s\"'*_\])]*:[\s*_]*")


def _folded(text: str) -> str:
    """For comparing names only: composed and without case."""
    return unicodedata.normalize("NFC", text).casefold()
