"""One table of model seats, played for what it costs: durable events, frames to five sockets."""

from __future__ import annotations

import gc
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal

from app import __version__
from app.delegates import model
from app.delegates.base import Complete
from app.delegates.counsel_text import Counselled
from app.domain.case import Case
from app.domain.state import Table
from app.domain.table import WATCHER_VIEW
from app.eventlog.base import EventLog, case_hash
from app.eventlog.wakeup import LocalWakeup
from app.main import offline_helpers
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host, virtual_clock
from app.orchestrator.sitting import Sitting
from app.web.drafts import Drafts
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
def sockets(count: int) -> Iterator[list[socket.socket]]:
    """So many sockets; who reads at the other end of each is a process of its own."""
    with ExitStack() as held:
        ours: list[socket.socket] = []
        for _ in range(count):
            near, far = socket.socketpair()
            held.callback(near.close)
            with far:
                reader = subprocess.Popen(["cat"], stdin=far.fileno(), stdout=subprocess.DEVNULL)
            held.callback(reader.wait)
            held.callback(near.shutdown, socket.SHUT_WR)
            ours.append(near)
        yield ours


@dataclass(slots=True, eq=False)
class Watcher:
    """One who looks on: whose view it is, where it is sent, and how many events were."""

    viewer: str
    out: socket.socket
    sent: int = 0

    def show(self, text: str) -> None:
        """Send one frame."""
        self.out.sendall(text.encode())


class Audience:
    """All who look on: the seats first, then the public. Frames are made once for all of them."""

    def __init__(self, case: Case, outs: list[socket.socket]) -> None:
        self.press, self.drafts = Press(), Drafts()
        self.issues = tuple(issue.id for issue in case.issues)
        viewers = (*case.seat_ids, *(WATCHER_VIEW for _ in outs))
        self.watchers = [Watcher(viewer, out) for viewer, out in zip(viewers, outs, strict=False)]

    def send(self, sitting: Sitting) -> None:
        """Whatever of the table's events a watcher has not seen."""
        for watcher in self.watchers:
            seen = sitting.seen(watcher.viewer)
            for event in seen[watcher.sent :]:
                watcher.show(self.press.frame(event, self.issues))
            watcher.sent = len(seen)


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
    watchers: int = 0,
) -> Seconds:
    """One table of model seats to its end or so many turns.

    Every event, and in the strict barrier every sentence as it is spoken, goes to its seats, or
    to so many watchers, the seats among them.
    """
    spent = Seconds()
    desk = Desk(log, LocalWakeup(), virtual_clock(0))

    def cast(_table: object, _seat: str) -> model.Casting:
        return model.Casting(complete=complete, model="openai:mock", barrier=barrier)

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
    sitting = await desk.sitting(table_id)
    with ExitStack() as held:
        audience = Audience(case, held.enter_context(sockets(watchers or len(case.seats))))
        for watcher in audience.watchers:
            held.enter_context(audience.drafts.listen(table_id, watcher.viewer, watcher.show))
        delegate = model.ModelDelegate(
            cast, papers(), lambda: 0.0, on_delta=audience.drafts.publish
        )
        host = Host(desk, {"model": delegate}, offline_helpers())
        held.enter_context(prepared(counsels))
        gc.collect()
        begun = time.process_time()
        while True:
            moment = time.process_time()
            audience.drafts.forget(table_id)
            audience.send(sitting)
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
