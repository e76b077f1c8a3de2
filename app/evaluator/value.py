"""What a table was worth to everybody in it: the assessment of one record, computed exactly.

No model has a part in this. It reads whole mandates, so it is for the facilitator and for what
is shown after the table has closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.domain import bargaining
from app.domain.bargaining import Change, Survey
from app.domain.case import Case
from app.domain.events import LineCrossed
from app.domain.opening import Opening, easing, openings
from app.domain.table import Table
from app.domain.terms import Package
from app.errors import CaseError, Finding
from app.evaluator.alternatives import (
    Fix,
    Near,
    Reference,
    fixes,
    nearest,
    references,
    turned,
)
from app.evaluator.evidence import Origin, origins
from app.evaluator.offers import OfferValue, Position, offer_values, positions
from app.evaluator.verdict import Verdict, Yard, judge, yard

Outcome: TypeAlias = Literal["agreement", "impasse", "walkout", "adjourned", "open"]

Improvement: TypeAlias = Literal["accepted", "refused", "none", "not asked", "no deal"]
"""What became of the improvement after a deal. "not asked": the session did not offer one, and
what it would have been is computed here."""

CLOSEST = 3
"""Offers shown as those that came closest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """What there was to agree on under the preset in force.

    `signable` counts the packages all seats could sign, `undominated` those among them that no
    other dominates, `passing` the packages that could meet the decision rule, `held_up[s]` those
    that every seat but s could sign.
    """

    packages: int
    signable: int
    undominated: int
    passing: int
    held_up: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """For talks without a deal: what came closest, where everybody stood, what would have done.

    `closest` begins with the best-backed offer; `turning` is the one change that makes it
    signable by all, None when it is so already or no single change does. `openings` and `easing`
    are the smallest changes of mandates that open a zone in which nothing could be agreed.
    """

    closest: tuple[OfferValue, ...]
    positions: tuple[Position, ...]
    turning: Change | None
    openings: tuple[Opening, ...] = ()
    easing: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assessment:
    """Everything there is to say about a table by arithmetic.

    `signed` is the deal as signed, or no deal; `improved` the improvement, accepted or not,
    None when there is none to make. `origins` tell how each option of the signed package came
    in, `improved_origins` the same for the improvement. `start` is what fixes and nearest deals
    start from: the package in force, or without a deal the best-backed offer.
    """

    table: Table
    ground: Yard
    outcome: Outcome
    reason: str
    signed: Verdict
    improved: Verdict | None
    improvement: Improvement
    origins: tuple[Origin, ...]
    improved_origins: tuple[Origin, ...]
    zone: Zone
    references: tuple[Reference, ...]
    offers: tuple[OfferValue, ...]
    start: Package | None
    fixes: tuple[Fix, ...]
    nearest: tuple[Near, ...]
    debrief: Debrief | None
    crossings: tuple[LineCrossed, ...]

    @property
    def case(self) -> Case:
        """The case that was played."""
        return self.table.case

    @property
    def final(self) -> Verdict:
        """The verdict on what is in force at the end: the deal or its accepted improvement."""
        if self.improvement == "accepted" and self.improved is not None:
            return self.improved
        return self.signed


def assess(table: Table, survey: Survey | None = None) -> Assessment:
    """Assess a table, closed or not. `table` is the fold over the facilitator's events.

    `survey` is that of the table's case and preset, for who has it already. Raises CaseError for
    a record that holds only one seat's view, TooLarge for a case too large to enumerate.
    """
    _refuse_partial(table)
    case, preset = table.case, table.preset
    found = survey if survey is not None else bargaining.survey(case, preset)
    if (found.case_id, found.preset) != (case.id, preset):
        raise ValueError(f"the survey is of {found.case_id}/{found.preset}, not {case.id}/{preset}")
    ground = yard(case, preset, found)
    deal = table.deal
    signed = judge(ground, deal.package if deal else None, _overridden(table))
    improvement, better = _improvement(table, found)
    improved = judge(ground, better) if better is not None else None
    offers = offer_values(table)
    debrief = None if deal else _debrief(ground, table, offers)
    final = improved if improvement == "accepted" and improved is not None else signed
    start = final.package
    if start is None and debrief is not None and debrief.closest:
        start = debrief.closest[0].package
    return Assessment(
        table=table,
        ground=ground,
        outcome=table.closed.outcome if table.closed else "open",
        reason=table.closed.reason if table.closed else "",
        signed=signed,
        improved=improved,
        improvement=improvement,
        origins=origins(table, deal.package, deal.offer) if deal else (),
        improved_origins=origins(table, better, None) if better is not None else (),
        zone=_zone(ground),
        references=references(ground),
        offers=offers,
        start=start,
        fixes=fixes(ground, final if final.package is not None else judge(ground, start)),
        nearest=_nearest(ground, start),
        debrief=debrief,
        crossings=table.crossings,
    )


def _refuse_partial(table: Table) -> None:
    """Only the facilitator's record holds every mandate."""
    missing = [seat for seat in table.case.seat_ids if seat not in table.case.mandates]
    if missing:
        problem = (
            f"the mandates of {', '.join(missing)} are not in it: this is one viewer's record; "
            "assess the facilitator's (parley play --out, or an export by the facilitator)"
        )
        raise CaseError((Finding(path=table.table_id, key="case.mandates", problem=problem),))


def _overridden(table: Table) -> frozenset[str]:
    """Seats that put their name to the signed offer below their own floor."""
    if table.deal is None:
        return frozenset()
    offer, backers = table.deal.offer, table.deal.backers
    return frozenset(c.seat for c in table.crossings if c.offer == offer and c.seat in backers)


def _improvement(table: Table, found: Survey) -> tuple[Improvement, Package | None]:
    """What became of the improvement, and the package it is about."""
    if table.deal is None:
        return "no deal", None
    if table.improved is None:
        better = bargaining.improve(table.case, table.preset, table.deal.package, found)
        return "not asked", better
    settled = table.improved
    return settled.outcome, None if settled.outcome == "none" else settled.package


def _zone(ground: Yard) -> Zone:
    found = ground.found
    return Zone(
        packages=found.count,
        signable=found.signable,
        undominated=len(ground.edge),
        passing=found.passing,
        held_up=tuple((seat, found.held_up[seat]) for seat in ground.case.seat_ids),
    )


def _nearest(ground: Yard, start: Package | None) -> tuple[Near, ...]:
    """The nearest deals that leave nobody out, in the two readings that look at currencies."""
    found = (nearest(ground, start, "strong"), nearest(ground, start, "each"))
    return tuple(near for near in found if near is not None)


def _debrief(ground: Yard, table: Table, offers: tuple[OfferValue, ...]) -> Debrief:
    """The offers that came closest: most seats behind them, then most able to sign, then first."""
    case, preset = ground.case, ground.preset
    shut = ground.found.passing == 0
    ranked = sorted(offers, key=lambda o: (-len(o.peak), len(o.refusals), o.number))
    return Debrief(
        closest=tuple(ranked[:CLOSEST]),
        positions=positions(table),
        turning=turned(ground, ranked[0].package) if ranked and ranked[0].refusals else None,
        openings=openings(case, preset) if shut else (),
        easing=easing(case, preset) if shut else (),
    )
