"""What every route and socket works with: desk, hosts, cases, access, and the present tables."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from app import __version__
from app.delegates.llm.models import Models
from app.domain.case import Case, Session
from app.domain.table import FACILITATOR_VIEW, Table
from app.errors import CaseError, ParleyError
from app.evaluator.value import Assessment, assess
from app.eventlog.base import case_hash
from app.library import TableInfo, load_case, tables
from app.orchestrator.orders import Command, Open, Refusal, TakeSeat
from app.orchestrator.runner import Desk, Host
from app.orchestrator.sitting import Sitting
from app.settings import Settings
from app.web import wire
from app.web.access import Access, Principal
from app.web.acts import command_of
from app.web.drafts import Drafts
from app.web.players import Players, occupants_of
from app.web.recall import Recalled
from app.web.reception import Reception
from app.web.spending import remember, spending
from app.web.views import Press

RETRY_SECONDS = 2.0
MAX_RETRIES = 30
KEPT_ASSESSMENTS = 32

log = logging.getLogger("parley.web")


class Hosts:
    """One running host per open table, started when somebody looks or when the server starts."""

    def __init__(self, host: Host, players: Players, models: Models | None = None) -> None:
        self._host = host
        self._players = players
        self._models = models
        self._start = host.desk.clock(None)
        self._remembered: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def attend(self, table_id: str) -> None:
        """See that the table is run; running already is well."""
        task = self._tasks.get(table_id)
        if task is None or task.done():
            self._tasks[table_id] = asyncio.create_task(
                self._run(table_id), name=f"host-{table_id}"
            )

    def remember(self, sitting: Sitting) -> None:
        """Before a table is run: what its models used before this start is on the accounts."""
        table = sitting.table
        if self._models is None or table.table_id in self._remembered:
            return
        self._remembered.add(table.table_id)
        remember(sitting.events, table, self._models, self._start)

    async def _run(self, table_id: str) -> None:
        """Run the table to its end. A fault is told to the operator, and tried again."""
        attempt = 0
        while attempt < MAX_RETRIES:
            try:
                await self._seat_engines(table_id)
                await self._host.run(table_id)
            except Recalled as recalled:
                log.info("table %s: %s", table_id, recalled)
                continue
            except ParleyError as error:
                log.error("table %s stopped: %s", table_id, error)
            except Exception:
                log.exception("table %s stopped", table_id)
            else:
                self._settle(table_id)
                return
            attempt += 1
            await asyncio.sleep(RETRY_SECONDS * min(attempt, 15))

    async def _seat_engines(self, table_id: str) -> None:
        """Where a seat's model is no longer allowed or lacks its key, the engine sits down."""
        sitting = await self._host.desk.sitting(table_id)
        self.remember(sitting)
        for change in self._players.replaced(sitting.table):
            if not await self._host.lease.hold(table_id):
                return  # the server that runs it may have them
            log.warning(
                "table %s, seat %s: the engine plays %s", table_id, change.seat, change.name
            )
            await self._host.desk.submit(table_id, change)

    def _settle(self, table_id: str) -> None:
        """The table is over: its accounts are closed, and what it cost stands in its record."""
        if self._models is not None:
            for kind in ("turn", "seat", "table"):
                self._models.budget.closed(f"{kind}:{table_id}")

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
    players: Players
    models: Models | None = None
    drafts: Drafts = field(default_factory=Drafts)
    press: Press = field(default_factory=Press)
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    _present: dict[asyncio.Event, Principal] = field(default_factory=dict)
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

    @contextmanager
    def attended(self, principal: Principal, revoked: asyncio.Event) -> Iterator[None]:
        """A connection of this principal is open; `revoked` is set when it has to go."""
        self._present[revoked] = principal
        try:
            yield
        finally:
            del self._present[revoked]

    def revoke(self, table_id: str, viewer: str) -> int:
        """Make every pass of a viewer void and close what came in with one; how many those were."""
        self.access.passes.revoke(table_id, viewer)
        gone = [mark for mark, who in self._present.items() if not self.access.stands(who)]
        for mark in gone:
            mark.set()
        return len(gone)

    def spending(self, sitting: Sitting) -> dict[str, Any]:
        """What the models of a table have used: for the facilitator alone."""
        return spending(sitting.events, sitting.table, self.players, self.models)

    async def resume(self) -> None:
        """After a start: go on with every table that is open, the newest first."""
        for table_id in reversed(await self.desk.log.tables()):
            try:
                sitting = await self.sitting(table_id)
                if sitting is not None:
                    self.hosts.remember(sitting)
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

    def command(self, frame: wire.Command, sitting: Sitting, viewer: str) -> Command | Refusal:
        """The command that a viewer's frame asks for."""
        if isinstance(frame, wire.SeatGive):
            if viewer != FACILITATOR_VIEW:
                return Refusal(code="not-allowed", reason="Only the facilitator gives seats.")
            to = None if frame.to == "engine" else wire.player_of(frame.to)
            return self.players.given(frame.seat, to)
        wanted = command_of(frame, sitting.view(viewer), viewer)
        if isinstance(frame, wire.SeatHandBack) and isinstance(wanted, TakeSeat):
            return self.players.handed_back(viewer, sitting.events)
        return wanted

    async def open(self, case: Case, wanted: wire.NewTable) -> str | Refusal:
        """Open a table and let it run; its id, or why it cannot be."""
        table_id = secrets.token_hex(8)
        occupants, named = occupants_of(wanted.players)
        command = Open(
            case=case,
            case_hash=await asyncio.to_thread(case_hash, case),
            seed=wanted.seed if wanted.seed is not None else secrets.randbits(48),
            session=_session(case.session, wanted),
            version=__version__,
            occupants=occupants,
            names={**wanted.names, **named},
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


def _session(default: Session, wanted: wire.NewTable) -> Session:
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
