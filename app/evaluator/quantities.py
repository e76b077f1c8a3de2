"""Words and numbers as comparable tokens: "88k", "88,000" and "eighty-eight thousand" are one.

A percentage, a percentage point, an amount of money and a bare number stay different, and a
whole token never matches a part of another: 5 million is not in 15 million.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOKEN = re.compile(
    r"(?P<num>(?<![\w.,])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<unit>(?:bn|m|k)\b)?"
    r"|(?P<word>[a-z]+(?:'[a-z]+)?(?:\d+)?)|(?P<sign>[%$\u20ac\u00a3])"
)
_SMALL_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: n for n, word in enumerate(_SMALL_WORDS.split())}
_TENS = {word: 10 * n for n, word in enumerate(_TENS_WORDS.split(), 2)}
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "k": 1_000,
    "m": 1_000_000,
    "million": 1_000_000,
    "millions": 1_000_000,
    "bn": 1_000_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}
_SIGNS = {"%": "percent", "$": "dollar", "\u20ac": "euro", "\u00a3": "pound"}
_UNITS = {"dollars": "dollar", "euros": "euro", "pounds": "pound", "usd": "dollar", "eur": "euro"}

Token = tuple[str, int, int]
"""A comparable token with its place in the text."""


MOST_STEMS = 50_000


class _Stems(dict[str, str]):
    """Words and their stems, kept once worked out."""

    def __missing__(self, word: str) -> str:
        if len(self) >= MOST_STEMS:
            self.clear()
        found = self[word] = stem(word)
        return found


STEMS = _Stems()


def tokens(text: str) -> list[Token]:
    """The tokens of lower-case text; numbers in figures and words become one canonical number."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        start, end = match.span()
        if "a" <= word[0] <= "z":
            if word in _NUMERALS:
                _count(found, word, start, end, text)
            else:
                found.append((STEMS[word], start, end))
        elif word in _SIGNS:
            found.append((_SIGNS[word], start, end))
        else:
            value = float(match["num"].replace(",", ""))
            found.append(("#" + _shown(value * _SCALES.get(match["unit"] or "", 1)), start, end))
    return found


_VALUES = {**_SMALL, **_TENS}
_NUMERALS = frozenset((*_VALUES, *_SCALES))


def numeral(words: Iterable[str]) -> bool:
    """Whether any of these words spells a number."""
    return not _NUMERALS.isdisjoint(words)


def _shown(value: float) -> str:
    return f"{value:.10g}"


def _count(found: list[Token], word: str, start: int, end: int, text: str) -> None:
    """A number word: alone, after tens ("eighty-eight"), or as a scale ("three billion")."""
    before = found[-1] if found and _close(text, found[-1][2], start) else None
    held = float(before[0][1:]) if before is not None and before[0].startswith("#") else None
    if word in _SCALES:
        if held is not None and before is not None:
            scale = _SCALES[word]
            found[-1] = ("#" + _shown(held * scale), before[1], end)
        else:
            found.append((stem(word), start, end))
        return
    value = _VALUES[word]
    joined = (
        held is not None
        and before is not None
        and ((held in _TENS.values() and 0 < value < 10) or (held >= 100 and held % 100 == 0))
        and text[before[1]].isalpha()
    )
    if joined and held is not None and before is not None:
        found[-1] = ("#" + _shown(held + value), before[1], end)
    else:
        found.append(("#" + _shown(value), start, end))


def _close(text: str, end: int, start: int) -> bool:
    """Whether only a blank, a hyphen or "and" stands between two tokens."""
    return text[end:start].strip() in ("", "-", "and")


def stem(word: str) -> str:
    """A word without its ending: lift, lifts, lifted and lifting are one."""
    word = _UNITS.get(word, word).split("'")[0]
    if len(word) > 4:
        if word.endswith("ss"):
            return word
        return re.sub(r"(?:ing|ed|es|s|e)$", "", word)
    if len(word) == 4 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
