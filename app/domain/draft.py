"""The draft text: what stands agreed issue by issue, and in brackets what does not."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.table import Table
from app.domain.terms import Issue, Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One option of a clause and the seats that stand for it, in the case's order."""

    option: str
    seats: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One issue of the draft: agreed by every present seat, or alternatives in brackets.

    `silent` are present seats that stand behind no text; with any of them nothing is agreed.
    """

    issue: str
    agreed: str | None
    alternatives: tuple[Alternative, ...]
    silent: tuple[str, ...]


def stand(table: Table, seat: str) -> Package | None:
    """The package a seat tabled or endorsed last, if it still stands behind it."""
    offer = table.offer(table.latest.get(seat, 0))
    if offer is None or seat not in table.backers(offer.number):
        return None
    return offer.package


def draft(table: Table) -> tuple[Clause, ...]:
    """The draft text, one clause an issue in the agenda's order; it binds nobody."""
    stands = {seat: stand(table, seat) for seat in table.present}
    held = {seat: package for seat, package in stands.items() if package is not None}
    silent = tuple(seat for seat in stands if seat not in held)
    return tuple(
        _clause(issue, {seat: package[place] for seat, package in held.items()}, silent)
        for place, issue in enumerate(table.case.issues)
    )


def _clause(issue: Issue, chosen: dict[str, str], silent: tuple[str, ...]) -> Clause:
    """Most seats first; ties by the option's name, so that the file's order shows nothing."""
    options = sorted(set(chosen.values()), key=lambda o: (-list(chosen.values()).count(o), o))
    alternatives = tuple(
        Alternative(option=option, seats=tuple(s for s, o in chosen.items() if o == option))
        for option in options
    )
    agreed = options[0] if len(options) == 1 and not silent else None
    return Clause(issue=issue.id, agreed=agreed, alternatives=alternatives, silent=silent)
