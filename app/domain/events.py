"""What happened at a table, in the past tense, with the audience fixed when it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.domain.case import Case, Session
from app.domain.mandate import Breach
from app.domain.moves import Ballot, Move, Speech, Vote
from app.domain.terms import Package

EVERYBODY: tuple[str, ...] = ("*",)
"""Audience of what is public at the table, watchers included."""

FACILITATOR: tuple[str, ...] = ()
"""Audience of what only the facilitator may see: nobody is named."""

Occupant: TypeAlias = Literal["engine", "model", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOpened:
    """The first event: the whole case, the seed and the session. Seats get their part of it."""

    case: Case
    case_hash: str
    seed: int
    session: Session
    version: str
    kind: Literal["table.opened"] = "table.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatTaken:
    """Somebody sits down: the engine, a model or a person (also mid-table)."""

    seat: str
    occupant: Occupant
    name: str = ""
    kind: Literal["seat.taken"] = "seat.taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsementsLapsed:
    """A seat changed hands and the newcomer may not stand behind what a person had overridden."""

    seat: str
    offers: tuple[int, ...]
    kind: Literal["endorsements.lapsed"] = "endorsements.lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundOpened:
    """A round begins; round 0 is the opening statements."""

    round: int
    kind: Literal["round.opened"] = "round.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsArrived:
    """An inject of the case or of the facilitator."""

    text: str
    inject: str = ""
    kind: Literal["news.arrived"] = "news.arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOpened:
    """A seat has the floor. `deadline` is in milliseconds since 1970, or None without a clock."""

    turn: int
    seat: str
    policy: str
    reason: str
    deadline: int | None = None
    kind: Literal["turn.opened"] = "turn.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A seat took its turn: the approved move with its words.

    `offer` is the number given to the package tabled. `stand_in` says why somebody else took
    the turn (the clock, a failed model); empty when the seat acted itself.
    """

    turn: int
    seat: str
    move: Move
    offer: int | None = None
    stand_in: str = ""
    kind: Literal["seat.moved"] = "seat.moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCrossed:
    """A person crossed their own floor with an explicit override, or a record-mode seat did."""

    turn: int
    seat: str
    offer: int
    breaches: tuple[Breach, ...]
    kind: Literal["line.crossed"] = "line.crossed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTabled:
    """The chair or the mediator put a complete package on the table, endorsed by nobody yet."""

    offer: int
    by: Literal["chair", "mediator"]
    package: Package
    speech: Speech
    kind: Literal["text.tabled"] = "text.tabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperPassed:
    """The chair or the mediator had nothing to table this round."""

    by: Literal["chair", "mediator"]
    kind: Literal["helper.passed"] = "helper.passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Words between turns, in the plenary or a caucus room. `number` counts within the room."""

    number: int
    seat: str
    room: str
    speech: Speech
    kind: Literal["words.spoken"] = "words.spoken"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingProposed:
    """How the interpreter understood a person's words; binds nobody until sent as an offer."""

    seat: str
    room: str
    answers: int
    choices: tuple[tuple[str, str], ...]
    text: str
    kind: Literal["reading.proposed"] = "reading.proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaucusOpened:
    """Some seats meet apart."""

    room: str
    seats: tuple[str, ...]
    by: str
    topic: str
    kind: Literal["caucus.opened"] = "caucus.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaucusClosed:
    """A private meeting ends."""

    room: str
    by: str
    kind: Literal["caucus.closed"] = "caucus.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsCirculated:
    """The mediator asks every seat in private about some drafts; they are not on the table."""

    drafts: tuple[Package, ...]
    kind: Literal["drafts.circulated"] = "drafts.circulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast:
    """A seat's private answer to the mediator."""

    seat: str
    vote: Vote
    kind: Literal["vote.cast"] = "vote.cast"


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingOpened:
    """Several packages pass: the seats rank them."""

    offers: tuple[int, ...]
    kind: Literal["ranking.opened"] = "ranking.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotCast:
    """A seat's private ranking."""

    seat: str
    ballot: Ballot
    kind: Literal["ballot.cast"] = "ballot.cast"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementReached:
    """Established by code: this offer meets the decision rule. `how` says so in words."""

    offer: int
    package: Package
    backers: tuple[str, ...]
    how: str
    kind: Literal["agreement.reached"] = "agreement.reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementProposed:
    """After a deal, a package that takes nothing from anybody; it never says who gains."""

    package: Package
    kind: Literal["improvement.proposed"] = "improvement.proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementAnswered:
    """A seat accepts or refuses the improvement."""

    seat: str
    accept: bool
    kind: Literal["improvement.answered"] = "improvement.answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementSettled:
    """The improvement replaced the deal, was refused, or there was none."""

    outcome: Literal["accepted", "refused", "none"]
    package: Package
    kind: Literal["improvement.settled"] = "improvement.settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableClosed:
    """The talks are over."""

    outcome: Literal["agreement", "impasse", "walkout", "adjourned"]
    reason: str
    kind: Literal["table.closed"] = "table.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTaken:
    """A client's command, known by the client's own id, was carried out: all before this entry.

    Written with the facts it caused, for the facilitator only, so that a command that comes
    again after a lost answer or a killed server is answered and not done twice.
    """

    viewer: str
    ref: str
    kind: Literal["command.taken"] = "command.taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call to a model: what was sent (as a hash), what came back, and what it cost.

    `fault` says why no usable answer came; `answer` is then empty.
    """

    purpose: str
    prompt: str
    answer: str = ""
    fault: str = ""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reported: bool = True
    tries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTraced:
    """How a model took a turn, for the facilitator: enough to render its prompts again.

    With a `reply` it was no turn but an answer to the remark of that number in `room`. `after`
    is the number of the last event that had happened when it was asked; `templates` are the
    prompt files with their versions and hashes; `notes` say what was caught.
    """

    turn: int
    seat: str
    after: int
    model: str
    barrier: str
    counsel: bool
    templates: tuple[tuple[str, str], ...]
    calls: tuple[ModelCall, ...]
    notes: tuple[str, ...] = ()
    reply: int = 0
    room: str = ""
    kind: Literal["turn.traced"] = "turn.traced"


Body: TypeAlias = (
    TableOpened
    | SeatTaken
    | EndorsementsLapsed
    | RoundOpened
    | NewsArrived
    | TurnOpened
    | Moved
    | LineCrossed
    | TextTabled
    | HelperPassed
    | Spoken
    | ReadingProposed
    | CaucusOpened
    | CaucusClosed
    | DraftsCirculated
    | VoteCast
    | RankingOpened
    | BallotCast
    | AgreementReached
    | ImprovementProposed
    | ImprovementAnswered
    | ImprovementSettled
    | TableClosed
    | CommandTaken
    | TurnTraced
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A body with its audience: what `decide` answers, before the log numbers it."""

    body: Body
    audience: tuple[str, ...] = EVERYBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of a table's log. `at` is in milliseconds since 1970 (UTC)."""

    table_id: str
    seq: int
    at: int
    audience: tuple[str, ...]
    body: Body
