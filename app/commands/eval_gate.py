"""`parley eval gate`: whether a run passes its gates, and is no worse than a baseline."""

from __future__ import annotations

import json as json_
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from app.commands.eval_folder import Run, find_run
from app.commands.eval_show import GATE_FAILED, plain
from app.commands.solve import complain
from app.errors import CaseError
from app.evaluator.suite_compare import (
    BASELINE_FORMAT,
    Compared,
    as_baseline,
    baseline_rows,
    compare,
)
from app.evaluator.suite_journal import wrong
from app.evaluator.suite_pages import sized
from app.evaluator.suite_summary import Ruling
from app.evaluator.transcript import Unscored


def run(
    where: Path,
    home: Path,
    *,
    baseline: Path | None = None,
    keep: Path | None = None,
    json: bool = False,
) -> int:
    """0 when every gate holds and nothing is worse than the baseline, else 100; 2 bad input."""
    try:
        held = Run.read(find_run(where, home))
        rulings = held.rulings()
        against = _against(held, baseline) if baseline is not None else ()
        if keep is not None:
            _keep(held, keep)
    except CaseError as error:
        complain(error)
        return 2
    worse = [one for one in against if one.change == "worse"]
    failed = [one for one in rulings if not one.held]
    if json:
        print(json_.dumps(_data(rulings, against), ensure_ascii=False, indent=2))
    else:
        _print(held, rulings, against, baseline)
    return GATE_FAILED if failed or worse else 0


def _against(held: Run, path: Path) -> tuple[Compared, ...]:
    """The baseline and this run, case by case."""
    try:
        data = json_.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise wrong(path, "", f"cannot be read as a baseline ({error})") from None
    if not isinstance(data, dict) or data.get("format") != BASELINE_FORMAT:
        raise wrong(path, "format", f"expected {BASELINE_FORMAT!r}")
    if data["suite"] != held.head["suite"]:
        raise wrong(path, "suite", f"is of {data['suite']}, the run of {held.head['suite']}")
    found = compare(baseline_rows(data), held.rows, held.measures, held.head["seed"])
    if isinstance(found, Unscored):
        raise wrong(path, "items", found.detail)
    return tuple(one for one in found if one.better)


def _keep(held: Run, path: Path) -> None:
    """Write the run as a baseline."""
    data = as_baseline(held.head, held.rows, held.measures)
    lines = ",\n".join(
        f"{json_.dumps(name)}:{json_.dumps(item, separators=(',', ':'))}"
        for name, item in data.pop("items").items()
    )
    head = json_.dumps(data, ensure_ascii=False)[:-1]
    try:
        path.write_text(f'{head}, "items": {{\n{lines}\n}}}}\n', "utf-8")
    except OSError as error:
        raise wrong(path, "", f"cannot be written ({error.strerror or error})") from None
    print(f"written: {path}", file=sys.stderr)


def _print(
    held: Run, rulings: tuple[Ruling, ...], against: tuple[Compared, ...], baseline: Path | None
) -> None:
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    console.print(f"{held.head['title']}: {len(held.rows)} cases", markup=False, style="bold")
    for one in rulings:
        mark = "holds" if one.held else "FAILS"
        console.print(f"  {mark}  {one.text}", markup=False, style="" if one.held else "bold red")
    if not rulings:
        console.print("  no gates in this suite")
    if baseline is not None:
        _print_against(against, baseline, console)


def _print_against(against: tuple[Compared, ...], baseline: Path, console: Console) -> None:
    pairs = max((one.pairs.items for one in against), default=0)
    console.print(f"\nAgainst {baseline} ({pairs} cases paired):", markup=False)
    changed = [one for one in against if one.change != "no difference shown"]
    for one in changed:
        console.print(f"  {line(one)}", markup=False)
    if not changed:
        console.print("  no difference shown in any measure")
    told = {name for one in against for name in one.pairs.only_first}
    if told:
        text = f"  {len(told)} cases of the baseline are not in this run"
        console.print(text, markup=False, style="dim")


def line(one: Compared) -> str:
    """One measure of a comparison as a sentence."""
    found = one.pairs.difference
    return (
        f"{one.change}: {one.measure} {sized(one.first)} -> {sized(one.second)}, difference "
        f"{found.value:+.3g} [{found.low:+.3g}, {found.high:+.3g}], p {one.p:.2g} ({one.test})"
    )


def _data(rulings: tuple[Ruling, ...], against: tuple[Compared, ...]) -> dict[str, Any]:
    return {
        "gates": [
            {
                "name": one.gate.name,
                "requires": one.gate.text,
                "group": one.group,
                "held": one.held,
                "found": plain(one.figure),
                "reason": one.reason,
            }
            for one in rulings
        ],
        "baseline": [{"measure": one.measure, "change": one.change, "p": one.p} for one in against],
    }
