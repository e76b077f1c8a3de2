"""Caps on spending: reserved before a call, settled after it, and never believed twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from app.delegates.base import Ask, Usage
from app.delegates.llm.daybook import DayBook, News
from app.delegates.llm.faults import Fault
from app.domain.derived import Derived
from app.settings import Cap, Price

PER_MESSAGE = 32
PER_REQUEST = 64
MILLION = Decimal(1_000_000)
MOST_FORMS = 256


def cost(price: Price, usage: Usage) -> Decimal:
    """What a usage costs, in the operator's currency."""
    cached = min(usage.cached, usage.prompt) if price.cached is not None else 0
    total = (
        (usage.prompt - cached) * price.prompt
        + cached * (price.cached or 0)
        + usage.completion * price.completion
    )
    return total / MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What an account has spent; `money` counts only models whose price is known."""

    calls: int = 0
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    money: Decimal = Decimal(0)
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion


# A turn: 6 calls of the design, each tried 3 times, at 24,000 tokens of prompt at the most.
DEFAULT_CAPS: dict[str, Cap] = {
    "turn": Cap(calls=18, tokens=600_000),
    "seat": Cap(calls=1_000, tokens=8_000_000),
    "table": Cap(calls=4_000, tokens=30_000_000),
    "day": Cap(calls=40_000, tokens=300_000_000),
}


def capped(set_: Mapping[str, Cap]) -> Mapping[str, Cap]:
    """The caps that hold: what the operator has set, and the usual ones for what is left out."""
    return DEFAULT_CAPS | {name: _filled(cap, DEFAULT_CAPS.get(name)) for name, cap in set_.items()}


def _filled(cap: Cap, usual: Cap | None) -> Cap:
    usual = usual or Cap()
    return Cap(
        calls=usual.calls if cap.calls is None else cap.calls,
        tokens=usual.tokens if cap.tokens is None else cap.tokens,
        money=usual.money if cap.money is None else cap.money,
    )


def accounts(*, table: str, seat: str = "", turn: int | None = None) -> tuple[str, ...]:
    """The accounts that pay for a call, as Ask.account wants them; the day is added by itself."""
    names = [f"table:{table}"]
    if seat:
        names.append(f"seat:{table}/{seat}")
        if turn is not None:
            names.append(f"turn:{table}/{seat}/{turn}")
    return tuple(names)


def most_tokens(ask: Ask) -> Usage:
    """An upper bound on what a call can use: a token is at least a byte."""
    schema = _length(ask.schema) if ask.schema is not None else 0
    prompt = PER_REQUEST + PER_MESSAGE * len(ask.messages) + schema + _bytes(ask)
    return Usage(prompt=prompt, completion=ask.max_tokens, reported=False)


def _bytes(ask: Ask) -> int:
    """Bytes of the messages."""
    text = "".join([message.text for message in ask.messages])
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


_length: Derived[Mapping[str, object], int] = Derived(lambda schema: len(repr(schema)), MOST_FORMS)
"""Characters of a schema, which is the same object for a whole table."""


def believed(reported: Mapping[str, object] | None, ask: Ask, reserved: Usage, text: str) -> Usage:
    """The usage to charge: what is reported if it can be true, else all that was reserved.

    Never less than a token per four bytes of what was sent and of what came, so that a report
    that is too low cannot break a cap; a report above the reservation is none.
    """
    prompt = _count(reported, "prompt_tokens", "input_tokens")
    completion = _count(reported, "completion_tokens", "output_tokens")
    least_prompt = (_bytes(ask) + 3) // 4
    least_completion = (len(text.encode("utf-8", "surrogatepass")) + 3) // 4
    if (
        prompt is None
        or completion is None
        or not least_prompt // 2 <= prompt <= reserved.prompt
        or not least_completion // 2 <= completion <= reserved.completion
    ):
        return replace(reserved, completion=max(reserved.completion, least_completion))
    return Usage(
        prompt=max(prompt, least_prompt),
        completion=max(completion, least_completion),
        cached=min(_cached(reported), prompt),
    )


def _count(reported: Mapping[str, object] | None, *names: str) -> int | None:
    for name in names:
        value = (reported or {}).get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _cached(reported: Mapping[str, object] | None) -> int:
    for name, inner in (
        ("prompt_tokens_details", "cached_tokens"),
        ("input_token_details", "cache_read"),
    ):
        details = (reported or {}).get(name)
        if isinstance(details, Mapping):
            value = details.get(inner)
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return value
    return 0


@dataclass(slots=True)
class _Account:
    spent: Spent = field(default_factory=Spent)
    held_tokens: int = 0
    held_money: Decimal = Decimal(0)


@dataclass(slots=True)
class Reservation:
    """Money and tokens set aside for one request; settled once."""

    accounts: tuple[str, ...]
    usage: Usage
    price: Price | None
    settled: bool = False
    line: int = 0
    """Its number in the book of the day."""

    @property
    def money(self) -> Decimal:
        """What it would cost at the most."""
        return cost(self.price, self.usage) if self.price is not None else Decimal(0)


class Budget:
    """Accounts of turns, seats, tables and days under caps. One process, one budget.

    Nothing here waits, so no other call comes between the look at a cap and the reservation. With
    a `book` the day's account is shared with other processes.
    """

    def __init__(
        self,
        caps: Mapping[str, Cap] | None = None,
        *,
        wall: Callable[[], float] = time.time,
        book: DayBook | None = None,
    ) -> None:
        self.book = book
        self.caps = dict(DEFAULT_CAPS if caps is None else caps)
        self._wall = wall
        self._accounts: dict[str, _Account] = {}

    def reserve(self, ask: Ask, price: Price | None) -> Reservation | Fault:
        """Set aside what the call may cost at the most, or say that a cap is reached."""
        usage = most_tokens(ask)
        day = self._day()
        names = (*(name for name in ask.account if not name.startswith("day:")), f"day:{day}")
        wanted = Reservation(names, usage, price)
        with self.book.opened(day) if self.book is not None else nullcontext(()) as news:
            for each in news:
                self._heed(names[-1], each)
            return self._taken(wanted, usage.prompt + usage.completion)

    def _taken(self, wanted: Reservation, tokens: int) -> Reservation | Fault:
        money = wanted.money
        for name in wanted.accounts:
            if not self._room(name, tokens, money):
                return Fault(code="budget", parameter=name.partition(":")[0])
        for name in wanted.accounts:
            account = self._accounts.setdefault(name, _Account())
            account.held_tokens += tokens
            account.held_money += money
            account.spent = _plus(account.spent, Usage(), Decimal(0), calls=1, unpriced=0)
        if self.book is not None:
            wanted.line = self.book.hold(tokens, money)
        return wanted

    def _heed(self, name: str, news: News) -> None:
        """What another process set aside or used today."""
        account = self._accounts.setdefault(name, _Account())
        account.held_tokens += news.held_tokens
        account.held_money += news.held_money
        account.spent = _plus(
            account.spent, news.usage, news.money, calls=news.calls, unpriced=news.unpriced
        )

    def settle(self, reservation: Reservation, usage: Usage) -> None:
        """Charge what was used and give back the rest; a second time does nothing."""
        if reservation.settled:
            return
        reservation.settled = True
        money = cost(reservation.price, usage) if reservation.price is not None else Decimal(0)
        tokens = reservation.usage.prompt + reservation.usage.completion
        unpriced = 0 if reservation.price is not None else usage.prompt + usage.completion
        for name in reservation.accounts:
            account = self._accounts[name]
            account.held_tokens -= tokens
            account.held_money -= reservation.money
            account.spent = _plus(account.spent, usage, money, calls=0, unpriced=unpriced)
        if self.book is not None:
            day = reservation.accounts[-1].partition(":")[2]
            self.book.used(day, reservation.line, usage, money, unpriced)

    def charge(self, names: tuple[str, ...], usage: Usage, price: Price | None, calls: int) -> None:
        """Charge what was used before this process began, as a record tells it.

        `names` are accounts as they are, a day's among them where it is to pay.
        """
        money = cost(price, usage) if price is not None else Decimal(0)
        unpriced = 0 if price is not None else usage.prompt + usage.completion
        for name in names:
            account = self._accounts.setdefault(name, _Account())
            account.spent = _plus(account.spent, usage, money, calls=calls, unpriced=unpriced)

    def spent(self, account: str) -> Spent:
        """What an account has spent so far."""
        found = self._accounts.get(account)
        return found.spent if found is not None else Spent()

    def today(self) -> Spent:
        """What this day's calls used, those of other processes among them; creates nothing."""
        day = self._day()
        name = f"day:{day}"
        if self.book is not None and self.book.has(day):
            with self.book.opened(day) as news:
                for each in news:
                    self._heed(name, each)
        return self.spent(name)

    def _day(self) -> str:
        return datetime.fromtimestamp(self._wall(), UTC).date().isoformat()

    def held(self) -> bool:
        """Whether any reservation is not settled yet, of this process or of another today."""
        return any(account.held_tokens for account in self._accounts.values())

    def closed(self, prefix: str) -> None:
        """Forget the accounts of a table that is over, or of a turn, by the name's beginning."""
        for name in [name for name in self._accounts if name.startswith(prefix)]:
            if not self._accounts[name].held_tokens:
                del self._accounts[name]

    def _room(self, name: str, tokens: int, money: Decimal) -> bool:
        cap = self.caps.get(name.partition(":")[0])
        if cap is None:
            return True
        account = self._accounts.get(name) or _Account()
        spent = account.spent
        return (
            (cap.calls is None or spent.calls < cap.calls)
            and (cap.tokens is None or spent.tokens + account.held_tokens + tokens <= cap.tokens)
            and (cap.money is None or spent.money + account.held_money + money <= cap.money)
        )


def _plus(spent: Spent, usage: Usage, money: Decimal, *, calls: int, unpriced: int) -> Spent:
    return Spent(
        calls=spent.calls + calls,
        prompt=spent.prompt + usage.prompt,
        completion=spent.completion + usage.completion,
        cached=spent.cached + usage.cached,
        money=spent.money + money,
        unpriced=spent.unpriced + unpriced,
    )
