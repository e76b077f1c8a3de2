"""One websocket per table and tab: replay after a cursor, live events, commands with answers.

The log is the queue: a connection pulls its viewer's events at the pace at which its peer reads,
so a slow reader holds nobody up and misses nothing. Only answers wait in memory, a few of them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from contextlib import AsyncExitStack, suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app import __version__
from app.domain.table import FACILITATOR_VIEW, Table
from app.errors import ParleyError
from app.orchestrator.orders import Refusal
from app.orchestrator.runner import POLL_SECONDS
from app.orchestrator.sitting import Sitting
from app.web import views, wire
from app.web.access import Principal, is_viewer
from app.web.acts import incomplete, package_of
from app.web.office import Office

MAX_STRIKES = 5
MAX_WAITING = 256
MAX_DRAFTS = 256
"""Sentences of drafts that may wait for a slow peer; what does not fit is left out."""

MAX_CONNECTIONS = 2_000
SEND_SECONDS = 10.0
CLOSE_SECONDS = 1.0
DRAFTS = "drafts"
"""What a client names in `want` to be shown the sentences of a turn before it is made."""

BURST, PER_SECOND = 60.0, 4.0
"""Frames a connection may send at once, and how fast the allowance comes back."""

log = logging.getLogger("parley.web")


class Closing(Exception):
    """Close the connection with this code."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)


class Connection:
    """One peer, bound to one viewer of one table by its first frame."""

    def __init__(self, socket: WebSocket, office: Office, table_id: str) -> None:
        self.socket = socket
        self.office = office
        self.table_id = table_id
        self.viewer = ""
        self.cursor = 0
        self._principal = Principal()
        self._drafts: deque[str] = deque()
        self._waiting: deque[str] = deque()
        self._stir = asyncio.Event()
        self._grown = True
        self._strikes = 0
        self._allowance, self._counted = BURST, time.monotonic()
        self._told = ""
        self._spent = ""

    async def run(self) -> None:
        """From the handshake to the close; never raises."""
        wanted = self.socket.scope.get("subprotocols", [])
        spoken = wire.SUBPROTOCOL if wire.SUBPROTOCOL in wanted else None
        try:
            await self.socket.accept(subprotocol=spoken)
            if spoken is None:
                raise Closing(4406, f"speak {wire.SUBPROTOCOL}")
            await self._serve()
        except Closing as end:
            await self._close(end)
        except (WebSocketDisconnect, OSError):
            pass
        except ParleyError as error:
            log.error("table %s: %s", self.table_id, error)
            await self._close(Closing(1011, "internal"))
        except Exception:
            log.exception("table %s: a connection failed", self.table_id)
            await self._close(Closing(1011, "internal"))

    async def _serve(self) -> None:
        principal = self.office.access.principal(self.socket.headers)
        if principal is None:
            raise Closing(4401, "log in")
        self._principal = principal
        if self.office.connections > MAX_CONNECTIONS:
            raise Closing(1013, "too many connections")
        await self._send(views.dumps(hello()))
        frame, sitting = await self._open(principal)
        # The bell is heard before the log is read, so nothing falls between.
        async with AsyncExitStack() as stack:
            bell = await stack.enter_async_context(self.office.desk.wakeup.listen(self.table_id))
            if DRAFTS in frame.want:
                drafts = self.office.drafts.listen(self.table_id, self.viewer, self._show)
                stack.enter_context(drafts)
            revoked = asyncio.Event()
            stack.enter_context(self.office.attended(principal, revoked))
            tasks = [
                asyncio.create_task(self._leave(revoked)),
                asyncio.create_task(self._hear(bell)),
                asyncio.create_task(self._write(len(sitting.seen(self.viewer)))),
                asyncio.create_task(self._read()),
                asyncio.create_task(self._drain()),
            ]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    # -- the first frame -----------------------------------------------------------------------

    async def _open(self, principal: Principal) -> tuple[wire.SessionOpen, Sitting]:
        try:
            async with asyncio.timeout(wire.OPEN_SECONDS):
                frame = await self._first()
        except TimeoutError:
            raise Closing(4408, "session.open did not come") from None
        sitting = await self.office.sitting(self.table_id)
        if sitting is None or not principal.may(self.table_id, frame.who):
            # One answer for absent and for not allowed: which tables exist is not told.
            raise Closing(4404 if principal.operator else 4403, "no such table for you")
        if not is_viewer(frame.who, sitting.table.case.seat_ids):
            raise Closing(4403, "no such viewer")
        self.viewer = frame.who
        head = len(sitting.seen(self.viewer))
        self.cursor = frame.cursor if frame.cursor <= head else 0
        data = views.ready(sitting.view(self.viewer), self.viewer, head, frame.id)
        data["after"] = self.cursor
        await self._send(views.dumps(data))
        return frame, sitting

    async def _first(self) -> wire.SessionOpen:
        while True:
            frame = await self._frame()
            if isinstance(frame, wire.SessionOpen):
                return frame
            if frame is not None:
                await self._send(_error("open-first", "the first frame is session.open", frame.id))
                self._strike()

    # -- reading -------------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            frame = await self._frame()
            if frame is None:
                continue
            if isinstance(frame, wire.Ping):
                self._say(views.dumps({"type": "pong", "re": frame.id, "head": self.cursor}))
            elif isinstance(frame, wire.SessionOpen):
                self._error("already-open", "this connection is bound to its viewer", frame.id)
            elif not self._allowed():
                self._refuse(frame.id, "rate-limited", "Too many commands; wait a moment.")
            elif isinstance(frame, wire.Worth):
                await self._worth(frame)
            else:
                await self._command(frame)

    async def _frame(self) -> wire.ClientFrame | None:
        """The next frame; None for one that was answered with an error."""
        message = await self.socket.receive()
        if not self.office.access.stands(self._principal):
            raise Closing(4411, "revoked")
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is not None and len(text.encode()) > wire.MAX_FRAME:
            raise Closing(1009, f"a frame holds at most {wire.MAX_FRAME} bytes")
        try:
            if text is None:
                raise wire.BadFrame("malformed", "frames are text")
            return wire.read_frame(text)
        except wire.BadFrame as bad:
            self._error(bad.code, str(bad), bad.re, bad.place)
            self._strike()
            if not self.viewer:
                await self._send(self._waiting.popleft())
            return None

    async def _command(self, frame: wire.Command) -> None:
        sitting = await self.office.desk.sitting(self.table_id)
        command = self.office.command(frame, sitting, self.viewer)
        answer = await self.office.reception.submit(self.table_id, self.viewer, frame.id, command)
        if isinstance(answer, Refusal):
            self._refuse(frame.id, answer.code, answer.reason)
        else:
            self._say(views.dumps({"type": "ack", "re": frame.id, "cursor": answer.cursor}))

    async def _worth(self, frame: wire.Worth) -> None:
        view = await self._view()
        if self.viewer not in view.case.seat_ids:
            self._refuse(frame.id, "not-allowed", "Only a seat has a sheet.")
            return
        package = package_of(frame.package, view)
        if package is None:
            refusal = incomplete(view)
            self._refuse(frame.id, refusal.code, refusal.reason)
            return
        data = views.worth(view.case, view.preset, self.viewer, package)
        self._say(views.dumps({"type": "worth", "re": frame.id, **data}))

    async def _view(self) -> Table:
        return (await self.office.desk.sitting(self.table_id)).view(self.viewer)

    def _allowed(self) -> bool:
        now = time.monotonic()
        self._allowance = min(BURST, self._allowance + (now - self._counted) * PER_SECOND)
        self._counted = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _strike(self) -> None:
        self._strikes += 1
        if self._strikes >= MAX_STRIKES:
            raise Closing(4400, "too many malformed frames")

    # -- writing -------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        """Queue an answer for this peer."""
        if len(self._waiting) >= MAX_WAITING:
            raise Closing(4430, "too slow")
        self._waiting.append(text)
        self._stir.set()

    def _show(self, text: str) -> None:
        """Queue a sentence of a draft; the turn itself follows as an event in any case."""
        if len(self._drafts) < MAX_DRAFTS:
            self._drafts.append(text)
            self._stir.set()

    def _error(self, code: str, message: str, re: str | None, place: str | None = None) -> None:
        self._say(_error(code, message, re, place))

    def _refuse(self, re: str, code: str, reason: str) -> None:
        self._say(views.dumps({"type": "refused", "re": re, "code": code, "reason": reason}))

    async def _hear(self, bell: Any) -> None:
        """Turn rings, and the poll that makes up for a lost one, into work for the writer."""
        while True:
            await bell.wait(POLL_SECONDS)
            self._grown = True
            self._stir.set()

    async def _write(self, head: int) -> None:
        """Answers first, then events, then the state once all events are out."""
        while True:
            self._stir.clear()
            while self._drafts:
                await self._send(self._drafts.popleft())
            if self._grown or self.cursor < head:
                self._grown = False
                head = await self._follow()
            while self._waiting:
                await self._send(self._waiting.popleft())
            if not self._stir.is_set():
                await self._stir.wait()

    async def _follow(self) -> int:
        """Send what the viewer has not seen yet; the viewer's number of events."""
        sitting = await self.office.desk.sitting(self.table_id)
        seen = sitting.seen(self.viewer)
        issues = sitting.table.agenda.ids
        while self.cursor < len(seen):
            await self._send(self.office.press.frame(seen[self.cursor], issues))
            self.cursor += 1
            while self._waiting:
                await self._send(self._waiting.popleft())
        told = views.dumps(views.status(sitting.view(self.viewer), self.viewer, len(seen)))
        if told != self._told:
            self._told = told
            await self._send(told)
        if self.viewer == FACILITATOR_VIEW:
            await self._tell_spending(sitting)
        return len(seen)

    async def _tell_spending(self, sitting: Sitting) -> None:
        """To the facilitator alone: what the models used, when it has changed."""
        spent = views.dumps({"type": "usage", **self.office.spending(sitting)})
        if spent != self._spent:
            self._spent = spent
            await self._send(spent)

    async def _leave(self, revoked: asyncio.Event) -> None:
        """End at once when the pass is revoked that this peer came in with."""
        await revoked.wait()
        raise Closing(4411, "revoked")

    async def _drain(self) -> None:
        """Say good-bye when the server goes."""
        await self.office.draining.wait()
        with suppress(Closing):
            self._say(views.dumps({"type": "server.draining", "reconnect_after_ms": 1000}))
        raise Closing(1001, "server going away")

    async def _send(self, text: str) -> None:
        if not self.office.access.stands(self._principal):
            raise Closing(4411, "revoked")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.socket.send_text(text)
        except TimeoutError:
            raise Closing(4430, "too slow") from None
        except RuntimeError:
            # How the server says that the peer's close was answered while this was being written.
            raise WebSocketDisconnect(1006) from None

    async def _close(self, end: Closing) -> None:
        if self.socket.client_state is not WebSocketState.CONNECTED:
            return
        # A peer that reads nothing blocks even a close; TCP_USER_TIMEOUT ends it then.
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                while self._waiting and end.code in (4400, 1001):
                    await self.socket.send_text(self._waiting.popleft())
                await self.socket.close(end.code, end.reason)


def hello() -> dict[str, Any]:
    """The server's first frame."""
    return {
        "type": "hello",
        "server": f"parley/{__version__}",
        "protocol": wire.SUBPROTOCOL,
        "connection": secrets.token_hex(8),
        "limits": {
            "frame_bytes": wire.MAX_FRAME,
            "open_ms": int(wire.OPEN_SECONDS * 1000),
            "heartbeat_ms": wire.HEARTBEAT_MS,
            "burst": int(BURST),
            "per_second": int(PER_SECOND),
        },
    }


def _error(code: str, message: str, re: str | None, place: str | None = None) -> str:
    return views.dumps(
        {"type": "error", "re": re, "code": code, "message": message, "place": place}
    )


async def table_socket(socket: WebSocket, table_id: str) -> None:
    """The route."""
    office: Office = socket.app.state.office
    office.connections += 1
    try:
        await Connection(socket, office, table_id).run()
    finally:
        office.connections -= 1
