"""What a seat did well: rules that look for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from app.evaluator import wording
from app.evaluator.debrief.advice import (
    Advice,
    Rule,
    asked,
    clause,
    heaviest,
    name_of,
    question,
    step_words,
    strength,
    tabled_words,
)
from app.evaluator.debrief.dance import Step, steps
from app.evaluator.debrief.ground import Ground


def wrote_the_text(on: Ground, seat: str) -> Iterator[Advice]:
    """The text signed is its own."""
    deal = on.table.deal
    offer = on.table.offer(deal.offer) if deal else None
    if offer is not None and offer.by == seat:
        yield strength(
            "options",
            f"The text signed is its own: offer {offer.number}, turn {offer.turn}.",
            "Keep putting whole packages on the table.",
            offer.turn,
            tabled_words(on, offer.number),
        )


def answered(on: Ground, seat: str) -> Iterator[Advice]:
    """A step that was good for it and for the others together, or one that was answered."""
    own = steps(on, seat)
    both = [s for s in own if s.kind == "both up" and s.own > 0 and (s.others or 0) > 0]
    if both:
        best = max(both, key=lambda s: (min(s.own, s.others or 0), -s.turn))
        yield strength(
            "trades",
            f"With offer {best.offer} (turn {best.turn}) it gained {best.own} on its offer before "
            f"and the others together {best.others}: {_swapped(on, best)}.",
            "Keep looking for issues that weigh more for you than for them, and the other way.",
            best.turn,
            step_words(on, best),
        )
    for first, second in pairwise(own):
        if first.own < 0 and second.toward:
            price = wording.counted(-first.own, "point")
            who = wording.listed([name_of(on, each) for each in second.toward])
            yield strength(
                "concessions",
                f"Its step of {price} at turn {first.turn} was followed by an offer "
                f"that is better for it from {who}.",
                "Keep stepping in sizes that the others can answer.",
                first.turn,
                step_words(on, first),
            )


def _swapped(on: Ground, step: Step) -> str:
    """The issues on which a step changed, in words."""
    told = [clause(on, shift.issue, shift.after) for shift in step.shifts[:3]]
    return wording.listed(told)


def asked_well(on: Ground, seat: str) -> Iterator[Advice]:
    """A question to another seat about what weighs most there."""
    if not on.whole:
        return
    for other in on.case.seat_ids:
        if other == seat:
            continue
        issue, _ = heaviest(on, other)
        line = asked(on, seat, other, issue)
        if line is not None:
            yield strength(
                "interests",
                f"It asked {name_of(on, other)} about \u201c{issue.title}\u201d, which weighs most "
                "on that seat's sheet.",
                "Keep asking where it matters to them.",
                line.turn,
                on.cite(line, question(line, issue)),
            )


def kept_its_floor(on: Ground, seat: str) -> Iterator[Advice]:
    """A person who was free to cross and never did; a seat of code cannot."""
    people = {each.seat for each in on.course.seatings if each.occupant == "person"}
    backed = {change.offer for change in on.course.backing if change.seat == seat}
    if seat not in people or not backed or any(c.seat == seat for c in on.table.crossings):
        return
    last = max(change.turn for change in on.course.backing if change.seat == seat)
    yield strength(
        "lines",
        f"It put its name to {wording.counted(len(backed), 'offer')}, and none was below its "
        "floor.",
        "Keep checking a text against your floor before you back it.",
        last,
        on.about(last, ()),
    )


def joined(on: Ground, seat: str) -> Iterator[Advice]:
    """It put its name to the text signed, which another seat had tabled."""
    deal = on.table.deal
    offer = on.table.offer(deal.offer) if deal else None
    if deal is None or offer is None or offer.by == seat or seat not in deal.backers:
        return
    given = [b for b in on.course.backing if b.offer == offer.number and b.given and b.seat == seat]
    if not given:
        return
    turn = given[-1].turn
    before = {b.seat for b in on.course.backing if b.offer == offer.number and b.turn < turn}
    first = "the first after its author" if before <= {offer.by} else "after others had"
    yield strength(
        "commitment",
        f"It put its name to the text signed, offer {offer.number} of {name_of(on, offer.by)}, at "
        f"turn {turn}, {first}.",
        "Keep saying openly when a text of somebody else's will do.",
        turn,
        on.about(turn, zip(on.case.agenda.ids, offer.package, strict=True)),
    )


KEEP: tuple[Rule, ...] = (wrote_the_text, asked_well, answered, kept_its_floor, joined)
