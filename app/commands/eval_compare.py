"""`parley eval compare`: two runs of the same cases, or two parts of one run, case by case."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from app.commands.eval_folder import Run, find_run
from app.commands.eval_show import plain
from app.commands.solve import complain
from app.errors import CaseError
from app.evaluator.suite_compare import Compared, compare
from app.evaluator.suite_journal import wrong
from app.evaluator.suite_pages import sized
from app.evaluator.transcript import Unscored


def run(
    first: Path,
    second: Path,
    home: Path,
    *,
    left: Mapping[str, str],
    right: Mapping[str, str],
    seed: int,
    json: bool = False,
) -> int:
    """Print the comparison; 0 whatever it shows, 2 when the runs cannot be compared."""
    try:
        one, other = (Run.read(find_run(where, home)) for where in (first, second))
        rows = [
            [row for row in held.rows if all(row["cell"][a] == v for a, v in chosen.items())]
            for held, chosen in ((one, left), (other, right))
        ]
        dropped = tuple(dict.fromkeys((*left, *right)))
        found = compare(rows[0], rows[1], one.measures | other.measures, seed, dropped)
        if isinstance(found, Unscored):
            raise wrong(second, "", found.detail)
    except CaseError as error:
        complain(error)
        return 2
    if json:
        data = [plain(asdict(one)) | {"change": one.change} for one in found]
        print(json_.dumps(data, ensure_ascii=False, indent=2))
        return 0
    _print(_name(first, one, left), _name(second, other, right), found, seed)
    if one.head["digest"] != other.head["digest"]:
        text = "Note: the two suite files differ; what is paired here was asked for by both."
        Console(emoji=False).print(text, style="dim", soft_wrap=True)
    return 0


def _name(where: Path, run: Run, chosen: Mapping[str, str]) -> str:
    part = " ".join(f"{axis}={value}" for axis, value in chosen.items())
    name = run.folder.name if str(where) == "last" else where.name
    return f"{name} ({part})" if part else name


def _print(first: str, second: str, found: tuple[Compared, ...], seed: int) -> None:
    console = Console(highlight=False, emoji=False)
    console.print(f"\n{second} against {first}", style="bold", markup=False)
    changed = [one for one in found if one.change != "no difference shown"]
    worse = sum(one.change == "worse" for one in changed)
    better = sum(one.change == "better" for one in changed)
    console.print(
        f"{len(found)} measures on {max(one.pairs.items for one in found)} paired cases: "
        f"{better} better, {worse} worse, {len(changed) - better - worse} otherwise different."
    )
    grid = Grid(box=None, padding=(0, 2, 0, 0))
    grid.add_column("measure")
    for name in ("first", "second", "difference", "up/same/down", "p", "least visible"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("")
    for one in found:
        step = one.pairs.difference
        grid.add_row(
            one.measure,
            sized(one.first),
            sized(one.second),
            f"{step.value:+.3g} \\[{step.low:+.3g}, {step.high:+.3g}]",
            f"{one.pairs.wins}/{one.pairs.ties}/{one.pairs.losses}",
            f"{one.p:.2g}",
            sized(one.pairs.smallest) if one.pairs.smallest else "-",
            "" if one.change == "no difference shown" else one.change,
        )
    console.print(grid)
    missing = [
        (name, ids)
        for name, ids in (
            ("first", found[0].pairs.only_first),
            ("second", found[0].pairs.only_second),
        )
        if ids
    ]
    for name, ids in missing:
        listed = ", ".join(ids[:4]) + (f" and {len(ids) - 4} more" if len(ids) > 4 else "")
        console.print(f"Only in the {name}: {listed}", markup=False, style="dim", soft_wrap=True)
    console.print(
        f"Differences are second less first, with 95 % bounds by a bootstrap over cases that share "
        f"a draw (2,000 draws, seed {seed}). p is McNemar's exact test on independent yes-or-no "
        "cases, else a sign-flip test over clusters; adjusted for all measures (Holm). Least "
        "visible: the true difference that so many cases show with 80 % power.",
        style="dim",
    )
