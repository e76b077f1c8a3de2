"""What a model is asked is given up as soon as the table no longer waits for it from the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from app.delegates.base import Delegate, Said, Taken
from app.domain.moves import Ballot, Move, Speech, Vote
from app.domain.table import Owed, Table
from app.errors import ParleyError
from app.orchestrator.runner import POLL_SECONDS, Desk
from app.web.drafts import Drafts

_Given = TypeVar("_Given")


class Recalled(ParleyError):
    """It is no longer the model's: a person sat down, or the talks are over."""


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

        def moot(table: Table) -> bool:
            return table.turn is None or table.turn.number != turn or _other(table, seat, name)

        try:
            return await self._unless(moot, table_id, self._delegate.move(view, room, seat))
        finally:
            self._drafts.forget(table_id)

    async def reply(self, room: Table, owed: Owed) -> Speech | Said:
        """The answer; Recalled when nobody waits for it any more."""
        seat, name = owed.seat, room.names.get(owed.seat, "")

        def moot(table: Table) -> bool:
            return owed not in table.owed or _other(table, seat, name)

        try:
            return await self._unless(moot, room.table_id, self._delegate.reply(room, owed))
        finally:
            self._drafts.forget(room.table_id, owed)

    async def _unless(
        self, moot: Callable[[Table], bool], table_id: str, asked: Coroutine[Any, Any, _Given]
    ) -> _Given:
        """What the delegate gives, or Recalled as soon as the table says that it is moot."""
        work = asyncio.create_task(asked)
        try:
            async with self._desk.wakeup.listen(table_id) as bell:
                while True:
                    if moot((await self._desk.sitting(table_id)).table):
                        raise Recalled(f"table {table_id} goes on without this answer")
                    if await self._done(work, bell.wait(POLL_SECONDS)):
                        return await work
        finally:
            if not work.done():
                work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    @staticmethod
    async def _done(work: asyncio.Task[_Given], ring: Coroutine[Any, Any, bool]) -> bool:
        """Wait for the answer or for a ring; whether the answer is there."""
        bell = asyncio.create_task(ring)
        try:
            await asyncio.wait((work, bell), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not bell.done():
                bell.cancel()
            await asyncio.gather(bell, return_exceptions=True)
        return work.done()

    async def vote(self, view: Table, seat: str) -> Vote:
        """As the delegate votes."""
        return await self._delegate.vote(view, seat)

    async def ballot(self, view: Table, seat: str) -> Ballot:
        """As the delegate ranks."""
        return await self._delegate.ballot(view, seat)

    async def improvement(self, view: Table, seat: str) -> bool:
        """As the delegate decides."""
        return await self._delegate.improvement(view, seat)


def _other(table: Table, seat: str, name: str) -> bool:
    """Whether the seat is no longer this model's."""
    return table.occupants.get(seat) != "model" or table.names.get(seat, "") != name
