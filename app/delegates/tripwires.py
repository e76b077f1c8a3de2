"""Checks on the words of a turn: what would mislead the table, give something away, or is no talk.

Everything here is judged from what the audience of the words may see and the move they go with.
In the strict barrier nothing confidential takes part, so that not even the check can tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.delegates import glances, tripwords
from app.delegates.base import Plan
from app.delegates.glances import Glance, glance
from app.delegates.public_words import (
    codes,
    key_of,
    others,
    published,
    said_in,
    seat_words,
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
_DOTTED = re.compile(r"\.[a-z0-9]")
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
    "person": "You give yourself a person's name; you speak for a delegation.",
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
    standing = {o.number for o in room.offers if seat in room.backing.get(o.number, ())}
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
    seen = glance(low)
    code = (
        _written(held, sentence, seen)
        or _tagged(held, sentence, low)
        or _poses(held, sentence, seen)
        or _binds(held, seen)
        or _for_others(held, seen)
        or _repeats(held, sentence)
        or _misstates(held, sentence, seen)
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
    elif _is_foreign(held, text.casefold().encode("ascii", "replace"), 0.2):
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


def _written(held: Scene, sentence: str, seen: Glance) -> str:
    """Scripts, markup, codes, figures of worth, talk of prompts."""
    if _scripted(sentence, seen) or _is_foreign(held, seen.raw, 0.08):
        return "foreign"
    if _marked_up(seen) or _coded(held.room.case, seen):
        return "code"
    if seen.has(glances.META) and tripwords.META.search(seen.low):
        return "meta"
    if seen.may_score() and tripwords.SCORE.search(seen.low):
        return "score"
    return ""


def _scripted(sentence: str, seen: Glance) -> bool:
    """Letters of other scripts, and words of other languages that take something on."""
    if not sentence.isascii() and _ODD.search(sentence):
        return True
    return seen.may_be_foreign() and tripwords.FOREIGN.search(seen.low) is not None


def _marked_up(seen: Glance) -> bool:
    if seen.may_be_marked_up() and tripwords.MARKUP.search(seen.low):
        return True
    return seen.may_be_blob() and tripwords.BLOB.search(seen.low) is not None


def _is_foreign(held: Scene, raw: bytes, least: float) -> bool:
    """Whether the small words of English are missing, or most words are unknown to the case."""
    words = glances.english(raw)
    if len(words) < 6:
        return False
    common = sum(map(tripwords.COMMON.__contains__, words))
    if common < least * len(words):
        return True
    if common > 0.25 * len(words):
        return False
    known = vocabulary(key_of(held.room.case))
    return common + sum(word in known for word in words) < 0.4 * len(words)


def _coded(case: Case, seen: Glance) -> bool:
    """Ids of options and points that are no words of the public texts."""
    held, low = codes(key_of(case)), seen.low
    return any(
        pattern.search(low)
        for mark, pattern in held
        if (mark in low if mark != "." else _DOTTED.search(low))
    )


# -- what it does ----------------------------------------------------------------------------


def _binds(held: Scene, seen: Glance) -> str:
    """A binding-sounding act that the move does not make."""
    low, plan = seen.low, held.plan
    if seen.may_conclude() and _performs(tripwords.DEAL, low):
        return "deal"
    numbers = _numbers(low) if seen.has_figures else frozenset()
    if any(not 0 < n <= len(held.room.offers) + (plan.package is not None) for n in numbers):
        return "no-such-offer"
    if seen.may_accept() and _performs(tripwords.ACCEPTING, low):
        if tripwords.SWEEPING.search(low):
            return "binding"
        named = numbers - held.mine
        if not plan.endorse and plan.package is None:
            return "" if numbers and not named else "binding"
        if named:
            return "binding"
    return "binding" if _acts(plan, seen) else ""


def _acts(plan: Plan, seen: Glance) -> bool:
    """Whether something is tabled, withdrawn or left that the move does not."""
    return (
        (
            plan.package is None
            and seen.has(glances.TABLING)
            and _performs(tripwords.TABLING, seen.low)
        )
        or (
            not plan.withdraw
            and seen.has(glances.WITHDRAWING)
            and _performs(tripwords.WITHDRAWING, seen.low)
        )
        or (
            plan.act != "walk"
            and seen.has(glances.LEAVING)
            and _performs(tripwords.LEAVING, seen.low)
        )
    )


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


def _poses(held: Scene, sentence: str, seen: Glance) -> str:
    """A person's name for the speaker, who is a delegation: nobody living is imitated."""
    written = sentence.replace("\u2019", "'")
    if not seen.may_pose(written):
        return ""
    key = key_of(held.room.case)
    for match in tripwords.POSING.finditer(written):
        words = " ".join(filter(None, match.groups())).casefold().replace("'s", "").split()
        unknown = set(words) - tripwords.ADDRESSED - tripwords.COMMON - seat_words(key)
        # A post or a firm is written as a full name is: of these the case speaks itself.
        known = vocabulary(key) if match["full"] or match["below"] else frozenset()
        if unknown - known:
            return "person"
    return ""


def _for_others(held: Scene, seen: Glance) -> str:
    """What another delegation is said to accept or do, unless its endorsement stands."""
    low = seen.low
    if seen.has(glances.BEHALF) and tripwords.BEHALF.search(low):
        return "speaks-for-others"
    if not seen.has(glances.OTHERS):
        return ""
    for seat, names, pattern in others(key_of(held.room.case)):
        if seat == held.seat or not any(name in low for name in names):
            continue
        for match in pattern.finditer(low):
            if tripwords.SUPPOSED.search(low[: match.start()]):
                continue
            true = {n for n in _numbers(low) if seat in held.room.backers(n)}
            if not true:
                return "speaks-for-others"
    return ""


# -- what was said before --------------------------------------------------------------------


def _repeats(held: Scene, sentence: str) -> str:
    return "repeats" if plain(sentence) in held.said and len(sentence.split()) >= 6 else ""


def _misstates(held: Scene, sentence: str, seen: Glance) -> str:
    """A term offered as ours that neither our texts nor our published arguments hold."""
    if not seen.may_offer() or not _OFFERING.search(seen.low):
        return ""
    if not may_name_options(sentence, held.room.case):
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
    if text.strip() and not glances.may_be_courteous(text.casefold()):
        return False
    spoken = sentences(text)
    polite = sum(map(_is_polite, spoken))
    return polite >= min(3, len(spoken)) or (polite >= 2 and 2 * polite >= len(spoken))


def _is_polite(sentence: str) -> bool:
    """Thanks, or praise that nothing in the sentence takes back."""
    low = sentence.casefold()
    if tripwords.COURTESY.search(low):
        return True
    return bool(tripwords.PRAISE.search(low)) and not tripwords.DENIED.search(low)
