"""Events in a database: SQLite beside the server, by the same class PostgreSQL when scaled out.

One thread writes. It commits whatever is waiting in one transaction (group commit without a
timer) and acknowledges after the commit, so that a killed server loses nothing it acknowledged:
SQLite runs with WAL and synchronous=FULL. The key (table_id, seq) settles every race.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, event, inspect
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlmodel import Field, SQLModel, create_engine, func, insert, select, text

from app.domain.events import Event, Fact, TableOpened
from app.errors import Conflict, ParleyError, SettingsError
from app.eventlog.base import decode_body, encode_body

MAX_BATCH = 256
"""Appends that one transaction may hold."""

MAX_CACHED = 64
"""Openings kept decoded: each holds a whole case."""


class EventRow(SQLModel, table=True):
    """One event. The whole case stands in the body of the opening, and nowhere else."""

    __tablename__ = "event"

    table_id: str = Field(primary_key=True, max_length=200)
    seq: int = Field(primary_key=True)
    at: int
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
_INSERT = insert(_EVENT)
_LAST = select(func.coalesce(func.max(_EVENT.c.seq), 0)).where(
    _EVENT.c.table_id == bindparam("table")
)
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


@dataclass(slots=True, kw_only=True)
class _Append:
    """One append that waits for the writer."""

    table_id: str
    after: int
    rows: list[dict[str, Any]]
    done: Future[None]


class SqlLog:
    """An `EventLog` in a database, named by an SQLAlchemy URL such as `sqlite:///parley.db`."""

    def __init__(self, url: str) -> None:
        self._engine = _open(url)
        self._writing = self._engine.execution_options(parley_writes=True)
        self._waiting: SimpleQueue[_Append | None] = SimpleQueue()
        self._openings: dict[str, Event] = {}
        self._closing = threading.Lock()
        self._closed = False
        self._writer = threading.Thread(target=self._write, name="eventlog-writer", daemon=True)
        self._writer.start()

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
                "audience": json.dumps(each.audience, ensure_ascii=False),
                "body": encode_body(each.body),
            }
            for each in events
        ]
        waiting = _Append(table_id=table_id, after=after, rows=rows, done=Future())
        with self._closing:
            if self._closed:
                raise SettingsError("the event log is closed")
            self._waiting.put(waiting)
        await asyncio.wrap_future(waiting.done)
        return events

    async def read(self, table_id: str, after: int = 0) -> tuple[Event, ...]:
        """See `EventLog.read`."""
        return await asyncio.to_thread(self._read, table_id, after)

    async def tables(self) -> tuple[str, ...]:
        """See `EventLog.tables`."""
        return await asyncio.to_thread(self._tables)

    async def close(self) -> None:
        """Write what is waiting, then let go of the database."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._engine.dispose)

    def _read(self, table_id: str, after: int) -> tuple[Event, ...]:
        """Rows as events; the opening, which holds the case, is decoded once."""
        held = self._openings.get(table_id) if after <= 0 else None
        first = 1 if held is not None else max(after, 0)
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(_AFTER, {"table": table_id, "after": first}).all()
        except DBAPIError as error:
            raise _refused(error) from error
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
            while len(self._openings) >= MAX_CACHED:
                self._openings.pop(next(iter(self._openings)), None)
            self._openings[table_id] = events[0]
        return events

    def _tables(self) -> tuple[str, ...]:
        """Ids by the time of the first event."""
        try:
            with self._engine.connect() as connection:
                return tuple(connection.execute(_TABLES).scalars())
        except DBAPIError as error:
            raise _refused(error) from error

    def _write(self) -> None:
        """The writer thread: take what is waiting, commit it together, acknowledge."""
        going = True
        while going:
            first = self._waiting.get()
            batch = [] if first is None else [first]
            going = first is not None
            while going and len(batch) < MAX_BATCH:
                try:
                    more = self._waiting.get_nowait()
                except Empty:
                    break
                if more is None:
                    going = False
                else:
                    batch.append(more)
            self._commit([each for each in batch if each.done.set_running_or_notify_cancel()])

    def _commit(self, batch: list[_Append]) -> None:
        """One transaction; when it fails, each append in one of its own, so none harms another."""
        if not batch:
            return
        try:
            with self._writing.begin() as connection:
                late = {id(each) for each in batch if not _insert(connection, each)}
        except Exception as error:  # noqa: BLE001 - whatever it was, somebody waits for an answer
            if len(batch) > 1:
                for each in batch:
                    self._commit([each])
            else:
                batch[0].done.set_exception(_failure(error, batch[0]))
            return
        for each in batch:
            if id(each) in late:
                each.done.set_exception(Conflict(each.table_id, each.after + 1))
            else:
                each.done.set_result(None)


def _insert(connection: Connection, waiting: _Append) -> bool:
    """Insert the rows if they follow the table's last event; False when they come too late."""
    if connection.execute(_LAST, {"table": waiting.table_id}).scalar_one() != waiting.after:
        return False
    if waiting.rows:
        connection.execute(_INSERT, waiting.rows)
    return True


def _failure(error: Exception, waiting: _Append) -> Exception:
    """What the appender is told. Another process may have taken the number meanwhile."""
    if isinstance(error, IntegrityError):
        return Conflict(waiting.table_id, waiting.after + 1)
    if isinstance(error, DBAPIError):
        return _refused(error)
    return error


def _refused(error: DBAPIError) -> ParleyError:
    """The database's own words, and what to do."""
    words = str(error.orig)
    return SettingsError(f"the event log's database refuses: {words}{_remedy(words)}")


# ---- What differs between databases stands below this line. ----


def _open(url: str) -> Engine:
    """The engine with its schema in place; SettingsError when this is not our database."""
    try:
        engine = create_engine(url, connect_args=_connect_args(url))
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


def _connect_args(url: str) -> dict[str, object]:
    """SQLite connections move between threads, and wait for another process's write."""
    return {"check_same_thread": False, "timeout": 10} if url.startswith("sqlite") else {}


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
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


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
