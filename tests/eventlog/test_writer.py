"""The writing thread and its pen: what they remember, whom they answer, how they recover."""

import asyncio
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

from app.domain.events import Fact, RoundOpened
from app.errors import Conflict, SettingsError
from app.eventlog import pen as pen_of
from app.eventlog.sql import SqlLog
from tests.eventlog.places import Place, taken_by

pytestmark = pytest.mark.anyio
Rounds = Callable[..., list[Fact]]


class Two(NamedTuple):
    """Two processes with one database; each attempt at a test has tables of its own there."""

    logs: tuple[SqlLog, SqlLog]
    attempts: Iterator[int]


@pytest.fixture
def two(place: Place) -> Iterator[Two]:
    logs = (SqlLog(place.url), SqlLog(place.url))
    yield Two(logs, itertools.count())
    for log in logs:
        asyncio.run(log.close())


# Which of two writers appends, to which of two tables, how far it is from where that table
# ends, and how many events it brings.
STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from("tu"),
        st.sampled_from((0, 0, 0, -1, 1, -2, 2)),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
@example(steps=[(0, "t", 0, 1), (1, "t", 0, 1), (0, "t", -1, 0)])
def test_two_writers_refuse_every_gap_and_every_number_taken(
    two: Two, steps: list[tuple[int, str, int, int]]
) -> None:
    """The oracle counts: an append is taken if and only if it follows the last event."""
    logs, attempt = two.logs, next(two.attempts)

    async def play() -> None:
        kept: dict[str, list[int]] = {f"{attempt}-t": [], f"{attempt}-u": []}
        for number, (who, short, off, count) in enumerate(steps):
            table = f"{attempt}-{short}"
            after = max(0, len(kept[table]) + off)
            facts = [Fact(body=RoundOpened(round=number))] * count
            if after != len(kept[table]):
                with pytest.raises(Conflict) as caught:
                    await logs[who].append(table, after, 0, facts)
                assert (caught.value.table_id, caught.value.seq) == (table, after + 1)
            else:
                await logs[who].append(table, after, 0, facts)
                kept[table] += [number] * count
        for table, rounds in kept.items():
            events = await logs[0].read(table)
            assert [each.seq for each in events] == list(range(1, len(rounds) + 1))
            assert [each.body for each in events] == [RoundOpened(round=n) for n in rounds]

    asyncio.run(play())


async def test_the_writer_keeps_one_connection_and_asks_once_a_table(
    tmp_path: Path, rounds: Rounds
) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    said: list[str] = []

    @event.listens_for(log._engine, "checkout")
    def listen(connection: sqlite3.Connection, *_rest: object) -> None:
        said.append("taken")
        connection.set_trace_callback(lambda words: said.append(words.split()[0]))

    for number in range(3):
        await log.append("t", number, 0, rounds(number))
    written = ["BEGIN", "INSERT", "COMMIT"]
    assert said == ["taken", "BEGIN", "SELECT", "INSERT", "COMMIT", *written, *written]
    await log.close()


async def test_what_is_remembered_is_bounded_and_forgetting_costs_no_event(
    place: Place, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pen_of, "MAX_REMEMBERED", 2)
    log = SqlLog(place.url)
    pen = log._writer._pen
    assert isinstance(pen, pen_of.DriverPen)
    for number in range(3):
        for table in "abcde":
            await log.append(table, number, 0, rounds(number))
            with pytest.raises(Conflict):
                await log.append(table, number, 0, rounds(number))
            with pytest.raises(Conflict):
                await log.append(table, number + 2, 0, rounds(number))
            assert len(pen._last) <= 2
    assert [len(await log.read(table)) for table in "abcde"] == [3] * 5
    await log.close()


async def test_a_number_another_process_took_harms_no_neighbour(
    place: Place, rounds: Rounds
) -> None:
    one, other = SqlLog(place.url), SqlLog(place.url)
    await one.append("t", 0, 0, rounds(0))
    await other.append("t", 1, 0, rounds(1))  # `one` remembers that the table ends at 1
    with place.locked():
        first = asyncio.create_task(one.append("x", 0, 0, rounds(0)))
        await asyncio.sleep(0)
        batch = [
            asyncio.create_task(one.append(table, after, 0, rounds(9)))
            for table, after in (("u", 0), ("t", 1), ("v", 0))
        ]
        await asyncio.sleep(0)
    await first
    results = await asyncio.gather(*batch, return_exceptions=True)
    assert [type(each) for each in results] == [tuple, Conflict, tuple]
    assert [each.body for each in await other.read("t")] == [
        RoundOpened(round=0),
        RoundOpened(round=1),
    ]
    await one.append("t", 2, 0, rounds(2))
    assert await one.tables() == ("t", "u", "v", "x")
    await one.close()
    await other.close()


async def test_who_is_cancelled_before_the_writing_leaves_no_event(
    place: Place, rounds: Rounds
) -> None:
    log = SqlLog(place.url)
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    @event.listens_for(log._engine, "checkout")
    def listen(*_given: object) -> None:
        loop.call_soon_threadsafe(begun.set)

    with place.locked():
        running = asyncio.create_task(log.append("running", 0, 0, rounds(0)))
        await begun.wait()
        waiting = asyncio.create_task(log.append("waiting", 0, 0, rounds(0)))
        after = asyncio.create_task(log.append("after", 0, 0, rounds(0)))
        await asyncio.sleep(0)
        for task in (running, waiting):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    await after
    assert await log.tables() == ("after", "running"), "begun is written, not begun is not"
    await log.close()


async def test_a_loop_that_closed_keeps_nobody_from_an_answer(place: Place, rounds: Rounds) -> None:
    log = SqlLog(place.url)
    waiting: list[asyncio.Task[object]] = []

    def leave() -> None:
        loop = asyncio.new_event_loop()
        waiting.append(loop.create_task(log.append("gone", 0, 0, rounds(0))))
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.close()

    with place.locked():
        first = asyncio.create_task(log.append("first", 0, 0, rounds(0)))
        await asyncio.sleep(0)
        thread = threading.Thread(target=leave)
        thread.start()
        thread.join()
        last = asyncio.create_task(log.append("last", 0, 0, rounds(0)))
        await asyncio.sleep(0)
    await asyncio.gather(first, last)
    assert set(await log.tables()) == {"first", "gone", "last"}
    await log.close()


def test_several_event_loops_share_a_log(place: Place, rounds: Rounds) -> None:
    log = SqlLog(place.url)
    lost: list[Exception] = []

    async def play(name: str) -> None:
        for number in range(20):
            both = (log.append(f"{name}{n}", number, 0, rounds(number)) for n in range(2))
            await asyncio.gather(*both)

    def run(name: str) -> None:
        try:
            asyncio.run(play(name))
        except Exception as error:  # noqa: BLE001 - a thread's error would be lost
            lost.append(error)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []
    tables = asyncio.run(log.tables())
    assert tables == ("a0", "a1", "b0", "b1", "c0", "c1")
    assert all(len(asyncio.run(log.read(table))) == 20 for table in tables)
    asyncio.run(log.close())


async def test_a_locked_database_fails_one_append_and_the_next_recovers(
    place: Place, rounds: Rounds
) -> None:
    log, other = SqlLog(place.url), SqlLog(place.url)
    taken = taken_by(log)
    await log.append("t", 0, 0, rounds(0))
    impatient = "PRAGMA busy_timeout = 0" if "sqlite" in place.url else "SET lock_timeout = '1ms'"
    taken[-1].execute(impatient)
    taken[-1].commit()
    with place.locked(), pytest.raises(SettingsError, match="another process holds it"):
        await log.append("t", 1, 0, rounds(1))
    await other.append("t", 1, 0, rounds(1, 2))
    for stale in (1, 2):
        with pytest.raises(Conflict):
            await log.append("t", stale, 0, rounds(9))
    await log.append("t", 3, 0, rounds(3))
    assert taken[-1] is not taken[0], "the connection that failed was used again"
    assert [each.body for each in await other.read("t")] == [
        RoundOpened(round=number) for number in range(4)
    ]
    await log.close()
    await other.close()


async def test_a_connection_that_broke_is_replaced(tmp_path: Path, rounds: Rounds) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    taken = taken_by(log)
    await log.append("t", 0, 0, rounds(0))
    taken[-1].close()
    await log.append("t", 1, 0, rounds(1))
    assert taken[-1] is not taken[0]
    assert len(await log.read("t")) == 2
    with closing(taken[-1].cursor()) as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,), "not durable any more"
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    await log.close()


async def test_a_failed_commit_is_no_acknowledgement(tmp_path: Path, rounds: Rounds) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    taken = taken_by(log)
    await log.append("t", 0, 0, rounds(0))

    def refuse(action: int, what: str | None, *_rest: object) -> int:
        commits = action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT"
        return sqlite3.SQLITE_DENY if commits else sqlite3.SQLITE_OK

    taken[-1].set_authorizer(refuse)
    with pytest.raises(SettingsError, match="not authorized"):
        await log.append("t", 1, 0, rounds(1))
    assert len(await log.read("t")) == 1
    with pytest.raises(Conflict):
        await log.append("t", 2, 0, rounds(2))
    await log.append("t", 1, 0, rounds(1))
    await log.close()


def test_a_moment_of_today_fits_where_a_driver_is_told_the_size() -> None:
    dialect = make_url("postgresql+psycopg://host/log").get_dialect()()
    statement = insert(SQLModel.metadata.tables["event"]).compile(dialect=dialect)
    assert "%(at)s::BIGINT" in str(statement), "milliseconds since 1970 need more than 32 bits"
