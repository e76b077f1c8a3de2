"""The words of a turn while they come: released sentence by sentence as the wires let them pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.delegates.tripwires import Scene, Trip, sentence_trip, speech_trip
from app.delegates.utterance import Sentence, Utterance, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A sentence shown before the turn is made, for the turn's audience. It may yet be void.

    `offset` is its place in the draft in characters; what lies between is one blank.
    """

    table_id: str
    turn: int
    seat: str
    draft: int
    offset: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """A draft that was shown in part is withdrawn."""

    table_id: str
    turn: int
    seat: str
    draft: int


OnDelta: TypeAlias = Callable[[Delta | Void], None]


class Drafting:
    """One speech as it is streamed: nothing passes after a sentence that was caught."""

    def __init__(self, scene: Scene, turn: int, publish: OnDelta | None) -> None:
        self.scene = scene
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
        for sentence in self._utterance.feed(piece):
            self._take(sentence)

    def close(self, text: str) -> Trip | None:
        """The whole text has come. What it is caught at, or None: then `text` may be spoken."""
        if self._pieces:
            for sentence in self._utterance.finish():
                self._take(sentence)
            if "".join(self._pieces) == text or self._utterance.text == whole(text, self._own):
                return self._judged()
            self.void()  # what was streamed is not what was answered in the end
            self._begin()
        for sentence in (*self._utterance.feed(text), *self._utterance.finish()):
            self._take(sentence)
        return self._judged()

    @property
    def text(self) -> str:
        """The words as they may be recorded."""
        return self._utterance.text

    def void(self) -> None:
        """Withdraw what was shown."""
        if self._released and self._publish is not None:
            room, seat = self.scene.room, self.scene.seat
            self._publish(
                Void(table_id=room.table_id, turn=self._turn, seat=seat, draft=self._draft)
            )
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

    def _take(self, sentence: Sentence) -> None:
        if self.trip is None:
            self.trip = sentence_trip(self.scene, sentence.text)
        if self.trip is None and self._publish is not None:
            self._released = True
            room, seat = self.scene.room, self.scene.seat
            self._publish(
                Delta(
                    table_id=room.table_id,
                    turn=self._turn,
                    seat=seat,
                    draft=self._draft,
                    offset=sentence.offset,
                    text=sentence.text,
                )
            )
