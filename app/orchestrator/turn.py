"""What a seat, the chair or the mediator is asked, turned into the command it answers with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, Protocol

from app.delegates.base import Delegate
from app.domain.bargaining import improve
from app.domain.moves import Ballot, Move, Speech, Vote
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
    Say,
    Submit,
    TableText,
)
from app.orchestrator.sitting import Sitting

NOT_OPEN = "move-refused"
"""Why an AI seat's move was replaced, as everybody may know it: which rule it met would tell a
table where a line is. The rule's code stands in the turn's trace, which the facilitator sees."""

NO_ANSWER = "no-answer"
"""Why a seat's turn was taken by another when its delegate gave nothing in time."""


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
        found = await asyncio.to_thread(_improvement, sitting.table)
        return ProposeImprovement(package=found)
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
            after = sitting.seq
            taken = await delegate.move(view, sitting.public(), seat)
            if isinstance(taken, Move):
                return Submit(seat=seat, turn=awaited.ref, move=taken)
            trace = replace(taken.trace, after=after) if taken.trace else None
            return Submit(
                seat=seat,
                turn=awaited.ref,
                move=taken.move,
                stand_in=taken.stand_in,
                trace=trace,
            )
        case "reply":
            room = heard_in(sitting, awaited.room)
            owed = Owed(seat=seat, room=awaited.room, number=awaited.ref)
            after = sitting.seq
            said = await delegate.reply(room, owed)
            if isinstance(said, Speech):
                return Say(seat=seat, room=awaited.room, speech=said)
            trace = replace(said.trace, after=after) if said.trace else None
            return Say(seat=seat, room=awaited.room, speech=said.speech, trace=trace)
        case "vote":
            return CastVote(seat=seat, vote=await delegate.vote(view, seat))
        case "ballot":
            return CastBallot(seat=seat, ballot=await delegate.ballot(view, seat))
        case _:
            accept = await delegate.improvement(view, seat)
            return AnswerImprovement(seat=seat, accept=accept)


def heard_in(sitting: Sitting, room: str) -> Table:
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


async def replaced(
    sitting: Sitting, awaited: Awaited, delegates: Mapping[str, Delegate]
) -> Command | None:
    """What the engine answers for a seat whose delegate failed, said openly."""
    engine = delegates.get("engine")
    failed = delegates.get(sitting.table.occupants.get(awaited.seat, ""))
    if engine is None or engine is failed:
        return fallback(sitting.table, awaited, None)
    command = await _delegated(sitting, awaited, engine)
    return replace(command, stand_in=NO_ANSWER) if isinstance(command, Submit) else command


def fallback(
    table: Table, awaited: Awaited, refused: Command | None, code: str = ""
) -> Command | None:
    """The harmless act, said openly, for an AI seat that failed or whose answer was refused.

    `refused` is that answer and `code` why; its trace goes on, with the code for the facilitator.
    """
    seat = awaited.seat
    match awaited.act:
        case "turn":
            text = "We have nothing to add in this turn and keep our position."
            move = Move(speech=Speech(text=text, by="engine"))
            trace = refused.trace if isinstance(refused, Submit) else None
            if trace is not None:
                trace = replace(trace, notes=(*trace.notes, f"refused {code}"))
            why = NOT_OPEN if code else NO_ANSWER
            return Submit(seat=seat, turn=awaited.ref, move=move, stand_in=why, trace=trace)
        case "reply":
            words = Speech(
                text="We have heard you and have no answer now.", by="engine", answers=awaited.ref
            )
            trace = refused.trace if isinstance(refused, Say) else None
            return Say(seat=seat, room=awaited.room, speech=words, trace=trace)
        case "vote":
            return CastVote(seat=seat, vote=Vote(yes=()))
        case "ballot":
            return CastBallot(seat=seat, ballot=Ballot(ranking=table.ranking))
        case "improvement":
            return AnswerImprovement(seat=seat, accept=False)
        case "text":
            words = Speech(text="No text this round.", by="facilitator")
            return TableText(by=_helper_name(awaited), package=None, speech=words)
        case _:
            return None


def _helper_name(awaited: Awaited) -> Literal["chair", "mediator"]:
    return "chair" if awaited.seat == "chair" else "mediator"
