"""What models were paid for today, by every process of one home: the day's cap is one for all.

A file a day, a line for what is set aside before a call and a line for what was used of it. Lines
are only ever added, under a lock that is held for the look and the line. What a process that was
killed had set aside stays so until midnight (UTC): it may have been used.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from app.delegates.base import Usage
from app.settings import ModelSettings, home_of

try:
    import fcntl
except ImportError:  # where there are no such locks, lines are still whole
    fcntl = None  # type: ignore[assignment]

KEPT_FILES = 7
NOTHING = Usage()
log = logging.getLogger("parley.models")


def book_of(settings: ModelSettings) -> DayBook:
    """The book in the operator's home."""
    return DayBook(home_of(settings.environment or None) / "spent")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a line of another process changes: tokens and money set aside, and what was used."""

    held_tokens: int
    held_money: Decimal
    calls: int = 0
    usage: Usage = NOTHING
    money: Decimal = Decimal(0)
    unpriced: int = 0


class DayBook:
    """The file of the present day. Where it cannot be written, each process counts for itself."""

    def __init__(self, folder: Path) -> None:
        """Nothing is created before the first call to a model."""
        self._folder = folder
        self._by = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._day = ""
        self._file = -1
        self._unusable = False
        """Whether the file cannot be used today."""
        self._read = 0
        self._wrote = 0
        """Bytes of whole lines that we added since the last look."""
        self._lines = 0
        self._held: dict[tuple[str, int], tuple[int, Decimal]] = {}

    def has(self, day: str) -> bool:
        """Whether anything was written on this day."""
        return (self._folder / f"{day}.jsonl").exists()

    @contextmanager
    def opened(self, day: str) -> Iterator[list[News]]:
        """What others wrote since the last look; until the block ends nobody else writes."""
        locked = False
        try:
            news: list[News] = []
            try:
                self._turn_to(day)
                if self._file >= 0:
                    self._lock(True)
                    locked = True
                    news = self._news()
            except OSError as error:
                self._give_up(error)
            yield news
        finally:
            if locked and self._file >= 0:
                self._lock(False)

    def hold(self, tokens: int, money: Decimal) -> int:
        """Set this aside, inside `opened`; the number to settle it by."""
        self._lines += 1
        self._write(f'"n":{self._lines},"tokens":{tokens},"money":"{money}"')
        return self._lines

    def used(self, day: str, number: int, usage: Usage, money: Decimal, unpriced: int) -> None:
        """What was used of it."""
        if day != self._day:
            return  # it was yesterday's, which nobody reads any more
        counts = f"[{usage.prompt},{usage.completion},{usage.cached}]"
        self._write(f'"n":{number},"used":{counts},"money":"{money}","unpriced":{unpriced}')

    def close(self) -> None:
        """Let go of the file; the next look goes on where the last one ended."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _turn_to(self, day: str) -> None:
        if day != self._day:
            self.close()
            self._day, self._read, self._wrote, self._unusable = day, 0, 0, False
            self._held.clear()
        if self._file >= 0 or self._unusable:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{day}.jsonl"
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        for old in sorted(self._folder.glob("????-??-??.jsonl"))[:-KEPT_FILES]:
            old.unlink(missing_ok=True)

    def _lock(self, take: bool) -> None:
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX if take else fcntl.LOCK_UN)

    def _news(self) -> list[News]:
        size = os.fstat(self._file).st_size
        if size == self._read + self._wrote:  # lines are only added: these are our own
            self._read, self._wrote = size, 0
            return []
        self._wrote = 0
        if size <= self._read:
            return []
        os.lseek(self._file, self._read, os.SEEK_SET)
        text = os.read(self._file, size - self._read)
        whole = text.rfind(b"\n") + 1
        if whole < len(text):  # a line that was cut off is no line, and must not spoil the next
            os.write(self._file, b"\n")
        self._read += whole
        found = (self._told(line) for line in text[:whole].splitlines())
        return [news for news in found if news is not None]

    def _told(self, line: bytes) -> News | None:
        """A line of another process; None for our own and for what is no line of ours."""
        try:
            row = json.loads(line)
            by, number, money = str(row["by"]), int(row["n"]), Decimal(row["money"])
            if by == self._by or not money.is_finite():
                return None
            if "used" not in row:
                held = self._held[by, number] = int(row["tokens"]), money
                return News(held_tokens=held[0], held_money=held[1], calls=1)
            prompt, completion, cached = map(int, row["used"])
            unpriced = int(row["unpriced"])
        except (ValueError, KeyError, TypeError, InvalidOperation):
            return None
        held = self._held.pop((by, number), (0, Decimal(0)))
        return News(
            held_tokens=-held[0],
            held_money=-held[1],
            usage=Usage(prompt=prompt, completion=completion, cached=cached),
            money=money,
            unpriced=unpriced,
        )

    def _write(self, fields: str) -> None:
        """Add a line of JSON; there is nothing in it but figures, so it is put together by hand."""
        if self._file < 0:
            return
        try:
            line = f'{{"by":"{self._by}",{fields}}}\n'.encode()
            if os.write(self._file, line) == len(line):  # half a line has to be seen and ended
                self._wrote += len(line)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        log.warning(
            "the day's cap is kept by this process alone: %s cannot be used (%s)",
            self._folder,
            error.strerror or error,
        )
        self.close()
        self._unusable = True
