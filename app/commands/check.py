"""`parley check`: the linter for authors of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from app.commands.solve import CONFIDENTIAL, complain, print_zone, zone_data
from app.domain.case import Case
from app.errors import CaseError
from app.evaluator.lint import Remark, Report, lint
from app.evaluator.zone import Zone
from app.library import load_case


def run(table: str, json: bool = False, home: Path | None = None) -> int:
    """Print the report; 0 when clean, 1 with findings, 2 when the table cannot be read."""
    try:
        case = load_case(table, home)
        report = lint(case)
    except CaseError as error:
        complain(error)
        return 2
    if json:
        print(dumps(_as_data(report), ensure_ascii=False, indent=2))
    else:
        _print(Console(highlight=False, emoji=False), case, report)
    return 0 if report.clean else 1


def _print(console: Console, case: Case, report: Report) -> None:
    """The report for a terminal of any width."""
    console.print(f"[bold]{escape(report.title)}[/bold], facts as of {report.as_of}")
    console.print(escape(report.disclaimer))
    console.print(CONFIDENTIAL + "\n")
    for described in report.zones:
        print_zone(console, case, described)
        _print_deals(console, case, described)
    _print_remarks(console, "Notes", report.notes)
    _print_remarks(console, "Findings", report.findings)
    if report.clean:
        console.print("No findings.")


def _print_deals(console: Console, case: Case, described: Zone) -> None:
    """Totals of the packages that the solution concepts pick."""
    if not described.signable:
        return
    grid = Grid(box=None, pad_edge=False, padding=(0, 1))
    grid.add_column("deal", overflow="fold")
    for seat in case.seat_ids:
        grid.add_column(escape(seat), justify="right", overflow="fold")
    for name, picked in described.deals.items():
        if picked is not None:
            grid.add_row(name, *[str(picked.totals[seat]) for seat in case.seat_ids])
    console.print(grid)
    console.print()


def _print_remarks(console: Console, title: str, remarks: Sequence[Remark]) -> None:
    """Findings or notes, each with its place and remedy; never cut off."""
    if not remarks:
        return
    console.print(f"[bold]{title}[/bold]")
    for remark in remarks:
        console.print(f"- {escape(remark.place)}: {escape(remark.text)}")
        if remark.remedy:
            console.print(f"  remedy: {escape(remark.remedy)}")
    console.print()


def _as_data(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "case": report.case_id,
        "title": report.title,
        "as_of": report.as_of,
        "disclaimer": report.disclaimer,
        "clean": report.clean,
        "preset": report.preset,
        "zones": [zone_data(described) for described in report.zones],
        "findings": [asdict(remark) for remark in report.findings],
        "notes": [asdict(remark) for remark in report.notes],
    }
