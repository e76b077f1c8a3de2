"""Random domains: seeded sheets of chosen conflict, floors as a share of the Nash point.

An issue is shared (all want the same end of it) or contested (seats want opposite ends). The
kinds differ in how much is contested and by whom:

cooperative  one issue in five is contested, the sides drawn anew for each
mixed        every second issue is
camps        every issue is, the sides drawn anew for each
zero-sum     every issue is, between the same two blocs, with nearly equal weights and steps

The Nash point is that of the sheets with zero for no deal. Every floor is the same share of
what the seat gets there; the share is chosen so that the zone holds the part of all packages
that was asked for (at least one package), or none.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.domain.case import Case, PassRule, Preset, Seat, Session
from app.domain.mandate import Mandate, NoDealLine, Style
from app.domain.terms import Issue, Option

KINDS = ("cooperative", "mixed", "camps", "zero-sum")
CONTESTED = {"cooperative": 0.2, "mixed": 0.5, "camps": 1.0, "zero-sum": 1.0}
SCALE = 1_000
"""Points of a sheet's best options: fine enough for zones of a ten-thousandth."""

GAIN = 10
"""No deal is this much below the floor: a bare signature is worth one per cent of the scale."""

MOST_PACKAGES = 262_144
EMPTY = 1.05
"""Where no package shall be signable by all, floors are this share of the Nash point."""

Sheet = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Sheets and floors as plain numbers; `signable` counts the zone by its own enumeration."""

    name: str
    kind: str
    sheets: tuple[Sheet, ...]
    floors: tuple[int, ...]
    packages: int
    signable: int

    def total(self, seat: int, places: tuple[int, ...]) -> int:
        """Worth of a package given by option positions."""
        return sum(row[place] for row, place in zip(self.sheets[seat], places, strict=True))


def domain(
    seed: int, *, seats: int, issues: int, kind: str, zone: float, limit: int = MOST_PACKAGES
) -> Domain:
    """The domain of a seed. `zone` is the part of all packages that all seats can sign; 0: none."""
    dice = random.Random(f"domain/{seed}/{seats}/{issues}/{kind}")
    sizes = _sizes(dice, issues, limit)
    sheets = drawn_sheets(dice, seats, sizes, kind)
    totals = all_totals(sheets)
    # Sums of logarithms: ten seats' products of thousands do not fit into 64 bits.
    point = totals[:, int(np.log(np.maximum(totals, 1)).sum(axis=0).argmax())]
    floors = _floors(totals, point, zone)
    able = (totals >= np.array(floors)[:, None]).all(axis=0)
    return Domain(
        name=f"{kind}-{seats}-{issues}-{seed}",
        kind=kind,
        sheets=sheets,
        floors=floors,
        packages=totals.shape[1],
        signable=int(able.sum()),
    )


def all_totals(sheets: tuple[Sheet, ...]) -> npt.NDArray[np.int64]:
    """Totals of every package, one row a seat; the last issue turns fastest."""
    rows = []
    for sheet in sheets:
        grown = np.zeros(1, dtype=np.int64)
        for row in sheet:
            grown = (grown[:, None] + np.array(row)[None, :]).ravel()
        rows.append(grown)
    return np.stack(rows)


def _sizes(dice: random.Random, issues: int, limit: int) -> tuple[int, ...]:
    """Three to five options an issue, fewer where there would be too many packages."""
    sizes = [dice.randint(3, 5) for _ in range(issues)]
    while np.prod(np.array(sizes, dtype=np.float64)) > limit:
        large = [place for place, size in enumerate(sizes) if size == max(sizes)]
        sizes[dice.choice(large)] -= 1
    return tuple(sizes)


def drawn_sheets(
    dice: random.Random, seats: int, sizes: tuple[int, ...], kind: str
) -> tuple[Sheet, ...]:
    """A sheet for every seat, of the chosen conflict."""
    blocs = _sides(dice, seats)
    contested = set(dice.sample(range(len(sizes)), max(1, round(CONTESTED[kind] * len(sizes)))))
    ends: list[list[bool]] = []
    for place in range(len(sizes)):
        if kind == "zero-sum":
            ends.append(blocs)
        elif place in contested:
            ends.append(_sides(dice, seats))
        else:
            ends.append([True] * seats)
    even = kind == "zero-sum"
    found: list[Sheet] = []
    for seat in range(seats):
        weights = _weights(dice, len(sizes), even)
        rows = [
            _row(dice, weight, size, ends[place][seat], even)
            for place, (weight, size) in enumerate(zip(weights, sizes, strict=True))
        ]
        found.append(tuple(rows))
    return tuple(found)


def _sides(dice: random.Random, seats: int) -> list[bool]:
    """A side for every seat, neither side empty."""
    sides = [dice.random() < 0.5 for _ in range(seats)]
    if len(set(sides)) == 1:
        sides[dice.randrange(seats)] = not sides[0]
    return sides


def _weights(dice: random.Random, issues: int, even: bool) -> list[int]:
    """Whole points that add up to the scale: drawn, or nearly the same for all issues."""
    drawn = [dice.uniform(0.95, 1.05) if even else dice.gammavariate(1.5, 1) for _ in range(issues)]
    whole = [int(SCALE * one / sum(drawn)) for one in drawn]
    whole[max(range(issues), key=drawn.__getitem__)] += SCALE - sum(whole)
    return whole


def _row(dice: random.Random, weight: int, size: int, up: bool, even: bool) -> tuple[int, ...]:
    """Worth of an issue's options: from nothing to the weight in drawn or in even steps."""
    steps = [1.0 if even else dice.uniform(0.2, 1.0) for _ in range(size - 1)]
    sums = [sum(steps[:n]) / sum(steps) for n in range(size)]
    row = tuple(round(weight * one) for one in sums)
    return row if up else row[::-1]


def _floors(
    totals: npt.NDArray[np.int64], point: npt.NDArray[np.int64], zone: float
) -> tuple[int, ...]:
    """One share of the Nash point for all, half-way between the last package in and the next."""
    share = EMPTY
    if zone > 0:
        ranked = np.sort((totals / np.maximum(point, 1)[:, None]).min(axis=0))[::-1]
        last = max(1, round(zone * totals.shape[1])) - 1
        following = ranked[min(last + 1, len(ranked) - 1)]
        share = float(ranked[last] + following) / 2
    return tuple(max(GAIN, int(np.ceil(share * worth))) for worth in point)


def case_of(held: Domain, styles: tuple[Style, ...] | None = None, rounds: int = 10) -> Case:
    """The domain as a case, made without files; seats know nothing of one another."""
    names = tuple(f"seat-{number}" for number in range(1, len(held.sheets) + 1))
    issues = _issues(held.sheets[0])
    given = styles or (Style(),) * len(names)
    mandates = (
        _mandate(name, issues, sheet, (floor, floor - GAIN), style)
        for name, sheet, floor, style in zip(names, held.sheets, held.floors, given, strict=True)
    )
    return _case(held.name, names, issues, tuple(mandates), rounds)


def solver_case(sheets: tuple[Sheet, ...], floor: int) -> Case:
    """Sheets as a case in which no deal is worth the floor to everybody."""
    names = tuple(f"seat-{number}" for number in range(1, len(sheets) + 1))
    issues = _issues(sheets[0])
    mandates = tuple(
        _mandate(name, issues, sheet, (floor, floor), Style())
        for name, sheet in zip(names, sheets, strict=True)
    )
    return replace(_case("solver", names, issues, mandates, 10), gain=0)


def _issues(sheet: Sheet) -> tuple[Issue, ...]:
    return tuple(
        Issue(
            id=f"issue-{n}", title=f"Issue {n}", topic=f"issue {n}", options=_options(n, len(row))
        )
        for n, row in enumerate(sheet, start=1)
    )


def _case(
    name: str,
    names: tuple[str, ...],
    issues: tuple[Issue, ...],
    mandates: tuple[Mandate, ...],
    rounds: int,
) -> Case:
    return Case(
        id=name,
        title=f"Random domain {name}",
        as_of="2026-11-22",
        disclaimer="Drawn at random; it stands for nothing.",
        not_on_table="",
        currencies=("value",),
        scale=SCALE,
        gain=GAIN,
        issues=issues,
        seats=tuple(Seat(id=each, name=each, short=each, brief="", phrases={}) for each in names),
        rule=PassRule(required=names, at_least=len(names)),
        presets=(Preset(id="standard", text="The floor as drawn.", strong=False),),
        session=Session(preset="standard", rounds=rounds, improve=True, injects=False),
        mandates={mandate.seat: mandate for mandate in mandates},
    )


def _options(issue: int, count: int) -> tuple[Option, ...]:
    return tuple(
        Option(id=f"i{issue}-{letter}", label=f"{letter} on issue {issue}", text=f"{letter}.")
        for letter in "abcde"[:count]
    )


def _mandate(
    seat: str, issues: tuple[Issue, ...], sheet: Sheet, levels: tuple[int, int], style: Style
) -> Mandate:
    """`levels` are the least total and the worth of no deal."""
    least, held = levels
    rows = tuple(
        {option.id: (points,) for option, points in zip(issue.options, row, strict=True)}
        for issue, row in zip(issues, sheet, strict=True)
    )
    return Mandate(
        seat=seat,
        brief="",
        sheet=rows,
        no_deal_lines=(NoDealLine(line="no deal", points=(held,)),),
        red_lines=(),
        least={"standard": least},
        style=style,
    )


def lowered(held: Domain, seat: int, points: int) -> Domain:
    """The same domain with one floor lowered."""
    floors = tuple(f - points if n == seat else f for n, f in enumerate(held.floors))
    able = (all_totals(held.sheets) >= np.array(floors)[:, None]).all(axis=0)
    return replace(held, floors=floors, signable=int(able.sum()))
