"""A seat's own papers at a terminal: brief, sheet, offers, draft, and what a package is worth."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from app.domain.draft import draft
from app.domain.table import Table
from app.domain.terms import Package


def show_brief(console: Console, view: Table, seat: str) -> None:
    """The confidential brief, goals, red lines and no-deal value of this seat."""
    case, mandate = view.case, view.case.mandates[seat]
    floor = case.floor(seat, view.preset)
    console.print(f"\n[bold]{escape(case.seat(seat).name)}[/bold]: for your eyes only")
    console.print(mandate.brief.strip(), markup=False)
    console.print("\n[bold]Your red lines[/bold]")
    for line in mandate.red_lines:
        console.print(f"  - {line.text}", markup=False)
    held = ", ".join(
        f"{name} {points}" for name, points in zip(case.currencies, mandate.no_deal, strict=True)
    )
    console.print(
        f"Without a deal you hold {sum(mandate.no_deal)} points ({held}); "
        f"you may sign from {floor.total} on."
    )
    if floor.strong:
        console.print("Your instructions also want no currency below what no deal leaves you.")
    console.print(escape(case.disclaimer), style="dim")


def show_sheet(console: Console, view: Table, seat: str) -> None:
    """Points of every option on the seat's own sheet."""
    case, mandate = view.case, view.case.mandates[seat]
    grid = Grid(box=None, padding=(0, 1))
    grid.add_column("option", overflow="fold")
    for name in (*case.currencies, "total"):
        grid.add_column(name, justify="right")
    for issue, row in zip(case.issues, mandate.sheet, strict=True):
        grid.add_row(f"[bold]{escape(issue.title)}[/bold]")
        for option in issue.options:
            points = row[option.id]
            grid.add_row(f"  {escape(option.label)}", *(str(p) for p in points), str(sum(points)))
    console.print(grid)


def show_offers(console: Console, view: Table, seat: str) -> None:
    """Standing offers with their backers and their worth to this seat."""
    mandate = view.case.mandates[seat]
    if not view.offers:
        console.print("No offer is on the table yet.")
    for offer in view.offers:
        backers = ", ".join(sorted(view.backers(offer.number))) or "nobody"
        below = view.case.breaches(seat, offer.package, view.preset)
        note = f"; not yours to sign: {below[0].reason}" if below else ""
        console.print(
            f"  {offer.number}. by {offer.by}, backed by {backers}: "
            f"{mandate.total(offer.package)} to you{note}",
            markup=False,
        )


def show_draft(console: Console, view: Table) -> None:
    """The draft text: agreed clauses plain, the rest in brackets with who stands where."""
    for clause in draft(view):
        issue = view.agenda.issue(clause.issue)
        if clause.agreed is not None:
            console.print(f"  {issue.title}: {issue.option(clause.agreed).text}", markup=False)
            continue
        console.print(f"  {issue.title}:", markup=False)
        for other in clause.alternatives:
            text = issue.option(other.option).text
            console.print(f"    [{text}] ({', '.join(other.seats)})", markup=False)
        if not clause.alternatives:
            console.print("    [no text yet]", markup=False)


def show_worth(console: Console, view: Table, seat: str, package: Package, title: str) -> None:
    """What a package is worth to this seat and what stands against signing it."""
    case, mandate = view.case, view.case.mandates[seat]
    worth, held = mandate.worth(package), mandate.no_deal
    parts = ", ".join(
        f"{name} {got} ({got - had:+d})"
        for name, got, had in zip(case.currencies, worth, held, strict=True)
    )
    console.print(f"\n[bold]{escape(title)}[/bold]: {sum(worth)} to you: {parts}")
    for issue, option in zip(case.issues, package, strict=True):
        console.print(f"    {issue.title}: {issue.option(option).label}", markup=False, style="dim")
    for breach in case.breaches(seat, package, view.preset):
        console.print(f"    against signing: {breach.reason}", markup=False, style="red")
