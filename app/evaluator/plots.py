"""The plots of an assessment as inline SVG: shape and label carry the meaning, colour only helps.

Everything that comes from a record goes through Markup.format, which escapes it. Classes are
styled by the page, so the plots follow its light and dark colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from app.evaluator.wording import shown, signed

WIDE = 480
"""Width of a scatter."""

FILLS = ("f0", "f1", "f2", "f3")
"""Fill classes of the currencies in order: plain, striped, dotted, crossed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the ledger."""

    label: str
    held: int
    got: int
    fill: int
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A marked point with the sign that stands beside it."""

    sign: str
    title: str
    x: int
    y: int
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One linear axis: values from `low` to `high` drawn from `start` to `end`."""

    low: int
    high: int
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies."""
        span = max(1, self.high - self.low)
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1)

    def ticks(self) -> list[int]:
        """Round values along the axis, about five of them."""
        span = max(1, self.high - self.low)
        ten = 10 ** (len(str(span)) - 1)
        steps = (max(1, ten * n // 10) for n in (1, 2, 5, 10, 20, 50))
        step = next(step for step in steps if span / step <= 6)
        first = -(-self.low // step) * step
        return list(range(first, self.high + 1, step))


def brief(value: int) -> str:
    """A tick's number: thousands as k, so that it keeps within its margin."""
    told = f"{value // 1000}k" if abs(value) >= 10_000 and value % 1000 == 0 else str(value)
    return told.replace("-", "\u2212")


def axis(values: Sequence[int], start: float, end: float) -> Axis:
    """An axis that holds all values with a little room."""
    low, high = (min(values), max(values)) if values else (0, 1)
    pad = max(1, (high - low) // 40)
    return Axis(low=low - pad, high=high + pad, start=start, end=end)


def patterns() -> Markup:
    """The fills, defined once a page."""
    return Markup(
        '<svg width="0" height="0" aria-hidden="true" class="defs"><defs>'
        '<pattern id="p1" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" class="b1"/>'
        '<rect width="2.4" height="6" class="s1"/></pattern>'
        '<pattern id="p2" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect width="6" height="6" class="b2"/><circle cx="3" cy="3" r="1.5" class="s2"/>'
        "</pattern>"
        '<pattern id="p3" width="7" height="7" patternUnits="userSpaceOnUse">'
        '<rect width="7" height="7" class="b3"/><path d="M0 0L7 7M7 0L0 7" class="s3"/>'
        "</pattern></defs></svg>"
    )


def ledger(bars: Sequence[Bar], low: int, high: int, title: str, says: str = "") -> Markup:
    """One seat's bars with the no-deal mark on each; `low` and `high` are common to all seats."""
    across = Axis(low=min(0, low), high=max(1, high), start=78, end=352)
    parts: list[Markup] = []
    zero = across.at(0)
    for row, bar in enumerate(bars):
        top = 6 + row * 26
        left, right = sorted((zero, across.at(bar.got)))
        gain = bar.got - bar.held
        note = " nothing" if gain == 0 else " below no deal" if gain < 0 else ""
        told = f" ({signed(gain)}){note}" if bar.signed else ""
        parts.append(
            Markup(
                '<text x="72" y="{ty}" class="lab end">{label}</text>'
                '<rect x="{x}" y="{y}" width="{w}" height="16" class="{fill}"/>'
                '<path d="M{m} {m0}V{m1}" class="halo"/><path d="M{m} {m0}V{m1}" class="nd"/>'
                '<text x="{vx}" y="{ty}" class="val">{got}{told}</text>'
            ).format(
                label=shown(bar.label),
                x=left,
                y=top,
                w=max(0.5, round(right - left, 1)),
                fill=FILLS[bar.fill % len(FILLS)],
                m=across.at(bar.held),
                m0=top - 3,
                m1=top + 19,
                vx=max(right, across.at(bar.held)) + 7,
                ty=top + 13,
                got=str(bar.got).replace("-", "\u2212"),
                told=told,
            )
        )
    parts.append(Markup('<path d="M{x} 2V{h}" class="ax"/>').format(x=zero, h=len(bars) * 26 + 4))
    return picture(460, len(bars) * 26 + 8, title, says, parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """What a scatter shows of two seats: pairs of totals, and the marks."""

    title: str
    x_label: str
    y_label: str
    cloud: Sequence[tuple[int, int]]
    undominated: Sequence[tuple[int, int]]
    edge: Sequence[tuple[int, int]]
    dots: Sequence[Dot]
    says: str = ""


def scatter(view: Cloud) -> Markup:
    """Signable packages of two seats, what is undominated, and the marked points."""
    across = axis([*(x for x, _ in view.cloud), *(dot.x for dot in view.dots)], 44, 448)
    up = axis([*(y for _, y in view.cloud), *(dot.y for dot in view.dots)], 300, 12)
    parts = frame(across, up, view.x_label, view.y_label)
    for name, pairs in (("cl", view.cloud), ("un", view.undominated)):
        path = "".join(f"M{across.at(x):g} {up.at(y):g}h0" for x, y in pairs)
        parts.append(Markup('<path d="{}" class="{}"/>').format(path, name))
    edge = "L".join(f"{across.at(x):g} {up.at(y):g}" for x, y in view.edge)
    if edge:
        parts.append(Markup('<path d="M{}" class="edge"/>').format(edge))
    placed = [(dot, across.at(dot.x), up.at(dot.y)) for dot in _merged(view.dots)]
    parts += [shape(dot, x, y) for dot, x, y in placed]
    taken = [(x - 7, x + 7, y) for _, x, y in placed]
    parts += [_sign(dot, x, y, taken) for dot, x, y in placed]
    return picture(WIDE, 340, view.title, view.says, parts)


def _merged(dots: Sequence[Dot]) -> list[Dot]:
    """One marker a place: what falls together shares the first one's shape and all signs."""
    places: dict[tuple[int, int], Dot] = {}
    for dot in dots:
        held = places.get((dot.x, dot.y))
        if held is not None:
            dot = replace(held, sign=f"{held.sign},{dot.sign}", title=f"{held.title}; {dot.title}")
        places[dot.x, dot.y] = dot
    return list(places.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """An offer in the dance of one seat: `shape` is its own step's, empty for others' offers."""

    turn: int
    value: int
    shape: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dance:
    """One seat's value of every offer over the turns; `news` are the turns after which it came.

    `agreed` is the place of the signed offer among the beats.
    """

    title: str
    turns: int
    low: int
    high: int
    no_deal: int
    floor: int
    beats: Sequence[Beat]
    agreed: int | None
    news: Sequence[int] = ()
    says: str = ""


def dance(view: Dance) -> Markup:
    """Own offers on a line with a shape for each kind of step, small rings for those of others."""
    across = Axis(low=0, high=max(1, view.turns), start=30, end=246)
    up = Axis(low=view.low, high=view.high, start=132, end=10)
    parts = frame(across, up, "turn", "")
    for turn in dict.fromkeys(view.news):
        parts.append(Markup('<path d="M{x} 10V132" class="news"/>').format(x=across.at(turn + 0.5)))
    for value, name, word in ((view.no_deal, "nd ndl", "no deal"), (view.floor, "fl", "floor")):
        y = up.at(value)
        parts.append(
            Markup(
                '<path d="M30 {y}H246" class="{name}"/><text x="254" y="{ty}" class="tick">'
                "{word}</text>"
            ).format(y=y, name=name, word=word, ty=y + (10 if name == "nd ndl" else 0))
        )
    own = [(across.at(beat.turn), up.at(beat.value)) for beat in view.beats if beat.shape]
    if len(own) > 1:
        line = "L".join(f"{x:g} {y:g}" for x, y in own)
        parts.append(Markup('<path d="M{}" class="own"/>').format(line))
    for beat in sorted(view.beats, key=lambda each: bool(each.shape)):
        dot = Dot(sign="", title=beat.told, x=beat.turn, y=beat.value, shape=beat.shape or "ring")
        parts.append(shape(dot, across.at(beat.turn), up.at(beat.value), 4 if beat.shape else 2.4))
    if view.agreed is not None:
        beat = view.beats[view.agreed]
        dot = Dot(sign="", title="signed", x=beat.turn, y=beat.value, shape="circle-open")
        parts.append(shape(dot, across.at(beat.turn), up.at(beat.value), size=8))
    return picture(300, 162, view.title, view.says, parts)


def picture(width: int, height: int, title: str, says: str, parts: Sequence[Markup]) -> Markup:
    """A plot: `title` names it, `says` tells in words what it shows."""
    head = Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-label="{title}" class="plot">'
        "<title>{title}</title>"
    ).format(w=width, h=height, title=shown(title))
    told = Markup("<desc>{}</desc>").format(shown(says)) if says else Markup("")
    return head + told + Markup("").join(parts) + Markup("</svg>")


def frame(
    across: Axis, up: Axis, x_label: str, y_label: str, *, levels: bool = True
) -> list[Markup]:
    """Axes with ticks, a light grid and the names of what they count."""
    bottom, left = up.start, across.start
    down = Markup(
        '<path d="M{x:g} {top:g}V{bottom:g}" class="grid"/>'
        '<text x="{x:g}" y="{below:g}" class="tick mid">{value}</text>'
    )
    level = Markup(
        '<path d="M{left:g} {y:g}H{right:g}" class="grid"/>'
        '<text x="{beside:g}" y="{base:g}" class="tick end">{value}</text>'
    )
    parts = [
        down.format(x=across.at(v), top=up.end, bottom=bottom, below=bottom + 14, value=brief(v))
        for v in across.ticks()
    ]
    for v in up.ticks() if levels else ():
        y = up.at(v)
        beside = left - 5
        parts.append(
            level.format(
                left=left, y=y, right=across.end, beside=beside, base=y + 4, value=brief(v)
            )
        )
    parts.append(
        Markup('<text x="{:g}" y="{:g}" class="lab end">{} \u2192</text>').format(
            across.end, bottom + 29, shown(x_label)
        )
    )
    if y_label:
        turned = Markup(
            '<text transform="translate(12 {:g}) rotate(-90)" class="lab end">{} \u2192</text>'
        )
        parts.append(turned.format(up.end, shown(y_label)))
    return parts


_SHAPES = {
    "diamond": "M{x} {n}L{e} {y}L{x} {s}L{w} {y}Z",
    "square": "M{w} {n}H{e}V{s}H{w}Z",
    "triangle": "M{x} {n}L{e} {s}H{w}Z",
    "down": "M{x} {s}L{e} {n}H{w}Z",
    "cross": "M{w} {n}L{e} {s}M{e} {n}L{w} {s}",
}


def shape(dot: Dot, x: float, y: float, size: float = 6) -> Markup:
    """A marker; its tooltip says what it is. A circle is hollow: it surrounds another marker."""
    title = Markup("<title>{}</title>").format(shown(dot.title))
    kind = dot.shape.removesuffix("-open")
    name = f"mk {'open' if dot.shape.endswith('-open') or kind == 'ring' else 'full'} {kind}"
    if kind in ("ring", "circle"):
        mark = Markup('<circle cx="{x}" cy="{y}" r="{r}" class="{name}">').format(
            x=x, y=y, r=size, name=name
        )
        return mark + title + Markup("</circle>")
    sides = {"x": x, "y": y, "n": y - size, "s": y + size, "w": x - size, "e": x + size}
    path = _SHAPES[kind].format(**{key: f"{side:g}" for key, side in sides.items()})
    return Markup('<path d="{}" class="{}">').format(path, name) + title + Markup("</path>")


def _sign(dot: Dot, x: float, y: float, taken: list[tuple[float, float, float]]) -> Markup:
    """The sign beside a marker, where no marker and no other sign stands if there is room.

    `taken` holds left, right and middle of what stands already.
    """
    wide = 8.0 * len(dot.sign)
    places = [
        (left, y + down)
        for down in (4, -8, 17, -20, 29)
        for left in (x + 9, x - 9 - wide, x - wide / 2)
    ]
    free = (
        (left, base)
        for left, base in places
        if left + wide < WIDE
        and all(left + wide < a or left > b or abs(base - 4 - y) > 11 for a, b, y in taken)
    )
    left, base = next(free, places[0])
    taken.append((left, left + wide, base - 4))
    return Markup('<text x="{:g}" y="{:g}" class="sign">{}</text>').format(
        left, base, shown(dot.sign)
    )
