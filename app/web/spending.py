"""What the models of a table used, seat by seat, and what is left: the facilitator's to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.delegates.base import Usage
from app.delegates.llm.budget import Spent, accounts, cost
from app.delegates.llm.faults import CODES
from app.delegates.llm.models import Models
from app.delegates.model_reply import SILENT
from app.domain.events import Event, ModelCall, Moved, TurnTraced
from app.domain.table import Table
from app.settings import Cap, Price
from app.web.players import Players

CAP_NOTE = "cap-"
"""What a trace notes when a cap refused a call, with the cap's name after it."""

REFUSED_NOTE = "refused "
"""What a trace notes when the rules or the guard refused the model's move, with the code."""

UNSENT = ("open", "busy", "budget", "package")
"""Faults of calls that were refused on our own side."""

MOST_NOTES = 12
MOST_TURNS = 6
WHOSE = {"turn": "the turn's", "seat": "the seat's", "table": "the table's", "day": "today's"}
STOOD_IN = {
    "no-usable-plan": "the model proposed nothing that the rules and its floor allow",
    "no-usable-words": "the model decided, but its words were not fit to be spoken",
    SILENT: "the model's words were not fit to be spoken",
    "repeats-itself": "the model kept repeating itself",
    "move-refused": "the model's move was refused",
}


def sent(call: ModelCall) -> int:
    """How many requests a call was on the wire; a record counts one that never left as well."""
    return 0 if call.fault in UNSENT and call.tries == 1 else call.tries


@dataclass(slots=True)
class Bill:
    """One seat's use of a model so far. `money` is None where a price is not known."""

    model: str
    barrier: str
    turns: int = 0
    calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    unreported: int = 0
    stood_in: int = 0
    money: Decimal | None = None

    def add(self, call: ModelCall, price: Price | None) -> None:
        """One call of a turn."""
        self.calls += sent(call)
        self.prompt += call.prompt_tokens
        self.cached += call.cached_tokens
        self.completion += call.completion_tokens
        self.unreported += not call.reported
        if price is not None:
            used = Usage(
                prompt=call.prompt_tokens,
                completion=call.completion_tokens,
                cached=call.cached_tokens,
            )
            self.money = (self.money or Decimal(0)) + cost(price, used)


def bills(events: Iterable[Event], price: Callable[[str], Price | None]) -> dict[str, Bill]:
    """Every seat that a model played, with all that its models used; the last model is named."""
    found: dict[str, Bill] = {}
    stood: dict[str, int] = {}
    for event in events:
        body = event.body
        if isinstance(body, Moved) and body.stand_in and body.stand_in != "clock":
            stood[body.seat] = stood.get(body.seat, 0) + 1
        if not isinstance(body, TurnTraced):
            continue
        bill = found.setdefault(body.seat, Bill(model=body.model, barrier=body.barrier))
        bill.model, bill.barrier = body.model, body.barrier
        bill.turns += not body.reply
        for call in body.calls:
            bill.add(call, price(body.model))
    for seat, bill in found.items():
        bill.stood_in = stood.get(seat, 0)
    return found


def remember(events: Iterable[Event], table: Table, models: Models, start: int) -> None:
    """Put what models used before this start back on the accounts, so that caps hold over it.

    `start` is in milliseconds since 1970; what was used after it is on the accounts already. So is
    the day's, where there is a book of it.
    """
    prices = {setting.name: setting.price for setting in models.settings.models}
    today, shared = _day(start), models.budget.book is not None
    for event in events:
        body = event.body
        if event.at >= start or not isinstance(body, TurnTraced):
            continue
        names = () if table.closed else accounts(table=table.table_id, seat=body.seat)
        day = _day(event.at)
        for call in body.calls:
            used = Usage(
                prompt=call.prompt_tokens,
                completion=call.completion_tokens,
                cached=call.cached_tokens,
            )
            paying = (*names, f"day:{day}") if day == today and not shared else names
            models.budget.charge(paying, used, prices.get(body.model), sent(call))


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def takeovers(events: Iterable[Event], table: Table) -> list[str]:
    """In which turns the engine acted or spoke for a model, and why; the latest first."""
    moved: dict[int, Moved] = {}
    turns: dict[tuple[str, str, str], list[int]] = {}
    for event in events:
        body = event.body
        if isinstance(body, Moved):
            moved[body.turn] = body
        if not isinstance(body, TurnTraced):
            continue
        if body.reply:
            stand_in, act = SILENT if SILENT in body.notes else "", "answered"
        elif body.turn in moved:
            stand_in = moved[body.turn].stand_in
            act = "spoke" if stand_in == "no-usable-words" else "took over"
        else:
            continue
        why = _why(stand_in, body)
        if why:
            short = table.case.seat(body.seat).short
            turns.setdefault((short, act, why), []).append(body.turn)
    latest = sorted(turns.items(), key=lambda row: -row[1][-1])[:MOST_NOTES]
    return [
        f"The engine {act} for {short} in {_listed(held)}: {why}."
        for (short, act, why), held in latest
    ]


def _listed(turns: list[int]) -> str:
    """The turns; the first of many are only counted."""
    shown = ", ".join(str(turn) for turn in turns[-MOST_TURNS:])
    more = f" and {len(turns) - MOST_TURNS} before" if len(turns) > MOST_TURNS else ""
    return f"{'turn' if len(turns) == 1 else 'turns'} {shown}{more}"


def _why(stand_in: str, trace: TurnTraced) -> str:
    """The reason in words; empty when the model took its turn itself."""
    if not stand_in or stand_in == "clock":
        return ""
    for note in trace.notes:
        if note.startswith(CAP_NOTE):
            return f"{WHOSE.get(note.removeprefix(CAP_NOTE), 'a')} cap is spent"
        if note.startswith(REFUSED_NOTE):
            return f"the model's move was refused ({note.removeprefix(REFUSED_NOTE)})"
    last = trace.calls[-1].fault if trace.calls else ""
    if stand_in in ("no-usable-words", SILENT) and last in CODES:
        begun = "the model decided, but " if stand_in != SILENT else ""
        return f"{begun}no words of it came ({CODES[last].meaning})"
    if stand_in in STOOD_IN:
        return STOOD_IN[stand_in]
    faults = [call.fault for call in trace.calls if call.fault]
    if faults and faults[-1] == "budget":
        return "a cap is spent"
    if faults and faults[-1] in CODES:
        return f"the model gave no answer ({CODES[faults[-1]].meaning})"
    if stand_in == "no-answer":
        return "the model gave no answer in time"
    return f"its move was refused ({stand_in})"


def spending(
    events: Iterable[Event], table: Table, players: Players, models: Models | None
) -> dict[str, Any]:
    """All of it as data: seats, caps, and what has to be said in words."""
    events = list(events)
    prices = {setting.name: setting.price for setting in players.settings.models}
    seats = [
        {
            "seat": seat,
            "model": bill.model,
            "barrier": bill.barrier,
            "turns": bill.turns,
            "calls": bill.calls,
            "prompt_tokens": bill.prompt,
            "cached_tokens": bill.cached,
            "completion_tokens": bill.completion,
            "unreported_calls": bill.unreported,
            "engine_acted": bill.stood_in,
            "cost": None if bill.money is None else f"{bill.money:.6f}",
        }
        for seat, bill in bills(events, prices.get).items()
    ]
    return {
        "seats": seats,
        "caps": [] if models is None or table.closed is not None else _caps(table, models),
        "notes": [*_spent(table, models), *takeovers(events, table)],
    }


def _caps(table: Table, models: Models) -> list[dict[str, Any]]:
    """The table's account, and each model seat's, beside their caps."""
    accounts = [("table", ""), *(("seat", seat) for seat in _seats(table))]
    return [
        {
            "account": kind,
            "seat": seat or None,
            **_beside(models.spent(table=table.table_id, seat=seat), models.budget.caps.get(kind)),
        }
        for kind, seat in accounts
    ]


def _seats(table: Table) -> list[str]:
    return [seat for seat, occupant in table.occupants.items() if occupant == "model"]


def _beside(spent: Spent, cap: Cap | None) -> Mapping[str, Any]:
    cap = cap or Cap()
    return {
        "calls": spent.calls,
        "most_calls": cap.calls,
        "tokens": spent.tokens,
        "most_tokens": cap.tokens,
        "money": f"{spent.money:.6f}",
        "most_money": None if cap.money is None else str(cap.money),
    }


def _spent(table: Table, models: Models | None) -> list[str]:
    """Which caps are used up, so that the engine plays from here on."""
    if models is None or table.closed is not None:
        return []
    said = []
    if _is_full(models.spent(table=table.table_id), models.budget.caps.get("table")):
        said.append("The table's cap is spent: the engine plays the models' seats from here on.")
    for seat in _seats(table):
        if _is_full(models.spent(table=table.table_id, seat=seat), models.budget.caps.get("seat")):
            short = table.case.seat(seat).short
            said.append(f"The cap of {short} is spent: the engine plays this seat from here on.")
    return said


def _is_full(spent: Spent, cap: Cap | None) -> bool:
    if cap is None:
        return False
    return (
        (cap.calls is not None and spent.calls >= cap.calls)
        or (cap.tokens is not None and spent.tokens >= cap.tokens)
        or (cap.money is not None and spent.money >= cap.money)
    )
