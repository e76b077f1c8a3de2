"""A lease: one server runs a table, and when it goes another may; no model is asked twice."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from app.delegates.offline import OfflineDelegate
from app.domain.case import Case
from app.domain.moves import Move
from app.domain.table import Table
from app.errors import SettingsError
from app.eventlog.base import Lease
from app.eventlog.lease import TAKE, SessionLease, Unshared, lock_key
from app.eventlog.pen import Connection
from app.eventlog.sql import SqlLog
from app.eventlog.wakeup import LocalWakeup
from app.main import offline_helpers
from app.orchestrator import runner
from app.orchestrator.runner import Desk, Host, virtual_clock
from tests.eventlog.places import PostgresDatabase, SqliteFile
from tests.eventlog.postgres import Cluster
from tests.eventlog.test_shared_table import START, open_table

pytestmark = pytest.mark.anyio
LOCKS = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = "


@pytest.fixture
async def both(postgres: PostgresDatabase) -> AsyncIterator[tuple[Lease, Lease]]:
    """The leases of two servers over one database."""
    logs = [SqlLog(postgres.url) for _ in range(2)]
    leases = [log.lease() for log in logs]
    yield leases[0], leases[1]
    for lease, log in zip(leases, logs, strict=True):
        await lease.close()
        await log.close()


def locks(postgres: PostgresDatabase) -> int:
    """How many tables are held, as the database knows it."""
    count = postgres.rows(f"{LOCKS}'advisory' AND granted AND datname = current_database()")
    return int(count[0][0])


async def test_a_table_is_run_by_the_first_until_it_is_left(both: tuple[Lease, Lease]) -> None:
    one, two = both
    assert await one.hold("t")
    assert await one.hold("t")
    assert not await two.hold("t")
    assert await two.hold("u")
    assert not await one.hold("u")
    assert not await two.release("t"), "it never had it"
    assert await one.release("t")
    assert not await one.release("t")
    assert await two.hold("t")
    assert not await one.hold("t")


async def test_what_is_left_is_left_in_the_database(
    both: tuple[Lease, Lease], postgres: PostgresDatabase
) -> None:
    one, _ = both
    for _ in range(3):  # a session may hold one lock several times, and then leaves it once
        assert await one.hold("t")
    assert await one.hold("u")
    assert locks(postgres) == 2
    await one.release("t")
    assert locks(postgres) == 1
    await one.close()
    assert locks(postgres) == 0
    assert await one.hold("t"), "and it may begin again"


async def test_whoever_closes_has_left_at_once(
    both: tuple[Lease, Lease], postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when the database comes to notice that the connection is gone."""
    one, two = both
    assert await one.hold("t")
    assert await one.hold("u")
    connection = one._connection  # type: ignore[attr-defined]
    with monkeypatch.context() as unnoticed:
        unnoticed.setattr(connection, "invalidate", lambda: None)
        await one.close()
        assert locks(postgres) == 0
        assert await two.hold("t")
    connection.invalidate()


async def test_a_connection_that_was_cut_held_nothing(
    both: tuple[Lease, Lease], postgres: PostgresDatabase
) -> None:
    one, two = both
    assert await one.hold("t")
    assert await one.hold("u")
    postgres.cluster.cut(postgres.name)
    assert await two.hold("t")
    assert not await one.hold("t"), "it learns that it has lost it"
    assert await one.hold("u"), "nobody else wanted this one"
    assert not await two.hold("u")


async def test_a_database_that_was_away(both: tuple[Lease, Lease], cluster: Cluster) -> None:
    one, two = both
    assert await one.hold("t")
    cluster.stop()
    try:
        with pytest.raises(SettingsError, match="is the server running"):
            await one.hold("t")
        with pytest.raises(SettingsError):
            await two.hold("t")
        await one.release("t")
    finally:
        cluster.start()
    assert await two.hold("t")
    assert not await one.hold("t")


async def test_who_is_cancelled_while_asking_harms_nobody(both: tuple[Lease, Lease]) -> None:
    one, two = both
    for steps in range(30):
        asking = [asyncio.create_task(one.hold(f"t{number}")) for number in range(3)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    assert await one.hold("t0")
    assert not await two.hold("t0")
    await one.close()
    assert await two.hold("t0")


async def test_what_was_taken_for_nobody_is_given_up(
    both: tuple[Lease, Lease], postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host is stopped while the database is slow: the lock that it then gives is left too."""
    one, two = both
    begun, slow = asyncio.Event(), threading.Event()
    loop, ask = asyncio.get_running_loop(), SessionLease._said

    def slowly(lease: SessionLease, words: str, table_id: str = "") -> object:
        if lease is one and words == TAKE:
            loop.call_soon_threadsafe(begun.set)
            assert slow.wait(60)
        return ask(lease, words, table_id)

    monkeypatch.setattr(SessionLease, "_said", slowly)
    asking = asyncio.create_task(one.hold("t"))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    leaving = asyncio.create_task(one.release("t"))
    await asyncio.sleep(0)
    slow.set()
    assert await leaving, "others may wait for it"
    assert locks(postgres) == 0
    assert await two.hold("t")


class Down(Exception):
    """What a driver raises whose database is not there."""


class Driver:
    """As much of a driver as a lease knows."""

    Error = Down


async def test_what_fails_for_nobody_is_told_to_nobody() -> None:
    """Not as a traceback of a task whose exception was never asked for."""
    begun, slow, told = asyncio.Event(), threading.Event(), list[str]()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: told.append(context["message"]))

    def connect() -> Connection:
        loop.call_soon_threadsafe(begun.set)
        assert slow.wait(60)
        raise Down

    lease = SessionLease(connect=connect, driver=Driver, refused=lambda _: SettingsError("down"))
    asking = asyncio.create_task(lease.hold("t"))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    slow.set()
    await lease.close()
    with pytest.raises(SettingsError):
        await lease.hold("t")
    gc.collect()
    assert told == []


async def test_a_file_is_one_servers(sqlite: SqliteFile) -> None:
    log = SqlLog(sqlite.url)
    lease = log.lease()
    assert isinstance(lease, Unshared)
    assert await lease.hold("t")
    assert not await lease.release("t"), "nobody waits"
    await lease.close()
    await log.close()


def test_tables_have_numbers_of_64_bits() -> None:
    keys = {lock_key(f"{number:x}") for number in range(1_000)} | {lock_key("\ud800ü")}
    assert len(keys) == 1_001
    assert all(-(2**63) <= key < 2**63 for key in keys)


class Counting(OfflineDelegate):
    """The engine, which counts what it is asked and lets others go first."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, int]] = []

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        self.asked.append((seat, room.turn.number if room.turn else 0))
        for _ in range(20):
            await asyncio.sleep(0)
        return await super().move(view, room, seat)


async def test_no_seat_is_asked_twice_for_a_turn(case: Case, postgres: PostgresDatabase) -> None:
    """Two servers that wake each other at every event, as over Redis."""
    delegate, wakeup = Counting(), LocalWakeup()
    logs = [SqlLog(postgres.url) for _ in range(2)]
    hosts = [
        Host(
            Desk(log, wakeup, virtual_clock(START)),
            {"engine": delegate},
            offline_helpers(),
            log.lease(),
        )
        for log in logs
    ]
    await open_table(hosts[0], case)
    async with asyncio.timeout(60):
        await asyncio.gather(*(host.run("t") for host in hosts))
    assert len(delegate.asked) > 8
    assert len(delegate.asked) == len(set(delegate.asked))
    for host, log in zip(hosts, logs, strict=True):
        assert locks(postgres) == 0, "the end of a table is the end of its lease"
        await host.lease.close()
        await log.close()


class Stuck(Counting):
    """A delegate that never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError("it never gets here")


class Telling:
    """A lease that tells when it was refused."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.refused = asyncio.Event()

    async def hold(self, table_id: str) -> bool:
        held = await self.lease.hold(table_id)
        if not held:
            self.refused.set()
        return held

    async def release(self, table_id: str) -> bool:
        return await self.lease.release(table_id)

    async def close(self) -> None:
        await self.lease.close()


async def test_when_the_one_goes_the_other_goes_on(
    case: Case, postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "POLL_SECONDS", 1e6)  # it is told by a ring
    wakeup, stuck, other = LocalWakeup(), Stuck(), Counting()
    logs = [SqlLog(postgres.url) for _ in range(2)]
    async with AsyncExitStack() as stack:
        hosts, leases = [], []
        for log, delegate in zip(logs, (stuck, other), strict=True):
            stack.push_async_callback(log.close)
            lease = Telling(log.lease())
            stack.push_async_callback(lease.close)
            leases.append(lease)
            desk = Desk(log, wakeup, virtual_clock(START))
            hosts.append(Host(desk, {"engine": delegate}, offline_helpers(), lease))
        await open_table(hosts[0], case)
        going = asyncio.create_task(hosts[0].run("t"))
        await asyncio.wait_for(stuck.begun.wait(), 60)
        staying = asyncio.create_task(hosts[1].run("t"))
        await asyncio.wait_for(leases[1].refused.wait(), 60)
        assert other.asked == []
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        await asyncio.wait_for(staying, 60)
        assert other.asked
        assert (await hosts[1].desk.sitting("t")).table.closed is not None
