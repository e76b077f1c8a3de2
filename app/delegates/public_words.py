"""The public words of a case as the wires need them: codes, tags, quotable runs, vocabulary.

Everything is made once for a case, or once for a text, and kept.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, compress, count
from operator import sub

from app.delegates import tripwords
from app.delegates.rhetoric import plain, sentences
from app.domain.case import Case

SHINGLE = 10
"""Words in a row that nobody says twice by chance."""

QUOTE = 4
"""Words in a row that make a quotation of a public term."""

_QUOTED = [1] * QUOTE
_OFFERS = frozenset(("offer", "offers", "draft", "drafts", "text", "texts"))
_WORD = re.compile(r"[a-z']+")
_DOTTED = re.compile(r"\.[a-z0-9]")

_CASES: dict[int, Case] = {}


def key_of(case: Case) -> int:
    """A number for the public side of a case, under which its patterns are kept."""
    key = id(case.seats)
    held = _CASES.get(key)
    if held is None or held.seats is not case.seats:
        if held is not None or len(_CASES) > 64:
            _CASES.clear()
            for kept in (
                codes,
                tags,
                others,
                _quotable,
                vocabulary,
                seat_words,
                published,
                shingles,
                _listing,
            ):
                kept.cache_clear()
        _CASES[key] = case
    return key


@lru_cache(maxsize=128)
def codes(key: int) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Patterns of codes, each with a mark that all of them have and few sentences do.

    The mark is a hyphen, or a dot before a letter or figure, or nothing.
    """
    case = _CASES[key]
    texts = " ".join(_texts(case)).casefold()
    ids = [o.id for issue in case.issues for o in issue.options if "-" in o.id]
    ids += [p.id for seat in case.seats for p in seat.points]
    odd = sorted({i.casefold() for i in ids if i.casefold() not in texts})
    marked: dict[str, list[str]] = {"-": [], ".": [], "": []}
    for code in odd:
        marked["-" if "-" in code else "." if _DOTTED.search(code) else ""].append(code)
    return tuple((mark, _any_of(held)) for mark, held in marked.items() if held)


def _any_of(words: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


@lru_cache(maxsize=128)
def tags(key: int) -> re.Pattern[str]:
    case = _CASES[key]
    names = {n.casefold() for s in case.seats for n in (s.id, s.short, s.name)}
    names |= set(tripwords.TAGS)
    listed = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"^[\W_]*(?:{listed})(?:\s*\([^)]*\))?[\W_]*?:")


@lru_cache(maxsize=128)
def others(key: int) -> tuple[tuple[str, tuple[str, str], re.Pattern[str]], ...]:
    """Every seat with its names and what it would be said to do."""
    held = []
    for seat in _CASES[key].seats:
        names = (seat.short.casefold(), seat.name.casefold())
        listed = "|".join(map(re.escape, names))
        held.append((seat.id, names, re.compile(rf"\b(?:{listed}){tripwords.OTHERS_ACT}")))
    return tuple(held)


@lru_cache(maxsize=128)
def _quotable(key: int) -> frozenset[tuple[str, ...]]:
    """Four words in a row of public terms, which everybody may use at any length."""
    held = [plain(text).split() for text in _texts(_CASES[key])]
    return frozenset(
        tuple(words[n : n + QUOTE]) for words in held for n in range(len(words) - QUOTE + 1)
    )


@lru_cache(maxsize=128)
def vocabulary(key: int) -> frozenset[str]:
    """Words of the public texts, but for the small ones."""
    words = _WORD.findall(" ".join(_texts(_CASES[key])).casefold())
    return frozenset(words) - tripwords.COMMON


@lru_cache(maxsize=128)
def seat_words(key: int) -> frozenset[str]:
    """Words that name the delegations: their ids, and what they are called for short."""
    seats = _CASES[key].seats
    return frozenset(
        word for seat in seats for word in _WORD.findall(f"{seat.id} {seat.short}".casefold())
    )


@lru_cache(maxsize=512)
def published(key: int, seat: str) -> frozenset[str]:
    """Sentences that the seat has published itself."""
    own = _CASES[key].seat(seat)
    texts = [p.text for p in own.points] + [p.text for p in own.positions]
    return frozenset(plain(part) for text in texts for part in sentences(text))


def _texts(case: Case) -> list[str]:
    """Everything public that may hold a code as a word."""
    held = [text for i in case.issues for o in i.options for text in (o.label, o.text)]
    held += [issue.title for issue in case.issues]
    for seat in case.seats:
        held += [seat.brief, *(p.text for p in seat.positions), *(p.text for p in seat.points)]
    return held


@lru_cache(maxsize=8_192)
def shingles(key: int, text: str) -> frozenset[int]:
    """Runs of words, but for those that quote public terms or list offers for the better part."""
    words, public = plain(text).split(), _quotable(key)
    covered = _listed(words, _listing(key))
    quotes = zip(*(words[n:] for n in range(QUOTE)), strict=False)
    for n in compress(count(), map(public.__contains__, quotes)):
        covered[n : n + QUOTE] = _QUOTED
    runs = zip(*(words[n:] for n in range(SHINGLE)), strict=False)
    before = [0, *accumulate(covered)]
    is_own = map(QUOTE.__ge__, map(sub, before[SHINGLE:], before))
    return frozenset(map(hash, compress(runs, is_own)))


def _listed(words: list[str], listing: frozenset[str]) -> list[int]:
    """Which words name offers by number and author: a formula that no seat can avoid."""
    covered = [0] * (len(words) + 1)
    at = len(words) if _OFFERS.isdisjoint(words) else 0
    while at < len(words) - 1:
        end = at
        if words[at] in _OFFERS and words[at + 1].isdigit():
            while end < len(words) and (words[end].isdigit() or words[end] in listing):
                end += 1
            covered[at:end] = [1] * (end - at)
        at = max(end, at + 1)
    return covered


@lru_cache(maxsize=128)
def _listing(key: int) -> frozenset[str]:
    """Words of such a list."""
    seats = _CASES[key].seats
    return _OFFERS.union(("from", "the", "and", "by"), *(plain(s.short).split() for s in seats))


@lru_cache(maxsize=8_192)
def said_in(text: str) -> frozenset[str]:
    return frozenset(plain(s) for s in sentences(text) if len(s.split()) >= 6)
