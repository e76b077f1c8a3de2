"""A speaker's sentences before they are said: shown to those who will hear them, kept nowhere.

Nothing here is written to the log. A draft lives until its turn or answer is made, void, or given
up. A table has one turn at a time, and beside it there may be answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from app.delegates.drafting import Delta, Void
from app.domain.table import FACILITATOR_VIEW, PLENARY, Owed
from app.web.views import Json, dumps

MOST_SENTENCES = 400
"""Of one draft that is kept for who comes in later; a speech has far fewer."""

Place: TypeAlias = tuple[str, int, str]
"""What a draft is of: room, number of the remark and seat; no remark and seat mean the turn."""

TURN: Place = (PLENARY, 0, "")


@dataclass(slots=True, eq=False)
class Listener:
    """One connection that wants to see drafts as they come."""

    viewer: str
    show: Callable[[str], None]


@dataclass(slots=True)
class _Draft:
    """The draft of a turn or an answer, as far as it was shown."""

    audience: tuple[str, ...]
    turn: int
    number: int
    frames: list[str] = field(default_factory=list)


class Drafts:
    """Takes sentences from whoever speaks and shows them to those who will see the turn."""

    def __init__(self) -> None:
        self._drafts: dict[str, dict[Place, _Draft]] = {}
        self._listeners: dict[str, set[Listener]] = {}

    def publish(self, item: Delta | Void) -> None:
        """Show a sentence to its audience, or withdraw what it was shown."""
        here = self._drafts.get(item.table_id, {})
        place = (item.room, item.reply, item.seat if item.reply else "")
        held = here.get(place)
        if held is not None and (held.turn, held.number) != (item.turn, item.draft):
            held = None
        if isinstance(item, Void):
            if held is not None:
                self._forget(item.table_id, place)
                self._show(item.table_id, held.audience, frame(item))
            return
        if held is None:
            held = _Draft(item.audience, item.turn, item.draft)
            self._drafts.setdefault(item.table_id, {})[place] = held
        if len(held.frames) >= MOST_SENTENCES:
            return
        text = frame(item)
        held.frames.append(text)
        self._show(item.table_id, held.audience, text)

    def forget(self, table_id: str, answered: Owed | None = None) -> None:
        """The turn or this answer is made or given up: who comes in now is not shown its draft."""
        place = TURN if answered is None else (answered.room, answered.number, answered.seat)
        self._forget(table_id, place)

    def _forget(self, table_id: str, place: Place) -> None:
        here = self._drafts.get(table_id, {})
        here.pop(place, None)
        if not here:
            self._drafts.pop(table_id, None)

    @contextmanager
    def listen(self, table_id: str, viewer: str, show: Callable[[str], None]) -> Iterator[None]:
        """Be shown drafts from now on, beginning with what there is of the present one."""
        listener = Listener(viewer, show)
        self._listeners.setdefault(table_id, set()).add(listener)
        for held in self._drafts.get(table_id, {}).values():
            if admitted(viewer, held.audience):
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
    if item.reply:
        data |= {"room": item.room, "reply": item.reply}
    if isinstance(item, Delta):
        data |= {"type": "draft", "offset": item.offset, "text": item.text}
    return dumps(data)
