"""A door hangs up by itself: the provider's socket closes, though nobody sweeps up behind it.

Python closes a forgotten stream when its garbage is collected, and so may hide that a door
forgot it. Here that help is taken away.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.delegates.llm.faults import CallFailed
from tests.llm.misbehaviour import silence, streamed
from tests.llm.rig import KINDS, ask, door, is_at_rest, outcome
from tests.llm.server import Exchange, ModelServer

BOTH = pytest.mark.parametrize("kind", KINDS)
BOUND = 5
"""Seconds: a bound for a failing test, not a pause."""


@contextmanager
def nobody_sweeps() -> Iterator[None]:
    """Forgotten streams stay open."""
    hooks = sys.get_asyncgen_hooks()
    kept: list[object] = []
    sys.set_asyncgen_hooks(finalizer=kept.append)
    try:
        yield
    finally:
        sys.set_asyncgen_hooks(*hooks)


async def broken_off(x: Exchange) -> None:
    """Half an answer, something that is none, and then nothing, with the line held open."""
    await x.events()
    await x.event(x.delta({"content": "We would"}))
    await x.chunk(b"data: {not json}\n\n")
    await silence(x)


@BOTH
async def test_after_a_fault_in_the_middle_the_line_is_cut(kind: str) -> None:
    with nobody_sweeps():
        async with ModelServer() as server, door(kind, server.url) as made:
            server.always = broken_off
            got = await outcome(made, ask(tries=1), "streamed")
            assert isinstance(got, CallFailed)
            assert got.code == "malformed"
            await asyncio.wait_for(server.left.wait(), BOUND)
            assert is_at_rest(made)


@BOTH
async def test_after_a_listener_that_breaks_the_line_is_cut(kind: str) -> None:
    def breaks(text: str) -> None:
        if text:
            raise ValueError("a listener's own fault")

    with nobody_sweeps():
        async with ModelServer() as server, door(kind, server.url) as made:
            server.always = streamed(silence)
            with pytest.raises(CallFailed):
                await made(ask(tries=1), breaks)
            await asyncio.wait_for(server.left.wait(), BOUND)


@BOTH
@pytest.mark.parametrize("mode", ["whole", "streamed"])
async def test_after_a_cancellation_the_line_is_cut(kind: str, mode: str) -> None:
    asked = asyncio.Event()

    async def behave(x: Exchange) -> None:
        asked.set()
        await (silence(x) if mode == "whole" else streamed(silence)(x))

    heard = asyncio.Event()
    listener: Any = (lambda _: heard.set()) if mode == "streamed" else None
    with nobody_sweeps():
        async with ModelServer() as server, door(kind, server.url) as made:
            server.always = behave
            task = asyncio.create_task(made(ask(), listener))
            await (heard if mode == "streamed" else asked).wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            await asyncio.wait_for(server.left.wait(), BOUND)
            assert caught.value is not None  # its frames still hold the answer
