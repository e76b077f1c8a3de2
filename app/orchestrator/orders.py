"""What may be asked of a table, and the refusal that answers what is not allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from app.domain.case import Case, Session
from app.domain.events import Occupant, TurnTraced
from app.domain.moves import Ballot, Move, Speech, Vote
from app.domain.terms import Package

REFUSALS: dict[str, str] = {
    "closed": "the talks are over",
    "not-open": "the table has not been opened",
    "left-table": "the seat has left the table for good",
    "already-open": "the table is open already",
    "no-such-seat": "the case has no such seat",
    "not-your-turn": "another seat has the floor, or the turn has passed",
    "wrong-voice": "the words are not marked with who really speaks",
    "no-words": "a turn or a remark needs words",
    "too-long": "the words exceed the limit",
    "too-many-words": "too many remarks within one turn",
    "statement-only": "opening statements carry words only",
    "no-such-offer": "no offer of that number is on the table",
    "already-endorsed": "this seat's endorsement stands already",
    "not-endorsed": "there is no endorsement to withdraw",
    "no-reason": "a withdrawal needs a reason",
    "both-ways": "one move cannot endorse and withdraw the same offer",
    "incomplete": "a package settles every issue with one of its options",
    "duplicate": "this very package is on the table already",
    "below-floor": "an AI seat may not put its name to this",
    "own-line": "the person would cross their own line; an explicit override is needed",
    "not-awaited": "the table is not waiting for this",
    "bad-ballot": "a ballot ranks exactly the packages asked about",
    "bad-vote": "a vote names only drafts that were circulated",
    "harms": "an improvement may take nothing from anybody",
    "no-such-room": "there is no such open room",
    "not-in-room": "the seat is not in that room",
    "bad-caucus": "a caucus is a meeting of some, not all, and not of one",
    "too-many-rooms": "too many private meetings are open",
    "not-due": "the clock has not run out",
    "not-allowed": "this session does not allow it",
    "bad-session": "the session's options are not possible",
}
"""Every refusal code with its general meaning; a refusal's reason says the particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A command that was not allowed: a value that always reaches its caller."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open a table."""

    case: Case
    case_hash: str
    seed: int
    session: Session
    version: str
    occupants: Mapping[str, Occupant] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSeat:
    """Sit down, or hand a seat to the engine or a model."""

    seat: str
    occupant: Occupant
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """A seat's move for the turn it has. `stand_in` says why another took it.

    `trace` is kept for the facilitator, after all that the move caused.
    """

    seat: str
    turn: int
    move: Move
    stand_in: str = ""
    trace: TurnTraced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Words between turns. `reading` is how the interpreter understood a person's words.

    `trace` tells the facilitator how a model came by them.
    """

    seat: str
    room: str
    speech: Speech
    reading: tuple[tuple[str, str], ...] = ()
    reading_text: str = ""
    trace: TurnTraced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCaucus:
    """Ask some seats to meet apart."""

    by: str
    seats: tuple[str, ...]
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCaucus:
    """End a private meeting."""

    by: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """The chair or the mediator tables a package, or passes when `package` is None."""

    by: Literal["chair", "mediator"]
    package: Package | None
    speech: Speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Circulate:
    """The mediator asks in private about drafts."""

    drafts: tuple[Package, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CastVote:
    """A seat answers the mediator."""

    seat: str
    vote: Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class CastBallot:
    """A seat ranks the packages that pass."""

    seat: str
    ballot: Ballot


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeImprovement:
    """Code with full information found a package that takes nothing from anybody, or none."""

    package: Package | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerImprovement:
    """A seat accepts or refuses the improvement. `override` as in a move."""

    seat: str
    accept: bool
    override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """The clock of a turn ran out."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """The facilitator brings news to all ("*") or to some seats."""

    text: str
    to: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjourn:
    """The facilitator ends the talks."""

    reason: str


Command: TypeAlias = (
    Open
    | TakeSeat
    | Submit
    | Say
    | CallCaucus
    | CloseCaucus
    | TableText
    | Circulate
    | CastVote
    | CastBallot
    | ProposeImprovement
    | AnswerImprovement
    | Expire
    | Announce
    | Adjourn
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Somebody the table waits for.

    `act` says for what: a `turn`, an answer to words (`reply`), a mediator's `vote`, a
    `ballot` among passing packages, an answer to an `improvement`; `text` and `drafts` are
    asked of the chair or mediator, `search` of the code that looks for an improvement.
    `ref` is the turn or speech number, `room` where an answer is owed.
    """

    act: Literal["turn", "reply", "vote", "ballot", "improvement", "text", "drafts", "search"]
    seat: str
    ref: int = 0
    room: str = ""
    deadline: int | None = None
