"""The space of all packages, enumerated exactly in pieces that fit into memory.

The leading issues are fixed one combination after another; what the trailing issues add is
computed once by outer sums and shared by all pieces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from app.domain.case import Case
from app.domain.mandate import Mandate, RedLine
from app.domain.terms import Agenda
from app.errors import CaseError, Finding

Ints: TypeAlias = npt.NDArray[np.integer[Any]]
Mask: TypeAlias = npt.NDArray[np.bool_]

EXACT_LIMIT = 256_000_000
"""Packages a case may have to be enumerated. Beyond it everything exact refuses, and `parley
solve` answers with stated bounds: Parley never approximates silently."""

TAIL_LIMIT = 131_072
"""Packages of one piece: small enough for the processor's cache, large enough for numpy."""

_KEPT_MASKS = 64


class TooLarge(CaseError):
    """A case has more packages than are enumerated exactly."""

    def __init__(self, case_id: str, what: str, found: int, limit: int) -> None:
        self.found = found
        self.limit = limit
        self.reason = f"{found:,} {what}, and {limit:,} are the most that are listed"
        problem = (
            f"{found:,} {what}; Parley enumerates exactly, up to {limit:,}: "
            "take an issue or some options away, or sharpen the mandates "
            "(parley solve answers with stated bounds)"
        )
        super().__init__((Finding(path=case_id, key="issues", problem=problem),))


def refuse_if_large(case: Case) -> None:
    """Raise TooLarge when the case has more packages than EXACT_LIMIT."""
    if case.agenda.count > EXACT_LIMIT:
        raise TooLarge(case.id, "packages", case.agenda.count, EXACT_LIMIT)


def outer_sum(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Sums of one entry from every part, in package order: the last part turns fastest."""
    if not parts:
        return np.zeros(1, dtype=np.int64)
    total = parts[0]
    for part in parts[1:]:
        total = np.add.outer(total, part).ravel()
    return total


def option_grid(
    agenda: Agenda, weights: Sequence[Sequence[float] | npt.NDArray[Any]]
) -> npt.NDArray[np.float32]:
    """A score for every package in number order: the sum of its options' weights.

    `weights[i][k]` belongs to option k of issue i in the case's order.
    """
    rows = [np.asarray(row, dtype=np.float32) for row in weights]
    if tuple(len(row) for row in rows) != agenda.sizes:
        raise ValueError(f"weights must have the agenda's shape {agenda.sizes}")
    return outer_sum(rows).astype(np.float32, copy=False)


def choices(agenda: Agenda, numbers: Ints) -> npt.NDArray[np.int64]:
    """Option positions of packages: one row a package, one column an issue."""
    found = np.empty((len(numbers), len(agenda.issues)), dtype=np.int64)
    rest = np.asarray(numbers, dtype=np.int64)
    for place in range(len(agenda.sizes) - 1, -1, -1):
        rest, found[:, place] = np.divmod(rest, agenda.sizes[place])
    return found


def points(agenda: Agenda, mandate: Mandate) -> list[npt.NDArray[np.int64]]:
    """The seat's sheet as arrays: for every issue one row an option, one column a currency."""
    return [
        np.array([row[option.id] for option in issue.options], dtype=np.int64)
        for issue, row in zip(agenda.issues, mandate.sheet, strict=True)
    ]


def worths(case: Case, seat: str, numbers: Ints) -> npt.NDArray[np.int64]:
    """Points per currency of packages given by number: one row a package."""
    chosen = choices(case.agenda, numbers)
    total = np.zeros((len(numbers), len(case.currencies)), dtype=np.int64)
    for place, sheet in enumerate(points(case.agenda, case.mandates[seat])):
        total += sheet[chosen[:, place]]
    return total


def scores(case: Case, numbers: Ints) -> npt.NDArray[np.int64]:
    """Totals of packages given by number: one row a package, one column a seat."""
    columns = [worths(case, seat, numbers).sum(axis=1) for seat in case.seat_ids]
    return np.stack(columns, axis=1)


def lead_issues(agenda: Agenda, tail: int) -> int:
    """How many leading issues are fixed per piece, so that a piece has at most `tail` packages."""
    lead = len(agenda.sizes)
    while lead > 0 and math.prod(agenda.sizes[lead - 1 :]) <= tail:
        lead -= 1
    return lead


def _narrow(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same whole numbers in two bytes where they fit: half the memory traffic."""
    fits = values.size == 0 or int(np.abs(values).max()) < 2**14
    return values.astype(np.int16 if fits else np.int64)


class _Split:
    """Sums over the leading issues and, apart, over the trailing ones."""

    __slots__ = ("lead", "least", "most", "tail")

    def __init__(self, rows: Sequence[npt.NDArray[Any]], lead: int) -> None:
        self.lead: list[int] = outer_sum(rows[:lead]).tolist()
        self.tail = _narrow(outer_sum(rows[lead:]))
        self.least = int(self.tail.min())
        self.most = int(self.tail.max())


class Lens:
    """What one seat may sign, piece by piece, from its own mandate alone."""

    def __init__(
        self,
        case: Case,
        seat: str,
        preset: str,
        *,
        skip_line: str | None = None,
        tail: int = TAIL_LIMIT,
    ) -> None:
        agenda, mandate = case.agenda, case.mandates[seat]
        floor = case.floor(seat, preset)
        sheet = points(agenda, mandate)
        self.lead = lead_issues(agenda, tail)
        self.pieces = math.prod(agenda.sizes[: self.lead])
        self.width = math.prod(agenda.sizes[self.lead :])
        self.floor = floor.total
        self.totals = _Split([rows.sum(axis=1) for rows in sheet], self.lead)
        lines = [line for line in mandate.red_lines if line.id != skip_line]
        self.lines = [(line.limit, _Split(_matches(agenda, line), self.lead)) for line in lines]
        self.readable = all(issue in agenda.ids for line in lines for issue in line.of)
        if not self.readable:
            self.floor = self.totals.most + max(self.totals.lead) + 1  # unreadable: never signed
        self.currencies = [
            (held, _Split([rows[:, place] for rows in sheet], self.lead))
            for place, held in enumerate(floor.no_deal)
        ]
        self.strong = floor.strong
        self._masks: dict[tuple[int, ...], Mask] = {}

    def signs(self, piece: int) -> Mask | None:
        """Which packages of a piece the seat may sign; None when it is none of them."""
        need = self.floor - self.totals.lead[piece]
        if need > self.totals.most:
            return None
        room: list[int] = []
        for limit, matches in self.lines:
            left = limit - matches.lead[piece]
            if left < matches.least:
                return None
            room.append(min(left, matches.most))
        able = self.totals.tail >= need
        able &= self._within(tuple(room))
        if self.strong:
            whole = self.keeps(piece)
            if whole is None:
                return None
            able &= whole
        return able

    def keeps(self, piece: int) -> Mask | None:
        """Which packages leave the seat no currency below no deal; None when none does."""
        found: Mask | None = None
        for held, worth in self.currencies:
            need = held - worth.lead[piece]
            if need > worth.most:
                return None
            if need > worth.least:
                enough = worth.tail >= need
                found = enough if found is None else np.logical_and(found, enough, out=found)
        return np.ones(self.width, dtype=np.bool_) if found is None else found

    def count(self) -> int:
        """How many packages the seat could sign."""
        masks = (self.signs(piece) for piece in range(self.pieces))
        return sum(int(np.count_nonzero(able)) for able in masks if able is not None)

    def _within(self, room: tuple[int, ...]) -> Mask:
        """Which trailing choices leave every red line uncrossed, with this much room each."""
        held = self._masks.get(room)
        if held is None:
            held = np.ones(self.width, dtype=np.bool_)
            for left, (_, matches) in zip(room, self.lines, strict=True):
                if left < matches.most:
                    held &= matches.tail <= left
            if len(self._masks) < _KEPT_MASKS:
                self._masks[room] = held
        return held


def _matches(agenda: Agenda, line: RedLine) -> list[npt.NDArray[np.int64]]:
    """One where the line lists the option, zero elsewhere."""
    return [
        np.array([option.id in line.of.get(issue.id, ()) for option in issue.options], np.int64)
        for issue in agenda.issues
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnSet:
    """All packages one seat could sign, best first (then by number), by its mandate alone.

    `whole` marks the packages that leave it no currency below no deal.
    """

    seat: str
    numbers: npt.NDArray[np.int32]
    totals: npt.NDArray[np.int32]
    whole: Mask


def own_set(case: Case, seat: str, preset: str, *, tail: int = TAIL_LIMIT) -> OwnSet:
    """What the seat could sign under a preset. Reads that seat's mandate and no other."""
    refuse_if_large(case)
    lens = Lens(case, seat, preset, tail=tail)
    numbers: list[npt.NDArray[np.int32]] = []
    totals: list[npt.NDArray[Any]] = []
    whole: list[Mask] = []
    for piece in range(lens.pieces):
        able = lens.signs(piece)
        if able is None:
            continue
        found = np.flatnonzero(able)
        keeps = lens.keeps(piece)
        numbers.append((found + piece * lens.width).astype(np.int32))
        totals.append(lens.totals.tail[found].astype(np.int32) + lens.totals.lead[piece])
        whole.append(np.zeros(len(found), np.bool_) if keeps is None else keeps[found])
    if not numbers:
        none = np.zeros(0, dtype=np.int32)
        return OwnSet(seat=seat, numbers=none, totals=none, whole=none.astype(np.bool_))
    worth = np.concatenate(totals).astype(np.int32)
    order = np.argsort(_narrow(-worth), kind="stable")
    return OwnSet(
        seat=seat,
        numbers=np.concatenate(numbers)[order],
        totals=worth[order],
        whole=np.concatenate(whole)[order],
    )
