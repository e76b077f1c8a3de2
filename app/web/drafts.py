"""A speaker's sentences before the turn is made: shown to the turn's audience, kept nowhere.

Nothing here is written to the log. A draft lives until its turn is made, void, or given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.delegates.drafting import Delta, Void
from app.domain.events import EVERYBODY
from app.domain.table import FACILITATOR_VIEW
from app.web.views import Json, dumps

MOST_SENTENCES = 400
"""Of one draft that is kept for who comes in later; a speech has far fewer."""


@dataclass(slots=True, eq=False)
class Listener:
    """One connection that wants to see drafts as they come."""

    viewer: str
    show: Callable[[str], None]


@dataclass(slots=True)
class _Draft:
    """The draft of a table's present turn, as far as it was shown."""

    audience: tuple[str, ...]
    turn: int
    number: int
    frames: list[str] = field(default_factory=list)


class Drafts:
    """Takes sentences from whoever speaks and shows them to those who will see the turn."""

    def __init__(self) -> None:
        self._drafts: dict[str, _Draft] = {}
        self._listeners: dict[str, set[Listener]] = {}

    def hear(self, item: Delta | Void) -> None:
        """From a model's speaker. A turn is taken before the whole table, so all may see it."""
        self.publish(item, EVERYBODY)

    def publish(self, item: Delta | Void, audience: tuple[str, ...]) -> None:
        """Show a sentence to this audience, or withdraw what it was shown."""
        held = self._drafts.get(item.table_id)
        if isinstance(item, Void):
            if held is None or (held.turn, held.number) != (item.turn, item.draft):
                return
            del self._drafts[item.table_id]
            self._show(item.table_id, held.audience, frame(item))
            return
        if held is None or (held.turn, held.number) != (item.turn, item.draft):
            held = self._drafts[item.table_id] = _Draft(audience, item.turn, item.draft)
        if len(held.frames) >= MOST_SENTENCES:
            return
        text = frame(item)
        held.frames.append(text)
        self._show(item.table_id, held.audience, text)

    def forget(self, table_id: str) -> None:
        """The turn is made or given up: nobody who comes in now is shown its draft."""
        self._drafts.pop(table_id, None)

    @contextmanager
    def listen(self, table_id: str, viewer: str, show: Callable[[str], None]) -> Iterator[None]:
        """Be shown drafts from now on, beginning with what there is of the present one."""
        listener = Listener(viewer, show)
        self._listeners.setdefault(table_id, set()).add(listener)
        held = self._drafts.get(table_id)
        if held is not None and admitted(viewer, held.audience):
            for text in held.frames:
                show(text)
        try:
            yield
        finally:
            here = self._listeners[table_id]
            here.discard(listener)
            if not here:
                del self._listeners[table_id]

    def _show(self, table_id: str, audience: tuple[str, ...], text: str) -> None:
        for listener in tuple(self._listeners.get(table_id, ())):
            if admitted(listener.viewer, audience):
                listener.show(text)


def admitted(viewer: str, audience: tuple[str, ...]) -> bool:
    """Whether a viewer belongs to an audience; as for events, denied unless named."""
    return viewer == FACILITATOR_VIEW or "*" in audience or viewer in audience


def frame(item: Delta | Void) -> str:
    """A sentence or its withdrawal as a frame. It has no cursor: it is no event."""
    data: Json = {"type": "void", "turn": item.turn, "seat": item.seat, "draft": item.draft}
    if isinstance(item, Delta):
        data |= {"type": "draft", "offset": item.offset, "text": item.text}
    return dumps(data)
