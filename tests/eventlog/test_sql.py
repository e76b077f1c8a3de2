"""The SQL log as an operator meets it: durable settings, migrations, refusals with a remedy."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, text

from app.domain.events import Fact
from app.errors import CaseError, SettingsError
from app.eventlog.sql import MIGRATIONS, SqlLog
from tests.eventlog.places import Place

pytestmark = pytest.mark.anyio
Rounds = Callable[..., list[Fact]]


async def test_every_connection_is_durable(tmp_path: Path) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    with log._engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
    await log.close()


async def test_writers_lock_before_they_read(tmp_path: Path, rounds: Rounds) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    said: list[str] = []

    @event.listens_for(log._engine, "checkout")
    def listen(connection: sqlite3.Connection, *_rest: object) -> None:
        connection.set_trace_callback(said.append)

    await log.append("t", 0, 0, rounds(0))
    assert said[0] == "BEGIN IMMEDIATE"
    assert said[-1] == "COMMIT"
    said.clear()
    await log.read("t")
    assert said[0] == "BEGIN"
    await log.close()


async def test_the_case_is_kept_once(place: Place, opening: Fact, rounds: Rounds) -> None:
    log = SqlLog(place.url)
    await log.append("t", 0, 0, [opening, *rounds(*range(20))])
    one, other = (await log.read("t"))[0], (await log.read("t"))[0]
    assert one is other, "the opening was decoded twice"
    await log.close()
    sizes = [size for (size,) in place.rows("SELECT length(body) FROM event ORDER BY seq")]
    assert isinstance(sizes[0], int)
    assert sizes[0] > 10_000
    assert all(isinstance(size, int) and size < 100 for size in sizes[1:])


async def test_the_version_is_written_and_a_newer_one_is_refused(place: Place) -> None:
    await SqlLog(place.url).close()
    assert place.rows("SELECT version FROM schema_version") == [(len(MIGRATIONS),)]
    place.rows("UPDATE schema_version SET version = 99")
    with pytest.raises(SettingsError, match=r"version 99.*knows"):
        SqlLog(place.url)


async def test_processes_that_open_an_empty_database_at_once_make_one_log(
    place: Place, rounds: Rounds
) -> None:
    logs = await asyncio.gather(*(asyncio.to_thread(SqlLog, place.url) for _ in range(6)))
    assert place.rows("SELECT version FROM schema_version") == [(len(MIGRATIONS),)]
    await asyncio.gather(*(log.append(f"t{n}", 0, n, rounds(n)) for n, log in enumerate(logs)))
    for log in logs:
        assert await log.tables() == tuple(f"t{n}" for n in range(6))
        await log.close()


async def test_a_migration_that_is_missing_is_made_up_for(place: Place, rounds: Rounds) -> None:
    place.rows("CREATE TABLE schema_version (version INTEGER PRIMARY KEY)")
    place.rows("INSERT INTO schema_version VALUES (0)")
    log = SqlLog(place.url)
    await log.append("t", 0, 0, rounds(0))
    await log.close()
    assert place.rows("SELECT version FROM schema_version") == [(len(MIGRATIONS),)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.write_text("Dear diary, " * 200)
    with pytest.raises(SettingsError, match=r"not a database.*choose another path"):
        SqlLog(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear diary")


def test_the_database_of_another_program_is_refused(place: Place) -> None:
    place.rows("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(SettingsError, match=r"not an event log of Parley.*bookmarks"):
        SqlLog(place.url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_would_forget_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="names no file"):
        SqlLog(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "log.db", "oracle9://x", "sqlite:/nowhere", "a:b:c://", "mysql://secret@host/log"),
        *("postgresql+asyncpg://me:secret@host/log", "postgresql://me:secret@host:port/log"),
        *("postgresql://me:pa:ss@secret@host/log", "postgresql://me:pass@host:secret@host/log"),
    ],
)
def test_a_url_that_means_nothing_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(
        SettingsError, match=r"the event log's URL .*(expected|write %40)"
    ) as caught:
        SqlLog(url)
    assert "secret" not in str(caught.value)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does its folder exist"):
        SqlLog(f"sqlite:///{tmp_path}/no/such/folder/log.db")


async def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    await SqlLog(f"sqlite:///{path}").close()
    with pytest.raises(SettingsError, match="writable"):
        SqlLog(f"sqlite:///file:{path}?mode=ro&uri=true")


async def test_a_full_disk_fails_the_append_and_spares_the_log(
    tmp_path: Path, opening: Fact, rounds: Rounds
) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    held: list[sqlite3.Connection] = []

    @event.listens_for(log._engine, "checkout")
    def hold(connection: sqlite3.Connection, *_rest: object) -> None:
        held.append(connection)

    kept = await log.append("t", 0, 0, rounds(0))
    held[-1].execute("PRAGMA max_page_count = 1")
    with pytest.raises(SettingsError, match="make room on the disk"):
        await log.append("t", 1, 0, [opening, *rounds(1)])
    assert await log.read("t") == kept
    await log.append("t", 1, 0, [opening, *rounds(1)])
    assert len(await log.read("t")) == 3
    await log.close()


async def test_a_row_that_was_tampered_with_is_named(place: Place, rounds: Rounds) -> None:
    log = SqlLog(place.url)
    await log.append("t", 0, 0, rounds(0, 1))
    place.rows('UPDATE event SET body = \'{"kind":"round.opened","round":"x"}\' WHERE seq = 2')
    with pytest.raises(CaseError, match="table t: line 2"):
        await log.read("t")
    await log.close()
