"""One line of an improvement plan, and what the rules that write such lines read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.domain.table import Offer
from app.domain.terms import Issue
from app.evaluator import wording
from app.evaluator.debrief.dance import Step
from app.evaluator.debrief.ground import Cite, Ground, Line
from app.evaluator.evidence import sentences
from app.evaluator.marks import MARKS
from app.evaluator.transcript import plain_name

Kind: TypeAlias = Literal["keep", "change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One line of the plan: what was seen, the words under it, and what to do about it."""

    kind: Kind
    element: str
    seen: str
    do: str
    turn: int | None
    cite: Cite | None


Rule: TypeAlias = Callable[[Ground, str], Iterator[Advice]]


def name_of(on: Ground, seat: str) -> str:
    return wording.short(on.case, seat)


def caution(
    element: str, seen: str, do: str, turn: int | None = None, cite: Cite | None = None
) -> Advice:
    return Advice(kind="change", element=element, seen=seen, do=do, turn=turn, cite=cite)


def strength(element: str, seen: str, do: str, turn: int | None, cite: Cite | None) -> Advice:
    return Advice(kind="keep", element=element, seen=seen, do=do, turn=turn, cite=cite)


def tabled_words(on: Ground, number: int) -> Cite | None:
    """The sentence with which an offer was tabled that names one of its options, if any did."""
    offer = on.table.offer(number)
    if offer is None:
        return None
    return on.naming(offer.turn, zip(on.case.agenda.ids, offer.package, strict=True))


def step_words(on: Ground, step: Step) -> Cite | None:
    """The sentence of a step that names one of the options it changed, if any did."""
    return on.naming(step.turn, ((shift.issue, shift.after) for shift in step.shifts))


def own_offers(on: Ground, seat: str) -> list[Offer]:
    return [offer for offer in on.table.offers if offer.by == seat]


def lines_of(on: Ground, seat: str) -> list[Line]:
    return [line for line in on.lines if line.remark.seat == seat]


def names_issue(issue: Issue, text: str) -> bool:
    """Whether words name an issue by its title, its topic, or a label of its options."""
    low = text.casefold()
    names = (issue.title, issue.topic, *(option.label for option in issue.options))
    return any(name.casefold() in low for name in names if name)


def clause(on: Ground, issue_id: str, option: str) -> str:
    issue = on.case.agenda.issue(issue_id)
    return f"{issue.title}: {issue.option(option).label}"


def heaviest(on: Ground, seat: str) -> tuple[Issue, int]:
    """The issue with the widest range on a seat's sheet, the first of equals."""
    weights = [(span(on, seat, issue), issue) for issue in on.case.issues]
    weight, issue = max(weights, key=lambda each: each[0])
    return issue, weight


def span(on: Ground, seat: str, issue: Issue) -> int:
    """Points between a seat's best and worst option of an issue."""
    row = on.case.mandates[seat].sheet[on.case.agenda.index(issue.id)]
    totals = [sum(points) for points in row.values()]
    return max(totals) - min(totals)


def asked(on: Ground, seat: str, other: str, issue: Issue) -> Line | None:
    """The first line with a question to the other seat that names the issue."""
    name = plain_name(name_of(on, other))
    for line in lines_of(on, seat):
        speech = line.remark.speech
        for sentence in sentences(speech.text):
            to = speech.to == other or name in sentence.casefold()
            if sentence.rstrip("\"'\u201d)").endswith("?") and to and names_issue(issue, sentence):
                return line
    return None


def bearing(line: Line, mark: str) -> str:
    """The first sentence of a line that bears a mark, or nothing."""
    pattern = MARKS[mark].pattern
    parts = sentences(line.remark.speech.text)
    return next((part for part in parts if pattern.search(part.lower())), "")


def first_word(on: Ground, seat: str, issue: Issue) -> Cite | None:
    """The seat's own first words about an issue: what there was to ask about."""
    for line in lines_of(on, seat):
        for sentence in sentences(line.remark.speech.text):
            if names_issue(issue, sentence):
                return on.cite(line, sentence)
    return None


def question(line: Line, issue: Issue | None = None) -> str:
    """The first question of a line; with an issue, the first that names it if any does."""
    parts = sentences(line.remark.speech.text)
    found = [part for part in parts if part.rstrip("\"'\u201d)").endswith("?")]
    naming = [part for part in found if issue is not None and names_issue(issue, part)]
    return next(iter(naming or found), "")
