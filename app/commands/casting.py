"""Who plays which seat of a table at the terminal, and what the models among them used."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table as Grid

from app.domain.case import Case
from app.domain.events import Event, Occupant, TurnTraced
from app.domain.table import Table
from app.errors import CaseError, Finding, SettingsError
from app.settings import HOTTEST, Barrier, ModelSettings, Price

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
    """`human`, `engine` or `provider:model` as an occupant and what plays the seat.

    A model may be followed by `filtered` and `temperature=0.3`, as a record has it.
    """
    if word in PEOPLE:
        return PEOPLE[word], ""
    provider, colon, model = word.partition(":")
    return ("model", word) if colon and provider and model else None


def cast_of(
    case: Case,
    path: str,
    seats: Mapping[str, str],
    everybody: str,
    *,
    barrier: Barrier = "strict",
    temperature: float | None = None,
) -> Cast:
    """What --seat and --seats ask for, at this case; CaseError when it cannot be.

    `barrier` and `temperature` are for the models that are not given their own.
    """
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
            names[seat] = _written(path, known[1], barrier, temperature)
    if list(occupants.values()).count("person") > 1:
        problem = "one person plays at a terminal; more meet through parley serve and parley join"
        raise CaseError((Finding(path=path, key="--seat", problem=problem),))
    return Cast(occupants=occupants, names=names)


def _written(path: str, word: str, barrier: Barrier, temperature: float | None) -> str:
    """A model and how it plays, as its record names it (docs/adr/0013)."""
    from app.web.players import MOST_NAME, USUAL, player

    asked = player(word)
    if asked is None or (asked.temperature or 0) > HOTTEST:
        problem = f"{word!r}: write provider:model, then filtered or temperature=0.3 where wanted"
        raise CaseError((Finding(path=path, key="--seat", problem=problem),))
    given = replace(
        asked,
        barrier=barrier if asked.barrier == USUAL else asked.barrier,
        temperature=temperature if asked.temperature is None else asked.temperature,
    )
    name = str(given)
    if name != given.model and len(name) > MOST_NAME:
        problem = f"{name!r}: a model's name leaves {MOST_NAME} characters for how it plays"
        raise CaseError((Finding(path=path, key="--seat", problem=problem),))
    return name


def checked(models: Models, written: Iterable[str]) -> None:
    """Every model is known and has what it needs; SettingsError with the remedy if not."""
    from app.delegates.llm.models import lacking
    from app.web.players import player

    for name in dict.fromkeys(written):
        known = player(name)
        setting = models.settings.named(known.model if known else name, unlisted=True)
        if missing := lacking(setting):
            raise SettingsError(f"{setting.name} cannot play: {missing}")


def charged(events: Iterable[Event], table: Table, models: Models) -> None:
    """Put what the models of a stopped table used on its accounts, so that its caps hold over it.

    The day's cap is not among them: a record's own clock is not the world's.
    """
    from app.web.spending import remember

    remember(events, table, models, int(time.time() * 1000))


def unadvised(events: Iterable[Event]) -> bool:
    """Whether the models of a record were played without the engine's counsel."""
    traces = [event.body for event in events if isinstance(event.body, TurnTraced)]
    return bool(traces) and not traces[-1].counsel


# -- what it cost ----------------------------------------------------------------------------


def usage(events: Iterable[Event], price: Callable[[str], Price | None]) -> dict[str, Bill]:
    """Per seat, from the traces in the record; `price` answers None for an unknown price."""
    from app.web.spending import bills

    return bills(events, price)


def price_of(settings: ModelSettings) -> Callable[[str], Price | None]:
    """What a model costs, from the operator's list."""
    known = {model.name: model.price for model in settings.models}
    return known.get


def reasons(events: Iterable[Event], table: Table) -> list[str]:
    """Why the engine acted or spoke for a model, in a sentence each."""
    from app.web.spending import takeovers

    return takeovers(events, table)


def show_usage(
    found: Mapping[str, Bill], case: Case, console: Console, told: Sequence[str] = ()
) -> None:
    """A table of what the models used, and `told`, why the engine took over."""
    if not found:
        return
    grid = Grid(
        title="\nWhat the models used",
        title_justify="left",
        box=None,
        pad_edge=False,
        collapse_padding=True,
    )
    heads = ("seat", "model", "turns", "calls", "read", "written", "stand-ins", "cost")
    for place, head in enumerate(heads):
        grid.add_column(
            head, justify="left" if place < 2 else "right", no_wrap=place != 1, overflow="fold"
        )
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
    for sentence in told:
        console.print(sentence, markup=False)


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
