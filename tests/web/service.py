"""A real server in a process of its own, and a real client: what the tests of the service use."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests-only"
PATIENCE = 90.0
ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)/#token=")

Json = dict[str, Any]


class Service:
    """A server process on a free port; the same home again after a kill."""

    def __init__(self, home: Path, *, launch: str = "tests.web.launch", **more: str) -> None:
        self.home = home
        self.launch = launch
        self.more = more
        self.port = 0
        self.said: list[bytes] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._found = threading.Event()

    def start(self) -> Service:
        """Start, and wait until it answers on its port."""
        self._found.clear()
        env = {
            **os.environ,
            "PARLEY_HOME": str(self.home),
            "PARLEY_TOKEN": TOKEN,
            "PARLEY_PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **self.more,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.launch],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._listener = threading.Thread(target=self._listen, args=(self._process,), daemon=True)
        self._listener.start()
        assert self._found.wait(PATIENCE), self.log
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if self.get("/healthz")["status"] == "ok":
                    return self
            except OSError:
                assert self._process.poll() is None, self.log
                time.sleep(0.05)  # between two looks at the condition
        raise AssertionError(self.log)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.said.append(line)
                match = ADDRESS.search(line)
                if match:
                    self.port = int(match[1])
                    self._found.set()
        self._found.set()

    @property
    def log(self) -> str:
        """Everything the server printed."""
        return b"".join(self.said).decode(errors="replace")

    def kill(self) -> None:
        """SIGKILL: no good-bye, no flush."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._join()

    def _join(self) -> None:
        if self._listener is not None:
            self._listener.join(PATIENCE)

    def stop(self, sign: int = signal.SIGINT) -> int:
        """Ask it to end, and give its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(sign)
        try:
            code = self._process.wait(timeout=30)
            self._join()
            return code
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def raw(
        self, path: str, body: object = None, token: str | None = TOKEN, **headers: str
    ) -> tuple[int, bytes]:
        """Status and bytes of one request."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def get(self, path: str, token: str | None = TOKEN) -> Any:
        """A JSON answer."""
        status, body = self.raw(path, token=token)
        assert status == 200, (path, status, body)
        return json.loads(body)

    def post(self, path: str, body: object, token: str | None = TOKEN) -> Any:
        """A JSON answer to a POST."""
        status, answer = self.raw(path, body, token)
        assert status in (200, 201), (path, status, answer)
        return json.loads(answer)

    def open(self, **wanted: Any) -> str:
        """Open a table; its id."""
        return str(self.post("/v1/tables", wanted)["id"])

    def pass_for(self, table: str, viewer: str) -> str:
        """A pass for one viewer."""
        return str(self.post(f"/v1/tables/{table}/passes", {"viewer": viewer})["pass"])


class Client:
    """One viewer at one table, that resumes from its cursor."""

    def __init__(
        self,
        service: Service,
        table: str,
        viewer: str,
        token: str = TOKEN,
        want: tuple[str, ...] = (),
    ) -> None:
        self.service = service
        self.want = want
        self.table = table
        self.viewer = viewer
        self.token = token
        self.events: list[Json] = []
        self.frames: list[str] = []
        self.ready: Json = {}
        self.status: Json = {}
        self.answers: dict[str, list[Json]] = {}
        self.closed: int | None = None
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._count = 0
        self._done = 0

    async def connect(self) -> Client:
        """Come in, or come back: with the cursor of the last event held."""
        await self.leave()
        self.closed = None
        self.ready = {}
        self._socket = await connect(
            f"ws://127.0.0.1:{self.service.port}/v1/tables/{self.table}/ws",
            subprotocols=["parley.v1"],  # type: ignore[list-item]
            additional_headers={"Authorization": f"Bearer {self.token}"},
            max_size=None,
            proxy=None,
            compression=None,
        )
        self._reader = asyncio.create_task(self._read(self._socket))
        with suppress(ConnectionClosed):
            cursor = len(self.events)
            opening = {"type": "session.open", "viewer": self.viewer, "cursor": cursor}
            await self.put({**opening, "want": list(self.want)} if self.want else opening)
        await self.until(lambda: bool(self.ready) or self.closed is not None)
        return self

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                assert isinstance(text, str)
                self.frames.append(text)
                self._take(json.loads(text))
                self._changed.set()
        except ConnectionClosed:
            pass
        finally:
            if socket is self._socket:
                self.closed = socket.close_code or 1006
                self._changed.set()

    def _take(self, frame: Json) -> None:
        kind = frame["type"]
        if kind == "session.ready":
            assert frame["after"] == len(self.events)
            self.ready = frame
            self.status = frame["status"]
        elif kind == "event":
            assert frame["cursor"] == len(self.events) + 1, "the numbering has a gap"
            self.events.append(frame)
        elif kind == "status":
            self.status = frame
        if frame.get("re"):
            self.answers.setdefault(frame["re"], []).append(frame)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds; look again after every frame."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                if condition():
                    return
                await self._changed.wait()

    def next(self) -> str:
        """A fresh id."""
        self._count += 1
        return f"{self.viewer}-{self._count}"

    async def put(self, frame: Json) -> str:
        """Send a frame; its id."""
        assert self._socket is not None
        frame = {"id": self.next(), **frame}
        await self._socket.send(json.dumps(frame))
        return str(frame["id"])

    async def raw(self, data: str | bytes) -> None:
        """Send anything."""
        assert self._socket is not None
        await self._socket.send(data)

    async def ask(self, type: str, **fields: Any) -> Json:
        """Send a command and wait for its one answer."""
        ref = await self.put({"type": type, **fields})
        await self.until(lambda: ref in self.answers or self.closed is not None)
        if ref not in self.answers:
            raise ConnectionError(f"closed {self.closed} before {ref} was answered")
        answer = self.answers[ref][0]
        self._done = max(self._done, answer.get("cursor", 0))
        return answer

    async def leave(self) -> None:
        """Go."""
        if self._socket is not None:
            socket, self._socket = self._socket, None
            await socket.close()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None

    def of(self, *kinds: str) -> list[Json]:
        """All frames of these types, in the order in which they came."""
        frames = [json.loads(text) for text in self.frames]
        return [frame for frame in frames if frame["type"] in kinds]

    @property
    def my_turn(self) -> bool:
        """Whether this seat has the floor, by a status that knows all this seat has done."""
        turn = self.status.get("turn")
        known = self.status.get("head", 0) >= self._done
        return known and turn is not None and turn["seat"] == self.viewer

    @property
    def over(self) -> bool:
        """Whether the talks are over and every event is here."""
        return bool(self.status.get("closed")) and self.status["head"] == len(self.events)
