"""What carries requests: by a proxy when told so, in whatever event loop, and never twice."""

from __future__ import annotations

import asyncio

import pytest

from app.delegates.base import Completion
from app.delegates.llm.calls import Endpoint
from app.settings import ModelSetting, Secret
from tests.llm.rig import KINDS, Door, ask, door, outcome
from tests.llm.server import KEY, Exchange, ModelServer

BOTH = pytest.mark.parametrize("kind", KINDS)
MODES = pytest.mark.parametrize("mode", ["whole", "streamed"])


@BOTH
@MODES
async def test_through_a_proxy_and_to_nobody_else(kind: str, mode: str) -> None:
    async with ModelServer() as proxy:
        origin = proxy.url.removesuffix("/v1")
        setting = ModelSetting(
            name="openai:mock",
            base_url="http://model.invalid/v1",
            key=Secret(KEY),
            proxy=origin,
        )
        made = KINDS[kind](setting, Endpoint(name=setting.name))
        got = await outcome(made, ask(), mode)
        await made.aclose()
        assert isinstance(got, Completion), got
        (request,) = proxy.requests
        assert request.headers["host"] == "model.invalid"
        assert request.path == "http://model.invalid/v1/chat/completions"


@BOTH
async def test_the_environment_is_not_asked(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    async with ModelServer() as server, door(kind, server.url) as made:
        assert isinstance(await outcome(made, ask(), "whole"), Completion)


@BOTH
@MODES
async def test_a_connection_is_used_again_and_a_request_says_nothing_of_its_carrier(
    kind: str, mode: str
) -> None:
    async with ModelServer() as server, door(kind, server.url) as made:
        for _ in range(3):
            assert isinstance(await outcome(made, ask(), mode), Completion)
        assert server.connections == 1
        sent = server.requests[-1].headers
        assert sent["accept-encoding"] == "identity"
        assert "aiohttp" not in str(sent).lower()
        assert "cookie" not in sent


@BOTH
async def test_cookies_are_not_kept(kind: str) -> None:
    async def sets(x: Exchange) -> None:
        body: dict[str, object] = {"choices": []}
        await x.answer(200, body, {"set-cookie": "a=b; Path=/"})

    async with ModelServer() as server, door(kind, server.url) as made:
        server.script.append(sets)
        await outcome(made, ask(), "whole")
        assert all("cookie" not in each.headers for each in server.requests)


@BOTH
def test_a_door_that_outlives_its_event_loop_opens_its_connections_anew(kind: str) -> None:
    made: list[Door] = []
    ports: list[int] = []
    complaints: list[str] = []

    async def once(port: int) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(str(context["message"])))
        async with ModelServer(port=port) as server:
            ports.append(server.port)
            if not made:
                setting = ModelSetting(name="openai:mock", base_url=server.url, key=Secret(KEY))
                made.append(KINDS[kind](setting, Endpoint(name=setting.name)))
            assert isinstance(await outcome(made[0], ask(tries=1), "whole"), Completion)
            if port:
                await made[0].aclose()

    asyncio.run(once(0))
    asyncio.run(once(ports[0]))
    assert complaints == []
