"""The chair: tables one package a round from public information alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from app.delegates.acceptance import Floats, Reader, log_willing, public_lean, read_seat
from app.delegates.phrasebook import chair_words
from app.domain.moves import Speech
from app.domain.space import choices, option_grid
from app.domain.table import Table
from app.domain.terms import Package

GRID_LIMIT = 8_000_000
"""Packages up to which the whole space is ranked; beyond it the search climbs issue by issue."""

SHORTLIST = 3_000


class Chair:
    """Reads every seat from its public acts and tables what all could likeliest sign."""

    def drafts(self, view: Table) -> tuple[Package, ...]:
        """The chair asks nothing in private."""
        del view
        return ()

    def text(self, view: Table) -> tuple[Package | None, Speech]:
        """The likeliest untabled package, or None when what stands is as likely."""
        readers = read_all(view)
        taken = [offer.package for offer in view.offers]
        found = likeliest(view, readers, taken, count=1)
        if not found:
            return None, Speech(text="The chair has no text to add this round.", by="chair")
        words = chair_words(view, found[0], "chair")
        return found[0], words


def read_all(view: Table) -> dict[str, Reader]:
    """A reader for every seat at the table, from public acts."""
    return {seat: read_seat(view, seat, public_lean(view.case, seat)) for seat in view.present}


def likeliest(
    view: Table, readers: Mapping[str, Reader], taken: Iterable[Package], *, count: int
) -> tuple[Package, ...]:
    """The packages all seats would likeliest sign, best first, none of `taken`."""
    agenda = view.agenda
    rows = [
        sum((reader.weights[place] for reader in readers.values()), np.zeros(size))
        for place, size in enumerate(agenda.sizes)
    ]
    passed = {agenda.number(package) for package in taken}
    if agenda.count <= GRID_LIMIT:
        linear = option_grid(agenda, rows)
        size = min(len(linear), SHORTLIST + len(passed))
        numbers = np.sort(np.argpartition(-linear, size - 1)[:size]).astype(np.int64)
    else:
        numbers = _climbed(view, readers, rows)
    numbers = numbers[~np.isin(numbers, list(passed))]
    if not len(numbers):
        return ()
    chances = joint_chances(readers, choices(agenda, numbers))
    order = np.lexsort((numbers, -chances))[:count]
    return tuple(agenda.package(int(numbers[place])) for place in order)


def joint_chances(readers: Mapping[str, Reader], chosen: npt.NDArray[np.int64]) -> Floats:
    """Sum over all seats of the log probability that they endorse."""
    total = np.zeros(len(chosen))
    for reader in readers.values():
        total += log_willing(reader.log_odds(chosen))
    return total


def _climbed(
    view: Table, readers: Mapping[str, Reader], rows: list[Floats]
) -> npt.NDArray[np.int64]:
    """A bounded search in a space too large to rank: steepest single changes from the start."""
    agenda = view.agenda
    here = np.array([[int(row.argmax()) for row in rows]], dtype=np.int64)
    seen = {agenda.number(agenda.at(tuple(here[0].tolist())))}
    for _ in range(4 * len(rows)):
        near = np.repeat(here, sum(agenda.sizes), axis=0)
        line = 0
        for place, size in enumerate(agenda.sizes):
            for option in range(size):
                near[line, place] = option
                line += 1
        chances = joint_chances(readers, near)
        seen.update(agenda.number(agenda.at(tuple(row))) for row in near.tolist())
        best = int(chances.argmax())
        if chances[best] <= joint_chances(readers, here)[0]:
            break
        here = near[best : best + 1]
    return np.array(sorted(seen), dtype=np.int64)
