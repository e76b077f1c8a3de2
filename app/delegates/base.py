"""What a delegate is asked, and the typed plan that stands between deciding and speaking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from app.domain.events import TurnTraced
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a prompt. Untrusted text stands only inside fenced spans of `user` text."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request to a model. `schema` is a JSON schema for a structured answer, or None.

    `seconds` is what is left of the turn and `tries` how many requests may be sent for it;
    `lane` names the table for fairness, `account` the table, seat and day that pay.
    """

    messages: tuple[Message, ...]
    purpose: Literal["planner", "speaker", "filtered", "judge", "probe"]
    schema: Mapping[str, object] | None = None
    max_tokens: int = 700
    temperature: float = 0.7
    seconds: float = 60.0
    tries: int = 3
    lane: str = ""
    account: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider reported them, and as they were reserved when it did not."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reported: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A whole answer of a model: its text, and what it cost."""

    text: str
    model: str
    usage: Usage
    tries: int = 1


class Complete(Protocol):
    """A model behind one door. DelegateFailed when no usable answer came in time."""

    async def __call__(self, ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        """The answer; `on_text` is given pieces of the text as they come."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A move with how it came about: who stood in and why, and a trace for the facilitator."""

    move: Move
    stand_in: str = ""
    trace: TurnTraced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer to words with how it came about: a trace for the facilitator."""

    speech: Speech
    trace: TurnTraced | None = None


class Delegate(Protocol):
    """Somebody who acts for a seat. `view` is the fold over that seat's own events only."""

    async def move(self, view: Table, room: Table, seat: str) -> Move | Taken:
        """The move for the turn this seat has. `room` is what the turn's audience may see."""

    async def reply(self, room: Table, owed: Owed) -> Speech | Said:
        """An answer to a person's words, from what everybody in that room may see."""

    async def vote(self, view: Table, seat: str) -> Vote:
        """A private answer to the mediator's drafts."""

    async def ballot(self, view: Table, seat: str) -> Ballot:
        """A private ranking of the packages that pass."""

    async def improvement(self, view: Table, seat: str) -> bool:
        """Whether to accept the improvement before the table."""
