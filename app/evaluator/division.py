"""Reads a division of counted goods out of two people's talk: "2 waters for me, you get the rest".

Each kind of good has a known number of pieces, so one person's share is the other's complement.
What is said last about a good stands, unless it is turned down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.evaluator.transcript import Transcript, legible

Side: TypeAlias = Literal["me", "you"]

_NUMBERS = {
    "0": 0, "zero": 0, "no": 0, "none": 0, "1": 1, "one": 1, "a": 1, "an": 1, "2": 2, "two": 2,
    "couple": 2, "3": 3, "three": 3, "all": 3, "every": 3, "both": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """So many pieces of a good for the speaker or the other; `quote` is the sentence."""

    good: str
    pieces: int
    side: Side
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What the talk leaves the first person of a good, and the words that say so."""

    good: str
    first: int
    turn: int
    speaker: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """The shares that can be told; `missing` are goods on which nothing certain was said."""

    shares: tuple[Share, ...]
    missing: tuple[str, ...]

    @property
    def first(self) -> dict[str, int]:
        """Good to the first person's pieces."""
        return {share.good: share.first for share in self.shares}


_GOOD = (
    r"(?:f+o+ds?|foods?|meals?|meat|waters?|watter|fir+e? ?wo+ds?|firewods?|firw?oods?|"
    r"fire(?=\b(?! ?wo))|"
    r"woods?|logs?)"
)
_PIECE = (
    r"(?P<n>[0-3](?![\d.])(?:\s*/\s*3|\s+out of (?:3|three))?|zero|no|none|one|two|three|couple|"
    r"all|"
    r"an?|every)"
)
_BETWEEN = (
    r"(?:\s+(?:[23]|three|two|of|the|my|your|extra|more|additional|packages?|packs?|packets?|"
    r"units?|"
    r"bundles?|things?|items?|pieces?|cases?|blocks?|bottles?|sets?|supplies|those|these|them|"
    r"other|rations?|portions?|servings?|pack\w*))*?\s*"
)
_QUANTITY = re.compile(rf"\b(?:all (?=[23]\b))?{_PIECE}{_BETWEEN}\b(?P<good>{_GOOD})\b")
_AFTERWARDS = re.compile(
    rf"\b(?P<good>{_GOOD})\s*(?:[:=(-]\s*|,? (?:at )?least |,? maybe |"
    rf",? perhaps )(?P<n>[0-3])\b(?!\s*\w*\s*{_GOOD})"
)
_WHOLE = re.compile(
    rf"\b(?P<lead>the|my|your)\s+(?P<good>{_GOOD})\s+(?=(?:for|to) (?:me|you|us|myself|yourself)\b)"
)
_LONE = re.compile(
    r"(?:\b(?:take|get|have|keep|need|want|give (?:you|me)|least|with|perhaps|maybe|just|only|"
    r"if not|"
    r"about|like)\s+(?:the )?)"
    r"(?P<n>[0-3](?![\d.])|one|two|three|all(?: (?:3|three))?)(?= ?(?:[,.?!)]|$|and\b|then\b|"
    r"for (?:me|you)\b|so "
    r"|if |but |of (?:it|them|those|the)\b|packages?\b|more\b|extra\b))"
)
_NAMED = re.compile(rf"\b{_GOOD}\b")
_REST = re.compile(
    r"\b(?:the |all )?(?:the )?(?:rest\b(?! of (?:the |your |my )?(?:food|fire|wood|water|day|"
    r"trip|time))"
    r"|remainder|remaining(?: \w+)?|everything else|what(?:'s| is) left|"
    r"others? (?:two|items?|packages?))\b"
)
_EACH = re.compile(
    r"\b(?P<n>[0-3]|one|two|three)(?: packages?| packs?| items?| of)?(?: extra| more)?"
    r"\s+(?:of|for|from|in)?\s*(?:each|every ?thing|every one|all (?:3|three))\b"
    r"(?! (?:\w+ ){0,2}of (?:food|water|fire))"
)
_GAP = r"(?: (?!me\b|i\b|you\b|u\b|for\b|if\b|and\b)[\w']+){0,3}?"
_SIDE = re.compile(
    rf"\b(?:(?P<tome>(?:giv\w*|get|let|leav\w*|allow\w*|offer\w*|hand|spare|provide) me\b|"
    rf"i(?:'ll|'d|'m|'ve)?"
    rf"{_GAP} (?:get|take|have|keep|need|want|like|love|use|prefer|receive|do with|work with|"
    rf"accept|"
    r"settle for|go with|hold|grab|taking|getting|keeping|needing|ask for|manage with|live with|"
    r"got|"
    r"took)\b|"
    r"me (?:to )?(?:get|take|have|keep|getting|taking|having|receiving)\b|(?:can|could|may|"
    r"should) i\b|"
    rf"i(?:ll|d|m)\b{_GAP} (?:take|get|like|love|need|have|want|keep)\b|"
    r"(?:you|u)(?:'ll|'d|'re|'ve)? (?:[\w']+ ){0,3}?(?:give|gave|giving|let|leave|spare|"
    r"part with|provide)"
    r"(?: me| up)?\b|mine\b|me\b(?= [0-3]\b)|i\b(?= (?:[0-3]|one|two|three|all)\b))|"
    r"(?P<toyou>(?:giv\w*|let|leav\w*|allow\w*|offer\w*|hand|trade|spare) (?:you|u|"
    r"ya)\b(?: (?:to )?"
    rf"(?:have|take|get|keep))?|(?:you|u)(?:'ll|'d|'re|'ve)?{_GAP} (?:get|take|have|keep|end up|"
    r"need|want|like|use|receive|getting|taking|keeping|grab|prefer|hold|accept|receiving|"
    r"having)\b|"
    r"(?:you|u)\b(?= (?:[0-3]|one|two|three|all)\b)|(?:to|for) you\b(?=,? including)|"
    r"you(?: are|'re)? (?:really |still )?(?:ok|okay|fine|good|happy|satisfied) with\b(?! (?:me|"
    r"that|this|the))|"
    r"you can do with\b|"
    rf"i(?:'ll|'d|'m|d|ll)?{_GAP} (?:give|give up|trade|part with|"
    r"spare|offer|giving(?: up)?|compromise|let go|provide)\b|yours\b))"
)
_AFTER = re.compile(
    r"^[\s,]*(?:of (?:it|them|those|these) )?(?:only |each |extra )?"
    r"(?:(?:for|to|with|is|are)? ?(?P<me>me|myself|mine)\b(?! (?:get|take|have|keep|to|\d))|"
    r"(?:for|to|with|is|are)? ?(?P<you>you|u|yours\w*|ya)\b(?! (?:get|take|have|keep|can|could|"
    r"will|"
    r"would|need|want|give|are|okay|ok|know|think|and|may|should|\d)))"
)
_EXCHANGE = re.compile(
    r"\b(?:in (?:exchange|return)(?: for)?|if (?:you|u|i) (?:give|gave|take)|over|"
    r"for(?!\s*,))\b(?! (?:me|you|my|"
    r"your|us|sure|now|this|that|the trip|camping))"
)
_TURNED_DOWN = re.compile(
    r"\b(?:can(?:'t|not| not)|won't|will not|wouldn't|not (?:able|willing|ok|okay|fair|enough)|"
    r"instead of|rather than|don't think i (?:can|could)|why do you|used|lost|brought|offer of|"
    r"there (?:are|is)|total of|we have)\b"
)
_NO_NEED = re.compile(
    r"\b(?:(?:i|we) (?:really |actually |honestly )?(?:do not|don't|dont|won't|wont|"
    r"will not)(?: \w+)? (?:need|"
    r"want|require|care (?:for|about)) (?:any (?:of the )?|the |any extra |extra )?)"
    rf"(?P<good>{_GOOD})\b"
)
_SHORT = 3
"""Words of a sentence that only finishes the one before: "Perhaps 2?"."""

_SPLIT = re.compile(r"[^.!?\n;]+[.!?;\n]*")


def divide(transcript: Transcript, first: str, goods: Sequence[str], pieces: int = 3) -> Division:
    """The division after the last words. `first` is the person whose shares are told."""
    held: dict[str, Share] = {}
    for turn in transcript.turns:
        for portion in portions(turn.text, goods, pieces):
            own = (portion.side == "me") == (turn.speaker == first)
            share = portion.pieces if own else pieces - portion.pieces
            held[portion.good] = Share(
                good=portion.good,
                first=share,
                turn=turn.number,
                speaker=turn.speaker,
                quote=portion.quote,
            )
    return Division(
        shares=tuple(held[good] for good in goods if good in held),
        missing=tuple(good for good in goods if good not in held),
    )


def portions(text: str, goods: Sequence[str], pieces: int = 3) -> list[Portion]:
    """What one utterance gives to whom, the last word on each good first settled."""
    out: dict[str, Portion] = {}
    last, side = "", None
    for match in _SPLIT.finditer(legible(text)):
        reader = _Sentence(match.group(), goods, pieces, out, last=last, side=side)
        for portion in reader.read():
            out[portion.good] = portion
        last, side = reader.last, reader.side
    return list(out.values())


class _Sentence:
    """One sentence: quantities with their goods, and marks of whose they are."""

    def __init__(
        self,
        sentence: str,
        goods: Sequence[str],
        pieces: int,
        told: Mapping[str, Portion],
        *,
        last: str,
        side: Side | None,
    ) -> None:
        self._low = sentence.lower().replace("\n", " ")
        self._goods, self._pieces, self._told = goods, pieces, told
        self._quote = " ".join(sentence.split())
        self._marks: list[tuple[int, int, Side]] = [
            (m.start(), m.end(), "me" if m["tome"] else "you") for m in _SIDE.finditer(self._low)
        ]
        self._before = last
        self.side = self._marks[-1][2] if self._marks else side
        if not self._marks and side is not None and len(self._low.split()) <= _SHORT:
            self._marks = [(0, 0, side)]
        named = [_good(m.group()) for m in _NAMED.finditer(self._low)]
        self.last = named[-1] if named else last

    def read(self) -> list[Portion]:
        """The portions of the sentence."""
        low = self._low
        found = self._quantities()
        out: dict[str, Portion] = {}
        for place, (start, _, good, count) in enumerate(found):
            if _TURNED_DOWN.search(low[max(0, start - 32) : start]):
                continue
            self._put(out, good, count, _side(low, place, found, self._marks))
        for match in _NO_NEED.finditer(low):
            good = _good(match["good"])
            if good in self._goods and good not in out and good not in self._told:
                self._put(out, good, 0, "me")
        if (each := _EACH.search(low)) and not (set(out) | set(self._told)) >= set(self._goods):
            for good in self._goods:
                if good not in out and not (self._told and out == {} and good in self._told):
                    self._put(out, good, _NUMBERS[each["n"]], self._last_side(each.start(), "me"))
        if rest := _REST.search(low):
            side = self._last_side(rest.end(), "you")
            after = _AFTER.match(low[rest.end() :])
            if after:
                side = "me" if after["me"] else "you"
            for good in self._goods:
                if good not in out and good not in self._told:
                    self._put(out, good, self._pieces, side)
        return list(out.values())

    def _put(self, out: dict[str, Portion], good: str, count: int, side: Side) -> None:
        out[good] = Portion(
            good=good, pieces=min(count, self._pieces), side=side, quote=self._quote
        )

    def _last_side(self, place: int, default: Side) -> Side:
        before = [side for start, _, side in self._marks if start <= place]
        return before[-1] if before else default

    def _quantities(self) -> list[tuple[int, int, str, int]]:
        """Every quantity with its good, in the order of the text."""
        low = self._low
        found: list[tuple[int, int, str, int]] = []
        taken: list[tuple[int, int]] = []
        for pattern in (_QUANTITY, _AFTERWARDS, _WHOLE, _LONE):
            for match in pattern.finditer(low):
                if any(a < match.end() and match.start() < b for a, b in taken):
                    continue
                groups = match.groupdict()
                good = _good(groups["good"]) if "good" in groups else self._meant(match.start())
                count = self._count(groups.get("n") or "all")
                if good in self._goods and count is not None:
                    start = match.start("n") if "n" in groups else match.start()
                    found.append((start, match.end(), good, count))
                    taken.append((match.start(), match.end()))
        return sorted(found)

    def _count(self, word: str) -> int | None:
        return _NUMBERS.get(word.split("/")[0].split(" ")[0].strip())

    def _meant(self, place: int) -> str:
        """The good a bare number is about: the last one named before it."""
        named = [m for m in _NAMED.finditer(self._low) if m.start() < place]
        return _good(named[-1].group()) if named else self._before


def _side(
    low: str,
    place: int,
    found: list[tuple[int, int, str, int]],
    marks: list[tuple[int, int, Side]],
) -> Side:
    """For whom: a mark right after the group it closes, else the last mark before."""
    start = found[place][0]
    at = place
    while True:
        end = found[at][1]
        after = _AFTER.match(low[end:])
        if after:
            return "me" if after["me"] else "you"
        if at + 1 >= len(found):
            break
        between = low[end : found[at + 1][0]]
        if not re.fullmatch(r"[\s,]*(?:and|&|plus|then|also|with)?[\s,]*(?:the|an?)?\s*", between):
            break
        at += 1
    before = [(e, side) for s, e, side in marks if s < start]
    side: Side = before[-1][1] if before else "me"
    since = before[-1][0] if before else 0
    if _EXCHANGE.search(low[since:start]) and place > 0:
        side = "you" if side == "me" else "me"
    return side


def _good(word: str) -> str:
    """The good of a word, misspelt or not."""
    if word.startswith("wa"):
        return "water"
    if re.match(r"fir|wo|log", word):
        return "firewood"
    return "food"
