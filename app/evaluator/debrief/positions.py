"""Page 6: where the seats stood on every issue, round by round, and what was swapped for what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from app.domain.terms import Package
from app.evaluator.debrief.dance import Shift, steps
from app.evaluator.debrief.ground import Cite, Ground, Untold

SWAPS = 12
"""Swaps kept: those in which most was given for most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """An issue at the end of a round: the option most seats stood on, how many, of how many.

    A seat stands on the last package it tabled or, before it tables any, on the last it backed.
    `different` counts the options stood on. `option` is empty while nobody stands anywhere.
    """

    round: int
    option: str
    label: str
    together: int
    standing: int
    different: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The last change of a seat's own offers on an issue."""

    seat: str
    turn: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One issue over the rounds. `final` is where every seat stood at the end."""

    issue: str
    title: str
    cells: tuple[Cell, ...]
    final: tuple[tuple[str, str], ...]
    last: Moved | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A step in which a seat gave on some issues and took on others, by its own sheet."""

    seat: str
    turn: int
    offer: int
    gave: tuple[Shift, ...]
    took: tuple[Shift, ...]
    cite: Cite | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueMap:
    """Page 6."""

    rounds: tuple[int, ...]
    rows: tuple[Row, ...]
    swaps: tuple[Swap, ...]


def issue_map(on: Ground) -> IssueMap | Untold:
    """The page; untold while nobody has tabled a package."""
    if not on.table.offers:
        return Untold(
            why="Nobody tabled a package, so nobody stood anywhere that code can tell.",
            how="Positions are read from packages, never from words.",
        )
    stands = _stands(on)
    moved = _last_moves(on)
    final = stands[max(stands)]
    rows = []
    for place, issue in enumerate(on.case.issues):
        rows.append(
            Row(
                issue=issue.id,
                title=issue.title,
                cells=tuple(
                    _cell(on, number, place, held) for number, held in sorted(stands.items())
                ),
                final=tuple(
                    (seat, issue.option(final[seat][place]).label)
                    for seat in on.case.seat_ids
                    if seat in final
                ),
                last=moved.get(issue.id),
            )
        )
    return IssueMap(rounds=tuple(sorted(stands)), rows=tuple(rows), swaps=_swaps(on))


def _stands(on: Ground) -> dict[int, dict[str, Package]]:
    """For every bargaining round where every seat stood at its end."""
    tabled: dict[str, Package] = {}
    backed: dict[str, Package] = {}
    found: dict[int, dict[str, Package]] = {}
    for moved in on.table.moves:
        for number in moved.move.endorse:
            offer = on.table.offer(number)
            if offer is not None:
                backed[moved.seat] = offer.package
        if moved.move.package is not None:
            tabled[moved.seat] = moved.move.package
        number = on.course.round_of.get(moved.turn, 0)
        if number or tabled:
            found[number] = {**backed, **tabled}
    return found


def _cell(on: Ground, number: int, place: int, held: dict[str, Package]) -> Cell:
    issue = on.case.issues[place]
    counts = Counter(package[place] for package in held.values())
    order = [option.id for option in issue.options]
    top = max(counts, key=lambda option: (counts[option], -order.index(option)), default="")
    return Cell(
        round=number,
        option=top,
        label=issue.option(top).label if top else "",
        together=counts[top] if top else 0,
        standing=len(held),
        different=len(counts),
    )


def _last_moves(on: Ground) -> dict[str, Moved]:
    """For every issue the last change of a seat's own offers."""
    last: dict[str, Package] = {}
    found: dict[str, Moved] = {}
    for offer in on.table.offers:
        before = last.get(offer.by)
        if before is not None:
            for issue, old, new in zip(on.case.issues, before, offer.package, strict=True):
                if old != new:
                    found[issue.id] = Moved(
                        seat=offer.by,
                        turn=offer.turn,
                        before=issue.option(old).label,
                        after=issue.option(new).label,
                    )
        last[offer.by] = offer.package
    return found


def _swaps(on: Ground) -> tuple[Swap, ...]:
    """Steps that gave and took, the weightiest of all known seats, in the order of the turns."""
    found = []
    for seat in on.known:
        for step in steps(on, seat):
            gave = tuple(shift for shift in step.shifts if shift.own < 0)
            took = tuple(shift for shift in step.shifts if shift.own > 0)
            if gave and took:
                weight = min(-sum(s.own for s in gave), sum(s.own for s in took))
                found.append((weight, step.turn, seat, step.offer, gave, took))
    found.sort(key=lambda each: (-each[0], each[1]))
    return tuple(
        Swap(
            seat=seat,
            turn=turn,
            offer=offer,
            gave=gave,
            took=took,
            cite=on.naming(turn, [(s.issue, s.after) for s in (*gave, *took)]),
        )
        for _, turn, seat, offer, gave, took in sorted(found[:SWAPS], key=lambda each: each[1])
    )
