"""Events in a database: SQLite beside the server, by the same class PostgreSQL when scaled out.

One thread writes (`eventlog.writer`) and acknowledges after the commit, so that a killed server
loses nothing it acknowledged: SQLite runs with WAL and synchronous=FULL. The key (table_id, seq)
settles every race.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, bindparam, event, inspect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import PoolProxiedConnection
from sqlmodel import Field, SQLModel, create_engine, func, insert, select, text

from app.domain.events import Event, Fact, TableOpened
from app.errors import Conflict, ParleyError, SettingsError
from app.eventlog.base import decode_body, encode_body
from app.eventlog.writer import Append, Writer

MAX_CACHED = 64
"""Openings kept decoded: each holds a whole case."""

MAX_REMEMBERED = 1_024
"""Tables whose last number the writer remembers."""


class EventRow(SQLModel, table=True):
    """One event. The whole case stands in the body of the opening, and nowhere else."""

    __tablename__ = "event"

    table_id: str = Field(primary_key=True, max_length=200)
    seq: int = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    kind: str
    audience: str
    body: str


class VersionRow(SQLModel, table=True):
    """How many migrations this database has seen."""

    __tablename__ = "schema_version"

    version: int = Field(primary_key=True)


_EVENT = SQLModel.metadata.tables["event"]
_VERSION = SQLModel.metadata.tables["schema_version"]

# Written once: putting a statement together costs as much as running it.
_LAST = select(func.max(_EVENT.c.seq)).where(_EVENT.c.table_id == bindparam("table"))
_AFTER = (
    select(_EVENT.c.seq, _EVENT.c.at, _EVENT.c.audience, _EVENT.c.body)
    .where(_EVENT.c.table_id == bindparam("table"), _EVENT.c.seq > bindparam("after"))
    .order_by(_EVENT.c.seq)
)
_TABLES = (
    select(_EVENT.c.table_id).where(_EVENT.c.seq == 1).order_by(_EVENT.c.at, _EVENT.c.table_id)
)


def _create_event(connection: Connection) -> None:
    """Version 1: the event table, as it was then."""
    connection.execute(
        text(
            "CREATE TABLE event ("
            "table_id VARCHAR(200) NOT NULL, seq INTEGER NOT NULL, at BIGINT NOT NULL, "
            "kind VARCHAR NOT NULL, audience VARCHAR NOT NULL, body VARCHAR NOT NULL, "
            "PRIMARY KEY (table_id, seq))"
        )
    )


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_create_event,)
"""What turned version n into n+1. Add at the end; never change one that was released."""


class SqlLog:
    """An `EventLog` in a database, named by an SQLAlchemy URL such as `sqlite:///parley.db`."""

    def __init__(self, url: str) -> None:
        self._engine = _open(url)
        self._writer = Writer(_Pen(self._engine))
        self._openings: dict[str, Event] = {}

    async def append(
        self, table_id: str, after: int, at: int, facts: Sequence[Fact]
    ) -> tuple[Event, ...]:
        """See `EventLog.append`."""
        events = tuple(
            Event(table_id=table_id, seq=seq, at=at, audience=fact.audience, body=fact.body)
            for seq, fact in enumerate(facts, after + 1)
        )
        rows = [
            {
                "table_id": table_id,
                "seq": each.seq,
                "at": at,
                "kind": each.body.kind,
                "audience": _audience(each.audience),
                "body": encode_body(each.body),
            }
            for each in events
        ]
        await self._writer.append(table_id, after, rows)
        return events

    async def read(self, table_id: str, after: int = 0) -> tuple[Event, ...]:
        """See `EventLog.read`."""
        return await asyncio.to_thread(self._read, table_id, after)

    async def tables(self) -> tuple[str, ...]:
        """See `EventLog.tables`."""
        return await asyncio.to_thread(self._tables)

    async def close(self) -> None:
        """Write what is waiting, then let go of the database."""
        if await self._writer.close():
            await asyncio.to_thread(self._engine.dispose)

    def _read(self, table_id: str, after: int) -> tuple[Event, ...]:
        """Rows as events; the opening, which holds the case, is decoded once."""
        held = self._openings.get(table_id) if after <= 0 else None
        first = 1 if held is not None else max(after, 0)
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(_AFTER, {"table": table_id, "after": first}).all()
        except DBAPIError as error:
            raise _refused(str(error.orig)) from error
        events = tuple(
            Event(
                table_id=table_id,
                seq=seq,
                at=at,
                audience=tuple(json.loads(audience)),
                body=decode_body(body, f"table {table_id}", seq),
            )
            for seq, at, audience, body in rows
        )
        if held is not None:
            return (held, *events)
        if events and isinstance(events[0].body, TableOpened):
            if len(self._openings) >= MAX_CACHED:
                self._openings.clear()  # not the oldest by its place: several threads read
            self._openings[table_id] = events[0]
        return events

    def _tables(self) -> tuple[str, ...]:
        """Ids by the time of the first event."""
        try:
            with self._engine.connect() as connection:
                return tuple(connection.execute(_TABLES).scalars())
        except DBAPIError as error:
            raise _refused(str(error.orig)) from error


class _Pen:
    """The writer's own connection, and how far it has written each table over it.

    The connection is the driver's, taken from the engine's pool once: what the engine does around
    a statement costs more than the statement. Its errors are told as those of a reading are.

    What was written stays: no event is changed or taken away. So an append to where we left a
    table leaves no gap, and when another process has gone on from there, the key refuses the
    number. After an error the connection and all that was remembered over it are given up.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._begin = _begin(engine)
        self._insert = str(insert(_EVENT).compile(engine))
        self._ask = str(_LAST.compile(engine))
        self._connection: PoolProxiedConnection | None = None
        self._last: dict[str, int] = {}

    def write(self, batch: Sequence[Append]) -> list[bool]:
        """See `Pen.write`."""
        driver = self._engine.dialect.loaded_dbapi
        try:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
            with closing(self._connection.cursor()) as cursor:
                if self._begin:
                    cursor.execute(self._begin)
                in_time = [self._add(cursor, each) for each in batch]
            self._connection.commit()
        except driver.Error as error:
            self.lay_down()
            if isinstance(error, driver.IntegrityError):  # another process took the number
                raise Conflict(batch[0].table_id, batch[0].after + 1) from error
            self._engine.dispose()  # the server may be another now: no connection is to be trusted
            raise _refused(str(error)) from error
        except Exception:
            self.lay_down()
            raise
        return in_time

    def lay_down(self) -> None:
        """Undo what was not committed and close; the next write opens another connection."""
        connection, self._connection = self._connection, None
        self._last.clear()
        if connection is None:
            return
        with suppress(Exception):  # a connection that is gone has nothing to undo
            connection.rollback()
        connection.invalidate()

    def _add(self, cursor: DBAPICursor, waiting: Append) -> bool:
        """Insert the rows if they follow the table's last event; False when they come too late."""
        table, after = waiting.table_id, waiting.after
        last = self._last.get(table, -1)
        if last < after or not waiting.rows:
            cursor.execute(self._ask, {"table": table})
            last = cursor.fetchall()[0][0] or 0
        if last != after:
            return False
        if waiting.rows:
            cursor.executemany(self._insert, waiting.rows)
            while len(self._last) >= MAX_REMEMBERED:
                self._last.pop(next(iter(self._last)))
            self._last[table] = after + len(waiting.rows)
        return True


@lru_cache(maxsize=256)
def _audience(names: tuple[str, ...]) -> str:
    """An audience as JSON: a table has few of them."""
    return json.dumps(names, ensure_ascii=False)


def _refused(words: str) -> ParleyError:
    """The database's own words, and what to do."""
    return SettingsError(f"the event log's database refuses: {words}{_remedy(words)}")


# ---- What differs between databases stands below this line. ----


def _open(url: str) -> Engine:
    """The engine with its schema in place; SettingsError when this is not our database."""
    try:
        engine = create_engine(url, **_options(url))
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise SettingsError(f"the event log's URL cannot be used: {error}") from None
    if engine.dialect.name == "sqlite":
        if engine.url.database in (None, "", ":memory:"):
            raise SettingsError("the event log's URL names no file; use sqlite:///path/parley.db")
        _prepare_sqlite(engine)
    try:
        with engine.execution_options(parley_writes=True).begin() as connection:
            _migrate(connection)
    except DBAPIError as error:
        engine.dispose()
        words = str(error.orig)
        place = engine.url.render_as_string(hide_password=True)
        raise SettingsError(f"{place} cannot be opened: {words}{_remedy(words)}") from error
    except SettingsError:
        engine.dispose()
        raise
    return engine


def _begin(engine: Engine) -> str:
    """What opens a transaction that writes, where the driver does not do it in time."""
    return "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else ""


def _options(url: str) -> dict[str, Any]:
    """SQLite connections move between threads, and wait for another process's write."""
    if not url.startswith("sqlite"):
        return {}
    arguments = {"check_same_thread": False, "timeout": 10}
    return {"connect_args": arguments, "paramstyle": "named"}


def _prepare_sqlite(engine: Engine) -> None:
    """Durable, and explicit about transactions: the driver's own begin comes too late."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("parley_writes", False)
        connection.exec_driver_sql(_begin(engine) if writes else "BEGIN")


def _migrate(connection: Connection) -> None:
    """Bring the schema to this version; refuse a newer one and a stranger's database."""
    present = set(inspect(connection).get_table_names())
    if _VERSION.name not in present:
        if present:
            names = ", ".join(sorted(present)[:5])
            raise SettingsError(f"the database is not an event log of Parley (it holds: {names})")
        _VERSION.create(connection)
        connection.execute(insert(_VERSION).values(version=0))
    version = connection.execute(select(_VERSION.c.version)).scalar_one()
    if version > len(MIGRATIONS):
        raise SettingsError(
            f"the database has version {version}, this Parley knows {len(MIGRATIONS)}: "
            "use the Parley that wrote it, or a newer one"
        )
    for migration in MIGRATIONS[version:]:
        migration(connection)
    connection.execute(_VERSION.update().values(version=len(MIGRATIONS)))


def _remedy(words: str) -> str:
    """What an operator can do about SQLite's complaint."""
    remedies = {
        "not a database": "; the file is something else: choose another path",
        "malformed": "; the file is damaged: restore a copy",
        "readonly": "; make the file and its folder writable",
        "read-only": "; make the file and its folder writable",
        "full": "; make room on the disk",
        "disk I/O": "; check the disk",
        "locked": "; another process holds it: stop that one, or try again",
        "unable to open": "; does its folder exist, and may it be written?",
    }
    return next((text for sign, text in remedies.items() if sign in words), "")
