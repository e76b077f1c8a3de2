"""A whole turn as it is written without thought of its cost: what ours is measured against.

The plain openai client; every token as JSON of its own to every watcher; every event an object of
SQLModel, committed by itself to a database as durable as ours. No guard, no prompt to compose.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from socket import socket
from typing import Any

from app.delegates.base import Ask
from bench.bare import OpenAILoop


class NaiveTurn:
    """Asks, shows and stores; `watchers` are sockets, the database is a file in `folder`."""

    def __init__(self, url: str, folder: Path, watchers: Sequence[socket]) -> None:
        from sqlalchemy import event  # noqa: PLC0415 - slow, and not for every bench
        from sqlmodel import Field, SQLModel, create_engine  # noqa: PLC0415

        class NaiveEvent(SQLModel, table=True):
            """One event."""

            __table_args__ = {"extend_existing": True}

            seq: int | None = Field(default=None, primary_key=True)
            kind: str
            body: str

        self._loop = OpenAILoop(url)
        self._watchers = watchers
        self._row = NaiveEvent
        self._engine = create_engine(f"sqlite:///{folder / 'naive.db'}")

        @event.listens_for(self._engine, "connect")
        def durable(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

        SQLModel.metadata.create_all(self._engine, tables=[vars(NaiveEvent)["__table__"]])

    async def call(self, ask: Ask, *, streams: bool) -> None:
        """One call of a turn, shown as it comes."""
        text = await self._loop.ask(ask, streams=streams, on_text=self._show if streams else None)
        self.store("said", {"text": text})

    def store(self, kind: str, body: dict[str, object]) -> None:
        """One event, kept and shown to everybody."""
        from sqlmodel import Session  # noqa: PLC0415

        with Session(self._engine) as session:
            session.add(self._row(kind=kind, body=json.dumps(body)))
            session.commit()
        self._send({"type": "event", "kind": kind, "body": body})

    def _show(self, token: str) -> None:
        self._send({"type": "token", "text": token})

    def _send(self, frame: dict[str, object]) -> None:
        for watcher in self._watchers:
            watcher.sendall(json.dumps(frame).encode())

    async def aclose(self) -> None:
        """Close what is open."""
        await self._loop.aclose()
        self._engine.dispose()
