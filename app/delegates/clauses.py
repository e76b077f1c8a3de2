"""The part each option plays in a remark, clause by clause: offered, asked, refused or named."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from app.delegates import lexicon
from app.delegates.cues import Hit, Spotter

Term: TypeAlias = tuple[str, str]
Part: TypeAlias = Literal["offered", "asked", "negated", "named", "unclear"]

_CLAUSE = re.compile(
    r"[.;!?\n]+|,? (?<!anything )(?<!everything )(?<!nothing )\bbut\b|"
    r"\band (?=(?:we|i|you|they)\b)|"
    r",? \b(?:in exchange for|in return for|in return|provided that|provided|"
    r"as long as|so long as|on condition that|unless|instead of|rather than|although|"
    r"whereas|while|because|since|then)\b|\bif\b|"
    r", (?=(?:we|i|you|they|then|let|our|my|not|never|and we|and i|so|russia|ukraine)\b)|"
    r"(?<=\w) (?=(?:we|i) (?:can|could|would|will|might|may)\b)"
)
_QUOTED = re.compile(r"[\"\u201c\u00ab][^\"\u201d\u00bb]{3,400}[\"\u201d\u00bb]")
_TRADED = re.compile(r"\b(?:in exchange for|in return for)\s*$")
_RETURNED = re.compile(r"\bin return\s*,?\s*$")
_CONDITION = re.compile(
    r"\b(?:if|provided that|provided|as long as|so long as|unless|on condition that)\s*$"
)
_BUT = re.compile(r"\bbut\s*$")
_INSTEAD = re.compile(r"\b(?:instead of|rather than)\s*$")
_FIRST_PERSON = re.compile(r"\s*(?:we|i)\b")
_OTHERS = re.compile(r"\s*(?:you|they|that|it|the|this)\b")
_WANTS = re.compile(r"(?:we|i) (?:want|need|ask|demand|insist|expect|require|hope|wish)\b")
_NOT_NOW = re.compile(r"\b(?:(?:could|would|might|should|d) have|have to|had to|forced)\b")
_LEAD = 24
"""Characters before a clause in which its connective stands."""


class Terms:
    """The options a remark names, each with the parts it plays."""

    def __init__(self, clean: str, seen: Spotter) -> None:
        self._parts: dict[Term, set[Part]] = {}
        self._vague = False
        self._last = ""
        bare = seen.masked(_QUOTED.sub(lambda quoted: " " * len(quoted.group()), clean))
        hits = seen.hits(bare)
        first: dict[str, int] = {}
        for hit in hits:
            first.setdefault(hit.issue, hit.start)
        self.issues = tuple(sorted(first, key=lambda issue: first[issue]))
        for start, end in _clauses(bare):
            self._clause(bare, start, end, [hit for hit in hits if start <= hit.start < end])

    @property
    def offered(self) -> tuple[Term, ...]:
        """What the speaker certainly offers."""
        return self._certain(self._only("offered"))

    @property
    def asked(self) -> tuple[Term, ...]:
        """What the speaker certainly wants others to carry."""
        return self._certain(self._only("asked"))

    @property
    def named(self) -> tuple[Term, ...]:
        """What is mentioned and not refused."""
        return self._certain(self._open())

    @property
    def negated(self) -> tuple[Term, ...]:
        """What is certainly refused."""
        return self._only("negated")

    @property
    def offers(self) -> bool:
        """Whether anything is offered, be it only on an issue as such."""
        return self._vague or bool(self._only("offered"))

    def _only(self, part: Part) -> tuple[Term, ...]:
        return tuple(term for term, parts in self._parts.items() if parts - {"named"} == {part})

    def _open(self) -> tuple[Term, ...]:
        return tuple(term for term, parts in self._parts.items() if "negated" not in parts)

    def _certain(self, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        """Terms whose issue is named with one option only: two make it uncertain."""
        issues = [issue for issue, _ in self._open()]
        return tuple(term for term in terms if issues.count(term[0]) == 1)

    def _clause(self, clean: str, start: int, end: int, hits: list[Hit]) -> None:
        words = clean[start:end]
        sentence = _sentence_around(clean, start)
        open_ = not _is_report_or_question(sentence)
        part = self._part(clean[max(0, start - _LEAD) : start], words) if open_ else "named"
        refused = part == "offered" and bool(lexicon.NEGATORS.search(_plain(words)))
        self._last = "refused" if refused else part
        instead = bool(_INSTEAD.search(clean[max(0, start - _LEAD) : start]))
        for hit in hits:
            before, after = words[: hit.start - start], words[hit.end - start :]
            doubts = _doubts(before, after) + instead
            if hit.option is None:
                self._vague |= part == "offered" and not doubts and _is_vague(words)
                continue
            played = part
            if open_ and part == "named" and lexicon.DOES.search(before):
                played = "offered"
            if doubts:
                played = "negated" if doubts == 1 else "unclear"
            self._parts.setdefault((hit.issue, hit.option), set()).add(played)

    def _part(self, before: str, words: str) -> Part:
        """Whether a plain clause offers, asks or only mentions, by what connects and drives it."""
        if _TRADED.search(before):
            return "asked"
        if _RETURNED.search(before) and self._last == "offered" and not _commits(words):
            return "asked"
        if _CONDITION.search(before):
            return "named" if _FIRST_PERSON.match(words) else "asked"
        if _commits(words):
            return "named" if lexicon.DANGLING.search(before) else "offered"
        if lexicon.ASKING.search(words):
            return "asked"
        follows = _BUT.search(before) and self._last in ("offered", "refused")
        return "offered" if follows and not _OTHERS.match(words) else "named"


def _is_report_or_question(sentence: str) -> bool:
    if "?" in sentence or lexicon.QUESTION_LEAD.match(sentence.strip()):
        return True
    return bool(lexicon.REPORTED.search(sentence))


def _commits(words: str) -> bool:
    """Whether a clause binds its speaker: "we could accept", "our offer is", "let us take"."""
    part = words.strip()
    if lexicon.COMMIT_LEAD.search(part):
        return True
    match = lexicon.COMMIT.search(part)
    if match is None or lexicon.DISCUSS.search(match.group()):
        return False
    if _NOT_NOW.search(match.group()) or _WANTS.match(match.group()):
        return False
    if not lexicon.OPENERS.fullmatch(part[: match.start()]):
        return False
    return bool(lexicon.MODAL.search(match.group()))


def _is_vague(words: str) -> bool:
    """Whether something unnamed is offered on an issue."""
    return bool(lexicon.VAGUE.search(words))


def _doubts(before: str, after: str) -> int:
    """How many refusals surround a cue in its clause; neither and nor count once together."""
    said = [found.group() for found in lexicon.NEGATORS.finditer(_plain(before))]
    linked = said.count("nor")
    count = max(1, len(said) - linked) if linked else len(said)
    return count + bool(lexicon.AFTER.search(after))


def _plain(words: str) -> str:
    """Words without turns like "no objection to" that only look like refusals."""
    return lexicon.HARMLESS.sub(" ", words)


def _sentence_around(clean: str, start: int) -> str:
    left = max(clean.rfind(mark, 0, start) for mark in ".!?\n") + 1
    ends = [place for mark in ".!?\n" if (place := clean.find(mark, start)) >= 0]
    return clean[left : min(ends) + 1 if ends else len(clean)]


def _clauses(clean: str) -> list[tuple[int, int]]:
    """Start and end of every clause."""
    spans, at = [], 0
    for cut in _CLAUSE.finditer(clean):
        spans.append((at, cut.start()))
        at = cut.end()
    spans.append((at, len(clean)))
    return [(start, end) for start, end in spans if clean[start:end].strip()]
