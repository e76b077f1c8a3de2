"""The pages of the browser: a shell without data, its script and style, and what is read after."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from app.domain.table import FACILITATOR_VIEW
from app.evaluator.debrief.whole import debrief
from app.evaluator.handout.html import as_html
from app.evaluator.page import as_page
from app.orchestrator.sitting import Sitting
from app.web.access import REPORT_POLICY
from app.web.api import Failure, when_closed
from app.web.office import Office

STATIC = Path(__file__).resolve().parent / "static"

pages = APIRouter(include_in_schema=False)
static_files = StaticFiles(directory=STATIC)


@pages.get("/")
async def home() -> Response:
    """Pick a case and a seat."""
    return FileResponse(STATIC / "index.html")


@pages.get("/favicon.ico")
async def icon() -> Response:
    """The icon."""
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")


@pages.get("/tables/{table_id}")
async def table(table_id: str) -> Response:  # noqa: ARG001 - the script reads it off the address
    """The table's shell; what it shows comes over the socket."""
    return FileResponse(STATIC / "table.html")


@pages.get("/tables/{table_id}/assessment")
async def assessment(
    request: Request,
    table_id: str,
    viewer: Annotated[str, Query(max_length=200)] = "watcher",
) -> Response:
    """The assessment as one self-contained file."""
    office, sitting, _ = await _reader(request, table_id, viewer)
    page = as_page(await office.assessment(sitting))
    return HTMLResponse(page, headers={"content-security-policy": REPORT_POLICY})


@pages.get("/tables/{table_id}/debrief")
async def after_action(
    request: Request,
    table_id: str,
    viewer: Annotated[str, Query(max_length=200)] = FACILITATOR_VIEW,
) -> Response:
    """The after-action report: the facilitator's of everything, a seat's of its own view."""
    office, sitting, seen_as = await _reader(request, table_id, viewer)
    if seen_as == FACILITATOR_VIEW:
        told = await asyncio.to_thread(
            debrief, sitting.events, found=await office.assessment(sitting)
        )
    elif seen_as in sitting.table.case.seat_ids:
        told = await asyncio.to_thread(debrief, sitting.seen(seen_as), seen_as)
    else:
        raise Failure(
            403, "not-allowed", "A watcher has no report.", remedy="Open the assessment instead."
        )
    page = await asyncio.to_thread(as_html, told)
    return HTMLResponse(page, headers={"content-security-policy": REPORT_POLICY})


async def _reader(request: Request, table_id: str, viewer: str) -> tuple[Office, Sitting, str]:
    """The table and whom its reader is seen as, once what was asked for is open to them."""
    office: Office = request.app.state.office
    who = office.access.principal(request.headers)
    if who is None:
        raise Failure(401, "not-logged-in", "Log in first.")
    # A guest with a pass has one viewer only; the end of the talks opens the page to every viewer.
    seen_as = viewer if who.operator else who.viewer
    if not who.knows(table_id):
        raise Failure(404, "no-such-table", "There is no such table.")
    sitting = await office.sitting(table_id)
    if sitting is None:
        raise Failure(404, "no-such-table", "There is no such table.")
    when_closed(sitting, seen_as)
    return office, sitting, seen_as
