"""Makes an utterance ready to be read: legible, in words and their heads; and phrases to look for.

A phrase is searched for only where the words are that any match of it must hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from sys import intern
from typing import NamedTuple

from app.evaluator.transcript import legible

HEAD = 5
"""Letters by which a word is looked up: "propo" stands for propose, proposed and proposal."""


class Phrase:
    """A pattern and the heads of words one of which any match of it must hold.

    Looking for the words first makes most searches unnecessary; the answer is the same.
    """

    def __init__(self, pattern: str, words: str, *, inflected: bool = True) -> None:
        self.pattern = re.compile(pattern)
        ends = ("", "s", "d", "ed", "ing") if inflected else ("",)
        self.heads = frozenset((word + end)[:HEAD] for word in words.split() for end in ends)

    def search(self, text: str, heads: Iterable[str]) -> re.Match[str] | None:
        """The first match in lower-case text whose words have these heads."""
        return None if self.heads.isdisjoint(heads) else self.pattern.search(text)


class Either(Phrase):
    """Several phrases of one meaning; only those are looked for whose words are there.

    `search` says whether any of them stands in a text, not which stands first.
    """

    def __init__(self, *parts: tuple[str, str]) -> None:
        self.parts = tuple(Phrase(pattern, words) for pattern, words in parts)
        self.heads = frozenset().union(*(part.heads for part in self.parts))

    @cached_property
    def pattern(self) -> re.Pattern[str]:  # type: ignore[override]
        """All of them in one pattern."""
        return re.compile("|".join(part.pattern.pattern for part in self.parts))

    def search(self, text: str, heads: Iterable[str]) -> re.Match[str] | None:
        """A match of any phrase in lower-case text whose words have these heads."""
        if self.heads.isdisjoint(heads):
            return None
        for part in self.parts:
            if not part.heads.isdisjoint(heads) and (found := part.pattern.search(text)):
                return found
        return None


_APART = str.maketrans(dict.fromkeys("!\"#%&'()*+,-./:;<=>?@[\\]^_`{|}~\n\u00a7$\u20ac\u00a3", " "))


def words_of(low: str) -> list[str]:
    """The words of lower-case text, roughly: for looking up, not for quoting."""
    return low.translate(_APART).split()


MOST_HEADS = 50_000


class _Heads(dict[str, str]):
    """Words and their heads, kept: most words come again."""

    def __missing__(self, word: str) -> str:
        if len(self) >= MOST_HEADS:
            self.clear()
        head = self[word] = intern(word[:HEAD])
        return head


_HEADS = _Heads()


def heads_of(words: Iterable[str]) -> frozenset[str]:
    """The heads of words."""
    return frozenset(map(_HEADS.__getitem__, words))


class Heard(NamedTuple):
    """One utterance as it is read: legible, in lower case, in words, and by their heads."""

    text: str
    low: str
    words: list[str]
    heads: frozenset[str]


KEPT, LONGEST = 4_096, 400
"""Utterances that are kept ready, and characters of the longest of them."""

_HEARD: dict[str, Heard] = {}


def hear(said: str) -> Heard:
    """An utterance, made ready once for every reader; short ones are kept, for they come again."""
    held = _HEARD.get(said)
    if held is None:
        text = legible(said)
        low = text.lower()
        words = words_of(low)
        held = Heard(text, low, words, heads_of(words))
        if len(said) <= LONGEST:
            if len(_HEARD) >= KEPT:
                _HEARD.clear()
            held = _HEARD[said] = held._replace(words=[*map(intern, words)])
    return held
