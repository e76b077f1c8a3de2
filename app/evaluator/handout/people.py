"""Chapters 12, 13 and 15: how it felt, across tables, and what played the seats."""

from __future__ import annotations

from typing import get_args

from app.domain.moves import Voice
from app.evaluator.debrief.feelings import HIGH, ITEMS, LOW, Felt
from app.evaluator.debrief.ground import Untold
from app.evaluator.debrief.players import Player, Use
from app.evaluator.debrief.tables import Across, Sitting
from app.evaluator.debrief.whole import Debrief
from app.evaluator.handout import drawings
from app.evaluator.handout.blocks import Block, Drawing, Grid, Para, Part, Points, Words
from app.evaluator.handout.naming import Names, points, spoken_by, untold, yes
from app.evaluator.stand_in import stood_in
from app.evaluator.wording import OUTCOMES, cap, counted, signed

OCCUPANTS = {"engine": "the offline engine", "model": "a model", "person": "a person"}
HASH = 12
"""Characters of a hash on paper; the JSON holds all."""


def felt(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 12."""
    page = told.felt
    if isinstance(page, Untold):
        return (*untold(page), _sheet())
    blocks: list[Block] = []
    for mood in page.moods:
        who = names.seat(mood.seat) if mood.seat else "Everybody"
        title = f"{who}: how content, from {LOW} (not at all) to {HIGH} (entirely)"
        says = f"Means of {counted(mood.people, 'answer')}."
        rows = [(item, round(mean, 2)) for item, mean in mood.means.items()]
        grid = Grid(
            caption=title,
            head=("Question", "Mean"),
            rows=tuple((page.items[item], f"{mean:g}") for item, mean in rows),
            folded=True,
        )
        svg = drawings.marks(rows, LOW, HIGH, title, says)
        blocks.append(Drawing(title=title, says=says, svg=svg, grid=grid, small=True))
    blocks.append(_replies(page, names))
    blocks += [
        Words(text=reply.words, source=f"{names.seat(reply.seat)}{_named(reply.name)}, afterwards")
        for reply in page.replies
        if reply.words
    ]
    return tuple(blocks)


def _sheet() -> Grid:
    """The questions themselves, to hand out: a row each, a box for every mark."""
    marks = tuple(str(mark) for mark in range(LOW, HIGH + 1))
    return Grid(
        caption=f"To hand out: tick a box, from {LOW} (not at all) to {HIGH} (entirely)",
        head=("Question", *marks),
        rows=tuple((question, *("\u25a1" for _ in marks)) for question in ITEMS.values()),
    )


def _named(name: str) -> str:
    return f" ({name})" if name else ""


def _replies(page: Felt, names: Names) -> Grid:
    rows = tuple(
        (
            f"{names.seat(reply.seat)}{_named(reply.name)}",
            *(str(reply.marks[item]) for item in page.items),
        )
        for reply in page.replies
    )
    head = ("Seat", *(cap(item) for item in page.items))
    return Grid(caption="Every answer", head=head, rows=rows, folded=True)


# -- 13 -------------------------------------------------------------------------------------------


def across(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 13."""
    page = told.across
    if isinstance(page, Untold):
        return untold(page)
    total = len(page.tables)
    lead = (
        f"{page.deals} of {total} tables ended with a deal, {page.strong} of {total} with one that "
        "leaves no seat below no deal in any currency."
    )
    blocks: list[Block] = [Para(text=lead)]
    if len(page.presets) > 1:
        text = (
            f"The tables ran under different presets ({', '.join(page.presets)}): floors differ, "
            "and a seat's added value is taken among tables of one preset."
        )
        blocks.append(Para(text=text, tone="note"))
    return (
        *blocks,
        _overview(page),
        _spread(told, page, names),
        _added(page, names),
        _currencies(told, page, names),
    )


def _sign(place: int, table: Sitting) -> str:
    return f"{place}. {table.table}{' (this one)' if place == 1 else ''}"


def _overview(page: Across) -> Grid:
    rows = tuple(
        (
            _sign(place, t),
            f"{t.preset}, seed {t.seed}",
            OUTCOMES.get(t.outcome, t.outcome),
            str(t.rounds),
            str(t.turns),
            str(t.offers),
            f"{t.nash_ratio:.3f}",
            "\u2013" if t.gap is None else str(t.gap),
            yes(t.strong),
        )
        for place, t in enumerate(page.tables, 1)
    )
    head = (
        "Table", "Session", "Ended in", "Rounds", "Turns", "Offers", "Nash ratio",
        "Points left for every seat", "Strong",
    )  # fmt: skip
    return Grid(caption="The tables", head=head, rows=rows)


def _spread(told: Debrief, page: Across, names: Names) -> Drawing:
    title = "Every seat's total at every table"
    says = "Full diamond: this table. Rings: the others. Cross: no deal."
    held = {each.seat: each.no_deal for each in told.verdict.accounts}
    rows = [
        (names.seat(s.seat), [t.totals[s.seat] for t in page.tables], held[s.seat])
        for s in page.spreads
    ]
    grid = Grid(
        caption=title,
        head=(
            "Seat",
            "No deal",
            *(f"Table {n}" for n in range(1, len(page.tables) + 1)),
            "Least",
            "Middle",
            "Most",
        ),
        rows=tuple(
            (
                names.seat(s.seat),
                str(held[s.seat]),
                *(str(t.totals[s.seat]) for t in page.tables),
                str(s.least),
                points(s.middle),
                str(s.most),
            )
            for s in page.spreads
        ),
    )
    svg = drawings.spreads(rows, title, says, "points")
    return Drawing(title=title, says=says, svg=svg, grid=grid)


def _added(page: Across, names: Names) -> Part:
    seats = [spread.seat for spread in page.spreads]
    rows = tuple(
        (
            _sign(place, table),
            *(_more(table.added[seat]) if seat in table.added else "\u2013" for seat in seats),
        )
        for place, table in enumerate(page.tables, 1)
    )
    note = (
        "What a delegation made of its chair: its total less the mean of the same chair at the "
        "other tables of the same preset. It compares people in one chair, never two chairs."
    )
    head = ("Table", *(names.seat(seat) for seat in seats))
    grid = Grid(caption="Added value of every seat", head=head, rows=rows)
    return Part(title="Added value", blocks=(Para(text=note, tone="note"), grid))


def _more(number: float) -> str:
    return f"+{points(number)}" if number > 0 else points(number)


def _currencies(told: Debrief, page: Across, names: Names) -> Grid:
    rows = tuple(
        (
            names.seat(spread.seat),
            currency,
            *(signed(table.worth[spread.seat][currency]) for table in page.tables),
        )
        for spread in page.spreads
        for currency in told.heading.currencies
    )
    head = ("Seat", "Currency", *(f"Table {n}" for n in range(1, len(page.tables) + 1)))
    return Grid(caption="Gains over no deal by currency", head=head, rows=rows, folded=True)


# -- 15 -------------------------------------------------------------------------------------------


def players(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 15."""
    page = told.players
    blocks: list[Block] = [
        Grid(
            caption="What played each seat",
            head=("Seat", "Played by", "Lines spoken by", "Turns others took", "Overrides"),
            rows=tuple(_player(each, names) for each in page.players),
        )
    ]
    stood = [
        f"{names.seat(each.seat)}, turn {turn.turn}: {stood_in(turn.why)}"
        for each in page.players
        for turn in each.stand_ins
    ]
    if stood:
        blocks.append(Part(title="Stand-ins", blocks=(Points(items=tuple(stood)),)))
    used = [(each.seat, each.use) for each in page.players if each.use is not None]
    if used:
        blocks += [_usage(used, names), *(_prompts(seat, use, names) for seat, use in used)]
    else:
        blocks.append(
            Para(text="No model took a turn here, so there are no prompts, tokens or costs.")
        )
    blocks += _baselines(told)
    blocks.append(Para(text=f"Parley {page.version}.", tone="note"))
    return tuple(blocks)


def _player(each: Player, names: Names) -> tuple[str, ...]:
    held = []
    for seating in each.seatings:
        who = OCCUPANTS[seating.occupant] + (f" ({seating.name})" if seating.name else "")
        held.append(f"{who}{f' from turn {seating.turn + 1}' if seating.turn else ''}")
    voices = ", ".join(f"{spoken_by(voice)} {n}" for voice, n in _voices(each))
    return (
        names.seat(each.seat),
        "; ".join(held) or "nobody",
        voices or "nobody",
        str(len(each.stand_ins)),
        "\u2013" if each.overrides is None else str(each.overrides),
    )


def _voices(each: Player) -> list[tuple[Voice, int]]:
    return [(voice, each.voices[voice]) for voice in get_args(Voice) if voice in each.voices]


def _usage(used: list[tuple[str, Use]], names: Names) -> Grid:
    rows = tuple(
        (
            names.seat(seat),
            use.model,
            use.barrier,
            "on" if use.counsel else "off",
            str(use.turns),
            ", ".join(f"{purpose} {n}" for purpose, n in use.calls.items()),
            str(use.tries),
            f"{use.read} ({use.cached} cached)",
            f"{use.written}{' *' if use.unreported else ''}",
            use.money or "no price",
        )
        for seat, use in used
    )
    head = (
        "Seat", "Model", "Barrier", "Counsel", "Turns", "Calls", "Tries", "Tokens read",
        "Tokens written", "Cost",
    )  # fmt: skip
    star = " (* not reported for every call)" if any(use.unreported for _, use in used) else ""
    return Grid(caption=f"What the models did{star}", head=head, rows=rows)


def _prompts(seat: str, use: Use, names: Names) -> Part:
    """Prompt files with their hashes, faults, and what the guard and the checks caught."""
    blocks: list[Block] = [
        Grid(
            caption="Prompt files",
            head=("File", "Version and hash"),
            rows=tuple((name, mark) for name, mark in use.templates),
            folded=True,
        ),
        Para(
            text=f"{counted(len(use.prompts), 'prompt')} sent; the first hashes to "
            f"{use.prompts[0][:HASH] if use.prompts else 'none'}. The JSON holds every hash, and "
            "parley prompt show renders the prompts again from the record.",
            tone="note",
        ),
    ]
    if use.faults:
        faults = ", ".join(f"{fault} {n}" for fault, n in use.faults.items())
        blocks.append(Para(text=f"Calls without a usable answer: {faults}."))
    if use.caught:
        caught = tuple(f"turn {turn}: {note}" for turn, note in use.caught)
        blocks.append(Points(items=caught))
    else:
        blocks.append(Para(text="The guard and the checks caught nothing in its turns."))
    return Part(title=f"{names.seat(seat)}: prompts and checks", blocks=tuple(blocks))


def _baselines(told: Debrief) -> list[Block]:
    page = told.players
    if page.random is None:
        return []
    middle = "passes" if page.middle else "does not pass"
    text = (
        f"Without any talk: a package drawn at random passes in {page.random:.3%} of draws, and "
        f"the middle option on every issue {middle} under this preset."
    )
    return [Para(text=text)]
