"""What the engine tells a planner before a turn, and what it would ask about a decision.

Counsel is confidential: aspiration, how far each seat seems, lines that texts touch, packages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from app.delegates import engine
from app.delegates.acceptance import log_willing
from app.delegates.aspiration import closing_call
from app.delegates.base import Plan
from app.delegates.engine import Counsel
from app.delegates.record_text import codes, who
from app.domain.draft import draft
from app.domain.space import choices
from app.domain.table import Table
from app.domain.terms import Package

LETTERS = ("A", "B", "C", "D", "E")
LOOKED_AT = 1_500
"""Own packages just above the aspiration among which those worth tabling are sought."""

APART = 2
"""Issues on which two suggested packages differ at least."""

IDLE_TURNS = 2
"""Turns without an act after which a further one is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counselled:
    """Counsel for one turn: the engine's own plan, lettered packages, and the text of it all."""

    advice: Counsel | None
    plan: Plan
    packages: Mapping[str, Package] = field(default_factory=dict)
    text: str = "None. You decide on your own."


def counselled(view: Table, seat: str, *, offered: bool = True) -> Counselled:
    """Counsel for the turn; without `offered` only the engine's plan, for when it must act."""
    own_plan = engine.plan(view, seat)
    if view.round == 0:
        text = "Open with what you publicly ask for." if offered else "None."
        return Counselled(advice=None, plan=own_plan, text=text)
    if not offered:
        return Counselled(advice=None, plan=own_plan)
    advice = engine.counsel(view, seat)
    packages = dict(zip(LETTERS, _worth_tabling(view, advice, own_plan), strict=False))
    parts = [
        _aim(view, seat, advice),
        _standing(view, seat),
        _gaps(view, seat, own_plan, advice),
        _lines(view, seat),
        _suggested(view, seat, packages),
        _proposal(own_plan, packages),
    ]
    return Counselled(
        advice=advice, plan=own_plan, packages=packages, text="\n".join(filter(None, parts))
    )


def _worth_tabling(view: Table, advice: Counsel, plan: Plan) -> list[Package]:
    """The engine's choice first, then the likeliest others at the aspiration, well apart."""
    chosen = [plan.package] if plan.package is not None else []
    own = advice.own
    top = int(np.searchsorted(-own.totals, -advice.target, side="right"))
    numbers = own.numbers[max(0, top - LOOKED_AT) : top].astype(np.int64)
    taken = [view.agenda.number(offer.package) for offer in view.offers]
    numbers = numbers[~np.isin(numbers, taken)]
    if not len(numbers):
        return chosen
    rows = choices(view.agenda, numbers)
    chances = np.zeros(len(numbers))
    for reader in advice.readers.values():
        chances += log_willing(reader.log_odds(rows))
    for place in np.lexsort((numbers, -chances)):
        package = view.agenda.package(int(numbers[place]))
        if all(len(view.agenda.differences(package, other)) >= APART for other in chosen):
            chosen.append(package)
        if len(chosen) == len(LETTERS):
            break
    return chosen


def _aim(view: Table, seat: str, advice: Counsel) -> str:
    floor = view.case.floor(seat, view.preset)
    last = " This is the closing call: name every text you could sign." * closing_call(view)
    return (
        f"Ask for about {advice.target} now. No deal is worth {sum(floor.no_deal)} to you; "
        f"below {floor.total} you may not sign.{last}"
    )


def _standing(view: Table, seat: str) -> str:
    """Offers that the seat does not stand behind and could sign, and their worth."""
    mandate = view.case.mandates[seat]
    fair, closed = [], []
    for offer in view.offers:
        if seat in view.backers(offer.number):
            continue
        if view.case.breaches(seat, offer.package, view.preset):
            closed.append(str(offer.number))
        else:
            fair.append((mandate.total(offer.package), offer.number))
    best = sorted(fair, key=lambda row: (-row[0], row[1]))[:6]
    told = [f"offer {number} is worth {total}" for total, number in best]
    lines = [f"Of what others tabled, {', '.join(told)}."] if told else []
    if closed:
        lines.append(f"Not open to you: offers {', '.join(closed[-12:])}.")
    return "\n".join(lines)


def _gaps(view: Table, seat: str, plan: Plan, advice: Counsel) -> str:
    """How likely each other seat seems to join our present text, and where it is furthest."""
    held = view.offer(view.latest.get(seat, 0))
    text = plan.package or (held.package if held else None)
    if text is None:
        return ""
    chosen = np.array([view.agenda.indices(text)], dtype=np.int64)
    told = []
    for other, reader in advice.readers.items():
        odds = float(reader.log_odds(chosen)[0])
        near = "near" if odds > 0 else "open" if odds > -1.5 else "far"
        losses = [
            (float(row.max() - row[place]), view.agenda.ids[n])
            for n, (row, place) in enumerate(zip(reader.weights, chosen[0], strict=True))
        ]
        told.append(f"{who(view.case, other)} {near}, furthest on {max(losses)[1]}")
    return f"From our text the others seem: {'; '.join(told)}."


def _lines(view: Table, seat: str) -> str:
    """Our lines that the clauses agreed so far, or our own text, come close to or cross."""
    agreed = {c.issue: c.agreed for c in draft(view) if c.agreed is not None}
    held = view.offer(view.latest.get(seat, 0))
    own = view.agenda.as_mapping(held.package) if held else {}
    told = []
    for line in view.case.mandates[seat].red_lines:
        touched = line.touched(agreed) or line.touched(own)
        if touched:
            state = "crossed" if len(touched) > line.limit else "touched, not crossed"
            told.append(f"{line.id} on {', '.join(touched)} ({state})")
    return f"Your lines in the present draft: {'; '.join(told)}." if told else ""


def _suggested(view: Table, seat: str, packages: Mapping[str, Package]) -> str:
    mandate = view.case.mandates[seat]
    lines = []
    for letter, package in packages.items():
        worth = mandate.worth(package)
        parts = ", ".join(f"{n} {w}" for n, w in zip(view.case.currencies, worth, strict=True))
        lines.append(f"{letter}: worth {sum(worth)} ({parts}). {codes(view, package)}")
    return "\n".join(["Packages worth tabling:", *lines]) if lines else ""


def _proposal(plan: Plan, packages: Mapping[str, Package]) -> str:
    """The engine's own decision, in the words of the form."""
    letter = next((k for k, p in packages.items() if p == plan.package), "none")
    endorse = ", ".join(map(str, plan.endorse)) or "none"
    issues = ", ".join(plan.issues) or "none"
    return (
        f"Proposed for this turn: act {plan.act}; endorse {endorse}; package {letter}; "
        f"to {plan.to or 'nobody'}; issues {issues}; press {plan.press or 'none'}; "
        f"tone {plan.tone}."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A question about a decision: a code for the record, a sentence for the planner."""

    code: str
    reason: str


# -- what counsel asks about a decision that is allowed but looks like a mistake -----------------


def doubt(view: Table, seat: str, plan: Plan, known: Counselled) -> Doubt | None:
    """Why this decision should be confirmed by one who has not heard the others' words."""
    advice = known.advice
    if advice is None:
        return None
    return (
        _left(view, plan, known)
        or _given_away(view, seat, plan, advice)
        or _taken_back(view, seat, plan)
        or _idle(view, seat, plan, known)
    )


def _left(view: Table, plan: Plan, known: Counselled) -> Doubt | None:
    """In the closing call, good offers passed over."""
    missed = [n for n in known.plan.endorse if n not in plan.endorse]
    if closing_call(view) and missed:
        listed = ", ".join(map(str, missed))
        return Doubt(
            code="left",
            reason=f"The closing call, and you pass over what you could sign: offers {listed}.",
        )
    return None


def _given_away(view: Table, seat: str, plan: Plan, advice: Counsel) -> Doubt | None:
    """A text named that is worth far less than there is reason to ask for now."""
    if closing_call(view):
        return None
    mandate = view.case.mandates[seat]
    floor = view.case.floor(seat, view.preset).total
    least = floor + (advice.target - floor) // 2
    named = [o.package for o in map(view.offer, plan.endorse) if o]
    if plan.package is not None:
        named.append(plan.package)
    cheap = [mandate.total(text) for text in named if mandate.total(text) < least]
    if cheap:
        return Doubt(
            code="given-away",
            reason=f"You put your name to a text worth {min(cheap)}; ask for {advice.target} now.",
        )
    return None


def _taken_back(view: Table, seat: str, plan: Plan) -> Doubt | None:
    """A name taken back from a text that is still good enough to sign."""
    mandate = view.case.mandates[seat]
    for number in plan.withdraw:
        offer = view.offer(number)
        if offer is not None and not view.case.breaches(seat, offer.package, view.preset):
            worth = mandate.total(offer.package)
            return Doubt(
                code="taken-back",
                reason=f"You leave offer {number}, which is worth {worth} to you.",
            )
    return None


def _idle(view: Table, seat: str, plan: Plan, known: Counselled) -> Doubt | None:
    """Turns without an act, when there is something to do."""
    acts = plan.endorse or plan.package is not None or plan.withdraw
    could = known.plan.endorse or known.plan.package is not None
    if acts or not could:
        return None
    if closing_call(view):
        return Doubt(code="idle", reason="This is the closing call and you do nothing.")
    if idle_turns(view, seat) >= IDLE_TURNS:
        return Doubt(code="idle", reason="You have done nothing for several turns.")
    return None


def idle_turns(view: Table, seat: str) -> int:
    """How many of the seat's last turns in a row carried no act."""
    count = 0
    for moved in reversed([m for m in view.moves if m.seat == seat]):
        if moved.move.endorse or moved.move.withdraw or moved.move.package is not None:
            break
        count += 1
    return count
