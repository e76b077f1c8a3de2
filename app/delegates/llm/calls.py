"""One call to a model: a place, a reservation, attempts within a deadline, one settled bill."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from app.delegates.base import Ask, Completion, Usage
from app.delegates.llm.answer import Answer, fault_in
from app.delegates.llm.breaker import Breaker, Patience
from app.delegates.llm.budget import Budget, Reservation, believed
from app.delegates.llm.faults import CallFailed, Fault, WireFault
from app.delegates.llm.lanes import Lanes
from app.delegates.llm.policy import Policy, pause
from app.settings import Price

OnText: TypeAlias = Callable[[str], None]
TOKEN_LIMITS = {"max_tokens", "max_completion_tokens"}


class Attempt(Protocol):
    """One request on the wire. WireFault where it brings no finished answer."""

    async def __call__(self, ask: Ask, on_text: OnText | None, alarm: Alarm) -> Answer:
        """The answer; `alarm.heard()` is called whenever something of it came."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """Time and chance, which a test gives by hand; `wall` is seconds since the epoch."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    draw: Callable[[], float] = random.random
    wall: Callable[[], float] = time.time


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """What all calls to one address with one key and one model have in common."""

    name: str
    policy: Policy = field(default_factory=Policy)
    price: Price | None = None
    budget: Budget = field(default_factory=Budget)
    lanes: Lanes | None = None
    clock: Clockwork = field(default_factory=Clockwork)
    breaker: Breaker = field(init=False)
    patience: Patience = field(init=False)
    refused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.policy)
        self.patience = Patience(self.policy)
        if self.lanes is None:
            self.lanes = Lanes(self.policy.at_once)


class Alarm:
    """The timer of one attempt: for the first word, between words, and for the whole."""

    def __init__(self, scope: asyncio.Timeout, policy: Policy, left: float) -> None:
        self._scope = scope
        self._policy = policy
        self._clock = asyncio.get_running_loop().time
        start = self._clock()
        self._whole = start + policy.attempt
        self._turn = start + left
        self.why = "slow-whole"
        self._heard = 0.0
        self.finished: Callable[[], Answer] | None = None
        self._until(self._turn, "slow-whole")

    def first(self) -> None:
        """A streamed answer is asked for: its first word is due."""
        self._until(self._clock() + self._policy.first, "slow-first")

    def heard(self) -> None:
        """Something came; the next is due. Moving a timer costs more than reading a clock."""
        now = self._clock()
        if now - self._heard > self._policy.between / 20:
            self._heard = now
            self._until(now + self._policy.between, "slow-next")

    def closing(self, finished: Callable[[], Answer]) -> None:
        """The answer is finished; its usage may follow, but is not waited for at length."""
        self.finished = finished
        self._until(self._clock() + self._policy.closing, "slow-next")

    def _until(self, when: float, why: str) -> None:
        least = min(when, self._whole, self._turn)
        if least == self._turn:
            why = "deadline"
        elif least == self._whole:
            why = "slow-whole"
        self.why = why
        self._scope.reschedule(least)


async def call(
    endpoint: Endpoint, attempt: Attempt, ask: Ask, on_text: OnText | None = None
) -> Completion:
    """Ask until a finished answer comes, the policy gives up or the time is over: CallFailed.

    A piece of text may be followed by another attempt; then `on_text` is given an empty string,
    which takes back everything it was given so far.
    """
    clock = endpoint.clock
    deadline = clock.now() + min(ask.seconds, endpoint.policy.turn)
    sent = _Sent(on_text)
    failed = 0
    endpoint.patience.call(clock.now())
    while True:
        outcome = await _attempt(endpoint, attempt, ask, sent, deadline)
        if isinstance(outcome, Completion):
            return outcome
        failed += 1
        wait = _wait(endpoint, outcome, failed, deadline) if sent.tries < ask.tries else None
        if wait is None:
            sent.take_back()
            raise CallFailed(outcome, endpoint.name, tries=sent.tries, detail=outcome.parameter)
        sent.take_back()
        if wait:
            await clock.sleep(wait)


class _Sent:
    """What the caller was given so far, and how many requests went out."""

    def __init__(self, on_text: OnText | None) -> None:
        self.tries = 0
        self.streams = on_text is not None
        self._on_text = on_text
        self._some = False

    def piece(self, text: str) -> None:
        if self._on_text is not None and text:
            self._some = True
            self._on_text(text)

    def take_back(self) -> None:
        if self._on_text is not None and self._some:
            self._some = False
            self._on_text("")


def _wait(endpoint: Endpoint, fault: Fault, failed: int, deadline: float) -> float | None:
    """Seconds until the next attempt, or None where there is none."""
    clock, policy = endpoint.clock, endpoint.policy
    left = deadline - clock.now()
    if fault.code == "invalid" and fault.parameter and fault.parameter not in endpoint.refused:
        endpoint.refused.add(fault.parameter)
        return 0.0 if left > 0 and _can_do_without(endpoint.refused) else None
    if not fault.kind.retry or failed >= policy.tries:
        return None
    wait = pause(policy, failed - 1, fault, clock.draw())
    if wait >= left or not endpoint.patience.retry(clock.now()):
        return None
    return wait


def _can_do_without(refused: set[str]) -> bool:
    """Whether a request can still be made: it needs its schema and one limit of tokens."""
    return "response_format" not in refused and not refused >= TOKEN_LIMITS


async def _attempt(
    endpoint: Endpoint, attempt: Attempt, ask: Ask, sent: _Sent, deadline: float
) -> Completion | Fault:
    """One attempt with a place and a reservation, settled whatever happens."""
    clock = endpoint.clock
    assert endpoint.lanes is not None
    left = deadline - clock.now()
    if left <= 0:
        return Fault(code="deadline")
    if endpoint.breaker.state(clock.now()) == "open":
        return _resting(endpoint)
    try:
        async with asyncio.timeout(left) as patience, endpoint.lanes.place(ask.lane):
            patience.reschedule(None)
            left = deadline - clock.now()
            if left <= 0:
                return Fault(code="deadline")
            if not endpoint.breaker.admits(clock.now()):
                return _resting(endpoint)
            return await _paid(endpoint, attempt, ask, sent, left)
    except TimeoutError:
        return Fault(code="busy")


def _resting(endpoint: Endpoint) -> Fault:
    why = endpoint.breaker.why
    return Fault(code="open", parameter=why.code if why is not None else "")


async def _paid(
    endpoint: Endpoint, attempt: Attempt, ask: Ask, sent: _Sent, left: float
) -> Completion | Fault:
    reservation = endpoint.budget.reserve(ask, endpoint.price)
    if isinstance(reservation, Fault):
        endpoint.breaker.abandoned()
        return reservation
    sent.tries += 1
    try:
        outcome = await _timed(endpoint, attempt, ask, sent, left)
    except BaseException:
        # Cancelled or broken: the provider may have worked, so all of it is charged.
        endpoint.breaker.abandoned()
        endpoint.budget.settle(reservation, reservation.usage)
        raise
    now = endpoint.clock.now()
    if isinstance(outcome, Fault):
        endpoint.breaker.failed(outcome, now)
        none = Usage(reported=False)
        endpoint.budget.settle(reservation, reservation.usage if outcome.kind.billed else none)
        return outcome
    endpoint.breaker.passed(now)
    return _completed(endpoint, ask, outcome, reservation, sent)


def _completed(
    endpoint: Endpoint, ask: Ask, answer: Answer, reservation: Reservation, sent: _Sent
) -> Completion:
    usage = believed(answer.usage, ask, reservation.usage, answer.text)
    endpoint.budget.settle(reservation, usage)
    return Completion(
        text=answer.text, model=answer.model or endpoint.name, usage=usage, tries=sent.tries
    )


async def _timed(
    endpoint: Endpoint, attempt: Attempt, ask: Ask, sent: _Sent, left: float
) -> Answer | Fault:
    """One attempt under its timer, its faults turned into values."""
    scope = asyncio.timeout(None)
    alarm: Alarm | None = None
    try:
        async with scope:
            alarm = Alarm(scope, endpoint.policy, left)
            return await attempt(ask, sent.piece if sent.streams else None, alarm)
    except WireFault as error:
        fault = error.fault
    except TimeoutError as error:
        fault = Fault(code=alarm.why) if alarm and scope.expired() else fault_of(error)
    except Exception as error:  # noqa: BLE001 - a vendor's client may raise anything
        fault = fault_of(error)
    if alarm is None or alarm.finished is None or fault.code not in COURTESIES:
        return fault
    try:
        return alarm.finished()
    except WireFault as error:
        return error.fault


# What may go wrong after an answer is finished without taking anything from it.
COURTESIES = ("cut", "slow-next", "slow-whole", "deadline")


def fault_of(error: BaseException) -> Fault:
    """The fault behind a vendor's exception, by its status and type; its words are not read."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, WireFault):
            return seen.fault
        seen = seen.__cause__ or seen.__context__
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    if isinstance(status, int) and 400 <= status <= 599:
        codes = {400: "invalid", 401: "key", 402: "quota", 403: "forbidden", 404: "absent"}
        codes |= {408: "server", 409: "server", 413: "context", 429: "rate", 504: "gateway"}
        return Fault(
            code=codes.get(status, "server" if status >= 500 else "invalid"), status=status
        )
    code = fault_in(getattr(error, "body", None))
    names = {kind.__name__ for kind in type(error).__mro__}
    code = code or next((code for name, code in BY_NAME.items() if name in names), "")
    if code:
        return Fault(code=code)
    return Fault(code="unexpected", parameter=type(error).__name__)


BY_NAME = {
    "ContextOverflowError": "context",
    "ModelTimeoutError": "slow-first",
    "StreamChunkTimeoutError": "slow-next",
    "ModelRateLimitError": "rate",
    "ModelAuthenticationError": "key",
    "ModelPermissionDeniedError": "forbidden",
    "ModelNotFoundError": "absent",
    "ModelInvalidRequestError": "invalid",
    "ModelConnectionError": "unreachable",
    "ModelAPIError": "server",
    "ConnectionError": "unreachable",
    "ConnectTimeout": "slow-connect",
    "TimeoutException": "slow-next",
    "ConnectError": "unreachable",
    "TransportError": "cut",
    "APITimeoutError": "slow-first",
    "APIConnectionError": "cut",
    "APIError": "failed",
    "ValidationError": "malformed",
    "JSONDecodeError": "malformed",
    "UnicodeDecodeError": "malformed",
    # What a client trips over that believes the shape of an answer.
    "AttributeError": "malformed",
    "TypeError": "malformed",
    "LookupError": "malformed",
}
