"""A delegation that answers one person's words, one to one, from public papers only.

Nothing binds here: there is no turn and no move. Behind it stands the phrasebook, or a model's
speaker with the wires before it and the phrasebook behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.delegates import briefing, phrasebook
from app.delegates.asking import Caller
from app.delegates.base import Usage
from app.delegates.briefing import Papers
from app.delegates.model import Casting
from app.delegates.model_reply import worded
from app.delegates.offline import asked
from app.delegates.phrases import NEUTRAL, NEUTRAL_SINGLE
from app.delegates.reading import read
from app.delegates.record_text import tokens
from app.delegates.rhetoric import fits, sentences
from app.domain.case import Case
from app.domain.events import Body, Event, RoundOpened, SeatTaken, Spoken, TableOpened
from app.domain.moves import Speech
from app.domain.table import PLENARY, WATCHER_VIEW, Owed, Table, fold

SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message of a talk: the visitor's or the delegation's own."""

    own: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the delegation says, and what it cost."""

    text: str
    by: str
    usage: Usage


def room_of(case: Case, seat: str, visitor: str, lines: tuple[Line, ...]) -> tuple[Table, Owed]:
    """The talk as a table of its own, as a watcher may see it; the last line is to be answered."""
    seen = case.seen_by(WATCHER_VIEW)
    opened = TableOpened(case=seen, case_hash="", seed=7, session=case.session, version="")
    bodies: list[Body] = [
        opened,
        SeatTaken(seat=visitor, occupant="person"),
        SeatTaken(seat=seat, occupant="engine"),
        RoundOpened(round=1),
    ]
    number = 0
    for number, line in enumerate(lines, 1):
        speech = Speech(
            text=line.text,
            by="engine" if line.own else "person",
            to=visitor if line.own else seat,
            answers=number - 1 if line.own else None,
            issues=_taken_up(line.text, seen, seat) if line.own else (),
        )
        speaker = seat if line.own else visitor
        bodies.append(Spoken(number=number, seat=speaker, room=PLENARY, speech=speech))
    table = fold(
        Event(table_id="talk", seq=place, at=0, audience=("*",), body=body)
        for place, body in enumerate(bodies, 1)
    )
    return table, Owed(seat=seat, room=PLENARY, number=number)


def _taken_up(text: str, case: Case, seat: str) -> tuple[str, ...]:
    """What our own earlier words were about; subjects that they only held out are not."""
    held_out = (*NEUTRAL["subjects"], *NEUTRAL_SINGLE["subjects"])
    said = [part for part in sentences(text) if not any(fits(frame, part) for frame in held_out)]
    return read(" ".join(said), case, seat).issues


class Interlocutor:
    """Answers in a seat's name: offline without a casting, else by a model."""

    def __init__(
        self,
        casting: Casting | None = None,
        papers: Papers | None = None,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.casting = casting
        self.papers = papers
        self.clock = clock

    async def answer(
        self, room: Table, owed: Owed, *, payer: str = "talk", turn: int = 0
    ) -> Answer:
        """The checked answer. `payer` is the account, as a table's, and `turn` its turn."""
        remark = asked(room, owed)
        if self.casting is not None and self.papers is not None:
            caller = Caller(
                complete=self.casting.complete,
                clock=self.clock,
                end=self.clock() + SECONDS,
                temperature=self.casting.temperature,
                table_id=payer,
                seat=owed.seat,
                turn=turn,
            )
            return await self._modelled(room, owed, self.casting, self.papers, caller)
        speech = phrasebook.answer(room, owed.seat, remark)
        said = sum(tokens(r.speech.text) for r in room.words)
        usage = Usage(prompt=said, completion=tokens(speech.text), reported=False)
        return Answer(text=speech.text, by="engine", usage=usage)

    async def _modelled(
        self, room: Table, owed: Owed, casting: Casting, papers: Papers, caller: Caller
    ) -> Answer:
        brief = briefing.speaker_brief(papers, room, owed.seat)
        text, by = await worded(papers, brief, room, owed, casting=casting, caller=caller), "model"
        if not text:
            text, by = phrasebook.answer(room, owed.seat, asked(room, owed)).text, "engine"
        usage = Usage(
            prompt=sum(call.prompt_tokens for call in caller.calls),
            completion=sum(call.completion_tokens for call in caller.calls),
            cached=sum(call.cached_tokens for call in caller.calls),
            reported=all(call.reported for call in caller.calls),
        )
        return Answer(text=text, by=by, usage=usage)
