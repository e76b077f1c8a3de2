"""What every page of a debrief is worked out from: one viewer's table, its talk and its course.

Everything is built from the events that the viewer may see. In a seat's view the case holds that
seat's mandate only, so that nothing of another sheet can get into a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.case import Case
from app.domain.events import (
    CaucusClosed,
    CaucusOpened,
    EndorsementsLapsed,
    Event,
    Moved,
    NewsArrived,
    Occupant,
    RoundOpened,
    SeatTaken,
    TextTabled,
    TurnOpened,
    TurnTraced,
)
from app.domain.moves import Voice
from app.domain.table import FACILITATOR_VIEW, PLENARY, Remark, Table
from app.domain.terms import Package
from app.evaluator.evidence import QUOTE_LIMIT, sentences
from app.evaluator.extraction import Extraction, extract
from app.evaluator.foreign.records import talk_of
from app.evaluator.leaks import Leak, leaks
from app.evaluator.process import Process, process
from app.evaluator.transcript import Unscored, folded
from app.evaluator.value import Assessment

_OWN_WORD = re.compile(
    r"\b(?:we|i)\b(?: \w+){0,2} (?:never|did not|didn't|have not|haven't)\b", re.IGNORECASE
)
"""A denial in the first person; "what members have not agreed" denies nothing of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A page that the record cannot fill: why, and how to get it."""

    why: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cite:
    """Verbatim words: `text` is a slice of what was said.

    `turn` is the turn they belong to, or with `between` the last turn before them. `whole` is
    False for a sentence that was cut.
    """

    seat: str
    voice: Voice
    turn: int
    between: bool
    text: str
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words of the plenary with the turn they belong to; `number` counts the talk's lines."""

    number: int
    turn: int
    between: bool
    remark: Remark


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """News with the last turn before it and its round; `to` is empty for everybody."""

    text: str
    inject: str
    turn: int
    round: int
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """Somebody sat down after a turn."""

    seat: str
    occupant: Occupant
    name: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Caucus:
    """A private meeting: opened after one turn and closed after another, or never."""

    room: str
    seats: tuple[str, ...]
    topic: str
    opened: int
    closed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backed:
    """A change of who stands behind an offer. `given` is False for an endorsement taken back."""

    seat: str
    offer: int
    turn: int
    round: int
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The record in time: `rounds` maps a round to its first turn, `round_of` the other way."""

    rounds: Mapping[int, int]
    round_of: Mapping[int, int]
    news: tuple[Bulletin, ...]
    seatings: tuple[Seating, ...]
    caucuses: tuple[Caucus, ...]
    backing: tuple[Backed, ...]
    traces: tuple[TurnTraced, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """One viewer's table with everything the pages read. `found` is None in a seat's view."""

    table: Table
    viewer: str
    course: Course
    lines: tuple[Line, ...]
    found: Assessment | None
    talk: Extraction | None
    counted: tuple[Process, ...]
    leaks: tuple[Leak, ...]

    @property
    def case(self) -> Case:
        """The case as the viewer may read it."""
        return self.table.case

    @property
    def known(self) -> tuple[str, ...]:
        """Seats whose sheets are in this view."""
        return tuple(seat for seat in self.case.seat_ids if seat in self.case.mandates)

    @property
    def whole(self) -> bool:
        """Whether this is the facilitator's view, with every sheet."""
        return self.viewer == FACILITATOR_VIEW

    @property
    def signed(self) -> Package | None:
        """The package in force."""
        return self.table.signed

    def total(self, seat: str, package: Package) -> int:
        """What a package is worth to a seat whose sheet is known."""
        return self.case.mandates[seat].total(package)

    def line(self, number: int) -> Line:
        """A line of the talk by its number."""
        return self.lines[number - 1]

    def spoken_at(self, turn: int) -> Line | None:
        """The words with which a turn was taken."""
        return next((x for x in self.lines if x.turn == turn and not x.between), None)

    def about(self, turn: int, options: Iterable[tuple[str, str]]) -> Cite | None:
        """The sentence of a turn that names one of these options, else its first; None unsaid."""
        line = self.spoken_at(turn)
        if line is None or not line.remark.speech.text.strip():
            return None
        return self.naming(turn, options) or self.cite(line)

    def naming(self, turn: int, options: Iterable[tuple[str, str]]) -> Cite | None:
        """The sentence of a turn that names one of these options by its label, or None."""
        line = self.spoken_at(turn)
        if line is None:
            return None
        agenda = self.case.agenda
        labels = [agenda.issue(i).option(o).label.casefold() for i, o in options]
        for sentence in sentences(line.remark.speech.text):
            if any(label in sentence.casefold() for label in labels):
                return self.cite(line, sentence)
        return None

    def cite(self, line: Line, sentence: str = "") -> Cite:
        """Words of a line: the sentence given when the line holds it, else the first one."""
        said = line.remark.speech.text
        text = _slice(said, sentence)
        head = text[:QUOTE_LIMIT]
        cut = head if head == text else (head.rpartition(" ")[0].rstrip() or head)
        return Cite(
            seat=line.remark.seat,
            voice=line.remark.speech.by,
            turn=line.turn,
            between=line.between,
            text=cut,
            whole=cut == text,
        )


def _slice(said: str, sentence: str) -> str:
    """The very words of a speech that a sentence was read from; without one, its first sentence.

    A reader may have folded spaces and quotation marks; the slice keeps what was said.
    """
    parts = sentences(said)
    if not sentence:
        return next(iter(parts), "")
    if sentence in said:
        return sentence
    spaced = re.search(r"\s+".join(map(re.escape, sentence.split())), said)
    if spaced is not None:
        return spaced.group()
    wanted = set(folded(sentence).split())
    return max(parts, key=lambda part: len(wanted & set(folded(part).split())), default="")


def ground(table: Table, events: Sequence[Event], viewer: str, found: Assessment | None) -> Ground:
    """The ground of a view; `events` are that viewer's own, and `table` their fold."""
    talk = extract(talk_of(events, table.table_id), table.case)
    read = None if isinstance(talk, Unscored) else talk
    slips = tuple(
        leak
        for leak in (leaks(read) if read is not None else ())
        if leak.kind != "contradiction" or _OWN_WORD.search(leak.quote)
    )
    return Ground(
        table=table,
        viewer=viewer,
        course=course(events),
        lines=_lines(table),
        found=found,
        talk=read,
        counted=process(read, slips) if read is not None else (),
        leaks=slips,
    )


def _lines(table: Table) -> tuple[Line, ...]:
    """The plenary in order, numbered as `talk_of` numbers it."""
    found: list[Line] = []
    turn = 0
    for remark in table.words:
        turn = remark.turn if remark.turn is not None else turn
        if remark.room == PLENARY:
            line = Line(
                number=len(found) + 1, turn=turn, between=remark.turn is None, remark=remark
            )
            found.append(line)
    return tuple(found)


class _Scribe:
    """Notes what happens as the events go by."""

    def __init__(self) -> None:
        self.turn = 0
        self.round = 0
        self.rounds: dict[int, int] = {}
        self.round_of: dict[int, int] = {}
        self.news: list[Bulletin] = []
        self.seatings: list[Seating] = []
        self.opened: dict[str, tuple[CaucusOpened, int]] = {}
        self.closed: dict[str, int] = {}
        self.backing: list[Backed] = []
        self.traces: list[TurnTraced] = []

    def hear(self, event: Event) -> None:
        """One event."""
        match event.body:
            case RoundOpened() as body:
                self.round = body.round
            case TurnOpened() as body:
                self.turn = body.turn
                self.round_of[body.turn] = self.round
                self.rounds.setdefault(self.round, body.turn)
            case Moved() as body:
                self._moved(body)
            case TextTabled() | NewsArrived() as body:
                self._brought(body, event.audience)
            case SeatTaken() as body:
                seating = Seating(
                    seat=body.seat, occupant=body.occupant, name=body.name, turn=self.turn
                )
                self.seatings.append(seating)
            case EndorsementsLapsed() as body:
                self._back(body.seat, body.offers, given=False)
            case CaucusOpened() as body:
                self.opened[body.room] = (body, self.turn)
            case CaucusClosed() as body:
                self.closed[body.room] = self.turn
            case TurnTraced() as body:
                self.traces.append(body)
            case _:
                pass

    def _brought(self, body: TextTabled | NewsArrived, audience: tuple[str, ...]) -> None:
        if isinstance(body, NewsArrived):
            self.news.append(
                Bulletin(
                    text=body.text,
                    inject=body.inject,
                    turn=self.turn,
                    round=self.round,
                    to=tuple(seat for seat in audience if seat != "*"),
                )
            )

    def _moved(self, body: Moved) -> None:
        if body.move.walk:
            held = {b.offer: b.given for b in self.backing if b.seat == body.seat}
            self._back(body.seat, [offer for offer, given in held.items() if given], given=False)
        given = (*body.move.endorse, *((body.offer,) if body.offer is not None else ()))
        lost = tuple(withdrawal.offer for withdrawal in body.move.withdraw)
        self._back(body.seat, lost, given=False)
        self._back(body.seat, given, given=True)

    def _back(self, seat: str, offers: Sequence[int], *, given: bool) -> None:
        """Endorsements given or gone, at the turn that is running."""
        self.backing += [
            Backed(seat=seat, offer=number, turn=self.turn, round=self.round, given=given)
            for number in offers
        ]


def course(events: Sequence[Event]) -> Course:
    """The course of a table from its events."""
    scribe = _Scribe()
    for event in events:
        scribe.hear(event)
    return Course(
        rounds=scribe.rounds,
        round_of=scribe.round_of,
        news=tuple(scribe.news),
        seatings=tuple(scribe.seatings),
        caucuses=tuple(
            Caucus(
                room=room,
                seats=body.seats,
                topic=body.topic,
                opened=turn,
                closed=scribe.closed.get(room),
            )
            for room, (body, turn) in scribe.opened.items()
        ),
        backing=tuple(scribe.backing),
        traces=tuple(scribe.traces),
    )
