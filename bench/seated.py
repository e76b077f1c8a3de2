"""One table of model seats, played for what it costs: durable events, frames to five sockets."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from app import __version__
from app.delegates import model
from app.delegates.base import Complete
from app.delegates.counsel_text import Counselled
from app.domain.case import Case
from app.domain.state import Table
from app.eventlog.base import EventLog, case_hash
from app.eventlog.wakeup import LocalWakeup
from app.main import offline_helpers
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host, virtual_clock
from app.web.views import Press
from bench.siege import papers

SEED = 4
Barrier = Literal["strict", "filtered"]
Counsels = dict[tuple[int, str], Counselled]


@dataclass(slots=True)
class Seconds:
    """Processor seconds of a table, and those of its fan-out within them."""

    turns: int = 0
    total: float = 0.0
    frames: float = 0.0

    @property
    def own(self) -> float:
        """Milliseconds a turn."""
        return self.total * 1000 / self.turns


@contextmanager
def seats(case: Case) -> Iterator[dict[str, socket.socket]]:
    """A socket for each seat; who reads at its other end is a process of its own."""
    with ExitStack() as held:
        ours: dict[str, socket.socket] = {}
        for seat in case.seat_ids:
            near, far = socket.socketpair()
            held.callback(near.close)
            with far:
                reader = subprocess.Popen(["cat"], stdin=far.fileno(), stdout=subprocess.DEVNULL)
            held.callback(reader.wait)
            held.callback(near.shutdown, socket.SHUT_WR)
            ours[seat] = near
        yield ours


@contextmanager
def prepared(counsels: Counsels | None) -> Iterator[None]:
    """Keep every turn's counsel in an empty dictionary, or take it from a full one.

    Taken ready, neither its time nor what it does to the processor's caches is counted.
    """
    plain = vars(model)["counselled"]
    is_full = bool(counsels)

    def counselled(view: Table, seat: str, *, offered: bool = True) -> Counselled:
        if counsels is None:
            found: Counselled = plain(view, seat, offered=offered)
        elif is_full:
            found = counsels[view.turns, seat]
        else:
            found = counsels[view.turns, seat] = plain(view, seat, offered=offered)
        return found

    vars(model)["counselled"] = counselled
    try:
        yield
    finally:
        vars(model)["counselled"] = plain


async def played(
    case: Case,
    complete: Complete,
    log: EventLog,
    barrier: Barrier,
    *,
    counsels: Counsels | None = None,
    turns: int = 0,
) -> Seconds:
    """One table of model seats to its end or so many turns, every event sent to its seats."""
    spent = Seconds()
    desk, press = Desk(log, LocalWakeup(), virtual_clock(0)), Press()

    def cast(_table: object, _seat: str) -> model.Casting:
        return model.Casting(complete=complete, model="openai:mock", barrier=barrier)

    shown: list[Any] = []
    delegate = model.ModelDelegate(cast, papers(), lambda: 0.0, on_delta=shown.append)
    table_id = f"turns-{barrier}"
    opening = Open(
        case=case,
        case_hash=case_hash(case),
        seed=SEED,
        session=case.session,
        version=__version__,
        occupants=dict.fromkeys(case.seat_ids, "model"),
    )
    opened = await desk.submit(table_id, opening)
    if isinstance(opened, Refusal):
        raise SystemExit(opened.reason)
    host = Host(desk, {"model": delegate}, offline_helpers())
    sent = dict.fromkeys(case.seat_ids, 0)
    issues = tuple(issue.id for issue in case.issues)
    sitting = await desk.sitting(table_id)
    with seats(case) as sockets, prepared(counsels):
        begun = time.process_time()
        while True:
            moment = time.process_time()
            for seat, out in sockets.items():
                seen = sitting.seen(seat)
                for event in seen[sent[seat] :]:
                    out.sendall(press.frame(event, issues).encode())
                sent[seat] = len(seen)
            spent.frames += time.process_time() - moment
            table = sitting.table
            if table.closed is not None or (turns and len(table.moves) >= turns):
                break
            if not await host.step(table_id):
                break
        spent.total = time.process_time() - begun
    spent.turns = sum(event.body.kind == "turn.traced" for event in sitting.events)
    await log.close()
    return spent
