"""What things of a debrief are called on paper."""

from __future__ import annotations

from app.domain.moves import Voice
from app.evaluator.debrief.ground import Cite, Untold
from app.evaluator.debrief.whole import Debrief
from app.evaluator.handout.blocks import Block, Para, Words
from app.evaluator.wording import VOICES

HELPERS = {"chair": "Chair", "mediator": "Mediator", "facilitator": "Facilitator", "table": "all"}


class Names:
    """Labels of seats, issues and options of one debrief."""

    def __init__(self, told: Debrief) -> None:
        self._seats = {chair.id: chair.label for chair in told.heading.seats}
        self._issues = {issue.id: issue.title for issue in told.heading.issues}
        self._options = {issue.id: dict(issue.options) for issue in told.heading.issues}
        self.shown = tuple(account.seat for account in told.verdict.accounts)

    def seat(self, seat: str) -> str:
        """A seat, a helper, or the whole table."""
        return self._seats.get(seat) or HELPERS.get(seat, seat)

    def seats(self, seats: tuple[str, ...], nobody: str = "nobody") -> str:
        """Several seats."""
        return ", ".join(self.seat(seat) for seat in seats) or nobody

    def issue(self, issue: str) -> str:
        """An issue's title."""
        return self._issues.get(issue, issue)

    def option(self, issue: str, option: str) -> str:
        """An option's label."""
        return self._options.get(issue, {}).get(option, option)

    def words(self, cite: Cite | None) -> tuple[Words, ...]:
        """A quote, or nothing."""
        return () if cite is None else (Words(text=clipped(cite), source=self.source(cite)),)

    def source(self, cite: Cite) -> str:
        """Who said it, when, and who or what spoke."""
        when = f"after turn {cite.turn}" if cite.between else f"turn {cite.turn}"
        voice = "" if cite.seat == cite.voice else f", spoken by {spoken_by(cite.voice)}"
        return f"{self.seat(cite.seat)}, {when}{voice}"

    def quoted(self, cite: Cite | None) -> str:
        """A quote inside a table."""
        if cite is None:
            return ""
        return f"\u201c{clipped(cite)}\u201d ({self.source(cite)})"


def clipped(cite: Cite) -> str:
    """The words, marked where the sentence goes on."""
    return cite.text if cite.whole else f"{cite.text} [cut]"


def spoken_by(voice: Voice) -> str:
    """A person, the engine or a model."""
    return VOICES[voice]


def untold(page: Untold) -> tuple[Block, ...]:
    """A page the record cannot fill, in one paragraph."""
    return (Para(text=f"{page.why} {page.how}", tone="note"),)


def turns(numbers: tuple[int, ...], most: int = 8) -> str:
    """Turns in a table cell."""
    told = ", ".join(str(number) for number in numbers[:most])
    more = len(numbers) - most
    return f"{told} and {more} more" if more > 0 else told


def points(number: float) -> str:
    """A number with a proper minus and no needless digits."""
    told = f"{number:.1f}" if isinstance(number, float) and number % 1 else f"{number:.0f}"
    return told.replace("-", "\u2212")


def yes(holds: bool | None) -> str:
    """Yes or no, told apart by sign as well as by word."""
    return "\u2013" if holds is None else "\u2713 yes" if holds else "\u2717 no"
