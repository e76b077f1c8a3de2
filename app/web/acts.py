"""A client's frame, spoken as a viewer, turned into the command it asks for, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping

from app.delegates.reading import read
from app.domain import moves
from app.domain.draft import stand
from app.domain.moves import Speech
from app.domain.table import FACILITATOR_VIEW, PLENARY, Table
from app.domain.terms import Package
from app.orchestrator.orders import (
    Adjourn,
    Announce,
    AnswerImprovement,
    CallCaucus,
    CastBallot,
    CastVote,
    CloseCaucus,
    Command,
    Refusal,
    Say,
    Submit,
    TakeSeat,
)
from app.web import wire

FACILITATES = (wire.Announce, wire.Adjourn, wire.CaucusOpen, wire.CaucusClose)


def command_of(frame: wire.Command, view: Table, viewer: str) -> Command | Refusal:
    """The command. `view` is the fold over what the viewer may see."""
    if viewer == FACILITATOR_VIEW:
        if not isinstance(frame, FACILITATES):
            return Refusal(code="not-allowed", reason="The facilitator holds no seat.")
        return _facilitated(frame, viewer)
    if viewer not in view.case.seat_ids:
        return Refusal(code="not-allowed", reason="Watchers look on; take a seat to act.")
    if isinstance(frame, wire.Announce | wire.Adjourn):
        return Refusal(code="not-allowed", reason="Only the facilitator may do that.")
    if isinstance(frame, wire.SeatTake):
        return TakeSeat(seat=viewer, occupant="person", name=frame.name)
    if view.occupants.get(viewer) != "person":
        return Refusal(
            code="not-seated",
            reason=f"The {view.occupants.get(viewer)} holds this seat; take it before you act.",
        )
    return _seated(frame, view, viewer)


def _facilitated(frame: wire.Command, viewer: str) -> Command | Refusal:
    match frame:
        case wire.Announce():
            return Announce(text=frame.text, to=frame.to)
        case wire.Adjourn():
            return Adjourn(reason=frame.reason or "adjourned by the facilitator")
        case wire.CaucusOpen():
            return CallCaucus(by=viewer, seats=frame.seats, topic=frame.topic)
        case wire.CaucusClose():
            return CloseCaucus(by=viewer, room=frame.room)
        case _:
            return Refusal(code="not-allowed", reason="The facilitator holds no seat.")


def _seated(frame: wire.Command, view: Table, seat: str) -> Command | Refusal:
    match frame:
        case wire.Say():
            return _say(frame, view, seat)
        case wire.Move():
            return _move(frame, view, seat)
        case wire.Ballot():
            return CastBallot(seat=seat, ballot=moves.Ballot(ranking=frame.ranking))
        case wire.Vote():
            return CastVote(seat=seat, vote=moves.Vote(yes=frame.yes, ranking=frame.ranking))
        case wire.Improvement():
            return AnswerImprovement(seat=seat, accept=frame.accept, override=frame.override)
        case wire.CaucusOpen():
            return CallCaucus(by=seat, seats=frame.seats, topic=frame.topic)
        case wire.CaucusClose():
            return CloseCaucus(by=seat, room=frame.room)
        case wire.SeatHandBack():
            return TakeSeat(seat=seat, occupant="engine")
        case _:
            return Refusal(code="not-allowed", reason="A seat may not do that.")


def _say(frame: wire.Say, view: Table, seat: str) -> Command:
    """Words, with the reading of them where they sound like an offer.

    Only words to somebody are answered. Said to nobody in particular they are for the seat that
    they call by name, or where there is but one other to hear them, for that one.
    """
    found = read(frame.text, view.case, seat, stand(view, seat))
    offered = found.kind == "offer" and frame.room == PLENARY
    return Say(
        seat=seat,
        room=frame.room,
        speech=Speech(
            text=frame.text,
            by="person",
            to=frame.to or _meant(frame.room, view, seat, found.addressee),
            issues=found.issues,
        ),
        reading=found.options if offered else (),
        reading_text=found.text if offered else "",
    )


def _meant(room: str, view: Table, seat: str, called: str | None) -> str | None:
    """Whom words to nobody in particular are for; None where that is all who hear them."""
    meeting = view.rooms.get(room)
    inside = view.case.seat_ids if room == PLENARY else meeting.seats if meeting else ()
    others = [each for each in inside if each != seat]
    return called if called in others else others[0] if len(others) == 1 else None


def _move(frame: wire.Move, view: Table, seat: str) -> Command | Refusal:
    package: Package | None = None
    if frame.package is not None:
        package = package_of(frame.package, view)
        if package is None:
            return incomplete(view)
    turn = frame.turn
    if turn is None:
        turn = view.turn.number if view.turn else 0
    speech = Speech(text=frame.text.strip() or _plainly(frame), by="person", to=frame.to)
    return Submit(
        seat=seat,
        turn=turn,
        move=moves.Move(
            speech=speech,
            endorse=frame.endorse,
            withdraw=tuple(
                moves.Withdrawal(offer=each.offer, reason=each.reason) for each in frame.withdraw
            ),
            package=package,
            walk=frame.walk,
            override=frame.override,
        ),
    )


def package_of(choices: Mapping[str, str], view: Table) -> Package | None:
    """The package of a mapping from issue to option; None unless it settles just the agenda."""
    agenda = view.agenda
    if set(choices) != set(agenda.ids):
        return None
    package = tuple(choices[issue] for issue in agenda.ids)
    return package if agenda.complete(package) else None


def incomplete(view: Table) -> Refusal:
    """What is said of a package that is not one."""
    count = len(view.case.issues)
    return Refusal(
        code="incomplete", reason=f"A package settles all {count} issues with known options."
    )


def _plainly(frame: wire.Move) -> str:
    """What the move does, for a person who sent no words with it."""
    if frame.walk:
        return "We leave this table."
    parts = []
    if frame.package is not None:
        parts.append("We put a text before the table.")
    parts += [f"We support offer {number}." for number in frame.endorse]
    parts += [f"We no longer support offer {each.offer}." for each in frame.withdraw]
    return " ".join(parts) or "We pass."
