"""Models in seats of served tables: chosen from the operator's list, kept over a restart."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from app.settings import ModelSetting, ModelSettings, Secret, TableChoices
from app.web.players import Player, Players, player
from tests.llm.server import Exchange, ModelServer
from tests.web.service import Client, Service
from tests.web.speaking_model import Halting, reply, running, seated, with_models

pytestmark = pytest.mark.timeout(300)

TABLES = '[tables]\nbarriers = ["strict", "filtered"]\ntemperatures = [0.0, 1.0]\n'


def opening(**seats: Any) -> dict[str, Any]:
    return {"case": "first-offer", "seed": 5, "rounds": 2, "seats": {"candidate": "person"} | seats}


async def passed(client: Client) -> None:
    """Take one's turn with a few words."""
    await client.until(lambda: client.my_turn or client.over)
    if not client.over:
        answer = await client.ask("move", text="We listen.")
        assert answer["type"] == "ack", answer


def moves(client: Client, seat: str) -> list[Any]:
    return [
        event["body"]
        for event in client.events
        if event["kind"] == "seat.moved" and event["body"]["seat"] == seat
    ]


async def until_moved(client: Client, seat: str, times: int) -> None:
    """Pass until another seat has had so many turns."""
    while len(moves(client, seat)) < times:
        await client.until(lambda: client.my_turn or len(moves(client, seat)) >= times)
        if len(moves(client, seat)) < times:
            await passed(client)


async def test_a_model_plays_the_seat_it_was_given(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, TABLES)) as service,
        AsyncExitStack() as here,
    ):
        wanted = {"model": "openai:mock-1", "barrier": "filtered", "temperature": 0.35}
        table = await asyncio.to_thread(lambda: service.open(**opening(firm=wanted)))
        client = await here.enter_async_context(seated(service, table, "candidate"))
        while not client.over:
            await passed(client)
        assert client.status["occupants"]["firm"] == "model"
        assert client.status["names"]["firm"] == "openai:mock-1 filtered temperature=0.35"
        spoken = moves(client, "firm")
        # It holds and holds again, so the engine takes over, and says so.
        assert spoken[0]["move"]["speech"]["by"] == "model"
        assert {body["stand_in"] for body in spoken[1:]} == {"repeats-itself"}
        assert {request.body["temperature"] for request in model.requests} == {0.35}
        assert all(request.body.get("response_format") for request in model.requests)
        # What it used is the facilitator's to see, and the sum is what the model's server billed.
        assert "usage" not in {frame["type"] for frame in client.of("usage")}
        usage = await asyncio.to_thread(service.get, f"/v1/tables/{table}/usage")
        (bill,) = usage["seats"]
        assert (bill["seat"], bill["model"]) == ("firm", "openai:mock-1")
        assert (bill["turns"], bill["engine_acted"]) == (len(spoken), len(spoken) - 1)
        assert "the model kept repeating itself" in usage["notes"][0]
        assert bill["prompt_tokens"] + bill["completion_tokens"] == model.billed
        assert bill["calls"] == len(model.requests)
        want = (bill["prompt_tokens"] + 4 * bill["completion_tokens"]) / 1_000_000
        assert float(bill["cost"]) == pytest.approx(want, abs=1e-6)
        status, body = await asyncio.to_thread(
            service.raw, f"/v1/tables/{table}/usage?viewer=candidate"
        )
        assert (status, json.loads(body)["code"]) == (403, "not-allowed")


@pytest.mark.parametrize(
    ("seat", "code", "words"),
    [
        ("openai:gpt-4", "no-such-model", "/v1/players"),
        ({"model": "openai:mock-1x"}, "no-such-model", "models.toml"),
        ("openai:no-key", "model-not-ready", "ABSENT_KEY"),
        ({"model": "openai:mock-1", "barrier": "filtered"}, "barrier-not-allowed", "strict"),
        ({"model": "openai:mock-1", "temperature": 0.2}, "temperature-not-allowed", "Leave"),
    ],
)
def test_what_is_not_on_the_list_is_refused_with_a_remedy(
    listed: Service, seat: Any, code: str, words: str
) -> None:
    status, body = listed.raw("/v1/tables", opening(firm=seat))
    problem = json.loads(body)
    assert (status, problem["code"], problem["place"]) == (409, code, "body.seats.firm")
    assert words in problem["remedy"]


@pytest.mark.parametrize("seat", ["gpt 4", "openai:", {"model": "openai:mock-1", "base_url": "x"}])
def test_free_text_is_unreadable(listed: Service, seat: Any) -> None:
    status, body = listed.raw("/v1/tables", opening(firm=seat))
    assert (status, json.loads(body)["code"]) == (422, "unreadable")


def test_the_list_is_shown_without_keys_and_addresses(listed: Service) -> None:
    status, body = listed.raw("/v1/players")
    assert status == 200
    assert json.loads(body) == {
        "models": [
            {"name": "openai:mock-1", "missing": None, "priced": True},
            {
                "name": "openai:no-key",
                "missing": "no key: set ABSENT_KEY in the environment",
                "priced": False,
            },
        ],
        "barriers": ["strict"],
        "temperatures": None,
    }
    table = listed.open(**opening(firm="openai:mock-1"))
    own = listed.pass_for(table, "facilitator")
    assert listed.raw("/v1/players", token=own)[0] == 403
    assert listed.raw(f"/v1/tables/{table}/usage", token=own)[0] == 200
    assert "Model    openai:mock-1\n" in listed.log
    assert "Model    openai:no-key: no key: set ABSENT_KEY" in listed.log


def answers(client: Client, seat: str) -> list[Any]:
    """What a seat said between turns."""
    return [
        event["body"]["speech"]
        for event in client.events
        if event["kind"] == "words.spoken" and event["body"]["seat"] == seat
    ]


async def until_answered(client: Client, seat: str, times: int) -> None:
    await client.until(lambda: len(answers(client, seat)) >= times)


async def test_a_model_answers_who_speaks_to_it(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url)) as service,
        AsyncExitStack() as here,
    ):
        table = await asyncio.to_thread(lambda: service.open(**opening(firm="openai:mock-1")))
        client = await here.enter_async_context(seated(service, table, "candidate"))
        await client.until(lambda: client.my_turn)
        for number, words in enumerate(("What about the salary?", "And why is that?"), 1):
            said = await client.ask("say", text=words, to="firm")
            assert said["type"] == "ack", said
            await until_answered(client, "firm", number)
            told = answers(client, "firm")[-1]
            assert (told["by"], told["to"]) == ("model", "candidate")
            asked = model.requests[-1].body
            assert words in asked["messages"][-1]["content"]
            assert "response_format" not in asked
        usage = await asyncio.to_thread(service.get, f"/v1/tables/{table}/usage")
        (bill,) = usage["seats"]
        assert bill["calls"] == len(model.requests)
        assert bill["prompt_tokens"] + bill["completion_tokens"] == model.billed
        # Where the model has nothing to say, the phrasebook does, and the facilitator is told.
        model.always = refusing
        assert (await client.ask("say", text="Tell us more.", to="firm"))["type"] == "ack"
        await until_answered(client, "firm", 3)
        assert answers(client, "firm")[-1]["by"] == "engine"
        usage = await asyncio.to_thread(service.get, f"/v1/tables/{table}/usage")
        assert any("answered for the firm" in note for note in usage["notes"]), usage["notes"]


async def test_an_answer_does_not_wait_for_a_turn_that_is_being_made(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url)) as service,
        AsyncExitStack() as here,
    ):
        halting = Halting()
        model.always = halting
        table = await asyncio.to_thread(lambda: service.open(**opening(firm="openai:mock-1")))
        client = await here.enter_async_context(seated(service, table, "candidate"))
        await asyncio.wait_for(halting.begun.wait(), 60)
        model.always = None  # its turn is half said; what it is asked from now on it says at once
        words = "Before you go on, what about the salary?"
        assert (await client.ask("say", text=words, to="firm"))["type"] == "ack"
        await until_answered(client, "firm", 1)
        assert answers(client, "firm")[0]["by"] == "model"
        assert words in model.requests[-1].body["messages"][-1]["content"]
        assert not moves(client, "firm")
        assert not halting.hung_up.is_set()
        halting.go.set()
        await until_moved(client, "firm", 1)
        assert not moves(client, "firm")[0]["stand_in"]
        usage = await asyncio.to_thread(service.get, f"/v1/tables/{table}/usage")
        assert usage["seats"][0]["calls"] == len(model.requests)


async def refusing(exchange: Exchange) -> None:
    """The key is wrong, as from now on."""
    await exchange.answer(401, {"error": {"message": "no", "type": "invalid_request_error"}})


async def test_an_answer_is_recalled_when_a_person_takes_the_seat(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url)) as service,
        AsyncExitStack() as here,
    ):
        table = await asyncio.to_thread(lambda: service.open(**opening(firm="openai:mock-1")))
        client = await here.enter_async_context(seated(service, table, "candidate"))
        await client.until(lambda: client.my_turn)
        begun, left = asyncio.Event(), asyncio.Event()

        async def silent(exchange: Exchange) -> None:
            begun.set()
            await exchange.hung_up()
            left.set()

        model.always = silent
        assert (await client.ask("say", text="And the salary?", to="firm"))["type"] == "ack"
        await asyncio.wait_for(begun.wait(), 60)
        firm = await here.enter_async_context(seated(service, table, "firm"))
        assert (await firm.ask("seat.take", name="Mx Doe"))["type"] == "ack"
        await asyncio.wait_for(left.wait(), 60)
        assert not answers(client, "firm")


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    service = with_models(tmp_path_factory.mktemp("listed"), "http://127.0.0.1:9/v1").start()
    yield service
    assert service.stop() == 0, service.log


async def test_a_restart_seats_the_same_model_or_says_why_not(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, TABLES)) as service,
        AsyncExitStack() as here,
    ):
        wanted = {"model": "openai:mock-1", "temperature": 0.5}
        table = await asyncio.to_thread(lambda: service.open(**opening(firm=wanted)))
        client = await here.enter_async_context(seated(service, table, "candidate"))
        await until_moved(client, "firm", 1)
        await asyncio.to_thread(service.kill)
        before = len(model.requests)
        await asyncio.to_thread(service.start)
        await client.connect()
        await until_moved(client, "firm", 2)
        assert client.status["occupants"]["firm"] == "model"
        assert {request.body["temperature"] for request in model.requests[before:]} == {0.5}

        await asyncio.to_thread(service.kill)
        service.more["MOCK_KEY"] = ""
        before = len(model.requests)
        await asyncio.to_thread(service.start)
        await client.connect()
        while not client.over:
            await passed(client)
        assert client.status["occupants"]["firm"] == "engine"
        taken = [event["body"] for event in client.events if event["kind"] == "seat.taken"]
        assert taken[-1] == {
            "kind": "seat.taken",
            "seat": "firm",
            "occupant": "engine",
            "name": "for openai:mock-1: no key",
        }
        assert len(model.requests) == before
        assert moves(client, "firm")[-1]["move"]["speech"]["by"] == "engine"
        assert "no key" in service.log


async def test_a_person_who_sits_down_recalls_the_model_and_it_comes_back(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url)) as service,
        AsyncExitStack() as here,
    ):
        halting = Halting()
        model.always = halting
        table = await asyncio.to_thread(lambda: service.open(**opening(firm="openai:mock-1")))
        client = await here.enter_async_context(
            seated(service, table, "candidate", want=("drafts",))
        )
        await asyncio.wait_for(halting.begun.wait(), 60)
        await client.until(lambda: client.of("draft"))
        firm = await here.enter_async_context(seated(service, table, "firm"))
        assert (await firm.ask("seat.take", name="Mx Doe"))["type"] == "ack"
        # The provider is hung up on, the draft withdrawn, and the person has the turn.
        await asyncio.wait_for(halting.hung_up.wait(), 60)
        await client.until(lambda: client.of("void"))
        assert (await firm.ask("move", text="We take it from here."))["type"] == "ack"
        assert (await firm.ask("seat.hand_back"))["type"] == "ack"
        await firm.until(lambda: firm.status["occupants"]["firm"] == "model")
        assert firm.status["names"]["firm"] == "openai:mock-1"
        model.always = None
        before = len(model.requests)
        await until_moved(client, "firm", 2)
        assert len(model.requests) > before
        assert moves(client, "firm")[0]["move"]["speech"]["by"] == "person"


async def test_another_way_of_playing_recalls_the_turn_as_well(tmp_path: Path) -> None:
    """Else words of one model would stand in the record under the name of another."""
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, TABLES)) as service,
        AsyncExitStack() as here,
    ):
        halting = Halting()
        model.always = halting
        table = await asyncio.to_thread(lambda: service.open(**opening(firm="openai:mock-1")))
        chair = await here.enter_async_context(seated(service, table, "facilitator"))
        await asyncio.wait_for(halting.begun.wait(), 60)
        model.always = None
        wanted = {"model": "openai:mock-1", "temperature": 0.5}
        assert (await chair.ask("seat.give", seat="firm", to=wanted))["type"] == "ack"
        await asyncio.wait_for(halting.hung_up.wait(), 60)
        await chair.until(lambda: len(moves(chair, "firm")) == 1)
        assert model.requests[-1].body["temperature"] == 0.5
        assert moves(chair, "firm")[0]["move"]["speech"]["by"] == "model"


async def test_the_facilitator_gives_seats(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url)) as service,
        AsyncExitStack() as here,
    ):
        table = await asyncio.to_thread(lambda: service.open(**opening()))
        chair = await here.enter_async_context(seated(service, table, "facilitator"))
        seat = await here.enter_async_context(seated(service, table, "candidate"))
        refused = await seat.ask("seat.give", seat="firm", to="openai:mock-1")
        assert (refused["type"], refused["code"]) == ("refused", "not-allowed")
        for to in ("openai:other", {"model": "openai:mock-1", "barrier": "filtered"}):
            refused = await chair.ask("seat.give", seat="firm", to=to)
            assert refused["type"] == "refused"
        assert (await chair.ask("seat.give", seat="firm", to="openai:mock-1"))["type"] == "ack"
        await seat.until(lambda: seat.status["occupants"]["firm"] == "model")
        assert (await chair.ask("seat.give", seat="firm", to="engine"))["type"] == "ack"
        await seat.until(lambda: seat.status["occupants"]["firm"] == "engine")


@pytest.mark.parametrize(
    "written",
    [
        "openai:a",
        "ollama:llama3:8b filtered",
        "openai:a/b temperature=0.5",
        "x:y filtered temperature=1",
    ],
)
def test_what_plays_a_seat_reads_back_as_it_was_written(written: str) -> None:
    known = player(written)
    assert known is not None
    assert str(known) == written
    assert player(f"{written} and more") is None


def test_a_long_name_of_a_model_that_is_gone_fits_into_the_record() -> None:
    players = Players(
        ModelSettings(
            models=(ModelSetting(name="openai:" + "m" * 70, key=Secret("k")),),
            tables=TableChoices(temperatures=(0.0, 1.0)),
        )
    )
    assert players.unfit(Player(model="openai:" + "m" * 70)) is None
    unfit = players.unfit(Player(model="openai:" + "m" * 70, temperature=0.5))
    assert unfit is not None
    assert unfit.code == "too-long"
