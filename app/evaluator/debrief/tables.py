"""Page 13: tables of the same case side by side, and what each seat made of its chair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from app.domain.table import FACILITATOR_VIEW
from app.errors import CaseError, Finding
from app.evaluator.debrief.ground import Ground, Untold
from app.evaluator.value import Assessment

_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One table of the case: how it ended and what it gave every seat.

    `totals` and `gains` are those of the text in force, or of no deal. `worth` holds the gain in
    every currency. `gap` is the number of points that some signable package gives every seat
    on top; None without a deal. `added` is a seat's total less its mean at the other tables of
    the same preset; a seat is left out where there is none.
    """

    table: str
    preset: str
    seed: int
    people: tuple[str, ...]
    outcome: str
    signed: bool
    rounds: int
    turns: int
    offers: int
    totals: Mapping[str, int]
    gains: Mapping[str, int]
    worth: Mapping[str, Mapping[str, int]]
    strong: bool
    nash_ratio: float
    gap: int | None
    added: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One seat over all tables: least, middle and most."""

    seat: str
    least: int
    middle: float
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Across:
    """Page 13. This table comes first."""

    tables: tuple[Sitting, ...]
    spreads: tuple[Spread, ...]
    deals: int
    strong: int
    presets: tuple[str, ...]


def sittings(first: Assessment, others: Sequence[Assessment]) -> tuple[Sitting, ...]:
    """All tables as they compare; CaseError for one of another case or twice the same."""
    every = [first, *others]
    known: set[str] = set()
    for found in every:
        table = found.table
        if table.case_hash != first.table.case_hash:
            problem = (
                f"its case is {found.case.id} ({table.case_hash[:12]}); expected that of "
                f"{first.case.id} ({first.table.case_hash[:12]}): leave it out"
            )
            raise CaseError((Finding(path=table.table_id, key="case_hash", problem=problem),))
        if table.table_id in known:
            problem = "this table is given twice; give each record once"
            raise CaseError((Finding(path=table.table_id, key="table", problem=problem),))
        known.add(table.table_id)
    return tuple(_sitting(found, every) for found in every)


def _sitting(found: Assessment, every: Sequence[Assessment]) -> Sitting:
    table, final = found.table, found.final
    fellows = [f for f in every if f is not found and f.table.preset == table.preset]
    means = {
        seat: fmean(fellow.final.seat(seat).total for fellow in fellows)
        for seat in found.case.seat_ids
        if fellows
    }
    return Sitting(
        table=table.table_id,
        preset=table.preset,
        seed=table.seed,
        people=tuple(seat for seat in found.case.seat_ids if table.occupants.get(seat) == "person"),
        outcome=found.outcome,
        signed=final.package is not None,
        rounds=table.round,
        turns=table.turns,
        offers=len(found.offers),
        totals={seat.seat: seat.total for seat in final.seats},
        gains={seat.seat: seat.gain for seat in final.seats},
        worth={
            seat.seat: {entry.currency: entry.gain for entry in seat.entries}
            for seat in final.seats
        },
        strong=final.readings.strong,
        nash_ratio=round(final.measures.nash_ratio, _DIGITS),
        gap=final.measures.uniform_gain if final.package is not None else None,
        added={
            seat.seat: round(seat.total - means[seat.seat], _DIGITS)
            for seat in final.seats
            if seat.seat in means
        },
    )


def across(on: Ground, tables: Sequence[Sitting]) -> Across | Untold:
    """The page; untold with one table and in a seat's view."""
    if on.viewer != FACILITATOR_VIEW:
        return Untold(
            why="Other tables are compared on every seat's points, and this view holds one sheet.",
            how="It opens with the facilitator's debrief.",
        )
    if len(tables) < 2:
        return Untold(
            why="There is one table to report on.",
            how=(
                "Give further records of the same case: "
                "parley assess A --with B --with C --html REPORT."
            ),
        )
    return Across(
        tables=tuple(tables),
        spreads=tuple(
            Spread(
                seat=seat,
                least=min(totals),
                middle=float(median(totals)),
                most=max(totals),
            )
            for seat in on.case.seat_ids
            for totals in [[table.totals[seat] for table in tables]]
        ),
        deals=sum(table.signed for table in tables),
        strong=sum(table.strong for table in tables),
        presets=tuple(dict.fromkeys(table.preset for table in tables)),
    )
