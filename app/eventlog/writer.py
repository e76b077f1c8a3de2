"""The one thread that writes: what waits together is written together (group commit, no timer).

Who waits is answered on the event loop it waits on, after its append is kept and never before.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeAlias

from app.errors import Conflict, SettingsError

MAX_BATCH = 256
"""Appends that one transaction may hold."""


@dataclass(slots=True, kw_only=True)
class Append:
    """Rows that are to follow a table's event `after`, and where it is told how that went."""

    table_id: str
    after: int
    rows: list[dict[str, Any]]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


_Result: TypeAlias = tuple[Append, Exception | None]


class Pen(Protocol):
    """What the thread writes with; only the thread holds it."""

    def write(self, batch: Sequence[Append]) -> list[bool]:
        """Keep, all in one transaction, what follows its table's last event; who was in time.

        When anything is raised nothing of the batch was kept; the error says why to the first.
        """
        ...

    def lay_down(self) -> None:
        """Let go of what is held open."""
        ...


class Writer:
    """Takes appends from any event loop and writes them in the order in which they came."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self._waiting: SimpleQueue[Append | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="eventlog-writer", daemon=True)
        self._thread.start()

    async def append(self, table_id: str, after: int, rows: list[dict[str, Any]]) -> None:
        """Return when the rows are kept; Conflict when others came first."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        waiting = Append(table_id=table_id, after=after, rows=rows, loop=loop, done=done)
        with self._closing:
            if self._closed:
                raise SettingsError("the event log is closed")
            self._waiting.put(waiting)
        await done

    async def close(self) -> bool:
        """Write what is waiting and stop; False when that was asked before."""
        with self._closing:
            if self._closed:
                return False
            self._closed = True
            self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)
        return True

    def _write(self) -> None:
        """The thread: take what is waiting, commit it together, answer."""
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
            self._commit([each for each in batch if not each.done.cancelled()])
        self._pen.lay_down()

    def _commit(self, batch: list[Append]) -> None:
        """One transaction; when it fails, each append in one of its own, so none harms another."""
        if not batch:
            return
        try:
            in_time = self._pen.write(batch)
        except Exception as error:  # noqa: BLE001 - whatever it was, somebody waits for an answer
            if len(batch) > 1:
                for each in batch:
                    self._commit([each])
            else:
                _answer([(batch[0], error)])
            return
        _answer(
            [
                (each, None if kept else Conflict(each.table_id, each.after + 1))
                for each, kept in zip(batch, in_time, strict=True)
            ]
        )


def _answer(results: Sequence[_Result]) -> None:
    """Answer those who wait, each on its own event loop; from the writer's thread."""
    for loop in {waiting.loop for waiting, _ in results}:
        own = [result for result in results if result[0].loop is loop]
        with suppress(RuntimeError):  # the loop is closed: nobody waits on it any more
            loop.call_soon_threadsafe(_settle, own)


def _settle(results: Sequence[_Result]) -> None:
    """Let those who wait on this event loop go on; who was cancelled waits no more."""
    for waiting, error in results:
        if waiting.done.done():
            continue
        if error is None:
            waiting.done.set_result(None)
        else:
            waiting.done.set_exception(error)
