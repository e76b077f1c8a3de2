"""What every route and socket works with: desk, hosts, cases, access, and the present tables."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app import __version__
from app.domain.case import Case, Session
from app.domain.events import Occupant
from app.domain.table import Table
from app.errors import CaseError, ParleyError
from app.evaluator.value import Assessment, assess
from app.eventlog.base import case_hash
from app.library import TableInfo, load_case, tables
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host
from app.orchestrator.sitting import Sitting
from app.settings import Settings
from app.web.access import Access
from app.web.reception import Reception
from app.web.views import Press
from app.web.wire import NewTable

RETRY_SECONDS = 2.0
MAX_RETRIES = 30
KEPT_ASSESSMENTS = 32

log = logging.getLogger("parley.web")


class Hosts:
    """One running host per open table, started when somebody looks or when the server starts."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def attend(self, table_id: str) -> None:
        """See that the table is run; running already is well."""
        task = self._tasks.get(table_id)
        if task is None or task.done():
            self._tasks[table_id] = asyncio.create_task(
                self._run(table_id), name=f"host-{table_id}"
            )

    async def _run(self, table_id: str) -> None:
        """Run the table to its end. A fault is told to the operator, and tried again."""
        for attempt in range(MAX_RETRIES):
            try:
                await self._host.run(table_id)
            except ParleyError as error:
                log.error("table %s stopped: %s", table_id, error)
            except Exception:
                log.exception("table %s stopped", table_id)
            else:
                return
            await asyncio.sleep(RETRY_SECONDS * min(attempt + 1, 15))

    async def close(self) -> None:
        """Stop all of them; what is in the log stays, and the next start goes on from there."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True, kw_only=True)
class Office:
    """The server's parts, wired by `app.main`."""

    settings: Settings
    desk: Desk
    hosts: Hosts
    access: Access
    reception: Reception
    press: Press = field(default_factory=Press)
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    _ended: dict[str, dict[str, Any]] = field(default_factory=dict)
    _assessed: dict[str, Assessment] = field(default_factory=dict)

    async def sitting(self, table_id: str) -> Sitting | None:
        """The table, attended to; None when there is none."""
        sitting = await self.desk.sitting(table_id)
        if not sitting.seq:
            return None
        if sitting.table.closed is None:
            self.hosts.attend(table_id)
        return sitting

    async def resume(self) -> None:
        """After a start: go on with every table that is open, the newest first."""
        for table_id in reversed(await self.desk.log.tables()):
            try:
                await self.sitting(table_id)
            except ParleyError as error:
                log.error("table %s cannot be read: %s", table_id, error)

    def cases(self) -> tuple[TableInfo, ...]:
        """Every case that can be opened by name."""
        return tables(self.settings.home)

    def case(self, name: str) -> Case:
        """A case by its name only: a browser names no path of this machine."""
        for info in self.cases():
            if info.name == name:
                return load_case(info.path, self.settings.home)
        raise KeyError(name)

    async def open(self, case: Case, wanted: NewTable) -> str | Refusal:
        """Open a table and let it run; its id, or why it cannot be."""
        table_id = secrets.token_hex(8)
        occupants: dict[str, Occupant] = dict(wanted.seats)
        command = Open(
            case=case,
            case_hash=await asyncio.to_thread(case_hash, case),
            seed=wanted.seed if wanted.seed is not None else secrets.randbits(48),
            session=_session(case.session, wanted),
            version=__version__,
            occupants=occupants,
            names=dict(wanted.names),
        )
        done = await self.desk.submit(table_id, command)
        if isinstance(done, Refusal):
            return done
        self.hosts.attend(table_id)
        return table_id

    async def summaries(self) -> list[dict[str, Any]]:
        """Every table in a line, the newest first. An ended table is read once."""
        rows = []
        for table_id in reversed(await self.desk.log.tables()):
            row = self._ended.get(table_id)
            if row is None:
                try:
                    sitting = await self.desk.sitting(table_id)
                except CaseError as error:
                    log.error("table %s cannot be read: %s", table_id, error)
                    continue
                row = summary(sitting.public(), sitting.events[0].at)
                if sitting.table.closed is not None:
                    self._ended[table_id] = row
            rows.append(row)
        return rows

    async def assessment(self, sitting: Sitting) -> Assessment:
        """The assessment of a table as it stands; kept for a table that is closed."""
        table: Table = sitting.table
        held = self._assessed.get(table.table_id)
        if held is not None and held.table is table:
            return held
        found = await asyncio.to_thread(assess, table)
        while len(self._assessed) >= KEPT_ASSESSMENTS:
            self._assessed.pop(next(iter(self._assessed)))
        self._assessed[table.table_id] = found
        return found


def summary(view: Table, opened: int) -> dict[str, Any]:
    """One line about a table, from what everybody may see."""
    closed = view.closed
    return {
        "id": view.table_id,
        "case": view.case.id,
        "title": view.case.title,
        "as_of": view.case.as_of,
        "opened": opened,
        "preset": view.preset,
        "round": view.round,
        "rounds": view.session.rounds,
        "offers": len(view.offers),
        "seats": [
            {"id": seat.id, "short": seat.short, "occupant": view.occupants.get(seat.id)}
            for seat in view.case.seats
        ],
        "closed": {"outcome": closed.outcome, "reason": closed.reason} if closed else None,
    }


def _session(default: Session, wanted: NewTable) -> Session:
    """The case's session with what was asked otherwise. Record mode is for the command line."""
    named: Mapping[str, Any] = {
        "preset": wanted.preset,
        "rounds": wanted.rounds,
        "floor": wanted.floor,
        "chair": wanted.chair,
        "mediator": wanted.mediator,
        "improve": wanted.improve,
        "injects": wanted.injects,
        "turn_seconds": wanted.turn_seconds,
    }
    return replace(
        default, record=False, **{key: value for key, value in named.items() if value is not None}
    )
