"""Chapters 8, 9, 11 and 14: the rubric, what was left on the table, secrets, what to do next."""

from __future__ import annotations

from app.evaluator.debrief.advice import Advice
from app.evaluator.debrief.ground import Untold
from app.evaluator.debrief.leftover import Leftover
from app.evaluator.debrief.plan import SeatPlan
from app.evaluator.debrief.rubric import TITLES, Answer, Element, Mark, Rubric, Tally
from app.evaluator.debrief.slips import Slips
from app.evaluator.debrief.whole import Debrief
from app.evaluator.handout.blocks import Block, Grid, Para, Part, Points, Words
from app.evaluator.handout.naming import Names, clipped, turns, untold
from app.evaluator.wording import counted, signed

QUOTED = 1
"""Quotes shown for one question about one seat; the JSON holds all."""


def rubric(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 8."""
    page = told.rubric
    if isinstance(page, Untold):
        return untold(page)
    judge = (
        f"The judge's column is {page.judge}'s."
        if page.judge
        else "No judge model was asked; its column stays out."
    )
    note = (
        f"Counted by rules ({page.grader}): a level of 0 to 4 says in how many different turns "
        "the mark was found (one, two, four, six or more), not how well it was done. \u201cNot "
        "found\u201d means that no rule saw it, not that it was not there: a rule misses what it "
        f"has no pattern for. {judge}"
    )
    return (
        Para(text=note, tone="note"),
        _overview(page, names),
        *_disagreements(page, names),
        Part(
            title="Element by element, with the words",
            blocks=tuple(_element(element, names) for element in page.elements),
        ),
    )


def _overview(page: Rubric, names: Names) -> Grid:
    """All levels on one sheet."""
    seats = [mark.seat for mark in page.elements[0].marks]
    rows = []
    for element in page.elements:
        cells = [_brief(mark) for mark in element.marks]
        rows.append((f"{element.number}. {element.title}", *cells))
    head = ("Element", *(names.seat(seat) for seat in seats))
    return Grid(caption="The fourteen elements at a glance", head=head, rows=tuple(rows))


def _brief(mark: Mark) -> str:
    """A cell: levels where a rule gives some, else the first count, else why not."""
    parts = []
    for answer in mark.answers:
        if answer.harmful:
            if answer.level:
                parts.append(f"{answer.id} found")
            continue
        level = "\u2013" if answer.level is None else str(answer.level or "not found")
        second = answer.judged
        judge = "" if second is None or second.level is None else f" (judge {second.level})"
        parts.append(f"{answer.id} {level}{judge}")
    if not parts:
        parts = [f"{t.name} {t.hits} of {t.of}" for t in mark.tallies if t.of][:2]
    return "; ".join(parts) or "not told"


def _disagreements(page: Rubric, names: Names) -> list[Block]:
    """Where rules and judge differ by more than a level, or on whether there is anything."""
    rows = []
    for element in page.elements:
        for mark in element.marks:
            for answer in mark.answers:
                if not answer.differs or answer.judged is None:
                    continue
                mine = answer.cites[0].text if answer.cites else "no quote"
                theirs = answer.judged.cites[0].text if answer.judged.cites else "no quote"
                rows.append(
                    (
                        f"{element.title}: {answer.question}",
                        names.seat(mark.seat),
                        f"{answer.level}: {mine}",
                        f"{answer.judged.level}: {theirs}",
                    )
                )
    if not page.judge:
        return []
    if not rows:
        return [Para(text="The judge and the rules do not disagree by more than one level.")]
    head = ("Question", "Seat", "Rules", "Judge")
    return [Grid(caption="Where rules and judge disagree", head=head, rows=tuple(rows))]


def _element(element: Element, names: Names) -> Block:
    title = f"{element.number}. {element.title}"
    if all(not mark.answers and not mark.tallies for mark in element.marks):
        return Para(text=f"{title}. {element.marks[0].note}", tone="note")
    cells = [
        (
            names.seat(mark.seat),
            "; ".join(_answered(answer) for answer in mark.answers),
            "; ".join(_tallied(tally) for tally in mark.tallies) or mark.note,
            " ".join(_quotes(mark, names)),
        )
        for mark in element.marks
    ]
    heads = ("Seat", "Level by rule", "Counts (turns)", "In its own words")
    kept = [n for n in range(len(heads)) if any(row[n] for row in cells)]
    head, rows = tuple(heads[n] for n in kept), tuple(tuple(r[n] for n in kept) for r in cells)
    asked = "; ".join(f"{answer.id}: {answer.question}" for answer in element.marks[0].answers)
    caption = f"{title}. {asked}" if asked else title
    return Grid(caption=caption, head=head, rows=rows, folded=True, label=title)


def _answered(answer: Answer) -> str:
    level = "cannot tell" if answer.level is None else str(answer.level or "not found")
    if answer.harmful:
        level = "none found" if answer.level == 0 else f"found, level {level}"
    second = answer.judged
    judge = ""
    if second is not None:
        flip = ", changed with the order" if second.flipped else ""
        mark = second.note if second.level is None else str(second.level)
        judge = f" [judge {mark}, spread {second.spread}{flip}]"
    return f"{answer.id}: {level}{judge}"


def _tallied(tally: Tally) -> str:
    where = f" ({turns(tally.turns, 5)})" if tally.turns else ""
    if not tally.of:
        return f"{tally.name}: no occasion"
    return f"{tally.name} {tally.hits} of {tally.of} {tally.unit}{where}"


def _quotes(mark: Mark, names: Names) -> list[str]:
    return [names.quoted(cite) for answer in mark.answers for cite in answer.cites[:QUOTED]]


# -- 9 --------------------------------------------------------------------------------------------


def leftover(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 9."""
    page = told.leftover
    if isinstance(page, Untold):
        return untold(page)
    blocks: list[Block] = []
    if page.start == "the text in force":
        blocks += _better(page, names)
    blocks.append(
        Part(title="The nearest deal that leaves nobody out", blocks=(Points(items=page.nearest),))
    )
    blocks += [
        Part(title=f"One change away from {page.start}", blocks=_aways(page, names)),
    ]
    return tuple(blocks)


def _better(page: Leftover, names: Names) -> list[Block]:
    if not page.dominators:
        text = (
            "No package that all could sign is better for one seat without being worse for "
            "another: as a whole, nothing was left on the table."
        )
        return [Para(text=text)]
    rows = tuple(
        (
            str(place),
            "; ".join(f"{each.title}: {each.label}" for each in better.changes),
            *(signed(better.gains[seat]) if better.gains[seat] else "0" for seat in names.shown),
        )
        for place, better in enumerate(page.better, 1)
    )
    text = (
        f"{counted(page.dominators, 'package')} that all could sign would have been better for "
        "some seat and worse for none. The best of them by the product of gains over no deal, as "
        "an offer to settle again with the present deal as the fallback:"
    )
    head = ("", "Changes", *(names.seat(seat) for seat in names.shown))
    return [
        Para(text=text),
        Grid(caption="Better for some, worse for none: points on top", head=head, rows=rows),
    ]


def _aways(page: Leftover, names: Names) -> tuple[Block, ...]:
    harmless = [away for away in page.aways if away.harmless]
    free = [away for away in page.aways if not away.below]
    told = (
        f"Of {counted(len(page.aways), 'single change')}, {len(free)} would have left every seat "
        f"at or above its floor, and {len(harmless) or 'none'} would have taken nothing from "
        "anybody."
    )
    rows = tuple(
        (
            f"{away.change.title}: {away.change.label}",
            ", ".join(f"{names.seat(s)} {signed(n)}" for s, n in away.shifts.items() if n)
            or "nobody's points change",
            "; ".join(f"{names.seat(seat)}: {why}" for seat, why in away.below) or "nobody",
            names.seats(away.losers),
        )
        for away in page.aways
    )
    head = (
        "Instead",
        "Points",
        "Could not have signed it, and why",
        "Could have signed, but loses",
    )
    marked = frozenset(n for n, away in enumerate(page.aways) if away.harmless)
    caption = "Every single change"
    return (
        Para(text=told),
        Grid(caption=caption, head=head, rows=rows, folded=True, marked=marked),
    )


# -- 11 -------------------------------------------------------------------------------------------

KINDS = {
    "number": "a figure of its own sheet",
    "phrase": "words of its own confidential brief",
    "contradiction": "a denial of its own earlier offer",
}


def slips(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 11."""
    page: Slips = told.slips
    whose = names.seats(page.seats)
    blocks: list[Block] = [Para(text=f"Searched for: secrets of {whose}, in their own words.")]
    if not page.slips:
        text = (
            "No rule found a seat's own figure, five words in a row of its confidential brief, or "
            "a denial of what it had offered. A rule misses a secret told in other words."
        )
        blocks.append(Para(text=text))
    for slip in page.slips:
        what = f"{names.seat(slip.seat)} said {KINDS[slip.kind]}: {slip.secret}."
        blocks += [Para(text=what), *names.words(slip.cite)]
    crossed = [
        f"{names.seat(each.seat)}, turn {each.turn}, "
        f"{f'offer {each.offer}' if each.offer else 'the improvement'}"
        f"{' (the text signed)' if each.signed else ''}: {each.why}."
        for each in page.crossings
    ]
    lines: tuple[Block, ...] = (
        (Points(items=tuple(crossed)),)
        if crossed
        else (Para(text="No seat put its name to a text below its own floor."),)
    )
    blocks.append(Part(title="Own floors crossed", blocks=lines))
    if page.touched:
        touched = tuple(f"{names.seat(each.seat)}: {each.text}" for each in page.touched)
        blocks.append(
            Part(title="Red lines the text touches and keeps", blocks=(Points(items=touched),))
        )
    if page.steering:
        steered = [word for cite in page.steering for word in names.words(cite)]
        note = Para(text="Words that speak to whoever grades the talk. They moved no figure here.")
        blocks.append(Part(title="Words meant to steer", blocks=(note, *steered)))
    return tuple(blocks)


# -- 14 -------------------------------------------------------------------------------------------


def plan(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 14."""
    page = told.plan
    if isinstance(page, Untold):
        return untold(page)
    note = (
        "Every line rests on something a rule found in the record. Add what the room saw, an "
        "owner and a date; strike what the room does not share."
    )
    blocks: list[Block] = [Para(text=note, tone="note")]
    blocks += [_seat(each, names) for each in page.seats]
    return tuple(blocks)


def _seat(each: SeatPlan, names: Names) -> Part:
    title = f"{names.seat(each.seat)}{' (a person)' if each.person else ''}"
    if not each.advice:
        text = "No rule found anything to keep or to change."
        return Part(title=title, blocks=(Para(text=text),))
    rows = tuple(_line(advice) for advice in each.advice)
    head = ("", "Element", "What was seen", "What to do", "Owner", "By when")
    quotes: list[Words] = []
    for number, advice in enumerate(each.advice, 1):
        if advice.cite is not None:
            source = f"to line {number}: {names.source(advice.cite)}"
            quotes.append(Words(text=clipped(advice.cite), source=source))
    rows = tuple((f"{n}. {row[0]}", *row[1:]) for n, row in enumerate(rows, 1))
    return Part(
        title=title,
        blocks=(Grid(caption="What to keep and what to change", head=head, rows=rows), *quotes),
    )


def _line(advice: Advice) -> tuple[str, ...]:
    kind = "keep" if advice.kind == "keep" else "change"
    return (kind, TITLES[advice.element], advice.seen, advice.do, "", "")
