"""A log that lives as long as the process: for runs without a server, and for tests."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.events import Event, Fact
from app.errors import Conflict


class MemoryLog:
    """Events in lists. Safe for tasks of one event loop."""

    def __init__(self) -> None:
        self._events: dict[str, list[Event]] = {}

    async def append(
        self, table_id: str, after: int, at: int, facts: Sequence[Fact]
    ) -> tuple[Event, ...]:
        """See `EventLog.append`."""
        if after != len(self._events.get(table_id, ())):
            raise Conflict(table_id, after + 1)
        events = tuple(
            Event(table_id=table_id, seq=seq, at=at, audience=fact.audience, body=fact.body)
            for seq, fact in enumerate(facts, after + 1)
        )
        if events:
            self._events.setdefault(table_id, []).extend(events)
        return events

    async def read(self, table_id: str, after: int = 0) -> tuple[Event, ...]:
        """See `EventLog.read`."""
        return tuple(self._events.get(table_id, [])[max(after, 0) :])

    async def tables(self) -> tuple[str, ...]:
        """See `EventLog.tables`."""
        return tuple(sorted(self._events, key=lambda each: (self._events[each][0].at, each)))

    async def close(self) -> None:
        """See `EventLog.close`."""
