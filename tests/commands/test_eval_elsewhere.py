"""Suites on a Dask cluster and inside Inspect: skipped by name where these are not installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="distributed is not installed (extra scale)",
)
inspect = pytest.mark.skipif(
    importlib.util.find_spec("inspect_ai") is None,
    reason="inspect_ai is not installed (extra inspect)",
)

SUITE = """
format = "parley.suite/1"
id = "small"
title = "A small suite"
about = "Two seats, a few seeds."
scorers = ["value", "floor"]

[tables]
cases = ["first-offer"]
presets = ["standard"]
rounds = 4
seeds = { first = 1, count = 4 }
"""

ON_DASK = """
import sys
from distributed import LocalCluster
from app.cli import main
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1",
                      dashboard_address=None) as cluster:
        main([*sys.argv[1:], "--dask", cluster.scheduler_address])
"""

IN_INSPECT = """
import json, sys
from inspect_ai import eval, score
from inspect_ai.log import read_eval_log
from app.commands import inspect_tasks as ours
(log,) = eval(ours.suite(sys.argv[1]), model=None, display="none", log_dir=sys.argv[2])
found = [sample.scores["case_scores"].value for sample in log.samples]
other = read_eval_log(sys.argv[3])
again = score(other, ours.score_card(case="first-offer"), action="append", display="none")
cards = {sample.id: sample.scores["score_card"].value for sample in again.samples}
print("FOUND", json.dumps([log.status, found, other.status, cards]))
"""


def run(*words: object, home: Path) -> str:
    """A fresh interpreter in the checkout; what it prints."""
    env = {**os.environ, "PARLEY_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dask
def test_a_cluster_gives_the_bytes_that_this_process_gives(tmp_path: Path) -> None:
    suite, script = tmp_path / "small.toml", tmp_path / "on_dask.py"
    suite.write_text(SUITE, "utf-8")
    script.write_text(ON_DASK, "utf-8")
    words = ("eval", "run", suite, "--no-cache", "-q", "--out")
    run("-m", "app", *words, tmp_path / "here", home=tmp_path / "home")
    run(script, *words, tmp_path / "there", home=tmp_path / "home")
    for file in ("results.jsonl", "talks.jsonl"):
        assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes()


@inspect
def test_inspect_runs_a_suite_and_scores_our_log(tmp_path: Path) -> None:
    suite, script = tmp_path / "small.toml", tmp_path / "in_inspect.py"
    suite.write_text(SUITE, "utf-8")
    script.write_text(IN_INSPECT, "utf-8")
    home = tmp_path / "home"
    run("-m", "app", "eval", "run", suite, "-q", "--out", tmp_path / "here", home=home)
    run("-m", "app", "eval", "run", "transcripts", "-q", "--out", tmp_path / "talks", home=home)
    (log,) = (tmp_path / "talks").glob("*.eval")
    out = run(script, suite, tmp_path / "logs", log, home=home)
    status, found, other, cards = json.loads(out.rpartition("FOUND")[2])
    assert (status, other) == ("success", "success")
    rows = [json.loads(r) for r in (tmp_path / "here" / "results.jsonl").read_text().splitlines()]
    assert found == [{n: float(v) for n, v in row["scores"].items()} for row in rows]
    agreed = {name: card["agreed_share"] for name, card in cards.items()}
    assert agreed.pop("signed.txt-1") == 1.0
    assert set(agreed.values()) == {0.0}
    assert len(agreed) == 3
