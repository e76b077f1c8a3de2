"""The size, the shape and the names of the house: what import-linter and ruff do not see."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).resolve().parent.parent
TOPS = ("app", "tests", "bench")
MAX_LINES = 400
BANNED_NAMES = {"util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"}
LOCKS = ("requirements.txt", "requirements-dev.txt")

# The rooms that may read no clock, no chance, no disk and no vendor. Each that exists must be
# named in the contract "pure" in pyproject.toml.
PURE = (
    "app.domain",
    "app.guard",
    "app.orchestrator.procedure",
    "app.evaluator.value",
    "app.evaluator.ledger",
    "app.delegates.briefing",
)
# `parley --help`, check and offline play must not pay for these.
HEAVY = (
    *("langchain", "langchain_core", "langchain_openai", "openai", "aiohttp", "httpx2"),
    *("sqlmodel", "sqlalchemy", "redis"),
)
HEAVY_FOR_HELP = (*HEAVY, "fastapi", "numpy")

with (ROOT / "pyproject.toml").open("rb") as file:
    PROJECT = tomllib.load(file)


def sources(*suffixes: str) -> Iterator[Path]:
    """Yield our own files with one of these endings."""
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("*")):
            inside = path.relative_to(ROOT)
            if path.suffix in suffixes and not {"__pycache__", "_shipped"} & set(inside.parts):
                yield path


def named(path: Path) -> str:
    """Give a file's name as a reader of the failure wants it."""
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_longer_than_400_lines() -> None:
    sizes = {named(p): len(p.read_text("utf-8").splitlines()) for p in sources(".py", ".js")}
    assert sizes
    assert {name: size for name, size in sizes.items() if size > MAX_LINES} == {}


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        named(path)
        for path in sources(".py")
        if not (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").strip()
    ]
    assert silent == []


def test_no_module_is_a_drawer() -> None:
    assert [named(p) for p in sources(".py", ".js") if p.stem.strip("_") in BANNED_NAMES] == []
    folders = {parent for p in sources(".py", ".js") for parent in p.relative_to(ROOT).parents}
    assert [f.as_posix() for f in folders if f.name in BANNED_NAMES] == []


def test_complexity_is_at_most_12_and_no_comment_excuses_more() -> None:
    assert PROJECT["tool"]["ruff"]["lint"]["mccabe"]["max-complexity"] == 12
    tops = [top for top in TOPS if (ROOT / top).is_dir()]
    command = [sys.executable, "-m", "ruff", "check", "--select", "C901", "--ignore-noqa", *tops]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def contract(name: str) -> list[str]:
    """Give the source modules of one import contract."""
    for one in PROJECT["tool"]["importlinter"]["contracts"]:
        if one["id"] == name:
            return list(one["source_modules"])
    raise AssertionError(f"no contract {name}")


@pytest.mark.parametrize("room", PURE)
def test_every_pure_room_is_under_contract(room: str) -> None:
    patterns = [
        re.escape(pattern).replace(r"\*", r"[^.]+") + r"(\..*)?" for pattern in contract("pure")
    ]
    assert any(re.fullmatch(pattern, room) for pattern in patterns)


def loaded_by(*arguments: str) -> set[str]:
    """Run `parley` in a fresh interpreter and give the top-level packages it loaded."""
    code = (
        "import sys\n"
        "from app.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code, stop.code\n"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("LOADED")[2].split())


def test_help_loads_nothing_heavy() -> None:
    loaded = loaded_by("--help")
    assert "app" in loaded
    assert sorted(loaded & set(HEAVY_FOR_HELP)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert "index-url" not in text
    pins = re.findall(r"^([A-Za-z0-9._-]+)==\S+(?: ;[^\\\n]*)? \\\n    --hash=", text, re.MULTILINE)
    names = re.findall(r"^([A-Za-z0-9._-]+)", text, re.MULTILINE)
    assert pins == names


def test_the_locks_agree_and_hold_every_dependency() -> None:
    runtime, dev = (
        set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
        for lock in LOCKS
    )
    assert sorted(runtime - dev) == []
    held = {pin.partition("==")[0] for pin in runtime}
    wanted = {
        re.split(r"[\[<>=!~ ]", name)[0].lower() for name in PROJECT["project"]["dependencies"]
    }
    assert sorted(wanted - held) == []


def test_the_version_is_one_and_has_a_heading_in_the_changelog() -> None:
    version = PROJECT["project"]["version"]
    assert app.__version__ == version
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert [heading.split(" ")[0] for heading in headings].count(version) == 1
