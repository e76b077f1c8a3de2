"""The judge's part of a run: what becomes of a judgement in the results, sound or defective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.commands.eval_judge import mark_of, run_judge
from app.evaluator.grader import QUESTIONS
from app.evaluator.judge import Grade, Judged, Judgement
from app.evaluator.suite import Judging
from app.evaluator.suite_judge import JudgeJob, by_rules, judge_key, judged_row, needs_again
from app.evaluator.transcript import Transcript, Unscored, numbered

TALK = Transcript(
    id="t",
    format="chat",
    turns=numbered(
        [
            ("Town", "Why does the night matter so much to you? Help me understand."),
            ("Fleet", "Because our members land their catch before dawn."),
            ("Town", "If I understand you, the early market is the point. Is that right?"),
            ("Fleet", "Yes. Thank you for asking."),
            ("chair", "Why do we not move on?"),
        ]
    ),
)


def job(talk: Transcript = TALK, model: str = "rules", samples: int = 1) -> JudgeJob:
    judging = Judging(model=model, samples=samples)
    return JudgeJob(
        case_id="t", row_key="r", key=judge_key(talk, judging, "m"), judging=judging, talk=talk
    )


def test_the_rules_grade_every_question_of_every_party_once() -> None:
    row = run_judge(job())
    assert set(row["levels"]) == {f"{q}:{p}" for q in QUESTIONS for p in ("Town", "Fleet")}
    assert row["scores"]["judge:asking"] == 0.5, (
        "the town asks, the fleet does not, the chair is none"
    )
    assert (row["id"], row["key"], row["judge"]) == ("t", "r", "parley/rules-2")
    assert row["scores"]["judge_flips"] == 0.0
    assert not needs_again(row)


def changed(one: Callable[[Judged], Judged]) -> Judgement:
    """The rules' judgement with every answer changed, as if a model had given it."""
    made = by_rules(TALK, None)
    return Judgement(judge="a:b", results=tuple(one(result) for result in made.results))


def test_a_judge_that_agrees_with_the_rules_and_one_that_never_does() -> None:
    rules = by_rules(TALK, None)
    same = judged_row(job(model="a:b"), changed(lambda one: one), rules)
    assert same["scores"]["judge_against_rules"] == 0.0
    assert same["scores"]["rules:asking"] == same["scores"]["judge:asking"] == 0.5

    def turned(one: Judged) -> Judged:
        assert isinstance(one.grade, Grade)
        met = one.grade.verdict == "met"
        return replace(one, grade=replace(one.grade, verdict="not_met" if met else "met"))

    other = judged_row(job(model="a:b"), changed(turned), rules)
    assert other["scores"]["judge_against_rules"] == 1.0
    assert other["scores"]["judge:asking"] == 0.5
    assert other["scores"]["judge:threats"] == 1.0
    assert other["scores"]["rules:threats"] == 0.0, "each stands for itself"


@pytest.mark.parametrize("reason", ["judge_failed", "quote_unverified"])
def test_a_defective_judge_is_unscored_and_asked_again(reason: str) -> None:
    lost = Unscored(reason=reason, detail="x")  # type: ignore[arg-type]
    row = judged_row(
        job(model="a:b"), changed(lambda one: replace(one, grade=lost)), by_rules(TALK, None)
    )
    judged = {name: v for name, v in row["scores"].items() if name.startswith("judge:")}
    assert len(judged) == len(QUESTIONS)
    assert set(judged.values()) == {None}
    assert {row["unscored"][name]["reason"] for name in judged} == {reason}
    assert row["scores"]["judge_against_rules"] is None
    assert row["scores"]["rules:asking"] == 0.5
    assert needs_again(row)


def test_a_judge_that_cannot_tell_is_not_asked_again() -> None:
    def unsure(one: Judged) -> Judged:
        assert isinstance(one.grade, Grade)
        return replace(one, grade=replace(one.grade, level=None, verdict="cannot_tell"))

    row = judged_row(job(model="a:b"), changed(unsure), by_rules(TALK, None))
    assert row["scores"]["judge:asking"] is None
    assert not needs_again(row)


def test_flips_are_counted_over_what_was_scored() -> None:
    row = judged_row(job(), changed(lambda one: replace(one, flipped=one.criterion[0] == "a")))
    assert row["flipped"] == ["asking:Fleet", "asking:Town"]
    assert row["scores"]["judge_flips"] == pytest.approx(2 / (2 * len(QUESTIONS)), abs=1e-6)


def test_the_key_holds_all_that_a_judgement_depends_on() -> None:
    keys = {
        judge_key(TALK, Judging(), "m"),
        judge_key(TALK.upto(2), Judging(), "m"),
        judge_key(TALK, Judging(model="a:b"), "m"),
        judge_key(TALK, Judging(samples=3), "m"),
        judge_key(TALK, Judging(), "n"),
    }
    assert len(keys) == 5
    assert mark_of(Judging(model="a:b")) != mark_of(Judging())
