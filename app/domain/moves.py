"""What a seat may do: the move of a turn, and the words that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.domain.terms import Package

Voice: TypeAlias = Literal["person", "engine", "model", "chair", "mediator", "facilitator"]
"""Who spoke a line."""

MAX_WORDS = 8_000
"""Characters one speech may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Words of one turn or one remark. Words never bind; only the typed move does.

    `to` names the seat addressed, `points` the published talking points used, `issues` the
    issues it is about, `answers` the number of the speech it replies to.
    """

    text: str
    by: Voice
    to: str | None = None
    points: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    tone: str = "plain"
    answers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """An endorsement taken back, with the reason given to the table."""

    offer: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One turn: endorsements given and withdrawn, at most one package tabled, one speech.

    `walk` leaves the table for good. `override` is a person's explicit word that they mean to
    cross their own line; it is recorded, and means nothing for an AI seat.
    """

    speech: Speech
    endorse: tuple[int, ...] = ()
    withdraw: tuple[Withdrawal, ...] = ()
    package: Package | None = None
    walk: bool = False
    override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A seat's private ranking of offers or drafts, best first."""

    ranking: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A seat's private answer to the mediator's drafts: could it sign each of them?"""

    yes: tuple[int, ...]
    ranking: tuple[int, ...] = ()
