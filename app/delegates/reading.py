"""Reads a person's free text: what kind of remark it is and which options it certainly names.

Words bind nobody; a reading is shown to the person and becomes an offer only when sent. A wrong
reading is worse than none, so whatever is not certain is left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

from app.delegates import lexicon
from app.delegates.clauses import Term, Terms
from app.delegates.cues import Spotter, one_slip, spotter, words_of
from app.delegates.purposes import AIMS, LEEWAY, MORE
from app.domain.case import Case
from app.domain.terms import Package

Kind: TypeAlias = Literal[
    "question",
    "offer",
    "threat",
    "thanks",
    "statement",
    "unread",
    "offtopic",
    "probe",
    "greeting",
]

MOST_READ = 8_000
"""Characters of a remark that are read; nobody bargains in longer sentences."""

_SENTENCE = re.compile(r"(?<=[.!?\n])\s*")
_LONG_WORD = re.compile(r"\b[a-z]{5,9}\b")
_BLANKS = re.compile(r"[ \t]+")
_AMOUNT = re.compile(r"\b\d{1,3}[,. ]?\d{3}\b|\b\d{1,3} ?(?:k|thousand)\b", re.IGNORECASE)
_QUOTES = str.maketrans(
    {**dict.fromkeys("\u2018\u2019\u02bc`\u00b4", "'"), "\u2013": ", ", "\u2014": ", "}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a remark was understood.

    `options` holds what the speaker certainly offers or, in a question or a statement, names;
    `asked` what they want others to carry; `negated` what they certainly refuse.
    `beyond` tells of small talk, or of what the case says is not on its table.
    `text` puts an offer to its author for confirmation; empty for every other kind.
    """

    kind: Kind
    issues: tuple[str, ...] = ()
    options: tuple[Term, ...] = ()
    asked: tuple[Term, ...] = ()
    negated: tuple[Term, ...] = ()
    addressee: str | None = None
    language_ok: bool = True
    abuse: bool = False
    beyond: bool = False
    text: str = ""


def read(text: str, case: Case, speaker: str, standing: Package | None = None) -> Reading:
    """The reading of a remark by `speaker`, who stands on the package `standing` if any."""
    clean = _mended(_normal(text))
    tokens = words_of(clean)
    if not any(word.isalpha() for word in tokens):
        return Reading(kind="unread", language_ok=not any(c.isalpha() for c in clean))
    seen = spotter(case)
    if not _is_english(clean, tokens, seen):
        return Reading(kind="unread", language_ok=False)
    addressee = _addressee(clean, case, speaker)
    if lexicon.PROBE.search(clean):
        return Reading(kind="probe", addressee=addressee)
    if lexicon.ABUSE.search(clean) and lexicon.ABUSE_AT.search(clean):
        return Reading(kind="unread", abuse=True, addressee=addressee)
    found = Terms(_ROOM.sub(" ", clean), seen)
    kind = _kind(clean, tokens, found, seen)
    if kind in ("unread", "offtopic", "greeting"):
        beyond = kind == "offtopic" and _is_beyond(clean, tokens, seen)
        return Reading(kind=kind, addressee=addressee, beyond=beyond)
    reading = Reading(
        kind=kind,
        issues=found.issues,
        options=found.offered if kind == "offer" else found.named,
        asked=found.asked,
        negated=found.negated,
        addressee=addressee,
    )
    return replace(reading, text=_proposed(reading, case, standing)) if kind == "offer" else reading


def may_name_options(text: str, case: Case) -> bool:
    """Whether a reading could find any option: a cheap look before it. True when in doubt."""
    return spotter(case).may_name_options(_mended(_normal(text)))


def asked_about(text: str, case: Case, speaker: str) -> tuple[str, ...]:
    """The issues of the sentences that ask, where a remark says more than it asks."""
    parts = [part for part in _SENTENCE.split(text) if part.strip()]
    asking = [part for part in parts if _is_question(_normal(part))]
    if len(parts) < 2 or not asking:
        return ()
    return read(" ".join(asking), case, speaker).issues


def priced(text: str, case: Case) -> tuple[str, ...]:
    """The one issue whose options are amounts of thousands, if the text names such an amount."""
    if not _AMOUNT.search(text):
        return ()
    found = [i.id for i in case.issues if all(_AMOUNT.search(o.label) for o in i.options)]
    return tuple(found) if len(found) == 1 else ()


def seats_named(text: str, case: Case) -> frozenset[str]:
    """The seats a text mentions by id, name or a name by which they are known."""
    clean = f" {' '.join(words_of(text))} "
    found = set()
    for seat in case.seats:
        short = seat.short.lower().removeprefix("the ")
        names = {seat.id.lower(), short, *lexicon.NAMES.get(short, ())} - _PRONOUNS
        if any(f" {name} " in clean for name in names):
            found.add(seat.id)
    return frozenset(found)


# -- kinds -----------------------------------------------------------------------------------


def _kind(clean: str, tokens: list[str], found: Terms, seen: Spotter) -> Kind:
    """The kind of an English remark without a probe or abuse."""
    if lexicon.THREAT.search(clean):
        return "threat"
    if found.offers:
        return "offer"
    if _is_question(clean):
        asks_us = any(p.search(clean) for p in (AIMS, LEEWAY, MORE))
        at_home = found.issues or asks_us or _at_home(clean, tokens, seen)
        return "question" if at_home else "offtopic"
    if found.issues:
        return "statement"
    if lexicon.THANKS.search(clean):
        return "thanks"
    if lexicon.GREETING.search(clean) and len(tokens) <= 14:
        return "greeting"
    return "statement" if _at_home(clean, tokens, seen) else "offtopic"


def _is_beyond(clean: str, tokens: list[str], seen: Spotter) -> bool:
    return seen.beyond(clean) or any(word in lexicon.SMALL_TALK for word in tokens)


def _at_home(clean: str, tokens: list[str], seen: Spotter) -> bool:
    """Whether a remark that names no issue is still about these talks."""
    if _is_beyond(clean, tokens, seen):
        return False
    if any(word in lexicon.TABLE_WORDS for word in tokens) or _names_a_seat(clean):
        return True
    strange = [word for word in tokens if word.split("'")[0] not in lexicon.ENGLISH]
    return 2 * sum(map(seen.at_home, strange)) >= len(strange)


def _is_question(clean: str) -> bool:
    """Whether any sentence asks something."""
    if "?" in clean or lexicon.QUESTION_ASK.search(clean):
        return True
    return any(lexicon.QUESTION_LEAD.match(part.strip()) for part in _SENTENCE.split(clean))


_ROOM = re.compile(r"\broom (?:to|for) (?:move|movement)\b")
"""Speaks of no moving house."""

_PRONOUNS = frozenset(("us", "allies"))
"""Names of seats that are words as well."""

_SEAT_NAMES = {name for names in lexicon.NAMES.values() for name in names} - _PRONOUNS
_A_SEAT = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(_SEAT_NAMES)))})\b")


def _names_a_seat(clean: str) -> bool:
    return _A_SEAT.search(clean) is not None


def _is_english(clean: str, tokens: list[str], seen: Spotter) -> bool:
    """Whether enough of the words are English or of the table's own vocabulary."""
    if not clean.isascii():
        letters = [c for c in clean if c.isalpha()]
        if sum(not c.isascii() for c in letters) > 0.25 * max(len(letters), 1):
            return False
    known = sum(
        seen.knows(w) or w.split("'")[0] in lexicon.ENGLISH or w in lexicon.TABLE_WORDS
        for w in tokens
    )
    plain = sum(w in lexicon.ENGLISH for w in tokens)
    foreign = sum(w in lexicon.FOREIGN and w not in lexicon.ENGLISH for w in tokens)
    if foreign > plain and foreign >= 0.2 * len(tokens):
        return False
    if lexicon.THANKS.search(clean) or lexicon.GREETING.search(clean):
        return True
    if lexicon.ABUSE.search(clean) or lexicon.PROBE.search(clean):
        return True
    return known >= max(1, 0.3 * len(tokens))


# -- the rest --------------------------------------------------------------------------------


def _normal(text: str) -> str:
    """Lower case, plain quotes, no invisible characters, one space."""
    flat = unicodedata.normalize("NFKC", text[:MOST_READ])
    if not (flat.isascii() and flat.isprintable()):
        flat = "".join(
            " " if unicodedata.category(c) in ("Cc", "Cf") and c != "\n" else c for c in flat
        )
    flat = flat.translate(_QUOTES)
    return _BLANKS.sub(" ", flat).strip().lower()


def _mended(clean: str) -> str:
    """One slip in a verb that binds is put right: "acept"."""
    return _LONG_WORD.sub(lambda match: _righted(match.group()), clean)


@lru_cache(maxsize=16_384)
def _righted(word: str) -> str:
    if word in lexicon.ENGLISH or word in lexicon.KEY_VERBS:
        return word
    near = [verb for verb in lexicon.KEY_VERBS if verb[0] == word[0] and one_slip(word, verb)]
    return near[0] if len(near) == 1 and not word.endswith("s") else word


def _addressee(clean: str, case: Case, speaker: str) -> str | None:
    """The one seat that is spoken to by name."""
    found = {
        seat.id
        for seat in case.seats
        if seat.id != speaker and _called(seat.id.lower(), seat.short.lower()).search(clean)
    }
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=512)
def _called(seat: str, short: str) -> re.Pattern[str]:
    """How a seat is spoken to."""
    short = short.removeprefix("the ")
    names = {seat, short, *lexicon.NAMES.get(short, ())} - _PRONOUNS
    listed = "|".join(sorted(map(re.escape, names), key=lambda name: (-len(name), name)))
    return re.compile(
        rf"^(?:dear |@|to |for |a question (?:to|for) |our question (?:to|for) |"
        rf"question (?:to|for) )?"
        rf"(?:the |our )?(?:colleagues? from |friends? from |"
        rf"delegation of )?(?:the )?(?:{listed})"
        rf"(?: delegation)?\s*[,:]|@(?:{listed})\b|[,.] (?:the )?(?:{listed})[.?!]*$|"
        rf"\b(?:ask|question (?:to|for)|turn to|appeal to|say to|tell) (?:the )?(?:{listed})\b|"
        rf"^(?:would|could|will|can|does|is|has|why does|what would|what does|when will|"
        rf"how would) "
        rf"(?:the )?(?:{listed})\b"
    )


def _proposed(reading: Reading, case: Case, standing: Package | None) -> str:
    """The reading put to its author: what would be sent, and what stays as it is."""
    agenda = case.agenda

    def listed(terms: tuple[Term, ...]) -> str:
        return "; ".join(agenda.issue(issue).option(option).label for issue, option in terms)

    if not reading.options and not reading.asked:
        return ""
    parts = []
    if reading.options:
        parts.append(f"You offer: {listed(reading.options)}.")
    if reading.asked:
        parts.append(f"You ask for: {listed(reading.asked)}.")
    if standing is not None:
        parts.append("Everything else stays as in the text you support.")
    return " ".join((*parts, "Send as a formal offer?"))
