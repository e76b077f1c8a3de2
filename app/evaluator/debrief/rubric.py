"""Page 8: the fourteen elements of process, by counts and by the rule grader, with the words.

A judge model's answers stand beside them and are never mixed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.evaluator.debrief.dance import Step, steps
from app.evaluator.debrief.ground import Cite, Ground, Untold
from app.evaluator.grader import NAME, QUESTIONS, criteria, grade
from app.evaluator.judge import Grade, Judgement, Quoted, ask, request
from app.evaluator.process import ELEMENTS, Count
from app.evaluator.transcript import Unscored

TITLES = {
    "preparation": "Preparation and mandate",
    "interests": "Interests behind positions",
    "listening": "Questions and listening",
    "options": "Options before commitment",
    "trades": "Trades across issues",
    "legitimacy": "Legitimacy",
    "lines": "No deal, red lines, warnings",
    "concessions": "Concession discipline",
    "face": "Face and relationship",
    "commitment": "Commitment",
    "parties": "Many parties",
    "honesty": "Secrets and honesty",
    "adapting": "Adapting to news",
    "self-review": "Self-review",
}

ASKED = {
    "interests": ("interests", "asking"),
    "listening": ("listening",),
    "options": ("options",),
    "legitimacy": ("legitimacy",),
    "lines": ("warnings", "threats"),
    "face": ("face", "irritators"),
    "commitment": ("commitment",),
    "parties": ("process",),
}
"""The rule grader's questions to each element; the others are counted only."""

HARMFUL = frozenset({"threats", "irritators"})
"""Questions whose level says how much harm there was."""

UNITS = {
    "asks why": "questions",
    "questions": "sentences",
    "open questions": "questions",
    "words": "words spoken by all seats",
    "distinct packages": "packages offered",
    "own line crossed": "turns with an offer or an endorsement",
    "seats addressed": "other seats",
    "concessions nobody answered": "concessions",
    "gave on some issues, took on others": "steps",
}
"""What a count is out of, where it is not turns or steps."""

NO_RULE = {
    "preparation": "The record holds no plan; compare with the trainee's written one.",
    "self-review": "The record holds no self-review; have it written before this page is shown.",
    "adapting": "No news came in that this view shows.",
    "concessions": "There was no occasion: fewer than two own packages.",
    "trades": "There was no occasion: fewer than two own packages.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many of so many `unit`s, and the turns of the record where it was."""

    name: str
    hits: int
    of: int
    unit: str
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a judge model said: its level, how far its passes lie apart, and its quotes."""

    judge: str
    level: int | None
    spread: int
    flipped: bool
    cites: tuple[Cite, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question about one seat. `level` counts different turns by rule: 0, 1, 2, 4, 6."""

    id: str
    question: str
    harmful: bool
    level: int | None
    cites: tuple[Cite, ...]
    judged: Judged | None
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One seat on one element. `note` says what no rule can tell."""

    seat: str
    answers: tuple[Answer, ...]
    tallies: tuple[Tally, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One row of the rubric."""

    number: int
    id: str
    title: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """Page 8. `judge` is empty without a judge model."""

    grader: str
    judge: str
    elements: tuple[Element, ...]


def rubric(on: Ground, judged: Judgement | None = None) -> Rubric | Untold:
    """The page for the seats whose sheets are known; untold while nobody has spoken."""
    seats = [one.seat for one in on.counted if one.seat in on.known]
    if on.talk is None or not seats:
        return Untold(
            why="No seat of this view has spoken.", how="Assess the table when it has been played."
        )
    graded = _graded(on, tuple(seats))
    elements = []
    for number, name in enumerate(ELEMENTS, 1):
        marks = tuple(_mark(on, name, seat, graded, judged) for seat in seats)
        elements.append(Element(number=number, id=name, title=TITLES[name], marks=marks))
    return Rubric(grader=NAME, judge=judged.judge if judged else "", elements=tuple(elements))


def _graded(on: Ground, seats: tuple[str, ...]) -> Mapping[str, Grade | Unscored]:
    """The rule grader's checked answers; a quote that is not in its turn would be unscored."""
    if on.talk is None:
        return {}
    asked = request(on.talk.transcript, "rules", criteria(seats))
    found, _ = ask(grade, asked)
    return found


def _mark(
    on: Ground,
    name: str,
    seat: str,
    graded: Mapping[str, Grade | Unscored],
    judged: Judgement | None,
) -> Mark:
    tallies = _tallies(on, name, seat)
    answers = tuple(
        _answer(on, question, seat, graded.get(f"{question}:{seat}"), judged)
        for question in ASKED.get(name, ())
    )
    note = "" if tallies or answers else NO_RULE.get(name, "A rule cannot see this.")
    return Mark(seat=seat, answers=answers, tallies=tallies, note=note)


def _answer(
    on: Ground,
    question: str,
    seat: str,
    found: Grade | Unscored | None,
    judged: Judgement | None,
) -> Answer:
    level = found.level if isinstance(found, Grade) else None
    other = _judged(on, f"{question}:{seat}", judged)
    return Answer(
        id=question,
        question=QUESTIONS[question][0],
        harmful=question in HARMFUL,
        level=level,
        cites=_cites(on, found.quotes) if isinstance(found, Grade) else (),
        judged=other,
        differs=(
            other is not None
            and other.level is not None
            and level is not None
            and (abs(other.level - level) > 1 or (other.level == 0) != (level == 0))
        ),
    )


def _judged(on: Ground, criterion: str, judged: Judgement | None) -> Judged | None:
    """The judge's answer to a question, if it was asked."""
    for result in judged.results if judged else ():
        if result.criterion != criterion:
            continue
        told = result.grade
        return Judged(
            judge=judged.judge if judged else "",
            level=told.level if isinstance(told, Grade) else None,
            spread=result.spread,
            flipped=result.flipped,
            cites=_cites(on, told.quotes) if isinstance(told, Grade) else (),
            note=told.rationale if isinstance(told, Grade) else f"unscored: {told.reason}",
        )
    return None


def _cites(on: Ground, quotes: tuple[Quoted, ...]) -> tuple[Cite, ...]:
    return tuple(on.cite(on.line(int(quote.turn[1:])), quote.text) for quote in quotes)


# -- counts ---------------------------------------------------------------------------------------


def _tallies(on: Ground, name: str, seat: str) -> tuple[Tally, ...]:
    """The counts of an element: of steps and news from the record, of words from the talk."""
    if name in ("trades", "concessions"):
        own = steps(on, seat)
        return () if not own else _traded(on, own) if name == "trades" else _conceded(own)
    if name == "adapting":
        return _adapted(on, seat)
    counted = next((one for one in on.counted if one.seat == seat), None)
    found = counted.elements.get(name) if counted else None
    if found is None or isinstance(found, Unscored):
        return ()
    return tuple(_tally(on, count) for count in found)


def _tally(on: Ground, count: Count) -> Tally:
    """A count with the record's turns in place of the talk's lines."""
    return Tally(
        name=count.name,
        hits=count.hits,
        of=count.of,
        unit=UNITS.get(count.name, "turns"),
        turns=tuple(dict.fromkeys(on.line(number).turn for number in count.turns)),
    )


def _kind(name: str, own: tuple[Step, ...], hits: list[Step]) -> Tally:
    return Tally(
        name=name,
        hits=len(hits),
        of=len(own),
        unit=UNITS.get(name, "steps"),
        turns=tuple(step.turn for step in hits),
    )


def _traded(on: Ground, own: tuple[Step, ...]) -> tuple[Tally, ...]:
    """Steps by class, and how many of them traded one issue for another."""
    kinds = ("both up", "concession", "selfish", "harmful", "neutral")
    named = kinds if on.whole else ("gave", "took", "level")
    swaps = [
        s for s in own if any(x.own < 0 for x in s.shifts) and any(x.own > 0 for x in s.shifts)
    ]
    found = [_kind(kind, own, [s for s in own if s.kind == kind]) for kind in named]
    return (*found, _kind("gave on some issues, took on others", own, swaps))


def _conceded(own: tuple[Step, ...]) -> tuple[Tally, ...]:
    """Steps down, and those since which no other seat had moved toward this one."""
    down = [step for step in own if step.own < 0]
    if not down:
        return (_kind("concessions", own, down),)
    free = [step for step in down if not step.toward]
    unanswered = Tally(
        name="concessions nobody answered",
        hits=len(free),
        of=len(down),
        unit="concessions",
        turns=tuple(step.turn for step in free),
    )
    return (_kind("concessions", own, down), unanswered)


def _adapted(on: Ground, seat: str) -> tuple[Tally, ...]:
    """Bulletins after which the seat tabled another package at its first turn."""
    seen = [news for news in on.course.news if not news.to or seat in news.to]
    if not seen:
        return ()
    turns = [moved.turn for moved in on.table.moves if moved.seat == seat]
    offers = {offer.turn for offer in on.table.offers if offer.by == seat}
    hits = []
    for news in seen:
        later = [turn for turn in turns if turn > news.turn][:1]
        hits += [turn for turn in later if turn in offers]
    name = "a new package at the first turn after news"
    return (Tally(name=name, hits=len(hits), of=len(seen), unit="bulletins", turns=tuple(hits)),)
