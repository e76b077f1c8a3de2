"""Quick looks before the slow patterns of `tripwords`: what a text must hold to meet one at all.

Each look is a necessary condition of its pattern, so that nothing caught without it passes with
it. One cut into words serves them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_FIGURES = b"0123456789"
_MARKS = b"][:<=@#&$_{}|\\`*"
_DIGIT = re.compile(r"\d")
LONGEST_WORD = 14
"""Letters without a blank that a blob has at least, when it holds a figure."""

LONGEST_BARE = 16
"""The same without a figure."""

LEAST_SPELLED = 5
"""Single letters that stand alone in what is spelled out."""


def _blanks(kept: bytes) -> bytes:
    """A table that leaves these bytes and makes a blank of every other."""
    return bytes(byte if byte in kept else 32 for byte in range(256))


def _all_but(kept: bytes) -> bytes:
    return bytes(byte for byte in range(256) if byte not in kept)


_WORDS = _blanks(_LETTERS + _LETTERS.upper() + _FIGURES + b"_")
_ENGLISH = _blanks(_LETTERS + b"'")
_NO_FIGURE, _NO_MARK = _all_but(_FIGURES), _all_but(_MARKS)


def _forms(stems: str, endings: Iterable[str] = ()) -> frozenset[str]:
    """The words of a list, each as it stands and with every ending."""
    return frozenset(stem + ending for stem in stems.split() for ending in ("", *endings))


ACCEPTING = frozenset.union(
    _forms("accept consent", ("s", "ed")),
    _forms("agree concede", ("s", "d")),
    _forms("endorse approve sign join back support subscribe adopt embrace", ("s", "d", "ed")),
    _forms("commit bind pledge oblige", ("s", "ted")),
    _forms("undertake", ("s", "n")),
    _forms("hereby ratify ratifies ratified surrender bound board agreement take takes yes"),
)
TABLING = _forms("table tabled submit put lay offer propose present")
LEAVING = _forms(
    "leave leaves leaving walk walks walking quit quits quitting abandon abandons abandoning"
)
WITHDRAWING = _forms("withdraw withdrew retract revoke rescind take pull")
BEHALF = _forms("behalf name speak speaking answer sign signing")
META = _forms(
    "ai assistant model prompt message instruction instructions programming developer "
    "developers ignore disregard forget override chatgpt openai anthropic jailbreak "
    "injection mode statement speech response reply"
)
SCORE = _forms(
    "scoresheet sheet reservation batna aspiration value confidential secret private "
    "internal least minimum bottom"
)
FOREIGN = _forms(
    "acceptons accepte accord signons approuvons akzeptieren stimmen annehmen einverstanden "
    "unterzeichnen aceptamos acordamos firmamos accettiamo siamo firmiamo aceitamos "
    "concordamos assinamos zgadzamy akceptujemy podpisujemy kabul accepteren akkoord "
    "prinimaem pryimaiemo accipimus hyv accepterar godtar"
)
"""Of a word with other letters than ours, what stands before them."""

OTHERS = frozenset.union(
    _forms("accept sign surrender", ("s", "ed")),
    _forms("agree endorse promise concede pledge capitulate", ("s", "d")),
    _forms("commit", ("s", "ted")),
    _forms("undertake give", ("s", "n")),
    _forms("withdraw withdraws withdrew withdrawn board"),
)
CLAIMING = _forms("consider count legally signature")
_TELLING = frozenset.union(
    ACCEPTING, TABLING, LEAVING, WITHDRAWING, BEHALF, META, SCORE, FOREIGN, OTHERS, CLAIMING
) | {"is", "have", "we", "our"}
_CONCLUDED = (
    *("agreed", "settled", "deal", "binding", "signed", "done", "hereby", "closed", "made"),
    *("concluded", "sealed", "accepted"),
)
_GAINED = ("deal", "agreement", "word", "signature", "commitment", "accord")
_ENDS = ("accepted", "agreed", "deal")
_OFFERED = ("offer", "propose", "accept", "agree", "give", "grant", "table")
_COURTEOUS = (
    *("thank", "grateful", "gratitude", "appreciat", "applaud", "commend", "admir", "salute"),
    *("congratulat", "honored", "honoured", "wonderful", "excellent", "brilliant", "praise"),
    *("magnificent", "farewell", "goodbye", "splendid", "marvellous", "delighted", "good bye"),
    *("remarkable wisdom", "your ", "you are "),
)

_TITLES = (
    *("president", "minister", "chancellor", "secretary", "general", "ambassador", "senator"),
    *("dr", "mr", "ms", "mx", "sir"),
)


def _holds(low: str, pieces: Iterable[str]) -> bool:
    return any(piece in low for piece in pieces)


@dataclass(frozen=True, slots=True)
class Glance:
    """What is seen of a sentence in lower case at once.

    `raw` are its bytes, with a question mark for what is not ASCII; `telling` its words that any
    pattern needs; `alone` the number of its letters that may stand alone; `has_figures` whether
    there is a digit of any script.
    """

    low: str
    raw: bytes
    telling: frozenset[str]
    alone: int
    has_figures: bool

    def has(self, needed: frozenset[str]) -> bool:
        """Whether any of these words, which must be among the telling ones, occurs."""
        return not needed.isdisjoint(self.telling)

    def may_be_foreign(self) -> bool:
        """Before `tripwords.FOREIGN`."""
        return self.has(FOREIGN) or "soglasn" in self.low

    def may_be_marked_up(self) -> bool:
        """Before `tripwords.MARKUP`."""
        marked = self.raw.translate(None, _NO_MARK) or _holds(self.low, ("www", "\n", "\u2022"))
        return bool(marked) or self.low.lstrip().startswith("-")

    def may_be_blob(self) -> bool:
        """Before `tripwords.BLOB`."""
        if self.alone >= LEAST_SPELLED:
            return True
        least = LONGEST_WORD if self.has_figures else LONGEST_BARE
        return max(map(len, self.low.split()), default=0) >= least

    def may_score(self) -> bool:
        """Before `tripwords.SCORE`."""
        return self.has_figures or self.has(SCORE)

    def may_accept(self) -> bool:
        """Before `tripwords.ACCEPTING`."""
        return self.has(ACCEPTING) or "capitulate" in self.low

    def may_conclude(self) -> bool:
        """Before `tripwords.DEAL`."""
        low = self.low
        return (
            self.has(CLAIMING)
            or ("is" in self.telling and _holds(low, _CONCLUDED))
            or ("have" in self.telling and _holds(low, _GAINED))
            or "done deal" in low
            or "takesies" in low
            or low.startswith((*_ENDS, "yes"))
            or _holds(low[-10:], _ENDS)
        )

    def may_pose(self, written: str) -> bool:
        """Before `tripwords.POSING`, which looks at the sentence as it is written."""
        low = self.low
        return (
            _holds(written, ("I, ", "I am ", "I'm "))
            or _holds(low, ("name is ", "speaking as ", "signed", "yours"))
            or ("as " in low and _holds(low, _TITLES))
        )

    def may_offer(self) -> bool:
        """Before the wires' look for an offer of ours."""
        ours = "we" in self.telling or "our" in self.telling
        return ours and _holds(self.low, _OFFERED)


def glance(low: str) -> Glance:
    """A look at a sentence in lower case."""
    raw = low.encode("ascii", "replace")
    words = raw.translate(_WORDS).decode("ascii").split()
    has_figures = bool(raw.translate(None, _NO_FIGURE))
    if not has_figures and not low.isascii():
        has_figures = _DIGIT.search(low) is not None
    alone = [*map(len, words)].count(1) + raw.count(b"?")
    return Glance(low, raw, _TELLING.intersection(words), alone, has_figures)


def english(raw: bytes) -> list[str]:
    """The words of a text in small English letters and apostrophes, from its bytes."""
    return raw.translate(_ENGLISH).decode("ascii").split()


def may_be_courteous(low: str) -> bool:
    """Before `tripwords.COURTESY` and `tripwords.PRAISE`."""
    return _holds(low, _COURTEOUS)
