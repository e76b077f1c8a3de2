"""Finds a case's options in words: by cue, by label, or by code such as A2. Fast and exact."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.case import Case
from app.domain.terms import Issue
from app.evaluator.quantities import STEMS, Token, numeral, tokens

_FILLERS = frozenset(
    ("a", "an", "the", "of", "our", "your", "their", "its", "his", "her", "my", "to", "for", "on")
)
_CODE = re.compile(r"[a-z]\d{1,2}")
_APART = str.maketrans(dict.fromkeys("!\"#%&()*+,-./:;<=>?@[\\]^_`{|}~\n$\u20ac\u00a3", " "))
_DIGIT = re.compile(r"\d")
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
        self._heads: dict[str, list[tuple[str, ...]]] = {}
        for key in sorted(self._filed, key=len, reverse=True):
            self._heads.setdefault(key[0], []).append(key)
        self._words = frozenset(head for head in self._heads if not head.startswith("#"))
        self._counts = len(self._words) < len(self._heads)

    def _file(self, name: str, issue: str, option: str | None) -> None:
        key = tuple(word for word, _, _ in tokens(name.casefold()) if word not in _FILLERS)
        if key:
            self._filed.setdefault(key, set()).add((issue, option))

    def hits(self, said: str) -> list[Hit]:
        """Every option and issue named in lower-case words, longest cue first from the left."""
        rough = said.translate(_APART).split()
        if self._words.isdisjoint(map(STEMS.__getitem__, rough)) and not (
            self._counts and (_DIGIT.search(said) or numeral(rough))
        ):
            return []
        found = [token for token in tokens(said) if token[0] not in _FILLERS]
        heads = self._heads
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
            if len(run) == size and all(
                word == token[0] for word, token in zip(key, run, strict=True)
            ):
                if not _BREAK.search(said, run[0][1], run[-1][2]):
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


def _settled(hits: list[Hit]) -> list[Hit]:
    """An issue's bare name beside one of its options says nothing more."""
    options = {hit.issue for hit in hits if hit.option}
    return [hit for hit in hits if hit.option or hit.issue not in options]


_INDEXES: dict[int, tuple[tuple[Issue, ...], Index]] = {}


def index(case: Case) -> Index:
    """The index of a case, built once for its list of issues."""
    held = _INDEXES.get(id(case.issues))
    if held is None or held[0] is not case.issues:
        if len(_INDEXES) > 64:  # noqa: PLR2004
            _INDEXES.clear()
        held = _INDEXES[id(case.issues)] = (case.issues, Index(case))
    return held[1]
