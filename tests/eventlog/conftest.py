"""A small table for the logs: a case, an opening, rounds to append, and databases to keep them."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.case import Case
from app.domain.events import Fact, RoundOpened, TableOpened
from app.eventlog.base import case_hash
from app.library import load_case
from tests.eventlog.places import Place, PostgresDatabase, SqliteFile
from tests.eventlog.postgres import Cluster
from tests.eventlog.redis_server import PASSWORD, RedisServer


@pytest.fixture(scope="session")
def case() -> Case:
    return load_case("first-offer")


@pytest.fixture(scope="session")
def opening(case: Case) -> Fact:
    body = TableOpened(
        case=case, case_hash=case_hash(case), seed=7, session=case.session, version="0.1.0"
    )
    return Fact(body=body)


@pytest.fixture(scope="session")
def rounds() -> Callable[..., list[Fact]]:
    def make(*numbers: int) -> list[Fact]:
        return [Fact(body=RoundOpened(round=number)) for number in numbers]

    return make


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server; tests that need one skip where it is not installed."""
    server = Cluster()
    try:
        server.create()
        yield server
    finally:
        server.remove()


@pytest.fixture
def sqlite(tmp_path: Path) -> SqliteFile:
    return SqliteFile(tmp_path / "log.db")


@pytest.fixture
def postgres(cluster: Cluster) -> Iterator[PostgresDatabase]:
    name = cluster.database()
    yield PostgresDatabase(name, cluster)
    cluster.empty(name)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty database of each kind."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def _redis() -> Iterator[RedisServer]:
    """A Redis server; tests that need one skip where it is not installed."""
    server = RedisServer()
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture
def redis(_redis: RedisServer) -> RedisServer:
    """The server, running: a test may have killed it."""
    return _redis.start()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the operator reads; in no test the password, and in no test a traceback."""
    caplog.set_level(logging.WARNING)
    yield caplog
    assert PASSWORD not in caplog.text
    assert "Traceback" not in caplog.text
