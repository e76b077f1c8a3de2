"""What plays a seat that no person holds: the engine, or a model of the operator's list.

What plays a seat is written in the `name` of the event that seats it, so that it lies in the
table's record and is there again after a restart: `openai:gpt-4.1-mini filtered temperature=0.3`,
where what is as usual is left out (docs/adr/0013).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.delegates.llm.models import lacking
from app.domain.events import Event, Occupant, SeatTaken
from app.domain.table import Table
from app.orchestrator.orders import Refusal, TakeSeat
from app.settings import Barrier, ModelSetting, ModelSettings

USUAL: Barrier = "strict"
MOST_NAME = 80
"""Characters that the event of a seat taken may carry."""

_WRITTEN = re.compile(
    r"(?P<model>\S+)(?P<filtered> filtered)?(?: temperature=(?P<temperature>\d(?:\.\d{1,2})?))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """A model and how it is asked to play; no temperature means Parley's own."""

    model: str
    barrier: Barrier = USUAL
    temperature: float | None = None

    def __str__(self) -> str:
        """As it stands in the record."""
        parts = [self.model]
        if self.barrier != USUAL:
            parts.append(self.barrier)
        if self.temperature is not None:
            parts.append(f"temperature={round(self.temperature, 2):g}")
        return " ".join(parts)


def player(written: str) -> Player | None:
    """The player that a record names; None when it names none."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    degrees = found["temperature"]
    return Player(
        model=found["model"],
        barrier="filtered" if found["filtered"] else USUAL,
        temperature=float(degrees) if degrees else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Why a player may not be seated: a stable code, a sentence, and what to do."""

    code: str
    message: str
    remedy: str


class Players:
    """The operator's list, and what may be chosen of it."""

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings

    def unfit(self, wanted: Player) -> Unfit | None:
        """Why this may not be chosen for a seat now, or None."""
        setting = self._setting(wanted.model)
        if setting is None:
            return Unfit(
                code="no-such-model",
                message=f"The model {wanted.model[:100]!a} is not in the operator's list.",
                remedy="GET /v1/players lists what can be chosen; the operator adds models in "
                "PARLEY_MODELS or models.toml and starts the server again.",
            )
        missing = lacking(setting)
        if missing:
            says, _, remedy = missing.partition(": ")
            return Unfit(
                code="model-not-ready",
                message=f"The model {wanted.model} cannot play: {says}.",
                remedy=f"The operator has to {remedy}." if remedy else "parley doctor says more.",
            )
        return self._misuse(wanted)

    def _misuse(self, wanted: Player) -> Unfit | None:
        choices = self.settings.tables
        if wanted.barrier not in choices.barriers:
            return Unfit(
                code="barrier-not-allowed",
                message=f"The operator does not allow {wanted.barrier} seats.",
                remedy=f"Choose {' or '.join(choices.barriers)}, or set barriers under [tables] "
                "in models.toml.",
            )
        degrees = wanted.temperature
        if degrees is None:
            return None
        if choices.temperatures is None:
            return Unfit(
                code="temperature-not-allowed",
                message="The operator leaves no choice of the temperature.",
                remedy="Leave it out, or set temperatures under [tables] in models.toml.",
            )
        lowest, highest = choices.temperatures
        if not lowest <= degrees <= highest:
            return Unfit(
                code="temperature-not-allowed",
                message=f"The temperature has to lie between {lowest:g} and {highest:g}.",
                remedy="Choose one in between, or leave it out.",
            )
        if len(str(wanted)) > MOST_NAME:
            return Unfit(
                code="too-long",
                message=f"The model's name leaves no room in {MOST_NAME} characters.",
                remedy="Leave the temperature out.",
            )
        return None

    def absent(self, written: str) -> str:
        """Why a player of a record cannot play now, in a few words; empty when it can.

        What was allowed when the seat was given stays allowed, unless the model itself is gone.
        """
        known = player(written)
        setting = self._setting(known.model) if known else None
        if setting is None:
            return "not in the operator's list"
        return lacking(setting).partition(": ")[0]

    def listing(self) -> dict[str, Any]:
        """What can be chosen, for whoever opens a table."""
        choices = self.settings.tables
        return {
            "models": [
                {
                    "name": setting.name,
                    "missing": lacking(setting) or None,
                    "priced": setting.price is not None,
                }
                for setting in self.settings.models
            ],
            "barriers": list(choices.barriers),
            "temperatures": list(choices.temperatures) if choices.temperatures else None,
        }

    def replaced(self, table: Table) -> tuple[TakeSeat, ...]:
        """The engine for every seat whose model cannot play now; the record says why."""
        return tuple(
            stand_in(seat, table.names.get(seat, ""), why)
            for seat, occupant in table.occupants.items()
            if occupant == "model" and (why := self.absent(table.names.get(seat, "")))
        )

    def handed_back(self, seat: str, events: list[Event]) -> TakeSeat:
        """The seat given to who held it before a person did: its model if it can, or the engine."""
        held: tuple[Occupant, str] = ("engine", "")
        for event in events:
            body = event.body
            if isinstance(body, SeatTaken) and body.seat == seat and body.occupant != "person":
                held = (body.occupant, body.name)
        if held[0] != "model":
            return TakeSeat(seat=seat, occupant="engine")
        why = self.absent(held[1])
        if why:
            return stand_in(seat, held[1], why)
        return TakeSeat(seat=seat, occupant="model", name=held[1])

    def given(self, seat: str, to: Player | None) -> TakeSeat | Refusal:
        """A seat given to the engine (None) or to a model."""
        if to is None:
            return TakeSeat(seat=seat, occupant="engine")
        unfit = self.unfit(to)
        if unfit is not None:
            return Refusal(code=unfit.code, reason=f"{unfit.message} {unfit.remedy}")
        return TakeSeat(seat=seat, occupant="model", name=str(to))

    def _setting(self, name: str) -> ModelSetting | None:
        for setting in self.settings.models:
            if setting.name == name:
                return setting
        return None


def stand_in(seat: str, written: str, why: str) -> TakeSeat:
    """The engine in a model's place, with the reason where everybody sees it."""
    known = player(written)
    model = known.model if known else written
    room = MOST_NAME - len(f"for : {why}")
    short = model if len(model) <= room else f"{model[: room - 1]}…"
    return TakeSeat(seat=seat, occupant="engine", name=f"for {short}: {why}")


def occupants_of(
    asked: Mapping[str, str | Player],
) -> tuple[dict[str, Occupant], dict[str, str]]:
    """Occupants and names of the seats asked for."""
    occupants: dict[str, Occupant] = {}
    names: dict[str, str] = {}
    for seat, who in asked.items():
        if isinstance(who, Player):
            occupants[seat], names[seat] = "model", str(who)
        else:
            occupants[seat] = "person" if who == "person" else "engine"
    return occupants, names
