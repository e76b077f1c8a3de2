"""The exact solver on 65,536 and 1,048,576 packages for five seats, beside NegMAS where it is set.

PARLEY_BENCH_NEGMAS names the Python of an environment of its own that holds NegMAS; NegMAS is
AGPL and never a part of Parley. Each measurement is a process of its own: processor seconds from
the sheets to survey, frontier and Nash point, imports left out; peak memory of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.domains import SCALE, Sheet, drawn_sheets
from bench.figures import grid, verdict

ORDER = 30
SEATS, OPTIONS = 5, 4
INTERPRETER = "PARLEY_BENCH_NEGMAS"


def run(argv: list[str]) -> int:
    """Measure every size and floor, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench solver", description=__doc__)
    parser.add_argument("--issues", default="8,10", help="issues of four options, by commas (8,10)")
    parser.add_argument("--floors", default="0,0.45", help="floors, shares of the scale (0,0.45)")
    parser.add_argument("--kind", default="camps", help="conflict (camps)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the domains (1)")
    parser.add_argument("--repeat", type=int, default=5, help="runs, the median is shown (5)")
    parser.add_argument("--negmas-repeat", type=int, default=1, help="runs of NegMAS (1)")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.child:
        print(json.dumps(solved(json.loads(Path(asked.child).read_text("utf-8")))))
        return 0
    other = os.environ.get(INTERPRETER, "")
    lines, targets = [], []
    for issues in (int(part) for part in asked.issues.split(",")):
        sheets = sheets_of(asked.seed, issues, asked.kind)
        for floor in (float(part) for part in asked.floors.split(",")):
            ours = _apart(_own(), sheets, floor, asked.repeat)
            theirs = _apart(_negmas(other), sheets, floor, asked.negmas_repeat) if other else None
            lines.append(_line(issues, floor, ours, theirs))
            if theirs is not None:
                targets += _compared(issues, floor, ours, theirs)
    head = ["packages", "floor", "signable", "frontier", "survey s", "frontier s", "Nash s"]
    head += ["in all s", "peak MB", "NegMAS s", "NegMAS MB", "times as fast", "memory"]
    print(f"five seats, {OPTIONS} options an issue, {asked.kind}, seed {asked.seed}")
    print(f"processor seconds, median of {asked.repeat} runs (NegMAS: {asked.negmas_repeat})\n")
    print(grid(head, lines))
    if not other:
        print(f"\nNegMAS was not run: {INTERPRETER} names no Python that has it.")
    print("\n" + "\n".join(targets))
    return 0


def sheets_of(seed: int, issues: int, kind: str) -> tuple[Sheet, ...]:
    """Sheets of five seats over issues of four options."""
    dice = random.Random(f"solver/{seed}/{issues}/{kind}")
    return drawn_sheets(dice, SEATS, (OPTIONS,) * issues, kind)


def solved(task: dict[str, Any]) -> dict[str, Any]:
    """Survey, frontier and Nash point of a task, with processor seconds and peak memory."""
    from app.domain import bargaining  # noqa: PLC0415 - only the measured process pays
    from bench.domains import solver_case  # noqa: PLC0415

    begun = time.process_time()
    sheets = tuple(tuple(tuple(row) for row in sheet) for sheet in task["sheets"])
    case = solver_case(sheets, task["floor"])
    found = bargaining.survey(case, "standard")
    surveyed = time.process_time()
    edge = bargaining.undominated(case, found)
    edged = time.process_time()
    row = bargaining.nash(found.totals, found.no_deal)
    done = time.process_time()
    return {
        "signable": found.signable,
        "frontier": len({tuple(totals) for totals in found.totals[edge].tolist()}),
        "nash": None if row is None else found.totals[row].tolist(),
        "parts": [surveyed - begun, edged - surveyed, done - edged],
        "seconds": done - begun,
        "megabytes": peak(),
    }


def peak() -> float:
    """Peak memory of this process in megabytes."""
    import resource  # noqa: PLC0415 - not on every platform

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def _own() -> list[str]:
    return [sys.executable, "-m", "bench", "solver", "--child"]


def _negmas(interpreter: str) -> list[str]:
    # Isolated: a script's own folder comes first otherwise, and there our `random` lies.
    return [interpreter, "-I", str(Path(__file__).with_name("negmas_side.py"))]


def _apart(
    command: list[str], sheets: tuple[Sheet, ...], floor: float, repeat: int
) -> dict[str, Any]:
    """The answer of a process of its own; of its times the median, of its memory the most."""
    with TemporaryDirectory() as folder:
        task = Path(folder) / "task.json"
        task.write_text(json.dumps({"sheets": sheets, "floor": round(floor * SCALE)}), "utf-8")
        answers = [_asked([*command, str(task)]) for _ in range(repeat)]
    if any(answer["nash"] != answers[0]["nash"] for answer in answers):
        raise AssertionError("the same task gave different answers")
    parts = zip(*(answer.get("parts", [0.0]) for answer in answers), strict=True)
    return {
        **answers[0],
        "parts": [median(part) for part in parts],
        "seconds": median(answer["seconds"] for answer in answers),
        "megabytes": max(answer["megabytes"] for answer in answers),
    }


def _asked(command: list[str]) -> dict[str, Any]:
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _line(
    issues: int, floor: float, ours: dict[str, Any], theirs: dict[str, Any] | None
) -> list[str]:
    line = [f"{OPTIONS**issues:,}", f"{floor:g}", f"{ours['signable']:,}", f"{ours['frontier']:,}"]
    line += [f"{part:.4f}" for part in ours["parts"]]
    line += [f"{ours['seconds']:.4f}", f"{ours['megabytes']:.0f}"]
    if theirs is None:
        return [*line, "-", "-", "-", "-"]
    line += [f"{theirs['seconds']:.2f}", f"{theirs['megabytes']:.0f}"]
    faster, smaller = _ratios(ours, theirs)
    return [*line, f"{faster:.0f}", f"{smaller:.2f}"]


def _ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[float, float]:
    return theirs["seconds"] / ours["seconds"], ours["megabytes"] / theirs["megabytes"]


def _compared(issues: int, floor: float, ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Same answers everywhere; speed and memory are promised at a million."""
    name = f"{OPTIONS**issues:,} packages, floor {floor:g}"
    same = (ours["frontier"], ours["nash"]) == (theirs["frontier"], theirs["nash"])
    lines = [
        verdict(f"{name}: frontier and Nash point", same, "same" if same else "differ", "same")
    ]
    if issues >= 10:
        faster, smaller = _ratios(ours, theirs)
        lines.append(verdict(f"{name}: speed", faster >= 100, f"{faster:.0f} times", "100 times"))
        lines.append(verdict(f"{name}: memory", smaller <= 0.5, f"{smaller:.2f}", "at most 0.50"))
    return lines
