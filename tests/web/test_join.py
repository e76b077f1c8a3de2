"""The terminal client, in a process of its own, against a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from queue import Queue
from threading import Thread

import pytest

from app.commands.join import target
from app.errors import SettingsError
from tests.web.service import PATIENCE, ROOT, TOKEN, Service

RUN = "import sys; from app.commands.join import run; sys.exit(run(sys.argv[1], sys.argv[2]))"


class Terminal:
    """`parley join` with a person typing."""

    def __init__(self, url: str, seat: str, token: str = TOKEN) -> None:
        env = {**os.environ, "PARLEY_TOKEN": token, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, url, seat],
            env={**env, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: Queue[str] = Queue()
        self.text = ""
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as out:
            for line in out:
                self.lines.put(line)

    def until(self, words: str) -> str:
        """Read on until these words were printed; what was printed on the way."""
        read = ""
        while words not in read:
            line = self.lines.get(timeout=PATIENCE)
            read += line
            self.text += line
        return read

    def type(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Wait for the end."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        return self.process.wait(timeout=30)


def test_a_person_bargains_in_the_terminal(service: Service) -> None:
    table = service.open(case="first-offer", seed=8, rounds=4, seats={"candidate": "person"})
    terminal = Terminal(f"http://127.0.0.1:{service.port}/tables/{table}", "candidate")
    terminal.until("It is your turn")
    assert "fiction" in terminal.text
    terminal.type("/brief")
    terminal.until("Sign nothing worth less than")
    terminal.type("/sheet pay")
    terminal.until("[pay]")
    terminal.type("/turn Good morning. We are glad to be here.")
    terminal.until("the candidate [person]")
    terminal.until("Round 1")
    terminal.until("It is your turn")
    terminal.type("/nonsense")
    terminal.until("There is no /nonsense")
    terminal.type("/endorse 99")
    terminal.until("not understood")
    terminal.type("/turn Let us hear your offer first.")
    terminal.until("Let us hear your offer first.")
    terminal.until("Round 2")
    terminal.until("It is your turn")
    terminal.type("/start 1")
    terminal.until("to you (no deal")
    terminal.type("What about days at home?")
    terminal.until("What about days at home?")
    terminal.type("/offers")
    terminal.until("1. by")
    terminal.type("/endorse 1")
    terminal.type("/turn We can live with that.")
    terminal.until("/override WORDS")
    terminal.type("/override We know what we do.")
    terminal.until("Agreement on offer 1")
    terminal.until("The talks are over: agreement")
    terminal.type("/quit")
    assert terminal.end() == 0


@pytest.mark.parametrize(
    ("seat", "token", "words"),
    [("candidate", "a-token-that-is-wrong", "token is not known"), ("nobody", TOKEN, "not open")],
)
def test_who_may_not_come_in_is_told_why(
    service: Service, seat: str, token: str, words: str
) -> None:
    table = service.open(case="first-offer", seed=8, seats={"candidate": "person"})
    terminal = Terminal(f"http://127.0.0.1:{service.port}/tables/{table}", seat, token)
    assert "Traceback" not in terminal.until(words)
    assert terminal.end() == 2


def test_the_address_of_the_page_is_the_address_to_join() -> None:
    assert target("http://h:1/tables/abc#token=t&viewer=eu") == (
        "ws://h:1/v1/tables/abc/ws",
        "t",
        "eu",
    )
    assert target("https://h/tables/abc?viewer=eu") == ("wss://h/v1/tables/abc/ws", "", "eu")
    assert target("ws://h:1/v1/tables/abc/ws")[0] == "ws://h:1/v1/tables/abc/ws"
    for wrong in ("", "http://h:1/", "ftp://h/tables/x", "tables"):
        with pytest.raises(SettingsError):
            target(wrong)
