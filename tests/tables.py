"""Whole tables of AI seats, played in memory by the offline engine."""

from __future__ import annotations

import asyncio

from app.delegates.chair import Chair
from app.delegates.mediator import Mediator
from app.delegates.offline import OfflineDelegate
from app.domain.case import Case, Session
from app.domain.events import Event
from app.eventlog.base import case_hash
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host, virtual_clock


async def _opened(case: Case, seed: int, session: Session) -> Desk:
    desk = Desk(MemoryLog(), LocalWakeup(), virtual_clock(0))
    done = await desk.submit(
        "t",
        Open(case=case, case_hash=case_hash(case), seed=seed, session=session, version="0"),
    )
    assert not isinstance(done, Refusal), done
    return desk


async def _played(case: Case, seed: int, session: Session) -> tuple[Event, ...]:
    desk = await _opened(case, seed, session)
    host = Host(desk, {"engine": OfflineDelegate()}, {"chair": Chair(), "mediator": Mediator()})
    await host.run("t", forever=False)
    return await desk.log.read("t")


async def _opening(case: Case, seed: int, session: Session) -> tuple[Event, ...]:
    return await (await _opened(case, seed, session)).log.read("t")


def run_table(case: Case, seed: int, session: Session) -> tuple[Event, ...]:
    """The log of a table played to its end."""
    return asyncio.run(_played(case, seed, session))


def opened_events(case: Case, seed: int, session: Session) -> tuple[Event, ...]:
    """The log of a table that was only opened."""
    return asyncio.run(_opening(case, seed, session))
