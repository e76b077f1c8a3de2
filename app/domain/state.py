"""What a table holds at one moment: the records that the fold builds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from app.domain.case import Case, Session
from app.domain.events import (
    AgreementReached,
    ImprovementSettled,
    LineCrossed,
    Moved,
    NewsArrived,
    Occupant,
    TableClosed,
)
from app.domain.moves import Ballot, Speech, Vote
from app.domain.terms import Agenda, Package

__all__ = ["Offer", "Owed", "Remark", "Room", "Table", "Turn", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A numbered complete package; it stays on the table until the end."""

    number: int
    by: str
    package: Package
    turn: int
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who has the floor."""

    number: int
    seat: str
    deadline: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Words somebody said, in the order they fell. `turn` is None between turns."""

    seat: str
    room: str
    speech: Speech
    round: int
    turn: int | None = None
    number: int | None = None
    offer: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A seat that still has to answer a person's words."""

    seat: str
    room: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A caucus."""

    id: str
    seats: tuple[str, ...]
    by: str
    topic: str
    open: bool = True


@dataclass(frozen=True, kw_only=True)
class Table:
    """Everything the events tell. A fold over a seat's view holds what that seat may know.

    Without slots: `changed` takes over all its fields at once. So nothing but the fields may be
    kept on it; what is derived is worked out when it is asked for.
    """

    table_id: str
    case: Case
    case_hash: str
    seed: int
    session: Session
    version: str
    occupants: Mapping[str, Occupant] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    round: int = 0
    turn: Turn | None = None
    turns: int = 0
    spoken: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    backing: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    latest: Mapping[str, int] = field(default_factory=dict)
    moves: tuple[Moved, ...] = ()
    words: tuple[Remark, ...] = ()
    owed: tuple[Owed, ...] = ()
    rooms: Mapping[str, Room] = field(default_factory=dict)
    news: tuple[NewsArrived, ...] = ()
    news_at: tuple[int, ...] = ()
    helped: tuple[str, ...] = ()
    drafts: tuple[Package, ...] = ()
    votes: Mapping[str, Vote] = field(default_factory=dict)
    polls: tuple[tuple[tuple[Package, ...], Mapping[str, Vote]], ...] = ()
    ranking: tuple[int, ...] = ()
    ballots: Mapping[str, Ballot] = field(default_factory=dict)
    deal: AgreementReached | None = None
    improvement: Package | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)
    improved: ImprovementSettled | None = None
    crossings: tuple[LineCrossed, ...] = ()
    gone: tuple[str, ...] = ()
    closed: TableClosed | None = None

    @property
    def agenda(self) -> Agenda:
        """The case's agenda."""
        return self.case.agenda

    @property
    def preset(self) -> str:
        """The difficulty in force."""
        return self.session.preset

    def offer(self, number: int) -> Offer | None:
        """A standing offer by its number, or None."""
        return self.offers[number - 1] if 0 < number <= len(self.offers) else None

    def offer_of(self, package: Package) -> Offer | None:
        """The standing offer with this very package, or None."""
        for offer in self.offers:
            if offer.package == package:
                return offer
        return None

    def backers(self, number: int) -> frozenset[str]:
        """Seats whose endorsement of an offer stands."""
        return frozenset(self.backing.get(number, ()))

    @property
    def present(self) -> tuple[str, ...]:
        """Seats that have not walked out."""
        if not self.gone:
            return self.case.seat_ids
        return tuple(seat for seat in self.case.seat_ids if seat not in self.gone)

    @property
    def passing(self) -> tuple[int, ...]:
        """Numbers of the offers that meet the decision rule now."""
        rule = self.case.rule
        return tuple(o.number for o in self.offers if rule.passes(self.backers(o.number)))

    @property
    def signed(self) -> Package | None:
        """The package in force at the end: the deal, or its accepted improvement."""
        if self.improved is not None and self.improved.outcome == "accepted":
            return self.improved.package
        return self.deal.package if self.deal else None


_FIELDS = frozenset(each.name for each in fields(Table))

if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(table: Table, **news: Any) -> Table:
        """The table with some fields changed: `dataclasses.replace`, in a sixth of its time.

        Every viewer's fold makes one for every event. TypeError for a field that it has not.
        """
        if not _FIELDS.issuperset(news):
            raise TypeError(f"a table has no {sorted(news.keys() - _FIELDS)}")
        fresh = object.__new__(Table)
        vars(fresh).update(vars(table), **news)
        return fresh
