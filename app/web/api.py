"""The HTTP routes: cases, tables, views, commands, records, assessments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from app import __version__
from app.domain.case import Case
from app.domain.table import FACILITATOR_VIEW, WATCHER_VIEW
from app.errors import CaseError
from app.evaluator.report import as_data
from app.eventlog.record import write_record
from app.library import TableInfo
from app.orchestrator.orders import REFUSALS, Refusal
from app.orchestrator.sitting import Sitting
from app.web import views, wire
from app.web.access import Principal, caller, is_viewer
from app.web.acts import incomplete, package_of
from app.web.office import Office
from app.web.players import Player
from app.web.wire import Problem

MOST_EVENTS = 500


class Failure(Exception):
    """An answer that is an error, in the one shape."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        place: str | None = None,
        remedy: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.problem = Problem(code=code, message=message, place=place, remedy=remedy)
        super().__init__(message)


ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "Nobody known: log in, or send a Bearer token."},
    403: {"model": Problem, "description": "Not for this viewer, or not yet."},
    404: {"model": Problem, "description": "There is no such thing for you."},
    409: {"model": Problem, "description": "Refused by the rules: " + ", ".join(sorted(REFUSALS))},
    422: {"model": Problem, "description": "The request cannot be read."},
}


def office_of(request: Request) -> Office:
    """The server's parts."""
    office: Office = request.app.state.office
    return office


def principal_of(request: Request) -> Principal:
    """Who asks; 401 for nobody known."""
    principal = office_of(request).access.principal(request.headers)
    if principal is None:
        raise Failure(
            401, "not-logged-in", "Log in first.", remedy="Use the address that the server printed."
        )
    return principal


Desk = Annotated[Office, Depends(office_of)]
Who = Annotated[Principal, Depends(principal_of)]
Viewer = Annotated[
    str,
    Query(max_length=200, description="A seat, `watcher` or `facilitator`.", examples=["ukraine"]),
]

open_routes = APIRouter()
routes = APIRouter(prefix="/v1", responses=ERRORS, dependencies=[Depends(principal_of)])


@open_routes.get("/healthz", tags=["service"])
async def healthz() -> dict[str, str]:
    """Whether the server is up."""
    return {"status": "ok", "version": __version__}


@open_routes.post(
    "/api/login",
    status_code=204,
    tags=["service"],
    responses={401: ERRORS[401], 429: {"model": Problem, "description": "Too many wrong tokens."}},
)
async def login(office: Desk, request: Request, body: wire.Login) -> Response:
    """Trade the token of the start address, or a seat's pass, for a cookie."""
    client = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    address = caller(client, forwarded, behind_proxy=office.settings.behind_proxy)
    wait = office.access.attempts.wait(address)
    if wait:
        raise Failure(
            429,
            "too-many-attempts",
            "Too many wrong tokens came from your address.",
            remedy=f"Try again in {wait} seconds.",
            headers={"retry-after": str(wait)},
        )
    value = office.access.login(body.token)
    if value is None:
        office.access.attempts.failed(address)
        raise Failure(
            401,
            "bad-token",
            "That token is not known.",
            remedy="Use the address printed when the server started.",
        )
    answer = Response(status_code=204)
    answer.set_cookie(
        office.access.cookie,
        value,
        httponly=True,
        samesite="strict",
        path="/",
        secure=office.settings.behind_proxy,
        max_age=30 * 24 * 3600,
    )
    return answer


@open_routes.post("/api/logout", status_code=204, tags=["service"])
async def logout(office: Desk) -> Response:
    """Forget the cookie."""
    answer = Response(status_code=204)
    answer.delete_cookie(office.access.cookie, path="/")
    return answer


@routes.get("/me", tags=["service"])
async def me(who: Who) -> dict[str, Any]:
    """As whom you are logged in."""
    if who.operator:
        return {"role": "operator"}
    return {"role": "guest", "table": who.table_id, "viewer": who.viewer}


@routes.get("/cases", tags=["cases"])
async def cases(office: Desk) -> list[dict[str, Any]]:
    """Every case that can be opened, with what is public about it."""
    return [_case_row(office, info) for info in office.cases()]


def _case_row(office: Office, info: TableInfo) -> dict[str, Any]:
    try:
        case = office.case(info.name)
    except CaseError as error:
        first = error.findings[0]
        return {"name": info.name, "title": info.title, "problem": f"{first.key}: {first.problem}"}
    return {"name": info.name, **_public_case(case)}


def _public_case(case: Case) -> dict[str, Any]:
    default = case.session
    return {
        "title": case.title,
        "as_of": case.as_of,
        "disclaimer": case.disclaimer,
        "issues": [{"id": issue.id, "title": issue.title} for issue in case.issues],
        "seats": [
            {"id": seat.id, "name": seat.name, "short": seat.short, "brief": seat.brief}
            for seat in case.seats
        ],
        "presets": [{"id": preset.id, "text": preset.text} for preset in case.presets],
        "sources": [
            {"title": s.title, "author": s.author, "publisher": s.publisher, "date": s.date}
            for s in case.sources
        ],
        "session": {
            "preset": default.preset,
            "rounds": default.rounds,
            "floor": default.floor,
            "mediator": default.mediator,
            "chair": default.chair,
            "improve": default.improve,
            "turn_seconds": default.turn_seconds,
        },
        "problem": None,
    }


@routes.post("/tables", status_code=201, tags=["tables"])
async def open_table(office: Desk, who: Who, body: wire.NewTable) -> dict[str, str]:
    """Open a table. Seats that are not named are the engine's.

    A seat may be given to a model of the operator's list, which `GET /v1/players` shows.
    """
    operator_only(who)
    try:
        case = office.case(body.case)
    except KeyError:
        raise Failure(
            404, "no-such-case", "There is no such case.", "case", "GET /v1/cases lists them."
        ) from None
    for seat, player in body.players.items():
        unfit = office.players.unfit(player) if isinstance(player, Player) else None
        if unfit is not None:
            raise Failure(409, unfit.code, unfit.message, f"body.seats.{seat}", unfit.remedy)
    done = await office.open(case, body)
    if isinstance(done, Refusal):
        raise Failure(409, done.code, done.reason)
    return {"id": done, "page": f"/tables/{done}", "socket": f"/v1/tables/{done}/ws"}


@routes.get("/tables", tags=["tables"])
async def list_tables(office: Desk, who: Who) -> list[dict[str, Any]]:
    """The tables you may know of, the newest first."""
    return [row for row in await office.summaries() if who.knows(row["id"])]


@routes.get("/tables/{table_id}", tags=["tables"])
async def table_state(
    office: Desk, who: Who, table_id: str, viewer: Viewer = WATCHER_VIEW
) -> dict[str, Any]:
    """The table as one viewer may know it: the same as `session.ready` on the socket."""
    sitting = await sitting_of(office, who, table_id, viewer)
    return views.ready(sitting.view(viewer), viewer, len(sitting.seen(viewer)))


@routes.get("/tables/{table_id}/events", tags=["tables"])
async def events(
    office: Desk,
    who: Who,
    table_id: str,
    viewer: Viewer = WATCHER_VIEW,
    after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> dict[str, Any]:
    """A viewer's events after a cursor, in that viewer's own dense numbering."""
    sitting = await sitting_of(office, who, table_id, viewer)
    seen = sitting.seen(viewer)
    issues = sitting.table.agenda.ids
    part = seen[after : after + MOST_EVENTS]
    return {
        "head": len(seen),
        "events": [json.loads(office.press.frame(event, issues)) for event in part],
    }


@routes.post("/tables/{table_id}/commands", tags=["tables"])
async def command(office: Desk, who: Who, table_id: str, body: wire.Handed) -> dict[str, Any]:
    """Hand in a command as a viewer; the same id again gives the same answer."""
    sitting = await sitting_of(office, who, table_id, body.viewer)
    wanted = office.command(body.command, sitting, body.viewer)
    answer = await office.reception.submit(table_id, body.viewer, body.command.id, wanted)
    if isinstance(answer, Refusal):
        raise Failure(409, answer.code, answer.reason)
    return {"type": "ack", "re": body.command.id, "cursor": answer.cursor}


@routes.post("/tables/{table_id}/worth", tags=["tables"])
async def package_worth(office: Desk, who: Who, table_id: str, body: wire.Asked) -> dict[str, Any]:
    """What a package is worth to your own seat, and which of its lines it would cross."""
    sitting = await sitting_of(office, who, table_id, body.viewer)
    view = sitting.view(body.viewer)
    if body.viewer not in view.case.seat_ids:
        raise Failure(403, "not-allowed", "Only a seat has a sheet.", "viewer")
    package = package_of(body.package, view)
    if package is None:
        refusal = incomplete(view)
        raise Failure(409, refusal.code, refusal.reason, "package")
    return views.worth(view.case, view.preset, body.viewer, package)


@routes.get("/tables/{table_id}/record", tags=["records"], response_class=StreamingResponse)
async def record(
    office: Desk, who: Who, table_id: str, viewer: Viewer = WATCHER_VIEW
) -> StreamingResponse:
    """The record as JSON lines: one viewer's own. The facilitator's holds every secret."""
    sitting = await sitting_of(office, who, table_id, viewer)
    lines = list(write_record(sitting.seen(viewer), viewer))
    secrets = "contains-secrets" if viewer == FACILITATOR_VIEW else "own-view-only"
    return StreamingResponse(
        iter(lines),
        media_type="application/x-ndjson",
        headers={
            "content-disposition": f'attachment; filename="{table_id}-{_slug(viewer)}.jsonl"',
            "parley-record": secrets,
        },
    )


@routes.get("/tables/{table_id}/assessment", tags=["records"])
async def assessment(
    office: Desk, who: Who, table_id: str, viewer: Viewer = WATCHER_VIEW
) -> JSONResponse:
    """Who left with what. While the table is open it is the facilitator's alone."""
    sitting = await sitting_of(office, who, table_id, viewer)
    when_closed(sitting, viewer)
    return JSONResponse(as_data(await office.assessment(sitting)))


def when_closed(sitting: Sitting, viewer: str) -> None:
    """Assessments hold everybody's sheet: not before the end, but for the facilitator."""
    if sitting.table.closed is None and viewer != FACILITATOR_VIEW:
        raise Failure(
            403,
            "still-open",
            "The assessment holds every seat's sheet and opens when the talks are over.",
            remedy="Finish the table, or ask as viewer=facilitator.",
        )


async def sitting_of(office: Office, who: Principal, table_id: str, viewer: str) -> Sitting:
    """The table, if this principal may see it as that viewer."""
    if not who.may(table_id, viewer):
        raise Failure(403, "not-allowed", "You may not look at this table as that viewer.")
    sitting = await office.sitting(table_id)
    if sitting is None:
        raise Failure(
            404, "no-such-table", "There is no such table.", remedy="GET /v1/tables lists them."
        )
    if not is_viewer(viewer, sitting.table.case.seat_ids):
        raise Failure(
            404,
            "no-such-viewer",
            "There is no such viewer at this table.",
            "viewer",
            f"One of: {', '.join((*sitting.table.case.seat_ids, WATCHER_VIEW, FACILITATOR_VIEW))}.",
        )
    return sitting


def operator_only(who: Principal) -> None:
    """Refuse everybody but the operator."""
    if not who.operator:
        raise Failure(403, "not-allowed", "Only the holder of the login token may do that.")


def _slug(text: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in text)
