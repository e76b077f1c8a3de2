"""Who runs the cases: this process, several processes, or a Dask cluster; one function for all."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from typing import Any, TypeAlias

from app.commands.eval_case import Answer, Job, failed, run_job
from app.errors import ParleyError, SettingsError

Workers: TypeAlias = Callable[[Sequence[Job], Callable[[], bool]], Iterator[Answer]]
"""Runs jobs and yields answers as they come; asks before each new job whether to go on."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


SELDOM = (20_000, 20, 10)
"""Allocations before Python looks for cycles: much is made per case, and little of it cyclic."""


@contextmanager
def in_bulk() -> Iterator[None]:
    """For many cases in a row: what is loaded is not looked at again, and new things less often.

    It takes about a tenth off what scoring a transcript costs (`python -m bench scoring`).
    """
    usual = gc.get_threshold()
    _settle()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _settle() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def here(jobs: Sequence[Job], go_on: Callable[[], bool]) -> Iterator[Answer]:
    """One after the other in this process."""
    with in_bulk():
        for job in jobs:
            if not go_on():
                return
            yield run_job(job)


def processes(count: int) -> Workers:
    """So many processes; never more jobs out than processes, so that a stop is prompt."""

    def run(jobs: Sequence[Job], go_on: Callable[[], bool]) -> Iterator[Answer]:
        if count <= 1 or len(jobs) <= 1:
            yield from here(jobs, go_on)
            return
        for name in _THREADS:
            os.environ.setdefault(name, "1")
        left = list(reversed(jobs))
        width, context = min(count, len(jobs)), get_context("spawn")
        with ProcessPoolExecutor(width, mp_context=context, initializer=_settle) as pool:
            out: set[Future[Answer]] = set()
            try:
                while left or out:
                    while left and len(out) < count and go_on():
                        out.add(pool.submit(run_job, left.pop()))
                    if not out:
                        return
                    ready, out = wait(out, return_when=FIRST_COMPLETED)
                    for future in ready:
                        yield future.result()
            except BrokenProcessPool:
                raise ParleyError(
                    "a worker process died (out of memory?); go on with --resume and fewer --jobs"
                ) from None
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    return run


def _answer(future: Any, job: Job) -> Answer:
    """What a cluster gave back; a worker that died leaves a case that failed, not a run."""
    try:
        answer: Answer = future.result()
    except Exception as error:  # noqa: BLE001 - whatever a cluster may raise for a lost worker
        return failed(job, f"lost on the cluster: {type(error).__name__}: {error}")
    return answer


def cluster(address: str) -> Workers:
    """A Dask cluster by its scheduler's address. Its workers need the same Parley installed."""
    try:
        # Untyped, and an extra: what it gives is taken as it is.
        dask: Any = import_module("distributed")
    except ImportError:
        raise SettingsError(
            "--dask needs the package distributed: pip install 'parley[scale]'"
        ) from None

    def run(jobs: Sequence[Job], go_on: Callable[[], bool]) -> Iterator[Answer]:
        try:
            client = dask.Client(address, timeout="10s", set_as_default=False)
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"--dask {address}: no scheduler answers there "
                f"({str(error).splitlines()[0][:120]}); start one with: dask scheduler"
            ) from None
        with client:
            width = max(1, sum(client.ncores().values()))
            left = list(reversed(jobs))
            flow = dask.as_completed([], loop=client.loop)
            out: dict[str, Job] = {}
            while left or out:
                # Twice the width keeps every worker busy while answers travel.
                while left and len(out) < 2 * width and go_on():
                    job = left.pop()
                    future = client.submit(run_job, job, pure=False)
                    out[future.key] = job
                    flow.add(future)
                if not out:
                    return
                future = next(flow)
                yield _answer(future, out.pop(future.key))

    return run
