"""What would open an empty zone: the single changes of a mandate that let a package pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from app.domain.case import Case
from app.domain.space import TAIL_LIMIT, Lens, Mask, refuse_if_large


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One change that would make a package signable by all seats.

    Either the seat's least total falls by `points`, from `floor`, or the red line `line` goes.
    """

    seat: str
    points: int = 0
    floor: int = 0
    line: str = ""


def openings(case: Case, preset: str, *, tail: int = TAIL_LIMIT) -> tuple[Opening, ...]:
    """Single changes that open the zone: floors first, the smallest first, then red lines.

    Lowering a floor leaves red lines and the other parts of the signing test as they are.
    """
    refuse_if_large(case)
    lenses = {seat: Lens(case, seat, preset, tail=tail) for seat in case.seat_ids}
    found = [
        Opening(seat=seat, points=lenses[seat].floor - top, floor=lenses[seat].floor)
        for seat in case.seat_ids
        if (top := _best_for(case, seat, preset, lenses, tail)) is not None
    ]
    found.sort(key=lambda opening: (opening.points, case.seat_ids.index(opening.seat)))
    for seat in case.seat_ids:
        others = [lens for name, lens in lenses.items() if name != seat]
        for line in case.mandates[seat].red_lines:
            without = Lens(case, seat, preset, skip_line=line.id, tail=tail)
            if _any_package((*others, without)):
                found.append(Opening(seat=seat, line=line.id))
    return tuple(found)


def _best_for(case: Case, seat: str, preset: str, lenses: dict[str, Lens], tail: int) -> int | None:
    """The seat's highest total among what the others could sign and its own lines allow."""
    free = Lens(case, seat, preset, tail=tail)
    free.floor = free.totals.least + min(free.totals.lead)
    others = [lens for name, lens in lenses.items() if name != seat]
    best: int | None = None
    for piece in range(free.pieces):
        able = _together((free, *others), piece)
        if able is not None and able.any():
            top = int(free.totals.tail[able].max()) + free.totals.lead[piece]
            best = top if best is None else max(best, top)
    return best


def _together(lenses: Sequence[Lens], piece: int) -> Mask | None:
    """Which packages of a piece all of them could sign; None when it is none."""
    masks: list[Mask] = []
    for lens in lenses:
        able = lens.signs(piece)
        if able is None:
            return None
        masks.append(able)
    return reduce(np.logical_and, masks)


def _any_package(lenses: Sequence[Lens]) -> bool:
    """Whether all of them could sign some package."""
    together = (_together(lenses, piece) for piece in range(lenses[0].pieces))
    return any(able is not None and bool(able.any()) for able in together)
