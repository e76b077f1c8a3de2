"""The draft minutes of one decision: facts with the table folded forward as they are noted."""

from __future__ import annotations

from app.domain.events import EVERYBODY, Body, Event, Fact
from app.domain.table import Table, evolve


class Minutes:
    """Collects facts; `table` is always the state after the last one."""

    def __init__(self, table: Table | None, now: int) -> None:
        self._table = table
        self._folded = 0
        self.now = now
        self.facts: list[Fact] = []

    @property
    def table(self) -> Table:
        """The state so far; ValueError before the opening."""
        for fact in self.facts[self._folded :]:
            event = Event(table_id="", seq=0, at=self.now, audience=fact.audience, body=fact.body)
            self._table = evolve(self._table, event)
        self._folded = len(self.facts)
        if self._table is None:
            raise ValueError("the table has not been opened")
        return self._table

    def note(self, body: Body, audience: tuple[str, ...] = EVERYBODY) -> None:
        """Add one fact."""
        self.facts.append(Fact(body=body, audience=audience))
