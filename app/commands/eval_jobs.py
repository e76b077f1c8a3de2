"""The cases of a suite as jobs: tables to play, transcripts to read, talks to judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from app.commands.eval_case import Job, code_mark, prompts_mark
from app.commands.eval_folder import Run
from app.commands.eval_judge import mark_of
from app.errors import CaseError, Finding
from app.evaluator.foreign.reading import read_transcripts
from app.evaluator.suite import Cell, Judging, Suite, digest, key_of
from app.evaluator.suite_file import Loaded
from app.evaluator.suite_journal import TALKS, lines_of, talk_from
from app.evaluator.suite_judge import JudgeJob, judge_key
from app.evaluator.transcript import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which of a suite's cases are wanted, and what is kept of them."""

    suite: str
    home: Path
    limit: int | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    records: bool = False


def narrowed(suite: Suite, name: str, seeds: int | None) -> Suite:
    """The suite with fewer seeds, if asked. What a case comes to is the same with any number."""
    if seeds is None:
        return suite
    if suite.tables is None:
        problem = "a suite of transcripts has no seeds; use --limit"
        raise CaseError((Finding(path=name, key="--seeds", problem=problem),))
    return replace(suite, tables=replace(suite.tables, seeds=suite.tables.seeds[:seeds]))


def jobs_of(loaded: Loaded, wish: Narrowing) -> list[Job]:
    """Every case as a job with its key, in the suite's order, as narrowed by --only and --limit."""
    suite = loaded.suite
    made = _talk_jobs(loaded, wish) if suite.talks is not None else _table_jobs(loaded, wish)
    for axis, wanted in wish.only.items():
        known = sorted({job.cell.axes[axis] for job in made})
        made = [job for job in made if job.cell.axes[axis] == wanted]
        if not made:
            problem = f"no case has {axis} {wanted!r}; there are {', '.join(known)}"
            raise CaseError((Finding(path=wish.suite, key="--only", problem=problem),))
    return made[: wish.limit]


def _table_jobs(loaded: Loaded, wish: Narrowing) -> list[Job]:
    suite = loaded.suite
    assert suite.tables is not None
    marks = {"code": code_mark()}
    models = {lineup.id: lineup.models for lineup in suite.tables.lineups}
    return [
        Job(
            suite=suite,
            cell=cell,
            key=key_of(
                suite, cell, {**marks, "prompts": prompts_mark()} if models[cell.lineup] else marks
            ),
            where=_where(loaded, cell.case),
            home=str(wish.home),
            record=wish.records,
        )
        for cell in loaded.cells()
    ]


def _where(loaded: Loaded, name: str) -> str:
    """A case as a worker finds it: its name, or the folder beside the suite's file."""
    beside = loaded.path.parent / name
    return str(beside.resolve()) if "/" in name and beside.is_dir() else name


def _talk_jobs(loaded: Loaded, wish: Narrowing) -> list[Job]:
    suite = loaded.suite
    assert suite.talks is not None
    name = suite.talks.case
    made: list[Job] = []
    for talk, label in _talks(loaded):
        own = talk.meta.get("case")
        mark = loaded.marks.get(name, "")
        cell = Cell(
            place=len(made),
            case=name or talk.table,
            preset="",
            lineup="",
            guard="",
            seed=0,
            mark=mark,
            talk=label,
        )
        marks = {"code": code_mark(), "talk": digest(_heard(talk))}
        made.append(
            Job(
                suite=suite,
                cell=cell,
                key=key_of(suite, cell, marks),
                where=_where(loaded, name) if name else "",
                home=str(wish.home),
                case=own if not name else None,  # type: ignore[arg-type]  # a record's own case
                talk=replace(talk, meta={}),
            )
        )
    return made


def _heard(talk: Transcript) -> list[Any]:
    """All of a transcript that a score can depend on."""
    return [
        [[t.speaker, t.text, t.to, t.final] for t in talk.turns],
        [asdict(form) for form in talk.forms],
        talk.typed,
    ]


def _talks(loaded: Loaded) -> list[tuple[Transcript, str]]:
    """Every transcript of the suite's paths, with an id by file and place in it."""
    suite, folder = loaded.suite, loaded.path.parent
    assert suite.talks is not None
    found: list[tuple[Transcript, str]] = []
    missing: list[Finding] = []
    for place, pattern in enumerate(suite.talks.paths):
        files = _files(folder, pattern)
        if not files:
            problem = f"no file matches {pattern!r} beside the suite's file"
            missing.append(
                Finding(path=loaded.path.name, key=f"talks.paths[{place}]", problem=problem)
            )
        for file in files:
            talks = read_transcripts(file, suite.talks.form)
            found += [(t, f"{file.name}#{n}") for n, t in enumerate(talks, 1)]
    if missing:
        raise CaseError(tuple(missing))
    return found


def _files(folder: Path, pattern: str) -> list[Path]:
    whole = Path(pattern)
    base = Path(whole.anchor) if whole.is_absolute() else folder
    rest = str(whole.relative_to(whole.anchor)) if whole.is_absolute() else pattern
    return (
        sorted(base.glob(rest))
        if any(c in rest for c in "*?[")
        else [path for path in [base / rest] if path.exists()]
    )


def judge_jobs(run: Run, judging: Judging, jobs: Sequence[Job]) -> Iterator[JudgeJob]:
    """Every talk of a run as a job for the judge. A baseline has no words to judge."""
    mark = mark_of(judging)
    keys = {row["id"]: row["key"] for row in run.rows}
    where = {job.cell.id: (job.where, job.home) for job in jobs}
    path = run.folder / TALKS
    for row in lines_of(path) if path.is_file() else ():
        if row["id"] in keys:
            talk, case = talk_from(row), where.get(row["id"], ("", ""))
            yield JudgeJob(
                case_id=row["id"],
                row_key=keys[row["id"]],
                key=judge_key(talk, judging, mark),
                judging=judging,
                talk=talk,
                where=case[0],
                home=case[1],
            )
