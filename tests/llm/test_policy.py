"""Pauses, breaker, patience and places: each rule of the policy, with time given by hand."""

from __future__ import annotations

import asyncio
import math
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delegates.llm.breaker import Breaker, Patience
from app.delegates.llm.faults import CODES, CallFailed, Fault
from app.delegates.llm.lanes import Lanes
from app.delegates.llm.policy import Policy, asked_wait, pause
from tests.llm.misbehaviour import status
from tests.llm.rig import KINDS, Clock, ask, door, outcome
from tests.llm.server import ModelServer

POLICY = Policy()
SERVER, KEY, WRONG = Fault(code="server"), Fault(code="key"), Fault(code="invalid")


@given(st.integers(0, 50), st.floats(0, 1), st.floats(0, 1e6))
def test_a_pause_is_bounded_below_and_above(failed: int, draw: float, wait: float) -> None:
    free = pause(POLICY, failed, Fault(code="server"), draw)
    assert 0 <= free <= min(20, 0.5 * 2**failed)
    if wait:
        asked = pause(POLICY, failed, Fault(code="rate", wait=wait), draw)
        assert wait <= asked <= wait * 1.1 + 1e-9


@given(st.text(max_size=30))
def test_any_header_gives_a_finite_wait(text: str) -> None:
    for name in ("retry-after", "retry-after-ms"):
        wait = asked_wait({name: text}, 1e9)
        assert math.isfinite(wait)
        assert wait >= 0


@pytest.mark.parametrize(
    ("text", "wait"),
    [("3", 3), ("0.5", 0.5), ("-1", 0), ("nan", 0), ("inf", 0), ("", 0), ("soon", 0)],
)
def test_known_headers(text: str, wait: float) -> None:
    assert asked_wait({"retry-after": text}, 0.0) == wait


def test_a_date_is_counted_from_now() -> None:
    assert asked_wait({"retry-after": formatdate(1_000_030, usegmt=True)}, 1_000_000) == 30


def test_every_code_has_a_meaning_and_no_lock_is_retried() -> None:
    for code, kind in CODES.items():
        assert kind.meaning
        assert not (kind.retry and kind.trip == "open"), code
        assert not (kind.retry and kind.reask), code


def test_five_failures_in_a_row_open_the_breaker_and_one_probe_closes_it() -> None:
    breaker = Breaker(POLICY)
    for at in range(5):
        assert breaker.admits(at)
        breaker.failed(SERVER, at)
    assert breaker.state(5) == "open"
    assert not breaker.admits(33.9)
    assert breaker.admits(34)  # the probe
    assert not breaker.admits(34)  # and only one
    breaker.passed(35)
    assert breaker.state(35) == "closed"


def test_a_failed_probe_doubles_the_rest_up_to_five_minutes() -> None:
    breaker = Breaker(POLICY)
    for _ in range(5):
        breaker.failed(SERVER, 0)
    at, rests = 30.0, []
    for _ in range(6):
        assert breaker.admits(at)
        breaker.failed(SERVER, at)
        rest = next(s for s in (30, 60, 120, 240, 300, 999) if breaker.state(at + s) != "open")
        rests.append(rest)
        at += rest
    assert rests == [60, 120, 240, 300, 300, 300]


def test_half_of_ten_calls_open_it() -> None:
    breaker = Breaker(POLICY)
    for at in range(10):
        assert breaker.state(at) == "closed"
        if at % 2:
            breaker.failed(SERVER, at)
        else:
            breaker.passed(at)
    assert breaker.state(10) == "open"


def test_a_wrong_key_shuts_at_once_and_a_wrong_request_never() -> None:
    breaker = Breaker(POLICY)
    for at in range(50):
        breaker.failed(WRONG, at)
    assert breaker.state(50) == "closed"
    breaker.failed(KEY, 50)
    assert breaker.state(649) == "open"
    assert breaker.state(650) == "half open"
    assert breaker.why == KEY


def test_an_abandoned_probe_lets_the_next_one_in() -> None:
    breaker = Breaker(POLICY)
    breaker.failed(KEY, 0)
    assert breaker.admits(700)
    breaker.abandoned()
    assert breaker.admits(701)
    breaker.failed(WRONG, 702)
    assert breaker.admits(703)


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=200))
def test_retries_stay_within_their_share(steps: list[tuple[float, bool]]) -> None:
    patience, now = Patience(POLICY), 0.0
    calls: list[float] = []
    retries: list[float] = []
    for wait, again in steps:
        now += wait
        if not again:
            calls.append(now)
            patience.call(now)
        elif patience.retry(now):
            retries.append(now)
        inside = [at for at in retries if at >= now - 60]
        asked = [at for at in calls if at >= now - 120]
        assert len(inside) <= max(3, len(asked) // 10 + 1)


async def test_places_go_round_the_tables() -> None:
    lanes, served, gate = Lanes(1), list[str](), asyncio.Event()

    async def visit(lane: str, name: str) -> None:
        async with lanes.place(lane):
            await gate.wait()
            served.append(name)

    first = asyncio.create_task(visit("big", "first"))
    await asyncio.sleep(0)
    crowd = [asyncio.create_task(visit("big", f"big{n}")) for n in range(5)]
    await asyncio.sleep(0)
    late = [asyncio.create_task(visit("small", f"small{n}")) for n in range(2)]
    await asyncio.sleep(0)
    crowd[1].cancel()
    gate.set()
    await asyncio.gather(first, *crowd, *late, return_exceptions=True)
    assert served == ["first", "big0", "small0", "big2", "small1", "big3", "big4"]
    assert (lanes.taken, lanes.waiting) == (0, 0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30), st.integers(1, 4))
def test_places_are_never_lost_or_doubled(visits: list[tuple[str, bool]], places: int) -> None:
    async def run() -> None:
        lanes, inside, most = Lanes(places), 0, 0

        async def visit(lane: str) -> None:
            nonlocal inside, most
            async with lanes.place(lane):
                inside += 1
                most = max(most, inside)
                try:
                    await asyncio.sleep(0)
                finally:
                    inside -= 1

        tasks = []
        for lane, cancelled in visits:
            tasks.append(asyncio.create_task(visit(lane)))
            await asyncio.sleep(0)
            if cancelled:
                tasks[len(tasks) // 2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (lanes.taken, lanes.waiting) == (0, 0)
        assert most <= places

    asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
async def test_an_open_breaker_sends_nothing_and_a_probe_ends_it(kind: str) -> None:
    clock = Clock()
    async with ModelServer() as server, door(kind, server.url, clock=clock) as made:
        server.always = status(401)
        assert isinstance(await outcome(made, ask(), "whole"), CallFailed)
        server.always = None
        got = await outcome(made, ask(), "whole")
        assert isinstance(got, CallFailed)
        assert (got.code, got.fault.parameter, got.tries) == ("open", "key", 0)
        clock.at += 600
        assert not isinstance(await outcome(made, ask(), "whole"), CallFailed)
        assert len(server.requests) == 2


@pytest.mark.parametrize("kind", KINDS)
async def test_a_turn_without_time_sends_nothing(kind: str) -> None:
    async with ModelServer() as server, door(kind, server.url) as made:
        got = await outcome(made, ask(seconds=0.0), "whole")
        assert isinstance(got, CallFailed)
        assert got.code == "deadline"
        assert server.requests == []


@pytest.mark.parametrize("kind", KINDS)
async def test_waiting_for_a_place_ends_with_the_turn(kind: str) -> None:
    async with ModelServer() as server, door(kind, server.url) as made:
        assert made.endpoint.lanes is not None
        async with made.endpoint.lanes.place("other"):
            made.endpoint.lanes.places = 1
            got = await outcome(made, ask(seconds=0.05), "whole")
        assert isinstance(got, CallFailed)
        assert got.code == "busy"
        assert server.requests == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("most", [1, 2])
async def test_an_ask_may_allow_fewer_requests(kind: str, most: int) -> None:
    async with ModelServer() as server, door(kind, server.url) as made:
        server.always = status(503)
        got = await outcome(made, ask(tries=most), "whole")
        assert isinstance(got, CallFailed)
        assert (got.code, got.tries, len(server.requests)) == ("server", most, most)
