"""A model of the operator's list behind the chat interface, with the published openai client."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from app.errors import SettingsError
from app.settings import models_from
from tests.llm.misbehaviour import status
from tests.llm.server import ModelServer
from tests.web.service import TOKEN, Service
from tests.web.speaking_model import reply, running, with_models

pytestmark = pytest.mark.timeout(300)

MODEL = "parley/table-for-five/russia"
NAMED = {"PARLEY_CHAT_MODEL": "openai:mock-1"}


def client_of(service: Service) -> Any:
    return openai.AsyncOpenAI(
        base_url=f"http://127.0.0.1:{service.port}/v1",
        api_key=TOKEN,
        max_retries=0,
        http_client=httpx2.AsyncClient(trust_env=False),
    )


def asked(text: str = "What do you want on the sanctions?", **more: object) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


async def test_the_model_answers_whole_and_streamed_and_its_usage_is_told(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, "[caps.turn]\ncalls = 1\n", **NAMED)) as service,
        client_of(service) as client,
    ):
        whole = await client.chat.completions.create(**asked())
        text = whole.choices[0].message.content
        assert whole.system_fingerprint == "parley-model"
        assert whole.choices[0].finish_reason == "stop"
        assert "clauses still open" in text
        (request,) = model.requests
        sent = "\n".join(message["content"] for message in request.body["messages"])
        assert "What do you want on the sanctions?" in sent
        # The strict barrier: nothing of the confidential brief is in what the model is sent.
        assert "won field and a lost decade" not in sent
        assert whole.usage.total_tokens == model.billed
        chunks = [
            chunk
            async for chunk in await client.chat.completions.create(
                **asked(), stream=True, stream_options={"include_usage": True}
            )
        ]
        streamed = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert "clauses still open" in streamed
        assert chunks[-1].usage.total_tokens > 0
        # Every request is a turn of its own: the turn's cap of one call does not end the talk.
        for _ in range(3):
            again = await client.chat.completions.create(**asked())
            assert again.system_fingerprint == "parley-model"
        assert len(model.requests) == 5


async def test_a_model_that_fails_leaves_the_answer_to_the_phrasebook(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, **NAMED)) as service,
        client_of(service) as client,
    ):
        model.always = status(401)
        answer = await client.chat.completions.create(**asked())
        assert answer.system_fingerprint == "parley-engine"
        assert "sanction" in answer.choices[0].message.content.lower()
        with pytest.raises(openai.BadRequestError) as bad:
            await client.chat.completions.create(**asked("x" * 9_000))
        assert bad.value.code == "context_length_exceeded"
        with pytest.raises(openai.NotFoundError) as absent:
            await client.chat.completions.create(**{**asked(), "model": "openai:mock-1"})
        assert absent.value.code == "model_not_found"


async def test_who_hangs_up_hangs_up_on_the_model(tmp_path: Path) -> None:
    begun, left = asyncio.Event(), asyncio.Event()

    async def silent(exchange: Any) -> None:
        begun.set()
        await exchange.hung_up()
        left.set()

    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, **NAMED)) as service,
        client_of(service) as client,
    ):
        model.always = silent
        waiting = asyncio.create_task(client.chat.completions.create(**asked()))
        await asyncio.wait_for(begun.wait(), 60)
        waiting.cancel()
        await asyncio.wait_for(left.wait(), 15)
        await asyncio.gather(waiting, return_exceptions=True)
        model.always = None
        again = await client.chat.completions.create(**asked())
        assert again.system_fingerprint == "parley-model"


async def test_without_a_chat_model_nobody_is_asked(tmp_path: Path) -> None:
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url)) as service,
        client_of(service) as client,
    ):
        answer = await client.chat.completions.create(**asked())
        assert answer.system_fingerprint == "parley-engine"
        assert model.requests == []


@pytest.fixture
def listed(tmp_path: Path) -> dict[str, str]:
    with_models(tmp_path, "http://127.0.0.1:9/v1")
    return {"PARLEY_HOME": str(tmp_path)}


def test_the_chat_model_has_to_be_on_the_list(listed: dict[str, str]) -> None:
    assert models_from(listed).chat == ""
    assert models_from({**listed, **NAMED}).chat == "openai:mock-1"
    with pytest.raises(SettingsError, match="PARLEY_MODELS"):
        models_from({**listed, "PARLEY_CHAT_MODEL": "openai:other"})


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ('[tables]\nbarriers = ["soft"]\n', "tables.barriers"),
        ("[tables]\nbarriers = []\n", "tables.barriers"),
        ("[tables]\ntemperatures = [0.5]\n", "tables.temperatures"),
        ("[tables]\ntemperatures = [1.0, 0.5]\n", "tables.temperatures"),
        ("[tables]\ntemperatures = [0, nan]\n", "tables.temperatures"),
        ("[tables]\ntemperatures = [0, true]\n", "tables.temperatures"),
        ("[tables]\nbarrier = []\n", "'barrier' is not known"),
        ("chat = 3\n", "chat has to be a text"),
        ('chat = "openai:other"\n', "openai:other"),
    ],
)
def test_what_tables_may_choose_is_checked(tmp_path: Path, extra: str, named: str) -> None:
    with_models(tmp_path, "http://127.0.0.1:9/v1", extra)
    with pytest.raises(SettingsError, match=named):
        models_from({"PARLEY_HOME": str(tmp_path)})
