"""How much a delegation asks for as time runs: its target curve and the closing call."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.delegates.acceptance import LEVEL_FIRST, Reader
from app.domain.mandate import Style
from app.domain.space import OwnSet, choices
from app.domain.table import Table, derived_seed

RESCUE = 1
"""Rounds after the closing call in which a seat takes all it can sign, whole or not."""

TEMPER = 0.25
"""How far a table's draw may speed up or slow down a delegation."""

UNHURRIED = 6
"""Rounds that are time enough; with fewer a delegation yields sooner in proportion. Its first
demand stays its ideal: that is what tells the others most."""

SLOWEST, FASTEST = 0.4, 2.5
"""Bounds of what isolation does to the pace of concession."""


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


def isolation(view: Table, own: OwnSet, readers: Mapping[str, Reader]) -> float:
    """How far the others seem to be from what this seat wants most, 0 to 1."""
    if not len(own.numbers) or not readers:
        return 0.2
    ideal = choices(view.agenda, own.numbers[:1].astype(np.int64))
    gaps = [max(0.0, LEVEL_FIRST - float(reader.worth(ideal)[0])) for reader in readers.values()]
    return sum(gaps) / len(gaps)


def pace(gap: float) -> float:
    """A delegation that stands far from all others yields sooner; one amid friends can wait."""
    return min(FASTEST, max(SLOWEST, 0.5 + gap))


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
