"""Two servers, each a process of its own, over one PostgreSQL database and one Redis server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.eventlog.places import PostgresDatabase
from tests.eventlog.postgres import PASSWORD as LOG_PASSWORD
from tests.eventlog.redis_server import PASSWORD as REDIS_PASSWORD
from tests.eventlog.redis_server import RedisServer
from tests.llm.server import ModelServer
from tests.web.service import Client, Json, Service
from tests.web.speaking_model import reply, running, seated, with_models

pytestmark = pytest.mark.timeout(300)
UNPOLLED = "tests.eventlog.launch_unpolled"
PEOPLE = {"candidate": "person", "firm": "person"}


@pytest.fixture
def servers(
    tmp_path: Path, postgres: PostgresDatabase, redis: RedisServer
) -> Iterator[tuple[Service, Service]]:
    """Two servers that never poll in the time of a test."""
    shared = {"PARLEY_DATABASE": postgres.url, "PARLEY_REDIS": redis.url()}
    both = [Service(tmp_path / name, launch=UNPOLLED, **shared) for name in ("one", "two")]
    try:
        for each in both:
            each.start()
        yield both[0], both[1]
    finally:
        for each in both:
            if each.running:
                each.stop()
    for each in both:
        assert f"redis://127.0.0.1:{redis.port}/0, channels parley:0:*" in each.log
        assert "Traceback" not in each.log
        assert REDIS_PASSWORD not in each.log
        assert LOG_PASSWORD not in each.log


async def turn(client: Client) -> None:
    """A person's turn: their best text, later what stands."""
    await client.until(lambda: client.my_turn or client.over)
    if client.over:
        return
    fields: Json = {"turn": client.status["turn"]["number"], "text": f"Thus {client.viewer}."}
    legal = client.status["legal"]
    if client.status["round"] >= 2 and legal["endorse"]:
        fields["endorse"] = legal["endorse"][:1]
    answer = await client.ask("move", **fields)
    if answer["type"] == "refused" and fields.pop("endorse", None):  # a line of its own
        answer = await client.ask("move", **fields)
    assert answer["type"] == "ack", answer


async def play(client: Client) -> None:
    """To the end of the talks."""
    while not client.over:
        await turn(client)


def shows(client: Client, words: str) -> bool:
    """Whether a client was sent these words."""
    return any(words in text for text in client.frames)


def record(server: Service, table: str) -> bytes:
    """The facilitator's record, as this server has it."""
    status, body = server.raw(f"/v1/tables/{table}/record?viewer=facilitator")
    assert status == 200
    return body


async def test_an_act_at_one_server_shows_at_the_other_without_a_poll(
    servers: tuple[Service, Service],
) -> None:
    here, there = servers
    table = await asyncio.to_thread(
        lambda: here.open(case="first-offer", seed=3, rounds=2, seats=PEOPLE)
    )
    async with AsyncExitStack() as stack:
        candidate = await stack.enter_async_context(seated(here, table, "candidate"))
        watcher = await stack.enter_async_context(seated(there, table, "facilitator"))
        given = await asyncio.to_thread(here.pass_for, table, "firm")
        firm = await stack.enter_async_context(seated(there, table, "firm", given))
        assert firm.closed is None, "a pass of one server admits to the other"
        for number in range(5):
            words = f"Word {number} goes over."
            assert (await candidate.ask("say", text=words))["type"] == "ack"
            await watcher.until(partial(shows, watcher, words))


async def test_a_table_played_through_both_has_one_record(
    servers: tuple[Service, Service],
) -> None:
    here, there = servers
    seats = {"candidate": "person", "firm": "person"}
    table = await asyncio.to_thread(
        lambda: here.open(case="first-offer", seed=3, rounds=3, chair=True, seats=seats)
    )
    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(seated(here, table, "candidate")),
            await stack.enter_async_context(seated(there, table, "firm")),
        ]
        watchers = [
            await stack.enter_async_context(seated(each, table, "facilitator")) for each in servers
        ]
        await asyncio.gather(*map(play, people))
        for each in watchers:
            await each.until(partial(getattr, each, "over"))
        assert watchers[0].events == watchers[1].events
    one, two = [await asyncio.to_thread(record, each, table) for each in servers]
    assert one == two
    assert one.count(b'"seat.moved"') >= 6
    for viewer in seats:
        path = f"/v1/tables/{table}/events?viewer={viewer}"
        assert await asyncio.to_thread(here.get, path) == await asyncio.to_thread(there.get, path)


async def test_redis_away_keeps_nobody_and_back_again_it_brings_what_was_missed(
    servers: tuple[Service, Service], redis: RedisServer
) -> None:
    here, there = servers
    table = await asyncio.to_thread(
        lambda: here.open(case="first-offer", seed=3, rounds=2, seats=PEOPLE)
    )
    async with AsyncExitStack() as stack:
        candidate = await stack.enter_async_context(seated(here, table, "candidate"))
        watcher = await stack.enter_async_context(seated(there, table, "facilitator"))
        redis.kill()
        for number in range(5):
            assert (await candidate.ask("say", text=f"Word {number} alone."))["type"] == "ack"
        assert shows(candidate, "Word 4 alone")
        await asyncio.to_thread(redis.start)
        await watcher.until(partial(shows, watcher, "Word 4 alone"))
        assert (await candidate.ask("say", text="All is well."))["type"] == "ack"
        await watcher.until(partial(shows, watcher, "All is well"))
    for each in servers:
        assert (each.log.count("are gone"), each.log.count("are back")) == (1, 1)


async def test_the_other_server_plays_on_when_one_is_killed(
    servers: tuple[Service, Service], postgres: PostgresDatabase
) -> None:
    here, there = servers
    wanted = {"case": "first-offer", "seed": 3, "rounds": 3, "seats": {"candidate": "person"}}
    table = await asyncio.to_thread(lambda: here.open(**wanted))
    async with AsyncExitStack() as stack:
        candidate = await stack.enter_async_context(seated(here, table, "candidate"))
        await turn(candidate)
        await candidate.until(lambda: candidate.my_turn)
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        assert postgres.rows(locks)[0][0] == 1
        watcher = await stack.enter_async_context(seated(there, table, "candidate"))
        await watcher.until(lambda: len(watcher.events) == len(candidate.events))
        assert watcher.events == candidate.events
        await asyncio.to_thread(here.kill)
        await play(watcher)
    moved = [each["body"] for each in watcher.events if each["kind"] == "seat.moved"]
    assert {each["seat"] for each in moved} == {"candidate", "firm"}


async def test_a_model_is_asked_by_one_server_only(
    tmp_path: Path, postgres: PostgresDatabase, redis: RedisServer
) -> None:
    shared = {"PARLEY_DATABASE": postgres.url, "PARLEY_REDIS": redis.url()}
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path / "one", model.url, **shared)) as here,
        running(with_models(tmp_path / "two", model.url, **shared)) as there,
        AsyncExitStack() as stack,
    ):
        seats = {"candidate": "person", "firm": {"model": "openai:mock-1"}}
        wanted = {"case": "first-offer", "seed": 5, "rounds": 3, "seats": seats}
        table = await asyncio.to_thread(lambda: here.open(**wanted))
        watcher = await stack.enter_async_context(seated(here, table, "facilitator"))
        await play(await stack.enter_async_context(seated(there, table, "candidate")))
        await watcher.until(partial(getattr, watcher, "over"))
        for each in (here, there):
            usage = await asyncio.to_thread(each.get, f"/v1/tables/{table}/usage")
            (bill,) = usage["seats"]
            assert bill["calls"] == len(model.requests) > 0
            assert bill["prompt_tokens"] + bill["completion_tokens"] == model.billed
