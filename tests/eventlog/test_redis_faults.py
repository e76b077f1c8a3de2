"""Redis away, slow, cut off, closed to us or full of rubbish: it costs a poll and nothing else."""

import asyncio
import logging
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from app.domain.events import Fact
from app.errors import SettingsError
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup.redis import MAX_WAITING, PACE, Pace, RedisWakeup, probe
from app.settings import RedisSetting, redis_from
from tests.eventlog.redis_server import PASSWORD, RedisServer, free_port
from tests.needs import need

pytestmark = pytest.mark.anyio

PATIENT = Pace(patience=60, idle=60, first=0.01, most=0.05)
HASTY = Pace(patience=1, idle=0.2, first=0.01, most=0.05)
GONE, BACK = "are gone", "are back"


@pytest.fixture(autouse=True)
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the operator reads; in no test the password, and in no test a traceback."""
    caplog.set_level(logging.WARNING)
    yield caplog
    assert PASSWORD not in caplog.text
    assert "Traceback" not in caplog.text


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
            await until(lambda: lines(told, GONE) == 2)
            assert "not answer" in told.text
        finally:
            redis.go_on()
        assert await far.wait(60)
        await until(lambda: lines(told, BACK) == 2)
        assert lines(told, GONE) == 2


async def test_a_silent_server_is_asked_and_stays(
    redis: RedisServer, told: pytest.LogCaptureFixture
) -> None:
    async with ends(redis.setting(), pace=HASTY) as (one, two), two.listen("t") as bell:
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


async def test_only_what_is_listened_to_is_subscribed(redis: RedisServer) -> None:
    def held() -> set[bytes]:
        return set(redis.tell("PUBSUB", "CHANNELS", "test:0:table:*"))

    async with ends(redis.setting()) as (one, two):
        for number in range(2_000):
            one.ring(f"x{number}")
        async with AsyncExitStack() as stack:
            for table in ("t", "t", "u", *(f"many{number}" for number in range(600))):
                await stack.enter_async_context(two.listen(table))
            await until(lambda: len(held()) == 602)
            assert {b"test:0:table:t", b"test:0:table:u"} <= held()
        await until(lambda: not held())
        for number in range(100):
            async with two.listen(f"passing{number}"):
                await asyncio.sleep(0)
        await until(lambda: not held() and not two._waiting)
        await until(lambda: not one._waiting)
        assert not two._local.tables


async def test_a_ring_is_one_message_and_is_not_echoed(redis: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        all_of_them = [RedisWakeup(redis.setting(), f"{n:016x}", PATIENT) for n in range(4)]
        bells = []
        for each in all_of_them:
            await stack.enter_async_context(each.connected())
            bells.append(await stack.enter_async_context(each.listen("t")))
        for bell in bells:
            assert await bell.wait(60)
        before = redis.count("publish")
        all_of_them[0].ring("t")
        for bell in bells:
            assert await bell.wait(60)
        # A second one, by another: whatever the first had set off would have come before it.
        all_of_them[1].ring("t")
        for bell in bells:
            assert await bell.wait(60)
        await until(lambda: not any(each._waiting for each in all_of_them))
        for each in all_of_them:
            await caught_up(each)
        assert redis.count("publish") == before + 2
        assert [await bell.wait(0) for bell in bells] == [False] * 4


@pytest.mark.parametrize("apart", ["prefix", "database"])
async def test_two_installations_do_not_hear_each_other(redis: RedisServer, apart: str) -> None:
    ours = redis.setting()
    other = redis.setting("other") if apart == "prefix" else redis.setting(database=1)
    async with (
        ends(ours, other) as (one, two),
        one.listen("t") as here,
        two.listen("t") as there,
        ends(ours) as (_, friend),
        friend.listen("t") as near,
    ):
        for bell in (here, there, near):
            assert await bell.wait(60)
        one.ring("t")
        assert await near.wait(60)
        await caught_up(two)
        assert not await there.wait(0)


async def test_it_ends_at_once_whatever_it_was_doing(redis: RedisServer) -> None:
    async with asyncio.timeout(60):
        for steps in range(40):
            wakeup = RedisWakeup(redis.setting(), "a" * 16)
            async with wakeup.connected():
                async with wakeup.listen("t") as bell:
                    if steps % 2:
                        assert await bell.wait(60)
                    wakeup.ring("t")
                for _ in range(steps):
                    await asyncio.sleep(0)


async def test_nothing_grows_while_nobody_can_be_reached(
    told: pytest.LogCaptureFixture,
) -> None:
    nobody = redis_from({"PARLEY_REDIS": f"redis://:{PASSWORD}@127.0.0.1:{free_port()}"})
    assert nobody is not None
    wakeup = RedisWakeup(nobody, "a" * 16, PATIENT)
    async with wakeup.connected():
        for number in range(3 * MAX_WAITING):
            wakeup.ring(f"t{number}")
        await until(lambda: wakeup._failures > 5)
        assert len(wakeup._waiting) == MAX_WAITING
        assert f"t{3 * MAX_WAITING - 1}" in wakeup._waiting
    assert (lines(told, GONE), lines(told, BACK)) == (1, 0)


def test_the_pause_between_tries_grows_and_has_an_end() -> None:
    pauses = [PACE.pause(failures) for failures in (0, 1, 2, 3, 1_000_000)]
    assert pauses == [0.25, 0.25, 0.5, 1.0, 10.0]


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, Path]:
    """A key, and a certificate that nobody but itself vouches for."""
    need(shutil.which("openssl"), "openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate), "-days", "2"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names, *files]
    subprocess.run(command, check=True, capture_output=True)
    return key, certificate


async def test_over_tls(signed: tuple[Path, Path]) -> None:
    (key, certificate), port = signed, free_port()
    tls = ("--tls-port", str(port), "--tls-cert-file", str(certificate))
    server = RedisServer(*tls, "--tls-key-file", str(key), "--tls-auth-clients", "no").start()
    try:
        url = f"rediss://:{PASSWORD}@127.0.0.1:{port}"
        known = redis_from({"PARLEY_REDIS": f"{url}?ssl_ca_certs={certificate}"})
        stranger = redis_from({"PARLEY_REDIS": url})
        plain = redis_from({"PARLEY_REDIS": url.replace("rediss", "redis")})
        assert known is not None
        assert stranger is not None
        assert plain is not None
        assert await probe(known, "c" * 16) == ""
        assert "?ssl_ca_certs=FILE" in await probe(stranger, "c" * 16)
        assert "rediss://" in await probe(plain, "c" * 16, HASTY)
        async with ends(known) as (one, two), two.listen("t") as bell:
            assert await bell.wait(60)
            one.ring("t")
            assert await bell.wait(60)
    finally:
        server.remove()


def test_a_url_that_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(SettingsError) as error:
        redis_from({"PARLEY_REDIS": f"redis://:{PASSWORD}/@127.0.0.1"})
    assert PASSWORD not in str(error.value)
