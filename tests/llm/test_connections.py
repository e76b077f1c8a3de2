"""Faults before any answer: nobody listens, no such host, a bad certificate, another address."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from app.delegates.base import Completion
from app.delegates.llm.faults import CallFailed
from tests.llm.misbehaviour import silence, status, streamed
from tests.llm.rig import KINDS, Clock, Listener, ask, door, is_at_rest, outcome
from tests.llm.server import Exchange, ModelServer
from tests.needs import need

BOTH = pytest.mark.parametrize("kind", KINDS)
MODES = pytest.mark.parametrize("mode", ["whole", "streamed"])


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@BOTH
@MODES
@pytest.mark.parametrize("place", ["refused", "no such host", "no name"])
async def test_no_connection(kind: str, mode: str, place: str) -> None:
    # A zone that no interface has: the look-up fails, and nothing leaves the machine.
    hosts = {"refused": "127.0.0.1", "no such host": "[::1%25no-such-zone]", "no name": "a..b"}
    clock = Clock()
    async with door(kind, f"http://{hosts[place]}:{unused_port()}/v1", clock=clock) as made:
        got = await outcome(made, ask(), mode)
        assert isinstance(got, CallFailed)
        assert got.code == "unreachable"
        assert got.tries == 3
        assert len(clock.slept) == 2
        assert is_at_rest(made)
        assert not made.endpoint.budget.spent("table:t1").tokens  # nothing was sent, so no bill


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    need(shutil.which("openssl"), "openssl is not installed")
    folder: Path = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    command += ["-days", "1", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@BOTH
async def test_a_bad_certificate_shuts_the_endpoint(kind: str, self_signed: ssl.SSLContext) -> None:
    server = ModelServer()
    server.tls = self_signed
    async with server, door(kind, server.url) as made:
        first = await outcome(made, ask(), "whole")
        second = await outcome(made, ask(), "whole")
    assert isinstance(first, CallFailed)
    assert isinstance(second, CallFailed)
    assert (first.code, second.code) == ("tls", "open")
    assert server.requests == []


@BOTH
@MODES
@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
async def test_a_prompt_never_goes_to_another_address(kind: str, mode: str, number: int) -> None:
    async with ModelServer() as other, ModelServer() as server, door(kind, server.url) as made:
        target = f"{other.url}/chat/completions"
        server.always = status(number, headers={"location": target})
        got = await outcome(made, ask(), mode)
        assert isinstance(got, CallFailed)
        assert got.code == "redirect"
        assert len(server.requests) == 1
        assert other.requests == []


@BOTH
@pytest.mark.parametrize(
    ("mode", "point"),
    [
        ("whole", "before an answer"),
        ("streamed", "before an answer"),
        ("streamed", "in the middle"),
    ],
)
async def test_cancelling_hangs_up(kind: str, mode: str, point: str) -> None:
    began = asyncio.Event()

    async def behave(x: Exchange) -> None:
        began.set()
        await (silence(x) if point == "before an answer" else streamed(silence)(x))

    heard = asyncio.Event()
    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = behave
        on_text = (lambda _: heard.set()) if mode == "streamed" else None
        task = asyncio.create_task(made(ask(), on_text))
        await began.wait()
        if point == "in the middle":
            await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.left.wait(), 5)  # a bound for a failing test, not a pause
        assert len(server.requests) == 1
        assert is_at_rest(made)
        spent = made.endpoint.budget.spent("table:t1")
        assert spent.completion == ask().max_tokens  # what was cut off is charged in full


@BOTH
async def test_an_answer_after_the_cancellation_is_nobodys(kind: str) -> None:
    arrived, release = asyncio.Event(), asyncio.Event()

    async def late(x: Exchange) -> None:
        arrived.set()
        await release.wait()
        await x.honest()

    async with ModelServer() as server, door(kind, server.url) as made:
        server.script.append(late)
        listener = Listener()
        first = asyncio.create_task(made(ask(), listener))
        await arrived.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        server.reply = lambda _: "The second answer."
        second = asyncio.create_task(made(ask()))
        release.set()
        got = await second
        assert got.text == "The second answer."
        assert listener.text == ""


@BOTH
@MODES
@pytest.mark.parametrize(
    ("refused", "kept"),
    [("stream_options", "temperature"), ("temperature", "max"), ("max_tokens", "temperature")],
)
async def test_a_server_may_refuse_a_parameter(
    kind: str, mode: str, refused: str, kept: str
) -> None:
    async def strict(x: Exchange) -> None:
        if refused in x.request.body:
            words = {"message": f"Unsupported parameter: '{refused}'.", "param": refused}
            await x.answer(400, {"error": words})
        else:
            await x.honest()

    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = strict
        first = await outcome(made, ask(), mode)
        second = await outcome(made, ask(), mode)
        assert isinstance(first, Completion)
        assert isinstance(second, Completion)
        assert second.tries == 1  # what a server refuses is remembered
        assert any(name.startswith(kept) for name in server.requests[-1].body)


@BOTH
async def test_a_schema_that_is_refused_is_not_dropped(kind: str) -> None:
    words = {"message": "'response_format' of type 'json_schema' is not supported"}
    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = status(400, {"error": words})
        got = await outcome(made, ask(schema={"type": "object"}), "whole")
        assert isinstance(got, CallFailed)
        assert (got.code, got.fault.parameter) == ("invalid", "response_format")
        assert len(server.requests) == 1
