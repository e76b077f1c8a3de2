"""Chapters 1 to 4: the verdict, the currency ledger, the frontier and the axes."""

from __future__ import annotations

from app.evaluator import plots, wording
from app.evaluator.debrief.frontier import Mark, Pair
from app.evaluator.debrief.ground import Untold
from app.evaluator.debrief.outcome import Account, Axes, Ledger, Purse, Verdict
from app.evaluator.debrief.whole import Debrief
from app.evaluator.handout import drawings
from app.evaluator.handout.blocks import Block, Drawing, Grid, Para, Part, Points
from app.evaluator.handout.naming import Names, points, untold, yes
from app.evaluator.wording import signed

PAID = 2
"""Clauses named for a gain in the ledger's table; the JSON holds all."""


def verdict(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 1."""
    page = told.verdict
    return (
        Para(text=page.headline, tone="lead"),
        Para(text=_ending(page)),
        *_alarms(page),
        *_rows(told, page, names),
        *_text(page, names),
        *_without(page),
        Part(
            title="How to read this",
            blocks=(
                Para(text=told.heading.yardstick),
                *(Para(text=text) for text in wording.CONVENTIONS),
                Para(text=told.heading.not_on_table),
            ),
        ),
    )


def _ending(page: Verdict) -> str:
    state = "the table is open" if page.outcome == "open" else wording.OUTCOMES[page.outcome]
    reason = f" ({page.reason})" if page.reason else ""
    better = f" {page.improvement}" if page.improvement else ""
    return f"Outcome: {state}{reason}. {page.progress}.{better}"


def _alarms(page: Verdict) -> list[Block]:
    told: list[Block] = []
    if page.record_mode:
        text = "Record mode: the floor was not enforced at this table."
        told.append(Para(text=text, tone="alarm"))
    told += [Para(text=f"Override: {text}", tone="alarm") for text in page.overrides]
    return told


def _rows(told: Debrief, page: Verdict, names: Names) -> list[Block]:
    """A row for every seat; the three readings stand together."""
    if not page.clauses:
        return []
    rows = []
    for each in page.accounts:
        arrows = ", ".join(_arrow(purse) for purse in each.purses)
        kept = f"{each.lines - len(each.crossed)} of {each.lines} kept"
        capital = (
            f"{each.capital}, {'met' if each.total >= each.capital else 'NOT met'}"
            if each.capital
            else "none"
        )
        over = " (override)" if each.overridden else ""
        rows.append(
            (
                names.seat(each.seat),
                ("yes" if each.signed else "no") + over,
                f"{each.total} ({signed(each.gain)})",
                arrows,
                capital,
                kept,
                yes(each.any),
                yes(each.strong),
                yes(each.each),
            )
        )
    head = (
        "Seat", "Signed", "Points (over no deal)", "By currency", "Mandate", "Red lines",
        "Any", "Strong", "Each",
    )  # fmt: skip
    asks = [f"{name}: {text.format(gain=told.heading.gain)}" for name, text in wording.READINGS]
    blocks: list[Block] = [
        Grid(caption="Something of value, seat by seat", head=head, rows=tuple(rows)),
        Para(text=f"What the readings ask of a seat. {'; '.join(asks)}.", tone="note"),
    ]
    crossed = [
        f"{names.seat(each.seat)} signed across its own red line: {text}"
        for each in page.accounts
        for text in each.crossed
    ]
    return [*blocks, Points(items=tuple(crossed))] if crossed else blocks


def _arrow(purse: Purse) -> str:
    mark = "\u2191" if purse.gain > 0 else "\u2193" if purse.gain < 0 else "\u2192"
    return f"{purse.currency}\u00a0{mark}\u00a0{signed(purse.gain)}"


def _text(page: Verdict, names: Names) -> list[Block]:
    """The text in force with the words that brought every clause to the table."""
    if not page.clauses:
        return []
    blocks: list[Block] = []
    for number, clause in enumerate(page.clauses, 1):
        silent = "" if clause.cite else f" {wording.UNNAMED}"
        parts: list[Block] = [Para(text=clause.text)]
        parts.append(Para(text=f"{clause.came}.{silent}", tone="note"))
        parts += names.words(clause.cite)
        blocks.append(Part(title=f"{number}. {clause.title}", blocks=tuple(parts)))
    return [Part(title="The text in force", blocks=tuple(blocks))]


def _without(page: Verdict) -> list[Block]:
    """Talks without a deal."""
    if page.clauses:
        return []
    blocks: list[Block] = []
    if page.closest:
        blocks.append(Part(title="What came closest", blocks=(Points(items=page.closest),)))
    if page.stands:
        blocks.append(Part(title="Where everybody stood last", blocks=(Points(items=page.stands),)))
    return blocks


# -- 2 --------------------------------------------------------------------------------------------


def ledger(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 2."""
    page = told.ledger
    currencies = told.heading.currencies
    title = "Points of every seat, stacked by currency"
    what = "in the text in force" if page.signed else "without a deal"
    piles = [
        drawings.Pile(
            label=names.seat(each.seat),
            parts=tuple(purse.got for purse in each.purses),
            no_deal=each.no_deal,
            floor=each.floor,
            note=f"{each.total} ({signed(each.gain)})" if page.signed else str(each.total),
        )
        for each in page.accounts
    ]
    key = ", ".join(
        f"{name} {('plain', 'striped', 'dotted', 'crossed')[place % 4]}"
        for place, name in enumerate(currencies)
    )
    says = (
        f"One bar a seat {what}: {key}. Solid mark: no deal. Dashed mark: the floor, the least "
        "total it may sign."
    )
    blocks: list[Block] = [
        Para(text="A point is worth something to its own seat only: compare within a row."),
        Drawing(
            title=title,
            says=says,
            svg=drawings.stack(piles, title, says),
            grid=_ledger_grid(page, currencies, names),
        ),
    ]
    if page.signed:
        bars = [_currency_bars(page, names)] if len(currencies) > 1 else []
        blocks += [*bars, _earned(told, names)]
    return tuple(blocks)


def _ledger_grid(page: Ledger, currencies: tuple[str, ...], names: Names) -> Grid:
    rows = tuple(
        (
            names.seat(each.seat),
            *(_held(purse, signed_text=page.signed) for purse in each.purses),
            f"{each.total} ({each.no_deal}, {signed(each.gain)})"
            if page.signed
            else str(each.no_deal),
            str(each.floor),
        )
        for each in page.accounts
    )
    caption = "Points (no deal, gain)" if page.signed else "Points without a deal"
    marked = frozenset(
        place
        for place, each in enumerate(page.accounts)
        if page.signed and min(purse.gain for purse in each.purses) <= 0
    )
    head = ("Seat", *currencies, "Total", "Floor")
    return Grid(caption=caption, head=head, rows=rows, marked=marked)


def _held(purse: Purse, *, signed_text: bool) -> str:
    if not signed_text:
        return points(purse.no_deal)
    flag = "" if purse.gain > 0 else ", nothing" if purse.gain == 0 else ", below no deal"
    return f"{points(purse.got)} ({points(purse.no_deal)}, {signed(purse.gain)}{flag})"


def _currency_bars(page: Ledger, names: Names) -> Part:
    """One small plot a seat: got against no deal, currency by currency."""
    purses = [purse for each in page.accounts for purse in each.purses]
    values = [value for purse in purses for value in (purse.no_deal, purse.got)]
    drawn = []
    for each in page.accounts:
        title = f"{names.seat(each.seat)}: every currency against no deal"
        says = "A bar for what the text gives, a mark for what no deal gives."
        bars = [
            plots.Bar(
                label=purse.currency, held=purse.no_deal, got=purse.got, fill=place, signed=True
            )
            for place, purse in enumerate(each.purses)
        ]
        svg = plots.ledger(bars, min(values), max(values), title, says)
        rows = tuple(
            (p.currency, points(p.no_deal), points(p.got), signed(p.gain)) for p in each.purses
        )
        grid = Grid(
            caption=title, head=("Currency", "No deal", "Got", "Gain"), rows=rows, folded=True
        )
        drawn.append(Drawing(title=title, says=says, svg=svg, grid=grid, small=True))
    return Part(title="Against no deal, seat by seat", blocks=tuple(drawn))


def _earned(told: Debrief, names: Names) -> Part:
    """What pays for each gain, and the turn and words that brought the first of it in.

    The words are the first payment's that has any.
    """
    clauses = {clause.issue: clause for clause in told.verdict.clauses}
    order = list(clauses)
    rows = []
    for each in told.ledger.accounts:
        for purse in each.purses:
            best = [paid for paid in purse.paid if paid.points > 0][:PAID]
            told_paid = "; ".join(
                f"clause {order.index(p.issue) + 1}, {names.option(p.issue, p.option)} "
                f"({signed(p.points)})"
                for p in best
            )
            words = [clauses[paid.issue].cite for paid in best]
            first = next((cite for cite in words if cite is not None), None)
            rows.append(
                (
                    names.seat(each.seat),
                    purse.currency,
                    signed(purse.gain),
                    told_paid or "no clause pays in it",
                    names.quoted(first) if first else wording.UNNAMED if best else "",
                )
            )
    head = ("Seat", "Currency", "Gain", "Paid most by", "Words that brought one in")
    caption = "Every gain with what pays for it"
    grid = Grid(caption=caption, head=head, rows=tuple(rows), folded=True)
    return Part(title="What earns it", blocks=(grid,))


# -- 3 --------------------------------------------------------------------------------------------


def frontier(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 3."""
    page = told.frontier
    if isinstance(page, Untold):
        return untold(page)
    first = page.pairs[0]
    how = (
        f" Their totals run most against each other (correlation {points2(first.correlation)})."
        if first.correlation is not None and len(page.pairs) > 1
        else ""
    )
    pair = f"{names.seat(first.seats[0])} and {names.seat(first.seats[1])}"
    blocks: list[Block] = [
        Para(text=page.told),
        Para(text=f"Shown first: {pair}.{how}"),
        _scatter(page.marks, first, names),
    ]
    if len(page.pairs) > 1:
        rest = tuple(_scatter(page.marks, each, names, small=True) for each in page.pairs[1:])
        blocks.append(Part(title="Every other two seats", blocks=rest))
    head = ("Sign", "What it is", *(names.seat(seat) for seat in names.shown))
    rows = tuple(
        (m.sign, m.title, *(str(m.totals[seat]) for seat in names.shown)) for m in page.marks
    )
    blocks.insert(3, Grid(caption="The marks, in points of every seat", head=head, rows=rows))
    return tuple(blocks)


def points2(number: float) -> str:
    """A correlation."""
    return f"{number:.2f}".replace("-", "\u2212")


def _scatter(marks: tuple[Mark, ...], pair: Pair, names: Names, *, small: bool = False) -> Drawing:
    one, two = pair.seats
    title = f"Totals of {names.seat(one)} and {names.seat(two)} over what all seats could sign"
    thinned = f" Of {pair.points} different points every {pair.step}th is drawn." * (pair.step > 1)
    says = (
        "Light dots: signable by all. Dark dots: undominated for all seats. Line: neither of "
        f"these two can gain unless the other loses.{thinned}"
    )
    view = plots.Cloud(
        title=title,
        x_label=f"{names.seat(one)}, points",
        y_label=f"{names.seat(two)}, points",
        cloud=pair.cloud,
        undominated=pair.undominated,
        edge=pair.edge,
        dots=[
            plots.Dot(sign=m.sign, title=m.title, shape=m.shape, x=m.totals[one], y=m.totals[two])
            for m in marks
        ],
        says=says,
    )
    edge = dict(pair.edge)
    rows = tuple(
        (str(c.x), str(c.low), str(c.high), str(c.packages), str(edge.get(c.x, "")))
        for c in pair.columns
    )
    head = (
        f"{names.seat(one)}", f"{names.seat(two)}, from", "to", "packages", "on the line",
    )  # fmt: skip
    grid = Grid(caption=title, head=head, rows=rows, folded=True)
    return Drawing(title=title, says=says, svg=plots.scatter(view), grid=grid, small=small)


# -- 4 --------------------------------------------------------------------------------------------

_KINDS = {"no deal": 0, "floor": 1, "outcome": 2, "best signable": 3}


def axes(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 4."""
    page: Axes = told.axes
    seats = names.shown
    marks = wording.listed([level.name for level in page.levels])
    title = f"{wording.cap(marks)}: totals, seat by seat"
    kinds = {
        "no deal": "cross, dotted line: no deal",
        "floor": "open square, dashed line: the floor",
        "outcome": "full diamond, solid line: the outcome",
        "best signable": "open triangle: the best total over what all could sign",
    }
    says = f"{wording.cap('; '.join(kinds[level.name] for level in page.levels))}."
    svg = drawings.axes(
        seats,
        [(level.name, _KINDS[level.name], level.values) for level in page.levels],
        {seat: names.seat(seat) for seat in seats},
        title,
        says,
    )
    reach = {each.seat: each for each in told.verdict.accounts}
    rows = tuple(
        (
            names.seat(seat),
            *(
                points(level.values[seat]) if seat in level.values else "\u2013"
                for level in page.levels
            ),
            _reach(reach[seat]),
        )
        for seat in seats
    )
    head = ("Seat", *(wording.cap(level.name) for level in page.levels), "Share of its reach")
    note = (
        "Share of its reach: gain over no deal as a part of the largest gain this seat could have "
        "had in a text that all could sign. The lines join one kind of mark; heights of different "
        "seats do not compare."
    )
    grid = Grid(caption=title, head=head, rows=rows)
    return (Drawing(title=title, says=says, svg=svg, grid=grid), Para(text=note, tone="note"))


def _reach(each: Account) -> str:
    return "\u2013" if each.share is None else f"{each.share:.0%}"
