"""What carries requests: by a proxy when told so, in whatever event loop, and never twice."""

from __future__ import annotations

import asyncio
import gc
import socket
import traceback

import httpx2
import openai
import pytest

from app import __version__
from app.delegates.base import Completion, Message
from app.delegates.llm import wire
from app.delegates.llm.calls import Endpoint
from app.delegates.llm.client import OPTIONS, PATH, Client
from app.delegates.llm.faults import WireFault
from app.delegates.llm.policy import Policy
from app.settings import ModelSetting, Secret
from tests.llm.rig import KINDS, Door, ask, door, outcome
from tests.llm.server import KEY, Behaviour, Exchange, ModelServer

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


async def test_every_request_has_the_head_that_the_openai_client_writes() -> None:
    """The door keeps the head of its first request; every body has its own length."""
    async with ModelServer() as server, door("direct", server.url) as made:
        for number in range(3):
            words = Message(role="user", text="And again. " * number)
            assert isinstance(await outcome(made, ask(messages=(words,)), "whole"), Completion)
        ours = list(server.requests)
        async with openai.AsyncOpenAI(api_key=KEY, base_url=server.url) as plain:
            body = ours[-1].raw
            await plain.post(
                "/chat/completions", cast_to=object, content=body, options={"timeout": None}
            )
        heads = [dict(each.headers) for each in (*ours, server.requests[-1])]
    lengths = [int(head.pop("content-length")) for head in heads]
    assert lengths == [len(each.raw) for each in (*ours, ours[-1])]
    assert len(set(lengths[:3])) == 3
    assert heads[0] == heads[1] == heads[2]
    own = {"user-agent", "accept-encoding", "x-stainless-raw-response", "x-stainless-read-timeout"}
    shared = {name for name in heads[2] if heads[3].get(name) == heads[2][name]}
    assert set(heads[2]) ^ shared <= own
    assert "authorization" in shared
    assert heads[2]["user-agent"] == f"parley/{__version__}"


async def test_what_a_client_writes_anew_into_every_request_is_written_anew() -> None:
    """A later client may give every request a key of its own: its head is no other's then."""
    sent: list[httpx2.Request] = []

    def served(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, json={})

    carrier = httpx2.AsyncClient(transport=httpx2.MockTransport(served))
    async with Client(api_key=KEY, base_url="http://model.invalid", http_client=carrier) as client:
        client._idempotency_header = "Idempotency-Key"
        for _ in range(3):
            await client.post(PATH, cast_to=object, content=b"{}", options=OPTIONS)
    keys = [each.headers["idempotency-key"] for each in sent]
    assert len(set(keys)) == 3


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


@BOTH
def test_calls_at_once_in_another_event_loop_share_their_connections(kind: str) -> None:
    made: list[Door] = []
    complaints: list[str] = []

    async def once(port: int, *, last: bool = False) -> int:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(str(context["message"])))
        async with ModelServer(port=port) as server:
            if not made:
                setting = ModelSetting(name="openai:mock", base_url=server.url, key=Secret(KEY))
                made.append(KINDS[kind](setting, Endpoint(name=setting.name)))
            got = await asyncio.gather(
                *(outcome(made[0], ask(tries=1, account=()), "whole") for _ in range(4))
            )
            assert all(isinstance(each, Completion) for each in got)
            if last:
                await made[0].aclose()
            return server.port

    port = asyncio.run(once(0))
    asyncio.run(once(port))
    asyncio.run(once(port, last=True))
    gc.collect()  # a session that nobody closed complains when it is thrown away
    assert complaints == []


@BOTH
@MODES
async def test_no_request_goes_over_a_connection_that_the_server_has_closed(
    kind: str, mode: str
) -> None:
    async def leaves(x: Exchange) -> None:
        await x.honest()
        # At once, so that the next request is made before the event loop has seen it.
        x.writer.get_extra_info("socket").shutdown(socket.SHUT_WR)

    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = leaves
        for _ in range(3):
            got = await outcome(made, ask(), mode)
            assert isinstance(got, Completion)
            assert got.tries == 1
        assert server.connections == len(server.requests) == 3
        assert made.endpoint.budget.spent("table:t1").calls == 3


@BOTH
async def test_what_a_server_says_unasked_is_no_answer(kind: str) -> None:
    go_on, said = asyncio.Event(), asyncio.Event()

    async def twice(x: Exchange) -> None:
        await x.whole("What was asked.")
        await go_on.wait()
        await x.whole("What nobody asked.")
        said.set()

    async with ModelServer(lambda _: "The next answer.") as server, door(kind, server.url) as made:
        server.script.append(twice)
        first = await outcome(made, ask(), "whole")
        go_on.set()
        await said.wait()
        second = await outcome(made, ask(), "whole")
        assert isinstance(first, Completion)
        assert isinstance(second, Completion)
        assert (first.text, second.text) == ("What was asked.", "The next answer.")


@BOTH
@MODES
async def test_an_answer_may_have_a_long_head(kind: str, mode: str) -> None:
    many = {f"x-{n}": "y" for n in range(200)} | {"content-security-policy": "a" * 20_000}

    async def long(x: Exchange) -> None:
        head = x.head
        x.head = lambda status, headers=None, **more: head(  # type: ignore[method-assign]
            status, {**(headers or {}), **many}, **more
        )
        await x.honest()

    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = long
        assert isinstance(await outcome(made, ask(tries=1), mode), Completion)


async def reset(x: Exchange) -> None:
    x.reset()


async def half(x: Exchange) -> None:
    await x.head(200, {"content-type": "application/json", "content-length": "99"})
    x.close = True


async def junk(x: Exchange) -> None:
    await x.raw(b"HTTP/1.1 200 OK\r\nno header: " + KEY.encode() + b"\r\n\r\n")


async def refuses(x: Exchange) -> None:
    await x.answer(407, {})


@pytest.mark.parametrize("behaviour", [reset, half, junk, refuses])
async def test_nothing_of_a_request_travels_with_a_fault(behaviour: Behaviour) -> None:
    async with ModelServer() as server:
        server.always = behaviour
        proxy = server.url.removesuffix("/v1").replace("//", "//user:canary-word@")
        through = proxy if behaviour is refuses else None
        url = "https://model.invalid/v1" if through else server.url
        async with wire.Straight(wire.guarded(Policy(), proxy=through)) as client:
            with pytest.raises(WireFault) as caught:
                await client.post(url, content=b"{}", headers={"authorization": f"Bearer {KEY}"})
        shown = "".join(traceback.format_exception(caught.value))
        assert caught.value.__context__ is None
        assert KEY not in shown
        assert "canary-word" not in shown
