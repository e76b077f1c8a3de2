"""The command line: exit codes, one clear sentence for bad input, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import __version__
from app.cli import main
from app.commands import tables as tables_command
from tests.conftest import ROOT

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process: its exit code, output and errors."""

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(words))
        caught = capsys.readouterr()
        code = left.value.code
        return (code if isinstance(code, int) else 0), caught.out, caught.err

    return run


FLAGSHIP = "table-for-five"

BAD = {
    "unknown table": ["play", "no-such-table"],
    "no table": ["play"],
    "unknown seat": ["play", FLAGSHIP, "--seat", "mars=human"],
    "empty seat": ["play", FLAGSHIP, "--seat", "=human"],
    "seat without who": ["play", FLAGSHIP, "--seat", "ukraine"],
    "unknown who": ["play", FLAGSHIP, "--seat", "ukraine=robot"],
    "two people": ["play", FLAGSHIP, "--seat", "ukraine=human", "--seat", "usa=human"],
    "unknown preset": ["play", FLAGSHIP, "--preset", "impossible"],
    "unknown floor": ["play", FLAGSHIP, "--floor", "shouting"],
    "unknown mediator": ["play", FLAGSHIP, "--mediator", "wise"],
    "no rounds": ["play", FLAGSHIP, "--rounds", "0"],
    "rounds no number": ["play", FLAGSHIP, "--rounds", "many"],
    "seed no number": ["play", FLAGSHIP, "--seed", "x"],
    "unknown option": ["play", FLAGSHIP, "--speed", "9"],
    "existing file": ["play", FLAGSHIP, "--out", "held.jsonl"],
    "folder as file": ["play", FLAGSHIP, "--out", "folder"],
    "file in no folder": ["play", FLAGSHIP, "--out", "nowhere/at/all.jsonl"],
    "resume of nothing": ["play", "--resume", "nothing.jsonl"],
    "resume of a folder": ["play", "--resume", "folder"],
    "resume of an empty file": ["play", "--resume", "empty.jsonl"],
    "resume of bytes": ["play", "--resume", "bytes.jsonl"],
    "replay of nothing": ["replay", "nothing.jsonl"],
    "replay of text": ["replay", "held.jsonl"],
    "assess of text": ["assess", "held.jsonl"],
    "check of nothing": ["check", "no-such-table"],
    "solve of nothing": ["solve", "no-such-table"],
    "solve of no preset": ["solve", FLAGSHIP, "--preset", "impossible"],
    "new over something": ["new", "folder"],
    "new over a file": ["new", "held.jsonl"],
    "unknown verb": ["negotiate"],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_2_and_one_clear_sentence(
    name: str, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "held.jsonl").write_text("something of mine\n")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\x00\xfe" * 50)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    code, out, err = call(*BAD[name])
    assert code == 2, (out, err)
    assert out == ""
    assert "Traceback" not in err
    assert "internal error" not in err
    assert len(err.split()) >= 4
    said = err if "Usage:" in err else err.strip()
    assert "Usage:" in err or len(said.splitlines()) == 1, err
    assert (tmp_path / "held.jsonl").read_text() == "something of mine\n"
    assert not (tmp_path / "nowhere").exists()


def test_a_refused_table_leaves_no_file_behind(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    assert call("play", FLAGSHIP, "--preset", "impossible", "--out", str(path))[0] == 2
    assert not path.exists()


def test_force_overwrites(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("something of mine\n")
    code, _, err = call("play", FLAGSHIP, "--rounds", "1", "--out", str(path), "--force", "-q")
    assert (code, err) == (0, "")
    assert path.read_text().startswith('{"format":"parley.record/1"')


def test_an_impasse_is_0(call: Call) -> None:
    code, out, _ = call("play", FLAGSHIP, "--rounds", "1", "--preset", "hard", "--seed", "2", "-q")
    assert code == 0
    assert out


def test_a_starter_case_can_be_checked_and_played(call: Call, tmp_path: Path) -> None:
    folder = str(tmp_path / "mine")
    code, out, _ = call("new", folder)
    assert code == 0
    assert f"parley check {folder}" in out
    assert call("check", folder)[0] == 0
    code, out, err = call("play", folder, "--seed", "2")
    assert (code, err) == (0, "")
    assert "Round 1" in out
    assert call("new", folder)[0] == 2


def test_findings_are_1(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert call("new", str(folder))[0] == 0
    for file in folder.glob("*.toml"):
        text = file.read_text("utf-8").replace('status = "explicit"', 'status = "explicit"')
        file.write_text(text.replace("gain = 10", "gain = 95"), "utf-8")
    code, out, _ = call("check", str(folder))
    assert code == 1
    assert "Findings" in out


def test_the_tables_are_listed(call: Call) -> None:
    code, out, _ = call("tables", "--json")
    assert code == 0
    assert {row["name"] for row in json.loads(out)} >= {FLAGSHIP}
    code, out, _ = call("tables")
    assert FLAGSHIP in out


def test_a_fault_of_ours_is_70_without_a_traceback(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> int:
        raise RuntimeError("the floor fell in")

    monkeypatch.setattr(tables_command, "run", broken)
    code, out, err = call("tables")
    assert code == 70
    assert out == ""
    assert "internal error: RuntimeError: the floor fell in" in err
    assert "Traceback" not in err
    monkeypatch.setenv("PARLEY_DEBUG", "1")
    with pytest.raises(RuntimeError):
        main(["tables"])


def test_version_and_help(call: Call) -> None:
    assert call("--version")[:2] == (0, f"parley {__version__}\n")
    code, out, _ = call("--help")
    assert code == 0
    assert "fiction" in out
    assert call("play", "--help")[0] == 0


def test_a_seed_may_be_any_number(call: Call) -> None:
    texts = set()
    for seed in ("-3", "0", str(10**30)):
        code, out, err = call("play", FLAGSHIP, "--rounds", "1", "--seed", seed)
        assert (code, err) == (0, "")
        texts.add(out)
    assert len(texts) == 3


def test_a_reader_that_leaves_early_is_no_error() -> None:
    """`parley solve table-for-five | head -1`."""
    with subprocess.Popen(
        [sys.executable, "-m", "app", "solve", FLAGSHIP],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline().startswith(b"A table for five")
        child.stdout.close()
        errors = child.stderr.read()
        assert child.wait() == 0
    assert errors == b""


def test_markup_in_a_table_is_printed_and_not_obeyed(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "home" / "personas" / "odd"
    assert call("new", str(folder))[0] == 0
    table = folder / "table.toml"
    text = table.read_text("utf-8")
    title = text.split('title = "')[1].split('"')[0]
    table.write_text(text.replace(title, "[/bold] A [red]table[/blue]", 1), "utf-8")
    path = tmp_path / "t.jsonl"
    code, out, err = call("play", str(folder), "--rounds", "1", "--out", str(path))
    assert (code, err) == (0, "")
    code, out, err = call("replay", str(path))
    assert (code, err) == (0, "")
    assert "[/bold] A [red]table[/blue]" in out
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path / "home"))
    for words in (
        ("tables",),
        ("check", str(folder)),
        ("solve", str(folder)),
        ("assess", str(path)),
    ):
        assert call(*words)[0] in (0, 1), words
