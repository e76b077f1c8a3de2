"""A breaker that leaves a failing endpoint alone, and a bound on how much is asked again."""

from __future__ import annotations

from collections import deque

from app.delegates.llm.faults import Fault
from app.delegates.llm.policy import Policy


class Breaker:
    """Closed, open for a while, then half open: one probe decides. Time comes in as `now`."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._row = 0
        self._calls: deque[tuple[float, bool]] = deque()
        self._rest = policy.rest
        self._until: float | None = None
        self._probing = False
        self._why: Fault | None = None

    def admits(self, now: float) -> bool:
        """Whether a call may go out; when half open, only the first one may."""
        if self._until is None:
            return True
        if now < self._until or self._probing:
            return False
        self._probing = True
        return True

    def state(self, now: float) -> str:
        """closed, open or half open."""
        if self._until is None:
            return "closed"
        return "open" if now < self._until else "half open"

    @property
    def why(self) -> Fault | None:
        """The fault that opened it."""
        return self._why

    def passed(self, now: float) -> None:
        """Note an answer."""
        self._row = 0
        self._until = None
        self._probing = False
        self._why = None
        self._rest = self.policy.rest
        self._note(now, good=True)

    def failed(self, fault: Fault, now: float) -> None:
        """Note a fault; one that says nothing of the endpoint's health only ends a probe."""
        trip = fault.kind.trip
        if trip == "no":
            self.abandoned()
            return
        self._row += 1
        self._note(now, good=False)
        if trip == "open":
            self._open(fault, now, self.policy.rest_locked)
        elif self._probing:
            self._rest = min(self._rest * 2, self.policy.longest_rest)
            self._open(fault, now, self._rest)
        elif self._until is None and (self._row >= self.policy.failures or self._sick()):
            self._open(fault, now, self._rest)

    def abandoned(self) -> None:
        """End a probe that came to nothing, so that the next call may probe."""
        self._probing = False

    def _open(self, fault: Fault, now: float, rest: float) -> None:
        self._until = now + rest
        self._probing = False
        self._why = fault
        self._row = 0
        self._calls.clear()

    def _note(self, now: float, *, good: bool) -> None:
        self._calls.append((now, good))
        while self._calls and self._calls[0][0] < now - self.policy.failure_window:
            self._calls.popleft()

    def _sick(self) -> bool:
        bad = sum(not good for _, good in self._calls)
        enough = len(self._calls) >= self.policy.failure_calls
        return enough and bad >= self.policy.failure_share * len(self._calls)


class Patience:
    """Bounds retries to a share of the calls, so that a sick endpoint is not stormed."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._calls: deque[float] = deque()
        self._retries: deque[float] = deque()

    def call(self, now: float) -> None:
        """Note a first attempt."""
        self._calls.append(now)

    def retry(self, now: float) -> bool:
        """Take one retry, if any is left in the window."""
        for kept in (self._calls, self._retries):
            while kept and kept[0] < now - self.policy.retry_window:
                kept.popleft()
        most = max(self.policy.least_retries, int(self.policy.retry_share * len(self._calls)))
        if len(self._retries) >= most:
            return False
        self._retries.append(now)
        return True
