"""Page 11: what slipped out, which own lines were touched or crossed, and words meant to steer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.evaluator.debrief.floors import shortfall
from app.evaluator.debrief.ground import Cite, Ground
from app.evaluator.debrief.outcome import accounts, stands
from app.evaluator.hearing import heads_of, words_of
from app.evaluator.judge import forged
from app.evaluator.leaks import Leak, LeakKind
from app.evaluator.turns_of_speech import planted


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A seat's own secret in its own words; `secret` is what stood in its sheet."""

    seat: str
    kind: LeakKind
    cite: Cite
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A seat stood behind an offer below its own floor, by an override."""

    seat: str
    turn: int
    offer: int
    why: str
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Own red lines that the text in force touches without crossing them."""

    seat: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slips:
    """Page 11. `steering` are words that address whoever grades the talk."""

    seats: tuple[str, ...]
    slips: tuple[Slip, ...]
    crossings: tuple[Crossing, ...]
    touched: tuple[Touched, ...]
    steering: tuple[Cite, ...]


def slips(on: Ground) -> Slips:
    """The page, for the seats whose sheets are known."""
    return Slips(
        seats=on.known,
        slips=tuple(
            Slip(
                seat=leak.seat,
                kind=leak.kind,
                cite=on.cite(on.line(leak.turn), leak.quote),
                secret=_secret(on, leak),
            )
            for leak in on.leaks
            if leak.seat in on.known
        ),
        crossings=_crossings(on),
        touched=tuple(
            Touched(seat=account.seat, text=text)
            for account in accounts(on)
            for text in account.touched
        ),
        steering=_steering(on),
    )


def _secret(on: Ground, leak: Leak) -> str:
    """What stood in the sheet; for a denial, the turn at which the seat had offered it."""
    line = re.match(r"T(\d+):", leak.secret)
    if leak.kind != "contradiction" or line is None:
        return leak.secret
    return f"offered or endorsed at turn {on.line(int(line.group(1))).turn}"


def _crossings(on: Ground) -> tuple[Crossing, ...]:
    table, case = on.table, on.case
    improved = table.improved.package if table.improved else table.improvement or ()
    found = []
    for crossing in table.crossings:
        if crossing.seat not in on.known:
            continue
        offer = table.offer(crossing.offer)
        package = offer.package if offer else improved
        found.append(
            Crossing(
                seat=crossing.seat,
                turn=crossing.turn,
                offer=crossing.offer,
                why=shortfall(case, table.preset, crossing.seat, package, crossing.breaches),
                signed=stands(table, crossing),
            )
        )
    return tuple(found)


def _steering(on: Ground) -> tuple[Cite, ...]:
    """Lines that speak to a grader or hold what looks like a grader's answer."""
    if on.talk is None:
        return ()
    marked = set(forged(on.talk.transcript))
    found = []
    for line in on.lines:
        low = line.remark.speech.text.lower()
        if f"T{line.number}" in marked or planted(low, heads_of(words_of(low))):
            found.append(on.cite(line))
    return tuple(found)
