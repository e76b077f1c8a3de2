"""What the writing thread writes with: one connection of a database driver, kept and minded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from typing import Any, Protocol

from app.errors import Conflict, ParleyError
from app.eventlog.writer import Append

MAX_REMEMBERED = 1_024
"""Tables whose last number is remembered."""


class Connection(Protocol):
    """A driver's connection (PEP 249), as it is taken from a pool."""

    @property
    def dbapi_connection(self) -> Any:
        """The driver's own."""
        ...

    def cursor(self) -> Any:
        """A cursor on it."""
        ...

    def commit(self) -> None:
        """Keep what was written."""
        ...

    def rollback(self) -> None:
        """Undo what was not committed."""
        ...

    def invalidate(self) -> None:
        """Close it for good."""
        ...


class DriverPen:
    """The writer's own connection, and how far it has written each table over it.

    The connection is the driver's, taken from the engine's pool once: what the engine does around
    a statement costs more than the statement. Its errors are told as those of a reading are.

    What was written stays: no event is changed or taken away. So an append to where we left a
    table leaves no gap, and when another process has gone on from there, the key refuses the
    number. After an error all that was remembered is given up, and the connection with it, unless
    it was only a number taken.
    """

    def __init__(
        self,
        *,
        connect: Callable[[], Connection],
        driver: Any,
        is_gone: Callable[[Any, Any], bool],
        refused: Callable[[BaseException], ParleyError],
        begin: str,
        ask: str,
        insert: str,
    ) -> None:
        """`ask` takes a `table`, `insert` a row, both by name; `begin` may be empty."""
        self._connect = connect
        self._driver = driver
        self._is_gone = is_gone
        self._refused = refused
        self._begin = begin
        self._ask = ask
        self._insert = insert
        self._connection: Connection | None = None
        self._last: dict[str, int] = {}

    def write(self, batch: Sequence[Append]) -> list[bool]:
        """See `Pen.write`."""
        try:
            connection, in_time = self._put(batch)
            connection.commit()
        except self._driver.Error as error:
            taken = isinstance(error, self._driver.IntegrityError)  # a number, by another process
            self.lay_down(keep=taken)
            if taken:
                raise Conflict(batch[0].table_id, batch[0].after + 1) from error
            raise self._refused(error) from error
        except Exception:
            self.lay_down()
            raise
        return in_time

    def lay_down(self, *, keep: bool = False) -> None:
        """Undo what was not committed and close; the next write opens another, unless `keep`."""
        connection, self._connection = self._connection, None
        self._last.clear()
        if connection is None:
            return
        with suppress(Exception):  # a connection that is gone has nothing to undo
            connection.rollback()
            if keep:
                self._connection = connection
                return
        connection.invalidate()

    def _put(self, batch: Sequence[Append]) -> tuple[Connection, list[bool]]:
        """Everything but the commit, over a new connection where the one that was kept is gone.

        A server may have been started anew since the last write. Nothing of this batch is
        committed then, so it may be said again; after a commit that failed it may not.
        """
        kept = self._connection
        if kept is not None:
            try:
                return kept, self._add_all(kept, batch)
            except self._driver.Error as error:
                if not self._is_gone(error, kept.dbapi_connection):
                    raise
            self.lay_down()
        self._connection = self._connect()
        return self._connection, self._add_all(self._connection, batch)

    def _add_all(self, connection: Connection, batch: Sequence[Append]) -> list[bool]:
        """Each in time or not. Table by table: writers that lock in one order cannot deadlock."""
        in_time = [False] * len(batch)
        with closing(connection.cursor()) as cursor:
            if self._begin:
                cursor.execute(self._begin)
            for place in sorted(range(len(batch)), key=lambda place: batch[place].table_id):
                in_time[place] = self._add(cursor, batch[place])
        return in_time

    def _add(self, cursor: Any, waiting: Append) -> bool:
        """Insert the rows if they follow the table's last event; False when they come too late."""
        table, after = waiting.table_id, waiting.after
        last = self._last.get(table, -1)
        if last < after or not waiting.rows:
            cursor.execute(self._ask, {"table": table})
            last = cursor.fetchall()[0][0] or 0
        if last != after:
            return False
        for row in waiting.rows:  # not executemany: psycopg's pipeline breaks loudly on a conflict
            cursor.execute(self._insert, row)
        if waiting.rows:
            while len(self._last) >= MAX_REMEMBERED:
                self._last.pop(next(iter(self._last)))
            self._last[table] = after + len(waiting.rows)
        return True
