"""The standing suites in short form: every gate by its figure, and no worse than the baselines.

A few seeds cannot show a bound of 0.9, so what is asked here of each gate is its point: the share
or mean where it asks for a bound of it. Whole, they run by `parley eval run`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands import eval_gate, eval_run
from app.commands.eval_folder import Run
from app.commands.eval_run import Wish
from app.evaluator.suite_file import load_suite
from app.evaluator.suite_summary import rulings

SHORT = {
    "win-win-win": 2,
    "persona-fidelity": 1,
    "red-team": 1,
    "country-swap": 1,
    "shocks": 1,
    "transcripts": None,
}
LOOSE = {"ids_gap:"}
"""One seed says nothing about an average over seeds."""


@pytest.mark.parametrize("name", SHORT)
def test_a_standing_suite_holds_in_short(name: str, tmp_path: Path, root: Path) -> None:
    wish = Wish(
        suite=name,
        home=tmp_path / "home",
        out=tmp_path / "run",
        seeds=SHORT[name],
        quiet=True,
        cache=False,
    )
    assert eval_run.run(wish) in (0, 100)
    run = Run.read(tmp_path / "run")
    assert [row["error"] for row in run.rows if "error" in row] == []
    suite = run.suite
    assert suite.gates == load_suite(name).suite.gates
    points = tuple(
        replace(gate, statistic="value") if gate.statistic in ("lower", "upper") else gate
        for gate in suite.gates
        if not gate.measure.startswith(tuple(LOOSE))
    )
    failed = [one.text for one in rulings(replace(suite, gates=points), run.rows) if not one.held]
    assert failed == []
    baseline = root / "evals" / "baselines" / f"{name}.json"
    against = eval_gate._against(run, baseline)
    assert [eval_gate.line(one) for one in against if one.change == "worse"] == []
    assert max(one.pairs.items for one in against) >= 1


def test_the_baselines_are_whole_and_of_the_suites_that_are_there(root: Path) -> None:
    for name in SHORT:
        held = json.loads((root / "evals" / "baselines" / f"{name}.json").read_text("utf-8"))
        assert held["suite"] == name
        loaded = load_suite(name)
        if loaded.suite.tables is not None:
            assert set(held["items"]) == {cell.id for cell in loaded.cells()}, (
                "write it anew: parley eval run SUITE, then parley eval gate last --keep FILE"
            )


def test_the_middle_leaves_somebody_with_nothing_and_the_engine_does_not(root: Path) -> None:
    """The comparison that the suite is for, on the whole baseline."""
    held = json.loads((root / "evals" / "baselines" / "win-win-win.json").read_text("utf-8"))
    strong: dict[str, list[bool]] = {}
    for item in held["items"].values():
        strong.setdefault(item["cell"]["lineup"], []).append(item["scores"]["strong"])
    assert not any(strong["middle"])
    assert not any(strong["no-talk"])
    assert sum(strong["engine"]) / len(strong["engine"]) > 0.9
    assert sum(strong["random"]) / len(strong["random"]) < 0.1
