"""The contract with a judge: what it is asked, what it may answer, and what code makes of it.

A judge sees fenced data and says levels with quotes; code checks that every criterion is there
once, that every quote stands in that turn by that speaker, and computes the verdict itself.
Whatever fails is repaired once and then unscored. It is never a pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any, Literal, TypeAlias

from app.evaluator.judge_request import Criterion, Request, passes, request
from app.evaluator.transcript import Transcript, Unscored, folded

__all__ = [
    "CONTRADICTS",
    "TOP",
    "Criterion",
    "Grade",
    "Judge",
    "Judged",
    "Judgement",
    "Quoted",
    "Refused",
    "Request",
    "Verdict",
    "ask",
    "forged",
    "joined",
    "judge_talk",
    "mended",
    "passes",
    "read_answer",
    "request",
    "review",
    "unjudged",
]

TOP = 4
"""The highest level; 0 is absent or harmful."""

CONTRADICTS = "contradicts_ledger"
"""The flag of a verdict that says otherwise than the ledger."""

Verdict: TypeAlias = Literal["met", "not_met", "cannot_tell"]
Judge: TypeAlias = Callable[["Request"], str]
"""Answers a request with its raw text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Words found by code in that turn by that speaker."""

    turn: str
    speaker: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A checked answer to one criterion; `level` is None where the judge cannot tell."""

    criterion: str
    level: int | None
    verdict: Verdict
    quotes: tuple[Quoted, ...]
    rationale: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One criterion over all passes: the middle level, how far passes lie apart, and flips."""

    criterion: str
    grade: Grade | Unscored
    levels: tuple[int | None, ...]
    spread: int
    flipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything a judge said of one transcript. `raw` keeps its words as they came.

    Of a judge model also: which models answered, requests sent, tokens as the door charged them,
    faults of calls that brought nothing, and turns whose words to a grader it was not shown.
    """

    judge: str
    results: tuple[Judged, ...]
    raw: tuple[str, ...] = field(default=(), repr=False)
    models: tuple[str, ...] = ()
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    faults: tuple[str, ...] = ()
    planted: tuple[str, ...] = ()

    def result(self, criterion: str) -> Judged:
        """The result on one criterion; KeyError when it was not asked."""
        for result in self.results:
            if result.criterion == criterion:
                return result
        raise KeyError(criterion)


# -- checking an answer -------------------------------------------------------------------------


class Refused(ValueError):
    """An answer as a whole cannot be used; the text says why, for the one repair."""


def read_answer(
    raw: str, asked: Request, ids: Mapping[str, str] | None = None
) -> dict[str, Grade | Unscored]:
    """Every criterion asked, graded or unscored. Refused when the answer is no such answer.

    `ids` leads from the ids that were shown to the criteria's own; without it they are the same.
    """
    entries = _entries(raw)
    if ids is not None:
        entries = [{**one, "id": ids.get(str(one.get("id")), one.get("id"))} for one in entries]
    known = {criterion.id: criterion for criterion in asked.criteria}
    strange = sorted({str(e.get("id"))[:40] for e in entries} - set(known))
    if strange:
        raise Refused(f"unknown criteria: {', '.join(strange)}")
    found: dict[str, Grade | Unscored] = {}
    for criterion in asked.criteria:
        mine = [entry for entry in entries if entry.get("id") == criterion.id]
        if len(mine) != 1:
            detail = f"{criterion.id} is answered {len(mine)} times; expected once"
            found[criterion.id] = Unscored(reason="judge_failed", detail=detail)
            continue
        found[criterion.id] = _grade(mine[0], criterion, asked)
    return found


def _entries(raw: str) -> list[dict[str, Any]]:
    """The list `criteria` of an answer that is one JSON object and nothing else."""
    text = raw.strip()
    fenced = re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", text, re.DOTALL)
    try:
        answer = _STRICT.decode(fenced.group(1).strip() if fenced else text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"not one JSON object: {error}") from None
    listed = answer.get("criteria") if isinstance(answer, dict) else None
    if not isinstance(listed, list) or not listed:
        raise Refused("no list `criteria` with an entry for every criterion")
    if not all(isinstance(entry, dict) for entry in listed):
        raise Refused("every entry of `criteria` is an object")
    return listed


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is not a level")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key stands twice in an object")
    return found


_STRICT = json.JSONDecoder(parse_constant=_no_number, object_pairs_hook=_once)


def _grade(entry: dict[str, Any], criterion: Criterion, asked: Request) -> Grade | Unscored:
    level, said = entry.get("level", ""), entry.get("verdict", "cannot_tell")
    if said == "cannot_tell" and level is None:
        return Grade(
            criterion=criterion.id,
            level=None,
            verdict="cannot_tell",
            quotes=(),
            rationale=str(entry.get("rationale") or ""),
        )
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= TOP:
        detail = f"{criterion.id}: level {str(level)[:20]!a}; expected 0 to {TOP}"
        return Unscored(reason="judge_failed", detail=detail)
    quotes = entry.get("quotes")
    if not isinstance(quotes, list):
        return Unscored(reason="judge_failed", detail=f"{criterion.id}: no list `quotes`")
    checked = [_quoted(quote, criterion, asked) for quote in quotes]
    bad = [str(quote)[:80] for quote, good in zip(quotes, checked, strict=True) if good is None]
    if bad:
        return Unscored(reason="quote_unverified", detail=f"{criterion.id}: {bad[0]}")
    if level > 0 and not checked:
        detail = f"{criterion.id}: level {level} without a quote"
        return Unscored(reason="quote_unverified", detail=detail)
    verdict: Verdict = "met" if level >= criterion.met else "not_met"
    flags = []
    if "verdict" in entry and said not in (None, verdict):
        flags.append("verdict_mismatch")
    if criterion.fact is not None and criterion.fact != (verdict == "met"):
        flags.append(CONTRADICTS)
    return Grade(
        criterion=criterion.id,
        level=level,
        verdict=verdict,
        quotes=tuple(quote for quote in checked if quote is not None),
        rationale=str(entry.get("rationale") or ""),
        flags=tuple(flags),
    )


def _quoted(quote: Any, criterion: Criterion, asked: Request) -> Quoted | None:
    """The quote, found in that turn by the party the criterion is about; else None."""
    if not isinstance(quote, dict):
        return None
    turn, text = quote.get("t"), quote.get("text")
    if not isinstance(turn, str) or not isinstance(text, str):
        return None
    party = asked.names.get(criterion.party)
    for place, (t, speaker, _) in enumerate(asked.turns):
        if t == turn:
            words = asked.said(place, text) if party in (None, speaker) else None
            if words is None:
                return None
            real = next((name for name, shown in asked.names.items() if shown == speaker), speaker)
            return Quoted(turn=t, speaker=real, text=words)
    return None


# -- asking -------------------------------------------------------------------------------------


def ask(judge: Judge, asked: Request) -> tuple[dict[str, Grade | Unscored], tuple[str, ...]]:
    """One pass: ask, repair once where anything is unscored, keep what is sound."""
    raw = judge(asked)
    found, complaint = review(raw, asked)
    if not complaint:
        return found, (raw,)
    again = judge(replace(asked, complaint=complaint))
    return mended(found, review(again, asked)[0]), (raw, again)


def review(
    raw: str, asked: Request, ids: Mapping[str, str] | None = None
) -> tuple[dict[str, Grade | Unscored], str]:
    """Every criterion, graded or unscored, and what to complain of; empty when all is sound."""
    try:
        found = read_answer(raw, asked, ids)
    except Refused as error:
        return unjudged(asked.criteria, str(error)), str(error)
    bad = [value.detail for value in found.values() if isinstance(value, Unscored)]
    return found, "; ".join(bad)


def unjudged(criteria: Sequence[Criterion], why: str) -> dict[str, Grade | Unscored]:
    """Every criterion unscored because the judge failed."""
    lost = Unscored(reason="judge_failed", detail=why)
    return dict.fromkeys((criterion.id for criterion in criteria), lost)


def mended(
    found: Mapping[str, Grade | Unscored], again: Mapping[str, Grade | Unscored]
) -> dict[str, Grade | Unscored]:
    """What was sound at once, and for the rest what the repair says."""
    return {
        key: value if isinstance(value, Grade) else again.get(key, value)
        for key, value in found.items()
    }


def judge_talk(
    judge: Judge,
    name: str,
    transcript: Transcript,
    group: str,
    criteria: Sequence[Criterion],
    *,
    samples: int = 1,
) -> Judgement:
    """Judge one group: two orders, names masked in the second, `samples` of each.

    The middle level counts; see `joined`.
    """
    raw: list[str] = []
    answers: list[tuple[Request, Mapping[str, Grade | Unscored]]] = []
    if transcript.turns:
        for asked in passes(transcript, group, criteria, samples=samples):
            found, said = ask(judge, asked)
            answers.append((asked, found))
            raw += said
    results = tuple(joined(criterion, answers) for criterion in criteria)
    return Judgement(judge=name, results=results, raw=tuple(raw))


def joined(
    criterion: Criterion, answers: Sequence[tuple[Request, Mapping[str, Grade | Unscored]]]
) -> Judged:
    """One criterion over all its passes; without any, the talk has no turns.

    Half of the passes unscored leaves it unscored, and so do passes of which as many meet it as
    do not: a tie is nobody's verdict. `flipped` says that the two orders gave different verdicts.
    """
    every = [(asked.turned, found[criterion.id]) for asked, found in answers]
    grades = [(turned, one) for turned, one in every if isinstance(one, Grade)]
    levels = tuple(grade.level for _, grade in grades)
    known = sorted(level for level in levels if level is not None)
    verdicts = {
        side: {grade.verdict for turned, grade in grades if turned == side}
        for side in (False, True)
    }
    return Judged(
        criterion=criterion.id,
        grade=_together(criterion, [one for _, one in every]),
        levels=levels,
        spread=known[-1] - known[0] if known else 0,
        flipped=all(verdicts.values()) and verdicts[False] != verdicts[True],
    )


def _together(criterion: Criterion, every: Sequence[Grade | Unscored]) -> Grade | Unscored:
    """The answer that the passes give together."""
    if not every:
        return Unscored(reason="no_turns", detail=criterion.id)
    grades = [one for one in every if isinstance(one, Grade)]
    known = [one for one in grades if one.level is not None]
    if 2 * len(grades) <= len(every):
        return next(one for one in every if isinstance(one, Unscored))
    if 2 * len(known) <= len(grades):
        return next(one for one in grades if one.level is None)
    if 2 * sum(one.verdict == "met" for one in known) == len(known):
        levels = ", ".join(str(one.level) for one in known)
        return Unscored(reason="judge_divided", detail=f"{criterion.id}: levels {levels}")
    verdict: Verdict = (
        "met" if 2 * sum(one.verdict == "met" for one in known) > len(known) else "not_met"
    )
    middle = int(median(one.level or 0 for one in known))
    near = min(
        (one for one in known if one.verdict == verdict), key=lambda g: abs((g.level or 0) - middle)
    )
    against = criterion.fact is not None and criterion.fact != (verdict == "met")
    flags = tuple(dict.fromkeys(f for one in known for f in one.flags if f != CONTRADICTS))
    flags = (*flags, CONTRADICTS) if against else flags
    level = middle if (middle >= criterion.met) == (verdict == "met") else near.level
    return replace(near, level=level, flags=flags)


def forged(transcript: Transcript) -> tuple[str, ...]:
    """Turns that hold what looks like a judge's answer: a reason to look twice, never a score."""
    mark = re.compile(r'"?(?:criteria|verdict|level)"?\s*:\s*["\[{\d]')
    return tuple(turn.id for turn in transcript.turns if mark.search(folded(turn.text)))
