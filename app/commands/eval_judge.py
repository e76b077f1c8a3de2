"""The judge of a run with the adapters of this machine: rules, or a model behind its door."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.commands.casting import price_of
from app.delegates.base import Usage
from app.domain.case import Case
from app.evaluator.judge import Judgement
from app.evaluator.judge_model import JudgeModel, judge_papers, judged
from app.evaluator.suite import Judging
from app.evaluator.suite_judge import RULES, JudgeJob, by_rules, judged_row
from app.library import load_case
from app.main import open_models
from app.settings import models_from


def mark_of(judging: Judging) -> str:
    """What besides the words decides a judgement: the prompts' hashes, or that rules judge."""
    return RULES if judging.model == RULES else judge_papers().mark


def run_judge(job: JudgeJob) -> dict[str, Any]:
    """Grade one talk; what the model used stands in the row."""
    case = _case(job.where, job.home) if job.where else None
    rules = by_rules(job.talk, case)
    if job.judging.model == RULES:
        return judged_row(job, rules)
    made = asyncio.run(_modelled(job, case))
    return judged_row(job, made, rules) | {"usage": _used(job.judging.model, made)}


async def _modelled(job: JudgeJob, case: Case | None) -> Judgement:
    models = open_models(models_from())
    try:
        judge = JudgeModel(
            model=job.judging.model,
            complete=models.complete(job.judging.model, unlisted=True),
            papers=judge_papers(),
            samples=job.judging.samples,
            forced=job.judging.forced,
            account=(f"table:judge/{job.case_id}",),
        )
        return await judged(judge, job.talk, case)
    finally:
        await models.aclose()


def _used(model: str, made: Judgement) -> dict[str, Any]:
    from app.delegates.llm.budget import cost

    price = price_of(models_from())(model)
    usage = Usage(prompt=made.prompt_tokens, completion=made.completion_tokens)
    return {
        "calls": made.calls,
        "prompt_tokens": made.prompt_tokens,
        "completion_tokens": made.completion_tokens,
        "money": str(cost(price, usage)) if price is not None else None,
    }


@lru_cache(maxsize=8)
def _case(where: str, home: str) -> Case:
    return load_case(where, Path(home) if home else None)
