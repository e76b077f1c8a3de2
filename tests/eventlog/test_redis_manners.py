"""What Redis is told and what it costs: one message a ring, and only what is listened to."""

import asyncio
import shutil
import subprocess
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from app.eventlog.wakeup.redis import MAX_WAITING, PACE, RedisWakeup, probe
from app.settings import redis_from
from tests.eventlog.redis_server import PASSWORD, RedisServer, free_port
from tests.eventlog.ringing import BACK, GONE, HASTY, PATIENT, caught_up, ends, lines, until
from tests.needs import need

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("told")]


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
