"""Chapters 7 and 10: who spoke to whom, and the news."""

from __future__ import annotations

from app.evaluator.debrief.ground import Untold
from app.evaluator.debrief.news import After, Item
from app.evaluator.debrief.talk import AVERAGE, SKILLED, TABLE, Talk
from app.evaluator.debrief.whole import Debrief
from app.evaluator.handout import blocks as on
from app.evaluator.handout import drawings
from app.evaluator.handout.blocks import Block, Drawing, Grid, Para
from app.evaluator.handout.naming import Names, untold
from app.evaluator.wording import signed


def talk(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 7."""
    page = told.talk
    if isinstance(page, Untold):
        return untold(page)
    return (
        _matrix(page, names),
        _shares(page, names),
        *_blocs(page, names),
        _backed(page, names),
    )


def _matrix(page: Talk, names: Names) -> Drawing:
    heads = [*(speaker.seat for speaker in page.speakers), TABLE]
    most = max([1, *(n for speaker in page.speakers for n in speaker.to.values())])
    title = "Who addressed whom: speeches in the plenary"
    says = "Rows speak, columns are addressed; 'all' is a speech to nobody by name."
    squares = []
    rows = []
    for speaker in page.speakers:
        label = names.seat(speaker.seat)
        counts = [speaker.to.get(head, 0) for head in heads]
        squares.append(
            (
                label,
                [
                    drawings.Square(
                        text="" if head == speaker.seat else str(count),
                        shade=round(4 * count / most),
                        title=f"{label} to {names.seat(head)}: {count}",
                    )
                    for head, count in zip(heads, counts, strict=True)
                ],
            )
        )
        rows.append(
            (
                label,
                *(
                    "\u2013" if head == speaker.seat else str(count)
                    for head, count in zip(heads, counts, strict=True)
                ),
            )
        )
    columns = tuple(names.seat(head) for head in heads)
    grid = Grid(caption=title, head=("Speaker", *columns), rows=tuple(rows), folded=True)
    svg = drawings.heat(squares, [_initials(name) for name in columns], title, says, left=130)
    return Drawing(title=title, says=says, svg=svg, grid=grid)


def _initials(name: str) -> str:
    words = name.split()
    return name[:8] if len(words) == 1 else "".join(word[0].upper() for word in words)


def _shares(page: Talk, names: Names) -> Block:
    rows = tuple(
        (
            names.seat(s.seat),
            str(s.speeches),
            f"{s.words} ({s.share:.0%})",
            f"{s.questions} of {s.sentences} sentences"
            f"{f' ({s.questions / s.sentences:.0%})' if s.sentences else ''}",
            str(s.open_questions),
            str(s.apart),
        )
        for s in page.speakers
    )
    head = ("Seat", "Speeches", "Words (share)", "Questions", "Open", "In caucus")
    note = (
        f"In one published study skilled negotiators asked with {SKILLED:g} % of what they did, "
        f"average ones with {AVERAGE:g} % (Rackham, quoted second hand): a yardstick for people, "
        "not a target."
    )
    grid = Grid(caption="Talk and questions", head=head, rows=rows)
    return on.Part(title="Shares", blocks=(grid, Para(text=note, tone="note")))


def _blocs(page: Talk, names: Names) -> list[Block]:
    if not page.blocs:
        return []
    title = "Who stood behind the best-backed offer at the end of each round"
    says = "Full square: behind it. Ring: not behind it."
    seats = [speaker.seat for speaker in page.speakers]
    heads = [f"r{bloc.round}" for bloc in page.blocs]
    rows = [(names.seat(seat), [seat in bloc.backers for bloc in page.blocs]) for seat in seats]
    grid = Grid(
        caption=title,
        head=("Round", "Offer", "By", "Behind it"),
        rows=tuple(
            (str(b.round), str(b.offer), names.seat(b.by), names.seats(b.backers))
            for b in page.blocs
        ),
        folded=True,
    )
    svg = drawings.blocs(rows, heads, title, says)
    return [
        on.Part(
            title="Who stood together",
            blocks=(Drawing(title=title, says=says, svg=svg, grid=grid),),
        )
    ]


def _backed(page: Talk, names: Names) -> Grid:
    authors = sorted(
        {by for s in page.speakers for by in s.backed} | {s.seat for s in page.speakers},
        key=lambda by: [*(s.seat for s in page.speakers), by].index(by),
    )
    rows = tuple(
        (
            names.seat(s.seat),
            *("\u2013" if by == s.seat else str(s.backed.get(by, 0)) for by in authors),
        )
        for s in page.speakers
    )
    head = ("Endorsed by", *(f"Offers of {names.seat(by)}" for by in authors))
    return Grid(caption="Whose offers were endorsed by whom", head=head, rows=rows, folded=True)


# -- 10 -------------------------------------------------------------------------------------------


def news(told: Debrief, names: Names) -> tuple[Block, ...]:
    """Page 10. Bulletins that came together share one table of what followed."""
    page = told.news
    if isinstance(page, Untold):
        return untold(page)
    groups: dict[int, list[Item]] = {}
    for item in page.items:
        groups.setdefault(item.turn, []).append(item)
    blocks: list[Block] = [
        Para(
            text="What followed is not what was caused: the table says what each seat did at its "
            "first turn afterwards."
        )
    ]
    for turn, items in groups.items():
        parts: list[Block] = []
        for item in items:
            to = f" To {names.seats(item.to)} only." if item.to else ""
            parts.append(Para(text=f"\u201c{item.text}\u201d{to}"))
            if item.taken is None:
                parts.append(Para(text="No rule found it taken up in words.", tone="note"))
            else:
                parts += names.words(item.taken)
        after = {each.seat: each for item in items for each in item.after}
        if after:
            parts.append(_afters(turn, tuple(after.values()), names))
        where = f"After turn {turn}" if turn else "Before the first turn"
        blocks.append(on.Part(title=where, blocks=tuple(parts)))
    return tuple(blocks)


def _afters(turn: int, after: tuple[After, ...], names: Names) -> Grid:
    rows = tuple(
        (
            names.seat(each.seat),
            str(each.turn),
            f"offer {each.offer}" if each.offer is not None else "no package",
            "" if each.own is None else signed(each.own),
            ", ".join(names.issue(issue) for issue in each.changed),
        )
        for each in sorted(after, key=lambda each: each.turn)
    )
    head = ("Seat", "Turn", "Tabled", "Worth to itself", "Changed against its last offer")
    return Grid(caption=f"First turns after turn {turn}", head=head, rows=rows, folded=True)
