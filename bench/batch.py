"""Many measurements in a few processes, with a progress line and partial results that are kept."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import app
from app.settings import home_of

Row: TypeAlias = dict[str, Any]
Job: TypeAlias = Mapping[str, Any]

JOBS = 2
"""Processes unless asked otherwise."""

_DATA = (("personas", "toml"), ("prompts", "md"))
"""Folders of the product, with the ending of the files in them that play a part."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@cache
def code_mark() -> str:
    """Twelve digits that change with any line of the product that this bench has loaded.

    Rows of other code are not mixed. A bench loads all it measures at its start; what it does
    not load, such as the web, cannot change its figures. Cases and prompts always count.
    """
    digest = hashlib.sha256()
    root = Path(app.__file__).parent
    loaded = {Path(m.__file__) for n, m in list(sys.modules.items()) if _of_app(n) and m.__file__}
    data = [(root.parent / folder).rglob(f"*.{end}") for folder, end in _DATA]
    for path in sorted(loaded.union(*data)):
        digest.update(path.relative_to(root.parent).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _of_app(name: str) -> bool:
    return name == "app" or name.startswith("app.")


def kept_at(out: str | None, name: str) -> Path:
    """Where partial results are kept: the file asked for, or one in PARLEY_HOME."""
    return Path(out) if out else home_of() / "bench" / f"{name}.jsonl"


def measure(
    work: Callable[[Job], Row], jobs: Sequence[Job], *, processes: int, path: Path, fresh: bool
) -> list[Row]:
    """One row a job, in the order of the jobs. Jobs found in the file are not run again.

    A job is plain data and its own key; a row of the file belongs to it when the job and the
    code mark are the same.
    """
    mark = code_mark()
    rows = {} if fresh else _known(path, mark)
    wanted = [(key, job) for job in jobs if (key := _key(job)) not in rows]
    if len(wanted) < len(jobs):
        _say(f"{len(jobs) - len(wanted)} of {len(jobs)} kept from an earlier run of this code")
    path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with path.open("w" if fresh else "a", encoding="utf-8") as file:
        for done, (key, job, row) in enumerate(_each(work, wanted, processes), start=1):
            rows[key] = row
            file.write(json.dumps({"code": mark, "job": dict(job), "row": row}) + "\n")
            file.flush()
            _progress(done, len(wanted), time.monotonic() - started)
    return [rows[_key(job)] for job in jobs]


def _key(job: Job) -> str:
    return json.dumps(dict(job), sort_keys=True)


def _known(path: Path, mark: str) -> dict[str, Row]:
    """Rows of the file that this code made; a last line that was cut off is passed over."""
    rows: dict[str, Row] = {}
    if not path.exists():
        return rows
    for line in path.read_text("utf-8").splitlines():
        try:
            held = json.loads(line)
            if held["code"] == mark:
                rows[_key(held["job"])] = held["row"]
        except (ValueError, KeyError, TypeError):
            continue
    return rows


def _each(
    work: Callable[[Job], Row], wanted: Sequence[tuple[str, Job]], processes: int
) -> Iterator[tuple[str, Job, Row]]:
    if processes <= 1:
        for key, job in wanted:
            yield key, job, work(job)
        return
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        # All at once: a spawned process imports the code when it begins and keeps it.
        waiting = {pool.submit(work, job): (key, job) for key, job in wanted}
        try:
            while waiting:
                ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    key, job = waiting.pop(future)
                    yield key, job, future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _progress(done: int, of: int, seconds: float) -> None:
    """A line that renews itself on a terminal, and one in twenty lines elsewhere."""
    left = seconds / done * (of - done)
    text = f"{done}/{of} done, about {left / 60:.1f} minutes left"
    if sys.stderr.isatty():
        print(f"\r{text}   ", end="\n" if done == of else "", file=sys.stderr, flush=True)
    elif done == of or done % max(1, of // 20) == 0:
        _say(text)
