"""The evidence for a gain: who first put the option on the table, when, and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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

    They are the words with which an offer that carries the option was tabled, else endorsed: the
    plainest that speak of it (`about`), the first of equals; else the first sentence of all.
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
        told = [o.number for o in carriers if tabled is None or o.number <= tabled]
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
                quote=_best_quote(told, remarks, _backed(table, told), subject),
            )
        )
    return tuple(found)


def step(offer: Offer) -> Step:
    """When an offer came to the table and from whom."""
    return Step(offer=offer.number, by=offer.by, turn=offer.turn, round=offer.round)


def _backed(table: Table, told: list[int]) -> list[tuple[int, Remark]]:
    """The words of turns that endorsed one of these offers, each with that offer's number."""
    turns = {r.turn: r for r in table.words if r.turn is not None}
    return [
        (number, turns[moved.turn])
        for moved in table.moves
        for number in moved.move.endorse
        if number in told and moved.turn in turns
    ]


def _best_quote(
    told: list[int],
    remarks: Mapping[int, Remark],
    backed: list[tuple[int, Remark]],
    subject: Subject,
) -> Quote | None:
    """The plainest words of the offers with this option; of equally plain ones the first.

    Where those do not name it, the words that endorsed one of them may. Where none speak of it at
    all, the first offer's opening sentence stands, marked as not about it.
    """
    best: Quote | None = None
    plainest = _SILENT
    tabling = [(number, remarks[number]) for number in told if number in remarks]
    for place, (number, remark) in enumerate(tabling + backed):
        if not remark.speech.text.strip():
            continue
        found, how = _quote(number, remark, subject)
        least = plainest if place < len(tabling) else max(plainest, _SUBJECT)
        if how > least or (best is None and place < len(tabling)):
            best, plainest = found, how
    return best


def _quote(number: int, remark: Remark, subject: Subject) -> tuple[Quote, int]:
    """The sentence of these words that speaks most plainly of the option, and how plainly."""
    parts = sentences(remark.speech.text)
    weights = [_relevance(part, subject) for part in parts]
    best = max(range(len(parts)), key=lambda place: (weights[place], -place))
    text = _cut(parts[best])
    how = weights[best][0]
    told = Quote(
        seat=remark.seat,
        voice=remark.speech.by,
        turn=remark.turn,
        offer=number,
        text=text,
        about=how > _SILENT,
        whole=text == parts[best],
    )
    return told, how


def sentences(text: str) -> list[str]:
    """The sentences of a speech, each an exact slice of it; never empty for words that exist."""
    return [found.group().rstrip() for found in _SENTENCE.finditer(text)]


_SILENT, _SUBJECT, _HINTED, _LABELLED = range(4)
"""How plainly a sentence speaks of an option: not at all, of what its issue is about, by a cue of
the option itself, or by the option's own label."""


def _relevance(sentence: str, subject: Subject) -> tuple[int, int]:
    """How plainly a sentence speaks of an option, and the weight of its words within that.

    A sentence that names another option of the issue is not about this one. The issue's name by
    itself says nothing either: "To what you said on wages we reply in kind" brings no wage about.
    """
    said = sentence.casefold()
    issue, chosen = subject.issue, subject.issue.option(subject.option)
    if chosen.label.casefold() in said:
        return _LABELLED, 0
    for label in subject.foreign:
        said = said.replace(label, " ")
    cues = _found(chosen.cues, said)
    others = [option for option in issue.options if option is not chosen]
    rivals = {name for other in others for name in (other.label, *other.cues)} - {*chosen.cues}
    if _found(rivals, said) > cues:
        return _SILENT, 0
    about = _found((issue.topic, issue.title, *issue.cues), said)
    shared = len(subject.marks & _words(said))
    weight = 20 * cues + 10 * about + shared
    if cues:
        return _HINTED, weight
    return (_SUBJECT if shared + bool(about) > 1 else _SILENT), weight


def _found(names: Iterable[str], said: str) -> int:
    return sum(_named(name, said) for name in names)


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
