"""The folder of a run: its head, its rows, and the files made of them for others to read."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from app import __version__
from app.commands.eval_case import Job
from app.errors import CaseError, Finding
from app.evaluator.logs import LogHead, write_eval
from app.evaluator.scorers import Score, ScoreCard
from app.evaluator.suite import Gate, Suite, digest
from app.evaluator.suite_case import measures_of
from app.evaluator.suite_file import Loaded
from app.evaluator.suite_journal import (
    HEAD,
    JUDGED,
    RESULTS,
    RUN_FORMAT,
    TALKS,
    lines_of,
    talk_from,
    wrong,
)
from app.evaluator.suite_pages import as_junit, as_report
from app.evaluator.suite_scorers import Measure
from app.evaluator.suite_summary import Ruling, rulings
from app.evaluator.transcript import Transcript, Unscored

RUNS = "evals/runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished or stopped run, as its folder tells it. `rows` carry a judge's answers, if any."""

    folder: Path
    head: dict[str, Any]
    rows: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, folder: Path, took: Mapping[str, Any] | None = None) -> Run:
        """The run in a folder; `took` is noted in its head. CaseError when there is none."""
        head = _head(folder)
        if took is not None:
            head["took"] = dict(took)
            rewrite_head(folder, head)
        rows = {row["id"]: row for row in lines_of(folder / RESULTS)}
        for judged in lines_of(folder / JUDGED) if (folder / JUDGED).is_file() else ():
            row = rows.get(judged["id"])
            if row is not None and judged["key"] == row["key"]:
                row["scores"] = row["scores"] | judged["scores"]
                row["unscored"] = row["unscored"] | judged["unscored"]
        ordered = sorted(rows.values(), key=lambda row: row["place"])
        return cls(folder=folder, head=head, rows=tuple(ordered))

    @property
    def suite(self) -> Suite:
        """As much of the suite as judging a run's rows needs: its gates and its seed."""
        gates = (Gate(**{**gate, "each": tuple(gate["each"])}) for gate in self.head["gates"])
        return Suite(
            id=self.head["suite"],
            title=self.head["title"],
            about=self.head["about"],
            folder="",
            scorers=tuple(self.head["scorers"]),
            gates=tuple(gates),
            seed=self.head["seed"],
        )

    @property
    def measures(self) -> dict[str, Measure]:
        """What each measure means."""
        return {row["name"]: Measure(**row) for row in self.head["measures"]}

    def rulings(self) -> tuple[Ruling, ...]:
        """Every gate, decided."""
        return rulings(self.suite, self.rows)


def fresh_folder(home: Path, suite: str, created: str) -> Path:
    """A new folder in PARLEY_HOME for a run that begins now."""
    base = f"{suite}-{created[:19].replace('-', '').replace(':', '').replace('T', '-')}"
    folder = home / RUNS / base
    number = 1
    while folder.exists():
        number += 1
        folder = home / RUNS / f"{base}-{number}"
    return folder


def find_run(where: Path, home: Path) -> Path:
    """A run's folder: a path, a name in PARLEY_HOME, or `last`; CaseError when there is none."""
    runs = home / RUNS
    if (where / HEAD).is_file():
        return where
    if str(where) == "last":
        found = [path for path in runs.glob(f"*/{HEAD}") if path.is_file()]
        if found:
            return max(found, key=lambda path: path.stat().st_mtime).parent
        raise wrong(where, "", f"no run in {runs} yet")
    if (runs / where / HEAD).is_file():
        return runs / where
    raise wrong(where, "", f"no run here: a run's folder holds {HEAD} (they are kept in {runs})")


def head_of(loaded: Loaded, jobs: Sequence[Job], *, created: str, code: str) -> dict[str, Any]:
    """Everything about a run that is known before it begins."""
    suite = loaded.suite
    lineups = suite.tables.lineups if suite.tables else ()
    return {
        "format": RUN_FORMAT,
        "suite": suite.id,
        "title": suite.title,
        "about": suite.about,
        "file": loaded.path.name,
        "digest": digest(asdict(replace(suite, folder=""))),
        "created": created,
        "version": __version__,
        "code": code,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "seed": suite.seed,
        "cases": dict(loaded.marks),
        "lineups": {
            one.id: dict(one.seats) if not one.baseline else one.baseline for one in lineups
        },
        "judge": asdict(suite.judging) if suite.judging else None,
        "scorers": list(suite.scorers),
        "shocks": [{"id": one.id, "title": one.title, "basis": one.basis} for one in suite.shocks],
        "count": len(jobs),
        "gates": [asdict(gate) for gate in suite.gates],
        "measures": [asdict(measure) for measure in measures_of(suite).values()],
        "fiction": "Everything in this run is rehearsal fiction.",
    }


def open_run(folder: Path, head: Mapping[str, Any], *, resume: bool) -> dict[str, dict[str, Any]]:
    """Make a run's folder, or take one up again; the rows it holds already."""
    if (folder / HEAD).is_file():
        old = _head(folder)
        if old["suite"] != head["suite"]:
            problem = f"holds a run of {old['suite']}; choose another folder for {head['suite']}"
            raise wrong(folder, "", problem)
        rewrite_head(folder, {**head, "created": old["created"], "took": old.get("took", {})})
        path = folder / RESULTS
        return {row["id"]: row for row in lines_of(path)} if path.is_file() else {}
    if resume:
        raise wrong(folder, "", f"no run to go on with: there is no {HEAD}")
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise wrong(folder, "", "is not empty and holds no run; choose another --out")
        folder.mkdir(parents=True, exist_ok=True)
        rewrite_head(folder, head)
    except OSError as error:
        raise wrong(folder, "", f"cannot be written ({error.strerror or error})") from None
    return {}


def rewrite_head(folder: Path, head: Mapping[str, Any]) -> None:
    """The head anew, all or nothing."""
    fresh = folder / f"{HEAD}.part"
    fresh.write_text(json.dumps(head, ensure_ascii=False, indent=1) + "\n", "utf-8")
    fresh.replace(folder / HEAD)


def _head(folder: Path) -> dict[str, Any]:
    path = folder / HEAD
    try:
        head = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CaseError(
            (Finding(path=str(path), key="", problem=f"cannot be read as a run ({error})"),)
        ) from None
    if not isinstance(head, dict) or head.get("format") != RUN_FORMAT:
        raise wrong(path, "format", f"expected {RUN_FORMAT!r}")
    return head


# -- files for others --------------------------------------------------------------------------


def write_outputs(run: Run, now: str) -> Run:
    """junit.xml, report.html and a log for Inspect's tools beside the rows."""
    found = run.rulings()
    (run.folder / "junit.xml").write_text(as_junit(run.head, run.rows, found), "utf-8")
    page = as_report(run.head, run.rows, found, run.measures)
    (run.folder / "report.html").write_text(page, "utf-8")
    for old in run.folder.glob("*.eval"):
        old.unlink()
    head = LogHead(
        task=run.head["suite"],
        run=digest([run.head["digest"], run.head["created"]])[:16],
        created=run.head["created"],
        version=run.head["version"],
        seed=run.head["seed"],
        arguments={"suite": run.head["suite"], "code": run.head["code"], "written": now},
    )
    write_eval(run.folder / head.file_name, head, list(pairs(run)))
    return run


def pairs(run: Run) -> list[tuple[Transcript, ScoreCard]]:
    """Every case as a transcript and a card, as logs want them; a baseline has no words."""
    path = run.folder / TALKS
    said = {row["id"]: row for row in lines_of(path)} if path.is_file() else {}
    return [(_talk(row, said), card_of(row)) for row in run.rows]


def _talk(row: Mapping[str, Any], said: Mapping[str, Any]) -> Transcript:
    held = said.get(row["id"])
    name = row["id"].replace("/", "-")
    if held is None:
        return Transcript(id=name, format="none", turns=())
    return replace(talk_from(held), id=name)


def card_of(row: Mapping[str, Any]) -> ScoreCard:
    """A row as a score card."""
    lost = Unscored(reason="not_recorded", detail="see the notes")
    scores = [
        Score(
            name=name,
            value=Unscored(**row["unscored"][name]) if value is None else value,
        )
        for name, value in row["scores"].items()
    ]
    return ScoreCard(
        transcript=row["id"],
        table=row["cell"]["case"],
        scores=tuple(scores),
        seats=lost,
        process=(),
        slips=(),
        deal=None,
    )
