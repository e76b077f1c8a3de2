"""`parley solve` on tables too large to list: text, data, and what is said without scipy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from app.commands import check, solve, solve_bounded
from app.evaluator.optima import Figure
from app.evaluator.zone import deal, middle
from app.library.write import write_case
from tests.large import large


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A table of sixteen issues as its author would have it."""
    return str(write_case(large(2), tmp_path_factory.mktemp("tables") / "large"))


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same, with capitals that ask for too much."""
    return str(write_case(large(2, floor=82), tmp_path_factory.mktemp("tables") / "shut"))


def test_the_text_says_what_is_exact_and_what_is_bounded(
    table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert solve.run(table) == 0
    flat = " ".join(capsys.readouterr().out.split())
    assert "4,294,967,296 packages, and 256,000,000 are the most that are listed" in flat
    assert "Max-min: largest smallest gain in points: " in flat
    assert ", exact" in flat
    assert "found, proved to be at most" in flat
    assert "0.0010 % more" in flat or "0.0011 % more" in flat
    assert "how many are signable, the frontier" in flat
    assert "Rehearsal fiction" in flat


def test_the_data_carries_value_bound_and_gap(
    table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert solve.run(table, "hard", json=True) == 0
    data = json.loads(capsys.readouterr().out)
    found = data["bounded"]
    assert "zone" not in data
    assert (found["preset"], found["enumerated"], found["empty"]) == ("hard", False, False)
    assert set(found["best"]) == {"north", "south", "east", "west", "river"}
    for name, figure in found["figures"].items():
        assert figure["value"] <= figure["bound"]
        assert figure["exact"] or name == "nash"
        assert len(figure["deal"]["package"]) == len(data["issues"]) == 16
    assert 0 < found["figures"]["nash"]["gap"] < 3e-5


def test_an_empty_zone_is_said_with_what_would_open_it(
    shut: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert solve.run(shut) == 0
    flat = " ".join(capsys.readouterr().out.split())
    assert "The zone is empty: proved" in flat
    assert "points, the fewest that do)" in flat
    assert solve.run(shut, json=True) == 0
    found = json.loads(capsys.readouterr().out)["bounded"]
    assert found["empty"] is True
    assert found["passing"] is False
    assert found["easing"]
    assert found["figures"]["nash"] is None


def test_without_scipy_the_extra_is_named_and_nothing_else_needs_it(table: str) -> None:
    code = (
        "import sys\n"
        "sys.modules['scipy'] = None\n"
        "from app.commands.solve import run\n"
        "print(run('table-for-five', 'expert'), run(sys.argv[1]))\n"
    )
    command = [sys.executable, "-c", code, table]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "0 2"
    assert "optional extra 'solve'" in done.stderr
    assert "256,000,000" in done.stderr
    assert "Traceback" not in done.stderr


def test_too_many_signable_packages_are_bounded_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.survey.JOINT_LIMIT", 1_000)
    assert solve.run("table-for-five") == 0
    flat = " ".join(capsys.readouterr().out.split())
    assert "packages all could sign, and 1,000 are the most that are listed" in flat
    assert "Max-min: largest smallest gain in points" in flat


def test_check_refuses_a_large_table_and_points_to_solve(
    table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.run(table) == 2
    assert "parley solve answers with stated bounds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "bound", "exact", "words"),
    [
        (1234, 1234, True, "1,234, exact"),
        (1000, 1010, False, "1,000 found, proved to be at most 1,010 (1.0 % more)"),
        (1000, 1000.0101, False, "1,000 found, proved to be at most 1,001 (0.0011 % more)"),
        (0, 5, False, "0 found, proved to be at most 5"),
        (0.25, 0.2500113, False, "0.2500 found, proved to be at most 0.2501 (0.0046 % more)"),
        (7, float("inf"), False, "7 found, no bound proved"),
    ],
)
def test_a_gap_is_told_and_rounded_up(value: float, bound: float, exact: bool, words: str) -> None:
    case = large(2, issues=4)
    shown = Figure(value=value, bound=bound, exact=exact, deal=deal(case, middle(case)))
    assert solve_bounded.told(shown) == words
