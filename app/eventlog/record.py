"""A table's record as a file: line 1 the case and the opening, then one event a line.

    {"format":"parley.record/1","version":...,"seed":...,"case_hash":...,"case":{...},"opened":{...}}
    {"table_id":...,"seq":2,"at":...,"audience":[...],"body":{...,"kind":"seat.taken"}}

A record of the facilitator's view holds every secret of the table.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, BinaryIO, Final, Literal

from pydantic import BaseModel, Field, ValidationError

from app.domain.case import Case, Session
from app.domain.events import Event, TableOpened
from app.domain.table import FACILITATOR_VIEW
from app.errors import CaseError, Finding, SettingsError
from app.eventlog.base import STRICT, decode_event, encode_event, plain_hash, unreadable
from app.eventlog.coherence import first_fault

RECORD_FORMAT: Final = "parley.record/1"
MAX_RECORD_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a record file holds. `torn`: its last line was cut off and left out."""

    events: tuple[Event, ...]
    torn: bool
    viewer: str = FACILITATOR_VIEW


class _Opened(BaseModel):
    """The opening without its case."""

    model_config = STRICT

    table_id: Annotated[str, Field(min_length=1, max_length=200)]
    seq: Literal[1]
    at: int
    audience: tuple[str, ...]
    session: Session


class _Head(BaseModel):
    """Line 1."""

    model_config = STRICT

    format: Literal["parley.record/1"]
    version: str
    seed: int
    case_hash: str
    viewer: str
    case: Case
    opened: _Opened


def write_record(events: Iterable[Event], viewer: str = FACILITATOR_VIEW) -> Iterator[str]:
    """The lines of a record, each ending in a newline. `viewer` says whose view it is."""
    for event in events:
        yield _line(event, viewer)


def _line(event: Event, viewer: str) -> str:
    """One event as a line; the opening becomes the head."""
    body = event.body
    if not isinstance(body, TableOpened):
        return encode_event(event) + "\n"
    head = _Head.model_construct(
        format=RECORD_FORMAT,
        version=body.version,
        seed=body.seed,
        case_hash=body.case_hash,
        viewer=viewer,
        case=body.case,
        opened=_Opened.model_construct(
            table_id=event.table_id,
            seq=1,
            at=event.at,
            audience=event.audience,
            session=body.session,
        ),
    )
    return head.model_dump_json() + "\n"


class RecordWriter:
    """A record file that grows with the table: every line is flushed, the end is synced.

    `new` refuses an existing file, `replace` overwrites it, `resume` goes on after its last
    whole line (a torn one is cut away) and passes over events that it holds already.
    """

    def __init__(
        self,
        path: Path,
        mode: Literal["new", "replace", "resume"] = "new",
        viewer: str = FACILITATOR_VIEW,
    ) -> None:
        self.path = path
        self.last = 0
        self._viewer = viewer
        self._gap = b""
        self._file: BinaryIO | None = None
        keep = 0
        if mode == "resume" and path.exists():
            keep = self._held()
        flags = {"new": os.O_EXCL, "replace": os.O_TRUNC, "resume": 0}[mode]
        try:
            # Only the owner may read it: it holds the secrets of all seats.
            number = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
            self._file = os.fdopen(number, "wb")
            if mode == "resume":
                self._file.truncate(keep)
                self._file.seek(keep)
                self._file.write(self._gap)
        except FileExistsError:
            problem = f"{path} exists; choose another file, or resume or replace it"
            raise SettingsError(problem) from None
        except OSError as error:
            raise _unwritable(path, error) from error

    def _held(self) -> int:
        """Bytes of whole lines in the file that is resumed; notes its last number."""
        record = read_record(self.path)
        self.last = len(record.events)
        raw = self.path.read_bytes()
        if not record.torn and not raw.endswith(b"\n"):
            self._gap = b"\n"
            return len(raw)
        return raw.rfind(b"\n") + 1

    def write(self, events: Iterable[Event]) -> None:
        """Append events in order; SettingsError when the disk refuses."""
        if self._file is None:
            raise SettingsError(f"{self.path}: the record is closed")
        for event in events:
            if event.seq <= self.last:
                continue
            if event.seq != self.last + 1:
                raise ValueError(f"event {event.seq} does not follow {self.last}")
            try:
                self._file.write(_line(event, self._viewer).encode())
                self._file.flush()
            except OSError as error:
                raise _unwritable(self.path, error) from error
            self.last = event.seq

    def close(self) -> None:
        """Sync and close."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            with file:
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def __enter__(self) -> RecordWriter:
        """The writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()


def _unwritable(path: Path, error: OSError) -> SettingsError:
    """The disk said no."""
    return SettingsError(f"{path} cannot be written ({error.strerror or error})")


def read_record(path: Path) -> Record:
    """The events of a record file; CaseError with the line of what is wrong in it."""
    try:
        if not path.is_file():
            raise _wrong(str(path), 0, "there is no such file")
        with path.open("rb") as file:
            raw = file.read(MAX_RECORD_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _wrong(str(path), 0, f"cannot be read ({error})") from error
    if len(raw) > MAX_RECORD_BYTES:
        raise _wrong(str(path), 0, f"larger than {MAX_RECORD_BYTES} bytes")
    return parse_record(raw, path.name)


def parse_record(raw: bytes, name: str = "record") -> Record:
    """The events in the bytes of a record; CaseError with the line of what is wrong."""
    *whole, tail = raw.split(b"\n")
    if not whole:
        raise _wrong(name, 1, "no whole line; a record begins with its case")
    opening, viewer = _opening(whole[0], name)
    events = [opening]
    for number, line in enumerate(whole[1:], 2):
        events.append(_event(line, name, number, opening.table_id))
    torn = bool(tail)
    if torn:
        try:
            events.append(_event(tail, name, len(events) + 1, opening.table_id))
            torn = False  # only its newline is missing
        except CaseError:
            pass
    if viewer == FACILITATOR_VIEW and (fault := first_fault(events)):
        raise _wrong(name, *fault)
    return Record(events=tuple(events), torn=torn, viewer=viewer)


def _opening(line: bytes, name: str) -> tuple[Event, str]:
    """The head as the first event, and whose view the record is."""
    if f'"format":"{RECORD_FORMAT}"'.encode() not in line[:200].replace(b" ", b""):
        problem = f'not a record of this version; line 1 begins {{"format":"{RECORD_FORMAT}"'
        raise _wrong(name, 1, problem)
    plain = _parse(line, name, 1)
    try:
        head = _Head.model_validate_json(line)
    except ValidationError as error:
        raise unreadable(error, name, 1) from None
    # The text is hashed, not the case read from it: a later version may know more fields.
    if head.viewer == FACILITATOR_VIEW and plain_hash(plain["case"]) != head.case_hash:
        raise _wrong(name, 1, "the case is not the one that case_hash names; it was changed")
    body = TableOpened(
        case=head.case,
        case_hash=head.case_hash,
        seed=head.seed,
        session=head.opened.session,
        version=head.version,
    )
    opened = head.opened
    return Event(
        table_id=opened.table_id, seq=1, at=opened.at, audience=opened.audience, body=body
    ), head.viewer


def _event(line: bytes, name: str, number: int, table_id: str) -> Event:
    """The event of a line: the next number, the same table, not a second opening."""
    _parse(line, name, number)
    event = decode_event(line, name, number)
    if event.seq != number:
        raise _wrong(name, number, f"found event {event.seq}; expected {number}")
    if event.table_id != table_id:
        raise _wrong(name, number, f"found an event of table {event.table_id[:60]!a}")
    if isinstance(event.body, TableOpened):
        raise _wrong(name, number, "a table is opened once, in line 1")
    return event


def _parse(line: bytes, name: str, number: int) -> Any:
    """The line as plain JSON, without what a decoder lets pass: a key that stands twice, NaN."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"the key {twice[:60]!a} stands twice")
        return table

    def constant(word: str) -> object:
        raise ValueError(f"{word} is not a number")

    try:
        return json.loads(line, object_pairs_hook=once, parse_constant=constant)
    except RecursionError:
        raise _wrong(name, number, "nested too deeply") from None
    except ValueError as error:
        raise _wrong(name, number, f"not JSON: {error}") from None


def _wrong(name: str, line: int, problem: str) -> CaseError:
    """One finding with its line; line 0 is the whole file."""
    return CaseError((Finding(path=name, key=f"line {line}" if line else "", problem=problem),))
