"""An assessment as data: the JSON of `parley assess --json`, format parley.assessment/1.

Top level:

    format, case {id, title, as_of, disclaimer, hash}, table, seed, version, preset, record_mode,
    seats [{id, name, short, occupant}], currencies, gain
    outcome     agreement | impasse | walkout | adjourned | open; reason, rounds, turns
    headline    the answer to "Who leaves with nothing?"; yardstick, conventions
    signed      a verdict; its package is null without a deal
    improvement accepted | refused | none | not asked | no deal; improved: a verdict or null
    origins     [{issue, option, first {offer, by, turn, round} | null, quote | null}] of the
                signed text; improved_origins the same
    zone        {packages, signable, undominated, passing, held_up {seat: count}}
    references  [{id, title, package, signable, totals {seat}, worth {seat: {currency}}}]
    offers      [{number, by, turn, round, package, totals, worth, peak, peak_turn, backers,
                refusals {seat: [why]}, signable}]
    start       the package that fixes and nearest start from, or null
    fixes       [{issue, option, from, harmless, helps, fills [{seat, currency}], totals, shifts,
                objections [{seat, loss, below_floor, why}]}]
    nearest     [{wanted strong|each, package | null, issues, shifts}]
    debrief     null with a deal, else {closest [offer numbers], positions [{seat, tabled,
                backed}], turning {issue, option, from, totals} | null, openings and easing
                [{seat, points, floor, line}]: what would open a zone in which nothing passes}
    overrides   [{turn, seat, offer, signed, why}]; offer 0 is the improvement

A verdict: {package {issue: option} | null, readings {any, strong, each}, lacking [{seat,
currency, gain}], thinnest, measures {...}, seats [{seat, readings, total, no_deal, gain, best,
use, mandate {least, met}, overridden, refusals, red_lines [{id, text, status, touched, kept}],
currencies [{currency, no_deal, got, gain, earned [{issue, option, points}]}]}]}.

Points are whole numbers, every other number is finite and rounded to six places, what has no
value is null. A quote is an exact slice of the words spoken. Fields are only ever added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeAlias

from app.domain.bargaining import Change
from app.domain.case import Case
from app.domain.events import LineCrossed
from app.domain.table import Table
from app.domain.terms import Package, Points
from app.evaluator import wording
from app.evaluator.alternatives import Fix, Near, Reference
from app.evaluator.evidence import Origin
from app.evaluator.offers import OfferValue
from app.evaluator.value import Assessment
from app.evaluator.verdict import SeatVerdict, Verdict

FORMAT = "parley.assessment/1"

Json: TypeAlias = dict[str, Any]


def as_text(found: Assessment) -> str:
    """The assessment as JSON, in plain ASCII so that no terminal reads it as orders."""
    return json.dumps(as_data(found), indent=1, allow_nan=False)


def as_data(found: Assessment) -> Json:
    """The assessment as plain dicts, lists, strings and numbers."""
    case, table = found.case, found.table
    return {
        "format": FORMAT,
        "case": {
            "id": case.id,
            "title": case.title,
            "as_of": case.as_of,
            "disclaimer": wording.fiction(case),
            "hash": table.case_hash,
        },
        "table": table.table_id,
        "seed": table.seed,
        "version": table.version,
        "preset": table.preset,
        "record_mode": table.session.record,
        "seats": [
            {
                "id": seat.id,
                "name": seat.name,
                "short": seat.short,
                "occupant": table.occupants.get(seat.id),
            }
            for seat in case.seats
        ],
        "currencies": list(case.currencies),
        "gain": case.gain,
        "outcome": found.outcome,
        "reason": found.reason,
        "rounds": table.round,
        "turns": table.turns,
        "headline": wording.headline(found),
        "yardstick": wording.yardstick(case),
        "conventions": list(wording.CONVENTIONS),
        "signed": _verdict(case, found.signed),
        "improvement": found.improvement,
        "improved": _verdict(case, found.improved) if found.improved else None,
        "origins": [_origin(origin) for origin in found.origins],
        "improved_origins": [_origin(origin) for origin in found.improved_origins],
        "zone": {**asdict(found.zone), "held_up": dict(found.zone.held_up)},
        "references": [_reference(case, mark) for mark in found.references],
        "offers": [_offer(case, offer) for offer in found.offers],
        "start": _package(case, found.start),
        "fixes": [_fix(found, fix) for fix in found.fixes],
        "nearest": [_near(case, near) for near in found.nearest],
        "debrief": _debrief(found),
        "overrides": overrides(found),
    }


def overrides(found: Assessment) -> list[Json]:
    """Every crossing of a seat's own floor, and whether it is in the text that was signed."""
    case, table = found.case, found.table
    rows: list[Json] = []
    for crossing in table.crossings:
        package = _crossed(table, crossing)
        better = table.improved is not None and table.improved.outcome == "accepted"
        rows.append(
            {
                "turn": crossing.turn,
                "seat": crossing.seat,
                "offer": crossing.offer,
                "signed": better
                if not crossing.offer
                else found.signed.seat(crossing.seat).overridden
                and table.deal is not None
                and table.deal.offer == crossing.offer,
                "why": [
                    wording.reasons(case, crossing.seat, package, (breach,))
                    for breach in crossing.breaches
                ],
            }
        )
    return rows


def _crossed(table: Table, crossing: LineCrossed) -> Package:
    """The package a crossing is about; number 0 stands for the improvement."""
    offer = table.offer(crossing.offer)
    if offer is not None:
        return offer.package
    return table.improved.package if table.improved else table.improvement or ()


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 6)


def _package(case: Case, package: Package | None) -> dict[str, str] | None:
    return None if package is None else case.agenda.as_mapping(package)


def _worth(case: Case, worth: Mapping[str, Points]) -> Json:
    return {seat: dict(zip(case.currencies, points, strict=True)) for seat, points in worth.items()}


def _verdict(case: Case, verdict: Verdict) -> Json:
    measures = asdict(verdict.measures) | {"joint_left": verdict.measures.joint_left}
    return {
        "package": _package(case, verdict.package),
        "readings": asdict(verdict.readings),
        "lacking": [
            {"seat": seat, "currency": entry.currency, "gain": entry.gain}
            for seat, entry in verdict.lacking
        ],
        "thinnest": list(verdict.thinnest),
        "measures": {
            key: _round(value) if isinstance(value, float) else value
            for key, value in measures.items()
        },
        "seats": [_seat(case, verdict, seat) for seat in verdict.seats],
    }


def _seat(case: Case, verdict: Verdict, seat: SeatVerdict) -> Json:
    package = verdict.package
    return {
        "seat": seat.seat,
        "readings": asdict(seat.readings),
        "total": seat.total,
        "no_deal": seat.held,
        "gain": seat.gain,
        "best": seat.best,
        "use": _round(seat.use),
        "mandate": {"least": seat.least, "met": seat.mandate_met if package else None},
        "overridden": seat.overridden,
        "refusals": []
        if package is None
        else [wording.reasons(case, seat.seat, package, (breach,)) for breach in seat.refusals],
        "red_lines": [
            {
                "id": line.id,
                "text": line.text,
                "status": line.status,
                "touched": list(line.touched),
                "kept": line.kept,
            }
            for line in seat.lines
        ],
        "currencies": [
            {
                "currency": entry.currency,
                "no_deal": entry.held,
                "got": entry.got,
                "gain": entry.gain,
                "earned": [asdict(earning) for earning in entry.earned],
            }
            for entry in seat.entries
        ],
    }


def _origin(origin: Origin) -> Json:
    return asdict(origin)


def _reference(case: Case, mark: Reference) -> Json:
    return {
        "id": mark.id,
        "title": mark.title,
        "package": _package(case, mark.package),
        "signable": mark.signable,
        "totals": mark.totals,
        "worth": _worth(case, mark.worth),
    }


def _offer(case: Case, offer: OfferValue) -> Json:
    return {
        "number": offer.number,
        "by": offer.by,
        "turn": offer.turn,
        "round": offer.round,
        "package": _package(case, offer.package),
        "totals": offer.totals,
        "worth": _worth(case, offer.worth),
        "peak": list(offer.peak),
        "peak_turn": offer.peak_turn,
        "backers": list(offer.backers),
        "refusals": {
            seat: [wording.reasons(case, seat, offer.package, (breach,)) for breach in found]
            for seat, found in offer.refusals.items()
        },
        "signable": offer.signable,
    }


def _change(case: Case, start: Package, change: Change) -> Json:
    return {
        "issue": change.issue,
        "option": change.option,
        "from": start[case.agenda.index(change.issue)],
        "totals": dict(change.totals),
        "shifts": _worth(case, change.shifts),
    }


def _fix(found: Assessment, fix: Fix) -> Json:
    case = found.case
    return {
        **_change(case, found.start or (), fix.change),
        "harmless": fix.harmless,
        "helps": list(fix.helps),
        "fills": [{"seat": seat, "currency": currency} for seat, currency in fix.fills],
        "objections": [
            {
                "seat": objection.seat,
                "loss": objection.loss,
                "below_floor": bool(objection.breaches),
                "why": wording.objection(case, fix.change.package, objection),
            }
            for objection in fix.objections
        ],
    }


def _near(case: Case, near: Near) -> Json:
    return {
        "wanted": near.wanted,
        "package": _package(case, near.package),
        "issues": list(near.issues),
        "shifts": _worth(case, near.shifts),
    }


def _debrief(found: Assessment) -> Json | None:
    if found.debrief is None:
        return None
    turning = found.debrief.turning
    return {
        "closest": [offer.number for offer in found.debrief.closest],
        "positions": [asdict(position) for position in found.debrief.positions],
        "turning": None
        if turning is None
        else _change(found.case, found.debrief.closest[0].package, turning),
        "openings": [asdict(opening) for opening in found.debrief.openings],
        "easing": [asdict(opening) for opening in found.debrief.easing],
    }
