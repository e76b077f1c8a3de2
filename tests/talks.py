"""Hand-made tables: a few turns written down as events, without any procedure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from app.domain.case import Case
from app.domain.events import (
    EVERYBODY,
    FACILITATOR,
    AgreementReached,
    Body,
    Event,
    ImprovementSettled,
    LineCrossed,
    Moved,
    RoundOpened,
    SeatTaken,
    TableClosed,
    TableOpened,
    TextTabled,
    TurnOpened,
)
from app.domain.moves import Move, Speech, Withdrawal
from app.domain.table import Table, fold
from app.domain.terms import Package

Ending: TypeAlias = Literal["agreement", "impasse", "walkout", "adjourned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One turn of a hand-made table."""

    seat: str
    text: str = "We have nothing new."
    package: Package | None = None
    endorse: tuple[int, ...] = ()
    withdraw: tuple[int, ...] = ()
    walk: bool = False


class Talks:
    """Collects events; `table` is the facilitator's fold over them."""

    def __init__(self, case: Case, preset: str = "standard", table_id: str = "hand-made") -> None:
        self.case = case
        self.table_id = table_id
        self.events: list[Event] = []
        self.note(
            TableOpened(
                case=case,
                case_hash="0" * 64,
                seed=7,
                session=replace(case.session, preset=preset),
                version="0",
            )
        )
        for seat in case.seat_ids:
            self.note(SeatTaken(seat=seat, occupant="engine"))
        self.note(RoundOpened(round=1))

    @property
    def table(self) -> Table:
        """The state after all events."""
        return fold(self.events)

    def note(self, body: Body) -> None:
        """One event."""
        audience = FACILITATOR if isinstance(body, LineCrossed) else EVERYBODY
        self.events.append(
            Event(
                table_id=self.table_id,
                seq=len(self.events) + 1,
                at=1_733_097_600_000,
                audience=audience,
                body=body,
            )
        )

    def say(self, turns: Sequence[Said]) -> Talks:
        """Some turns."""
        for said in turns:
            table = self.table
            number = table.turns + 1
            self.note(TurnOpened(turn=number, seat=said.seat, policy="list", reason=""))
            self.note(
                Moved(
                    turn=number,
                    seat=said.seat,
                    move=Move(
                        speech=Speech(text=said.text, by="engine"),
                        endorse=said.endorse,
                        withdraw=tuple(Withdrawal(offer=n, reason="no") for n in said.withdraw),
                        package=said.package,
                        walk=said.walk,
                    ),
                    offer=len(table.offers) + 1 if said.package else None,
                )
            )
        return self

    def text(self, package: Package, words: str) -> Talks:
        """A text by the chair."""
        number = len(self.table.offers) + 1
        speech = Speech(text=words, by="chair")
        self.note(TextTabled(offer=number, by="chair", package=package, speech=speech))
        return self

    def cross(self, seat: str, offer: int) -> Talks:
        """A seat goes below its own floor on purpose."""
        held = self.table.offer(offer)
        assert held is not None
        found = self.case.breaches(seat, held.package, self.table.preset)
        self.note(LineCrossed(turn=self.table.turns, seat=seat, offer=offer, breaches=found))
        return self

    def agree(self, offer: int) -> Talks:
        """The deal, without the close."""
        held = self.table.offer(offer)
        assert held is not None
        backers = self.case.seat_ids
        self.note(AgreementReached(offer=offer, package=held.package, backers=backers, how="all"))
        return self

    def improve(self, package: Package, accepted: bool) -> Talks:
        """The improvement is settled."""
        self.note(
            ImprovementSettled(outcome="accepted" if accepted else "refused", package=package)
        )
        return self

    def sign(self, offer: int = 1) -> Talks:
        """Agreement and close."""
        return self.agree(offer).close("agreement")

    def close(self, outcome: Ending) -> Talks:
        """The end."""
        self.note(TableClosed(outcome=outcome, reason="the end"))
        return self
