"""Finds a case's options in words: by cue, by label, or by code such as A2. Fast and exact."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

from app.domain.case import Case
from app.domain.terms import Issue
from app.evaluator.quantities import STEMS, Token, numeral, tokens

_FILLERS = frozenset(
    ("a", "an", "the", "of", "our", "your", "their", "its", "his", "her", "my", "to", "for", "on")
)
_CODE = re.compile(r"[a-z]\d{1,2}")
_GAP = rf"[\s,/\"'-]+(?:(?:{'|'.join(sorted(_FILLERS))})[\s,/\"'-]+)*"
_WORDS = re.compile(r"[a-z0-9]+")
_DIGIT = re.compile(r"\d")
Near: TypeAlias = list[tuple[frozenset[str], tuple[str, ...]]]
"""Cues with their plain words, the longest first."""

_FRACTION = re.compile(r"\.\d")
_BREAK = re.compile(r"[.;!?\n](?!\d)")


@dataclass(frozen=True, slots=True)
class Hit:
    """An issue named; `option` is None when only the issue is. Places are in the text."""

    issue: str
    option: str | None
    start: int
    end: int


class Index:
    """The cues of one case, filed by their first word."""

    def __init__(self, case: Case) -> None:
        self._filed: dict[tuple[str, ...], set[tuple[str, str | None]]] = {}
        self.coded = any(_CODE.fullmatch(o.id.casefold()) for i in case.issues for o in i.options)
        for issue in case.issues:
            for name in (*issue.cues, issue.title, issue.topic):
                self._file(name, issue.id, None)
            for option in issue.options:
                for name in (*option.cues, option.label, option.text):
                    self._file(name, issue.id, option.id)
                if _CODE.fullmatch(option.id.casefold()):
                    self._file(option.id, issue.id, option.id)
        self._anchors: dict[str, list[tuple[frozenset[str], tuple[str, ...]]]] = {}
        self._bare: list[tuple[str, ...]] = []
        self._patterns: dict[tuple[str, ...], re.Pattern[str]] = {}
        self._figures: Near = []
        self._counted = frozenset(k for k in self._filed if any(w[0] == "#" for w in k))
        self._anchor()

    def _anchor(self) -> None:
        """File every cue under its rarest word: without that word it cannot be there."""
        often = Counter(word for key in self._filed for word in key)
        for key in self._filed:
            plain = [word for word in key if not word.startswith("#")]
            if plain:
                rarest = min(plain, key=lambda word: (often[word], -len(word)))
                self._anchors.setdefault(rarest, []).append((frozenset(plain), key))
            else:
                self._bare.append(key)
        self._figures = [(frozenset(), key) for key in self._bare]

    def _file(self, name: str, issue: str, option: str | None) -> None:
        key = tuple(word for word, _, _ in tokens(name.casefold()) if word not in _FILLERS)
        if key:
            self._filed.setdefault(key, set()).add((issue, option))

    def hits(self, said: str, words: list[str]) -> list[Hit]:
        """Every option and issue named in lower-case text, longest cue first from the left."""
        stems = set(map(STEMS.__getitem__, words))
        anchors = self._anchors.keys() & stems
        cues = [cue for anchor in anchors for cue in self._anchors[anchor] if cue[0] <= stems]
        if self._bare and (_DIGIT.search(said) or numeral(words)):
            cues += self._figures
        if not cues:
            return []
        if len(cues) > 1:
            cues.sort(key=_length)
        if not self._counted.isdisjoint([key for _, key in cues]):
            heads: dict[str, list[tuple[str, ...]]] = {}
            for _, key in cues:
                heads.setdefault(key[0], []).append(key)
            return self._spotted(said, heads)
        return self._plainly(said, cues, stems)

    def _plainly(self, said: str, cues: Near, stems: set[str]) -> list[Hit]:
        """Cues without a number in them, by one pattern each; words once used are blanked."""
        hits: list[Hit] = []
        for plain, key in cues:
            if not plain <= stems:
                continue
            found = False
            for match in self._pattern(key).finditer(said):
                if all(STEMS[w] == stem for w, stem in zip(match.groups(), key, strict=True)):
                    start, end = match.span()
                    said = said[:start] + "\u00b7" * (end - start) + said[end:]
                    found = True
                    hit = self._hit(key, start, end)
                    if hit is not None:
                        hits.append(hit)
            if found:
                stems = set(map(STEMS.__getitem__, _WORDS.findall(said)))
        if len(hits) > 1:
            hits.sort(key=lambda hit: hit.start)
        return _settled(hits)

    def _pattern(self, key: tuple[str, ...]) -> re.Pattern[str]:
        """A cue's words, each with any ending, with nothing but blanks and fillers between."""
        held = self._patterns.get(key)
        if held is None:
            words = _GAP.join(rf"({re.escape(stem)}[a-z0-9']*)" for stem in key)
            held = self._patterns[key] = re.compile(rf"(?<![\w'-]){words}(?![\w-])(?!\.\d)")
        return held

    def _spotted(self, said: str, heads: dict[str, list[tuple[str, ...]]]) -> list[Hit]:
        found = [token for token in tokens(said) if token[0] not in _FILLERS]
        hits: list[Hit] = []
        at, count = 0, len(found)
        while at < count:
            keys = heads.get(found[at][0])
            size = self._longest(found, at, keys, said) if keys else 0
            if size:
                key = tuple(word for word, _, _ in found[at : at + size])
                hit = self._hit(key, found[at][1], found[at + size - 1][2])
                if hit is not None and not _FRACTION.match(said, hit.end):
                    hits.append(hit)
                at += size
            else:
                at += 1
        return _settled(hits)

    def _longest(self, found: list[Token], at: int, keys: list[tuple[str, ...]], said: str) -> int:
        for key in keys:
            size = len(key)
            if size == 1:
                return 1
            run = found[at : at + size]
            same = len(run) == size and all(
                word == token[0] for word, token in zip(key, run, strict=True)
            )
            if same and not _BREAK.search(said, run[0][1], run[-1][2]):
                return size
        return 0

    def _hit(self, key: tuple[str, ...], start: int, end: int) -> Hit | None:
        """Clear for one option; only the issue where several options share the cue."""
        named = self._filed[key]
        issues = {issue for issue, _ in named}
        if len(issues) > 1:
            return None
        options = {option for _, option in named if option}
        return Hit(issues.pop(), options.pop() if len(options) == 1 else None, start, end)


def _length(cue: tuple[frozenset[str], tuple[str, ...]]) -> int:
    return -len(cue[1])


def _settled(hits: list[Hit]) -> list[Hit]:
    """An issue's bare name beside one of its options says nothing more."""
    if len(hits) < 2:
        return hits
    options = {hit.issue for hit in hits if hit.option}
    return [hit for hit in hits if hit.option or hit.issue not in options]


_INDEXES: dict[int, tuple[tuple[Issue, ...], Index]] = {}


def index(case: Case) -> Index:
    """The index of a case, built once for its list of issues."""
    held = _INDEXES.get(id(case.issues))
    if held is None or held[0] is not case.issues:
        if len(_INDEXES) > 64:
            _INDEXES.clear()
        held = _INDEXES[id(case.issues)] = (case.issues, Index(case))
    return held[1]
