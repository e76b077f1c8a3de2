"""What every test of a door needs: both doors, a clock moved by hand, and an ask."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.delegates.base import Ask, Completion, Message
from app.delegates.llm import CallFailed, LangChainDoor, OpenAIDoor
from app.delegates.llm.budget import Budget
from app.delegates.llm.calls import Clockwork, Endpoint
from app.delegates.llm.policy import Policy
from app.settings import ModelSetting, Price, Secret
from tests.llm.fault_cases import NOW
from tests.llm.server import KEY

Door = OpenAIDoor | LangChainDoor
KINDS: dict[str, type[OpenAIDoor] | type[LangChainDoor]] = {
    "direct": OpenAIDoor,
    "langchain": LangChainDoor,
}
# Wire timers that only a real fault reaches, and short ones for the faults that are silence.
PATIENT = Policy(connect=20, first=60, between=60, closing=0.05, attempt=60, least_retries=100)
HASTY = Policy(connect=20, first=0.6, between=0.6, closing=0.05, attempt=1.2, least_retries=100)


class Clock:
    """Time that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 1_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)

    def work(self, draw: float = 0.5) -> Clockwork:
        return Clockwork(now=self.now, sleep=self.sleep, draw=lambda: draw, wall=lambda: NOW)


@asynccontextmanager
async def door(
    kind: str,
    url: str,
    *,
    clock: Clock | None = None,
    policy: Policy = PATIENT,
    budget: Budget | None = None,
    price: Price | None = None,
    key: str = KEY,
    verify: ssl.SSLContext | bool = True,
) -> AsyncIterator[Door]:
    """Open a door of this kind to the server at this address."""
    setting = ModelSetting(name="openai:mock", base_url=url, key=Secret(key) if key else None)
    endpoint = Endpoint(
        name=setting.name,
        policy=policy,
        price=price,
        budget=budget or Budget(wall=lambda: NOW),
        clock=(clock or Clock()).work(),
    )
    made = KINDS[kind](setting, endpoint, verify)
    try:
        yield made
    finally:
        await made.aclose()


def ask(**changes: Any) -> Ask:
    """An ordinary question."""
    given: dict[str, Any] = {
        "messages": (
            Message(role="system", text="You speak for a delegation."),
            Message(role="user", text="It is your turn. Say one sentence."),
        ),
        "purpose": "speaker",
        "lane": "t1",
        "account": ("table:t1", "seat:t1/north", "turn:t1/north/3"),
    }
    return Ask(**(given | changes))


class Listener:
    """Keeps what a door gives away as it comes, and starts over when it takes that back."""

    def __init__(self) -> None:
        self.text = ""
        self.starts = 0

    def __call__(self, piece: str) -> None:
        if piece:
            self.text += piece
        else:
            self.text = ""
            self.starts += 1


async def outcome(
    made: Door, question: Ask, mode: str, listener: Listener | None = None
) -> Completion | CallFailed:
    """The answer or the failure, as a value."""
    on_text = (listener or Listener()) if mode == "streamed" else None
    try:
        return await made(question, on_text)
    except CallFailed as failed:
        return failed


def is_at_rest(made: Door) -> bool:
    """Whether a door holds nothing on: no place, no reservation."""
    assert made.endpoint.lanes is not None
    held = made.endpoint.budget.held()
    return made.endpoint.lanes.taken == 0 and made.endpoint.lanes.waiting == 0 and not held
