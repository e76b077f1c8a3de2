"""Chapters 5 and 6: the dance of offers and the issue map."""

from __future__ import annotations

from app.evaluator import plots
from app.evaluator.debrief.dance import Dance, Part, Step
from app.evaluator.debrief.ground import Caucus, Untold
from app.evaluator.debrief.positions import Cell, IssueMap, Swap
from app.evaluator.debrief.whole import Debrief
from app.evaluator.handout import blocks as on
from app.evaluator.handout import drawings
from app.evaluator.handout.blocks import Block, Drawing, Grid, Para, Points
from app.evaluator.handout.naming import Names, untold
from app.evaluator.wording import counted, signed

SHAPES = {
    "both up": "triangle",
    "concession": "down",
    "selfish": "diamond-open",
    "harmful": "cross",
    "neutral": "square-open",
    "gave": "down",
    "took": "triangle",
    "level": "square-open",
}
"""The marker of a step by its class."""

WHOLE_KEY = (
    "Own offers on the line: square the first, triangle up a step better for itself and the "
    "others together, triangle down a concession, open diamond a selfish step, cross a harmful "
    "one, open square a neutral one. "
)
OWN_KEY = (
    "Own offers on the line: square the first, triangle up worth more to itself than the one "
    "before, triangle down worth less, open square the same. "
)
REST_KEY = (
    "Small rings: offers of others. Large ring: the text signed. Dashed: the floor. Dotted: no "
    "deal. Upright lines: news."
)


def dance(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 5."""
    page = told.dance
    if isinstance(page, Untold):
        return untold(page)
    whole = told.heading.viewer == "facilitator"
    key = (WHOLE_KEY if whole else OWN_KEY) + REST_KEY
    classes = (
        "A step's class looks at what it does to the seat itself and to all others added up; "
        "adding points of different seats is a convention."
    )
    return (
        Para(text=key, tone="note"),
        *(_beats(page, part, names) for part in page.parts),
        _steps(page, names, whole=whole),
        _offers(page, names, whole=whole),
        *((Para(text=classes, tone="note"),) if whole else ()),
        *_caucuses(page.caucuses, names),
    )


def _beats(page: Dance, part: Part, names: Names) -> Drawing:
    steps = {step.offer: step for step in part.steps}
    values = [total for offer in page.offers for total in offer.totals.values()]
    values += [value for each in page.parts for value in (each.no_deal, each.floor)]
    name = names.seat(part.seat)
    title = f"What every offer was worth to {name}, turn by turn"
    mine = [offer for offer in page.offers if offer.by == part.seat]
    says = (
        f"{counted(len(mine), 'own offer')}, from {mine[0].totals[part.seat]} to "
        f"{mine[-1].totals[part.seat]} points; floor {part.floor}, no deal {part.no_deal}."
        if mine
        else f"No own offer; floor {part.floor}, no deal {part.no_deal}."
    )
    beats = []
    for offer in page.offers:
        shape = ""
        if offer.by == part.seat:
            shape = SHAPES[steps[offer.number].kind] if offer.number in steps else "square"
        by = names.seat(offer.by)
        value = offer.totals[part.seat]
        beats.append(
            plots.Beat(
                turn=offer.turn,
                value=value,
                shape=shape,
                told=f"offer {offer.number} by {by}, turn {offer.turn}: {value}",
            )
        )
    agreed = next((n for n, o in enumerate(page.offers) if o.number == page.deal), None)
    view = plots.Dance(
        title=title,
        turns=page.turns,
        low=min(values) - 2,
        high=max(values) + 2,
        no_deal=part.no_deal,
        floor=part.floor,
        beats=beats,
        agreed=agreed,
        news=[each.turn for each in page.news],
        says=says,
    )
    rows = tuple(
        (
            str(offer.number),
            str(offer.turn),
            str(offer.totals[part.seat]),
            signed(steps[offer.number].own) if offer.number in steps else "first",
            steps[offer.number].kind if offer.number in steps else "",
        )
        for offer in mine
    )
    grid = Grid(
        caption=f"{name}: own offers",
        head=("Offer", "Turn", "Worth to itself", "Step", "Class"),
        rows=rows,
        folded=True,
    )
    return Drawing(title=title, says=says, svg=plots.dance(view), grid=grid, small=True)


def _steps(page: Dance, names: Names, *, whole: bool) -> Block:
    """Every own step in a table, in the order of the turns."""
    steps = sorted((s for part in page.parts for s in part.steps), key=lambda s: s.turn)
    others = ("All others", "Better for") if whole else ()
    head = ("Turn", "Seat", "Offers", "Class", "Itself", *others, "Changed")
    rows = tuple(_step(step, names, whole=whole) for step in steps)
    if not rows:
        return Para(text="No seat tabled a second package, so there are no steps to class.")
    return Grid(
        caption="Every step from one own offer to the next", head=head, rows=rows, folded=True
    )


def _step(step: Step, names: Names, *, whole: bool) -> tuple[str, ...]:
    changed = "; ".join(
        f"{names.issue(x.issue)}: {names.option(x.issue, x.after)} ({signed(x.own)})"
        for x in step.shifts
    )
    return (
        str(step.turn),
        names.seat(step.seat),
        f"{step.since} to {step.offer}",
        step.kind,
        f"{step.before} to {step.after} ({signed(step.own)})",
        *((signed(step.others or 0), names.seats(step.pleased)) if whole else ()),
        changed,
    )


def _offers(page: Dance, names: Names, *, whole: bool) -> Grid:
    seats = names.shown
    head = (
        "Offer", "Turn", "By", *(names.seat(seat) for seat in seats), "Most behind it",
        "Below whose floor" if whole else "Below its own floor",
    )  # fmt: skip
    rows = tuple(
        (
            f"{offer.number}{' (signed)' if offer.number == page.deal else ''}",
            str(offer.turn),
            names.seat(offer.by),
            *(str(offer.totals[seat]) for seat in seats),
            names.seats(offer.peak),
            names.seats(offer.below, "nobody's") if whole else "yes" if offer.below else "no",
        )
        for offer in page.offers
    )
    return Grid(caption="Every offer, in points", head=head, rows=rows, folded=True)


def _caucuses(caucuses: tuple[Caucus, ...], names: Names) -> list[Block]:
    told = []
    for each in caucuses:
        end = f"to turn {each.closed}" if each.closed is not None else "and never closed"
        told.append(
            f"After turn {each.opened} {end}: {names.seats(each.seats)}"
            f"{f', on {each.topic}' if each.topic else ''}."
        )
    return [on.Part(title="Caucuses", blocks=(Points(items=tuple(told)),))] if told else []


# -- 6 --------------------------------------------------------------------------------------------


def issue_map(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 6."""
    page = told.issue_map
    if isinstance(page, Untold):
        return untold(page)
    title = "How many seats stood on the same option, issue by issue and round by round"
    says = (
        "The number in a square is the seats on the commonest option at the end of that round; "
        "the darker, the larger their part of all seats that stood anywhere."
    )
    squares = [(_short(row.title), [_square(cell) for cell in row.cells]) for row in page.rows]
    heads = [f"r{number}" if number else "open" for number in page.rounds]
    grid = Grid(
        caption=title,
        head=("Issue", *heads, "The option most stood on last"),
        rows=tuple(
            (
                row.title,
                *(f"{cell.together} of {cell.standing}" for cell in row.cells),
                row.cells[-1].label,
            )
            for row in page.rows
        ),
    )
    svg = drawings.heat(squares, heads, title, says)
    return (
        Para(
            text="A seat stands on the last package it tabled or, before it tables any, on the "
            "last it endorsed."
        ),
        Drawing(title=title, says=says, svg=svg, grid=grid),
        _finals(page, names),
        _swaps(page.swaps, names),
    )


def _short(title: str) -> str:
    return title if len(title) <= 27 else f"{title[:26].rstrip()}\u2026"


def _square(cell: Cell) -> drawings.Square:
    part = cell.together / cell.standing if cell.standing else 0.0
    shade = sum(part > limit for limit in (0.25, 0.45, 0.65, 0.99))
    told = f"round {cell.round}: {cell.together} of {cell.standing} on {cell.label}"
    return drawings.Square(text=str(cell.together or ""), shade=shade, title=told)


def _finals(page: IssueMap, names: Names) -> Grid:
    rows = []
    for row in page.rows:
        places: dict[str, list[str]] = {}
        for seat, label in row.final:
            places.setdefault(label, []).append(names.seat(seat))
        stood = "; ".join(f"{', '.join(seats)}: {label}" for label, seats in places.items())
        last = row.last
        moved = (
            f"{names.seat(last.seat)}, turn {last.turn}: from {last.before} to {last.after}"
            if last
            else "nobody changed an own offer on it"
        )
        rows.append((row.title, stood, moved))
    head = ("Issue", "Where the seats stood at the end", "Who moved last")
    return Grid(caption="Last positions and last moves", head=head, rows=tuple(rows), folded=True)


def _swaps(swaps: tuple[Swap, ...], names: Names) -> Block:
    """What was swapped for what, by the mover's own sheet."""
    if not swaps:
        return Para(
            text="No step gave on one issue and took on another, as far as this view can tell."
        )
    rows = tuple(
        (
            str(swap.turn),
            names.seat(swap.seat),
            "; ".join(f"{names.option(x.issue, x.after)} ({signed(x.own)})" for x in swap.gave),
            "; ".join(f"{names.option(x.issue, x.after)} ({signed(x.own)})" for x in swap.took),
            names.quoted(swap.cite),
        )
        for swap in swaps
    )
    head = ("Turn", "Seat", "Gave", "Took", "Words of that turn")
    caption = "What was swapped for what: points by the mover's own sheet"
    return on.Part(
        title="Swaps", blocks=(Grid(caption=caption, head=head, rows=rows, folded=False),)
    )
