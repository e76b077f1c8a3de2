"""Which of several servers over one log runs a table: whoever runs it asks its models.

The log's key keeps the truth whoever runs a table, so a lease saves work and money and guards
nothing. It is PostgreSQL's advisory lock of a session: the database gives it to one connection,
and takes it back when that connection is gone.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

from app.errors import ParleyError
from app.eventlog.pen import Connection

TAKE = "SELECT pg_try_advisory_lock(%(key)s)"
KEEP = "SELECT true"
LEAVE = "SELECT pg_advisory_unlock(%(key)s)"
LEAVE_ALL = "SELECT pg_advisory_unlock_all()"
WATCH = (
    "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4"
)
"""How soon the database notices that a machine is gone which held a lease: 40 seconds."""


class Unshared:
    """The lease of a log that one process has for itself."""

    async def hold(self, table_id: str) -> bool:  # noqa: ARG002 - every table is ours
        """See `Lease.hold`."""
        return True

    async def release(self, table_id: str) -> bool:  # noqa: ARG002 - nobody waits for it
        """See `Lease.release`."""
        return False

    async def close(self) -> None:
        """See `Lease.close`."""


class SessionLease:
    """Locks of one connection to PostgreSQL, which is opened for the first and kept.

    The database is asked each time: what was held is lost with the connection, and nobody tells.
    """

    def __init__(
        self,
        *,
        connect: Callable[[], Connection],
        driver: Any,
        refused: Callable[[BaseException], ParleyError],
    ) -> None:
        self._connect = connect
        self._driver = driver
        self._refused = refused
        self._connection: Connection | None = None
        self._held: set[str] = set()
        self._line = asyncio.Lock()
        """One thread at a time, or a slow database would keep every thread there is."""
        self._asking: set[asyncio.Task[bool]] = set()
        self._guard = threading.Lock()
        """At the end of a loop its tasks leave the line, but not the threads that ask for them."""

    async def hold(self, table_id: str) -> bool:
        """See `Lease.hold`."""
        return await self._in_line(self._hold, table_id)

    async def release(self, table_id: str) -> bool:
        """See `Lease.release`: also what a cancelled `hold` is still asking for."""
        return await self._in_line(self._leave, table_id)

    async def close(self) -> None:
        """See `Lease.close`."""
        await self._in_line(self._lay_down)

    async def _in_line(self, ask: Callable[..., bool], *of: str) -> bool:
        """Ask in a thread when it is our turn.

        A thread cannot be called back. So a question is asked to its end also when whoever put it
        is cancelled, and keeps its place: what comes after it finds what it took.
        """

        async def asked() -> bool:
            async with self._line:
                return await asyncio.to_thread(ask, *of)

        question = asyncio.create_task(asked())
        self._asking.add(question)
        question.add_done_callback(self._asked)
        await asyncio.wait((question,))  # unlike `shield` silent, when nobody is left to be told
        return question.result()

    def _asked(self, question: asyncio.Task[bool]) -> None:
        self._asking.discard(question)
        if not question.cancelled():
            question.exception()  # looked at, also when whoever asked has gone

    def _hold(self, table_id: str) -> bool:
        with self._guard:
            if self._connection is not None:
                try:
                    return self._taken(table_id)
                except self._driver.Error:  # the database may have been started anew
                    self._drop()
            try:
                self._open()
                return self._taken(table_id)
            except self._driver.Error as error:
                self._drop()
                raise self._refused(error) from error

    def _taken(self, table_id: str) -> bool:
        """Ask for a lock that is not held; of one that is, whether its connection lives."""
        held = bool(self._said(KEEP if table_id in self._held else TAKE, table_id))
        if held:
            self._held.add(table_id)
        return held

    def _leave(self, table_id: str) -> bool:
        with self._guard:
            if table_id not in self._held:
                return False
            try:
                self._said(LEAVE, table_id)
            except self._driver.Error:
                self._drop()
            self._held.discard(table_id)
            return True

    def _open(self) -> None:
        """A connection of our own that begins no transactions: each would be two more questions."""
        self._connection = self._connect()
        self._connection.rollback()
        self._connection.dbapi_connection.autocommit = True
        self._said(WATCH)

    def _said(self, words: str, table_id: str = "") -> object:
        assert self._connection is not None
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(words, {"key": lock_key(table_id)} if "%" in words else None)
            return cursor.fetchone()[0] if cursor.description else None

    def _lay_down(self) -> bool:
        with self._guard:
            held = bool(self._held)
            if held:  # a backend notices the end of its connection when it has time
                with suppress(self._driver.Error):
                    self._said(LEAVE_ALL)
            self._drop()
            return held

    def _drop(self) -> None:
        """Close the connection, and with it give up every lock; it never goes back to the pool."""
        connection, self._connection = self._connection, None
        self._held.clear()
        if connection is not None:
            connection.invalidate()


def lock_key(table_id: str) -> int:
    """A table's number among the advisory locks of a database: 64 bits, with sign."""
    mark = hashlib.sha256(f"parley table {table_id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(mark[:8], "big", signed=True)
