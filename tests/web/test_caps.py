"""A cap that is spent: the engine takes over, the facilitator reads why, and no other seat does."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.llm.server import ModelServer
from tests.web.service import Client
from tests.web.speaking_model import reply, running, seated, with_models

pytestmark = pytest.mark.timeout(300)


async def to_the_end(client: Client) -> None:
    while not client.over:
        await client.until(lambda: client.my_turn or client.over)
        if not client.over:
            await client.ask("move", text="We listen.")


@pytest.mark.parametrize(
    ("caps", "said"),
    [
        ("[caps.table]\ncalls = 2\n", "the table's cap is spent"),
        ("[caps.seat]\ntokens = 9000\n", "the seat's cap is spent"),
        ('[caps.day]\nmoney = "0.010"\n', "today's cap is spent"),
        ("[caps.turn]\ncalls = 1\n", "the turn's cap is spent"),
    ],
)
async def test_the_engine_takes_over_and_says_whose_cap_it_is(
    tmp_path: Path, caps: str, said: str
) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, caps)) as service,
        AsyncExitStack() as here,
    ):
        table = await asyncio.to_thread(
            lambda: service.open(
                case="first-offer",
                seed=5,
                rounds=2,
                seats={"candidate": "person", "firm": "openai:mock-1"},
            )
        )
        seat = await here.enter_async_context(seated(service, table, "candidate"))
        chair = await here.enter_async_context(seated(service, table, "facilitator"))
        await to_the_end(seat)
        await chair.until(lambda: chair.over)
        await chair.until(
            lambda: any(said in note for frame in chair.of("usage") for note in frame["notes"])
        )
        assert seat.of("usage") == []
        assert not any("cap" in text for text in seat.frames if '"seat.moved"' in text)
        moved = [e["body"] for e in seat.events if e["kind"] == "seat.moved"]
        by = [body["move"]["speech"]["by"] for body in moved if body["seat"] == "firm"]
        assert by[-1] == "engine"
        assert len(model.requests) <= 8
        (bill,) = chair.of("usage")[-1]["seats"]
        assert bill["calls"] == len(model.requests), "a call that a cap refused is none"


async def test_a_restart_does_not_give_the_money_back(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, "[caps.table]\ncalls = 2\n")) as service,
        AsyncExitStack() as here,
    ):
        table = await asyncio.to_thread(
            lambda: service.open(
                case="first-offer",
                seed=5,
                rounds=2,
                seats={"candidate": "person", "firm": "openai:mock-1"},
            )
        )
        seat = await here.enter_async_context(seated(service, table, "candidate"))
        await seat.until(lambda: seat.my_turn)
        assert len(model.requests) == 2
        before = await asyncio.to_thread(service.get, f"/v1/tables/{table}/usage")
        await asyncio.to_thread(service.kill)
        await asyncio.to_thread(service.start)
        after = await asyncio.to_thread(service.get, f"/v1/tables/{table}/usage")
        assert after["caps"] == before["caps"]
        assert after["caps"][0]["calls"] == 2
        await seat.connect()
        await to_the_end(seat)
        assert len(model.requests) == 2
