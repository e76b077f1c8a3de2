"""`parley solve`: the zone of a table under one preset and the deals that theory would pick."""

from __future__ import annotations

from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from app.domain.bargaining import Reach, TooLarge
from app.domain.case import Case
from app.errors import CaseError, Finding
from app.evaluator.zone import Deal, Zone, zone
from app.library import load_case

CONFIDENTIAL = "For authors and facilitators: this shows what the seats keep from one another."

CONCEPT_NAMES = {
    "nash": "Nash: largest product of gains over no deal",
    "kalai-smorodinsky": "Kalai-Smorodinsky: largest smallest share of the possible gain",
    "max-min": "Max-min: largest smallest gain in points",
}


def run(table: str, preset: str | None = None, json: bool = False, home: Path | None = None) -> int:
    """Print the zone; 0 when done, 2 when the table cannot be read or has no such preset."""
    try:
        case = load_case(table, home)
        chosen = preset or case.session.preset
        _known(case, chosen)
    except CaseError as error:
        complain(error)
        return 2
    try:
        described, _ = zone(case, chosen)
    except TooLarge as large:
        return _bounded(case, chosen, large, json=json)
    if json:
        print(dumps(_as_data(case, described), ensure_ascii=False, indent=2))
        return 0
    console = Console(highlight=False, emoji=False, soft_wrap=False)
    print_head(console, case)
    print_zone(console, case, described)
    for name, picked in described.deals.items():
        print_deal(console, case, CONCEPT_NAMES[name], picked)
    return 0


def _bounded(case: Case, preset: str, large: TooLarge, *, json: bool) -> int:
    """Too many packages to list: the same questions with stated bounds, by the extra `solve`."""
    try:
        from app.commands import solve_bounded
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "scipy":
            raise
        problem = (
            f"{large.reason}; answers with stated bounds need scipy, Parley's optional extra "
            "'solve': install it beside Parley with python -m pip install scipy"
        )
        complain(CaseError((Finding(path=case.id, key="issues", problem=problem),)))
        return 2
    return solve_bounded.run(case, preset, large.reason, json=json)


def print_head(console: Console, case: Case) -> None:
    """What stands above everything solved."""
    console.print(f"[bold]{escape(case.title)}[/bold], facts as of {case.as_of}")
    console.print(escape(case.disclaimer))
    console.print(CONFIDENTIAL + "\n")


def complain(error: CaseError) -> None:
    """Every finding on the error stream, one a line."""
    console = Console(stderr=True, highlight=False, emoji=False)
    for finding in error.findings:
        console.print(str(finding), markup=False, soft_wrap=True)


def print_zone(console: Console, case: Case, described: Zone) -> None:
    """Size and edges of a zone, one row a seat."""
    default = " (default)" if described.preset == case.session.preset else ""
    console.print(
        f"[bold]{escape(described.preset)}[/bold]{default}: "
        f"{described.signable:,} of {described.packages:,} packages could be signed by all, "
        f"{described.passing:,} meet the decision rule ({described.share:.3%}); "
        f"{described.nearly:,} suit all or all but one; {described.frontier:,} are efficient"
    )
    grid = Grid(box=None, pad_edge=False, padding=(0, 1))
    grid.add_column("seat", overflow="fold")
    for title in ("no deal", "signs at", "could sign", "own range", "joint range", "alone against"):
        grid.add_column(title, justify="right", overflow="fold")
    for seat in case.seat_ids:
        grid.add_row(
            escape(seat),
            str(described.no_deal[seat]),
            str(described.floors[seat]),
            f"{described.own[seat].count:,}",
            span(described.own[seat]),
            span(described.joint[seat]),
            f"{described.held_up[seat]:,}",
        )
    console.print(grid)
    taken = "makes a deal" if described.middle else "makes no deal"
    console.print(
        f"Baselines: a random package passes {described.share:.3%} of the time; "
        f"the middle option everywhere {taken}."
    )
    for name, passing in described.references.items():
        console.print(f"Reference {escape(name)}: {'agreeable' if passing else 'not agreeable'}")
    console.print()


def span(reach: Reach) -> str:
    """A range of totals."""
    return "none" if reach.least is None else f"{reach.least} to {reach.most}"


def _known(case: Case, preset: str) -> None:
    """Raise CaseError for a preset the case does not have."""
    names = [known.id for known in case.presets]
    if preset not in names:
        problem = f"there is no preset {preset!r}; this table has {', '.join(names)}"
        raise CaseError((Finding(path=case.id, key="presets", problem=problem),))


def print_deal(console: Console, case: Case, title: str, picked: Deal | None) -> None:
    """One package, clause by clause, with what it is worth to whom."""
    console.print(f"[bold]{title}[/bold]")
    if picked is None:
        console.print("  no package: the zone is empty\n")
        return
    grid = Grid(box=None, pad_edge=False, padding=(0, 1), show_header=False)
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for issue, option in zip(case.issues, picked.package, strict=True):
        grid.add_row(escape(issue.title), escape(issue.option(option).label))
    console.print(grid)
    worth = ", ".join(
        f"{seat} {total} ({picked.gains[seat]:+d})" for seat, total in picked.totals.items()
    )
    console.print(f"Points (and gain over no deal): {escape(worth)}\n")


def _as_data(case: Case, described: Zone) -> dict[str, Any]:
    """The zone as plain data."""
    return {**head_data(case), "zone": zone_data(described)}


def head_data(case: Case) -> dict[str, Any]:
    """What stands above everything solved, as plain data."""
    return {
        "case": case.id,
        "title": case.title,
        "as_of": case.as_of,
        "disclaimer": case.disclaimer,
        "issues": list(case.agenda.ids),
    }


def zone_data(described: Zone) -> dict[str, Any]:
    """A zone as plain data, with its share."""
    return {**asdict(described), "share": described.share}
