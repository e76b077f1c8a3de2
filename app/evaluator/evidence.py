"""The evidence for a gain: who first put the option on the table, when, and in which words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.moves import Voice
from app.domain.table import Offer, Remark, Table
from app.domain.terms import Issue, Package

QUOTE_LIMIT = 320
"""Characters of a sentence that are quoted; a longer one is cut at a word, never changed."""

_SENTENCE = re.compile(r"\S.*?(?:[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s|$)|(?=\n)|$)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Verbatim words of one turn: `text` is a slice of what was said, nothing changed.

    They are the words with which an offer that carries the option was tabled: the first such
    turn that speaks of the subject (`about`), else the first sentence of the very first one.
    `turn` is None for words of the chair or the mediator; `whole` is False for a cut sentence.
    """

    seat: str
    voice: Voice
    turn: int | None
    offer: int
    text: str
    about: bool
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An offer as a moment of the talks."""

    offer: int
    by: str
    turn: int
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a quote should speak of.

    `marks` are words that only this issue's options use; `foreign` the labels of other issues'
    options, whose words say nothing about this one.
    """

    issue: Issue
    option: str
    marks: frozenset[str]
    foreign: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How one option came into a package.

    `first` is the offer that first put it on the table; None when no offer ever carried it,
    that is when the improvement brought it in.
    """

    issue: str
    option: str
    first: Step | None
    quote: Quote | None


def origins(table: Table, package: Package, tabled: int | None) -> tuple[Origin, ...]:
    """The origin of every option of a package; `tabled` is the number of the signed offer."""
    remarks = {r.offer: r for r in table.words if r.offer is not None}
    plain = [_words(" ".join(o.label for o in issue.options)) for issue in table.case.issues]
    found: list[Origin] = []
    for place, issue in enumerate(table.case.issues):
        option = package[place]
        carriers = [offer for offer in table.offers if offer.package[place] == option]
        told = [o for o in carriers if tabled is None or o.number <= tabled]
        others = set().union(*(plain[:place] + plain[place + 1 :]))
        subject = Subject(
            issue=issue,
            option=option,
            marks=frozenset(_words(issue.option(option).label) - others),
            foreign=tuple(
                o.label.casefold() for i in table.case.issues if i is not issue for o in i.options
            ),
        )
        found.append(
            Origin(
                issue=issue.id,
                option=option,
                first=step(carriers[0]) if carriers else None,
                quote=_best_quote(told, remarks, subject),
            )
        )
    return tuple(found)


def step(offer: Offer) -> Step:
    """When an offer came to the table and from whom."""
    return Step(offer=offer.number, by=offer.by, turn=offer.turn, round=offer.round)


def _best_quote(told: list[Offer], remarks: Mapping[int, Remark], subject: Subject) -> Quote | None:
    """From the first offer with this option whose words speak of the subject.

    Where none does, the first one's opening sentence stands, marked as not about it.
    """
    quotes = [
        quote(offer, remarks[offer.number], subject)
        for offer in told
        if offer.number in remarks and remarks[offer.number].speech.text.strip()
    ]
    return next((found for found in quotes if found.about), quotes[0] if quotes else None)


def quote(offer: Offer, remark: Remark, subject: Subject) -> Quote:
    """The sentence of these words that speaks most plainly of the option."""
    parts = sentences(remark.speech.text)
    weights = [_relevance(part, subject) for part in parts]
    best = max(range(len(parts)), key=lambda place: (weights[place], -place))
    text = _cut(parts[best])
    return Quote(
        seat=remark.seat,
        voice=remark.speech.by,
        turn=remark.turn,
        offer=offer.number,
        text=text,
        about=weights[best] > 0,
        whole=text == parts[best],
    )


def sentences(text: str) -> list[str]:
    """The sentences of a speech, each an exact slice of it; never empty for words that exist."""
    return [found.group().rstrip() for found in _SENTENCE.finditer(text)]


def _relevance(sentence: str, subject: Subject) -> int:
    """How plainly a sentence speaks of an option: its label, its cues, its issue, or not at all."""
    said = sentence.casefold()
    issue, chosen = subject.issue, subject.issue.option(subject.option)
    if chosen.label.casefold() in said:
        return 1000
    for label in subject.foreign:
        said = said.replace(label, " ")
    cues = sum(_named(cue, said) for cue in chosen.cues)
    names = (issue.topic, issue.title, *issue.cues)
    about = sum(_named(name, said) for name in names)
    shared = len(subject.marks & _words(said))
    if not (cues or about) and shared < 2:
        return 0
    return 20 * cues + 10 * about + shared


def _named(name: str, said: str) -> bool:
    """Whether a sentence holds this name as whole words."""
    word = name.casefold().strip()
    return bool(word) and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said) is not None


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _cut(sentence: str) -> str:
    """At most QUOTE_LIMIT characters from the start, cut between words where there are any."""
    if len(sentence) <= QUOTE_LIMIT:
        return sentence
    head = sentence[:QUOTE_LIMIT]
    return head.rpartition(" ")[0].rstrip() or head
