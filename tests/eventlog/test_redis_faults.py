"""Redis away, slow, cut off, closed to us or full of rubbish: it costs a poll and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from app.domain.events import Fact
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup.redis import MAX_WAITING, RedisWakeup, probe
from app.settings import redis_from
from tests.eventlog.redis_server import PASSWORD, RedisServer
from tests.eventlog.ringing import BACK, GONE, HASTY, PATIENT, caught_up, ends, lines, until

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("told")]


async def test_a_server_killed_and_started_again(
    redis: RedisServer, told: pytest.LogCaptureFixture
) -> None:
    async with ends(redis.setting()) as (one, two), one.listen("t") as here, two.listen("t") as far:
        assert await here.wait(60)
        assert await far.wait(60)
        redis.kill()
        await until(lambda: lines(told, GONE) == 2)
        one.ring("t")
        assert await here.wait(0), "who listens here is rung all the same"
        assert not await far.wait(0)
        await until(lambda: min(one._failures, two._failures) > 3)  # none of which is told
        redis.start()
        assert await far.wait(60), "what was missed is read when Redis is back"
        await until(lambda: lines(told, BACK) == 2)
        await until(lambda: redis.count("publish") >= 3)
        assert (lines(told, GONE), lines(told, BACK)) == (2, 2)
        await until(lambda: not one._waiting)
        await caught_up(two)
        await far.wait(0)  # the ring that waited for Redis may have come as well
        one.ring("t")
        assert await far.wait(60)


async def test_redis_that_comes_later_is_found(told: pytest.LogCaptureFixture) -> None:
    server = RedisServer()
    try:
        async with ends(server.setting()) as (one, two), two.listen("t") as bell:
            await until(lambda: lines(told, GONE) == 2)
            assert "is the server running" in told.text
            server.start()
            assert await bell.wait(60)
            one.ring("t")
            await until(lambda: lines(told, BACK) == 2)
    finally:
        server.remove()


@pytest.mark.parametrize("kind", ["normal", "pubsub"])
async def test_a_connection_that_is_cut(
    redis: RedisServer, told: pytest.LogCaptureFixture, kind: str
) -> None:
    async with ends(redis.setting()) as (one, two), two.listen("t") as bell:
        assert await bell.wait(60)
        for number in range(1, 4):
            redis.tell("CLIENT", "KILL", "TYPE", kind)
            if kind == "normal":  # nobody reads there until it is rung
                one.ring("t")
                two.ring("x")
            await until(lambda n=number: lines(told, GONE) == 2 * n)  # type: ignore[misc]
            await until(lambda n=number: lines(told, BACK) == 2 * n)  # type: ignore[misc]
            assert await bell.wait(60)
        await until(lambda: redis.tell("PUBSUB", "NUMSUB", "test:0:table:t")[1] == 1)


async def test_a_ring_that_could_not_be_sent_is_sent_later(
    redis: RedisServer, told: pytest.LogCaptureFixture
) -> None:
    async with ends(redis.setting()) as (one, two), two.listen("t") as bell:
        assert await bell.wait(60)
        redis.tell("CLIENT", "KILL", "TYPE", "normal")  # who tells; who hears is still there
        one.ring("t")
        assert await bell.wait(60)
        assert (lines(told, GONE), lines(told, BACK)) == (1, 1), "the one heard, the other rang"


async def test_a_server_that_stands_still_keeps_nobody(
    redis: RedisServer, told: pytest.LogCaptureFixture, opening: Fact
) -> None:
    pair = ends(redis.setting(), pace=HASTY)
    async with pair as (one, two), one.listen("t") as here, two.listen("t") as far:
        assert await here.wait(60)
        assert await far.wait(60)
        redis.hold()
        try:
            log = MemoryLog()
            for number in range(5_000):
                await log.append(f"t{number}", 0, 0, [opening])
                one.ring(f"t{number}")
            one.ring("t")
            assert await here.wait(0)
            assert len(one._waiting) <= MAX_WAITING
            await until(lambda: min(one._failures, two._failures) > 1)
            assert "not answer" in told.text
            assert lines(told, GONE) == 2
        finally:
            redis.go_on()
        assert await far.wait(60)
        await until(lambda: lines(told, BACK) >= 2)


class Relay:
    """Stands before Redis, and lets no answer through to the connections of one kind."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mute = b""
        """What such a connection has said; all is let through while this is empty."""
        self._open: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[int]:
        """Its own port, until the block ends."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _carry(self, near: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        far, order = await asyncio.open_connection("127.0.0.1", self.port)
        said = bytearray()

        async def out() -> None:
            while data := await near.read(65_536):
                said.extend(data)
                order.write(data)
            order.close()

        async def back() -> None:
            while data := await far.read(65_536):
                if not self.mute or self.mute not in said:
                    answer.write(data)

        try:
            await asyncio.gather(out(), back())
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for writer in (order, answer):
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
            self._open.discard(task)


@pytest.mark.parametrize("mute", [b"SUBSCRIBE", b"PUBLISH"])
async def test_each_connection_is_asked_whether_it_lives(
    redis: RedisServer, told: pytest.LogCaptureFixture, mute: bytes
) -> None:
    relay = Relay(redis.port)
    async with relay.opened() as port:
        over = replace(redis.setting(), port=port)
        wakeup = RedisWakeup(over, "a" * 16, HASTY)
        async with wakeup.connected(), wakeup.listen("t") as bell:
            assert await bell.wait(60)
            relay.mute = mute
            await until(lambda: lines(told, GONE))
            relay.mute = b""
            assert await bell.wait(60)
            await until(lambda: lines(told, BACK))


async def test_a_silent_server_is_asked_and_stays(
    redis: RedisServer, told: pytest.LogCaptureFixture
) -> None:
    curious = replace(PATIENT, idle=0.02)
    async with ends(redis.setting(), pace=curious) as (one, two), two.listen("t") as bell:
        assert await bell.wait(60)
        before = redis.count("ping")
        await until(lambda: redis.count("ping") >= before + 20)
        one.ring("t")
        assert await bell.wait(60)
        assert lines(told, GONE) == 0


async def test_rubbish_on_our_channels_is_no_ring(
    redis: RedisServer, told: pytest.LogCaptureFixture
) -> None:
    async with ends(redis.setting()) as (one, two), two.listen("t") as bell:
        assert await bell.wait(60)
        for channel in ("test:0:table:t", "test:0:table:", "test:0:server:" + "b" * 16, "test:0:x"):
            for rubbish in (
                b"",
                b"\xff\x00\r\n",
                b"a" * 15,
                b"A" * 16,
                b"b" * 16,
                b"9" * 1_000_000,
            ):
                redis.tell("PUBLISH", channel, rubbish)
        one.ring("u")
        await until(lambda: redis.count("publish") >= 27)
        await caught_up(two)
        assert not await bell.wait(0)
        one.ring("t")
        assert await bell.wait(60)
        assert lines(told, GONE) == 0


@pytest.mark.parametrize(
    ("password", "said"),
    [("not-the-password", "check user and password"), ("", "write the password into PARLEY_REDIS")],
)
async def test_a_wrong_password(
    redis: RedisServer, told: pytest.LogCaptureFixture, password: str, said: str
) -> None:
    setting = redis.setting(password=password)
    assert said in await probe(setting, "c" * 16)
    async with ends(setting) as (one, _), one.listen("t") as bell:
        await until(lambda: lines(told, GONE) == 2)
        assert said in told.text
        assert "not-the-password" not in told.text
        one.ring("t")
        assert await bell.wait(0)


async def test_a_user_who_may_not_publish_here(
    redis: RedisServer, told: pytest.LogCaptureFixture
) -> None:
    redis.tell("ACL", "SETUSER", "ann", "on", ">word-of-ann", "&mine:*", "+@pubsub", "+@connection")
    url = f"redis://ann:word-of-ann@127.0.0.1:{redis.port}"
    mine, other = (
        redis_from({"PARLEY_REDIS": url, "PARLEY_REDIS_PREFIX": prefix})
        for prefix in ("mine", "other")
    )
    assert mine is not None
    assert other is not None
    assert await probe(mine, "c" * 16) == "", "these rights are enough"
    assert "let this user do +@pubsub" in await probe(other, "c" * 16)
    assert "word-of-ann" not in told.text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "Protocol"),
        (b"-ERR unknown command `AUTH`, with args beginning with: `%s`\r\n", "***"),
        (b"$5\r\nab", ""),
        (b"*-7\r\n", ""),
        (b":" + b"x" * 50 + b"\r\n", ""),
        (b"-ERR \x1b[31mred\r\n", "red"),
        (b"", ""),
    ],
)
async def test_what_is_no_redis(told: pytest.LogCaptureFixture, answer: bytes, said: str) -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer.replace(b"%s", PASSWORD.encode()))
        writer.close()

    server = await asyncio.start_server(reply, "127.0.0.1", 0)
    url = f"redis://:{PASSWORD}@127.0.0.1:{server.sockets[0].getsockname()[1]}"
    setting = redis_from({"PARLEY_REDIS": url})
    assert setting is not None
    wrong = await probe(setting, "c" * 16, HASTY)
    assert said in wrong
    assert wrong
    assert PASSWORD not in wrong
    assert wrong.isprintable()
    async with ends(setting, pace=HASTY) as (one, _), one.listen("t") as bell:
        await until(lambda: lines(told, GONE) == 2)
        one.ring("t")
        assert await bell.wait(0)
    server.close()
