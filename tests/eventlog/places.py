"""Where a log is kept: an empty database of each kind, and what another program does to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import event

from app.eventlog.sql import SqlLog
from tests.eventlog.postgres import Cluster

Row = tuple[Any, ...]


class Place(Protocol):
    """An empty database."""

    @property
    def url(self) -> str:
        """How the log is told of it."""
        ...

    def rows(self, query: str) -> list[Row]:
        """What another program sees, or does."""
        ...

    def locked(self) -> AbstractContextManager[None]:
        """Another process in the middle of a write: ours must wait for it."""
        ...


@dataclass
class SqliteFile:
    """A file that is not there yet."""

    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def rows(self, query: str) -> list[Row]:
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute(query).fetchall()
            connection.commit()
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")


@dataclass
class PostgresDatabase:
    """A database that the log's user owns."""

    name: str
    cluster: Cluster

    @property
    def url(self) -> str:
        return self.cluster.url(self.name)

    def rows(self, query: str) -> list[Row]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def locked(self) -> Iterator[None]:
        with psycopg.connect(self.url) as other:
            other.execute("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE")
            yield
            other.rollback()


def taken_by(log: SqlLog) -> list[Any]:
    """Connections as they are taken from the pool, the latest last."""
    taken: list[Any] = []

    @event.listens_for(log._engine, "checkout")
    def take(connection: object, *_rest: object) -> None:
        taken.append(connection)

    return taken
