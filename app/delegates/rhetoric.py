"""What a delegation may say next: its unused sentences, its public stance, the nouns it needs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias, TypeVar

from app.delegates import phrases
from app.domain.case import Case, Seat, TalkingPoint
from app.domain.table import HELPERS, Table
from app.domain.terms import Issue, Option, Package

LEAST_WORDS = 20
MOST_WORDS = 120

Fills: TypeAlias = Mapping[str, str | Issue]
"""What goes into a frame: words, or an issue that takes the form its place can bear."""

_T = TypeVar("_T")
_END = re.compile(r"(?<=[.?!])\s+")
_PLAIN = bytes(b if b in b"abcdefghijklmnopqrstuvwxyz0123456789" else 32 for b in range(256))
_FILL = re.compile(r"\{(\w+)\}")
_BEFORE = re.compile(
    r"(?:\b(?:on|of|over|about|for|under|concerning|regarding|toward|towards|to|with|in|at)|"
    r"on the matter of)\s*$",
    re.IGNORECASE,
)


def sentences(text: str) -> tuple[str, ...]:
    """A text cut into sentences."""
    return tuple(part for part in _END.split(text.strip()) if part)


@lru_cache(maxsize=16_384)
def plain(sentence: str) -> str:
    """A sentence as it is compared: letters and digits only, lower case."""
    told = sentence.casefold().encode("ascii", "replace").translate(_PLAIN)
    return b" ".join(told.split()).decode("ascii")


def length(text: str) -> int:
    """Number of words."""
    return len(text.split())


def _drawn(text: str) -> bytes:
    """A draw: the same for the same text, everywhere."""
    return hashlib.sha256(text.encode()).digest()


def drawn_seats(room: Table, slot: str, count: int) -> list[str]:
    """So many seats, drawn for all of them alike."""
    return sorted(room.case.seat_ids, key=lambda seat: _drawn(f"{room.seed}/{slot}/{seat}"))[:count]


def _in_order(pieces: Sequence[str], text: str) -> bool:
    """Whether the pieces occur in a text one after the other."""
    at = 0
    for piece in pieces:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def fits(frame: str, text: str) -> bool:
    """Whether a text is a frame with whatever fill-ins, or holds one."""
    pieces = [piece for part in _FILL.split(frame)[::2] if (piece := plain(part))]
    return bool(pieces) and _in_order(pieces, plain(text))


def raised(text: str) -> str:
    """The text with every sentence beginning with a capital."""
    return " ".join(part[:1].upper() + part[1:] for part in sentences(text))


def lowered(text: str, case: Case) -> str:
    """A heading as it stands inside a sentence: small first letter unless it is a name."""
    first = re.split(r"[\s-]", text, maxsplit=1)[0]
    if (first.isupper() and len(first) > 1) or first in _names(case):
        return text
    return text[:1].lower() + text[1:]


_NAMES: dict[int, tuple[tuple[Issue, ...], frozenset[str]]] = {}


def _names(case: Case) -> frozenset[str]:
    """Words the case always writes with a capital; found once for its list of issues."""
    held = _NAMES.get(id(case.issues))
    if held is None or held[0] is not case.issues:
        if len(_NAMES) > 32:
            _NAMES.clear()
        lines = [o.text for i in case.issues for o in i.options]
        lines += [o.label for i in case.issues for o in i.options]
        lines += [claim.text for claim in case.claims]
        for seat in case.seats:
            lines += [seat.brief, *(point.text for point in seat.points)]
        seen = set(re.findall(r"(?<=[a-z,] )[A-Z]\w+", " . ".join(lines)))
        small = set(re.findall(r"\b[a-z]\w+", " ".join(lines)))
        names = frozenset(word for word in seen if word.lower() not in small)
        held = _NAMES[id(case.issues)] = (case.issues, names)
    return held[1]


@dataclass(slots=True)
class Rostrum:
    """One speech in the making: what this seat has said before, and what it says now.

    Everything is read from `room`, which holds what the whole audience of the speech may see.
    """

    room: Table
    seat: str
    slot: str
    private: bool = False
    taken: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)
    limit: int = MOST_WORDS
    bound: dict[str, set[str]] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)
    _said: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        texts = [r.speech.text for r in self.room.words if r.seat == self.seat]
        texts += [w.reason for m in self.room.moves if m.seat == self.seat for w in m.move.withdraw]
        self._said = {plain(s) for text in texts for s in sentences(text)}
        self._texts = [plain(text) for text in texts]

    # -- what has been said --------------------------------------------------------------

    def fresh(self, text: str) -> bool:
        """Whether no sentence of this text was spoken before by this seat."""
        parts = [plain(s) for s in sentences(text)]
        return len(parts) == len(set(parts)) and not any(p in self._said for p in parts)

    def worn(self, frame: str) -> bool:
        """Whether a frame was used before, with whatever fill-ins."""
        pieces = [piece for part in _FILL.split(frame)[::2] if (piece := plain(part))]
        return bool(pieces) and any(_in_order(pieces, text) for text in self._texts)

    def say(self, text: str) -> bool:
        """Add words to the speech if they are new and fit."""
        text = raised(text)
        if not text or not self.fresh(text) or length(text) > self.left:
            return False
        self.taken.append(text)
        spoken = [plain(s) for s in sentences(text)]
        self._said.update(spoken)
        self._texts.append(" ".join(spoken))
        return True

    @property
    def spoken(self) -> int:
        """Words so far."""
        return sum(length(text) for text in self.taken)

    @property
    def left(self) -> int:
        """Words that still fit."""
        return self.limit - self.spoken

    @property
    def short(self) -> bool:
        """Whether the speech is below the least length."""
        return self.spoken < LEAST_WORDS

    @property
    def text(self) -> str:
        """The speech so far."""
        return " ".join(self.taken)

    def named(self, phrase: str) -> bool:
        """Whether this seat has used a phrase before."""
        wanted = plain(phrase)
        return any(wanted in text for text in self._texts)

    def order(self, items: Iterable[_T], slot: str) -> list[_T]:
        """Items in an order drawn by the table's seed, the seat, the turn and the slot."""
        held = list(items)
        base = f"{self.room.seed}/{self.seat}/{self.slot}/{slot}"
        draw = {n: _drawn(f"{base}/{item}") for n, item in enumerate(held)}
        return [held[n] for n in sorted(draw, key=lambda n: (draw[n], n))]

    def shared(self, items: Sequence[_T]) -> tuple[list[_T], list[_T]]:
        """Items for this kind of room, and the others.

        A third of a seat's words is kept for private rooms: what was said there is not in the
        plenary's view, and should not be said again before those who heard it.
        """
        base = f"{self.room.seed}/{self.seat}"
        ranked = sorted(range(len(items)), key=lambda n: (_drawn(f"{base}/{items[n]}"), n))
        kept = set(ranked[: (len(items) + 2) // 3])
        mine = [item for n, item in enumerate(items) if (n in kept) is self.private]
        return mine, [item for n, item in enumerate(items) if (n in kept) is not self.private]

    def aside(self, text: str) -> list[str]:
        """What is not for this kind of room: nothing in the plenary, with a lead in private."""
        if not self.private:
            return []
        first, *rest = sentences(text)
        if rest:
            first = first.rstrip(".")
        whole = "; ".join((first, *(lowered(part, self.case) for part in rest)))
        return [f"{lead}: {whole}" for lead in self.order(phrases.ASIDES, "aside")]

    def here(self, issue: str) -> tuple[list[TalkingPoint], list[TalkingPoint]]:
        """Points on an issue for this kind of room, and the others.

        What a seat could live with is what it keeps for private rooms first.
        """
        points = [p for p in speakable(self.case, self.seat) if p.issue == issue]
        base = f"{self.room.seed}/{self.seat}"
        ranked = sorted(points, key=lambda p: (p.kind != "live-with", _drawn(f"{base}/{p.id}")))
        kept = {point.id for point in ranked[: len(points) // 4]}
        mine = [point for point in points if (point.id in kept) is self.private]
        return mine, [point for point in points if (point.id in kept) is not self.private]

    # -- frames --------------------------------------------------------------------------

    def neutral(self, act: str) -> Sequence[str]:
        """Frames of an act for a seat without its own: as a delegation, or as one person."""
        single = self.seat in self.case.seat_ids and self.me.single
        return (phrases.NEUTRAL_SINGLE if single else phrases.NEUTRAL).get(act, ())

    def frames(self, act: str) -> list[str]:
        """Frames of an act in drawn order: own unused, neutral unused, then the used ones."""
        own = self.me.phrases.get(act, ()) if self.seat in self.case.seat_ids else ()
        mine, neutral = list(own), list(self.neutral(act))
        rest: list[str] = []
        if act in phrases.ANYWHERE:
            mine, others = self.shared(mine)
            neutral, more = self.shared(neutral)
            rest = [text for frame in (*others, *more) for text in self.aside(frame)]
        drawn = [*self.order(mine, act), *self.order(neutral, act)]
        worn = {frame for frame in drawn if self.worn(frame)}
        fresh = [frame for frame in drawn if frame not in worn]
        return fresh + [frame for frame in drawn if frame in worn] + self.order(rest, act)

    def frame(
        self, act: str, fills: Fills | None = None, need: str = "", *, owed: bool = True
    ) -> bool:
        """Speak the first frame of an act that gives only new sentences and fits.

        `need` names a fill-in without which the sentence would not be understood here. What is
        not `owed` is left out rather than said in neutral words while own ones remain.
        """
        given = fills or {}
        frames = self.frames(act)
        if not owed:
            mine = self.me.phrases.get(act, ())
            own = [frame for frame in frames if frame in mine and not self.worn(frame)]
            frames = own or frames
        for frame in frames:
            if need and f"{{{need}}}" not in frame:
                continue
            if set(_FILL.findall(frame)) <= set(given) and self.say(filled(frame, given, self)):
                return True
        return False

    # -- the case ------------------------------------------------------------------------

    @property
    def case(self) -> Case:
        """The case as the audience may read it."""
        return self.room.case

    @property
    def me(self) -> Seat:
        """This seat's public side."""
        return self.case.seat(self.seat)

    def who(self, seat: str) -> str:
        """How a seat, the chair or the mediator is named in speech."""
        if seat in HELPERS:
            return f"the {seat}"
        return self.case.seat(seat).short if seat in self.case.seat_ids else "the facilitator"

    def option(self, issue: str, option: str) -> Option:
        """An option of the case."""
        return self.room.agenda.issue(issue).option(option)

    def own(self) -> dict[str, str]:
        """The text this seat stands on now, as issue to option; empty when there is none."""
        return self.held(self.seat)

    def held(self, seat: str) -> dict[str, str]:
        """The text a seat stands on now."""
        offer = self.room.offer(self.room.latest.get(seat, 0))
        return self.room.agenda.as_mapping(offer.package) if offer else {}

    def topic(self, issue: Issue) -> str:
        """An issue as a noun phrase inside a sentence."""
        return topic(issue, self.case)


def topic(issue: Issue, case: Case) -> str:
    """An issue as a noun phrase inside a sentence: "the status of territory"."""
    title = lowered(issue.title.strip().rstrip("."), case)
    if re.match(r"\w+ of ", title) or re.search(r"\b(?:talks|assurance|line|mandate)$", title):
        return f"the {title}"
    return title


def many(phrase: str) -> bool:
    """Whether a noun phrase is a plural, so that "is" cannot follow it."""
    head = re.split(r"\b(?:on|of|for|to|during|in|with)\b", phrase, maxsplit=1)[0].split()
    last = head[-1] if head else phrase
    return " and " in phrase or bool(re.search(r"(?<![su])s$", last))


def filled(frame: str, fills: Fills, rostrum: Rostrum) -> str:
    """A frame with its fill-ins; an issue is put into the form that its place can bear."""
    out, at = "", 0
    for match in _FILL.finditer(frame):
        out += frame[at : match.start()]
        value = fills[match.group(1)]
        if isinstance(value, Issue):
            phrase = rostrum.topic(value)
            for name in (str(fills.get("who", "")), rostrum.who(rostrum.seat)):
                phrase = phrase.removesuffix(f" on {name}").removesuffix(f" for {name}")
            if many(phrase) and not _BEFORE.search(out):
                head = re.split(r" (?:on|for|during) ", phrase.removeprefix("the "), maxsplit=1)[0]
                phrase = f"the chapter on {head}"
            value = phrase
        out += value
        at = match.end()
    return out + frame[at:]


def joined(labels: Sequence[str]) -> str:
    """Noun phrases as one: a, b and c; longer ones are held apart."""
    if len(labels) < 2:
        return labels[0] if labels else ""
    if any("," in x or " and " in x for x in labels):
        return ", together with ".join(labels)
    return ", ".join(labels[:-1]) + " and " + labels[-1]


# -- the public stance of a seat: from its stated positions and published points only --------


def stance(case: Case, seat: str, issue: str, option: str) -> float:
    """How far a seat is publicly for (above 0) or against (below 0) an option."""
    if seat not in case.seat_ids:
        return 0.0
    who, value = case.seat(seat), 0.0
    value += 4.0 * any(p.issue == issue and p.option == option for p in who.positions)
    for point in who.points:
        if point.issue != issue:
            continue
        if option in point.favours:
            value += 0.25 if point.kind == "live-with" else 1.0
        value -= 1.5 * (option in point.against)
    return value


_SPEAKABLE: dict[tuple[int, str], tuple[tuple[Seat, ...], tuple[TalkingPoint, ...]]] = {}


def speakable(case: Case, seat: str) -> tuple[TalkingPoint, ...]:
    """The points a seat may utter: never one that rests on what the author advises."""
    key = (id(case.seats), seat)
    held = _SPEAKABLE.get(key)
    if held is None or held[0] is not case.seats:
        if len(_SPEAKABLE) > 256:
            _SPEAKABLE.clear()
        held = _SPEAKABLE[key] = (case.seats, _speakable(case, seat))
    return held[1]


def _speakable(case: Case, seat: str) -> tuple[TalkingPoint, ...]:
    kinds = {claim.id: claim.kind for claim in case.claims}
    return tuple(
        point
        for point in case.seat(seat).points
        if all(kinds.get(claim) != "author-view" for claim in point.source)
    )


def agrees(point: TalkingPoint, carried: Mapping[str, str]) -> bool:
    """Whether a point argues for what the seat's own text carries, or for nothing it settles."""
    option = carried.get(point.issue)
    return option is None or (option in point.favours and option not in point.against)


def package_of(room: Table, package: Package) -> dict[str, str]:
    """A package as issue to option."""
    return room.agenda.as_mapping(package)
