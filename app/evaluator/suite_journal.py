"""A run's folder: results line by line as they come, talks beside them, and a cache of both.

A line is written and flushed when its case is done, so a kill loses at most the case in hand;
a last line that was cut off is passed over and its case run again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.errors import CaseError, Finding
from app.evaluator.transcript import Transcript, Turn

Row = dict[str, Any]
RUN_FORMAT = "parley.run/1"
RESULTS, TALKS, JUDGED, HEAD = "results.jsonl", "talks.jsonl", "judged.jsonl", "run.json"


def wrong(path: Path, key: str, problem: str) -> CaseError:
    """One finding about a run's folder."""
    return CaseError((Finding(path=str(path), key=key, problem=problem),))


def line_of(row: Mapping[str, Any]) -> str:
    """A row as a line: the same row gives the same bytes."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def lines_of(path: Path) -> Iterator[Row]:
    """The whole rows of a file, a torn last line left out; CaseError for a broken one before."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise wrong(path, "", f"cannot be read ({error.strerror or error})") from None
    parts = raw.split(b"\n")
    for number, part in enumerate(parts, 1):
        if not part.strip():
            continue
        try:
            row = json.loads(part)
        except (ValueError, RecursionError):
            if number == len(parts):
                return
            raise wrong(path, f"line {number}", "not a row of JSON; remove the line") from None
        if not isinstance(row, dict) or "id" not in row:
            raise wrong(path, f"line {number}", "not a row of a run")
        yield row


class Journal:
    """A file of rows that is only ever added to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mend()
        self._file = path.open("a", encoding="utf-8", newline="\n")

    def _mend(self) -> None:
        """Cut off a torn last line, so that the next one does not grow onto it."""
        if not self.path.exists():
            return
        raw = self.path.read_bytes()
        whole = raw.rfind(b"\n") + 1
        if whole < len(raw):
            try:
                json.loads(raw[whole:])
            except ValueError:
                os.truncate(self.path, whole)
            else:
                with self.path.open("ab") as file:
                    file.write(b"\n")

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a row; it is with the operating system when this returns."""
        self._file.write(line_of(row))
        self._file.flush()

    def close(self) -> None:
        """Put it on the disk and let go."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def rewrite(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """The whole file anew, all or nothing."""
    fresh = path.with_suffix(".part")
    with fresh.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line_of(row) for row in rows)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


class Cache:
    """Results by key, over all runs: a file each, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> Row | None:
        """What is kept under a key; None also for what cannot be read."""
        try:
            held = json.loads(self._path(key).read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return held if isinstance(held, dict) and held.get("key") == key else None

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep a value under a key."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
        fresh.write_text(line_of({**value, "key": key}), "utf-8")
        fresh.replace(path)


# -- talks -------------------------------------------------------------------------------------


def talk_row(case_id: str, talk: Transcript) -> Row:
    """A talk as a row: what a judge or a log needs of it."""
    return {
        "id": case_id,
        "digest": talk.digest,
        "name": talk.id,
        "format": talk.format,
        "table": talk.table,
        "turns": [[turn.speaker, turn.text] for turn in talk.turns],
    }


def talk_from(row: Mapping[str, Any]) -> Transcript:
    """The talk of a row."""
    turns = (
        Turn(number=number, speaker=speaker, text=text)
        for number, (speaker, text) in enumerate(row["turns"], 1)
    )
    return Transcript(id=row["name"], format=row["format"], turns=tuple(turns), table=row["table"])
