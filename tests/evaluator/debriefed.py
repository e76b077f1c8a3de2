"""What tests of the debrief read: tables to report on, and facts straight from their bodies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from app.domain.case import Case, Session
from app.domain.events import Event
from app.evaluator.debrief.ground import Cite
from app.library import load_case
from tests.small_cases import small_case
from tests.tables import run_table

GOOD = ("water-a", "power-b", "border-b")
HALF = ("water-b", "power-b", "border-b")
SOUTH = ("water-b", "power-b", "border-c")


@cache
def played() -> tuple[Event, ...]:
    """One table of the flagship, played to its end, once a process."""
    return run_table(load_case("table-for-five"), 7, Session())


def small_tables(count: int) -> Iterator[tuple[tuple[Event, ...], Case]]:
    """Random small cases, each played by the engine."""
    for seed in range(count):
        case = small_case(random.Random(seed))
        events = run_table(case, seed, replace(case.session, rounds=3))
        yield events, case


def bodies(events: tuple[Event, ...], kind: str) -> list[Any]:
    return [event.body for event in events if event.body.kind == kind]


def packages(events: tuple[Event, ...]) -> dict[int, tuple[str, int, tuple[str, ...]]]:
    """Offer number to who, when and what, straight from the bodies."""
    found = {}
    turn = 0
    for event in events:
        body: Any = event.body
        if body.kind == "turn.opened":
            turn = body.turn
        if body.kind == "seat.moved" and body.offer is not None:
            found[body.offer] = (body.seat, body.turn, body.move.package)
        if body.kind == "text.tabled":
            found[body.offer] = (body.by, turn, body.package)
    return found


def signed(events: tuple[Event, ...]) -> tuple[str, ...] | None:
    deals = bodies(events, "agreement.reached")
    better = [b for b in bodies(events, "improvement.settled") if b.outcome == "accepted"]
    return better[0].package if better else deals[0].package if deals else None


def cites(node: Any) -> Iterator[Cite]:
    """Every quote anywhere in a debrief."""
    if isinstance(node, Cite):
        yield node
    elif isinstance(node, tuple | list):
        for each in node:
            yield from cites(each)
    elif hasattr(type(node), "__dataclass_fields__"):
        for name in type(node).__dataclass_fields__:
            yield from cites(getattr(node, name))
