"""How much a delegation asks for as time runs: its target curve and the closing call."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.delegates.acceptance import Reader
from app.domain.mandate import Style
from app.domain.table import Table, derived_seed

RESCUE = 1
"""Rounds after the closing call in which a seat takes all it can sign, whole or not."""

TEMPER = 0.25
"""How far a table's draw may speed up or slow down a delegation."""

UNHURRIED = 6
"""Rounds that are time enough; with fewer a delegation yields sooner in proportion. Its first
demand stays its ideal: that is what tells the others most."""

SLOWEST, FASTEST = 0.5, 2.5
"""Bounds of what the room at the table does to the pace of concession."""

PACE_WITHOUT_ROOM, PACE_LOST = 3.5, 12.0
"""Pace where the table holds nothing above what all must have, and how much of it goes with
each unit of room: a tight table needs its time for the search, a wide one for the bargain."""


def progress(view: Table) -> float:
    """How much of the bargaining time is gone, 0 to 1."""
    rounds = view.session.rounds - RESCUE
    return min(1.0, max(0.0, (view.round - 1) / (rounds - 1))) if rounds > 1 else 1.0


def closing_call(view: Table) -> bool:
    """Whether the table is in its closing call, when every seat names all it could sign."""
    return view.session.rounds - view.round <= RESCUE


def temperament(view: Table, seat: str) -> float:
    """This table's draw of how quickly the delegation yields: around 1, from the view's seed."""
    drawn = derived_seed(view.seed, f"temper/{seat}") / 2**48
    return float((1.0 + TEMPER) ** (2.0 * drawn - 1.0))


def room(view: Table, seat: str, readers: Mapping[str, Reader]) -> float:
    """How much the table seems to hold above what all must have: a share of the scale per seat.

    The best joint worth by the seat's own sheet and its readers of the others, less its own
    floor and the least levels it reads. Little room, or less than none: a tight table.
    """
    mandate, scale = view.case.mandates[seat], view.case.scale
    rows = [np.array([sum(worth) for worth in row.values()]) / scale for row in mandate.sheet]
    must = view.case.floor(seat, view.preset).total / scale
    for reader in readers.values():
        rows = [row + weights for row, weights in zip(rows, reader.weights, strict=True)]
        must += reader.least
    return (sum(float(row.max()) for row in rows) - must) / (1 + len(readers))


def pace(space: float) -> float:
    """Where there is little room a delegation yields early, to leave time for the search."""
    return min(FASTEST, max(SLOWEST, PACE_WITHOUT_ROOM - PACE_LOST * space))


def hurry(rounds: int) -> float:
    """How much sooner a delegation yields in talks that are short."""
    return max(1.0, UNHURRIED / rounds)


def concession(style: Style, gone: float, given: float, speed: float) -> float:
    """Share of its range the delegation has given up by now, 0 to 1.

    `given` is how much the others have moved; a reciprocal delegation waits for them.
    """
    plain = float(gone ** (1.0 / max(0.1, style.exponent * speed)))
    if gone >= 1.0:
        return 1.0
    return plain * (1.0 - 0.35 * style.reciprocity * (1.0 - given))


def movement(view: Table, seat: str) -> float:
    """How much the other seats have moved since their first texts, 0 to 1, from public acts."""
    shares: list[float] = []
    for other in view.case.seat_ids:
        if other == seat:
            continue
        mine = [offer for offer in view.offers if offer.by == other]
        backed = sum(other in view.backers(o.number) for o in view.offers if o.by != other)
        if len(mine) > 1 or backed:
            changed = view.agenda.differences(mine[0].package, mine[-1].package) if mine else ()
            shares.append(min(1.0, len(changed) / len(view.case.issues) + 0.25 * backed))
        else:
            shares.append(0.0)
    return sum(shares) / len(shares) if shares else 1.0
