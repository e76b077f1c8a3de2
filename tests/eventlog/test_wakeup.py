"""Wake-ups: a ring between listening and waiting is heard, and only by its own table."""

import asyncio

import pytest

from app.eventlog.wakeup import LocalWakeup

pytestmark = pytest.mark.anyio


async def test_a_ring_before_the_wait_is_heard() -> None:
    wakeup = LocalWakeup()
    async with wakeup.listen("t") as bell:
        wakeup.ring("t")
        assert await bell.wait(60)


async def test_a_ring_during_the_wait_is_heard() -> None:
    wakeup = LocalWakeup()
    async with wakeup.listen("t") as bell:
        waiting = asyncio.create_task(bell.wait(60))
        await asyncio.sleep(0)
        assert not waiting.done()
        wakeup.ring("t")
        assert await waiting


async def test_rings_pile_up_to_one() -> None:
    wakeup = LocalWakeup()
    async with wakeup.listen("t") as bell:
        for _ in range(3):
            wakeup.ring("t")
        assert await bell.wait(60)
        assert not await bell.wait(0)


async def test_every_listener_hears_and_no_other_table() -> None:
    wakeup = LocalWakeup()
    async with wakeup.listen("t") as one, wakeup.listen("t") as two, wakeup.listen("u") as other:
        wakeup.ring("t")
        assert await one.wait(60)
        assert await two.wait(60)
        assert not await other.wait(0)


async def test_nobody_listens_and_nothing_is_kept() -> None:
    wakeup = LocalWakeup()
    wakeup.ring("t")
    async with wakeup.listen("t") as bell:
        assert not await bell.wait(0)
    wakeup.ring("t")
    assert wakeup._bells == {}
