"""Wake-ups within one process; a lost one costs a poll, never an event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext


class LocalBell:
    """A bell that remembers one ring until somebody waits for it."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Ring; rings that nobody waited for become one."""
        self._rung.set()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - see `Bell`
        """See `Bell.wait`."""
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class LocalWakeup:
    """Rings for the listeners of this process, all on one event loop; none is lost."""

    def __init__(self) -> None:
        self._bells: dict[str, set[LocalBell]] = {}

    def ring(self, table_id: str) -> None:
        """See `Wakeup.ring`."""
        for bell in self._bells.get(table_id, ()):
            bell.ring()

    @property
    def tables(self) -> Collection[str]:
        """Ids of the tables that somebody listens to."""
        return self._bells.keys()

    def connected(self) -> AbstractAsyncContextManager[None]:
        """See `Wakeup.connected`: there is nobody else."""
        return nullcontext()

    @asynccontextmanager
    async def listen(self, table_id: str) -> AsyncIterator[LocalBell]:
        """See `Wakeup.listen`."""
        bell = LocalBell()
        self._bells.setdefault(table_id, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[table_id]
            bells.discard(bell)
            if not bells:
                del self._bells[table_id]
