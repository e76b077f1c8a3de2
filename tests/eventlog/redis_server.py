"""A Redis server of the tests' own: a fresh folder, loopback only, gone when they end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from app.settings import RedisSetting, redis_from
from tests.needs import program

PASSWORD = "a-redis-password-for-tests-only"
PATIENCE = 60.0


class RedisServer:
    """One server, started and stopped by its own process; it keeps nothing on disk."""

    def __init__(self, *more: str) -> None:
        """`more` are further settings, as on the server's command line."""
        self._program = program("redis-server")
        self._more = more
        self._folder = Path(tempfile.mkdtemp(prefix="parley-redis-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        path = self._folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> RedisServer:
        """Start, and wait until it answers; nothing when it runs."""
        if self._process is not None and self._process.poll() is None:
            return self
        command: Sequence[str] = [
            self._program,
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)),
            *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            *("--logfile", str(self._folder / "log"), "--requirepass", PASSWORD),
            *self._more,
        ]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.tell("PING")
                return self
            except NoConnection:
                assert self._process.poll() is None, self.log
                time.sleep(0.02)  # between two looks at the condition
        raise AssertionError(self.log)

    def kill(self) -> None:
        """SIGKILL: no good-bye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hold(self) -> None:
        """Let the process stand still: it accepts, and answers nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGCONT)

    def remove(self) -> None:
        """Stop it and take its folder away."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def tell(self, *words: str | bytes | int) -> Any:
        """Have the server's administrator say something; what it gives."""
        with Redis("127.0.0.1", self.port, password=PASSWORD, protocol=2) as client:
            return client.execute_command(*words)

    def count(self, command: str) -> int:
        """How often the server has carried out a command."""
        told = self.tell("INFO", "commandstats")
        return int(told.get(f"cmdstat_{command}", {}).get("calls", 0))

    def url(self, password: str = PASSWORD, database: int = 0) -> str:
        """As an operator writes it."""
        return f"redis://:{password}@127.0.0.1:{self.port}/{database}"

    def setting(
        self, prefix: str = "test", password: str = PASSWORD, database: int = 0
    ) -> RedisSetting:
        """As the settings hold it."""
        named = {"PARLEY_REDIS": self.url(password, database), "PARLEY_REDIS_PREFIX": prefix}
        found = redis_from(named)
        assert found is not None
        return found


def free_port() -> int:
    """A port of this machine that nobody holds."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
