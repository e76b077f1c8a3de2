"""What a seat, the chair or the mediator is asked, turned into the command it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from app.delegates.base import Delegate
from app.domain.bargaining import improve
from app.domain.moves import Move, Speech
from app.domain.survey import survey
from app.domain.table import PLENARY, Owed, Table
from app.domain.terms import Package
from app.orchestrator.orders import (
    AnswerImprovement,
    Awaited,
    CastBallot,
    CastVote,
    Circulate,
    Command,
    ProposeImprovement,
    Refusal,
    Say,
    Submit,
    TableText,
)
from app.orchestrator.sitting import Sitting


class Helper(Protocol):
    """The chair or the mediator: works from its own view only."""

    def drafts(self, view: Table) -> tuple[Package, ...]:
        """Drafts to ask about in private; empty when there are none."""

    def text(self, view: Table) -> tuple[Package | None, Speech]:
        """The package to table, or None, with its words."""


async def answer(
    sitting: Sitting,
    awaited: Awaited,
    delegates: Mapping[str, Delegate],
    helpers: Mapping[str, Helper],
) -> Command | None:
    """The command with which what is awaited is answered; None when a person must."""
    if awaited.act == "search":
        return ProposeImprovement(package=_improvement(sitting.table))
    if awaited.seat in helpers:
        return _helped(sitting, awaited, helpers[awaited.seat])
    delegate = delegates.get(sitting.table.occupants.get(awaited.seat, ""))
    if delegate is None:
        return None
    return await _delegated(sitting, awaited, delegate)


async def _delegated(sitting: Sitting, awaited: Awaited, delegate: Delegate) -> Command:
    seat, view = awaited.seat, sitting.view(awaited.seat)
    match awaited.act:
        case "turn":
            move = await delegate.move(view, sitting.public(), seat)
            return Submit(seat=seat, turn=awaited.ref, move=move)
        case "reply":
            room = _room(sitting, awaited.room)
            owed = Owed(seat=seat, room=awaited.room, number=awaited.ref)
            return Say(seat=seat, room=awaited.room, speech=await delegate.reply(room, owed))
        case "vote":
            return CastVote(seat=seat, vote=await delegate.vote(view, seat))
        case "ballot":
            return CastBallot(seat=seat, ballot=await delegate.ballot(view, seat))
        case _:
            accept = await delegate.improvement(view, seat)
            return AnswerImprovement(seat=seat, accept=accept)


def _room(sitting: Sitting, room: str) -> Table:
    """What everybody who hears the answer may see."""
    if room == PLENARY:
        return sitting.public()
    return sitting.shared(sitting.table.rooms[room].seats)


def _helped(sitting: Sitting, awaited: Awaited, helper: Helper) -> Command:
    view = sitting.view(awaited.seat)
    if awaited.act == "drafts":
        return Circulate(drafts=helper.drafts(view))
    package, speech = helper.text(view)
    return TableText(by=_helper_name(awaited), package=package, speech=speech)


def _improvement(table: Table) -> Package | None:
    """Full-information help after a deal: what takes nothing from anybody, or None."""
    if table.deal is None:
        return None
    found = survey(table.case, table.preset)
    return improve(table.case, table.preset, table.deal.package, found)


def fallback(awaited: Awaited, refusal: Refusal) -> Command | None:
    """When an AI seat's answer was refused: the harmless act, said openly."""
    if awaited.act == "turn":
        words = Speech(
            text="We have nothing to add in this turn and keep our position.", by="engine"
        )
        return Submit(
            seat=awaited.seat, turn=awaited.ref, move=Move(speech=words), stand_in=refusal.code
        )
    if awaited.act == "improvement":
        return AnswerImprovement(seat=awaited.seat, accept=False)
    if awaited.act == "text" and awaited.seat in ("chair", "mediator"):
        words = Speech(text="No text this round.", by="facilitator")
        return TableText(by=_helper_name(awaited), package=None, speech=words)
    return None


def _helper_name(awaited: Awaited) -> Literal["chair", "mediator"]:
    return "chair" if awaited.seat == "chair" else "mediator"
