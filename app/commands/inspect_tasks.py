"""Parley's suites as tasks of Inspect, and its score card as a scorer; only Inspect imports this.

    inspect eval parley/win_win_win --model none -T seeds=2
    inspect score log.eval --scorer parley/score_card -S case=table-for-five

Tables are played by the function that `parley eval run` uses; seats are filled as the suite says,
so no model of Inspect's takes part and `--model none` is right.
"""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageAssistant, ChatMessageUser
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from app.commands.eval_case import Answer, Job, run_job
from app.commands.eval_jobs import Narrowing, jobs_of, narrowed
from app.domain.case import Case
from app.evaluator.foreign.messages import said
from app.evaluator.scorers import card, plain
from app.evaluator.suite_file import load_suite
from app.evaluator.transcript import Transcript, numbered
from app.library import load_case
from app.settings import home_of

Made = TypeVar("Made", bound=Callable[..., Any])

# Inspect names what is registered after the top-level module it is defined in, which here is
# `app`; people know the distribution's name. So what is registered says that it stands in a module
# of that name, which is this file under another label.
NAME = "parley"
_label = ModuleType(NAME, __doc__)
_label.__spec__ = ModuleSpec(NAME, None, origin=__file__)
sys.modules.setdefault(NAME, _label)


def _ours(made: Made) -> Made:
    made.__module__ = NAME
    return made


_JOBS: dict[str, Job] = {}
"""Jobs of the tasks made in this process, by the key of their case."""

_ALONE = threading.Lock()


def suite_task(name: str, seeds: int | None = None, limit: int | None = None) -> Task:
    """A suite, shipped or a file, as a task: a sample a case."""
    home = home_of()
    loaded = load_suite(name, home)
    wish = Narrowing(suite=name, home=home, limit=limit)
    suite = narrowed(loaded.suite, name, seeds)
    jobs = jobs_of(replace(loaded, suite=suite), wish)
    _JOBS.update({job.key: job for job in jobs})
    samples = [
        Sample(
            id=job.cell.id.replace("/", "-"),
            input=f"{suite.title}: {job.cell.id}",
            metadata={"key": job.key, "table": job.cell.case, **job.cell.axes},
        )
        for job in jobs
    ]
    return Task(
        dataset=MemoryDataset(samples, name=suite.id),
        solver=play_case(),
        scorer=case_scores(),
        name=suite.id.replace("-", "_"),
        metadata={"suite": suite.id, "note": "rehearsal fiction"},
    )


def _played(job: Job) -> Answer:
    """A job, while no other is done: what is kept of a case's words is no two threads' at once."""
    with _ALONE:
        return run_job(job)


@solver
@_ours
def play_case() -> Solver:
    """Play or read the case of a sample; its talk becomes the sample's messages."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        answer = await asyncio.to_thread(_played, _JOBS[state.metadata["key"]])
        state.metadata["row"] = answer.row
        turns = answer.talk["turns"] if answer.talk else []
        first = turns[0][0] if turns else ""
        for number, (speaker, text) in enumerate(turns, 1):
            kind = ChatMessageUser if speaker == first else ChatMessageAssistant
            marks = {"speaker": speaker, "turn": f"T{number}"}
            state.messages.append(kind(content=f"**{speaker}:** {text}", metadata=marks))
        state.completed = True
        return state

    return solve


@scorer(metrics={"*": [mean(), stderr()]})
@_ours
def case_scores() -> Scorer:
    """What the suite's scorers found; unscored is NaN with its reason, never 0."""

    async def score(state: TaskState, target: Target) -> Score:
        del target
        row = state.metadata["row"]
        value = {
            name: math.nan if held is None else float(held) for name, held in row["scores"].items()
        }
        return Score(
            value=value,
            explanation="\n".join([row.get("error", ""), *row["notes"]]).strip() or None,
            metadata={"unscored": row["unscored"], "package": row.get("package")},
        )

    return score


@scorer(metrics={"*": [mean(), stderr()]})
@_ours
def score_card(case: str = "") -> Scorer:
    """The offline score card of a talk, against a table by name or folder.

    Without `case` the table is the one the sample's metadata names.
    """

    async def score(state: TaskState, target: Target) -> Score:
        del target
        table = case or str(state.metadata.get("table", ""))
        if not table:
            return Score(value=math.nan, explanation="no_table: say -S case=TABLE")
        spoken = [m.model_dump() for m in state.messages if m.role in ("user", "assistant")]
        turns = numbered(said(spoken, "the log", str(state.sample_id)))
        talk = Transcript(id=str(state.sample_id), format="inspect", turns=turns)
        found = plain(card(talk, _case(table)))
        value = {
            name: math.nan if held is None else float(held)
            for name, held in found["scores"].items()
            if not isinstance(held, str)
        }
        return Score(
            value=value,
            answer=str(found["scores"].get("deal")),
            explanation="; ".join(f"{n}: {why['reason']}" for n, why in found["unscored"].items()),
            metadata={key: found[key] for key in ("quotes", "settled", "seats", "unscored")},
        )

    return score


@lru_cache(maxsize=8)
def _case(table: str) -> Case:
    return load_case(Path(table) if Path(table).is_dir() else table, home_of())


@task
@_ours
def suite(file: str, seeds: int | None = None, limit: int | None = None) -> Task:
    """A suite of one's own: `-T file=my.toml`."""
    return suite_task(file, seeds, limit)


@task
@_ours
def win_win_win(seeds: int | None = None, limit: int | None = None) -> Task:
    """Every party leaves with something of value."""
    return suite_task("win-win-win", seeds, limit)


@task
@_ours
def persona_fidelity(seeds: int | None = None, limit: int | None = None) -> Task:
    """Seats keep to their papers."""
    return suite_task("persona-fidelity", seeds, limit)


@task
@_ours
def red_team(seeds: int | None = None, limit: int | None = None) -> Task:
    """A hostile person at the table."""
    return suite_task("red-team", seeds, limit)


@task
@_ours
def country_swap(seeds: int | None = None, limit: int | None = None) -> Task:
    """Countries swapped."""
    return suite_task("country-swap", seeds, limit)


@task
@_ours
def shocks(seeds: int | None = None, limit: int | None = None) -> Task:
    """Shocks on the signed text."""
    return suite_task("shocks", seeds, limit)


@task
@_ours
def transcripts(limit: int | None = None) -> Task:
    """Four short talks about a first job."""
    return suite_task("transcripts", None, limit)


__all__ = ["case_scores", "play_case", "score_card", "suite_task"]
