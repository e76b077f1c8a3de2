"""Finds a case's issues and options in free text by their cues, forgiving one slip of the keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.delegates import lexicon
from app.domain.case import Case

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_FILLERS = frozenset(("a", "an", "the", "of", "our", "your", "their", "its", "his", "her", "my"))
_SLIP = 6
"""Letters a word needs before one slip in it is forgiven."""

MOST_SPOTTERS = 32
"""Cases whose cues are kept."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found: `option` is None when only the issue is named. Offsets are in the text."""

    issue: str
    option: str | None
    start: int
    end: int


def words_of(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """A word without its ending, so that lift, lifts, lifted and lifting are one."""
    word = re.sub(r"is(e|ed|es|ing|ation)$", r"iz\1", word.split("'")[0])
    if len(word) > 4:
        word = re.sub(r"(?:ing|ed|es|s|e)$", "", word) if not word.endswith("ss") else word
    elif len(word) == 4 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word


class Spotter:
    """The cues of one case, ready to be looked up."""

    def __init__(self, case: Case) -> None:
        self._cues: dict[tuple[str, ...], set[tuple[str, str | None]]] = {}
        for issue in case.issues:
            for cue in (*issue.cues, issue.title, issue.topic):
                self._add(cue, issue.id, None)
            for option in issue.options:
                for cue in (*option.cues, option.label, option.text):
                    self._add(cue, issue.id, option.id)
        self._idioms = _by_first(map(_key, lexicon.IDIOMS))
        self._sizes = {
            word: sorted({len(key) for key in keys}) for word, keys in _by_first(self._cues).items()
        }
        self._vocabulary = frozenset(word for key in self._cues for word in key)
        self._options = _by_rarest(
            [frozenset(key) for key, named in self._cues.items() if any(o for _, o in named)]
        )
        self._english = frozenset(map(stem, lexicon.ENGLISH | lexicon.TABLE_WORDS))
        self._beyond = _outside(case)
        self._home = self._vocabulary | _background(case)

    def _add(self, cue: str, issue: str, option: str | None) -> None:
        key = _key(cue)
        if key:
            self._cues.setdefault(key, set()).add((issue, option))

    def knows(self, word: str) -> bool:
        """Whether a word, perhaps with one slip, belongs to the case's vocabulary."""
        return self._mended(stem(word)) in self._vocabulary

    def at_home(self, word: str) -> bool:
        """Whether a word occurs in what the case and its seats say in public."""
        return stem(word) in self._home

    def beyond(self, text: str) -> bool:
        """Whether a text speaks of what the case says is not on its table."""
        found = words_of(text)
        stems = [stem(word) for word in found]
        return any(_contains(stems, phrase) for phrase in self._beyond)

    def masked(self, text: str) -> str:
        """The text with idioms blanked that only look like cues."""
        spans = _spans(text)
        words = [word for word, _, _ in spans]
        for at, word in enumerate(words):
            for idiom in self._idioms.get(word, ()):
                if tuple(words[at : at + len(idiom)]) == idiom:
                    start, end = spans[at][1], spans[at + len(idiom) - 1][2]
                    text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
        return text

    def may_name_options(self, text: str) -> bool:
        """Whether all words of some option's cue occur, in whatever order."""
        words = {self._mended(word) for word, _, _ in _spans(text)}
        return any(key <= words for word in words for key in self._options.get(word, ()))

    def hits(self, text: str) -> list[Hit]:
        """All cues found, longest first where they overlap, in the order of the text."""
        spans = [(self._mended(word), start, end) for word, start, end in _spans(text)]
        words = [word for word, _, _ in spans]
        taken = [False] * len(spans)
        found: list[Hit] = []
        for size, at in self._begun(words):
            named = self._cues.get(tuple(words[at : at + size]))
            if not named or any(taken[at : at + size]):
                continue
            if not _unbroken(text, spans[at : at + size]):
                continue
            taken[at : at + size] = [True] * size
            found += self._hit(named, spans[at][1], spans[at + size - 1][2])
        return sorted(found, key=lambda hit: (hit.start, hit.end))

    def _begun(self, words: list[str]) -> list[tuple[int, int]]:
        """Sizes and places of runs that begin as a cue does, the longest first."""
        begun = [
            (size, at)
            for at, word in enumerate(words)
            for size in self._sizes.get(word, ())
            if at + size <= len(words)
        ]
        return sorted(begun, key=lambda run: (-run[0], run[1]))

    def _hit(self, named: set[tuple[str, str | None]], start: int, end: int) -> list[Hit]:
        """One hit for a clear cue; for one that names several options, only their issue."""
        issues = {issue for issue, _ in named}
        if len(issues) > 1:
            return []
        options = {option for _, option in named if option}
        option = options.pop() if len(options) == 1 else None
        return [Hit(issues.pop(), option, start, end)]

    @lru_cache(maxsize=4096)  # noqa: B019 - a spotter lives as long as its case
    def _mended(self, word: str) -> str:
        """The word, or the one cue word it differs from by one slip."""
        if word in self._vocabulary or word in self._english or len(word) < _SLIP:
            return word
        near = [w for w in self._vocabulary if w[0] == word[0] and one_slip(word, w)]
        return near[0] if len(near) == 1 else word


_SPOTTERS: dict[int, tuple[Case, Spotter]] = {}
"""By the identity of a case's list of issues, which its views share."""


def spotter(case: Case) -> Spotter:
    """The spotter of a case, built once for it and for every copy that is equal in public."""
    held = _SPOTTERS.get(id(case.issues))
    if held is not None and held[0].issues is case.issues:
        return held[1]
    built = next((spot for known, spot in _SPOTTERS.values() if _alike(known, case)), None)
    while len(_SPOTTERS) >= MOST_SPOTTERS:
        _SPOTTERS.pop(next(iter(_SPOTTERS)))
    _SPOTTERS[id(case.issues)] = (case, built or Spotter(case))
    return _SPOTTERS[id(case.issues)][1]


def _alike(one: Case, other: Case) -> bool:
    """Whether two cases are the same in all that a spotter looks at."""
    return (one.issues, one.not_on_table, one.seats, one.claims) == (
        other.issues,
        other.not_on_table,
        other.seats,
        other.claims,
    )


def _by_first(keys: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """Runs of words under the first of them."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for key in keys:
        if key:
            found.setdefault(key[0], []).append(key)
    return found


def _by_rarest(keys: Sequence[frozenset[str]]) -> dict[str, list[frozenset[str]]]:
    """Sets of words under that of their words which the fewest of them have."""
    common = Counter(word for key in keys for word in key)
    found: dict[str, list[frozenset[str]]] = {}
    for key in keys:
        found.setdefault(min(key, key=lambda word: (common[word], word)), []).append(key)
    return found


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(word for word, _, _ in _spans(phrase.lower()))


def _spans(text: str) -> list[tuple[str, int, int]]:
    """Stemmed words with their places, fillers left out."""
    return [
        (stem(match.group()), match.start(), match.end())
        for match in _WORD.finditer(text)
        if match.group() not in _FILLERS
    ]


def _unbroken(text: str, run: list[tuple[str, int, int]]) -> bool:
    """Whether no sentence ends inside a run of words."""
    return not re.search(r"[.;!?\n]", text[run[0][1] : run[-1][2]])


def _contains(words: list[str], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(tuple(words[at : at + size]) == phrase for at in range(len(words) - size + 1))


def _background(case: Case) -> frozenset[str]:
    """The words of the public side of a case beyond everyday English."""
    lines = [claim.text for claim in case.claims]
    for seat in case.seats:
        lines += [seat.brief, seat.name, *(point.text for point in seat.points)]
    return frozenset(
        stem(word)
        for word in words_of(" ".join(lines))
        if len(word) > 3 and word not in lexicon.ENGLISH
    )


def _outside(case: Case) -> tuple[tuple[str, ...], ...]:
    """Short noun phrases of what the case's author keeps off the table."""
    first = re.split(r"\b(?:are|is)\b(?: not| outside)", case.not_on_table, maxsplit=1)[0]
    parts = [part.strip().lower() for part in re.split(r",| and ", first)]
    keys = [tuple(stem(w) for w in words_of(p) if w not in _FILLERS) for p in parts]
    return tuple(key for key in keys if 0 < len(key) <= 3)


def one_slip(one: str, other: str) -> bool:
    """Whether two words differ by one letter added, lost, changed, or two exchanged."""
    if abs(len(one) - len(other)) > 1 or len(other) < _SLIP - 1:
        return False
    if len(one) > len(other):
        one, other = other, one
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    changed = one[at + 1 :] == other[at + 1 :]
    return changed or (
        one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    )
