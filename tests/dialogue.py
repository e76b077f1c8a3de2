"""A person at a terminal: a child process on a pseudo-terminal, read and answered."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from types import TracebackType

PATIENCE = 60.0
"""Seconds without any output after which a dialogue is given up."""


class Dialogue:
    """What the child printed so far, and what it is told."""

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        ours, theirs = os.openpty()
        modes = termios.tcgetattr(theirs)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
        self._fd = ours
        self._at = 0
        self.text = ""
        self.child = subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "COLUMNS": "100", "TERM": "dumb", **(env or {})},
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(theirs)

    def __enter__(self) -> Dialogue:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        os.close(self._fd)

    def until(self, *prompts: str) -> str:
        """Read on until the text ends in one of these prompts; '' at the end of it all."""
        while True:
            fresh = self.text[self._at :]
            for prompt in prompts:
                if re.search(re.escape(prompt) + r"$", fresh):
                    self._at = len(self.text)
                    return prompt
            if not self._more():
                return ""

    def _more(self) -> bool:
        ready, _, _ = select.select([self._fd], [], [], PATIENCE)
        if not ready:
            raise TimeoutError(f"nothing more after: {self.text[-2_000:]}")
        try:
            piece = os.read(self._fd, 65_536)
        except OSError:  # the other end is closed
            piece = b""
        self.text += piece.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(piece)

    def say(self, line: str) -> None:
        """Type a line."""
        os.write(self._fd, line.encode() + b"\n")

    def press(self, key: bytes) -> None:
        """Press a key, such as Ctrl-C."""
        os.write(self._fd, key)

    def interrupt(self) -> int:
        """Ctrl-C, again if it fell between the prompt and the reading; the exit code."""
        for _ in range(int(PATIENCE)):
            self.press(b"\x03")
            ready, _, _ = select.select([self._fd], [], [], 1.0)
            if ready:
                break
        return self.end()

    def end(self) -> int:
        """Read to the end; the exit code."""
        self.until()
        return self.child.wait(timeout=30)


def _own_terminal() -> None:
    """Make standard input the child's controlling terminal, so that Ctrl-C is a signal."""
    import fcntl

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
