"""What only a server does: it refuses, goes away, comes back, cuts lines, and sorts its own way."""

import asyncio
import logging
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import text

from app.domain.events import Fact, NewsArrived, RoundOpened
from app.errors import Conflict, SettingsError
from app.eventlog.remedies import complaint
from app.eventlog.sql import SqlLog
from tests.eventlog.places import PostgresDatabase, taken_by
from tests.eventlog.postgres import OWNER, PASSWORD, Cluster

pytestmark = pytest.mark.anyio
Rounds = Callable[..., list[Fact]]


def refused(url: str, words: str) -> str:
    """What an operator reads when this URL cannot be opened; it never holds a password."""
    with pytest.raises(SettingsError, match=words) as caught:
        SqlLog(url)
    said = str(caught.value)
    assert "\n" not in said
    assert PASSWORD not in said
    assert "secret" not in said
    return said


def at_commit(postgres: PostgresDatabase, words: str) -> None:
    """Let the database do this when an event is committed, and not when it is written."""
    postgres.rows(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN {words}; RETURN NULL; END$$"
    )
    postgres.rows(
        "CREATE CONSTRAINT TRIGGER no AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION no()"
    )


async def test_every_way_to_write_the_url_leads_to_the_same_log(
    postgres: PostgresDatabase, rounds: Rounds
) -> None:
    rest = postgres.url.partition(":")[2]
    for number, begin in enumerate(("postgresql", "postgres", "postgresql+psycopg")):
        log = SqlLog(f"{begin}:{rest}")
        await log.append("t", number, 0, rounds(number))
        await log.close()
    plain = rest.replace(f":{PASSWORD}@", "@")
    log = SqlLog(f"postgresql:{plain}?password={PASSWORD}&connect_timeout=3")
    assert len(await log.read("t")) == 3
    await log.close()


def test_what_cannot_be_opened_is_told_with_its_remedy(
    postgres: PostgresDatabase, cluster: Cluster
) -> None:
    name, port = postgres.name, str(cluster.port)
    refused(cluster.url(name, "secret"), "password auth.*; check user and password")
    plain = cluster.url(name, "").replace(":@", "@")
    refused(f"{plain}?password=secret", "password auth.*; check user and password")
    refused(cluster.url(name, user="stranger"), "; check user and password")
    refused(plain, "no password supplied; write the password")
    refused(cluster.url("nowhere"), '"nowhere" does not exist; create it first')
    refused(cluster.url(name).replace(port, "1"), "refused; is the server running")
    refused(f"{cluster.url(name)}?host=/nowhere", "No such file.*; is the server running")
    refused(f"{cluster.url(name)}?colour=secret", '"colour"; take that option out')


def test_a_complaint_is_one_line_and_shows_no_row() -> None:
    host = "failed to resolve host 'db.example': [Errno -2] Name or service not known"
    assert complaint("postgresql", host) == f"{host}; check the host in the log's URL"
    row = "cannot do this\nDETAIL:  Failing row contains (secret).\nCONTEXT:  a secret"
    assert complaint("postgresql", row) == "cannot do this"
    tried = "Multiple connection attempts failed. All failures were:\n- host: ::1\n- host: b"
    assert complaint("postgresql", tried) == " ".join(tried.split())


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_word_is_refused(cluster: Cluster, encoding: str) -> None:
    name = f"in_{encoding.lower()}"
    cluster.tell(
        f"CREATE DATABASE {name} OWNER {OWNER} ENCODING '{encoding}' TEMPLATE template0 "
        "LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    said = refused(cluster.url(name), f"encoding {encoding}.*create it with ENCODING 'UTF8'")
    remedy = said.partition("create it with ")[2]
    cluster.tell(f"DROP DATABASE {name}")
    cluster.tell(f"CREATE DATABASE {name} OWNER {OWNER} {remedy}")  # as it was told
    asyncio.run(SqlLog(cluster.url(name)).close())


def test_a_database_that_may_not_be_written_is_refused(
    cluster: Cluster, postgres: PostgresDatabase
) -> None:
    others = "of_another"
    cluster.tell(f"CREATE DATABASE {others}")
    refused(cluster.url(others), "permission denied.*; make the log's user the owner")
    cluster.tell(f"ALTER DATABASE {others} OWNER TO {OWNER}")  # as it was told
    asyncio.run(SqlLog(cluster.url(others)).close())
    cluster.tell(f"ALTER DATABASE {postgres.name} SET default_transaction_read_only = on")
    refused(postgres.url, "; this server is a copy that cannot be written")


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"pip install 'parley\[scale\]'"):
        SqlLog("postgresql://me@127.0.0.1/log")


async def test_a_careless_server_does_not_make_the_log_careless(
    cluster: Cluster, postgres: PostgresDatabase, rounds: Rounds
) -> None:
    careless = {
        "synchronous_commit": "off",
        "lock_timeout": "0",
        "default_transaction_isolation": "serializable",
    }
    for key, value in careless.items():
        cluster.tell(f"ALTER DATABASE {postgres.name} SET {key} = '{value}'")
    log = SqlLog(postgres.url)
    taken = taken_by(log)
    await log.append("t", 0, 0, rounds(0))
    taken[-1].rollback()
    with log._engine.connect() as connection:
        for line in (connection, log._engine.connect()):
            shown = {
                key: line.execute(text(f"SHOW {key}")).scalar_one()
                for key in ("synchronous_commit", "lock_timeout", "transaction_isolation")
            }
            assert list(shown.values()) == ["on", "10s", "read committed"]
            line.close()
    await log.close()


async def test_a_stricter_server_stays_strict(cluster: Cluster, postgres: PostgresDatabase) -> None:
    cluster.tell(f"ALTER DATABASE {postgres.name} SET synchronous_commit = 'remote_apply'")
    log = SqlLog(postgres.url)
    with log._engine.connect() as connection:
        shown = connection.execute(text("SHOW synchronous_commit")).scalar_one()
        assert shown == "remote_apply"
    await log.close()


async def test_tables_of_one_moment_are_listed_alike_in_every_language(
    postgres: PostgresDatabase, rounds: Rounds
) -> None:
    log = SqlLog(postgres.url)
    postgres.rows('ALTER TABLE event ALTER table_id TYPE VARCHAR(200) COLLATE "en-x-icu"')
    ids = ("B", "Z", "_", "a", "b", "é")
    for name in reversed(ids):
        await log.append(name, 0, 0, rounds(0))
    in_english = [name for (name,) in postgres.rows("SELECT table_id FROM event ORDER BY table_id")]
    assert in_english != list(ids), "this server sorts as we do: nothing is tried here"
    assert await log.tables() == ids
    await log.close()


async def test_a_server_that_goes_and_comes_back_loses_nothing(
    cluster: Cluster, postgres: PostgresDatabase, rounds: Rounds
) -> None:
    log = SqlLog(postgres.url)
    taken = taken_by(log)
    kept = await log.append("t", 0, 0, rounds(0))
    cluster.stop()
    try:
        # Its port may take a last call or two before nobody is there to take any.
        gone = r"; (try again when the server is back|is the server running)"
        for _ in range(3):
            with pytest.raises(SettingsError, match=gone):
                await log.append("t", 1, 0, rounds(1))
            with pytest.raises(SettingsError, match=gone):
                await log.read("t")
            with pytest.raises(SettingsError, match=gone):
                await log.tables()
    finally:
        cluster.start()
    more = await log.append("t", 1, 0, rounds(1))
    assert taken[-1] is not taken[0], "the connection that failed was used again"
    with pytest.raises(Conflict):
        await log.append("t", 1, 0, rounds(1))
    assert await log.read("t") == kept + more
    await log.close()


async def test_a_line_that_was_cut_is_replaced_and_nobody_need_be_told(
    postgres: PostgresDatabase, rounds: Rounds
) -> None:
    log, other = SqlLog(postgres.url), SqlLog(postgres.url)
    await log.append("t", 0, 0, rounds(0))
    for number in (1, 3):
        postgres.cluster.cut(postgres.name)
        assert len(await log.read("t")) == number
        await log.append("t", number, 0, rounds(number))
        await other.append("t", number + 1, 0, rounds(number + 1))  # `log` does not know of this
        postgres.cluster.cut(postgres.name)
        with pytest.raises(Conflict):
            await log.append("t", number + 1, 0, rounds(9))
    assert [e.body for e in await log.read("t")] == [RoundOpened(round=n) for n in range(5)]
    await log.close()
    await other.close()


async def test_a_line_that_is_cut_in_the_commit_leaves_the_question_open(
    postgres: PostgresDatabase, rounds: Rounds
) -> None:
    """Then nothing is said again: the commit may have been done, and only a reading tells."""
    log = SqlLog(postgres.url)
    await log.append("t", 0, 0, rounds(0))
    at_commit(postgres, "PERFORM pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(SettingsError, match="; try again when the server is back"):
        await log.append("t", 1, 0, rounds(1))
    assert len(await log.read("t")) == 1
    with pytest.raises(SettingsError, match="; try again when the server is back"):
        await log.append("t", 1, 0, rounds(1))
    postgres.rows("DROP TRIGGER no ON event")
    await log.append("t", 1, 0, rounds(1))
    assert len(await log.read("t")) == 2
    await log.close()


async def test_a_failed_commit_is_no_acknowledgement(
    postgres: PostgresDatabase, rounds: Rounds
) -> None:
    log = SqlLog(postgres.url)
    await log.append("t", 0, 0, rounds(0))
    at_commit(postgres, "RAISE EXCEPTION 'not today'")
    with pytest.raises(SettingsError, match=r"database refuses: not today$"):
        await log.append("t", 1, 0, rounds(1))
    postgres.rows("DROP TRIGGER no ON event")
    assert len(await log.read("t")) == 1
    with pytest.raises(Conflict):
        await log.append("t", 2, 0, rounds(2))
    await log.append("t", 1, 0, rounds(1))
    await log.close()


async def test_a_crash_of_the_server_loses_and_doubles_nothing_acknowledged(
    cluster: Cluster, postgres: PostgresDatabase
) -> None:
    logs = [SqlLog(postgres.url), SqlLog(postgres.url)]
    half, back = asyncio.Event(), asyncio.Event()
    acknowledged: dict[str, list[int]] = {}

    async def appender(log: SqlLog, name: str) -> None:
        mine = acknowledged[name] = []
        for step in range(60):
            if step == 30:
                half.set()
            while True:
                try:
                    known = len(await log.read(name))
                    facts = [Fact(body=RoundOpened(round=step))] * 2
                    await log.append(name, known, 0, facts)
                    mine.append(step)
                    break
                except SettingsError:
                    await back.wait()

    async def crash() -> None:
        await half.wait()
        await asyncio.to_thread(cluster.stop)
        await asyncio.to_thread(cluster.start)
        back.set()

    every = [(log, f"{who}-{n}") for who, log in enumerate(logs) for n in range(3)]
    await asyncio.gather(crash(), *(appender(log, name) for log, name in every))
    for log, name in every:
        events = await log.read(name)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        steps = [e.body.round for e in events if isinstance(e.body, RoundOpened)]
        assert steps == sorted(steps)
        assert steps[::2] == steps[1::2], "half an append was kept"
        assert acknowledged[name] == list(range(60))
        # An append that was refused may have been kept: nobody said it was not. Then it is
        # there once more, because this appender does not look.
        assert set(steps) == set(range(60))
        assert len(steps) <= 2 * 60 + 2
    for log in logs:
        await log.close()


async def test_rivals_make_no_noise_and_never_wait_for_each_other_in_a_circle(
    cluster: Cluster,
    postgres: PostgresDatabase,
    rounds: Rounds,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two batches that write the same tables in opposite orders, again and again."""
    logs = (SqlLog(postgres.url), SqlLog(postgres.url))
    names = [f"t{number:02}" for number in range(24)]
    before = len(cluster.log)
    with caplog.at_level(logging.WARNING):
        for step in range(12):
            both = [
                *(logs[0].append(name, 2 * step, 0, rounds(0, 0)) for name in names),
                *(logs[1].append(name, 2 * step, 0, rounds(1, 1)) for name in reversed(names)),
            ]
            results = await asyncio.gather(*both, return_exceptions=True)
            won = [isinstance(result, tuple) for result in results]
            lost = [isinstance(result, Conflict) for result in results]
            assert sum(won) == sum(lost) == len(names), results
        for number in range(6):  # the driver is in the middle of sending when it is told
            long, news = f"long{number}", Fact(body=NewsArrived(text="x" * 5_000))
            await logs[0].append(long, 0, 0, rounds(0))
            await logs[1].append(long, 1, 0, rounds(1))
            with pytest.raises(Conflict):
                await logs[0].append(long, 1, 0, [news] * 300)
    assert "duplicate key" in cluster.log[before:], "they never met"
    assert "deadlock" not in cluster.log[before:]
    assert not [record for record in caplog.records if record.name != "asyncio"]
    for name in names:
        kept = [e.body.round for e in await logs[0].read(name) if isinstance(e.body, RoundOpened)]
        assert kept[::2] == kept[1::2]
        assert len(kept) == 24
    for log in logs:
        await log.close()
