"""The local model server in a thread of its own, for tests of commands that run their own loop."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType

from tests.llm.server import ModelServer, Reply


class ServerInThread:
    """Serves until the block ends."""

    def __init__(self, reply: Reply) -> None:
        self.server = ModelServer(reply)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._over: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        async with self.server:
            self._ready.set()
            await self._over.wait()

    def __enter__(self) -> ModelServer:
        self._thread.start()
        assert self._ready.wait(30)
        return self.server

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._over is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(30)
