"""What a store of events promises, and the one codec that all stores and records share.

The codec is canonical: the same event gives the same bytes. Decoding is strict: a field or a
kind that this version does not know is refused, never passed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from app.domain.case import Case
from app.domain.derived import Derived
from app.domain.events import Body, Event, Fact, TableOpened
from app.errors import CaseError, Finding

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""How everything is decoded."""

_Body = Annotated[Body, Field(discriminator="kind")]


class EventLog(Protocol):
    """An append-only log per table; the number of an event is its key."""

    async def append(
        self, table_id: str, after: int, at: int, facts: Sequence[Fact]
    ) -> tuple[Event, ...]:
        """Number the facts after+1, after+2... and keep them: all or nothing.

        Returns only when they are kept. Conflict when `after` is not the last number of the
        table: somebody else was faster; read again and decide again.
        """
        ...

    async def read(self, table_id: str, after: int = 0) -> tuple[Event, ...]:
        """The table's events with a number above `after`; empty for an unknown table."""
        ...

    async def tables(self) -> tuple[str, ...]:
        """Ids of all tables, the oldest first."""
        ...

    async def close(self) -> None:
        """Let go of what the log holds open."""
        ...


class Lease(Protocol):
    """Which of the processes over one log runs a table, so that no model is asked twice."""

    async def hold(self, table_id: str) -> bool:
        """Run this table from now on; False while another process runs it.

        Who is cancelled here may hold it all the same, and releases it.
        """
        ...

    async def release(self, table_id: str) -> bool:
        """Leave the table to others; whether it was held and others may wait for it."""
        ...

    async def close(self) -> None:
        """Release every table."""
        ...


class Bell(Protocol):
    """One listener's end of a wake-up."""

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - a bell is a timeout with an early end
        """True as soon as it rang since the last wait, False after so many seconds."""
        ...


class Wakeup(Protocol):
    """A hint that a table's log grew. It carries no data and may be lost."""

    def ring(self, table_id: str) -> None:
        """Wake everybody who listens to a table."""
        ...

    def listen(self, table_id: str) -> AbstractAsyncContextManager[Bell]:
        """Hear every ring from now on. Listen first, then read the log, then wait."""
        ...

    def connected(self) -> AbstractAsyncContextManager[None]:
        """Carry rings to and from other processes, where there are any, while this is open."""
        ...


class _Entry(BaseModel):
    """An event as JSON."""

    model_config = STRICT

    table_id: Annotated[str, Field(min_length=1, max_length=200)]
    seq: Annotated[int, Field(ge=1)]
    at: int
    audience: tuple[str, ...]
    body: _Body


_BODY: TypeAdapter[Body] = TypeAdapter(_Body, config=STRICT)
# A union, because pydantic takes no configuration for a bare dataclass.
_CASE: TypeAdapter[Case | None] = TypeAdapter(Case | None, config=STRICT)


def encode_event(event: Event) -> str:
    """One line of compact JSON."""
    entry = _Entry.model_construct(
        table_id=event.table_id,
        seq=event.seq,
        at=event.at,
        audience=event.audience,
        body=event.body,
    )
    return entry.model_dump_json()


def decode_event(text: str | bytes, path: str = "event", line: int = 0) -> Event:
    """The event in a line; CaseError, naming path and line, when it is not one."""
    try:
        entry = _Entry.model_validate_json(text)
    except ValidationError as error:
        raise unreadable(error, path, line) from None
    return Event(
        table_id=entry.table_id,
        seq=entry.seq,
        at=entry.at,
        audience=entry.audience,
        body=entry.body,
    )


def encode_body(body: Body) -> str:
    """A body as compact JSON. Kept a while: what the log writes is then shown to viewers.

    Not an opening: it holds a whole case, and viewers get each their own.
    """
    return _printed(body) if isinstance(body, TableOpened) else _PRINTED(body)


def _printed(body: Body) -> str:
    return _BODY.dump_json(body).decode()


_PRINTED: Derived[Body, str] = Derived(_printed, most=256)


def decode_body(text: str | bytes, path: str = "body", line: int = 0) -> Body:
    """The body in a text; CaseError, naming path and line, when it is not one."""
    try:
        return _BODY.validate_json(text)
    except ValidationError as error:
        raise unreadable(error, path, line) from None


def encode_case(case: Case) -> str:
    """A case as compact JSON, in the case's order."""
    return _CASE.dump_json(case).decode()


def decode_case(text: str | bytes, path: str = "case") -> Case:
    """The case in a text; CaseError, naming path, when it is not one."""
    try:
        case = _CASE.validate_json(text)
    except ValidationError as error:
        raise unreadable(error, path) from None
    if case is None:
        raise CaseError((Finding(path=path, key="", problem="found null; expected a case"),))
    return case


def case_hash(case: Case) -> str:
    """SHA-256 of the case with its keys sorted: equal cases have equal hashes."""
    return plain_hash(_CASE.dump_python(case, mode="json"))


def plain_hash(plain: object) -> str:
    """SHA-256 of plain data as canonical JSON."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def unreadable(error: ValidationError, path: str, line: int = 0) -> CaseError:
    """What pydantic refused, as findings; at most ten of them, a broken line has hundreds."""
    details = error.errors(include_url=False, include_input=False)[:10]
    return CaseError(
        tuple(
            Finding(path=path, key=_place(line, each), problem=_problem(each)) for each in details
        )
    )


def _place(line: int, detail: ErrorDetails) -> str:
    """`line 3, body.speech.text`."""
    key = ".".join(str(part) for part in detail["loc"])[:200]
    return ", ".join(part for part in (f"line {line}" if line else "", key) if part)


def _problem(detail: ErrorDetails) -> str:
    """A complaint in one line."""
    if detail["type"] == "union_tag_invalid":
        return f"unknown kind {str((detail.get('ctx') or {}).get('tag'))[:60]!a}"
    return detail["msg"][:200]
