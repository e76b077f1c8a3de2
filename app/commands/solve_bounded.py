"""`parley solve` beyond exact counting: which figures are exact, which bounded and by how much."""

from __future__ import annotations

import math
from dataclasses import asdict
from json import dumps
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from app.commands.solve import CONCEPT_NAMES, head_data, print_deal, print_head
from app.domain.case import Case
from app.evaluator.bounded import Bounded, bounded
from app.evaluator.optima import Figure
from app.evaluator.zone import ways

NAMES = {**CONCEPT_NAMES, "joint-gain": "Joint gain: largest sum of gains (a convention)"}

TIES = "Where several packages reach the same, another may be shown than among counted ones."

UNSAID = (
    "Not said here, since it needs a list of all packages: how many are signable, the frontier."
)


def run(case: Case, preset: str, reason: str, *, json: bool) -> int:
    """Solve with stated bounds and print it; 0, for an empty zone too."""
    found = bounded(case, preset, reason)
    if json:
        print(dumps(_as_data(case, found), ensure_ascii=False, indent=2, allow_nan=False))
        return 0
    console = Console(highlight=False, emoji=False, soft_wrap=False)
    print_head(console, case)
    console.print(
        f"[bold]{escape(preset)}[/bold]: {escape(reason)}. "
        "Solved by integer programmes instead; each figure says whether it is exact."
    )
    console.print(f"{UNSAID} {TIES}\n")
    _print_zone(console, case, found)
    for name, figure in found.figures.items():
        if figure is not None:
            print_deal(console, case, f"{NAMES[name]}: {told(figure)}", figure.deal)
        elif found.empty is False:
            console.print(f"[bold]{NAMES[name]}[/bold]\n  not found within the search's limit\n")
    return 0


def told(figure: Figure) -> str:
    """A figure with what is proved of it."""
    value = _number(figure.value)
    if figure.exact:
        return f"{value}, exact"
    if math.isinf(figure.bound):
        return f"{value} found, no bound proved"
    more = "" if math.isinf(figure.gap) else f" ({_percent(figure.gap)} more)"
    return f"{value} found, proved to be at most {_ceiling(figure.bound)}{more}"


def _number(value: float) -> str:
    """Whole points as they are, shares in four places."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:.4f}"


def _ceiling(bound: float) -> str:
    """A bound, never shown lower than it is."""
    return f"{math.ceil(bound):,}" if bound >= 1 else _number(math.ceil(bound * 10_000) / 10_000)


def _percent(part: float) -> str:
    """A gap in per cent, rounded up to two figures that count."""
    places = max(0, 1 - math.floor(math.log10(part * 100))) if part > 0 else 0
    return f"{math.ceil(part * 100 * 10**places) / 10**places:.{places}f} %"


def _print_zone(console: Console, case: Case, found: Bounded) -> None:
    """Whether there is a zone, and how far each seat could come in it."""
    if found.empty is None:
        console.print("The search ended before it found a package or proved that there is none.\n")
        return
    if found.empty:
        _print_empty(console, case, found)
        return
    console.print("There are packages that all could sign.")
    grid = Grid(box=None, pad_edge=False, padding=(0, 1))
    grid.add_column("seat", overflow="fold")
    for title in ("no deal", "signs at", "highest total signable by all"):
        grid.add_column(title, justify="right", overflow="fold")
    for seat in case.seat_ids:
        top = found.best[seat]
        grid.add_row(
            escape(seat),
            str(found.no_deal[seat]),
            str(found.floors[seat]),
            "not found" if top is None else told(top),
        )
    console.print(grid)
    console.print()


def _print_empty(console: Console, case: Case, found: Bounded) -> None:
    """An empty zone: what is proved of it, and the smallest changes that open it."""
    console.print("[bold]The zone is empty[/bold]: proved, no package could be signed by all.")
    if found.passing is None or found.passing:
        passing = "lets a package pass" if found.passing else "was not decided within the limit"
        console.print(f"The decision rule, which does not ask for all, {passing}.")
    changes = ways(case, found.openings, found.easing)
    sure = "" if found.openings_exact else " (they open it; smaller ones may too)"
    console.print(f"What would open it{sure}:" if changes else "No change of totals opens it.")
    for change in changes:
        console.print(f"- {escape(change)}")
    console.print()


def _as_data(case: Case, found: Bounded) -> dict[str, Any]:
    """The answer as plain data; `enumerated` false tells it from an exact zone."""
    return {
        **head_data(case),
        "bounded": {
            "enumerated": False,
            "reason": found.reason,
            "preset": found.preset,
            "packages": found.packages,
            "empty": found.empty,
            "passing": found.passing,
            "no_deal": found.no_deal,
            "floors": found.floors,
            "best": {seat: _figure(figure) for seat, figure in found.best.items()},
            "figures": {name: _figure(figure) for name, figure in found.figures.items()},
            "openings": [asdict(opening) for opening in found.openings],
            "easing": [asdict(opening) for opening in found.easing],
            "openings_exact": found.openings_exact,
        },
    }


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    """A figure as plain data; null for a bound or a gap that is not proved."""
    if figure is None:
        return None
    return {
        "value": figure.value,
        "bound": None if math.isinf(figure.bound) else figure.bound,
        "exact": figure.exact,
        "gap": None if math.isinf(figure.gap) else figure.gap,
        "deal": asdict(figure.deal),
    }
