"""Whether a record that was read makes sense: its case, and each event after the ones before.

Files come from anywhere. What passes here can be folded, replayed and assessed without surprise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.domain.case import Case
from app.domain.events import (
    AgreementReached,
    BallotCast,
    Body,
    DraftsCirculated,
    Event,
    ImprovementAnswered,
    ImprovementProposed,
    ImprovementSettled,
    LineCrossed,
    Moved,
    RankingOpened,
    TableOpened,
    TextTabled,
    TurnOpened,
    VoteCast,
)
from app.domain.mandate import Mandate
from app.domain.table import FACILITATOR_VIEW, HELPERS, Table, evolve
from app.domain.terms import Package

SEATS_ONLY = (TurnOpened, Moved, LineCrossed, VoteCast, BallotCast, ImprovementAnswered)


def first_fault(events: Sequence[Event]) -> tuple[int, str] | None:
    """The number of the first event that makes no sense, and why; None when all do."""
    table: Table | None = None
    for event in events:
        fault = _opening(event.body) if table is None else next(_faults(table, event.body), "")
        if fault:
            return event.seq, fault
        try:
            table = evolve(table, event)
        except (KeyError, ValueError, IndexError, TypeError) as error:
            return event.seq, f"cannot follow what came before ({error})"
    return None


def _opening(body: Body) -> str:
    """The first fault of an opening."""
    if not isinstance(body, TableOpened):
        return "the first event of a table is its opening"
    case = body.case
    presets = {preset.id for preset in case.presets}
    if body.session.preset not in presets or case.session.preset not in presets:
        return f"there is no preset {body.session.preset[:60]!a}"
    if not case.issues or not all(issue.options for issue in case.issues):
        return "an issue without options"
    if not case.seats or set(case.mandates) != set(case.seat_ids):
        return "seats and mandates do not match"
    if not {*case.rule.required, *case.rule.vetoes} <= set(case.seat_ids):
        return "the decision rule names an unknown seat"
    if not all(case.agenda.complete(row.package) for row in case.references):
        return "a named package is not one of this agenda"
    return next((fault for each in case.mandates.values() if (fault := _mandate(each, case))), "")


def _mandate(mandate: Mandate, case: Case) -> str:
    """The first fault of a mandate."""
    width = len(case.currencies)
    options = [{option.id for option in issue.options} for issue in case.issues]
    if [set(row) for row in mandate.sheet] != options:
        return f"the sheet of {mandate.seat[:60]!a} does not fit the agenda"
    rows = [points for row in mandate.sheet for points in row.values()]
    rows += [line.points for line in mandate.no_deal_lines]
    if not mandate.no_deal_lines or any(len(points) != width for points in rows):
        return f"the points of {mandate.seat[:60]!a} do not fit the currencies"
    known = dict(zip(case.agenda.ids, options, strict=True))
    for line in mandate.red_lines:
        if not all(set(listed) <= known.get(issue, set()) for issue, listed in line.of.items()):
            return f"red line {line.id[:60]!a} of {mandate.seat[:60]!a} names an unknown option"
    return ""


def _faults(table: Table, body: Body) -> Iterator[str]:
    """Unknown seats, incomplete packages, and numbers of offers that are not on the table."""
    seat = getattr(body, "seat", None)
    others = () if isinstance(body, SEATS_ONLY) else (*HELPERS, FACILITATOR_VIEW)
    if isinstance(seat, str) and seat not in (*table.case.seat_ids, *others):
        yield f"there is no seat {seat[:60]!a}"
    for package in _packages(body):
        if not table.agenda.complete(package):
            yield "a package that is not one of this agenda"
    following = len(table.offers) + 1
    if isinstance(body, Moved | TextTabled) and body.offer not in (None, following):
        yield f"found offer {body.offer}; expected {following}"
    for number in _offers(body):
        if table.offer(number) is None:
            yield f"offer {number} is not on the table"


def _packages(body: Body) -> tuple[Package, ...]:
    """The packages that an event carries."""
    match body:
        case Moved():
            return (body.move.package,) if body.move.package is not None else ()
        case TextTabled() | AgreementReached() | ImprovementProposed() | ImprovementSettled():
            return (body.package,)
        case DraftsCirculated():
            return body.drafts
        case _:
            return ()


def _offers(body: Body) -> tuple[int, ...]:
    """The standing offers that an event speaks of."""
    match body:
        case Moved():
            return (*body.move.endorse, *(each.offer for each in body.move.withdraw))
        case AgreementReached():
            return (body.offer,)
        case RankingOpened():
            return body.offers
        case _:
            return ()
