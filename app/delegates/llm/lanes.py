"""Places at an endpoint, given in turn to the tables that wait for one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lanes:
    """At most `places` calls at once; lanes are served round robin, each first come first."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.taken = 0
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many calls wait for a place."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def place(self, lane: str) -> AsyncIterator[None]:
        """Hold a place; waits for one in the lane's turn."""
        await self._take(lane)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, lane: str) -> None:
        if self.taken < self.places and not self._waiting:
            self.taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(lane, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()  # the place came in the same moment as the cancellation
            else:
                self._leave(lane, turn)
            raise

    def _leave(self, lane: str, turn: asyncio.Future[None]) -> None:
        line = self._waiting.get(lane)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._waiting[lane]

    def _pass_on(self) -> None:
        """Give the place to the lane whose turn it is, which then goes to the end."""
        while self._waiting:
            lane, line = self._waiting.popitem(last=False)
            turn = line.popleft()
            if line:
                self._waiting[lane] = line
            if not turn.done():
                turn.set_result(None)
                return
        self.taken -= 1
