"""Words of a turn or an answer while they come: a sentence is shown once the wires let it pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.delegates.tripwires import Scene, Trip, sentence_trip, speech_trip
from app.delegates.utterance import Sentence, Utterance, whole
from app.domain.events import EVERYBODY
from app.domain.table import PLENARY, Owed


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """Sentences shown before they are said, for those who will hear them. They may yet be void.

    `offset` is its place in the draft in characters; what lies between is one blank. Of an answer
    `reply` is the number of the remark in its `room`; of a turn it is 0.
    """

    table_id: str
    turn: int
    seat: str
    draft: int
    offset: int
    text: str
    room: str = PLENARY
    reply: int = 0
    audience: tuple[str, ...] = EVERYBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """A draft that was shown in part is withdrawn."""

    table_id: str
    turn: int
    seat: str
    draft: int
    room: str = PLENARY
    reply: int = 0


OnDelta: TypeAlias = Callable[[Delta | Void], None]


class Drafting:
    """One speech as it is streamed: nothing passes after a sentence that was caught."""

    def __init__(
        self, scene: Scene, turn: int, publish: OnDelta | None, owed: Owed | None = None
    ) -> None:
        """Of an answer, `owed` says where it is given and to what."""
        self.scene = scene
        self._owed = owed
        self.trip: Trip | None = None
        self._turn = turn
        self._publish = publish
        self._draft = 0
        self._released = False
        self._begin()

    def _begin(self) -> None:
        seat = self.scene.room.case.seat(self.scene.seat)
        self._own = (seat.id, seat.short, seat.name)
        self._utterance = Utterance(self._own)
        self._pieces: list[str] = []
        self.trip = None
        self._draft += 1

    def hear(self, piece: str) -> None:
        """A piece of the text; an empty one says that the text begins anew."""
        if not piece:
            self.void()
            self._begin()
            return
        self._pieces.append(piece)
        self._show(self._passed(self._utterance.feed(piece)))

    def close(self, text: str) -> Trip | None:
        """The whole text has come. What it is caught at, or None: then `text` may be spoken."""
        if self._pieces:
            self._show(self._passed(self._utterance.finish()))
            if "".join(self._pieces) == text or self._utterance.text == whole(text, self._own):
                return self._judged()
            self.void()  # what was streamed is not what was answered in the end
            self._begin()
        self._show(self._passed([*self._utterance.feed(text), *self._utterance.finish()]))
        return self._judged()

    @property
    def text(self) -> str:
        """The words as they may be recorded."""
        return self._utterance.text

    def void(self) -> None:
        """Withdraw what was shown."""
        if self._released and self._publish is not None:
            self._publish(Void(**self._place()))
        self._released = False

    def again(self, scene: Scene) -> None:
        """A repair begins: what was shown is withdrawn."""
        self.void()
        self.scene = scene
        self._begin()

    def _judged(self) -> Trip | None:
        if self.trip is None:
            self.trip = speech_trip(self.scene, self._utterance.text)
        return self.trip

    def _passed(self, sentences: Iterable[Sentence]) -> list[Sentence]:
        """Those before the first that is caught."""
        passed: list[Sentence] = []
        for sentence in sentences:
            if self.trip is None:
                self.trip = sentence_trip(self.scene, sentence.text)
            if self.trip is None:
                passed.append(sentence)
        return passed

    def _show(self, passed: list[Sentence]) -> None:
        """Sentences that came together are shown together."""
        if not passed or self._publish is None:
            return
        self._released = True
        text = " ".join(sentence.text for sentence in passed)
        self._publish(
            Delta(**self._place(), offset=passed[0].offset, text=text, audience=self._audience())
        )

    def _place(self) -> dict[str, Any]:
        place: dict[str, Any] = {
            "table_id": self.scene.room.table_id,
            "turn": self._turn,
            "seat": self.scene.seat,
            "draft": self._draft,
        }
        if self._owed is not None:
            place |= {"room": self._owed.room, "reply": self._owed.number}
        return place

    def _audience(self) -> tuple[str, ...]:
        """A turn is taken before the whole table; an answer is heard in its room."""
        if self._owed is None or self._owed.room == PLENARY:
            return EVERYBODY
        return self.scene.room.rooms[self._owed.room].seats
