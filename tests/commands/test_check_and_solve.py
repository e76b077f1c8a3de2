"""`parley check` and `parley solve`: exit codes, text and data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.commands import check, solve
from app.library import shipped


@pytest.fixture
def flawed(tmp_path: Path) -> str:
    """A copy of the flagship in which a family that is signable is marked as never signable."""
    folder = tmp_path / "flawed"
    folder.mkdir()
    for file in (shipped("personas") / "table-for-five").glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        if file.name == "table.toml":
            text = text.replace("signable = true", "signable = false")
        (folder / file.name).write_text(text, encoding="utf-8")
    return str(folder)


def test_a_clean_table_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.run("table-for-five") == 0
    out = capsys.readouterr().out
    assert "3,789" in out
    assert "No findings." in out
    assert "Rehearsal fiction" in out


def test_findings_are_1_and_name_place_and_remedy(
    flawed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert check.run(flawed) == 1
    out = capsys.readouterr().out
    assert all(len(line) <= 40 for line in out.splitlines())
    flat = " ".join(out.split())
    assert "patterns.article-family" in flat
    assert "remedy:" in flat


def test_the_same_as_data(flawed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.run(flawed, json=True) == 1
    data = json.loads(capsys.readouterr().out)
    assert not data["clean"]
    assert {f["check"] for f in data["findings"]} == {"pattern"}
    assert all(f["place"] and f["remedy"] for f in data["findings"])
    assert [z["preset"] for z in data["zones"]] == ["guided", "standard", "hard", "expert"]


def test_an_unreadable_table_is_2_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.run("no-such-table") == 2
    assert solve.run("no-such-table") == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert "no-such-table" in caught.err


def test_solve_prints_the_deals_of_a_preset(capsys: pytest.CaptureFixture[str]) -> None:
    assert solve.run("table-for-five", "hard") == 0
    flat = " ".join(capsys.readouterr().out.split())
    assert "1,274 of 2,048,000" in flat
    assert "ukraine 68 (+27)" in flat


def test_solve_as_data_in_the_default_preset(capsys: pytest.CaptureFixture[str]) -> None:
    assert solve.run("table-for-five", json=True) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["zone"]["preset"] == "standard"
    assert data["zone"]["deals"]["nash"]["totals"]["usa"] == 92
    assert len(data["zone"]["deals"]["nash"]["package"]) == len(data["issues"]) == 10


def test_an_unknown_preset_is_2_and_names_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert solve.run("table-for-five", "brutal") == 2
    assert "guided, standard, hard, expert" in capsys.readouterr().err
