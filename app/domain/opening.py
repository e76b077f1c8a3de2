"""What would open an empty zone: the smallest changes of mandates that let a package be signed."""

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


def easing(case: Case, preset: str, *, tail: int = TAIL_LIMIT) -> tuple[Opening, ...]:
    """The floors to lower together so that the zone opens, with the fewest points in all.

    It adds points of different seats, as a measure of the change and not of its cost. Empty when
    no floor has to come down, or when red lines or currencies shut the zone by themselves.
    """
    refuse_if_large(case)
    found = [_without_floor(case, seat, preset, tail) for seat in case.seat_ids]
    lenses = [lens for lens in found if lens is not None]
    if len(lenses) < len(found):
        return ()
    floors = [case.floor(seat, preset).total for seat in case.seat_ids]
    least: tuple[int, tuple[int, ...]] | None = None
    for piece in range(lenses[0].pieces):
        able = _together(lenses, piece)
        if able is None or not able.any():
            continue
        totals = [
            lens.totals.tail[able].astype(np.int64) + lens.totals.lead[piece] for lens in lenses
        ]
        lacks = [np.maximum(floor - total, 0) for floor, total in zip(floors, totals, strict=True)]
        row = int(np.sum(lacks, axis=0).argmin())
        points = tuple(int(lack[row]) for lack in lacks)
        if least is None or sum(points) < least[0]:
            least = sum(points), points
    return tuple(
        Opening(seat=seat, points=points, floor=floor)
        for seat, floor, points in zip(
            case.seat_ids, floors, least[1] if least else (), strict=False
        )
        if points
    )


def _without_floor(case: Case, seat: str, preset: str, tail: int) -> Lens | None:
    """What the seat could sign with no least total; None where a line of it cannot be read."""
    free = Lens(case, seat, preset, tail=tail)
    free.floor = free.totals.least + min(free.totals.lead)
    return free if free.readable else None


def _best_for(case: Case, seat: str, preset: str, lenses: dict[str, Lens], tail: int) -> int | None:
    """The seat's highest total among what the others could sign and its own lines allow."""
    free = _without_floor(case, seat, preset, tail)
    if free is None:
        return None
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
