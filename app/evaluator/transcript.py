"""A transcript from anywhere: numbered turns by named speakers, and what a scorer may not tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import Literal, TypeAlias

from app.domain.case import Case

Reason: TypeAlias = Literal[
    "no_turns",
    "no_table",
    "no_deal_stated",
    "partial_deal",
    "speakers_unknown",
    "mandates_hidden",
    "too_large",
    "judge_failed",
    "judge_divided",
    "quote_unverified",
    "no_occasion",
    "not_recorded",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscored:
    """What cannot be told, and why. It is never a zero."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One utterance. `final` marks a closing proposal where the format knows such a thing."""

    number: int
    speaker: str
    text: str
    to: str = ""
    final: bool = False

    @property
    def id(self) -> str:
        """How a quote names this turn."""
        return f"T{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A typed act beside the words: a form sent, an offer tabled, an endorsement.

    `terms` are settled issues; empty for an act about the form that stands. `number` names an
    offer where offers are numbered. `agreed` is what the table itself established, by its rule.
    """

    turn: int
    by: str
    kind: Literal["submit", "accept", "reject", "retract", "walk", "agreed"]
    terms: Mapping[str, str] = field(default_factory=dict)
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A talk as it was written down. `meta` is what the file said and nobody here relies on.

    `typed`: the forms are the binding acts, so that words alone settle nothing.
    """

    id: str
    format: str
    turns: tuple[Turn, ...]
    forms: tuple[Form, ...] = ()
    table: str = ""
    typed: bool = False
    meta: Mapping[str, object] = field(default_factory=dict)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who spoke, in the order of first words."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))

    @property
    def digest(self) -> str:
        """SHA-256 over speakers and folded words: the key of stored judge answers."""
        lines = "\n".join(f"{turn.speaker}\t{folded(turn.text)}" for turn in self.turns)
        return sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()

    def turn(self, turn_id: str) -> Turn | None:
        """The turn of that id, or None."""
        found = re.fullmatch(r"T(\d{1,6})", turn_id)
        place = int(found.group(1)) if found else 0
        return self.turns[place - 1] if 0 < place <= len(self.turns) else None

    def upto(self, number: int) -> Transcript:
        """The talk as it stood after a turn."""
        return replace(
            self,
            turns=self.turns[:number],
            forms=tuple(form for form in self.forms if form.turn <= number),
        )


def numbered(said: Iterable[tuple[str, str]]) -> tuple[Turn, ...]:
    """Turns from pairs of speaker and text."""
    return tuple(
        Turn(number=number, speaker=speaker, text=text)
        for number, (speaker, text) in enumerate(said, 1)
    )


# -- names ------------------------------------------------------------------------------------

_HONOUR = re.compile(r"^(?:the )?(?:delegation of )?(?:the )?|(?: delegation| seat)$")


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name as it is compared: no case, no article, single spaces."""
    return _HONOUR.sub("", " ".join(re.sub(r"[\s_\-]+", " ", name).casefold().split()))


def seats_of(transcript: Transcript, case: Case) -> dict[str, str]:
    """Speaker to seat, for every speaker who is one; chairs and narrators are left out."""
    known: dict[str, str] = {}
    for seat in case.seats:
        for name in (seat.id, seat.name, seat.short):
            known.setdefault(plain_name(name), seat.id)
    found = {speaker: known.get(plain_name(speaker)) for speaker in transcript.speakers}
    return {speaker: seat for speaker, seat in found.items() if seat is not None}


# -- words ------------------------------------------------------------------------------------

_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4\u0060\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2026": "...",
    }
)


def legible(text: str) -> str:
    """The words as a reader takes them: no invisible characters, plain quotes and dashes."""
    if text.isascii():
        return text
    shown = "".join(
        c for c in text if unicodedata.category(c) not in ("Cf", "Mn", "Co", "Cn") or c == "\n"
    )
    return unicodedata.normalize("NFKC", shown.translate(_SAME))


def folded(text: str) -> str:
    """Words for comparing quotes: also without case and with single spaces."""
    return " ".join(legible(text).casefold().split())


def quoted_in(text: str, quote: str) -> bool:
    """Whether a turn holds a quote: at word and number boundaries, `...` between parts in order.

    "5 million" is not in "15 million", nor "1 million" in "1.5 million". A quote of fewer than
    two words proves nothing.
    """
    return quote_spans(folded(text), quote) is not None


def quote_spans(said: str, quote: str) -> list[tuple[int, int]] | None:
    """Where the parts of a quote stand in folded words; None if they do not, see `quoted_in`."""
    parts = [part.strip() for part in folded(quote).split("...")]
    parts = [part for part in parts if part]
    if sum(len(part.split()) for part in parts) < 2:
        return None
    spans: list[tuple[int, int]] = []
    at = 0
    for part in parts:
        edge = rf"(?<![\w])(?<!\d[.,])(?<!-(?=\d)){re.escape(part)}(?![\w])(?![.,]\d)(?!\s?%)"
        found = re.compile(edge).search(said, at)
        if found is None:
            return None
        at = found.end()
        spans.append(found.span())
    return spans
