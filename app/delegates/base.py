"""What a delegate is asked, and the typed plan that stands between deciding and speaking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from app.domain.moves import Ballot, Move, Speech, Vote
from app.domain.table import Owed, Table
from app.domain.terms import Package

Act: TypeAlias = Literal["statement", "offer", "endorse", "withdraw", "hold", "walk"]
Tone: TypeAlias = Literal["plain", "warm", "firm", "urgent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A typed decision without any free text: what the words may know of it.

    `issues` are the subjects to argue on, most important first; `points` published talking
    points to use (empty: the speaker chooses); `press` an issue on which `to` is asked to
    move; `live_with` an option, as (issue, option), the seat could live with though its own
    text does not carry it.
    """

    act: Act
    endorse: tuple[int, ...] = ()
    withdraw: tuple[int, ...] = ()
    package: Package | None = None
    to: str | None = None
    issues: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    press: str | None = None
    live_with: tuple[str, str] | None = None
    tone: Tone = "plain"


class Delegate(Protocol):
    """Somebody who acts for a seat. `view` is the fold over that seat's own events only."""

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        """The move for the turn this seat has. `room` is what the turn's audience may see."""

    async def reply(self, room: Table, owed: Owed) -> Speech:
        """An answer to a person's words, from what everybody in that room may see."""

    async def vote(self, view: Table, seat: str) -> Vote:
        """A private answer to the mediator's drafts."""

    async def ballot(self, view: Table, seat: str) -> Ballot:
        """A private ranking of the packages that pass."""

    async def improvement(self, view: Table, seat: str) -> bool:
        """Whether to accept the improvement before the table."""
