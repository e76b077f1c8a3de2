"""Who plays which seat of a table at the terminal, and what the models among them used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table as Grid

from app.domain.case import Case
from app.domain.events import Event, Occupant
from app.errors import CaseError, Finding
from app.settings import ModelSettings, Price

if TYPE_CHECKING:
    from app.delegates.llm.models import Models
    from app.web.spending import Bill

PEOPLE: Mapping[str, Occupant] = {"human": "person", "person": "person", "engine": "engine"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Occupants by seat, and the models' names."""

    occupants: Mapping[str, Occupant] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def who_is(word: str) -> tuple[Occupant, str] | None:
    """`human`, `engine` or `provider:model` as an occupant and a model's name."""
    if word in PEOPLE:
        return PEOPLE[word], ""
    provider, colon, model = word.partition(":")
    return ("model", word) if colon and provider and model else None


def cast_of(case: Case, path: str, seats: Mapping[str, str], everybody: str) -> Cast:
    """What --seat and --seats ask for, at this case; CaseError when it cannot be."""
    unknown = [seat for seat in seats if seat not in case.seat_ids]
    if unknown:
        problem = f"no seat {unknown[0]!r}; the seats are {', '.join(case.seat_ids)}"
        raise CaseError((Finding(path=path, key="--seat", problem=problem),))
    asked = {seat: seats.get(seat, everybody) for seat in case.seat_ids}
    occupants: dict[str, Occupant] = {}
    names: dict[str, str] = {}
    for seat, word in asked.items():
        if not word:
            continue
        known = who_is(word)
        if known is None:
            problem = f"{word!r}: write human, engine or provider:model"
            raise CaseError((Finding(path=path, key="--seat", problem=problem),))
        occupants[seat] = known[0]
        if known[1]:
            names[seat] = known[1]
    if list(occupants.values()).count("person") > 1:
        problem = "one person plays at a terminal; more meet through parley serve and parley join"
        raise CaseError((Finding(path=path, key="--seat", problem=problem),))
    return Cast(occupants=occupants, names=names)


def checked(models: Models, names: Iterable[str]) -> None:
    """Every model is known and has what it needs; SettingsError with the remedy if not."""
    for name in dict.fromkeys(names):
        models.complete(name, unlisted=True)


# -- what it cost ----------------------------------------------------------------------------


def usage(events: Iterable[Event], price: Callable[[str], Price | None]) -> dict[str, Bill]:
    """Per seat, from the traces in the record; `price` answers None for an unknown price."""
    from app.web.spending import bills

    return bills(events, price)


def price_of(settings: ModelSettings) -> Callable[[str], Price | None]:
    """What a model costs, from the operator's list."""
    known = {model.name: model.price for model in settings.models}
    return known.get


def show_usage(found: Mapping[str, Bill], case: Case, console: Console) -> None:
    """A table of what the models used."""
    if not found:
        return
    grid = Grid(title="\nWhat the models used", title_justify="left", box=None, pad_edge=False)
    heads = ("seat", "model", "turns", "calls", "read", "written", "stand-ins", "cost")
    for place, head in enumerate(heads):
        grid.add_column(head, justify="left" if place < 2 else "right", no_wrap=place != 1)
    for seat, used in found.items():
        money = f"{used.money:.4f}" if used.money is not None else "no price"
        mark = "*" if used.unreported else ""
        grid.add_row(
            case.seat(seat).short,
            used.model,
            *(str(n) for n in (used.turns, used.calls, f"{used.prompt}{mark}")),
            *(str(n) for n in (used.completion, used.stood_in, money)),
        )
    console.print(grid)
    console.print("Tokens read and written; stand-ins are turns the engine took or spoke.")
    if any(used.unreported for used in found.values()):
        console.print("* not reported by the provider for every call: what was reserved.")


def usage_data(found: Mapping[str, Bill]) -> dict[str, Any]:
    """The same as data."""
    return {
        seat: {
            "model": used.model,
            "turns": used.turns,
            "calls": used.calls,
            "prompt_tokens": used.prompt,
            "cached_tokens": used.cached,
            "completion_tokens": used.completion,
            "unreported_calls": used.unreported,
            "engine_acted": used.stood_in,
            "cost": str(used.money) if used.money is not None else None,
        }
        for seat, used in found.items()
    }
