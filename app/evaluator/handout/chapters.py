"""The fifteen chapters of a report in their order, and what stands before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from app.evaluator.debrief.whole import Debrief
from app.evaluator.handout import judgement, offers, outcome, people, talking
from app.evaluator.handout.blocks import Block, Chapter, Grid, Para
from app.evaluator.handout.naming import Names
from app.evaluator.wording import cap, listed

Teller: TypeAlias = Callable[[Debrief, Names], tuple[Block, ...]]

PAGES: tuple[tuple[str, str, str, Teller], ...] = (
    ("verdict", "Verdict", "Who leaves with nothing?", outcome.verdict),
    ("ledger", "Currency ledger", "What did each seat get, and in which currency?",
     outcome.ledger),
    ("frontier", "Frontier", "Where did this table come out among all that could be signed?",
     outcome.frontier),
    ("axes", "Five axes", "How far did each seat get between no deal and its best?",
     outcome.axes),
    ("dance", "Offer dance", "What was each offer worth to whom, and who moved?", offers.dance),
    ("issues", "Issue map", "Where did the seats come together, and what was swapped?",
     offers.issue_map),
    ("talk", "Who spoke to whom", "Who talked, who asked, who stood together?", talking.talk),
    ("rubric", "Process rubric", "How was it negotiated?", judgement.rubric),
    ("leftover", "Left on the table", "What else was possible, and who would have said no?",
     judgement.leftover),
    ("injects", "Injects", "What came in from outside, and what followed?", talking.news),
    ("secrets", "Secrets", "What slipped out, and whose own lines were touched?",
     judgement.slips),
    ("felt", "How it felt", "What do the people say themselves?", people.felt),
    ("across", "Across tables", "How did other tables of the same case end?", people.across),
    ("plan", "Improvement plan", "What to keep, and what to do differently?", judgement.plan),
    ("players", "AI seats", "What played each seat, and at what cost?", people.players),
)  # fmt: skip
"""Anchor, title, question and writer of every page."""

COUNTS = {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}
"""How many axes page 4 has, in words."""

BEFORE = (
    "How do you feel about the result, in one word?",
    "What did you want when you sat down, and what did you get?",
    "Which offer surprised you, and why?",
    "Whom did you understand least?",
    "At which turn could it have gone another way?",
)
"""Questions for the room before the other seats' sheets are opened."""

AFTER = (
    "Read another seat's sheet for two minutes: what would you now ask it?",
    "Which of your concessions was worth most to somebody else?",
    "Which clause could have been swapped, and for what?",
    "Write the victory speech of the seat that got least.",
    "What will you keep, and what will you do differently next time?",
)
"""Questions for the room once they are open."""


WORDS = (
    ("point", "What a seat's own sheet gives an option. It is worth something to that seat only."),
    ("currency", "What points are counted in: {currencies}. A seat can gain in one and lose in "
     "another."),
    ("text, package, offer", "One option for every issue; tabled by somebody it is an offer."),
    ("no deal", "The points a seat holds if the talks fail. A gain is what it has over that."),
    ("red line", "What a seat may not sign, whatever it is paid for it."),
    ("mandate, floor", "The least total that a seat's instructions let it sign; its floor is that "
     "or {gain} points over no deal, whichever is more."),
    ("signable", "On or above the floor of every seat, across no red line."),
    ("undominated, frontier", "Nobody can be given more without taking from somebody else."),
    ("stand behind, endorse", "To put one's name to an offer; the talks end in a deal when enough "
     "seats stand behind the same one."),
    ("concession", "A new offer worth less to its own author than the one before."),
    ("Nash, Kalai-Smorodinsky, max-min", "Three textbook ideas of a fair deal, to compare with: "
     "the largest product of gains, equal shares of what each could gain, the most for the seat "
     "that gains least."),
)  # fmt: skip
"""Words that a reader who was not at the table may not know."""


def chapters(told: Debrief) -> tuple[Chapter, ...]:
    """The whole report, chapter by chapter."""
    names = Names(told)
    axes = COUNTS.get(len(names.shown), str(len(names.shown)))
    return tuple(
        Chapter(
            number=number,
            id=anchor,
            title=f"{axes} {'axis' if len(names.shown) == 1 else 'axes'}"
            if anchor == "axes"
            else heading,
            asks=asks,
            blocks=tell(told, names),
        )
        for number, (anchor, heading, asks, tell) in enumerate(PAGES, 1)
    )


def foreword(told: Debrief) -> tuple[Block, ...]:
    """What the report is, whom it is for, and how to use it in a room."""
    head = told.heading
    if head.viewer != "facilitator":
        label = next(chair.label for chair in head.seats if chair.id == head.viewer)
        text = (
            f"{label}: this is the seat's own debrief, worked out from what it saw and from its "
            "own sheet. Pages that need other sheets say so."
        )
        return (Para(text=text), _glossary(told))
    still = " The table is still open: keep this file to yourself." if head.open else ""
    text = (
        "This is the facilitator's report: it opens every seat's confidential sheet. Talk about "
        f"the result before you show pages 3, 9, 11 and 14.{still}"
    )
    return (
        Para(text=text, tone="alarm" if head.open else "plain"),
        Grid(
            caption="Questions for the room: feelings first, then facts, reasons, and what to keep",
            head=("", "Before the sheets are opened", "Once they are open"),
            rows=tuple(
                (str(number), before, after)
                for number, (before, after) in enumerate(zip(BEFORE, AFTER, strict=True), 1)
            ),
            folded=True,
            label="Ten questions for the room",
        ),
        _glossary(told),
    )


def _glossary(told: Debrief) -> Grid:
    """The report's own words, said plainly."""
    head = told.heading
    rows = tuple(
        (word, means.format(currencies=listed(head.currencies), gain=head.gain))
        for word, means in WORDS
    )
    title = "Words used here"
    return Grid(caption=title, head=("Word", "Meaning"), rows=rows, folded=True, label=title)


def title(told: Debrief) -> str:
    """The report's title."""
    return f"After-action report: {told.heading.title}"


def kicker(told: Debrief) -> str:
    """What was played, in a line."""
    head = told.heading
    seed = f", seed {head.seed}" if head.viewer == "facilitator" else ""
    labels = {chair.id: chair.label for chair in head.seats}
    whose = labels.get(head.viewer, cap(head.viewer))
    return f"Table {head.table}, preset {head.preset}{seed}. View: {whose}."
