"""How often, how long and how patiently an endpoint is asked; pure, time and chance come in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from app.delegates.llm.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits of one endpoint, in seconds where they are times. The operator's alone to set."""

    connect: float = 5.0
    first: float = 30.0
    between: float = 20.0
    closing: float = 2.0
    attempt: float = 90.0
    turn: float = 180.0
    tries: int = 3
    pause: float = 0.5
    longest_pause: float = 20.0
    retry_share: float = 0.1
    retry_window: float = 60.0
    least_retries: int = 3
    failures: int = 5
    failure_share: float = 0.5
    failure_calls: int = 10
    failure_window: float = 30.0
    rest: float = 30.0
    longest_rest: float = 300.0
    rest_locked: float = 600.0
    at_once: int = 8
    most_bytes: int = 4 * 1024 * 1024
    most_error_bytes: int = 64 * 1024


def pause(policy: Policy, failed: int, fault: Fault, draw: float) -> float:
    """Seconds to wait after the `failed`-th failure: full jitter, or what the server asked for."""
    if fault.wait > 0:
        return fault.wait * (1 + 0.1 * draw)
    return float(min(policy.longest_pause, policy.pause * 2**failed) * draw)


def asked_wait(headers: Mapping[str, str], now: float) -> float:
    """Seconds the server wants us to stay away; 0 where it says nothing usable.

    `retry-after-ms` in milliseconds, or `retry-after` in seconds or as an HTTP date (RFC 9110,
    10.2.3); `now` is seconds since the epoch.
    """
    exact = _number(headers.get("retry-after-ms", ""))
    if exact > 0:
        return exact / 1000
    text = headers.get("retry-after", "").strip()
    plain = _number(text)
    if plain > 0:
        return plain
    if not text or not math.isnan(plain):  # a number that is not usable is no date either
        return 0.0
    try:
        at = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return max(0.0, at - now)


def _number(text: str) -> float:
    """Read a finite number; NaN for what is none."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else 0.0
