"""`parley eval run`: a suite from its file to a folder of results, and again after a kill."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.commands.eval_case import Answer, Job, code_mark
from app.commands.eval_folder import Run, fresh_folder, head_of, open_run, write_outputs
from app.commands.eval_jobs import Narrowing, jobs_of, judge_jobs, narrowed
from app.commands.eval_judge import run_judge
from app.commands.eval_progress import Progress
from app.commands.eval_show import print_run
from app.commands.eval_workers import Workers, cluster, here, processes
from app.commands.solve import complain
from app.errors import CaseError, ParleyError, SettingsError
from app.evaluator.suite import Judging, Suite
from app.evaluator.suite_file import load_suite
from app.evaluator.suite_journal import (
    JUDGED,
    RESULTS,
    TALKS,
    Cache,
    Journal,
    lines_of,
    rewrite,
)
from app.evaluator.suite_judge import RULES, JudgeJob, needs_again
from app.settings import models_from

CACHED = "evals/cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish(Narrowing):
    """What was asked for on the command line."""

    out: Path | None = None
    resume: Path | None = None
    jobs: int = 1
    dask: str = ""
    seeds: int | None = None
    cache: bool = True
    judge_only: bool = False
    money: float | None = None
    json: bool = False
    quiet: bool = False


def run(wish: Wish) -> int:
    """Run and print. 0 done, 1 when a case failed or was left, 2 bad input, 100 a gate failed."""
    try:
        return _run(wish)
    except CaseError as error:
        complain(error)
        return 2
    except ParleyError as error:
        print(f"parley eval: {error}", file=sys.stderr)
        return 2


def _run(wish: Wish) -> int:
    loaded = load_suite(wish.suite, wish.home)
    loaded = replace(loaded, suite=narrowed(loaded.suite, wish.suite, wish.seeds))
    _ready(loaded.suite)
    jobs = jobs_of(loaded, wish)
    folder = wish.resume or wish.out or fresh_folder(wish.home, loaded.suite.id, stamp())
    head = head_of(loaded, jobs, created=stamp(), code=code_mark())
    held = open_run(folder, head, resume=wish.resume is not None)
    stage = _Stage(wish=wish, suite=loaded.suite, folder=folder, held=held)
    try:
        found = Run.read(folder) if wish.judge_only else stage.play(jobs)
        if loaded.suite.judging is not None:
            found = stage.judge(found, loaded.suite.judging, jobs)
    except KeyboardInterrupt:
        print(
            f"\nStopped. Go on with: parley eval run {wish.suite} --resume {folder}",
            file=sys.stderr,
        )
        return 130
    finished = write_outputs(found, stamp())
    return print_run(finished, json=wish.json, quiet=wish.quiet)


def _ready(suite: Suite) -> None:
    """Every model that plays or judges is known and has what it needs, before anything is spent."""
    names = [
        name for lineup in (suite.tables.lineups if suite.tables else ()) for name in lineup.models
    ]
    if suite.judging is not None and suite.judging.model != RULES:
        names.append(suite.judging.model)
    if not names:
        return
    from app.delegates.llm.models import lacking

    settings = models_from()
    for name in dict.fromkeys(names):
        missing = lacking(settings.named(name, unlisted=True))
        if missing:
            raise SettingsError(f"{name}: {missing}")


def stamp() -> str:
    """Now, to the second, with the offset."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


# -- the stage ---------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Stage:
    """One run in the making: what is known already, what is still to run, what it has cost."""

    wish: Wish
    suite: Suite
    folder: Path
    held: dict[str, dict[str, Any]]
    spent: dict[str, Decimal] = field(default_factory=dict)
    dearest: Decimal = Decimal(0)
    out: int = 0
    stopped: str = ""

    def play(self, jobs: Sequence[Job]) -> Run:
        """Run what is not known yet; every row as soon as it is there."""
        began = time.monotonic()
        keys = {job.cell.id: job.key for job in jobs}
        rows = {
            name: row
            for name, row in self.held.items()
            if row.get("key") == keys.get(name) and "error" not in row
        }
        resumed = len(rows)
        for row in rows.values():
            self._pay(row)
        results, talks = Journal(self.folder / RESULTS), Journal(self.folder / TALKS)
        cache = Cache(self.wish.home / CACHED) if self.wish.cache else None
        try:
            wanted = [job for job in jobs if job.cell.id not in rows]
            left = []
            for job in wanted:
                kept = cache.get(job.key) if cache and not job.record else None
                if kept is None:
                    left.append(job)
                    continue
                row = kept["row"] | {"id": job.cell.id, "place": job.cell.place}
                row["cell"] = row["cell"] | {"place": job.cell.place, "lineup": job.cell.lineup}
                if kept.get("talk"):
                    talks.write(kept["talk"] | {"id": job.cell.id})
                results.write(row)
                rows[job.cell.id] = row
            cached = len(rows) - resumed
            progress = Progress(len(left), quiet=self.wish.quiet)
            progress.note(resumed, cached, len(self.held) - resumed)
            with progress:
                for answer in self._workers()(left, self._may):
                    row = self._took(answer, results, talks, cache)
                    rows[row["id"]] = row
                    progress.done("error" in row)
        finally:
            results.close()
            talks.close()
        return self._ended(jobs, rows, {"resumed": resumed, "cached": cached}, began)

    def _took(
        self, answer: Answer, results: Journal, talks: Journal, cache: Cache | None
    ) -> dict[str, Any]:
        """Keep one answer: the talk first, so that a row never stands without it."""
        row = answer.row
        self.out -= 1
        self._pay(row)
        if answer.talk is not None:
            talks.write(answer.talk)
        if answer.record:
            place = self.folder / "records"
            place.mkdir(exist_ok=True)
            name = row["id"].replace("/", "_")
            (place / f"{name}.jsonl").write_text(answer.record, "utf-8")
        results.write(row)
        if cache is not None and "error" not in row:
            cache.put(row["key"], {"row": row, "talk": answer.talk})
        return row

    def _workers(self) -> Workers:
        if self.wish.dask:
            return cluster(self.wish.dask)
        return processes(self.wish.jobs) if self.wish.jobs > 1 else here

    # -- the judge -----------------------------------------------------------------------------

    def judge(self, run: Run, judging: Judging, jobs: Sequence[Job]) -> Run:
        """Grade every talk that has no sound judgement of this judge yet. Play is not touched."""
        path = self.folder / JUDGED
        known = {row["id"]: row for row in lines_of(path)} if path.is_file() else {}
        cache = Cache(self.wish.home / CACHED) if self.wish.cache else None
        rows: dict[str, dict[str, Any]] = {}
        left: list[JudgeJob] = []
        for job in judge_jobs(run, judging, jobs):
            held = known.get(job.case_id) or (cache.get(job.key) if cache else None)
            sound = held is not None and held.get("judge_key") == job.key and not needs_again(held)
            if held is not None and sound:
                row = {**held, "id": job.case_id, "key": job.row_key}
                rows[job.case_id] = row
            else:
                left.append(job)
        rewrite(path, rows.values())
        journal = Journal(path)
        progress = Progress(len(left), quiet=self.wish.quiet, what="talks judged")
        try:
            with progress:
                for row in self._judged(left):
                    self._pay(row)
                    journal.write(row)
                    rows[row["id"]] = row
                    if cache is not None and not needs_again(row):
                        cache.put(row["judge_key"], row)
                    progress.done(False)
        finally:
            journal.close()
        rewrite(path, (rows[one["id"]] for one in run.rows if one["id"] in rows))
        took = {**run.head.get("took", {}), "judged": len(left), "stopped": self.stopped}
        took["spent"] = {name: str(amount) for name, amount in self.spent.items()}
        return Run.read(self.folder, took=took)

    def _judged(self, left: Sequence[JudgeJob]) -> Iterator[dict[str, Any]]:
        """In threads where a model is asked, which is all waiting; rules run here."""
        width = 1 if self.suite.judging and self.suite.judging.model == RULES else self.wish.jobs
        waiting = list(reversed(left))
        with ThreadPoolExecutor(width) as pool:
            out: set[Future[dict[str, Any]]] = set()
            while waiting or out:
                while waiting and len(out) < width and self._may():
                    out.add(pool.submit(run_judge, waiting.pop()))
                if not out:
                    return
                ready, out = wait(out, return_when=FIRST_COMPLETED)
                for future in ready:
                    self.out -= 1
                    yield future.result()

    # -- spending ------------------------------------------------------------------------------

    def _pay(self, row: Mapping[str, Any]) -> None:
        used = row.get("usage")
        if not used:
            return
        money = Decimal(used["money"] or 0)
        tokens = used["prompt_tokens"] + used["completion_tokens"]
        for name, amount in (("calls", used["calls"]), ("tokens", tokens), ("money", money)):
            self.spent[name] = self.spent.get(name, Decimal(0)) + amount
        self.dearest = max(self.dearest, money)

    def _may(self) -> bool:
        """Whether one more case may begin. Cases that are out count as dear as the dearest yet."""
        caps = self.suite.spending
        money = self.wish.money if self.wish.money is not None else caps.money
        most = {"calls": caps.calls, "tokens": caps.tokens, "money": money}
        for name, cap in most.items():
            ahead = self.dearest * (self.out + 1) if name == "money" else Decimal(0)
            spent = self.spent.get(name, Decimal(0))
            if cap is not None and (
                spent >= Decimal(str(cap)) or spent + ahead > Decimal(str(cap))
            ):
                self.stopped = f"the cap of {cap:g} {name} is reached: {spent:g} spent"
                return False
        self.out += 1
        return True

    # -- the end -------------------------------------------------------------------------------

    def _ended(
        self,
        jobs: Sequence[Job],
        rows: Mapping[str, dict[str, Any]],
        kept: Mapping[str, int],
        began: float,
    ) -> Run:
        """Everything in the suite's order, and the head with how it went."""
        order = [job.cell.id for job in jobs]
        ordered = [rows[name] for name in order if name in rows]
        said = {row["id"]: row for row in lines_of(self.folder / TALKS)}
        rewrite(self.folder / RESULTS, ordered)
        rewrite(self.folder / TALKS, (said[name] for name in order if name in said))
        took = {
            **kept,
            "run": len(ordered) - sum(kept.values()),
            "failed": sum("error" in row for row in ordered),
            "left": len(order) - len(ordered),
            "seconds": round(time.monotonic() - began, 1),
            "stopped": self.stopped,
            "spent": {name: str(amount) for name, amount in self.spent.items()},
        }
        return Run.read(self.folder, took=took)
