"""Each import contract breaks when it is broken: the house is sabotaged in a copy, once a rule."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FLOORS = "Imports only go down, and every room has a floor"
PURE = "The pure rooms read no clock, no chance, no disk and no vendor"
MODELS = "LangChain and OpenAI come in by delegates.llm only"
SQL = "SQL comes in by eventlog.sql only"
SOLVE = "SciPy comes in by evaluator.programme only"
REDIS = "Redis comes in by eventlog.wakeup only"
WEB = "FastAPI comes in by web and main only"

SABOTAGE = [
    ("app/domain/sabotage.py", "import app.guard", FLOORS),
    ("app/eventlog/sabotage.py", "import app.guard", FLOORS),
    ("app/undeclared.py", "", FLOORS),
    ("app/domain/sabotage.py", "import datetime", PURE),
    ("app/guard.py", "import random", PURE),
    ("app/orchestrator/procedure.py", "import time", PURE),
    ("app/evaluator/value.py", "import pathlib", PURE),
    ("app/evaluator/ledger.py", "import os", PURE),
    ("app/delegates/briefing.py", "import pydantic", PURE),
    ("app/web/sabotage.py", "import langchain_core.messages", MODELS),
    ("app/orchestrator/sabotage.py", "import openai", MODELS),
    ("app/eventlog/sabotage.py", "import sqlmodel", SQL),
    ("app/main.py", "import sqlalchemy.orm", SQL),
    ("app/eventlog/sabotage.py", "import redis", REDIS),
    ("app/domain/sabotage.py", "import scipy.optimize", SOLVE),
    ("app/evaluator/sabotage.py", "import fastapi", WEB),
    ("app/cli.py", "import uvicorn", WEB),
]


@pytest.mark.parametrize(("place", "line", "rule"), SABOTAGE)
def test_a_breach_is_seen(root: Path, tmp_path: Path, place: str, line: str, rule: str) -> None:
    shutil.copytree(root / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    with (tmp_path / place).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")

    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{rule} BROKEN" in " ".join(done.stdout.split())
