"""A model for served tables: fills in any form, speaks when it is let, over the real wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from app.delegates.llm.models import WORD
from tests.llm.server import KEY, Exchange, pieces
from tests.web.service import TOKEN, Client, Service

SENTENCES = (
    "The paper of {seat} is before us, and page {page} of it belongs to the clauses still open.",
    "Who pays for item {page} of it, and when, is what we would hear about next.",
)


def reply(body: Mapping[str, Any]) -> str:
    """Hold, in a well-formed form; and words of no consequence."""
    wanted = body.get("response_format")
    if wanted is None:
        return speech(body)
    fields = form(wanted)
    if "say" in fields:
        fields["say"] = speech(body)
    return json.dumps(fields)


def speech(body: Mapping[str, Any]) -> str:
    """Two sentences that differ from turn to turn."""
    seat = body["messages"][0]["content"].split(" at a rehearsal")[0].split()[-1]
    page = sum(len(message["content"]) for message in body["messages"])
    return " ".join(SENTENCES).format(seat=seat, page=page)


def form(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A form that holds."""
    fields: dict[str, Any] = {}
    for name, kind in wanted["json_schema"]["schema"]["properties"].items():
        fields[name] = [] if kind["type"] == "array" else kind.get("enum", [True])[0]
        if "none" in kind.get("enum", ()):
            fields[name] = "none"
        if kind["type"] == "boolean":
            fields[name] = True
    if "word" in fields:
        fields |= {"word": WORD, "number": 7}
    if "act" in fields:
        fields["act"] = "hold"
    return fields


class Halting:
    """Speaks its first sentence, then waits until it is let go on or is hung up on."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = asyncio.Event()
        self.hung_up = asyncio.Event()

    async def __call__(self, exchange: Exchange) -> None:
        """One exchange; forms are filled in at once."""
        body = exchange.request.body
        if body.get("response_format") is not None or not body.get("stream"):
            await exchange.honest()
            return
        first, rest = cut(body)
        await exchange.events()
        await exchange.event(exchange.delta({"role": "assistant", "content": ""}))
        for part in pieces(first + " "):
            await exchange.event(exchange.delta({"content": part}))
        self.begun.set()
        left = asyncio.create_task(exchange.hung_up())
        going = asyncio.create_task(self.go.wait())
        await asyncio.wait({left, going}, return_when=asyncio.FIRST_COMPLETED)
        if left.done():
            self.hung_up.set()
            going.cancel()
            return
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        exchange.close = False
        for part in pieces(rest):
            await exchange.event(exchange.delta({"content": part}))
        await exchange.event(exchange.delta({}, "stop"))
        billed = exchange.usage(len(pieces(first + rest)))
        await exchange.event({**exchange.delta({}), "choices": [], "usage": billed})
        await exchange.end()


def cut(body: Mapping[str, Any]) -> tuple[str, str]:
    """The first sentence, and what follows it."""
    whole = speech(body)
    first = whole.partition(". ")[0] + "."
    return first, whole[len(first) + 1 :]


def with_models(home: Path, url: str, extra: str = "", **more: str) -> Service:
    """A server whose operator lists one model of this machine, and one that has no key."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "models.toml").write_text(
        f"""{extra}
[[model]]
name = "openai:mock-1"
base_url = "{url}"
key_env = "MOCK_KEY"
prompt_price = "1.00"
completion_price = "4.00"

[[model]]
name = "openai:no-key"
base_url = "{url}"
key_env = "ABSENT_KEY"
""",
        "utf-8",
    )
    return Service(home, **({"MOCK_KEY": KEY} | more))


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    """The server until the block ends; then it stops in order and has kept the key to itself."""
    await asyncio.to_thread(service.start)
    try:
        yield service
    except BaseException:
        await asyncio.to_thread(service.kill)
        print(service.log)
        raise
    assert await asyncio.to_thread(service.stop) == 0, service.log
    assert "Traceback" not in service.log
    assert KEY not in service.log


@asynccontextmanager
async def seated(
    service: Service, table: str, viewer: str, token: str = TOKEN, want: tuple[str, ...] = ()
) -> AsyncIterator[Client]:
    """A client at a table until the block ends."""
    client = await Client(service, table, viewer, token, want).connect()
    try:
        yield client
    finally:
        await client.leave()
