"""Breaks the guards on purpose, one by one in a copy of the tree, and counts who notices.

A mutant is a change of a line or two of the floor, the procedure, the views, the barrier or the
wires. It is caught when `bench.doors` finds something wrong with the copy or cannot run it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MUTANTS_FILE = Path(__file__).with_suffix(".toml")
ROOT = Path(__file__).resolve().parent.parent
COPIED = ("app", "bench", "prompts", "personas")
SECONDS = 300
CONTROL = {"name": "control", "file": "pyproject.toml", "old": "", "new": ""}
"""Nothing is broken: this one has to live."""


def mutants() -> list[dict[str, str]]:
    """What is broken, from the file beside this one."""
    held: list[dict[str, str]] = tomllib.loads(MUTANTS_FILE.read_text("utf-8"))["mutant"]
    return held


def broken(mutant: Mapping[str, str], folder: Path) -> str:
    """Make one mutant and try it: empty when it was caught, else what it is."""
    copy = folder / mutant["name"].replace(" ", "-")
    for part in COPIED:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    path = copy / mutant["file"]
    text = path.read_text("utf-8")
    if mutant["old"] not in text:
        return f"{mutant['name']}: the line to break is not in {mutant['file']} any more"
    path.write_text(text.replace(mutant["old"], mutant["new"], 1), "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "bench.doors"],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    shutil.rmtree(copy, ignore_errors=True)
    return "" if done.returncode else mutant["name"]


def run(argv: Sequence[str]) -> int:
    """Break every guard; 0 when all mutants are caught, 100 when one lives."""
    parser = argparse.ArgumentParser(prog="python -m bench mutants", description=__doc__)
    parser.add_argument("--first", type=int, help="only the first so many")
    parser.add_argument("--jobs", type=int, default=2, help="copies tried side by side")
    asked = parser.parse_args(list(argv))
    chosen = mutants()[: asked.first]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.jobs) as pool:
        if not broken(CONTROL, Path(folder)):
            print("the unbroken copy does not pass: nothing can be said of the others")
            return 100
        outcomes = list(pool.map(lambda mutant: broken(mutant, Path(folder)), chosen))
    alive = [name for name in outcomes if name]
    print(f"broken guards: {len(outcomes)}, caught: {len(outcomes) - len(alive)}")
    for name in alive:
        print(f"  not caught: {name}")
    return 100 if alive else 0
