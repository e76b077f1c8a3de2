"""Runs one case of a suite with the adapters of this machine: here, in a process, on a cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import app
from app.commands.casting import price_of, usage
from app.delegates.base import Delegate
from app.domain.case import Case
from app.errors import CaseError, Finding, ParleyError
from app.evaluator.suite import Cell, Lineup, Suite
from app.evaluator.suite_case import Work, failed_row, run_case
from app.evaluator.suite_journal import line_of, talk_row
from app.evaluator.suite_table import Cast, Played
from app.evaluator.transcript import Transcript
from app.eventlog.base import case_hash
from app.eventlog.record import write_record
from app.library import load_case
from app.main import model_delegate, offline_delegates, offline_helpers, open_models
from app.settings import models_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One case as it travels to whoever runs it: plain records that can be pickled.

    `where` is the case's folder or name, `case` the case itself where a transcript brings it.
    """

    suite: Suite
    cell: Cell
    key: str
    where: str = ""
    home: str = ""
    case: Case | None = None
    talk: Transcript | None = None
    record: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes back: the row, the talk as a row, the record's text where it was asked for."""

    row: dict[str, Any]
    talk: dict[str, Any] | None = None
    record: str = ""


def run_job(job: Job) -> Answer:
    """Run one case. What goes wrong with it is in its row and stops no other case."""
    try:
        return _run(job)
    except ParleyError as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        return failed(job, said)
    except Exception as error:  # noqa: BLE001 - one broken case must not cost the others
        return failed(job, f"internal error: {type(error).__name__}: {error}")


def failed(job: Job, error: str) -> Answer:
    """The answer for a case that could not be run."""
    return Answer(row=_keyed(failed_row(job.cell, job.suite, error), job))


def _run(job: Job) -> Answer:
    suite, cell = job.suite, job.cell
    if suite.talks is not None:
        case = job.case or (_case(job.where, job.home, cell.mark) if job.where else None)
        done = run_case(Work(suite=suite, cell=cell, case=case, talk=job.talk))
        return Answer(row=_keyed(done.row, job), talk=_talk(cell, done.talk))
    assert suite.tables is not None
    lineup = next(one for one in suite.tables.lineups if one.id == cell.lineup)
    work = Work(
        suite=suite,
        cell=cell,
        case=_case(job.where, job.home, cell.mark),
        cast=lambda: cast_of(suite, lineup),
        usage=used if lineup.models else None,
    )
    done = run_case(work)
    record = "".join(write_record(done.events)) if job.record and done.events else ""
    return Answer(row=_keyed(done.row, job), talk=_talk(cell, done.talk), record=record)


def _keyed(row: dict[str, Any], job: Job) -> dict[str, Any]:
    return {"id": row["id"], "key": job.key, **row}


def _talk(cell: Cell, talk: Transcript | None) -> dict[str, Any] | None:
    return talk_row(cell.id, talk) if talk is not None else None


@lru_cache(maxsize=16)
def _case(where: str, home: str, mark: str) -> Case:
    """The case, the same one that the run began with."""
    case = load_case(where, Path(home) if home else None)
    if case_hash(case) != mark:
        problem = "differs from the case the run began with; a worker needs the same files"
        raise CaseError((Finding(path=where, key="", problem=problem),))
    return case


def cast_of(suite: Suite, lineup: Lineup) -> Cast:
    """Who acts for the seats of a lineup; SettingsError when a model cannot be opened."""
    delegates: dict[str, Delegate] = dict(offline_delegates())
    if not lineup.models:
        return Cast(delegates=delegates, helpers=offline_helpers())
    assert suite.tables is not None
    models = open_models(models_from())
    for name in lineup.models:
        models.complete(name, unlisted=True)
    delegates["model"] = model_delegate(
        lambda name: models.complete(name, unlisted=True),
        barrier=suite.tables.barrier,
        counsel=suite.tables.counsel,
        temperature=suite.tables.temperature,
    )
    return Cast(delegates=delegates, helpers=offline_helpers(), close=models.aclose)


def used(played: Played) -> Mapping[str, Any]:
    """What the models of a table used, all seats together."""
    found = usage(played.events, price_of(models_from())).values()
    priced = [seat.money for seat in found if seat.money is not None]
    return {
        "calls": sum(seat.calls for seat in found),
        "prompt_tokens": sum(seat.prompt for seat in found),
        "completion_tokens": sum(seat.completion for seat in found),
        "stood_in": sum(seat.stood_in for seat in found),
        "money": str(sum(priced, Decimal(0))) if priced else None,
    }


@cache
def code_mark() -> str:
    """Sixteen digits that change with any line of the product: rows of other code are not mixed."""
    found = hashlib.sha256()
    root = Path(app.__file__).parent
    for path in sorted(root.rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


@cache
def prompts_mark() -> str:
    """Sixteen digits over the prompts that models are sent."""
    from app.delegates.briefing import NEEDS
    from app.library import load_prompts

    held = load_prompts(NEEDS)
    marks = line_of({name: prompt.digest for name, prompt in sorted(held.items())})
    return hashlib.sha256(marks.encode()).hexdigest()[:16]
