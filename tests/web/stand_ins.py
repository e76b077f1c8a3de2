"""A delegate and helpers for tests of the service: the engine's plan in the phrasebook's words."""

from __future__ import annotations

from collections.abc import Mapping

from app.delegates import engine, phrasebook
from app.delegates.base import Delegate
from app.domain.moves import Ballot, Move, Speech, Vote, Withdrawal
from app.domain.table import PLENARY, Owed, Table
from app.domain.terms import Package
from app.orchestrator.orders import Command, Say
from app.orchestrator.turn import Helper


class Planned:
    """Acts as the engine plans."""

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        plan = engine.plan(view, seat)
        return Move(
            speech=phrasebook.speak(room, seat, plan),
            endorse=plan.endorse,
            withdraw=tuple(Withdrawal(offer=n, reason="Circumstances.") for n in plan.withdraw),
            package=plan.package,
        )

    async def reply(self, room: Table, owed: Owed) -> Speech:
        return Speech(text=f"We heard remark {owed.number}.", by="engine", answers=owed.number)

    async def vote(self, view: Table, seat: str) -> Vote:
        return engine.vote(view, seat)

    async def ballot(self, view: Table, seat: str) -> Ballot:
        return engine.ballot(view, seat)

    async def improvement(self, view: Table, seat: str) -> bool:
        return engine.improvement(view, seat)


class Silent:
    """A chair or mediator without a text."""

    def drafts(self, view: Table) -> tuple[Package, ...]:
        return ()

    def text(self, view: Table) -> tuple[Package | None, Speech]:
        return None, Speech(text="No text.", by="chair")


def delegates() -> Mapping[str, Delegate]:
    """Every AI seat."""
    return {"engine": Planned()}


def helpers() -> Mapping[str, Helper]:
    """The chair and the mediator."""
    return {"chair": Silent(), "mediator": Silent()}


def say(seat: str, text: str) -> Command:
    """A person's remark."""
    return Say(seat=seat, room=PLENARY, speech=Speech(text=text, by="person"))
