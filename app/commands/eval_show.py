"""`parley eval show`: what a run found, on a terminal or as data."""

from __future__ import annotations

import json as json_
import math
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table as Grid

from app.commands.eval_folder import Run, find_run
from app.commands.solve import complain
from app.errors import CaseError
from app.evaluator.suite_pages import bounded
from app.evaluator.suite_summary import Ruling, estimate, grouped, measured, varying

GATE_FAILED = 100
COLUMNS = 5
"""Measures shown in the short table."""


def show(where: Path, home: Path, *, json: bool = False, full: bool = False) -> int:
    """Print a run again; 0 whatever it found, 2 when it cannot be read."""
    try:
        run = Run.read(find_run(where, home))
    except CaseError as error:
        complain(error)
        return 2
    print_run(run, json=json, full=full)
    return 0


def print_run(run: Run, *, json: bool = False, quiet: bool = False, full: bool = False) -> int:
    """Print; 100 when a gate fails, 1 when a case failed or was left out, else 0."""
    found = run.rulings()
    if json:
        print(json_.dumps(as_data(run, found), ensure_ascii=False, indent=2))
    else:
        console = Console(highlight=False, emoji=False)
        _print_head(run, console)
        if not quiet:
            _print_estimates(run, console, full=full)
        _print_gates(found, console)
        _print_rest(run, console)
    return code_of(run, found)


def code_of(run: Run, found: tuple[Ruling, ...]) -> int:
    """The exit code of a run."""
    if any(not one.held for one in found):
        return GATE_FAILED
    took = run.head.get("took") or {}
    return 1 if took.get("failed") or took.get("left") else 0


def as_data(run: Run, found: tuple[Ruling, ...]) -> dict[str, Any]:
    """Head, estimates by group and gates as plain data."""
    groups = grouped(run.rows, varying(run.rows))
    return {
        "folder": str(run.folder),
        "head": run.head,
        "estimates": {
            group or "all": {
                name: plain(asdict(estimate(name, rows, run.head["seed"])))
                for name in measured(rows)
            }
            for group, rows in groups.items()
        },
        "gates": [
            {
                "name": one.gate.name,
                "requires": one.gate.text,
                "group": one.group,
                "held": one.held,
                "found": plain(one.figure),
                "reason": one.reason,
            }
            for one in found
        ],
        "code": code_of(run, found),
    }


def plain(value: Any) -> Any:
    """Data without NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _print_head(run: Run, console: Console) -> None:
    head, took = run.head, run.head.get("took") or {}
    console.print(f"\n[bold]{escape(head['title'])}[/bold] ({escape(head['suite'])})")
    parts = [
        f"{len(run.rows)} of {head['count']} cases",
        f"{took.get('run', 0)} run",
        f"{took.get('cached', 0)} from the cache" if took.get("cached") else "",
        f"{took.get('resumed', 0)} done before" if took.get("resumed") else "",
        f"{took.get('failed', 0)} failed" if took.get("failed") else "",
        f"{took.get('seconds', 0):g} seconds",
    ]
    console.print(", ".join(part for part in parts if part), style="dim")
    if took.get("stopped"):
        console.print(f"Stopped: {took['stopped']}.", markup=False, style="bold red")
    for shock in head.get("shocks") or ():
        text = f"  {shock['id']}: {shock['title']} ({shock['basis']})"
        console.print(text, markup=False, style="dim")
    if took.get("spent"):
        spent = ", ".join(f"{float(amount):g} {name}" for name, amount in took["spent"].items())
        console.print(f"Spent on models: {spent}.", markup=False)


def _print_estimates(run: Run, console: Console, *, full: bool) -> None:
    """A row a group, a column a measure: those that gates stand on come first."""
    axes = varying(run.rows)
    groups = grouped(run.rows, axes)
    asked = [gate.measure for gate in run.suite.gates]
    names = list(dict.fromkeys([*asked, *measured(run.rows)]))
    if full:
        _print_all(run, groups, console)
        return
    known = measured(run.rows)
    texts = {
        name: [bounded(estimate(name, rows, run.head["seed"])) for rows in groups.values()]
        for name in names
        if name in known
    }
    labels = [
        " ".join(str(rows[0]["cell"][axis]) for axis in axes) or "all" for rows in groups.values()
    ]
    shown = _fitting(texts, console.width - max(map(len, labels), default=0) - 10)
    grid = Grid(box=None, padding=(0, 2, 0, 0))
    grid.add_column(" ".join(axes) or "cases", overflow="fold")
    grid.add_column("n", justify="right")
    for name in shown:
        grid.add_column(name, justify="right", no_wrap=True)
    for place, (label, rows) in enumerate(zip(labels, groups.values(), strict=True)):
        cells = (escape(texts[name][place]) for name in shown)
        grid.add_row(escape(label), str(len(rows)), *cells)
    console.print()
    console.print(grid)
    hidden = [name for name in names if name not in shown]
    hint = "Value with 95 % bounds."
    if hidden:
        more = ", ".join(hidden[:8]) + (f" and {len(hidden) - 8} more" if len(hidden) > 8 else "")
        hint += f" Also measured: {more} (parley eval show {run.folder.name} --full)."
    console.print(hint, markup=False, style="dim")


def _fitting(texts: Mapping[str, list[str]], width: int) -> list[str]:
    """The first measures that fit beside each other, one at least."""
    shown: list[str] = []
    for name, cells in texts.items():
        width -= max(len(name), *map(len, cells)) + 2
        if shown and (width < 0 or len(shown) == COLUMNS):
            break
        shown.append(name)
    return shown


def _print_all(run: Run, groups: dict[str, list[Any]], console: Console) -> None:
    for group, rows in groups.items():
        console.print(f"\n[bold]{escape(group or 'all cases')}[/bold], {len(rows)} cases")
        grid = Grid(box=None, padding=(0, 2, 0, 0))
        for name in ("measure", "value", "scored", "clusters", "unscored", "bounds by"):
            figure = name in ("value", "scored", "clusters")
            justify: JustifyMethod = "right" if figure else "left"
            grid.add_column(name, justify=justify, no_wrap=figure, overflow="fold")
        for name in measured(rows):
            made = estimate(name, rows, run.head["seed"])
            lost = ", ".join(f"{n} {reason}" for reason, n in made.unscored.items())
            how: str = made.method if made.scored else ""
            how += f", effect {made.effect:.2f}" if made.effect > 1 else ""
            counts = (str(made.scored), str(made.clusters))
            grid.add_row(name, escape(bounded(made)), *counts, lost, how)
        console.print(grid)


def _print_gates(found: tuple[Ruling, ...], console: Console) -> None:
    if not found:
        return
    failed = [one for one in found if not one.held]
    console.print()
    if failed:
        console.print(f"{len(failed)} of {len(found)} gates fail:", style="bold red")
    else:
        console.print(f"All {len(found)} gates hold.", style="bold green")
    for one in failed:
        console.print(f"  fails: {one.text}", markup=False, soft_wrap=True)


def _print_rest(run: Run, console: Console) -> None:
    broken = [row for row in run.rows if "error" in row]
    for row in broken[:5]:
        text = f"  {row['id']}: {row['error']}"
        console.print(text, markup=False, style="red", soft_wrap=True)
    if len(broken) > 5:
        console.print(f"  and {len(broken) - 5} more failed cases in results.jsonl")
    console.print(f"\nEverything is in {run.folder}", markup=False, soft_wrap=True, style="dim")
    sys.stdout.flush()
