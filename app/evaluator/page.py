"""An assessment as one HTML file: no network, no script, light and dark, fit for the printer."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.domain.terms import Points
from app.evaluator import plots, wording
from app.evaluator.printout import final_origins, listed_seats, measure_rows, share
from app.evaluator.report import overrides
from app.evaluator.value import Assessment
from app.evaluator.verdict import Readings, SeatVerdict
from app.evaluator.wording import label, shown

TEMPLATES = Path(__file__).parent / "templates"

CLOUD = 1500
"""Different points of a scatter that are drawn; of more, every n-th is."""

EARNINGS = 3
"""Options named for a gain on the page; the JSON holds all."""


def as_page(found: Assessment) -> str:
    """The page. Whatever a record holds is escaped; marks that act on text are made visible."""
    paper = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    return paper.get_template("assessment.html.j2").render(
        a=found,
        case=found.case,
        table=found.table,
        final=found.final,
        w=wording,
        name=lambda seat: label(found.case, seat),
        patterns=plots.patterns(),
        fiction=wording.fiction(found.case),
        question=wording.QUESTION,
        headline=wording.headline(found),
        overrides=overrides(found),
        measures=_measures(found),
        ledgers=_ledgers(found),
        clauses=_clauses(found),
        gains=_gains(found),
        scatters=_scatters(found),
        dances=_dances(found),
        earnings=EARNINGS,
        unnamed=wording.UNNAMED,
        signed=wording.signed,
        total=sum,
        nonzero=any,
        mark=_mark,
        by_currency=lambda points: _by_currency(found.case.currencies, points),
    )


def _visible(value: Any) -> Any:
    """Plain text with its control and direction marks shown; markup of our own as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return shown(value)
    return value


def _mark(readings: Readings, name: str) -> Markup:
    """Yes or no, told apart by word and sign before colour."""
    if getattr(readings, name):
        return Markup('<span class="yes">\u2713 yes</span>')
    return Markup('<span class="no">\u2717 no</span>')


def _by_currency(currencies: tuple[str, ...], points: Points) -> str:
    """What a change moves, currency by currency."""
    pairs = zip(currencies, points, strict=True)
    return ", ".join(f"{name} {wording.signed(moved)}" for name, moved in pairs if moved)


def _measures(found: Assessment) -> list[tuple[str, str, str]]:
    """Every figure as signed and after improvement."""
    after = found.improved
    rows = list(measure_rows(found.signed.measures, after.measures if after else None))
    if found.signed.package is None:
        return rows
    late = listed_seats(found, after) if after else ""
    rows.insert(0, ("Thinnest seat", listed_seats(found, found.signed), late))
    for seat in found.signed.seats:
        use = "" if after is None else share(after.seat(seat.seat).use)
        rows.append((f"Surplus use, {label(found.case, seat.seat)}", share(seat.use), use))
    return rows


def _ledgers(found: Assessment) -> list[tuple[SeatVerdict, Markup]]:
    """Every seat's account with its bars, on one scale."""
    entries = [entry for seat in found.final.seats for entry in seat.entries]
    values = [value for entry in entries for value in (entry.held, entry.got)]
    return [
        (
            seat,
            plots.ledger(
                [
                    plots.Bar(
                        label=entry.currency,
                        held=entry.held,
                        got=entry.got,
                        fill=place,
                        signed=found.final.package is not None,
                    )
                    for place, entry in enumerate(seat.entries)
                ],
                min(values),
                max(values),
                f"What {label(found.case, seat.seat)} holds, by currency",
            ),
        )
        for seat in found.final.seats
    ]


def _clauses(found: Assessment) -> list[dict[str, Any]]:
    """The text in force with the origin of every clause."""
    if found.final.package is None:
        return []
    return [
        {
            "issue": issue,
            "option": issue.option(origin.option),
            "told": wording.cap(wording.evidence(found.case, origin)),
            "quote": quote,
            "said": wording.spoken(found.case, quote) if quote else "",
        }
        for issue, origin in zip(found.case.issues, final_origins(found), strict=True)
        for quote in [origin.quote if origin.quote and origin.quote.about else None]
    ]


def _gains(found: Assessment) -> list[dict[str, Any]]:
    """Per seat and currency the options that pay in it; each names the clause with its words."""
    places = {issue.id: place for place, issue in enumerate(found.case.issues, 1)}
    return [
        {
            "seat": label(found.case, seat.seat),
            "entry": entry,
            "earned": [
                (places[e.issue], wording.clause(found.case, e.issue, e.option), e.points)
                for e in entry.earned
                if e.points > 0
            ],
        }
        for seat in found.final.seats
        for entry in seat.entries
    ]


def _scatters(found: Assessment) -> list[dict[str, Any]]:
    """One scatter for every two seats; the most opposed two come last, and are shown first."""
    seats = found.case.seat_ids
    if not found.zone.signable:
        return []
    totals = found.ground.found.totals
    pairs = list(combinations(range(len(seats)), 2))
    opposed = min(pairs, key=lambda pair: _correlation(totals[:, pair[0]], totals[:, pair[1]]))
    marks = _marks(found)
    ordered = [pair for pair in pairs if pair != opposed] + [opposed]
    return [_scatter(found, first, second, marks) for first, second in ordered]


def _correlation(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    """Correlation of two columns; 1 where one of them does not vary, so that it is not chosen."""
    if one.min() == one.max() or other.min() == other.max():
        return 1.0
    return float(np.corrcoef(one, other)[0, 1])


def _marks(found: Assessment) -> list[tuple[str, str, str, Mapping[str, int]]]:
    """What is marked on every scatter: sign, title, shape, totals."""
    marks: list[tuple[str, str, str, Mapping[str, int]]] = []
    held = {seat.seat: seat.held for seat in found.signed.seats}
    marks.append(("0", "no deal", "cross", held))
    if found.signed.package is not None:
        signed = {seat.seat: seat.total for seat in found.signed.seats}
        marks.append(("D", "the deal as signed", "diamond", signed))
    elif found.start is not None:
        mandates = found.case.mandates
        best = {seat: mandates[seat].total(found.start) for seat in found.case.seat_ids}
        marks.append(("B", "the best-backed offer", "diamond-open", best))
    if found.improved is not None:
        better = {seat.seat: seat.total for seat in found.improved.seats}
        state = wording.IMPROVEMENTS[found.improvement]
        marks.append(("I", f"the improvement ({state})", "diamond-open", better))
    for number, mark in enumerate(found.references, 1):
        shape = "triangle-open" if number <= len(plots.FILLS) - 1 else "square-open"
        marks.append((str(number), mark.title, shape, mark.totals))
    return marks


def _scatter(
    found: Assessment,
    first: int,
    second: int,
    marks: list[tuple[str, str, str, Mapping[str, int]]],
) -> dict[str, Any]:
    """The scatter of two seats with its data."""
    seats, ground = found.case.seat_ids, found.ground
    names = label(found.case, seats[first]), label(found.case, seats[second])
    pairs = ground.found.totals[:, [first, second]]
    cloud = [(int(x), int(y)) for x, y in np.unique(pairs, axis=0)]
    step = -(-len(cloud) // CLOUD)
    edge = _staircase(cloud)
    undominated = [(int(x), int(y)) for x, y in np.unique(pairs[ground.edge], axis=0)]
    dots = [
        plots.Dot(sign=sign, title=title, shape=shape, x=at[seats[first]], y=at[seats[second]])
        for sign, title, shape, at in marks
    ]
    view = plots.Cloud(
        title=f"Totals of {names[0]} and {names[1]} over what all seats could sign",
        x_label=f"{names[0]}, points",
        y_label=f"{names[1]}, points",
        cloud=cloud[::step],
        undominated=undominated,
        edge=edge,
        dots=dots,
    )
    return {
        "id": f"pair-{first + 1}-{second + 1}",
        "names": names,
        "svg": plots.scatter(view),
        "dots": dots,
        "edge": edge,
        "ranges": _ranges(pairs),
        "step": step,
        "points": len(cloud),
    }


def _staircase(cloud: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The points where neither of the two seats can gain without the other losing."""
    edge: list[tuple[int, int]] = []
    for x, y in sorted(cloud, reverse=True):
        if not edge or y > edge[-1][1]:
            edge.append((x, y))
    return edge[::-1]


def _ranges(pairs: npt.NDArray[Any]) -> list[tuple[int, int, int, int]]:
    """The cloud as data: for every total of the first seat the range of the second's, counted."""
    return [
        (int(x), int(column.min()), int(column.max()), len(column))
        for x in np.unique(pairs[:, 0])
        for column in [pairs[pairs[:, 0] == x, 1]]
    ]


def _dances(found: Assessment) -> list[dict[str, Any]]:
    """Every seat's own value of every offer, on one scale for all seats."""
    if not found.offers:
        return []
    case, preset = found.case, found.table.preset
    floors = {seat: case.floor(seat, preset) for seat in case.seat_ids}
    values = [total for offer in found.offers for total in offer.totals.values()]
    values += [floor.total for floor in floors.values()]
    values += [sum(floor.no_deal) for floor in floors.values()]
    deal = found.table.deal
    agreed = next((n for n, o in enumerate(found.offers) if deal and o.number == deal.offer), None)
    return [
        {
            "seat": seat,
            "svg": plots.dance(
                plots.Dance(
                    title=f"What every offer was worth to {label(case, seat)}, turn by turn",
                    turns=found.table.turns,
                    low=min(values) - 2,
                    high=max(values) + 2,
                    no_deal=sum(floors[seat].no_deal),
                    floor=floors[seat].total,
                    beats=[
                        plots.Beat(
                            turn=offer.turn,
                            value=offer.totals[seat],
                            shape="square" if offer.by == seat else "",
                            told=f"offer {offer.number} by {label(case, offer.by)}: "
                            f"{offer.totals[seat]}",
                        )
                        for offer in found.offers
                    ],
                    agreed=agreed,
                )
            ),
        }
        for seat in case.seat_ids
    ]
