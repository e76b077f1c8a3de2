"""The draft text against a second reading of the talks that shares no code with it."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.case import Case, Session
from app.domain.draft import draft
from app.domain.events import (
    Body,
    Event,
    Moved,
    RoundOpened,
    SeatTaken,
    TableOpened,
    TurnOpened,
)
from app.domain.moves import Move, Speech, Withdrawal
from app.domain.table import fold
from tests.cases import cases


def talks(case: Case, seed: int, turns: int) -> tuple[list[Event], list[tuple[str, Move, int]]]:
    """Random turns as events, and the same as plain rows (seat, move, offer)."""
    chance = random.Random(seed)
    bodies: list[Body] = [
        TableOpened(case=case, case_hash="", seed=seed, session=Session(), version="0"),
        *[SeatTaken(seat=seat, occupant="engine") for seat in case.seat_ids],
        RoundOpened(round=1),
    ]
    rows: list[tuple[str, Move, int]] = []
    backing: dict[int, set[str]] = {}
    packages: list[tuple[str, ...]] = []
    gone: set[str] = set()
    for turn in range(1, turns + 1):
        seat = chance.choice(case.seat_ids)
        if seat in gone:
            continue
        free = [n for n in backing if seat not in backing[n]]
        held = [n for n in backing if seat in backing[n]]
        endorse = tuple(chance.sample(free, min(len(free), chance.randint(0, 2))))
        withdraw = tuple(chance.sample(held, min(len(held), chance.randint(0, 1))))
        package = tuple(chance.choice(issue.options).id for issue in case.issues)
        tabled = chance.random() < 0.5 and package not in packages
        walk = chance.random() < 0.04
        offer = len(packages) + 1 if tabled else 0
        move = Move(
            speech=Speech(text="x", by="engine"),
            endorse=endorse,
            withdraw=tuple(Withdrawal(offer=n, reason="x") for n in withdraw),
            package=package if tabled else None,
            walk=walk,
        )
        for number in withdraw:
            backing[number].discard(seat)
        if walk:
            gone.add(seat)
            for seats in backing.values():
                seats.discard(seat)
        for number in endorse:
            backing[number].add(seat)
        if tabled:
            packages.append(package)
            backing[offer] = {seat}
        rows.append((seat, move, offer))
        bodies.append(TurnOpened(turn=turn, seat=seat, policy="list", reason="x"))
        bodies.append(Moved(turn=turn, seat=seat, move=move, offer=offer or None))
    events = [
        Event(table_id="t", seq=n, at=0, audience=("*",), body=body)
        for n, body in enumerate(bodies, 1)
    ]
    return events, rows


def oracle(case: Case, rows: list[tuple[str, Move, int]]) -> list[tuple[str | None, set[str]]]:
    """Per issue: the agreed option or None, and the options somebody stands for."""
    packages = {offer: move.package for _, move, offer in rows if offer}
    stands: dict[str, int] = {}
    present = list(case.seat_ids)
    for seat, move, offer in rows:
        if stands.get(seat) in [w.offer for w in move.withdraw]:
            del stands[seat]
        if move.walk:
            present.remove(seat)
            stands.pop(seat, None)
        for number in move.endorse:
            stands[seat] = number
        if offer:
            stands[seat] = offer
    found: list[tuple[str | None, set[str]]] = []
    for place in range(len(case.issues)):
        options = {packages[stands[s]][place] for s in present if s in stands}  # type: ignore[index]
        all_stand = all(s in stands for s in present)
        agreed = next(iter(options)) if len(options) == 1 and all_stand else None
        found.append((agreed, options))
    return found


@given(case=cases(), seed=st.integers(0, 10**6), turns=st.integers(0, 25))
@settings(max_examples=150, deadline=None)
def test_the_draft_is_what_the_seats_stand_behind(case: Case, seed: int, turns: int) -> None:
    events, rows = talks(case, seed, turns)
    table = fold(events)
    clauses = draft(table)
    assert [clause.issue for clause in clauses] == [issue.id for issue in case.issues]
    for clause, (agreed, options) in zip(clauses, oracle(case, rows), strict=True):
        assert clause.agreed == agreed
        assert {a.option for a in clause.alternatives} == options
        named = [seat for a in clause.alternatives for seat in a.seats]
        assert sorted([*named, *clause.silent]) == sorted(table.present)
