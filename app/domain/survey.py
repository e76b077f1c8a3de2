"""The survey of a case: who could sign what, over every package there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from app.domain.case import Case
from app.domain.space import TAIL_LIMIT, Lens, Mask, TooLarge, refuse_if_large
from app.domain.terms import Package

JOINT_LIMIT = 8_000_000
"""Packages signable by all that a survey holds in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far something stretches for one seat: how many packages, lowest and highest total."""

    count: int
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Survey:
    """Every package of a case, counted under one preset.

    `numbers` and `totals` hold the packages all seats could sign, in number order, one column
    a seat in the case's order. `own` is each seat's own set by itself. `held_up[s]` counts
    packages that every seat but s could sign. `passing` counts what meets the case's rule.
    """

    case_id: str
    preset: str
    seats: tuple[str, ...]
    count: int
    numbers: npt.NDArray[np.int64]
    totals: npt.NDArray[np.int32]
    no_deal: npt.NDArray[np.int64]
    own: Mapping[str, Reach]
    held_up: Mapping[str, int]
    passing: int

    @property
    def signable(self) -> int:
        """How many packages all seats could sign."""
        return len(self.numbers)

    @property
    def nearly(self) -> int:
        """How many packages all seats, or all but one, could sign."""
        return self.signable + sum(self.held_up.values())

    @property
    def best(self) -> tuple[int, ...]:
        """Each seat's highest total over what all could sign; no deal where that is nothing."""
        if not self.signable:
            return tuple(int(held) for held in self.no_deal)
        return tuple(int(top) for top in self.totals.max(axis=0))

    def joint(self, seat: str) -> Reach:
        """The seat's totals over what all could sign."""
        if not self.signable:
            return Reach(count=0, least=None, most=None)
        column = self.totals[:, self.seats.index(seat)]
        return Reach(count=self.signable, least=int(column.min()), most=int(column.max()))

    def row(self, number: int) -> int | None:
        """Where a package stands among those all could sign; None when it is not among them."""
        place = int(np.searchsorted(self.numbers, number))
        if place < self.signable and int(self.numbers[place]) == number:
            return place
        return None

    def holds(self, case: Case, package: Package) -> bool:
        """Whether all seats could sign this package."""
        return self.row(case.agenda.number(package)) is not None


class _Tally:
    """One seat's own set, counted piece by piece."""

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self.count = 0
        self.least: int | None = None
        self.most: int | None = None

    def add(self, piece: int, able: Mask | None) -> None:
        """Count a piece; its range is looked at only where it can widen the one known."""
        found = 0 if able is None else int(np.count_nonzero(able))
        if able is None or found == 0:
            return
        self.count += found
        totals, ground = self.lens.totals, self.lens.totals.lead[piece]
        low, high = max(ground + totals.least, self.lens.floor), ground + totals.most
        if self.least is None or self.most is None or low < self.least or high > self.most:
            worth = totals.tail[able]
            lowest, highest = int(worth.min()) + ground, int(worth.max()) + ground
            self.least = lowest if self.least is None else min(self.least, lowest)
            self.most = highest if self.most is None else max(self.most, highest)

    def reach(self) -> Reach:
        """What was counted."""
        return Reach(count=self.count, least=self.least, most=self.most)


def survey(case: Case, preset: str, *, tail: int = TAIL_LIMIT) -> Survey:
    """Look at every package once. Raises TooLarge beyond EXACT_LIMIT or JOINT_LIMIT."""
    refuse_if_large(case)
    seats = case.seat_ids
    lenses = [Lens(case, seat, preset, tail=tail) for seat in seats]
    tallies = [_Tally(lens) for lens in lenses]
    held_up = dict.fromkeys(seats, 0)
    numbers: list[npt.NDArray[np.int64]] = []
    totals: list[npt.NDArray[np.int32]] = []
    passing = joint = 0
    for piece in range(lenses[0].pieces):
        masks = [lens.signs(piece) for lens in lenses]
        for tally, able in zip(tallies, masks, strict=True):
            tally.add(piece, able)
        signers = _signers(masks, lenses[0].width)
        for seat, missed in _holdouts(seats, masks, signers):
            held_up[seat] += missed
        passing += _passing(case, masks, signers)
        found = np.flatnonzero(signers == len(seats))
        if len(found):
            joint += len(found)
            if joint > JOINT_LIMIT:
                raise TooLarge(case.id, "or more packages all could sign", joint, JOINT_LIMIT)
            numbers.append(found + piece * lenses[0].width)
            totals.append(_totals(lenses, piece, found))
    return Survey(
        case_id=case.id,
        preset=preset,
        seats=seats,
        count=case.agenda.count,
        numbers=np.concatenate(numbers) if numbers else np.zeros(0, np.int64),
        totals=np.concatenate(totals) if totals else np.zeros((0, len(seats)), np.int32),
        no_deal=np.array([sum(case.mandates[seat].no_deal) for seat in seats], np.int64),
        own={seat: tally.reach() for seat, tally in zip(seats, tallies, strict=True)},
        held_up=held_up,
        passing=passing,
    )


def _signers(masks: Sequence[Mask | None], width: int) -> npt.NDArray[np.uint8]:
    """How many seats could sign each package of a piece."""
    signers = np.zeros(width, dtype=np.uint8)
    for able in masks:
        if able is not None:
            signers += able.view(np.uint8)
    return signers


def _holdouts(
    seats: tuple[str, ...], masks: Sequence[Mask | None], signers: npt.NDArray[np.uint8]
) -> list[tuple[str, int]]:
    """For each seat, how many packages of the piece all others and not this seat could sign."""
    nearly = signers == len(seats) - 1
    if not nearly.any():
        return []
    return [
        (seat, int(np.count_nonzero(nearly if able is None else nearly & ~able)))
        for seat, able in zip(seats, masks, strict=True)
    ]


def _passing(case: Case, masks: Sequence[Mask | None], signers: npt.NDArray[np.uint8]) -> int:
    """How many packages of the piece meet the case's decision rule if all who could sign do."""
    needed = {*case.rule.required, *case.rule.vetoes}
    musts = [able for seat, able in zip(case.seat_ids, masks, strict=True) if seat in needed]
    held: list[Mask] = [able for able in musts if able is not None]
    if len(held) < len(musts):
        return 0
    enough = signers >= case.rule.at_least
    return int(np.count_nonzero(reduce(np.logical_and, held, enough)))


def _totals(lenses: Sequence[Lens], piece: int, found: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Totals of the chosen packages of a piece."""
    columns = [
        lens.totals.tail[found].astype(np.int32) + np.int32(lens.totals.lead[piece])
        for lens in lenses
    ]
    return np.stack(columns, axis=1)
