"""What a judge is shown: one group of criteria on one talk, as one pass over it shows the talk.

The talk is data between fences that cannot be closed from inside. Names may be hidden, words to
whoever grades may be left out; a quote is led back to the speaker's own words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from app.evaluator.hearing import heads_of, hear, words_of
from app.evaluator.transcript import Transcript, folded, legible, quote_spans, quoted_in
from app.evaluator.turns_of_speech import PLANTED, SENTENCE, planted

LEFT_OUT = "[words to a grader left out]"
"""Stands where words were planted, in passes that leave them out."""

SHORT_NAME = 4
"""A name in capitals of so few letters is a name in capitals only: "US" is not "us"."""


class Hiding:
    """Puts the names shown in the place of the real ones, and cuts quotes out of the real words.

    `names` maps a speaker to the name shown; `aliases` a speaker to its other names.
    """

    def __init__(self, names: Mapping[str, str], aliases: Mapping[str, Sequence[str]]) -> None:
        every = {
            legible(name): shown
            for speaker, shown in reversed(tuple(names.items()))
            for name in (*aliases.get(speaker, ()), speaker)
            if name.strip()
        }
        self._strict = {name: shown for name, shown in every.items() if _is_short(name)}
        self._loose = {folded(n): shown for n, shown in every.items() if not _is_short(n)}
        listed = "|".join(
            re.escape(name) if name in self._strict else f"(?i:{re.escape(name)})"
            for name in sorted(every, key=len, reverse=True)
        )
        self._mark = re.compile(rf"(?<!\w)(?:{listed or '(?!)'})(?!\w)")

    def shown(self, text: str) -> str:
        """A text with the names shown."""
        return self._mark.sub(self._name, legible(text))

    def _name(self, match: re.Match[str]) -> str:
        name = match.group()
        return self._strict.get(name) or self._loose.get(folded(name), "a party")

    def cut(self, text: str, quote: str) -> str | None:
        """The words of a real text behind a quote from the text shown; None if it is not there.

        A name that is half in the quote is taken whole.
        """
        text = legible(text)
        said, places = self._folded(text)
        spans = quote_spans(said, quote)
        if spans is None:
            return None
        cuts = ((places[start][0], places[stop - 1][1]) for start, stop in spans)
        return " ... ".join(text[start:stop] for start, stop in cuts)

    def _folded(self, text: str) -> tuple[str, list[tuple[int, int]]]:
        """The text shown, folded, and for each character the span of the real text behind it."""
        said: list[str] = []
        places: list[tuple[int, int]] = []

        def add(letter: str, start: int, stop: int) -> None:
            if letter.isspace():
                if said and said[-1] != " ":
                    said.append(" ")
                    places.append((start, stop))
                return
            for plain in letter.casefold():
                said.append(plain)
                places.append((start, stop))

        at = 0
        for match in self._mark.finditer(text):
            start, stop = match.span()
            for place in range(at, start):
                add(text[place], place, place + 1)
            for letter in self._name(match):
                add(letter, start, stop)
            at = stop
        for place in range(at, len(text)):
            add(text[place], place, place + 1)
        return "".join(said).rstrip(), places


def _is_short(name: str) -> bool:
    return len(name) <= SHORT_NAME and name.isupper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One question about one party. `met` is the lowest level that meets it.

    `fact` is what the ledger says, where it says anything; a verdict against it is flagged.
    """

    id: str
    party: str
    question: str
    anchors: tuple[str, ...]
    met: int = 2
    fact: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: one group of criteria on one transcript, as this pass shows it.

    `turns` are id, name shown and text shown; `spoken` the same texts with the real names.
    `names` maps a speaker to the name shown, which `hiding` puts in the place of the real ones.
    `fence` marks where the data ends, and holds nothing that stands in it. `complaint` is why the
    first answer was refused.
    """

    group: str
    criteria: tuple[Criterion, ...]
    turns: tuple[tuple[str, str, str], ...]
    names: Mapping[str, str]
    fence: str
    complaint: str = ""
    turned: bool = False
    spoken: tuple[str, ...] = ()
    hiding: Hiding | None = None

    @property
    def data(self) -> str:
        """The transcript as JSON between fences."""
        rows = [{"t": t, "speaker": speaker, "text": text} for t, speaker, text in self.turns]
        held = json.dumps(rows, ensure_ascii=False).encode("utf-8", "replace").decode()
        return f"<<<{self.fence}\n{held}\n{self.fence}>>>"

    def said(self, place: int, quote: str) -> str | None:
        """A quote from the turn at this place, as it was really said; None if it is not there."""
        if self.hiding is not None:
            return self.hiding.cut(self.spoken[place], quote)
        return quote if quoted_in(self.turns[place][2], quote) else None


def request(
    transcript: Transcript,
    group: str,
    criteria: Sequence[Criterion],
    *,
    masked: bool = False,
    turned: bool = False,
    aliases: Mapping[str, Sequence[str]] | None = None,
    cleared: bool = False,
    sample: int = 0,
) -> Request:
    """A pass over a transcript.

    `masked` hides the speakers' names and their `aliases`; `turned` reverses the order of parties
    and criteria; `cleared` leaves out words that speak to whoever grades; `sample` tells apart
    passes that are otherwise the same.
    """
    speakers = transcript.speakers
    order = tuple(reversed(speakers)) if turned else speakers
    names = {
        speaker: _pseudonym(place) if masked else speaker for place, speaker in enumerate(order)
    }
    spoken = tuple(_cleared(turn.text) if cleared else turn.text for turn in transcript.turns)
    hiding = Hiding(names, aliases or {}) if masked else None
    turns = tuple(
        (turn.id, names[turn.speaker], hiding.shown(text) if hiding else text)
        for turn, text in zip(transcript.turns, spoken, strict=True)
    )
    mark = f"{transcript.digest}/{group}/{masked}/{turned}/{sample}"
    return Request(
        group=group,
        criteria=tuple(reversed(criteria)) if turned else tuple(criteria),
        turns=turns,
        names=names,
        fence=_fence(mark, turns),
        turned=turned,
        spoken=spoken,
        hiding=hiding,
    )


def passes(
    transcript: Transcript,
    group: str,
    criteria: Sequence[Criterion],
    *,
    samples: int = 1,
    aliases: Mapping[str, Sequence[str]] | None = None,
    cleared: bool = False,
) -> tuple[Request, ...]:
    """Every pass over a talk: in both orders, names hidden in the second, `samples` of each."""
    return tuple(
        request(
            transcript,
            group,
            criteria,
            masked=turned,
            turned=turned,
            aliases=aliases,
            cleared=cleared,
            sample=sample,
        )
        for turned in (False, True)
        for sample in range(samples)
    )


def planted_turns(transcript: Transcript) -> tuple[str, ...]:
    """Turns that speak to whoever grades the talk, or forge an answer."""
    found = []
    for turn in transcript.turns:
        heard = hear(turn.text)
        if planted(heard.low, heard.heads):
            found.append(turn.id)
    return tuple(found)


def _pseudonym(place: int) -> str:
    """Party A to Party Z, then Party A2."""
    round_, letter = divmod(place, 26)
    return f"Party {chr(65 + letter)}{round_ + 1 if round_ else ''}"


def _fence(mark: str, turns: Sequence[tuple[str, str, str]]) -> str:
    """A mark that stands nowhere in the data: it depends on all of it, and is looked for."""
    while True:
        digest = sha256(mark.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        if not any(digest in speaker or digest in text for _, speaker, text in turns):
            return digest
        mark += "/"


def _cleared(text: str) -> str:
    """A text without what is planted in it; the rest as it was said."""
    heard = hear(text)
    if not planted(heard.low, heard.heads):
        return text
    kept = []
    for match in SENTENCE.finditer(PLANTED.sub(f"\n{LEFT_OUT}\n", legible(text))):
        sentence = match.group()
        low = sentence.lower()
        mine = sentence.strip() == LEFT_OUT or not planted(low, heads_of(words_of(low)))
        kept.append(sentence if mine else f" {LEFT_OUT} ")
    return " ".join("".join(kept).split())
