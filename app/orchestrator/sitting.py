"""One table in memory: its events and the folds of those who look at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.events import Event
from app.domain.table import (
    FACILITATOR_VIEW,
    WATCHER_VIEW,
    Table,
    as_seen,
    evolve,
    fold,
    visible,
)


class Sitting:
    """Events of one table as far as they were read, with every viewer's fold kept up to date.

    A viewer's fold is built from that viewer's visible events only, so nothing that a seat may
    not see can reach what is built from its fold.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.events: list[Event] = []
        self._folds: dict[str, Table] = {}
        self._seen: dict[str, list[Event]] = {FACILITATOR_VIEW: self.events}
        self.absorb(events)

    @property
    def seq(self) -> int:
        """Number of the last event read."""
        return len(self.events)

    @property
    def table(self) -> Table:
        """The facilitator's fold: everything."""
        return self._folds[FACILITATOR_VIEW]

    def absorb(self, events: Iterable[Event]) -> None:
        """Take in the events that follow; those known already are passed over."""
        for event in events:
            if event.seq != self.seq + 1:
                continue
            for viewer in list(self._seen):
                self._see(viewer, event)

    def view(self, viewer: str) -> Table:
        """The fold over what a viewer may see."""
        self.seen(viewer)
        return self._folds[viewer]

    def public(self) -> Table:
        """The fold over what everybody may see."""
        return self.view(WATCHER_VIEW)

    def seen(self, viewer: str) -> Sequence[Event]:
        """A viewer's events in the viewer's own dense numbering."""
        if viewer not in self._seen:
            self._seen[viewer] = []
            for event in self.events:
                self._see(viewer, event)
        return self._seen[viewer]

    def shared(self, seats: Sequence[str]) -> Table:
        """The fold over what every one of these seats may see and no mandate."""
        common = [event for event in self.events if all(visible(event, seat) for seat in seats)]
        return fold(as_seen(event, "", number) for number, event in enumerate(common, start=1))

    def _see(self, viewer: str, event: Event) -> None:
        held = self._seen[viewer]
        if viewer == FACILITATOR_VIEW:
            held.append(event)
            self._folds[viewer] = evolve(self._folds.get(viewer), event)
        elif visible(event, viewer):
            seen = as_seen(event, viewer, len(held) + 1)
            held.append(seen)
            self._folds[viewer] = evolve(self._folds.get(viewer), seen)
