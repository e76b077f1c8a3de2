"""`parley eval`: a suite from its file to a verdict, after kills, with caches, caps and judges."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app.cli import main
from app.commands import eval_case, eval_run, eval_show
from app.commands.eval_case import Answer, Job, run_job
from app.commands.eval_folder import head_of, open_run
from app.commands.eval_jobs import jobs_of
from app.commands.eval_run import Wish, _Stage
from app.evaluator.foreign.reading import read_transcripts
from app.evaluator.suite_file import load_suite
from app.evaluator.suite_journal import lines_of
from tests.conftest import ROOT

Call = Callable[..., tuple[int, str, str]]

SUITE = """
format = "parley.suite/1"
id = "small"
title = "A small suite"
about = "Two seats, a few seeds."
scorers = ["value", "floor", "talk"]

[tables]
cases = ["first-offer"]
presets = ["standard"]
rounds = 4
seeds = { first = 1, count = 6 }

[[lineups]]
id = "engine"
seats = { "*" = "engine" }

[[lineups]]
id = "middle"
baseline = "middle"

[[gates]]
name = "nobody signs below a floor"
require = "below_floor.total == 0"
where = { lineup = "engine" }

[judge]
model = "rules"
"""


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        caught = capsys.readouterr()
        code = left.value.code
        return (code if isinstance(code, int) else 0), caught.out, caught.err

    return run


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SUITE, "utf-8")
    return path


def test_a_run_leaves_everything_that_was_promised(
    call: Call, suite: Path, tmp_path: Path, own_home: Path
) -> None:
    code, out, err = call("eval", "run", suite, "--out", tmp_path / "r")
    assert code == 0, err
    assert "All 1 gates hold." in out
    assert "7 of 7 cases" in out
    folder = tmp_path / "r"
    rows = list(lines_of(folder / "results.jsonl"))
    assert [row["place"] for row in rows] == list(range(7))
    assert len({row["key"] for row in rows}) == 7
    root = ElementTree.fromstring((folder / "junit.xml").read_text("utf-8"))
    assert root.get("tests") == "8"
    assert "A small suite" in (folder / "report.html").read_text("utf-8")
    (log,) = folder.glob("*.eval")
    talks = [talk for talk in read_transcripts(log) if talk.turns]
    assert len(talks) == 6
    judged = list(lines_of(folder / "judged.jsonl"))
    assert {row["id"] for row in judged} == {r["id"] for r in rows if "/engine/" in r["id"]}
    code, out, _ = call("eval", "show", folder, "--full")
    assert code == 0
    assert "judge:interests" in out
    code, out, _ = call("eval", "show", folder, "--json")
    data = json.loads(out)
    assert data["gates"][0]["held"] is True
    assert data["estimates"]["lineup=engine"]["deal"]["scored"] == 6


def test_processes_one_process_and_a_second_time_give_the_same_bytes(
    call: Call, suite: Path, tmp_path: Path
) -> None:
    for name, more in (
        ("one", ["--no-cache"]),
        ("two", ["--no-cache", "-j", "2"]),
        ("warm", []),
        ("cached", []),
    ):
        assert call("eval", "run", suite, "--out", tmp_path / name, "-q", *more)[0] == 0
    for file in ("results.jsonl", "talks.jsonl", "judged.jsonl"):
        held = {(tmp_path / n / file).read_bytes() for n in ("one", "two", "warm", "cached")}
        assert len(held) == 1, file
    took = json.loads((tmp_path / "cached" / "run.json").read_text())["took"]
    assert (took["cached"], took["run"]) == (7, 0)


def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(
    suite: Path, tmp_path: Path, own_home: Path, call: Call
) -> None:
    """SIGKILL in the middle, a torn last line besides; then --resume."""
    text = SUITE.replace("count = 6", "count = 16").replace("rounds = 4", "rounds = 8")
    suite.write_text(text, "utf-8")
    folder = tmp_path / "killed"
    words = ["eval", "run", str(suite), "--out", str(folder), "--no-cache", "-q"]
    command = [sys.executable, "-m", "app", *words]
    with subprocess.Popen(command, cwd=ROOT, env=dict(os.environ)) as child:
        results = folder / "results.jsonl"
        while not results.exists() or results.read_bytes().count(b"\n") < 3:
            assert child.poll() is None, "it ended before it could be killed"
        child.send_signal(signal.SIGKILL)
    done = results.read_bytes().count(b"\n")
    assert 3 <= done < 17
    with results.open("ab") as torn:
        torn.write(b'{"id": "first-offer/standard/engine/on/99", "ke')
    assert call(*words[:3], "--resume", folder, "--no-cache", "-q")[0] == 0
    took = json.loads((folder / "run.json").read_text())["took"]
    assert took["resumed"] >= 3
    assert took["resumed"] + took["run"] == 17
    assert call(*words[:3], "--out", tmp_path / "whole", "--no-cache", "-q")[0] == 0
    for file in ("results.jsonl", "talks.jsonl"):
        assert (folder / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def test_a_failed_gate_is_100_and_names_bound_and_figure(
    call: Call, suite: Path, tmp_path: Path
) -> None:
    suite.write_text(SUITE.replace("below_floor.total == 0", "signatures.total <= 3"), "utf-8")
    code, out, _ = call("eval", "run", suite, "--out", tmp_path / "r", "-q")
    assert code == 100
    assert "nobody signs below a floor: signatures.total <= 3, found " in out
    code, out, _ = call("eval", "gate", tmp_path / "r")
    assert code == 100
    assert "FAILS" in out
    assert call("eval", "show", tmp_path / "r")[0] == 0


def test_a_baseline_holds_later_runs(call: Call, suite: Path, tmp_path: Path) -> None:
    folder, file = tmp_path / "r", tmp_path / "b.json"
    assert call("eval", "run", suite, "--out", folder, "-q")[0] == 0
    assert call("eval", "gate", folder, "--keep", file)[0] == 0
    code, out, _ = call("eval", "gate", folder, "--baseline", file)
    assert code == 0
    assert "no difference shown in any measure" in out
    held = json.loads(file.read_text())
    for item in held["items"].values():
        if "below_floor" in item["scores"]:
            item["scores"]["least_gain"] += 5
    file.write_text(json.dumps(held))
    code, out, _ = call("eval", "gate", folder, "--baseline", file)
    assert code == 0, "six cases cannot show it after Holm"
    more = SUITE.replace("count = 6", "count = 20")
    suite.write_text(more, "utf-8")
    assert call("eval", "run", suite, "--out", tmp_path / "m", "-q")[0] == 0
    assert call("eval", "gate", tmp_path / "m", "--keep", file)[0] == 0
    held = json.loads(file.read_text())
    for item in held["items"].values():
        if "below_floor" in item["scores"]:
            item["scores"]["least_gain"] += 5
    file.write_text(json.dumps(held))
    code, out, _ = call("eval", "gate", tmp_path / "m", "--baseline", file)
    assert code == 100
    assert "worse: least_gain" in out
    for bad in ("{}", "not json", json.dumps({**held, "suite": "other"})):
        file.write_text(bad)
        assert call("eval", "gate", folder, "--baseline", file)[0] == 2


def test_two_parts_of_a_run_are_compared(call: Call, suite: Path, tmp_path: Path) -> None:
    text = SUITE.replace(
        '[[lineups]]\nid = "middle"\nbaseline = "middle"',
        '[[lineups]]\nid = "random"\nbaseline = "random"',
    )
    suite.write_text(text.replace("count = 6", "count = 12"), "utf-8")
    folder = tmp_path / "r"
    assert call("eval", "run", suite, "--out", folder, "-q")[0] == 0
    code, out, _ = call(
        "eval", "compare", folder, folder, "--a", "lineup=random", "--b", "lineup=engine"
    )
    assert code == 0
    assert "12 paired cases" in " ".join(out.split())
    assert "better" in out
    assert call("eval", "compare", folder, folder, "--a", "lineup=random")[0] == 2
    code, out, _ = call("eval", "compare", folder, folder, "--json")
    assert {row["change"] for row in json.loads(out)} == {"no difference shown"}


def test_more_seeds_and_narrower_looks_share_the_cache(
    call: Call, suite: Path, tmp_path: Path
) -> None:
    assert call("eval", "run", suite, "--out", tmp_path / "a", "-q", "--seeds", 2)[0] == 0
    code, _, err = call("eval", "run", suite, "--out", tmp_path / "b", "--only", "lineup=engine")
    assert code == 0
    assert "2 cases come from the cache" in err
    took = json.loads((tmp_path / "b" / "run.json").read_text())["took"]
    assert (took["cached"], took["run"]) == (2, 4)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "no-such-suite"], "no such suite"),
        (["run", "{suite}", "--out", "{full}"], "is not empty"),
        (["run", "{suite}", "--resume", "{full}"], "no run to go on with"),
        (["run", "{suite}", "--only", "lineup=nobody"], "there are engine, middle"),
        (["run", "{suite}", "--only", "colour=red"], "write case, preset"),
        (["run", "{suite}", "--judge-only"], "--resume"),
        (["run", "{suite}", "--dask", "tcp://127.0.0.1:9"], "--dask"),
        (["show", "{full}"], "no run here"),
        (["show", "last"], "no run in"),
        (["gate", "nowhere"], "no run here"),
        (["calibrate", "{suite}"], "expected columns"),
        (["calibrate", "nowhere.csv"], "cannot be read"),
    ],
)
def test_bad_input_is_2_and_says_what_to_do(
    call: Call, suite: Path, tmp_path: Path, words: list[str], says: str
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    filled = [word.format(suite=suite, full=full) for word in words]
    code, out, err = call("eval", *filled)
    assert code == 2, (out, err)
    assert says in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err
    assert (full / "mine.txt").read_text() == "mine"


def test_a_folder_of_another_suite_is_left_alone(call: Call, suite: Path, tmp_path: Path) -> None:
    assert call("eval", "run", suite, "--out", tmp_path / "r", "-q", "--limit", 1)[0] in (0, 100)
    before = (tmp_path / "r" / "results.jsonl").read_bytes()
    other = tmp_path / "other.toml"
    other.write_text(SUITE.replace('id = "small"', 'id = "other"'), "utf-8")
    code, _, err = call("eval", "run", other, "--out", tmp_path / "r")
    assert code == 2
    assert "holds a run of small" in err
    assert (tmp_path / "r" / "results.jsonl").read_bytes() == before


# -- failures, caps, judges --------------------------------------------------------------------


def staged(suite: Path, tmp_path: Path, **more: Any) -> tuple[_Stage, list[Job]]:
    wish = Wish(suite=str(suite), home=tmp_path / "home", quiet=True, cache=False, **more)
    loaded = load_suite(suite)
    folder = tmp_path / "staged"
    jobs = jobs_of(loaded, wish)
    head = head_of(loaded, jobs, created="2024-12-02T00:00:00+00:00", code="c")
    held = open_run(folder, head, resume=False)
    return _Stage(wish=wish, suite=loaded.suite, folder=folder, held=held), jobs


def test_a_broken_case_costs_itself_and_is_tried_again(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, jobs = staged(suite, tmp_path)
    broken = replace(jobs[2], cell=replace(jobs[2].cell, mark="0" * 64))
    run = stage.play([*jobs[:2], broken, *jobs[3:]])
    failed = [row for row in run.rows if "error" in row]
    assert [row["id"] for row in failed] == [jobs[2].cell.id]
    assert "differs from the case" in failed[0]["error"]
    assert all(value is None for value in failed[0]["scores"].values())
    assert run.head["took"]["failed"] == 1
    again, jobs = staged(suite, tmp_path)
    assert [row for row in again.play(jobs).rows if "error" in row] == []


def test_a_fault_of_ours_is_a_failed_case(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> object:
        raise RuntimeError("the floor fell in")

    stage, jobs = staged(suite, tmp_path)
    monkeypatch.setattr(eval_case, "run_case", broken)
    run = stage.play(jobs[:1])
    assert run.rows[0]["error"] == "internal error: RuntimeError: the floor fell in"
    assert eval_show.code_of(run, run.rulings()) == 100, "its promise is unscored, so not kept"


def test_no_case_begins_beyond_the_cap(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every case costs 0.30: with a cap of 1.00 three are played, and none that could overdraw."""
    stage, jobs = staged(suite, tmp_path, money=1.0)
    usage = {
        "calls": 5, "prompt_tokens": 100, "completion_tokens": 10, "stood_in": 0, "money": "0.30"
    }  # fmt: skip

    def costly(wanted: Any, go_on: Callable[[], bool]) -> Iterator[Answer]:
        for job in wanted:
            if not go_on():
                return
            answer = run_job(job)
            yield replace(answer, row={**answer.row, "usage": usage})

    monkeypatch.setattr(eval_run, "here", costly)
    run = stage.play(jobs)
    assert len(run.rows) == 3
    took = run.head["took"]
    assert (took["left"], took["spent"]["money"]) == (4, "0.90")
    assert "cap of 1 money is reached" in took["stopped"]


def test_records_are_kept_on_request_and_can_be_assessed(
    call: Call, suite: Path, tmp_path: Path
) -> None:
    words = ("--records", "--seeds", 1, "--only", "lineup=engine", "-q")
    assert call("eval", "run", suite, "--out", tmp_path / "r", *words)[0] == 0
    (record,) = (tmp_path / "r" / "records").glob("*.jsonl")
    assert call("assess", record)[0] == 0


def test_a_judge_is_asked_again_without_playing(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    folder = tmp_path / "r"
    assert call("eval", "run", suite, "--out", folder, "-q", "--no-cache")[0] == 0
    whole = list(lines_of(folder / "judged.jsonl"))
    broken = [
        {
            **row,
            "scores": row["scores"] | {"judge:asking": None},
            "unscored": {"judge:asking": {"reason": "quote_unverified", "detail": "x"}},
        }
        for row in whole[:2]
    ]
    text = "".join(json.dumps(row) + "\n" for row in [*broken, *whole[2:4]])
    (folder / "judged.jsonl").write_text(text, "utf-8")
    monkeypatch.setattr(eval_run, "here", None)  # playing anything would fail
    words = ("--resume", folder, "--judge-only", "--no-cache")
    code, _, err = call("eval", "run", suite, *words)
    assert code == 0, err
    assert "4 of 4 talks judged" in err, "two were unsound, two were missing"
    rows = {row["id"]: row["scores"] for row in lines_of(folder / "judged.jsonl")}
    assert rows == {row["id"]: row["scores"] for row in whole}


def test_the_judges_labels_can_be_calibrated_from_a_run(
    call: Call, suite: Path, tmp_path: Path
) -> None:
    folder, labels = tmp_path / "r", tmp_path / "l.csv"
    assert call("eval", "run", suite, "--out", folder, "-q")[0] == 0
    judged = list(lines_of(folder / "judged.jsonl"))
    lines = ["id,criterion,truth"]
    for row in judged:
        lines += [f"{row['id']},{name},{level}" for name, level in row["levels"].items()]
    labels.write_text("\n".join(lines), "utf-8")
    code, out, _ = call("eval", "calibrate", labels, "--run", folder)
    assert code == 1, "six talks show nothing"
    assert "agreement                 1.000" in out
