"""Wake-ups: a ring between listening and waiting is heard, and only by its own table.

Each promise is kept within one process, over Redis within one server, and from one to another.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from app.eventlog.base import Wakeup
from app.eventlog.wakeup import LocalWakeup
from app.eventlog.wakeup.redis import RedisWakeup
from tests.eventlog.redis_server import RedisServer

pytestmark = pytest.mark.anyio


@dataclass
class Ends:
    """Where it is rung, and where it is heard."""

    here: Wakeup
    there: Wakeup


@pytest.fixture(params=["local", "redis", "between"])
async def ends(request: pytest.FixtureRequest) -> AsyncIterator[Ends]:
    """One process's wake-up for both, or two over Redis, subscribed to the tables t and u."""
    if request.param == "local":
        one = LocalWakeup()
        yield Ends(one, one)
        return
    server: RedisServer = request.getfixturevalue("redis")
    hearing = RedisWakeup(server.setting(), "a" * 16)
    telling = RedisWakeup(server.setting(), "b" * 16) if request.param == "between" else hearing
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(hearing.connected())
        if telling is not hearing:
            await stack.enter_async_context(telling.connected())
        for table in ("t", "u"):
            bell = await stack.enter_async_context(hearing.listen(table))
            assert await bell.wait(60), "the subscription is told by a ring"
        yield Ends(telling, hearing)


async def test_a_ring_before_the_wait_is_heard(ends: Ends) -> None:
    async with ends.there.listen("t") as bell:
        ends.here.ring("t")
        assert await bell.wait(60)


async def test_a_ring_during_the_wait_is_heard(ends: Ends) -> None:
    async with ends.there.listen("t") as bell:
        waiting = asyncio.create_task(bell.wait(60))
        await asyncio.sleep(0)
        assert not waiting.done()
        ends.here.ring("t")
        assert await waiting


async def test_rings_pile_up_to_one(ends: Ends) -> None:
    async with ends.there.listen("t") as bell:
        for _ in range(3):
            ends.here.ring("t")
        assert await bell.wait(60)
        assert not await bell.wait(0)


async def test_every_listener_hears_and_no_other_table(ends: Ends) -> None:
    there = ends.there
    async with there.listen("t") as one, there.listen("t") as two, there.listen("u") as other:
        ends.here.ring("t")
        assert await one.wait(60)
        assert await two.wait(60)
        assert not await other.wait(0)


async def test_who_left_is_not_rung_and_who_came_is(ends: Ends) -> None:
    async with ends.there.listen("t") as gone:
        pass
    async with ends.there.listen("t") as bell:
        ends.here.ring("t")
        assert await bell.wait(60)
    assert not await gone.wait(0)


async def test_a_listener_of_this_process_is_rung_before_ring_returns(ends: Ends) -> None:
    async with ends.here.listen("t") as bell:
        ends.here.ring("t")
        assert await bell.wait(0)


@pytest.mark.parametrize(
    "table",
    ["ü", "a b", "*", "t:u", "\N{DOVE OF PEACE}" * 50, "x" * 199],
    ids=["umlaut", "blank", "pattern", "colon", "doves", "long"],
)
async def test_every_id_of_a_table_can_be_rung(ends: Ends, table: str) -> None:
    async with ends.there.listen(table) as bell, ends.there.listen(table + "x") as other:
        if not isinstance(ends.there, LocalWakeup):
            assert await bell.wait(60), "subscribed"
            assert await other.wait(60), "subscribed"
        ends.here.ring(table)
        assert await bell.wait(60)
        assert not await other.wait(0)


async def test_nobody_listens_and_nothing_is_kept() -> None:
    wakeup = LocalWakeup()
    wakeup.ring("t")
    async with wakeup.listen("t") as bell:
        assert not await bell.wait(0)
    wakeup.ring("t")
    assert not wakeup.tables
