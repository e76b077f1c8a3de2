"""`parley models`: the operator's allow-list, and what each model of it lacks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from json import dumps

from rich.console import Console

from app.errors import ParleyError
from app.settings import ModelSettings, models_from

HINT = (
    "No model is configured. Name some in PARLEY_MODELS (openai:gpt-4.1-mini, ...) or in "
    "models.toml in PARLEY_HOME; without a model every table is played by the offline engine."
)


def run(*, json: bool = False) -> int:
    """Print the list; 1 when a model lacks something, 2 when the settings cannot be read."""
    from app.delegates.llm.models import configured

    try:
        settings = models_from()
        found = configured(settings)
    except ParleyError as error:
        print(f"parley models: {error}", file=sys.stderr)
        return 2
    if json:
        print(dumps([asdict(listing) for listing in found], ensure_ascii=False, indent=2))
    else:
        console = Console(highlight=False, emoji=False)
        if not found:
            console.print(HINT, markup=False)
        for listing in found:
            state = listing.missing or "ready as far as can be seen without a call"
            price = "price known" if listing.has_price else "no price"
            console.print(f"{listing.name}: {state}", markup=False)
            console.print(
                f"    {listing.address}, {listing.door} door, {price}", markup=False, style="dim"
            )
        for line in _today(settings):
            console.print(line, markup=False)
    return 0 if all(listing.is_ready for listing in found) else 1


def _today(settings: ModelSettings) -> Iterator[str]:
    """What every process of this home used since midnight, when it used anything."""
    from app.delegates.llm.budget import Budget, capped
    from app.delegates.llm.daybook import book_of

    book = book_of(settings)
    budget = Budget(capped(settings.caps), book=book)
    spent, cap = budget.today(), budget.caps["day"]
    book.close()
    if not spent.calls:
        return
    told = [_of(spent.calls, cap.calls, "calls"), _of(spent.tokens, cap.tokens, "tokens")]
    if spent.money or cap.money is not None:
        told.append(_of(spent.money, cap.money, "in the currency of your prices"))
    yield f"Today (UTC), with this home: {', '.join(told)}."


def _of(used: int | Decimal, cap: int | Decimal | None, what: str) -> str:
    return f"{used:,} {what}" if cap is None else f"{used:,} of {cap:,} {what}"
