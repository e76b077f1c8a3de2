"""What can go wrong between us and a model: a code for each fault, and what is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.errors import DelegateFailed

Trip: TypeAlias = Literal["no", "count", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a fault means and what it leads to.

    `retry`: the same endpoint may be asked again. `reask`: the caller may ask once more in
    other words or with more room. `trip`: what the breaker makes of it. `billed`: the provider
    may have produced text, so the reservation is charged.
    """

    meaning: str
    retry: bool = False
    reask: bool = False
    trip: Trip = "no"
    billed: bool = False


CODES: Mapping[str, Kind] = {
    # The connection
    "unreachable": Kind(
        meaning="no connection: wrong address, nothing listens, or no route",
        retry=True,
        trip="count",
    ),
    "tls": Kind(meaning="the server's certificate is not trusted", trip="open"),
    "cut": Kind(
        meaning="the connection broke before the answer was whole",
        retry=True,
        trip="count",
        billed=True,
    ),
    "slow-connect": Kind(meaning="no connection in time", retry=True, trip="count"),
    "slow-first": Kind(meaning="no first word in time", retry=True, trip="count", billed=True),
    "slow-next": Kind(
        meaning="the answer stopped in the middle", retry=True, trip="count", billed=True
    ),
    "slow-whole": Kind(
        meaning="the answer took longer than one attempt may", retry=True, trip="count", billed=True
    ),
    # The status
    "redirect": Kind(meaning="the server points to another address; it is not followed"),
    "invalid": Kind(meaning="the server refuses the request as wrong"),
    "context": Kind(meaning="the prompt is longer than the model's context", reask=True),
    "key": Kind(meaning="the key is missing or wrong", trip="open"),
    "forbidden": Kind(meaning="the key may not use this model", trip="open"),
    "quota": Kind(meaning="the account has no credit left", trip="open"),
    "absent": Kind(meaning="the server does not know this model or address"),
    "rate": Kind(meaning="too many requests for now", retry=True, trip="count"),
    "server": Kind(meaning="the server failed", retry=True, trip="count"),
    "gateway": Kind(
        meaning="a gateway gave up waiting for the model", retry=True, trip="count", billed=True
    ),
    # The answer
    "media": Kind(
        meaning="something other than a model's answer, such as a web page or a compressed body",
        retry=True,
        trip="count",
    ),
    "size": Kind(meaning="the answer is longer than was asked for", billed=True),
    "malformed": Kind(
        meaning="the answer is not in the form of the interface",
        retry=True,
        trip="count",
        billed=True,
    ),
    "incomplete": Kind(
        meaning="the answer ended without saying that it is finished",
        retry=True,
        trip="count",
        billed=True,
    ),
    "failed": Kind(
        meaning="the server reports a fault in the middle of its answer",
        retry=True,
        trip="count",
        billed=True,
    ),
    "empty": Kind(meaning="the answer has no text", retry=True, trip="count", billed=True),
    "length": Kind(meaning="the answer was cut at the token limit", reask=True, billed=True),
    "filtered": Kind(meaning="the provider's filter held the answer back", reask=True, billed=True),
    "refused": Kind(meaning="the model refuses", reask=True, billed=True),
    "tools": Kind(meaning="the model calls a tool that nobody offered", reask=True, billed=True),
    "key-sent": Kind(meaning="the server sent the key back in its answer", billed=True),
    # Our own limits
    "open": Kind(meaning="the endpoint failed too often and is left alone for a while"),
    "busy": Kind(meaning="no free place at this endpoint before the turn's deadline"),
    "deadline": Kind(meaning="the turn's time is over", billed=True),
    "budget": Kind(meaning="a spending cap is reached"),
    "package": Kind(meaning="the package for this provider is not installed"),
    "unexpected": Kind(meaning="a fault that has no name yet", trip="count", billed=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault as it happened. Holds no text of the provider's, which may echo a key.

    `wait` is the least number of seconds the server asks us to stay away; `parameter` names a
    request parameter of ours that the server refuses.
    """

    code: str
    status: int = 0
    wait: float = 0.0
    parameter: str = ""

    @property
    def kind(self) -> Kind:
        """What the code stands for."""
        return CODES[self.code]


class WireFault(Exception):
    """Carries a fault out of a vendor's client."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.code)


class CallFailed(DelegateFailed):
    """No usable answer in time: `code` is one of CODES, `tries` the requests that were sent."""

    def __init__(self, fault: Fault, model: str, *, tries: int = 0, detail: str = "") -> None:
        self.fault = fault
        self.code = fault.code
        self.model = model
        self.tries = tries
        status = f" (status {fault.status})" if fault.status else ""
        more = f": {detail}" if detail else ""
        super().__init__(f"{model}: {fault.kind.meaning}{status}{more} [{fault.code}]")
