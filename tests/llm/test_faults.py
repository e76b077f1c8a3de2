"""Every fault on the real wire, through both doors: alone, for ever, and in seeded pairs."""

from __future__ import annotations

import random

import pytest

from app.delegates.base import Completion
from app.delegates.llm.faults import CODES, CallFailed
from app.delegates.llm.policy import Policy
from tests.llm.fault_cases import CASES, Case
from tests.llm.rig import HASTY, KINDS, PATIENT, Clock, Listener, ask, door, is_at_rest, outcome
from tests.llm.server import ModelServer

HONEST = "Good morning to all of you."
TRIPLES = [(case, kind, mode) for case in CASES for kind in KINDS for mode in case.modes]
RUNS = [pytest.param(*run, id="-".join((run[0].name, *run[1:]))) for run in TRIPLES]
BAD_RUNS = [
    pytest.param(*run, id="-".join((run[0].name, *run[1:]))) for run in TRIPLES if run[0].code
]
PAIRS = 120


def policy_for(*cases: Case) -> Policy:
    """Short timers only where a case is silence."""
    return HASTY if any(case.hasty for case in cases) else PATIENT


def test_the_count(capsys: pytest.CaptureFixture[str]) -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    with capsys.disabled():
        print(f"\nmodel faults: {len(names)} named cases, {len(RUNS)} runs through both doors")


@pytest.mark.parametrize(("case", "kind", "mode"), RUNS)
async def test_one_fault_then_an_honest_server(case: Case, kind: str, mode: str) -> None:
    clock, listener = Clock(), Listener()
    async with (
        ModelServer() as server,
        door(kind, server.url, clock=clock, policy=policy_for(case)) as made,
    ):
        server.script.append(case.behave)
        got = await outcome(made, ask(seconds=100.0), mode, listener)

        assert clock.at - 1_000 <= 100
        assert is_at_rest(made)
        if not case.code:
            assert isinstance(got, Completion), got
            assert len(server.requests) == got.tries == 1
        elif CODES[case.code].retry and case.wait < 100:
            assert isinstance(got, Completion), got
            assert got.text == HONEST
            assert len(server.requests) == got.tries == 2
            assert clock.slept[0] >= case.wait
            assert clock.slept[0] <= max(0.5, case.wait * 1.1)
        else:
            assert isinstance(got, CallFailed), got
            assert got.code == case.code
            assert len(server.requests) == got.tries == 1
            assert clock.slept == []
        if isinstance(got, Completion):
            assert not got.usage.reported or got.usage.prompt > 0
            assert mode == "whole" or listener.text == got.text
        else:
            assert listener.text == ""


@pytest.mark.parametrize(("case", "kind", "mode"), BAD_RUNS)
async def test_a_fault_for_ever_ends_with_its_code(case: Case, kind: str, mode: str) -> None:
    clock, listener = Clock(), Listener()
    async with (
        ModelServer() as server,
        door(kind, server.url, clock=clock, policy=policy_for(case)) as made,
    ):
        server.always = case.behave
        got = await outcome(made, ask(seconds=100.0), mode, listener)

        assert isinstance(got, CallFailed), got
        assert got.code == case.code
        again = CODES[case.code].retry and case.wait < 100
        assert len(server.requests) == got.tries == (3 if again else 1)
        assert clock.at - 1_000 <= 100
        assert is_at_rest(made)
        assert listener.text == ""


def foreseen(first: Case, second: Case) -> tuple[str, int]:
    """What a pair has to come to, by the decision table alone: a code and the requests sent."""
    for tries, case in enumerate((first, second), 1):
        if not case.code:
            return "", tries
        if not CODES[case.code].retry or case.wait >= 100:
            return case.code, tries
    return "", 3


@pytest.mark.parametrize("seed", range(PAIRS))
async def test_a_pair_of_faults(seed: int) -> None:
    chance = random.Random(seed)
    kind, mode = chance.choice(sorted(KINDS)), chance.choice(("whole", "streamed"))
    fitting = [c for c in CASES if mode in c.modes]
    pair = chance.sample(fitting, 2)
    clock, listener = Clock(), Listener()
    async with (
        ModelServer() as server,
        door(kind, server.url, clock=clock, policy=policy_for(*pair)) as made,
    ):
        server.script.extend(case.behave for case in pair)
        got = await outcome(made, ask(seconds=100.0), mode, listener)

        code, tries = foreseen(*pair)
        assert (got.code if isinstance(got, CallFailed) else "") == code, (pair, got)
        assert len(server.requests) == got.tries == tries
        assert clock.at - 1_000 <= 100
        assert is_at_rest(made)
        assert listener.text == (
            got.text if isinstance(got, Completion) and mode == "streamed" else ""
        )
