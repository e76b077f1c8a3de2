"""Caps hold against crowds and against lies; the server's own meter is the judge."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delegates.base import Completion, Message, Usage
from app.delegates.llm.budget import (
    DEFAULT_CAPS,
    Budget,
    Reservation,
    accounts,
    believed,
    capped,
    cost,
    most_tokens,
)
from app.delegates.llm.faults import CallFailed, Fault
from app.delegates.llm.models import Models
from app.delegates.llm.policy import Policy
from app.settings import Cap, ModelSettings, Price
from tests.llm.fault_cases import NOW
from tests.llm.misbehaviour import silence, streamed, usage
from tests.llm.rig import KINDS, PATIENT, ask, door, is_at_rest, outcome
from tests.llm.server import ModelServer

PRICE = Price(prompt=Decimal(2), completion=Decimal(8), cached=Decimal("0.5"))
WORDS = "a sentence that fills the answer up to its limit, word by word, and then some more of it"
LIES = [
    {},
    {"prompt_tokens": 0, "completion_tokens": 0},
    {"prompt_tokens": -(10**9), "completion_tokens": -(10**9)},
    {"prompt_tokens": 10**18, "completion_tokens": 10**18},
    {"prompt_tokens": 1, "completion_tokens": 1},
]


def test_a_cap_that_is_set_leaves_the_others_as_they_are() -> None:
    held = Models(ModelSettings(caps={"table": Cap(calls=6)})).budget.caps
    assert held["table"] == Cap(calls=6, tokens=DEFAULT_CAPS["table"].tokens)
    assert {name: held[name] for name in ("turn", "seat", "day")} == {
        name: DEFAULT_CAPS[name] for name in ("turn", "seat", "day")
    }
    more = capped({"day": Cap(tokens=5, money=Decimal(2))})["day"]
    assert more == Cap(calls=DEFAULT_CAPS["day"].calls, tokens=5, money=Decimal(2))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["whole", "streamed"])
async def test_a_hundred_at_once_stay_under_the_cap(kind: str, mode: str) -> None:
    cap = 2_000
    budget = Budget({"table": Cap(tokens=cap)}, wall=lambda: NOW)
    question = ask(max_tokens=50)
    policy = Policy(at_once=100, connect=60, first=120, between=120, attempt=120)
    async with (
        ModelServer(lambda _: WORDS) as server,
        door(kind, server.url, budget=budget, policy=policy) as made,
    ):
        got = await asyncio.gather(*(outcome(made, question, mode) for _ in range(100)))
        spent = budget.spent("table:t1")
        assert server.billed <= spent.tokens <= cap
        good = [one for one in got if isinstance(one, Completion)]
        bad = [one for one in got if isinstance(one, CallFailed)]
        assert good
        assert bad
        assert {one.code for one in bad} == {"budget"}
        assert {one.fault.parameter for one in bad} == {"table"}
        assert len(server.requests) == len(good)
        assert is_at_rest(made)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lie", range(len(LIES)))
async def test_a_lying_usage_does_not_break_the_cap(kind: str, lie: int) -> None:
    cap = 1_500
    budget = Budget({"seat": Cap(tokens=cap)}, wall=lambda: NOW)
    async with ModelServer() as server, door(kind, server.url, budget=budget) as made:
        server.always = usage(**LIES[lie])
        answers = 0
        while isinstance(await outcome(made, ask(max_tokens=50), "streamed"), Completion):
            answers += 1
        spent = budget.spent("seat:t1/north")
        assert answers >= 3
        assert server.billed <= spent.tokens <= cap
        assert spent.calls == answers


@pytest.mark.parametrize("kind", KINDS)
async def test_cut_streams_are_charged_in_full(kind: str) -> None:
    budget = Budget({"day": Cap(calls=4)}, wall=lambda: NOW)
    async with ModelServer() as server, door(kind, server.url, budget=budget) as made:
        server.always = streamed(silence)
        heard = asyncio.Event()
        task = asyncio.create_task(made(ask(), lambda _: heard.set()))
        await heard.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        reserved = most_tokens(ask())
        spent = budget.spent("table:t1")
        assert (spent.prompt, spent.completion) == (reserved.prompt, reserved.completion)
        assert server.billed <= spent.tokens


@pytest.mark.parametrize("kind", KINDS)
async def test_usage_and_cost_of_each_seat(kind: str) -> None:
    budget = Budget(wall=lambda: NOW)
    async with (
        ModelServer() as server,
        door(kind, server.url, budget=budget, price=PRICE) as made,
    ):
        for seat, count in (("north", 2), ("south", 1)):
            for turn in range(count):
                await made(ask(account=accounts(table="t1", seat=seat, turn=turn)))
        north, south = budget.spent("seat:t1/north"), budget.spent("seat:t1/south")
        table, day = budget.spent("table:t1"), budget.spent("day:2023-11-14")
        assert (north.calls, south.calls, table.calls, day.calls) == (2, 1, 3, 3)
        assert table.tokens == day.tokens == north.tokens + south.tokens == server.billed
        plain = north.prompt - north.cached
        assert north.money == (plain * 2 + north.cached * Decimal("0.5") + north.completion * 8) / (
            Decimal(1_000_000)
        )
        assert north.unpriced == 0
        assert budget.spent("turn:t1/north/1").calls == 1


async def test_money_is_capped_too() -> None:
    budget = Budget({"day": Cap(money=Decimal("0.02"))}, wall=lambda: NOW)
    async with (
        ModelServer() as server,
        door("direct", server.url, budget=budget, price=PRICE) as made,
    ):
        server.always = usage()  # none reported: charged at the most
        count = 0
        while isinstance(await outcome(made, ask(), "whole"), Completion):
            count += 1
        each = cost(PRICE, most_tokens(ask()))
        assert count == int(Decimal("0.02") / each)
        assert budget.spent("day:2023-11-14").money == each * count


def test_a_cap_of_calls_counts_every_request() -> None:
    budget = Budget({"turn": Cap(calls=3)}, wall=lambda: NOW)
    held = [budget.reserve(ask(), None) for _ in range(5)]
    assert [isinstance(one, Reservation) for one in held] == [True, True, True, False, False]
    assert held[3] == Fault(code="budget", parameter="turn")


@given(st.integers(0, 2**32))
def test_held_and_spent_never_pass_the_cap(seed: int) -> None:
    chance = random.Random(seed)
    cap = chance.randint(0, 20_000)
    budget = Budget({"table": Cap(tokens=cap)}, wall=lambda: NOW)
    open_ones: list[Reservation] = []
    charged = 0
    for _ in range(60):
        if open_ones and chance.random() < 0.5:
            one = open_ones.pop(chance.randrange(len(open_ones)))
            used = Usage(
                prompt=chance.randint(0, one.usage.prompt),
                completion=chance.randint(0, one.usage.completion),
            )
            budget.settle(one, used)
            budget.settle(one, used)  # twice is once
            charged += used.prompt + used.completion
        else:
            text = "x" * chance.randint(0, 3_000)
            made = budget.reserve(
                ask(messages=(Message(role="user", text=text),), max_tokens=chance.randint(1, 900)),
                None,
            )
            if isinstance(made, Reservation):
                open_ones.append(made)
        held = sum(one.usage.prompt + one.usage.completion for one in open_ones)
        assert budget.spent("table:t1").tokens == charged
        assert charged + held <= cap


@given(
    st.dictionaries(
        st.sampled_from(["prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"]),
        st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans()),
    ),
    st.text(max_size=200),
)
def test_no_report_is_charged_below_what_was_seen(report: dict[str, object], text: str) -> None:
    question = ask()
    reserved = most_tokens(question)
    usage = believed(report, question, reserved, text)
    sent = sum(len(m.text.encode()) for m in question.messages)
    came = len(text.encode("utf-8", "surrogatepass"))
    assert sent / 4 <= usage.prompt <= reserved.prompt
    assert came / 4 <= usage.completion <= max(reserved.completion, came)


def test_the_policy_of_the_tests_is_a_policy() -> None:
    assert PATIENT.tries == Policy().tries
