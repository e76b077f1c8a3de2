"""Checks on the words of a turn: what would mislead the table, give something away, or is no talk.

Everything here is judged from what the audience of the words may see and the move they go with.
In the strict barrier nothing confidential takes part, so that not even the check can tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.delegates import tripwords
from app.delegates.base import Plan
from app.delegates.public_words import (
    acts_of,
    codes,
    key_of,
    published,
    said_in,
    shingles,
    tags,
    vocabulary,
)
from app.delegates.reading import may_name_options, read
from app.delegates.rhetoric import agrees, plain, sentences, speakable
from app.domain.case import Case
from app.domain.state import Table

LEAST_WORDS = 6
MOST_WORDS = 220
RECENT = 15
"""Remarks of others that an echo is looked for in."""

_NUMBERED = re.compile(r"\b(?:drafts?|offers?|texts?|packages?) (?:no\.? |number |#)?(\d{1,4})\b")
_MORE = re.compile(r"\b(?:drafts|offers|texts) ((?:\d{1,4}(?:, | and |, and )?)+)")
_WORD = re.compile(r"[a-z']+")
_ODD = re.compile(r"[^\W\d_a-zA-Z\u00aa\u00b5\u00ba\u00c0-\u024f\u1e00-\u1eff]")
_OFFERING = re.compile(
    r"\b(?:we|our)\b[^.;:!?]{0,40}\b(?:offer|propose|accept|agree|give|grant|table)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What a speech was caught at: a code for the record, a sentence for whoever repairs it."""

    code: str
    reason: str


REASONS: dict[str, str] = {
    "binding": "Your words take on something that the move of this turn does not.",
    "deal": "Your words say that something is concluded; only the rules can find that.",
    "no-such-offer": "You speak of an offer that is not on the table.",
    "speaks-for-others": "You speak for another delegation.",
    "tag": "You put a name before a colon, as if somebody else were speaking.",
    "echo": "You repeat what somebody else said.",
    "repeats": "You repeat a sentence of yours.",
    "code": "You use codes or marks; speak in plain words.",
    "score": "You speak of figures of worth or of papers that are not public.",
    "meta": "You speak of models, prompts or instructions; you are a delegation at a table.",
    "foreign": "You speak in another language or script, or in spelled letters; speak English.",
    "courtesy": "You thank and praise instead of speaking to a subject.",
    "length": "Your words are too few or too many: 40 to 110 words in one paragraph.",
    "misstates": "You name a term as yours that the text you stand for does not hold.",
    "leak": "Your words hold something confidential.",
    "instructions": "You quote what you were told instead of speaking.",
}
"""What each code means, as it is told to the speaker: nothing confidential can be in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the words of one turn are held against. Built once a turn from public things."""

    room: Table
    seat: str
    plan: Plan
    mine: frozenset[int]
    said: frozenset[str]
    heard: frozenset[int]
    told: frozenset[int]


def scene(room: Table, seat: str, plan: Plan, told: str = "") -> Scene:
    """`told` is the text of the speaker's instructions, which it must not recite."""
    standing = {o.number for o in room.offers if seat in room.backers(o.number)}
    mine = (standing | set(plan.endorse)) - set(plan.withdraw)
    if plan.package is not None:
        mine.add(len(room.offers) + 1)
    others = [r.speech.text for r in room.words if r.seat != seat][-RECENT:]
    own = [r.speech.text for r in room.words if r.seat == seat]
    key = key_of(room.case)
    return Scene(
        room=room,
        seat=seat,
        plan=plan,
        mine=frozenset(mine),
        said=frozenset().union(*map(said_in, own)) if own else frozenset(),
        heard=frozenset().union(*(shingles(key, text) for text in others)),
        told=shingles(key, told),
    )


def sentence_trip(held: Scene, sentence: str) -> Trip | None:
    """What one sentence is caught at, so that the sentences before it may be released."""
    low = sentence.casefold().replace("\u2019", "'")
    if plain(sentence) in published(key_of(held.room.case), held.seat):
        code = _repeats(held, sentence)
        return Trip(code=code, reason=REASONS[code]) if code else None
    code = (
        _written(held, sentence, low)
        or _tagged(held, sentence, low)
        or _binds(held, low)
        or _for_others(held, low)
        or _repeats(held, sentence)
        or _misstates(held, sentence, low)
    )
    return Trip(code=code, reason=REASONS[code]) if code else None


def speech_trip(held: Scene, text: str) -> Trip | None:
    """What the whole speech is caught at, its sentences having passed."""
    count = len(text.split())
    code = ""
    if not LEAST_WORDS <= count <= MOST_WORDS:
        code = "length"
    elif _is_courtesy(text):
        code = "courtesy"
    elif (spoken := shingles(key_of(held.room.case), text)) & held.heard:
        code = "echo"
    elif spoken & held.told:
        code = "instructions"
    elif _is_foreign(held, text.casefold(), 0.2):
        code = "foreign"
    return Trip(code=code, reason=REASONS[code]) if code else None


def trip(held: Scene, text: str) -> Trip | None:
    """What a whole text is caught at."""
    for sentence in sentences(text):
        found = sentence_trip(held, sentence)
        if found is not None:
            return found
    return speech_trip(held, text)


# -- how it is written -----------------------------------------------------------------------


def _written(held: Scene, sentence: str, low: str) -> str:
    """Scripts, markup, codes, figures of worth, talk of prompts."""
    if _ODD.search(sentence) or tripwords.FOREIGN.search(low) or _is_foreign(held, low, 0.08):
        return "foreign"
    if tripwords.marked_up(low) or tripwords.BLOB.search(low) or _coded(held.room.case, low):
        return "code"
    if tripwords.META.search(low):
        return "meta"
    if tripwords.SCORE.search(low):
        return "score"
    return ""


def _is_foreign(held: Scene, low: str, least: float) -> bool:
    """Whether the small words of English are missing, or most words are unknown to the case."""
    words = _WORD.findall(low)
    if len(words) < 6:
        return False
    common = sum(word in tripwords.COMMON for word in words)
    if common < least * len(words):
        return True
    if common > 0.25 * len(words):
        return False
    known = vocabulary(key_of(held.room.case))
    return common + sum(word in known for word in words) < 0.4 * len(words)


def _coded(case: Case, low: str) -> bool:
    """Ids of options and points that are no words of the public texts."""
    hyphened, others = codes(key_of(case))
    return bool(
        ("-" in low and hyphened is not None and hyphened.search(low))
        or (others is not None and others.search(low))
    )


# -- what it does ----------------------------------------------------------------------------


def _binds(held: Scene, low: str) -> str:
    """A binding-sounding act that the move does not make."""
    if _performs(tripwords.DEAL, low):
        return "deal"
    numbers = _numbers(low)
    if any(not 0 < n <= len(held.room.offers) + (held.plan.package is not None) for n in numbers):
        return "no-such-offer"
    if _performs(tripwords.ACCEPTING, low):
        if tripwords.SWEEPING.search(low):
            return "binding"
        named = numbers - held.mine
        if not held.plan.endorse and held.plan.package is None:
            return "" if numbers and not named else "binding"
        if named:
            return "binding"
    if held.plan.package is None and _performs(tripwords.TABLING, low):
        return "binding"
    if not held.plan.withdraw and _performs(tripwords.WITHDRAWING, low):
        return "binding"
    if held.plan.act != "walk" and _performs(tripwords.LEAVING, low):
        return "binding"
    return ""


def _performs(pattern: re.Pattern[str], low: str) -> bool:
    """Whether a pattern is met without a negation or a condition in or right before it."""
    for match in pattern.finditer(low):
        around = low[max(0, match.start() - 28) : match.end()]
        if not tripwords.SOFTENED.search(around) or tripwords.TWICE.search(around):
            return True
    return False


def _numbers(low: str) -> frozenset[int]:
    """Offers spoken of by number."""
    found = {int(n) for n in _NUMBERED.findall(low)}
    for listed in _MORE.findall(low):
        found |= {int(n) for n in re.findall(r"\d+", listed)}
    return frozenset(found)


def _tagged(held: Scene, sentence: str, low: str) -> str:
    """A name before a colon at the beginning of a sentence."""
    named = tags(key_of(held.room.case)).match(low) or tripwords.NAMED.match(sentence)
    return "tag" if named else ""


def _for_others(held: Scene, low: str) -> str:
    """What another delegation is said to accept or do, unless its endorsement stands."""
    if tripwords.BEHALF.search(low):
        return "speaks-for-others"
    for seat in held.room.case.seats:
        names = (seat.short.casefold(), seat.name.casefold())
        if seat.id == held.seat or not any(name in low for name in names):
            continue
        pattern = acts_of(names)
        for match in pattern.finditer(low):
            if tripwords.SUPPOSED.search(low[: match.start()]):
                continue
            true = {n for n in _numbers(low) if seat.id in held.room.backers(n)}
            if not true:
                return "speaks-for-others"
    return ""


# -- what was said before --------------------------------------------------------------------


def _repeats(held: Scene, sentence: str) -> str:
    return "repeats" if len(sentence.split()) >= 6 and plain(sentence) in held.said else ""


def _misstates(held: Scene, sentence: str, low: str) -> str:
    """A term offered as ours that neither our texts nor our published arguments hold."""
    if not _OFFERING.search(low) or not may_name_options(sentence, held.room.case):
        return ""
    room, plan = held.room, held.plan
    understood = read(sentence, room.case, held.seat)
    if understood.kind != "offer":
        return ""
    texts = [plan.package] if plan.package is not None else []
    texts += [offer.package for n in held.mine if (offer := room.offer(n)) is not None]
    carried = [room.agenda.as_mapping(text) for text in texts]
    for issue, option in understood.options:
        fair = any(text.get(issue) == option for text in carried)
        argued = any(
            agrees(p, {issue: option}) and option in p.favours
            for p in speakable(room.case, held.seat)
            if p.issue == issue
        )
        if not fair and not argued and plan.live_with != (issue, option):
            return "misstates"
    return ""


def _is_courtesy(text: str) -> bool:
    """Whether thanks and praise are most of it."""
    spoken = sentences(text)
    polite = sum(tripwords.COURTESY.search(s.casefold()) is not None for s in spoken)
    return polite >= min(3, len(spoken)) or (polite >= 2 and 2 * polite >= len(spoken))
