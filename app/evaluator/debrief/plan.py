"""Page 14: for every seat what to keep and two or three things to change, each with its evidence.

Rules find the evidence and write the sentence; nothing is advised that no rule has found. Owner
and date are left for the room to fill in.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.evaluator.debrief.advice import Advice
from app.evaluator.debrief.cautions import CHANGE
from app.evaluator.debrief.ground import Ground, Untold
from app.evaluator.debrief.strengths import KEEP

CHANGES = 3
"""Things to change that are named to one seat: the weightiest that were found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatPlan:
    """The lines of one seat: what to keep first."""

    seat: str
    person: bool
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Page 14; seats that people held come first."""

    seats: tuple[SeatPlan, ...]


def plan(on: Ground) -> Plan | Untold:
    """The page, for the seats whose sheets are known."""
    if not on.lines:
        return Untold(why="Nobody has spoken yet.", how="Assess the table when it has been played.")
    people = {each.seat for each in on.course.seatings if each.occupant == "person"}
    ordered = sorted(on.known, key=lambda seat: seat not in people)
    return Plan(
        seats=tuple(
            SeatPlan(seat=seat, person=seat in people, advice=_advice(on, seat)) for seat in ordered
        ),
    )


def _advice(on: Ground, seat: str) -> tuple[Advice, ...]:
    """One thing to keep, and the first things to change that the rules find, in their order."""
    keep = [found for rule in KEEP for found in rule(on, seat)][:1]
    change: list[Advice] = []
    for rule in CHANGE:
        found = next(rule(on, seat), None)
        if found is not None and len(change) < CHANGES:
            change.append(found)
    return (*keep, *change)
