"""A reader of the other seats: what a package seems worth to each, from public acts alone.

Every offer is a labelled example for every other seat: tabled by it, endorsed at its turn, or
passed over with the floor in hand. A seat's demands fall as time runs, so each act is read
against the level that delegations usually ask for at that time: an endorsement says "worth at
least this", a refusal "worth less than this", a text of its own "worth about this". For each
seat a logistic regression with these levels as offsets is fitted, pulled towards a prior from
what the seat publicly argues. It uses refusals, which a count of offers does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.domain.case import Case
from app.domain.table import Offer, Table
from app.domain.terms import Package

Floats = npt.NDArray[np.float64]

SHARPNESS = 9.0
"""How sharply acceptance turns from no to yes around the level asked for."""

RIDGE = 400.0
"""Pull towards the prior; worths are fractions of all a seat could win, so weights are small."""

RIDGE_FLOOR = 30.0
"""Pull towards the usual least level; a spread of a fifth of all a seat could win. Some
delegations sign at a third of their ideal and some at two thirds: their yes tells which."""

CLOSING = 1
"""Last rounds in which delegations usually name all that they could sign."""

LEVEL_FIRST = 0.97
LEVEL_LAST = 0.68
"""What delegations ask for in the first and in the last round, as a share of all they could win."""

LEEWAY = 0.03
"""How near its demand a delegation's own texts lie, a share of all it could win."""

STEPS, HALVINGS = 6, 8
"""Newton steps of a fit, and how often one that overshoots is halved. Without halving the fit
runs away as soon as a seat has tabled several texts that hardly differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Something a seat said of a package: worth at least (1) or less than (0) this level.

    With `over` set it compares: the package is worth at least `level` more than the other.
    """

    package: Package
    label: float
    level: float
    over: Package | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What one other seat seems to want: worth per option, the level it asks for, its least."""

    seat: str
    weights: tuple[Floats, ...]
    level: float
    least: float

    def worth(self, chosen: npt.NDArray[np.int64]) -> Floats:
        """Estimated worth, 0 to 1, of packages given by option positions (rows)."""
        total = np.zeros(len(chosen))
        for place, row in enumerate(self.weights):
            total += row[chosen[:, place]]
        return total

    def log_odds(self, chosen: npt.NDArray[np.int64]) -> Floats:
        """Log odds that the seat endorses these packages now."""
        return SHARPNESS * (self.worth(chosen) - self.level)


def public_lean(case: Case, seat: str) -> tuple[Floats, ...]:
    """A first guess at a seat's wishes, 0 to 1 per option, from what it publicly argues."""
    rows = [np.zeros(len(issue.options)) for issue in case.issues]
    place = {issue.id: n for n, issue in enumerate(case.issues)}
    side = case.seat(seat)
    for point in side.points:
        issue = case.issues[place[point.issue]]
        row = rows[place[point.issue]]
        gain = 0.3 if point.kind == "live-with" else 1.0
        for option in point.favours:
            row[issue.index(option)] += gain / len(point.favours)
        for option in point.against:
            row[issue.index(option)] -= 1.0 / len(point.against)
    for position in side.positions:
        row = rows[place[position.issue]]
        row[case.issues[place[position.issue]].index(position.option)] += 1.0
    return tuple(_scaled(row) for row in rows)


def _scaled(row: Floats) -> Floats:
    span = float(row.max() - row.min())
    return (row - row.min()) / span if span else np.full(len(row), 0.5)


def usual_level(round_number: int, rounds: int) -> float:
    """What a delegation usually asks for in a round, as a share of all it could win."""
    gone = min(1.0, max(0.0, (round_number - 1) / max(1, rounds - 1 - CLOSING)))
    return LEVEL_FIRST + (LEVEL_LAST - LEVEL_FIRST) * gone


def read_seat(
    view: Table, seat: str, lean: tuple[Floats, ...], told: tuple[Example, ...] = ()
) -> Reader:
    """Fit the reader of one seat from public acts up to now, and from what it `told`."""
    sizes = view.agenda.sizes
    prior = np.concatenate([*(row / len(sizes) for row in lean), np.zeros(1)])
    ridge = np.append(np.full(len(prior) - 1, RIDGE), RIDGE_FLOOR)
    fitted = _fit(view, (*_acts(view, seat), *told), prior, ridge)
    ends = np.cumsum(sizes)
    weights = tuple(fitted[end - size : end] for end, size in zip(ends, sizes, strict=True))
    level = usual_level(view.round, view.session.rounds)
    level += _conceded(level) * float(fitted[-1])
    least = LEVEL_LAST + float(fitted[-1])
    return Reader(seat=seat, weights=weights, level=level, least=least)


def _acts(view: Table, seat: str) -> tuple[Example, ...]:
    """What the seat's public acts say of every offer."""
    rounds = view.session.rounds
    looks = {
        remark.turn: remark.round
        for remark in view.words
        if remark.seat == seat and remark.turn is not None
    }
    named = {n: m.turn for m in view.moves if m.seat == seat for n in m.move.endorse}
    examples: list[Example] = []
    for offer in view.offers:
        if offer.by == seat:
            level = usual_level(offer.round, rounds)
            signs = [(1.0, level - LEEWAY), (0.0, level + LEEWAY)]
        else:
            yes = named.get(offer.number)
            seen = {
                turn: number
                for turn, number in looks.items()
                if turn > offer.turn and (turn == yes or not _waits(view, seat, offer, turn))
            }
            signs = _answers(seen, yes, rounds)
        examples += [Example(package=offer.package, label=a, level=b) for a, b in signs]
    return tuple(examples)


def _waits(view: Table, seat: str, offer: Offer, turn: int) -> bool:
    """Whether the seat's name would then have closed the talks over somebody's head.

    In that place silence is waiting, and says nothing of what the text is worth to the seat.
    """
    names = {m.seat for m in view.moves if offer.number in m.move.endorse and m.turn < turn}
    names |= {offer.by, seat} & set(view.case.seat_ids)
    return view.case.rule.passes(frozenset(names)) and not names >= set(view.present)


def _answers(seen: dict[int, int], named: int | None, rounds: int) -> list[tuple[float, float]]:
    """A yes at the turn it was given, a no at the last turn without one: label and level."""
    before = [number for turn, number in seen.items() if named is None or turn < named]
    signs = [(0.0, usual_level(before[-1], rounds))] if before else []
    if named is not None:
        signs.append((1.0, usual_level(seen.get(named, 1), rounds)))
    return signs


def _conceded(level: float) -> float:
    """How far a usual level lies on the way from the first demand to the last, 0 to 1."""
    return min(1.0, max(0.0, (LEVEL_FIRST - level) / (LEVEL_FIRST - LEVEL_LAST)))


def _fit(view: Table, examples: tuple[Example, ...], prior: Floats, ridge: Floats) -> Floats:
    """Ridge logistic regression with offsets by Newton steps, from and towards the prior.

    The last coefficient is how far the seat's least level lies from the usual one.
    """
    if not examples:
        return prior
    agenda = view.agenda
    starts = np.concatenate([[0], np.cumsum(agenda.sizes)[:-1]])
    seen = np.zeros((len(examples), len(prior)))
    for row, example in zip(seen, examples, strict=True):
        row[starts + np.array(agenda.indices(example.package))] += SHARPNESS
        if example.over is None:
            row[-1] = -SHARPNESS * _conceded(example.level)
        else:
            row[starts + np.array(agenda.indices(example.over))] -= SHARPNESS
    task = _Fitting(
        seen=seen,
        label=np.array([example.label for example in examples]),
        offset=SHARPNESS * np.array([example.level for example in examples]),
        prior=prior,
        ridge=ridge,
    )
    return _fitted(task)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitting:
    """What is fitted: examples as rows of `seen`, their labels and levels, prior and pull."""

    seen: Floats
    label: Floats
    offset: Floats
    prior: Floats
    ridge: Floats

    def loss(self, at: Floats) -> float:
        """Log loss of the examples, and the pull towards the prior."""
        wrong = np.logaddexp(0.0, (1.0 - 2.0 * self.label) * (self.seen @ at - self.offset))
        return float(wrong.sum() + 0.5 * (self.ridge * (at - self.prior) ** 2).sum())

    def newton(self, at: Floats) -> Floats:
        """The full step down from here."""
        odds = 1.0 / (1.0 + np.exp(-np.clip(self.seen @ at - self.offset, -30, 30)))
        slope = self.seen.T @ (odds - self.label) + self.ridge * (at - self.prior)
        curve = (self.seen.T * (odds * (1 - odds))) @ self.seen + np.diag(self.ridge)
        return np.asarray(np.linalg.solve(curve, slope), dtype=np.float64)


def _fitted(task: _Fitting) -> Floats:
    """Newton steps from the prior, each halved until it leads down."""
    fitted, best = task.prior, task.loss(task.prior)
    for _ in range(STEPS):
        step = task.newton(fitted)
        for _ in range(HALVINGS):
            loss = task.loss(fitted - step)
            if loss < best:
                break
            step = step / 2
        else:
            return fitted
        fitted, best = fitted - step, loss
    return fitted


def log_willing(log_odds: Floats) -> Floats:
    """Log of the probability that belongs to log odds, safely for large ones."""
    return -np.logaddexp(0.0, -log_odds)
