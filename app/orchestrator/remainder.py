"""What a command still owed the log when writing stopped in the middle of its facts.

A log takes the facts of a command all or none; a record file that was cut short may hold only
the first of them. The command is read off them and decided again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain.events import (
    BallotCast,
    CaucusClosed,
    CaucusOpened,
    CommandTaken,
    DraftsCirculated,
    Event,
    Fact,
    HelperPassed,
    ImprovementAnswered,
    ImprovementProposed,
    ImprovementSettled,
    LineCrossed,
    Moved,
    NewsArrived,
    Occupant,
    SeatTaken,
    Spoken,
    TableClosed,
    TableOpened,
    TextTabled,
    TurnTraced,
    VoteCast,
)
from app.domain.moves import Speech
from app.domain.table import fold
from app.orchestrator.orders import (
    AnswerImprovement,
    CastBallot,
    Command,
    Expire,
    Open,
    ProposeImprovement,
    Refusal,
    Submit,
    TableText,
)
from app.orchestrator.procedure import decide

_FIRSTS = (
    Moved,
    Spoken,
    CaucusOpened,
    CaucusClosed,
    TextTabled,
    HelperPassed,
    DraftsCirculated,
    VoteCast,
    BallotCast,
    ImprovementProposed,
    ImprovementAnswered,
)
"""Facts that are always the first of their command, but for a crossing of a line before them."""


def remainder(
    events: Sequence[Event], occupants: Mapping[str, Occupant] | None = None
) -> tuple[Fact, ...] | Refusal:
    """The facts that the last command of a log still owes; empty when it is whole.

    `occupants` says who sits where when even the opening is not whole. A Refusal means that the
    log does not follow these rules of procedure.
    """
    start = max((n for n in range(len(events)) if _begins(events, n)), default=0)
    tail = events[start:]
    if any(isinstance(event.body, CommandTaken | TurnTraced) for event in tail):
        return ()
    command = _command(tail, occupants or {})
    if command is None:
        return ()
    table = fold(events[:start]) if start else None
    facts = decide(table, command, tail[0].at)
    if isinstance(facts, Refusal):
        return facts
    if isinstance(command, AnswerImprovement):
        facts = tuple(fact for fact in facts if not isinstance(fact.body, LineCrossed))
    held = tuple(Fact(body=event.body, audience=event.audience) for event in tail)
    if facts[: len(held)] != held:
        return Refusal(code="not-awaited", reason="The last entries do not follow the rules.")
    return facts[len(held) :]


def _begins(events: Sequence[Event], place: int) -> bool:
    """Whether the entry is the first fact of a command."""
    match events[place].body:
        case TableOpened():
            return True
        case SeatTaken():
            opening = events[0].body
            return isinstance(opening, TableOpened) and place > len(opening.case.seats)
        case NewsArrived() as body:
            return not body.inject
        case ImprovementSettled() as body:
            return body.outcome == "none"
        case TableClosed() as body:
            return body.outcome == "adjourned"
        case body:
            return isinstance(body, _FIRSTS)


def _command(tail: Sequence[Event], occupants: Mapping[str, Occupant]) -> Command | None:
    """The command that these facts come from; None for one that causes a single fact."""
    match tail[0].body:
        case TableOpened() as body:
            taken = [event.body for event in tail if isinstance(event.body, SeatTaken)]
            return Open(
                case=body.case,
                case_hash=body.case_hash,
                seed=body.seed,
                session=body.session,
                version=body.version,
                occupants={**occupants, **{each.seat: each.occupant for each in taken}},
                names={each.seat: each.name for each in taken},
            )
        case Moved() as body if body.stand_in == "clock" and body.move.speech.by == "facilitator":
            return Expire(turn=body.turn)
        case Moved() as body:
            return Submit(seat=body.seat, turn=body.turn, move=body.move, stand_in=body.stand_in)
        case TextTabled() as body:
            return TableText(by=body.by, package=body.package, speech=body.speech)
        case HelperPassed() as body:
            return TableText(by=body.by, package=None, speech=Speech(text="", by=body.by))
        case BallotCast() as body:
            return CastBallot(seat=body.seat, ballot=body.ballot)
        case ImprovementAnswered() as body:
            return AnswerImprovement(seat=body.seat, accept=body.accept, override=True)
        case ImprovementProposed() as body:
            return ProposeImprovement(package=body.package)
        case ImprovementSettled():
            return ProposeImprovement(package=None)
        case _:
            return None
