"""The pages of the browser: a shell without data, its script and style, and the assessment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from app.evaluator.page import as_page
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
    page = as_page(await office.assessment(sitting))
    return HTMLResponse(page, headers={"content-security-policy": REPORT_POLICY})
