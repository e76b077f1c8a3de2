"""One table of offline delegations played to its end, with the phrasebook's words or without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app import __version__
from app.delegates.silent import SilentDelegate
from app.domain.case import Case, Session
from app.domain.table import Table
from app.domain.terms import Package
from app.errors import ParleyError
from app.eventlog.base import case_hash
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.main import offline_delegates, offline_helpers
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host, virtual_clock

MODES: Mapping[str, tuple[bool, str]] = {
    "no helper": (False, "none"),
    "chair": (True, "none"),
    "votes": (False, "votes"),
    "ranks": (False, "ranks"),
}
"""How the talks are helped: by a chair, or by a mediator who asks for votes or for ranks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A table that has closed, and the processor time it took."""

    table: Table
    seconds: float


def with_mode(session: Session, mode: str) -> Session:
    """The session with these helpers."""
    chair, mediator = MODES[mode]
    return replace(session, chair=chair, mediator=mediator)


def play(case: Case, seed: int, session: Session, *, silent: bool, mark: str = "") -> Played:
    """Play one table in memory. `mark` is the case's hash, for who has it already."""
    return asyncio.run(_play(case, seed, session, silent, mark or case_hash(case)))


async def _play(case: Case, seed: int, session: Session, silent: bool, mark: str) -> Played:
    begun = time.process_time()
    desk = Desk(MemoryLog(), LocalWakeup(), virtual_clock(0))
    table_id = f"{case.id}-{seed}"
    opening = Open(case=case, case_hash=mark, seed=seed, session=session, version=__version__)
    result = await desk.submit(table_id, opening)
    if isinstance(result, Refusal):
        raise ParleyError(f"{case.id} cannot be opened: {result.reason}")
    delegates = {"engine": SilentDelegate()} if silent else offline_delegates()
    await Host(desk, delegates, offline_helpers()).run(table_id, forever=False)
    table = (await desk.sitting(table_id)).table
    if table.closed is None:
        raise ParleyError(f"{table_id} stopped before its end")
    return Played(table=table, seconds=time.process_time() - begun)


def signatures(table: Table) -> list[tuple[str, Package]]:
    """Every time a seat put its name to a package: tabled, endorsed, signed, improved."""
    seats = table.case.seat_ids
    acts = [(offer.by, offer.package) for offer in table.offers if offer.by in seats]
    for moved in table.moves:
        acts += [(moved.seat, table.offers[number - 1].package) for number in moved.move.endorse]
    if table.deal is not None:
        acts += [(seat, table.deal.package) for seat in table.deal.backers]
    if table.improved is not None and table.improved.outcome == "accepted":
        acts += [(seat, table.improved.package) for seat in seats]
    return acts
