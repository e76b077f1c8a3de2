"""The report's further plots: stacked purses, four marks a seat, positions, talk, blocs, moods.

Every mark differs in shape, pattern or a printed number before it differs in colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.evaluator.plots import FILLS, Axis, Dot, brief, frame, picture, shape
from app.evaluator.wording import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """One stacked bar: a part for every currency, with marks for no deal and the floor."""

    label: str
    parts: tuple[int, ...]
    no_deal: int
    floor: int
    note: str


def stack(piles: Sequence[Pile], title: str, says: str) -> Markup:
    """Stacked bars on one scale. Parts below nought are stacked to the left of it."""
    lows = [sum(part for part in pile.parts if part < 0) for pile in piles]
    highs = [max(sum(p for p in x.parts if p > 0), x.no_deal, x.floor) for x in piles]
    across = Axis(low=min([0, *lows]), high=max([1, *highs]), start=112, end=560)
    drawn: list[Markup] = []
    for row, pile in enumerate(piles):
        top = 10 + row * 36
        drawn.append(_text(106, top + 16, pile.label, "lab end"))
        ends = {True: 0, False: 0}
        numbers: list[Markup] = []
        for place, part in enumerate(pile.parts):
            if not part:
                continue
            start = ends[part > 0]
            ends[part > 0] = start + part
            left, right = sorted((across.at(start), across.at(start + part)))
            drawn.append(
                Markup('<rect x="{}" y="{}" width="{}" height="22" class="{}"/>').format(
                    left, top, round(right - left, 1), FILLS[place % len(FILLS)]
                )
            )
            if right - left > 18:
                bars = [across.at(pile.no_deal), across.at(pile.floor)]
                numbers.append(
                    _text(_clear(left, right, bars), top + 15, str(part), "val mid inbar")
                )
        for value, name in ((pile.no_deal, "nd"), (pile.floor, "flm")):
            x = across.at(value)
            drawn.append(
                Markup(
                    '<path d="M{x} {a}V{b}" class="halo"/><path d="M{x} {a}V{b}" class="{n}"/>'
                ).format(x=x, a=top - 4, b=top + 26, n=name)
            )
        drawn += numbers
        edge = max(
            across.at(sum(p for p in pile.parts if p > 0)),
            across.at(pile.no_deal),
            across.at(pile.floor),
        )
        drawn.append(_text(edge + 8, top + 15, pile.note, "val"))
    high = len(piles) * 36 + 8
    drawn.append(Markup('<path d="M{} 4V{}" class="ax"/>').format(across.at(0), high))
    return picture(700, high + 6, title, says, drawn)


def _clear(left: float, right: float, bars: Sequence[float]) -> float:
    """Where a number stands in its part of a bar, off the marks where there is room."""
    places = ((left + right) / 2, left + 11, right - 11)
    return next((x for x in places if all(abs(x - bar) > 13 for bar in bars)), places[0])


LEVELS = (("nd", "cross"), ("flm", "square-open"), ("own", "diamond"), ("un", "triangle-open"))
"""Line and marker of no deal, floor, outcome and best signable."""


def axes(
    seats: Sequence[str],
    levels: Sequence[tuple[str, int, Mapping[str, int]]],
    labels: Mapping[str, str],
    title: str,
    says: str,
) -> Markup:
    """One upright axis a seat; `levels` are name, place in LEVELS, and values by seat."""
    values = [value for _, _, held in levels for value in held.values()]
    up = Axis(low=min([0, *values]), high=max([1, *values]) + 4, start=250, end=16)
    gap = 430 / max(1, len(seats) - 1)
    wide = [70 + place * gap for place in range(len(seats))] if len(seats) > 1 else [285.0]
    drawn = [Markup('<path d="M{x:g} 16V250" class="grid"/>').format(x=x) for x in wide]
    for x, seat in zip(wide, seats, strict=True):
        drawn.append(_text(x, 270, labels[seat], "lab mid"))
    drawn += [_text(40, up.at(v) + 4, brief(v), "tick end") for v in up.ticks()]
    beside: dict[float, list[tuple[float, str]]] = {}
    for name, kind, held in levels:
        line, marker = LEVELS[kind]
        spots = [(x, up.at(held[s]), s) for x, s in zip(wide, seats, strict=True) if s in held]
        if len(spots) > 1:
            path = "L".join(f"{x:g} {y:g}" for x, y, _ in spots)
            drawn.append(Markup('<path d="M{}" class="lv {}"/>').format(path, line))
        for x, y, seat in spots:
            told = f"{labels[seat]}, {name}: {held[seat]}"
            dot = Dot(sign="", title=told, x=0, y=held[seat], shape=marker)
            drawn.append(shape(dot, x, y, size=5))
            beside.setdefault(x, []).append((y, str(held[seat]).replace("-", "\u2212")))
    for x, numbers in beside.items():
        last = -99.0
        for y, number in sorted(set(numbers)):
            last = max(y + 4, last + 12)
            drawn.append(_text(x + 9, last, number, "val sm"))
    return picture(560, 282, title, says, drawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """One cell of a heat map: what stands in it, how dark it is (0 to 4), and its tooltip."""

    text: str
    shade: int
    title: str


def heat(
    rows: Sequence[tuple[str, Sequence[Square]]],
    heads: Sequence[str],
    title: str,
    says: str,
    left: int = 190,
) -> Markup:
    """A map of squares: the number in each says what the shade says."""
    cell = min(52, max(30, int(470 / max(1, len(heads)))))
    drawn = [
        _text(left + n * cell + cell / 2, 14, head, "tick mid") for n, head in enumerate(heads)
    ]
    for row, (label, squares) in enumerate(rows):
        top = 22 + row * 30
        drawn.append(_text(left - 8, top + 18, label, "lab end"))
        for place, square in enumerate(squares):
            x = left + place * cell
            drawn.append(
                Markup(
                    '<g><title>{}</title><rect x="{}" y="{}" width="{}" height="26" '
                    'class="h{}"/><text x="{:g}" y="{}" class="cell mid{}">{}</text></g>'
                ).format(
                    shown(square.title),
                    x,
                    top,
                    cell - 4,
                    square.shade,
                    x + cell / 2 - 2,
                    top + 18,
                    " dark" if square.shade > 2 else "",
                    shown(square.text),
                )
            )
    return picture(left + len(heads) * cell + 8, 26 + len(rows) * 30, title, says, drawn)


def blocs(
    rows: Sequence[tuple[str, Sequence[bool | None]]], heads: Sequence[str], title: str, says: str
) -> Markup:
    """Who stands together: a full square behind the best-backed offer, a ring apart."""
    left, cell = 150, 42
    drawn = [_text(left + n * cell + 14, 14, head, "tick mid") for n, head in enumerate(heads)]
    for row, (label, held) in enumerate(rows):
        top = 34 + row * 26
        drawn.append(_text(left - 10, top + 4, label, "lab end"))
        for place, together in enumerate(held):
            if together is None:
                continue
            x = left + place * cell + 14.0
            told = f"{label}, round {heads[place]}: {'behind it' if together else 'apart'}"
            kind = "square" if together else "ring"
            dot = Dot(sign="", title=told, x=place, y=row, shape=kind)
            drawn.append(shape(dot, x, float(top), size=7 if together else 5))
    return picture(left + len(heads) * cell + 10, 26 + len(rows) * 26, title, says, drawn)


def marks(rows: Sequence[tuple[str, float]], low: int, high: int, title: str, says: str) -> Markup:
    """One mark a row on a scale from low to high, with its number."""
    across = Axis(low=low, high=high, start=130, end=330)
    drawn: list[Markup] = []
    for row, (label, value) in enumerate(rows):
        y = 18 + row * 26
        drawn.append(_text(122, y + 4, label, "lab end"))
        drawn.append(Markup('<path d="M130 {y}H330" class="grid"/>').format(y=y))
        dot = Dot(sign="", title=f"{label}: {value:g}", x=0, y=0, shape="diamond")
        drawn.append(shape(dot, across.at(value), float(y), size=6))
        drawn.append(_text(344, y + 4, f"{value:g}", "val"))
    base = 22 + len(rows) * 26
    drawn += [_text(across.at(n), base, str(n), "tick mid") for n in range(low, high + 1)]
    return picture(390, base + 8, title, says, drawn)


def spreads(
    rows: Sequence[tuple[str, Sequence[int], int]], title: str, says: str, x_label: str
) -> Markup:
    """Per seat the totals of all tables on one scale; the first, this table, is full."""
    every = [value for _, values, _ in rows for value in values] + [held for _, _, held in rows]
    across = Axis(low=min(every) - 2, high=max(every) + 2, start=130, end=520)
    base = 24 + len(rows) * 30
    up = Axis(low=0, high=1, start=base, end=10)
    drawn = frame(across, up, x_label, "", levels=False)
    for row, (label, values, held) in enumerate(rows):
        y = 26.0 + row * 30
        drawn.append(_text(122, y + 4, label, "lab end"))
        cross = Dot(sign="", title=f"{label}, no deal: {held}", x=held, y=0, shape="cross")
        drawn.append(shape(cross, across.at(held), y, size=5))
        for place, value in reversed(list(enumerate(values))):
            told = f"{label}, table {place + 1}: {value}"
            kind = "diamond" if place == 0 else "ring"
            dot = Dot(sign="", title=told, x=value, y=0, shape=kind)
            drawn.append(shape(dot, across.at(value), y, size=6 if place == 0 else 4.5))
    return picture(540, base + 34, title, says, drawn)


def _text(x: float, y: float, text: str, name: str) -> Markup:
    return Markup('<text x="{:g}" y="{:g}" class="{}">{}</text>').format(x, y, name, shown(text))
