"""A model's turn is given up as soon as the table no longer waits for it from the model."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from app.delegates.base import Delegate, Taken
from app.domain.moves import Ballot, Move, Speech, Vote
from app.domain.table import Owed, Table
from app.errors import ParleyError
from app.orchestrator.runner import POLL_SECONDS, Desk
from app.web.drafts import Drafts


class Recalled(ParleyError):
    """The turn is no longer the model's: a person sat down, or the talks are over."""


class Recallable:
    """A delegate whose turn is cancelled, down to the provider, when it has become moot."""

    def __init__(self, delegate: Delegate, desk: Desk, drafts: Drafts) -> None:
        self._delegate = delegate
        self._desk = desk
        self._drafts = drafts

    async def move(self, view: Table, room: Table, seat: str) -> Move | Taken:
        """The move; Recalled when the table goes on without it."""
        table_id, turn = room.table_id, room.turn.number if room.turn else 0
        name = room.names.get(seat, "")
        work: asyncio.Task[Move | Taken] = asyncio.create_task(
            self._delegate.move(view, room, seat)
        )
        try:
            async with self._desk.wakeup.listen(table_id) as bell:
                while True:
                    table = (await self._desk.sitting(table_id)).public()
                    if _is_moot(table, seat, name, turn):
                        raise Recalled(f"{seat} was recalled in turn {turn}")
                    if await self._done(work, bell.wait(POLL_SECONDS)):
                        return await work
        finally:
            if not work.done():
                work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            self._drafts.forget(table_id)

    @staticmethod
    async def _done(work: asyncio.Task[Move | Taken], ring: Coroutine[Any, Any, bool]) -> bool:
        """Wait for the move or for a ring; whether the move is there."""
        bell = asyncio.create_task(ring)
        try:
            await asyncio.wait((work, bell), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not bell.done():
                bell.cancel()
            await asyncio.gather(bell, return_exceptions=True)
        return work.done()

    async def reply(self, room: Table, owed: Owed) -> Speech:
        """As the delegate answers."""
        return await self._delegate.reply(room, owed)

    async def vote(self, view: Table, seat: str) -> Vote:
        """As the delegate votes."""
        return await self._delegate.vote(view, seat)

    async def ballot(self, view: Table, seat: str) -> Ballot:
        """As the delegate ranks."""
        return await self._delegate.ballot(view, seat)

    async def improvement(self, view: Table, seat: str) -> bool:
        """As the delegate decides."""
        return await self._delegate.improvement(view, seat)


def _is_moot(table: Table, seat: str, name: str, turn: int) -> bool:
    """Whether the table no longer waits for this model to take this turn for the seat."""
    return (
        table.turn is None
        or table.turn.number != turn
        or table.occupants.get(seat) != "model"
        or table.names.get(seat, "") != name
    )
