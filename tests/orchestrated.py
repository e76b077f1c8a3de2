"""Offline tables played step by step, with the views that every seat had at its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from app import __version__
from app.delegates.offline import OfflineDelegate
from app.domain.case import Case
from app.domain.moves import Move
from app.domain.table import Table
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.main import offline_helpers
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host, virtual_clock


class Watched(OfflineDelegate):
    """The offline delegation, keeping what it saw."""

    def __init__(self) -> None:
        self.seen: list[tuple[Table, Table, str]] = []

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        self.seen.append((view, room, seat))
        return await super().move(view, room, seat)


def offline(case: Case, seeds: Sequence[int] = (1,)) -> Iterator[tuple[Table, Table, str]]:
    """Every turn of some tables: the seat's view, the room's, and the seat."""
    for seed in seeds:
        watched = Watched()
        asyncio.run(_played(case, seed, watched))
        yield from watched.seen


async def _played(case: Case, seed: int, delegate: OfflineDelegate) -> None:
    desk = Desk(MemoryLog(), LocalWakeup(), virtual_clock(0))
    opening = Open(
        case=case, case_hash="0" * 64, seed=seed, session=case.session, version=__version__
    )
    done = await desk.submit("t", opening)
    assert not isinstance(done, Refusal)
    await Host(desk, {"engine": delegate}, offline_helpers()).run("t", forever=False)
