"""A reader of the other seats: how likely each would put its name to a package now.

Every offer on the table is a labelled example for every other seat: endorsed, or passed over
with the floor in hand. For each seat a logistic regression on the options is fitted, pulled
towards a prior from what it tabled and what it publicly argues. It needs nothing but public
acts, and it uses refusals, which a count of offers does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.domain.case import Case
from app.domain.table import Table

Floats = npt.NDArray[np.float64]

RIDGE = 0.6
STEPS = 6
TABLED_WEIGHT = 1.6
ARGUED_WEIGHT = 0.55
DECAY = 0.8
"""How much less an endorsement or refusal of one round earlier says about today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What one other seat seems to want: a weight per option and a general willingness."""

    seat: str
    weights: tuple[Floats, ...]
    bias: float

    def log_odds(self, chosen: npt.NDArray[np.int64]) -> Floats:
        """Log odds that the seat endorses packages given by option positions (rows)."""
        total = np.full(len(chosen), self.bias)
        for place, row in enumerate(self.weights):
            total += row[chosen[:, place]]
        return total


def public_lean(case: Case, seat: str) -> tuple[Floats, ...]:
    """A first guess at a seat's wishes from its published positions and arguments."""
    rows = [np.zeros(len(issue.options)) for issue in case.issues]
    place = {issue.id: n for n, issue in enumerate(case.issues)}
    side = case.seat(seat)
    for point in side.points:
        issue = case.issues[place[point.issue]]
        gain = 0.25 if point.kind == "live-with" else 1.0
        for option in point.favours:
            rows[place[point.issue]][issue.index(option)] += gain / max(1, len(point.favours))
        for option in point.against:
            rows[place[point.issue]][issue.index(option)] -= 1.0 / max(1, len(point.against))
    for position in side.positions:
        row = rows[place[position.issue]]
        row[case.issues[place[position.issue]].index(position.option)] += 1.0
    return tuple(np.clip(row - row.mean(), -2.0, 2.0) for row in rows)


def read_seat(view: Table, seat: str, lean: tuple[Floats, ...]) -> Reader:
    """Fit the reader of one seat from public acts up to now."""
    agenda = view.agenda
    sizes = agenda.sizes
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    width = int(sum(sizes))
    prior = np.zeros(width + 1)
    prior[:width] = ARGUED_WEIGHT * np.concatenate(lean)
    rows: list[npt.NDArray[np.int64]] = []
    labels: list[float] = []
    stakes: list[float] = []
    turns = [move.turn for move in view.moves if move.seat == seat]
    last = turns[-1] if turns else 0
    tabled = np.zeros(width)
    for offer in view.offers:
        here = starts + np.array(agenda.indices(offer.package))
        backed = seat in view.backers(offer.number)
        if offer.by == seat:
            tabled[here] += 1.0
        elif not backed and offer.turn >= last:
            continue
        rows.append(here)
        labels.append(1.0 if backed else 0.0)
        stakes.append(DECAY ** max(0, view.round - max(offer.round, _last_look(view, seat))))
    for start, size in zip(starts, sizes, strict=True):
        block = tabled[start : start + size]
        if block.sum():
            prior[start : start + size] += TABLED_WEIGHT * (block / block.sum() - 1.0 / size)
    fitted = _fit(rows, labels, stakes, prior, width)
    weights = tuple(
        fitted[start : start + size] for start, size in zip(starts, sizes, strict=True)
    )
    return Reader(seat=seat, weights=weights, bias=float(fitted[width]))


def _last_look(view: Table, seat: str) -> int:
    """The round in which the seat last had the floor: its refusals are that fresh."""
    return view.round if seat in view.spoken else max(0, view.round - 1)


def _fit(
    rows: list[npt.NDArray[np.int64]],
    labels: list[float],
    stakes: list[float],
    prior: Floats,
    width: int,
) -> Floats:
    """Ridge logistic regression by Newton steps, from and towards the prior."""
    if not rows:
        return prior
    seen = np.zeros((len(rows), width + 1))
    for row, here in zip(seen, rows, strict=True):
        row[here] = 1.0
    seen[:, width] = 1.0
    wanted, weight = np.array(labels), np.array(stakes)
    penalty = np.full(width + 1, RIDGE)
    penalty[width] = 0.1
    fitted = prior.copy()
    for _ in range(STEPS):
        odds = 1.0 / (1.0 + np.exp(-np.clip(seen @ fitted, -30, 30)))
        slope = seen.T @ (weight * (odds - wanted)) + penalty * (fitted - prior)
        curve = (seen.T * (weight * odds * (1 - odds))) @ seen + np.diag(penalty)
        fitted = fitted - np.linalg.solve(curve, slope)
    return fitted


def log_willing(log_odds: Floats) -> Floats:
    """Log of the probability that belongs to log odds, safely for large ones."""
    return -np.logaddexp(0.0, -log_odds)
