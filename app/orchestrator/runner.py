"""The one shell: read, decide, append, ring; and the host that asks whoever is awaited."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeAlias

from app.delegates.base import Delegate
from app.domain.events import Event
from app.domain.table import Table
from app.errors import Conflict, DelegateFailed, ParleyError
from app.eventlog.base import EventLog, Lease, Wakeup
from app.eventlog.lease import Unshared
from app.orchestrator.orders import Awaited, Command, Expire, Refusal
from app.orchestrator.procedure import decide, outstanding
from app.orchestrator.sitting import Sitting
from app.orchestrator.turn import Helper, answer, fallback, replaced

log = logging.getLogger("parley.host")

Clock: TypeAlias = Callable[[Table | None], int]
"""Now, in milliseconds since 1970. A virtual clock reads it off the table."""

POLL_SECONDS = 5.0
"""How long a lost wake-up can go unnoticed."""

LAST_WORD_MS = 1_000
"""What is left of a turn's clock when an answer beside it is waited for no longer."""

KEPT_TABLES = 200
"""Tables whose folds are kept in memory; others are read again from the log."""


def system_clock(_table: Table | None) -> int:
    """The time of this machine."""
    return int(time.time() * 1000)


def virtual_clock(start: int) -> Clock:
    """A clock that begins at `start` and goes on one minute a turn: public by construction."""

    def now(table: Table | None) -> int:
        return start + 60_000 * (table.turns if table else 0)

    return now


class Desk:
    """Where commands are handed in. Stateless but for a cache: any number may serve a log."""

    def __init__(self, log: EventLog, wakeup: Wakeup, clock: Clock = system_clock) -> None:
        self.log = log
        self.wakeup = wakeup
        self.clock = clock
        self._sittings: OrderedDict[str, Sitting] = OrderedDict()
        self._written: dict[str, int] = {}

    def just_written(self, table_id: str) -> Sitting | None:
        """The table as our own append of a moment ago left it, which needs no reading; once.

        The log took that append only because it was the next, so nothing was missing before it.
        What somebody else adds later makes our next append a Conflict, and then we read.
        """
        seq = self._written.pop(table_id, -1)
        held = self._sittings.get(table_id)
        return held if held is not None and held.seq == seq else None

    async def sitting(self, table_id: str) -> Sitting:
        """The table up to its last event; empty of events when it does not exist."""
        held = self._sittings.get(table_id)
        if held is None:
            held = self._sittings[table_id] = Sitting(())
            while len(self._sittings) > KEPT_TABLES:
                self._sittings.popitem(last=False)
        self._sittings.move_to_end(table_id)
        held.absorb(await self.log.read(table_id, held.seq))
        return held

    async def submit(self, table_id: str, command: Command) -> tuple[Event, ...] | Refusal:
        """The events a command caused, durable when this returns, or why it was refused."""
        sitting = self._sittings.get(table_id)
        is_read = sitting is None or not sitting.seq
        while True:
            if is_read or sitting is None:
                sitting = await self.sitting(table_id)
            # What is held may be old: an append would then be a Conflict, a refusal is looked at
            # again. So the log need not be read before every command.
            table, seq = (sitting.table if sitting.seq else None), sitting.seq
            now = self.clock(table)
            facts = decide(table, command, now)
            if isinstance(facts, Refusal):
                if is_read:
                    return facts
                is_read = True
                continue
            is_read = True
            try:
                events = await self.log.append(table_id, seq, now, facts)
            except Conflict:
                continue
            sitting.absorb(events)
            self._written[table_id] = sitting.seq
            while len(self._written) > KEPT_TABLES:
                self._written.pop(next(iter(self._written)))
            self.wakeup.ring(table_id)
            return events


class Host:
    """Runs one table: asks every awaited AI seat and helper, and watches the clock.

    Two hosts of one table cost work, not truth: the log's key lets one of them win. So one holds
    the table's lease and asks, and the others watch its clock and are there when it goes.
    """

    def __init__(
        self,
        desk: Desk,
        delegates: Mapping[str, Delegate],
        helpers: Mapping[str, Helper],
        lease: Lease | None = None,
    ) -> None:
        """Without a `lease` every table is this process's own."""
        self.desk = desk
        self.delegates = delegates
        self.helpers = helpers
        self.lease: Lease = lease or Unshared()

    async def step(self, table_id: str) -> bool:
        """Let one awaited party that is not a person act; False when there is none."""
        held = self.desk.just_written(table_id)
        if held is not None and await self._first(table_id, held):
            return True
        sitting = await self.desk.sitting(table_id)
        return bool(sitting.seq) and await self._first(table_id, sitting)

    async def _first(self, table_id: str, sitting: Sitting) -> bool:
        """Let the first awaited party act that is not a person."""
        for awaited in outstanding(sitting.table):
            if await self._act(table_id, sitting, awaited):
                return True
        return False

    async def _act(self, table_id: str, sitting: Sitting, awaited: Awaited) -> bool:
        now = self.desk.clock(sitting.table)
        if awaited.deadline is not None and now >= awaited.deadline:
            await self.desk.submit(table_id, Expire(turn=awaited.ref))
            return True
        occupant = sitting.table.occupants.get(awaited.seat)
        is_ours = awaited.act == "search" or awaited.seat in self.helpers
        if not is_ours and (occupant or "") not in self.delegates:
            return False  # a person
        if not await self.lease.hold(table_id):
            return False
        # A person at this process's own terminal has the others answer itself, in its turn.
        if awaited.act == "turn" and occupant == "model":
            command = await self._unhurried(table_id, sitting, awaited)
        else:
            command = await self._answer(table_id, sitting, awaited)
        if command is None:
            return False
        result = await self.desk.submit(table_id, command)
        if not isinstance(result, Refusal) or not await self._waits(table_id, awaited, occupant):
            return True
        spare = fallback(sitting.table, awaited, command, result.code)
        again = await self.desk.submit(table_id, spare) if spare else result
        if isinstance(again, Refusal) and await self._waits(table_id, awaited, occupant):
            raise ParleyError(f"{awaited.seat} could not {awaited.act}: {again.reason}")
        return True

    async def _answer(self, table_id: str, sitting: Sitting, awaited: Awaited) -> Command | None:
        """The awaited party's answer; the engine's where its delegate failed."""
        try:
            return await answer(sitting, awaited, self.delegates, self.helpers)
        except DelegateFailed as error:
            if sitting.table.occupants.get(awaited.seat) == "person":
                raise  # nobody plays for a person unasked
            log.warning("table %s: %s gave no %s: %s", table_id, awaited.seat, awaited.act, error)
            return await replaced(sitting, awaited, self.delegates)

    async def _unhurried(self, table_id: str, sitting: Sitting, awaited: Awaited) -> Command | None:
        """A turn that takes its time; until it is there, whoever is spoken to answers.

        An answer that is being given then is waited for, as long as the turn's own clock allows.
        """
        busy = asyncio.Lock()
        talk = asyncio.create_task(self._talk(table_id, sitting, busy))
        try:
            command = await self._answer(table_id, sitting, awaited)
            left = None
            if awaited.deadline is not None:
                now = self.desk.clock(sitting.table)
                left = (awaited.deadline - LAST_WORD_MS - now) / 1000
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await busy.acquire()
            return command
        finally:
            talk.cancel()
            await asyncio.gather(talk, return_exceptions=True)

    async def _talk(self, table_id: str, sitting: Sitting, busy: asyncio.Lock) -> None:
        """Answer one remark after the other, `busy` with each, until cancelled.

        What goes wrong here is left to the course of the talks, which meets it again; an answer
        that nobody waits for any more is none that went wrong.
        """
        try:
            async with self.desk.wakeup.listen(table_id) as bell:
                while True:
                    async with busy:
                        owed = [a for a in outstanding(sitting.table) if a.act == "reply"]
                        try:
                            answered = bool(owed) and await self._act(table_id, sitting, owed[0])
                        except ParleyError:
                            answered = True
                            if owed[0] in outstanding((await self.desk.sitting(table_id)).table):
                                raise
                    if not answered:
                        await bell.wait(POLL_SECONDS)
                    sitting = await self.desk.sitting(table_id)
        except ParleyError as error:
            log.info("table %s: no answer beside the turn: %s", table_id, error)
        except Exception:
            log.exception("table %s: no answer beside the turn", table_id)

    async def _waits(self, table_id: str, awaited: Awaited, occupant: str | None) -> bool:
        """Whether the table still waits for this, from the same occupant of the seat."""
        table = (await self.desk.sitting(table_id)).table
        return awaited in outstanding(table) and table.occupants.get(awaited.seat) == occupant

    async def run(self, table_id: str, *, forever: bool = True) -> None:
        """Run until the table is closed; with `forever` wait for people, else return to them."""
        try:
            async with self.desk.wakeup.listen(table_id) as bell:
                while True:
                    if await self.step(table_id):
                        continue
                    sitting = await self.desk.sitting(table_id)
                    if sitting.seq and sitting.table.closed is not None:
                        return
                    if not forever:
                        return
                    await bell.wait(self._patience(sitting))
        finally:
            if await self.lease.release(table_id):
                self.desk.wakeup.ring(table_id)  # to another server, which may go on

    def _patience(self, sitting: Sitting) -> float:
        """Seconds to wait for a ring: to the next deadline, or the poll."""
        if not sitting.seq:
            return POLL_SECONDS
        now = self.desk.clock(sitting.table)
        due = [a.deadline - now for a in outstanding(sitting.table) if a.deadline is not None]
        return max(0.01, min([POLL_SECONDS, *(d / 1000 for d in due)]))
