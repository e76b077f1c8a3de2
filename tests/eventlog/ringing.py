"""Two processes' wake-ups over one Redis server, and what is waited for there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.eventlog.wakeup.redis import Pace, RedisWakeup
from app.settings import RedisSetting

PATIENT = Pace(patience=60, idle=60, first=0.01, most=0.05)
HASTY = Pace(patience=1, idle=0.2, first=0.01, most=0.05)
GONE, BACK = "are gone", "are back"


def lines(told: pytest.LogCaptureFixture, words: str) -> int:
    return sum(words in record.getMessage() for record in told.records)


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds, here or in another process."""
    async with asyncio.timeout(60):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)  # between two looks


async def caught_up(wakeup: RedisWakeup) -> None:
    """Wait until everything that was sent to this one before now has been read."""
    async with wakeup.listen("caught up") as bell:
        assert await bell.wait(60)


@asynccontextmanager
async def ends(
    here: RedisSetting, there: RedisSetting | None = None, pace: Pace = PATIENT
) -> AsyncIterator[tuple[RedisWakeup, RedisWakeup]]:
    """Two processes' wake-ups, connected."""
    one, two = RedisWakeup(here, "a" * 16, pace), RedisWakeup(there or here, "b" * 16, pace)
    async with one.connected(), two.connected():
        yield one, two
