"""The judge's part of a run: one talk graded, and what becomes of it in the results.

What a judge says stands beside what rules say and is never mixed with what was computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.case import Case
from app.evaluator.grader import NAME, QUESTIONS, criteria, grade
from app.evaluator.judge import Grade, Judged, Judgement, judge_talk
from app.evaluator.judge_questions import KNOWN, RUBRIC, UNSEEN, parties_of
from app.evaluator.suite import Judging, digest
from app.evaluator.transcript import Transcript, Unscored

RULES = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeJob:
    """One talk for a judge. `row_key` names the result it belongs to, `where` its case, if any."""

    case_id: str
    row_key: str
    key: str
    judging: Judging
    talk: Transcript
    where: str = ""
    home: str = ""


def judge_key(talk: Transcript, judging: Judging, mark: str) -> str:
    """What a judgement depends on: the words, the judge, the questions and the prompts' hashes."""
    asked = [{k: list(v) for k, v in RUBRIC.items()}, QUESTIONS, dict(UNSEEN), dict(KNOWN)]
    return digest([talk.digest, judging.model, judging.samples, asked, mark])


def by_rules(talk: Transcript, case: Case | None) -> Judgement:
    """The rule grader's judgement of a talk, in a judge's shape."""
    wanted = criteria(parties_of(talk, case))
    results: list[Judged] = []
    for group, questions in RUBRIC.items():
        mine = [one for one in wanted if one.id.partition(":")[0] in questions]
        results += judge_talk(grade, NAME, talk, group, mine).results
    return Judgement(judge=NAME, results=tuple(results))


def judged_row(job: JudgeJob, made: Judgement, rules: Judgement | None = None) -> dict[str, Any]:
    """A judgement as a line of judged.jsonl; with `rules` what they say beside it."""
    results = made.results
    row: dict[str, Any] = {
        "id": job.case_id,
        "key": job.row_key,
        "judge_key": job.key,
        "judge": made.judge,
        "digest": job.talk.digest,
        "scores": {},
        "unscored": {},
        "levels": {one.criterion: _level(one) for one in results},
        "quotes": {one.criterion: _quotes(one) for one in results if _quotes(one)},
        "flipped": sorted(one.criterion for one in results if one.flipped),
        "flags": {
            one.criterion: list(one.grade.flags)
            for one in results
            if isinstance(one.grade, Grade) and one.grade.flags
        },
    }
    if made.faults:
        row["faults"] = list(made.faults)
    if made.planted:
        row["planted"] = list(made.planted)
    _shares(row, "judge", results)
    if rules is not None:
        _shares(row, "rules", rules.results)
        known = {one.criterion: _verdict(one) for one in rules.results}
        pairs = [
            (_verdict(one), known[one.criterion])
            for one in results
            if _verdict(one) is not None and known.get(one.criterion) is not None
        ]
        _keep(row, "judge_against_rules", sum(a != b for a, b in pairs), len(pairs))
    _keep(row, "judge_flips", len(row["flipped"]), sum(_verdict(o) is not None for o in results))
    return row


def _level(one: Judged) -> int | None:
    return one.grade.level if isinstance(one.grade, Grade) else None


def _verdict(one: Judged) -> bool | None:
    """Met or not; None where the judge could not tell or was not scored."""
    if not isinstance(one.grade, Grade) or one.grade.level is None:
        return None
    return one.grade.verdict == "met"


def _quotes(one: Judged) -> list[list[str]]:
    if not isinstance(one.grade, Grade):
        return []
    return [[quote.speaker, quote.turn, quote.text] for quote in one.grade.quotes]


def _shares(row: dict[str, Any], prefix: str, results: Sequence[Judged]) -> None:
    """By question: the share of parties that meet it. Unscored when half of them are."""
    by: dict[str, list[Judged]] = {}
    for one in results:
        by.setdefault(one.criterion.partition(":")[0], []).append(one)
    for question, mine in by.items():
        known = [met for one in mine if (met := _verdict(one)) is not None]
        name = f"{prefix}:{question}"
        if 2 * len(known) > len(mine):
            row["scores"][name] = round(sum(known) / len(known), 6)
            continue
        lost = next((one.grade for one in mine if isinstance(one.grade, Unscored)), None)
        lost = lost or Unscored(reason="no_occasion", detail="the judge cannot tell")
        row["scores"][name] = None
        row["unscored"][name] = {"reason": lost.reason, "detail": lost.detail[:300]}


def _keep(row: dict[str, Any], name: str, hits: int, of: int) -> None:
    if of:
        row["scores"][name] = round(hits / of, 6)
        return
    row["scores"][name] = None
    row["unscored"][name] = {"reason": "no_occasion", "detail": "nothing to compare"}


def needs_again(row: Mapping[str, Any]) -> bool:
    """Whether a judge failed on some of it, so that asking once more may mend it."""
    again = ("judge_failed", "quote_unverified")
    return any(why["reason"] in again for why in row["unscored"].values())
