"""What the server says: a table as one viewer may know it, as JSON-ready data and frames.

Everything is built from that viewer's own fold and events, so nothing else can be in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from app.domain.case import Case
from app.domain.draft import draft
from app.domain.events import Body, Event, TableOpened
from app.domain.mandate import Floor, Mandate
from app.domain.table import FACILITATOR_VIEW, Table
from app.domain.terms import Issue, Package
from app.eventlog.base import encode_body
from app.orchestrator.awaiting import outstanding
from app.orchestrator.floor_rules import legal_moves

Json: TypeAlias = dict[str, Any]
KEPT = 4_096
PACKAGES = ('"package":[', '"drafts":[')
"""What stands in a body's JSON that names a package; in words a quotation mark is escaped."""


def dumps(data: Json) -> str:
    """Compact JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def facts(view: Table) -> Json:
    """What the case and the session tell everybody."""
    case = view.case
    preset = case.preset(view.preset)
    return {
        "id": view.table_id,
        "case": case.id,
        "title": case.title,
        "as_of": case.as_of,
        "disclaimer": case.disclaimer,
        "not_on_table": case.not_on_table,
        "currencies": list(case.currencies),
        "scale": case.scale,
        "gain": case.gain,
        "rule": {
            "required": list(case.rule.required),
            "at_least": case.rule.at_least,
            "vetoes": list(case.rule.vetoes),
        },
        "preset": {"id": preset.id, "text": preset.text},
        "session": {
            "rounds": view.session.rounds,
            "floor": view.session.floor,
            "mediator": view.session.mediator,
            "chair": view.session.chair,
            "improve": view.session.improve,
            "turn_seconds": view.session.turn_seconds,
            "record": view.session.record,
        },
        "seats": [
            {"id": seat.id, "name": seat.name, "short": seat.short, "brief": seat.brief}
            for seat in case.seats
        ],
        "issues": [_issue(issue, view.seed) for issue in case.issues],
    }


def _issue(issue: Issue, seed: int) -> Json:
    """An issue with its options in an order of the viewer's own: the file's would tell a rank."""

    def drawn(option: str) -> bytes:
        return hashlib.sha256(f"{seed}/{issue.id}/{option}".encode()).digest()

    return {
        "id": issue.id,
        "title": issue.title,
        "topic": issue.topic,
        "owners": list(issue.owners),
        "options": [
            {"id": option.id, "label": option.label, "text": option.text}
            for option in sorted(issue.options, key=lambda each: drawn(each.id))
        ],
    }


def own(view: Table, viewer: str) -> Json:
    """What the viewer is at this table, with the mandate of its own seat."""
    case = view.case
    if viewer not in case.seat_ids:
        role = "facilitator" if viewer == FACILITATOR_VIEW else "watcher"
        return {"viewer": viewer, "role": role}
    mandate = case.mandates[viewer]
    floor = case.floor(viewer, view.preset)
    return {
        "viewer": viewer,
        "role": "seat",
        "brief": mandate.brief,
        "goals": [{"text": aim.text, "currency": aim.currency} for aim in mandate.goals],
        "interests": [{"text": aim.text, "currency": aim.currency} for aim in mandate.interests],
        "currency_rank": list(mandate.currency_rank),
        "red_lines": [{"id": line.id, "text": line.text} for line in mandate.red_lines],
        "no_deal": {
            "points": _points(mandate.no_deal, case.currencies),
            "total": sum(mandate.no_deal),
            "lines": [
                {"line": line.line, "points": _points(line.points, case.currencies)}
                for line in mandate.no_deal_lines
            ],
        },
        "floor": _floor(floor, case.currencies),
        "best": mandate.best(),
        "sheet": {
            issue.id: {option: list(points) for option, points in row.items()}
            for issue, row in zip(case.issues, mandate.sheet, strict=True)
        },
        "points": [
            {"id": point.id, "issue": point.issue, "text": point.text}
            for point in case.seat(viewer).points
        ],
    }


def _points(points: tuple[int, ...], currencies: tuple[str, ...]) -> dict[str, int]:
    return dict(zip(currencies, points, strict=True))


def _floor(floor: Floor, currencies: tuple[str, ...]) -> Json:
    return {
        "total": floor.total,
        "signing": sum(floor.no_deal) + floor.gain,
        "capital": floor.least,
        "currencies": _points(floor.no_deal, currencies) if floor.strong else {},
    }


def worth(case: Case, preset: str, seat: str, package: Package) -> Json:
    """What a package is worth to one's own seat, and which of its lines it would cross."""
    mandate: Mandate = case.mandates[seat]
    points = mandate.worth(package)
    return {
        "points": _points(points, case.currencies),
        "total": sum(points),
        "no_deal": sum(mandate.no_deal),
        "floor": case.floor(seat, preset).total,
        "breaches": [
            {"rule": each.rule, "reason": each.reason, "line": each.line}
            for each in case.breaches(seat, package, preset)
        ],
    }


def status(view: Table, viewer: str, head: int) -> Json:
    """The state as the viewer may know it: whom it waits for, the draft, what may be done."""
    closed, deal, improved = view.closed, view.deal, view.improved
    return {
        "type": "status",
        "head": head,
        "round": view.round,
        "turn": (
            {"number": view.turn.number, "seat": view.turn.seat, "deadline": view.turn.deadline}
            if view.turn
            else None
        ),
        "awaited": [{"act": each.act, "seat": each.seat} for each in outstanding(view)],
        "occupants": dict(view.occupants),
        "names": dict(view.names),
        "present": list(view.present),
        "backing": {str(number): list(seats) for number, seats in view.backing.items()},
        "latest": dict(view.latest),
        "passing": list(view.passing),
        "draft": [
            {
                "issue": clause.issue,
                "agreed": clause.agreed,
                "alternatives": [
                    {"option": each.option, "seats": list(each.seats)}
                    for each in clause.alternatives
                ],
                "silent": list(clause.silent),
            }
            for clause in draft(view)
        ],
        "rooms": [
            {"id": r.id, "seats": list(r.seats), "by": r.by, "topic": r.topic, "open": r.open}
            for r in view.rooms.values()
        ],
        "drafts": [view.agenda.as_mapping(package) for package in view.drafts],
        "ranking": list(view.ranking),
        "improvement": view.agenda.as_mapping(view.improvement) if view.improvement else None,
        "legal": _legal(view, viewer),
        "deal": {"offer": deal.offer, "how": deal.how} if deal else None,
        "improved": improved.outcome if improved else None,
        "signed": view.agenda.as_mapping(view.signed) if view.signed else None,
        "closed": {"outcome": closed.outcome, "reason": closed.reason} if closed else None,
    }


def _legal(view: Table, viewer: str) -> Json | None:
    """What the seat may do now, and which private answers are asked of it."""
    if viewer not in view.case.seat_ids:
        return None
    legal = legal_moves(view, viewer)
    asked = {each.act for each in outstanding(view) if each.seat == viewer}
    return {
        "turn": legal.turn,
        "endorse": list(legal.endorse),
        "below": list(legal.below),
        "withdraw": list(legal.withdraw),
        "may_table": legal.may_table,
        "may_walk": legal.may_walk,
        "asked": sorted(asked - {"turn", "reply"}),
    }


def ready(view: Table, viewer: str, head: int, re: str = "") -> Json:
    """The answer to an opening: who you are, the table, and your own instructions."""
    return {
        "type": "session.ready",
        "re": re,
        "you": own(view, viewer),
        "table": facts(view),
        "head": head,
        "status": status(view, viewer, head),
    }


class Press:
    """Prints events as frames; a body is printed once for all who may see it."""

    def __init__(self) -> None:
        self._printed: dict[int, tuple[Body, str]] = {}

    def frame(self, event: Event, issues: tuple[str, ...]) -> str:
        """One event in its viewer's numbering."""
        body = event.body
        held = self._printed.get(id(body))
        if held is None or held[0] is not body:
            if len(self._printed) >= KEPT:
                self._printed.clear()
            held = self._printed[id(body)] = (body, _body(body, issues))
        return (
            f'{{"type":"event","cursor":{event.seq},"at":{event.at},'
            f'"kind":"{body.kind}","body":{held[1]}}}'
        )


def _body(body: Body, issues: tuple[str, ...]) -> str:
    """A body as JSON; packages as issue and option. The case itself is in `session.ready`."""
    if isinstance(body, TableOpened):
        return dumps({"kind": body.kind, "case": body.case.id, "version": body.version})
    text = encode_body(body)
    if not any(mark in text for mark in PACKAGES):
        return text
    return dumps(_named(json.loads(text), issues))


def _named(plain: Any, issues: tuple[str, ...]) -> Any:
    if isinstance(plain, Mapping):
        return {key: _package(key, each, issues) for key, each in plain.items()}
    if isinstance(plain, list):
        return [_named(each, issues) for each in plain]
    return plain


def _package(key: str, value: Any, issues: tuple[str, ...]) -> Any:
    if key == "package" and isinstance(value, list):
        return dict(zip(issues, value, strict=True))
    if key == "drafts" and isinstance(value, list):
        return [dict(zip(issues, each, strict=True)) for each in value]
    return _named(value, issues)
