"""The offline grader: a judge made of rules, in a judge's shape, that says that it is one.

It finds turns of speech and counts the different turns that bear them. It cannot see skill, tact
or relevance; for those it answers `cannot_tell`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from app.evaluator.hearing import heads_of, words_of
from app.evaluator.judge import TOP, Criterion, Request
from app.evaluator.marks import MARKS
from app.evaluator.transcript import folded, legible
from app.evaluator.turns_of_speech import PLANTED, QUOTED, planted

NAME = "parley/rules-2"
"""How the grader signs its judgements."""

QUOTES = 4
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_STEPS = (0, 1, 2, 4, 6)
"""Different turns needed for each level."""

QUESTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "interests": ("Does the party say why it wants what it wants?", ("reasons",)),
    "asking": ("Does the party ask what the others need and why?", ("why",)),
    "listening": ("Does the party sum up and check what it heard?", ("summary", "check")),
    "options": ("Does the party sketch options before it commits?", ("sketch",)),
    "legitimacy": ("Does the party name law, precedent or figures?", ("cite",)),
    "warnings": ("Does the party say where its limits are, without a threat?", ("warning",)),
    "face": ("Does the party acknowledge the others?", ("thanks",)),
    "commitment": ("Does the party say when and how it is checked?", ("dated", "checked")),
    "process": ("Does the party propose how to proceed?", ("agenda",)),
    "threats": ("Does the party threaten?", ("threat",)),
    "irritators": ("Does the party use words that needlessly annoy?", ("irritator",)),
}
ANCHORS = ("never", "once", "two turns", "four turns", "six turns or more")


def criteria(parties: tuple[str, ...]) -> tuple[Criterion, ...]:
    """Every question about every party."""
    return tuple(
        Criterion(id=f"{name}:{party}", party=party, question=question, anchors=ANCHORS, met=1)
        for name, (question, _) in QUESTIONS.items()
        for party in parties
    )


def grade(asked: Request) -> str:
    """Answer a request by rules, as a judge model would."""
    return json.dumps({"criteria": [_answer(criterion, asked) for criterion in asked.criteria]})


def _answer(criterion: Criterion, asked: Request) -> dict[str, Any]:
    name = criterion.id.partition(":")[0]
    if name not in QUESTIONS:
        return {
            "id": criterion.id,
            "rationale": "A rule cannot see this.",
            "quotes": [],
            "verdict": "cannot_tell",
            "level": None,
        }
    party = asked.names.get(criterion.party)
    found = _found(QUESTIONS[name][1], [(t, s) for t, who, s in asked.turns if who == party])
    level = sum(len(found) >= step for step in _STEPS[1:])
    return {
        "id": criterion.id,
        "rationale": f"{len(found)} different turns by rule.",
        "quotes": [{"t": turn, "text": text} for turn, text in found[:QUOTES]],
        "verdict": "met" if level >= criterion.met else "not_met",
        "level": min(level, TOP),
    }


def _found(marks: tuple[str, ...], said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first bearing sentence of every turn that has one; what is said twice counts once."""
    out: list[tuple[str, str]] = []
    heard: set[str] = set()
    for turn, text in said:
        for match in _SENTENCE.finditer(PLANTED.sub("\n", legible(text))):
            sentence = " ".join(match.group().split())
            low = QUOTED.sub(" ", sentence.lower())
            if planted(low, heads_of(words_of(low))) or folded(sentence) in heard:
                continue
            if len(sentence.split()) > 1 and any(_bears(mark, low) for mark in marks):
                heard.add(folded(sentence))
                out.append((turn, sentence))
                break
    return out


def _bears(mark: str, low: str) -> bool:
    if mark == "why" and "?" not in low:
        return False
    return MARKS[mark].pattern.search(low) is not None
