"""One whole table over the real desk and host, by two servers with one PostgreSQL database."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from app import __version__
from app.domain.case import Case
from app.domain.events import Event, Fact
from app.errors import Conflict
from app.eventlog.base import EventLog, case_hash
from app.eventlog.record import write_record
from app.eventlog.sql import SqlLog
from app.eventlog.wakeup import LocalWakeup
from app.main import offline_delegates, offline_helpers
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host, virtual_clock
from tests.eventlog.places import PostgresDatabase, SqliteFile

pytestmark = pytest.mark.anyio
START = 1_795_000_000_000


class Abreast:
    """A log whose appends wait until the other server appends as well: each turn is a race."""

    def __init__(self, log: EventLog, line: asyncio.Barrier) -> None:
        self.log = log
        self.line = line
        self.lost = 0

    async def append(
        self, table_id: str, after: int, at: int, facts: Sequence[Fact]
    ) -> tuple[Event, ...]:
        with suppress(asyncio.BrokenBarrierError):  # the other one has seen the end
            await self.line.wait()
        try:
            return await self.log.append(table_id, after, at, facts)
        except Conflict:
            self.lost += 1
            raise

    async def read(self, table_id: str, after: int = 0) -> tuple[Event, ...]:
        return await self.log.read(table_id, after)

    async def tables(self) -> tuple[str, ...]:
        return await self.log.tables()

    async def close(self) -> None:
        await self.line.abort()


def hosts(*logs: EventLog) -> list[Host]:
    """A server's desk and host on each of these logs; no ring goes from one to the other."""
    desks = [Desk(log, LocalWakeup(), virtual_clock(START)) for log in logs]
    return [Host(desk, offline_delegates(), offline_helpers()) for desk in desks]


async def open_table(host: Host, case: Case) -> None:
    """Lay the table with every seat at the engine's hands."""
    opened = await host.desk.submit(
        "t",
        Open(
            case=case,
            case_hash=case_hash(case),
            seed=5,
            session=replace(case.session, turn_seconds=0),
            version=__version__,
        ),
    )
    assert not isinstance(opened, Refusal)


async def play(host: Host) -> None:
    """Step to the close."""
    while await host.step("t"):
        pass
    assert (await host.desk.sitting("t")).table.closed is not None


async def alone(case: Case, place: SqliteFile) -> str:
    """The record of the table on one server with a file."""
    log = SqlLog(place.url)
    (host,) = hosts(log)
    await open_table(host, case)
    await play(host)
    expected = await record(log)
    await log.close()
    return expected


async def record(log: EventLog) -> str:
    """The facilitator's record."""
    return "".join(write_record(await log.read("t")))


async def test_two_servers_play_the_table_that_one_plays_alone(
    case: Case, sqlite: SqliteFile, postgres: PostgresDatabase
) -> None:
    expected = await alone(case, sqlite)
    logs = [SqlLog(postgres.url) for _ in range(2)]
    await open_table(hosts(logs[0])[0], case)
    line = asyncio.Barrier(2)
    racing = [Abreast(log, line) for log in logs]

    async def race(host: Host) -> None:
        await play(host)
        await host.desk.log.close()

    async with asyncio.timeout(60):
        await asyncio.gather(*map(race, hosts(*racing)))
    assert sum(each.lost for each in racing) >= 10, "they hardly ever met"
    for log in logs:
        assert await record(log) == expected
        await log.close()
    (count,) = postgres.rows("SELECT count(*), max(seq) FROM event")
    assert count[0] == count[1] == expected.count("\n")


async def test_another_server_goes_on_where_the_first_was_left(
    case: Case, sqlite: SqliteFile, postgres: PostgresDatabase
) -> None:
    """Two servers in turn: what each remembers of the table is old whenever it steps."""
    expected = await alone(case, sqlite)
    logs = [SqlLog(postgres.url) for _ in range(2)]
    both = hosts(*logs)
    await open_table(both[1], case)
    turn = 0
    while await both[turn % 2].step("t"):
        turn += 1
    assert await record(logs[0]) == expected
    for log in logs:
        await log.close()
