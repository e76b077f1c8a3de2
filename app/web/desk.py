"""The HTTP routes of those who run tables: players, passes, and what the models used."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from app.domain.table import FACILITATOR_VIEW
from app.web import wire
from app.web.api import (
    ERRORS,
    Desk,
    Failure,
    Viewer,
    Who,
    operator_only,
    principal_of,
    sitting_of,
)

desk_routes = APIRouter(prefix="/v1", responses=ERRORS, dependencies=[Depends(principal_of)])


@desk_routes.get("/players", tags=["tables"])
async def players(office: Desk, who: Who) -> dict[str, Any]:
    """Who may play a seat beside the engine: the operator's models, and what may be chosen."""
    operator_only(who)
    return office.players.listing()


@desk_routes.get("/tables/{table_id}/usage", tags=["tables"])
async def usage(
    office: Desk, who: Who, table_id: str, viewer: Viewer = FACILITATOR_VIEW
) -> dict[str, Any]:
    """What the models of a table used, seat by seat, and what the caps leave: facilitator only."""
    if viewer != FACILITATOR_VIEW:
        raise Failure(403, "not-allowed", "Only the facilitator sees what the models used.")
    return office.spending(await sitting_of(office, who, table_id, viewer))


@desk_routes.post("/tables/{table_id}/passes", status_code=201, tags=["tables"])
async def make_pass(office: Desk, who: Who, table_id: str, body: wire.PassFor) -> dict[str, str]:
    """A pass that admits its bearer as one viewer of this table and as nobody else."""
    operator_only(who)
    await sitting_of(office, who, table_id, body.viewer)
    made = office.access.pass_for(table_id, body.viewer)
    return {"pass": made, "page": f"/tables/{table_id}#token={made}&viewer={body.viewer}"}


@desk_routes.post("/tables/{table_id}/passes/revoke", tags=["tables"])
async def revoke_pass(office: Desk, who: Who, table_id: str, body: wire.PassFor) -> dict[str, Any]:
    """Make every pass void that was given out for this viewer, and close what uses one."""
    operator_only(who)
    await sitting_of(office, who, table_id, body.viewer)
    return {"viewer": body.viewer, "closed": office.revoke(table_id, body.viewer)}
