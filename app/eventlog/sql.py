"""Events in a database: SQLite beside the server, by the same class PostgreSQL when scaled out.

One thread writes (`eventlog.writer`) and acknowledges after the commit, so that a killed server
loses nothing it acknowledged: SQLite runs with WAL and synchronous=FULL. The key (table_id, seq)
settles every race.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import URL, BigInteger, Connection, Engine, bindparam, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import Field, SQLModel, create_engine, func, insert, select, text

from app.domain.events import Event, Fact, TableOpened
from app.errors import ParleyError, SettingsError
from app.eventlog.base import Lease, decode_body, encode_body
from app.eventlog.lease import SessionLease, Unshared
from app.eventlog.pen import DriverPen
from app.eventlog.remedies import complaint
from app.eventlog.writer import Writer

MAX_CACHED = 64
"""Openings kept decoded: each holds a whole case."""


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
_TABLES = select(_EVENT.c.at, _EVENT.c.table_id).where(_EVENT.c.seq == 1)


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
    """An `EventLog` in a database, named by a URL.

    `sqlite:///path/parley.db`, or `postgresql://user:password@host/database` (extra `scale`): an
    own, empty database with encoding UTF8, owned by that user.
    """

    def __init__(self, url: str) -> None:
        self._engine = _open(url)
        self._writer = Writer(_pen(self._engine))
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

    def lease(self) -> Lease:
        """Who runs a table, among the servers over this database; SQLite's is one server's."""
        engine = self._engine
        if engine.dialect.name != "postgresql":
            return Unshared()
        return SessionLease(
            connect=engine.raw_connection,
            driver=engine.dialect.loaded_dbapi,
            refused=lambda error: _refused(engine, error),
        )

    async def close(self) -> None:
        """Write what is waiting, then let go of the database."""
        if await self._writer.close():
            await asyncio.to_thread(self._engine.dispose)

    def _read(self, table_id: str, after: int) -> tuple[Event, ...]:
        """Rows as events; the opening, which holds the case, is decoded once."""
        held = self._openings.get(table_id) if after <= 0 else None
        first = 1 if held is not None else max(after, 0)
        rows = self._rows(_AFTER, {"table": table_id, "after": first})
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
        """Ids by the time of the first event; sorted here, since databases sort by locale."""
        return tuple(table_id for _, table_id in sorted(self._rows(_TABLES, {})))

    def _rows(self, statement: Any, given: dict[str, Any]) -> Sequence[Any]:
        """What a reading gives."""
        try:
            with self._engine.connect() as connection:
                return connection.execute(statement, given).all()
        except DBAPIError as error:
            raise _refused(self._engine, error.orig) from error


def _pen(engine: Engine) -> DriverPen:
    """What the writer writes with: the driver's own connections, from the engine's pool."""
    return DriverPen(
        connect=engine.raw_connection,
        driver=engine.dialect.loaded_dbapi,
        is_gone=lambda error, connection: engine.dialect.is_disconnect(error, connection, None),
        refused=lambda error: _refused(engine, error),
        begin=_begin(engine),
        ask=str(_LAST.compile(engine)),
        insert=str(insert(_EVENT).compile(engine)),
    )


@lru_cache(maxsize=256)
def _audience(names: tuple[str, ...]) -> str:
    """An audience as JSON: a table has few of them."""
    return json.dumps(names, ensure_ascii=False)


def _refused(engine: Engine, error: BaseException | None) -> ParleyError:
    """The database's own words, and what to do."""
    said = complaint(engine.dialect.name, str(error))
    return SettingsError(f"the event log's database refuses: {said}")


# ---- What differs between databases stands below this line. ----

DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
"""What a URL may begin with, and the driver that is meant."""

EXPECTED = "sqlite:///path/parley.db or postgresql://user:password@host/database"

LINE: dict[str, Any] = {"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 30_000}
"""How soon a PostgreSQL server that is gone is noticed, unless the URL says otherwise: s, s, ms."""

MIGRATING = 7_275_291_397
"""PostgreSQL's lock for one process at a time to look after the schema."""


def _open(url: str) -> Engine:
    """The engine with its schema in place; SettingsError when this is not our database."""
    address = _address(url)
    try:
        engine = create_engine(address, **_options(address))
    except ImportError as error:
        raise SettingsError(
            f"the event log's URL needs a driver that is not installed ({error.name}): "
            "pip install 'parley[scale]'"
        ) from None
    if engine.dialect.name == "sqlite":
        if address.database in (None, "", ":memory:"):
            raise SettingsError("the event log's URL names no file; use sqlite:///path/parley.db")
        _prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)
    try:
        with engine.execution_options(parley_writes=True).begin() as connection:
            _migrate(connection)
    except DBAPIError as error:
        engine.dispose()
        place = address.set(query={}).render_as_string(hide_password=True)
        said = complaint(engine.dialect.name, str(error.orig))
        raise SettingsError(f"{place} cannot be opened: {said}") from error
    except SettingsError:
        engine.dispose()
        raise
    return engine


def _address(url: str) -> URL:
    """The URL with the driver that is meant; one that cannot be read may be secret: no quoting."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        hint = "with @ : / ? in a password as %40 %3A %2F %3F"
        raise SettingsError(
            f"the event log's URL cannot be read; expected {EXPECTED}, {hint}"
        ) from None
    driver = DRIVERS.get(address.drivername)
    if driver is None:
        found = address.drivername[:40]
        raise SettingsError(f"the event log's URL begins with {found!a}; expected {EXPECTED}")
    address = address.set(drivername=driver)
    if driver != "sqlite" and "@" in f"{address.host}{address.database}":
        raise SettingsError("the event log's URL holds more than one @: in a password write %40")
    return address


def _begin(engine: Engine) -> str:
    """What opens a transaction that writes, where the driver does not do it in time."""
    return "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else ""


def _options(address: URL) -> dict[str, Any]:
    """SQLite's move between threads and wait; PostgreSQL's may be older than the server's start."""
    if address.drivername != "sqlite":
        line = {key: at for key, at in LINE.items() if key not in address.query}
        line["client_encoding"] = "utf8"
        pool = {"isolation_level": "READ COMMITTED", "pool_pre_ping": True}
        return {"connect_args": line, **pool}
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


def _prepare_postgresql(engine: Engine) -> None:
    """Durable whatever the server's default; another's lock is not waited for without end."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.execute(
            "SET lock_timeout = '10s'; SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.commit()


def _migrate(connection: Connection) -> None:
    """Bring the schema to this version; refuse a newer one and a stranger's database."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise SettingsError(
                f"the database has encoding {encoding}, which cannot hold all that is said: "
                "create it with ENCODING 'UTF8' TEMPLATE template0"
            )
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
