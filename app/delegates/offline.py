"""The offline delegation: the engine decides, the phrasebook speaks."""

from __future__ import annotations

from app.delegates import engine, phrasebook
from app.domain.moves import Ballot, Move, Speech, Vote, Withdrawal
from app.domain.table import Owed, Remark, Table


class OfflineDelegate:
    """A delegate that needs no key: decisions from the seat's view, words from the room's."""

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        """The engine's plan, put into words by one who never saw the mandate."""
        plan = engine.plan(view, seat)
        withdraw = tuple(
            Withdrawal(
                offer=number,
                reason=phrasebook.withdrawal_reason(
                    room, seat, number, plan.issues[0] if plan.issues else ""
                ),
            )
            for number in plan.withdraw
        )
        return Move(
            speech=phrasebook.speak(room, seat, plan),
            endorse=plan.endorse,
            withdraw=withdraw,
            package=plan.package,
            walk=plan.act == "walk",
        )

    async def reply(self, room: Table, owed: Owed) -> Speech:
        """An answer to a person's words."""
        return phrasebook.answer(room, owed.seat, asked(room, owed))

    async def vote(self, view: Table, seat: str) -> Vote:
        """The engine's answer to the mediator."""
        return engine.vote(view, seat)

    async def ballot(self, view: Table, seat: str) -> Ballot:
        """The engine's ranking."""
        return engine.ballot(view, seat)

    async def improvement(self, view: Table, seat: str) -> bool:
        """The engine's answer to an improvement."""
        return engine.improvement(view, seat)


def asked(room: Table, owed: Owed) -> Remark:
    """The remark an answer is owed to."""
    for remark in reversed(room.words):
        if remark.room == owed.room and remark.number == owed.number:
            return remark
    raise KeyError(f"no remark {owed.number} in {owed.room}")
