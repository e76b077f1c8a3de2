"""What a seat must not give away, looked for in words in plain and in disguise: filtered mode only.

This is a filter and promises what a filter can: the named disguises. The strict barrier needs
none, because its speaker has read nothing confidential.
"""

from __future__ import annotations

import base64
import binascii
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.delegates.rhetoric import plain
from app.domain.case import Case, Seat
from app.domain.derived import Derived
from app.domain.mandate import Mandate
from app.domain.state import Table
from app.domain.terms import Package

RUN = 5
"""Words in a row of a confidential paper that give it away."""

LEAST = 14
"""Letters that a run has at least, so that five small words are no secret."""

PIECE = 8
"""Letters of a run by which a text is looked through."""

STEP = LEAST - PIECE + 1
"""A run's first LEAST letters hold a whole piece of a text that is cut every STEP letters."""

LEAST_TOKEN = 12
"""Characters of a word that is decoded."""

LEAST_LETTERS = -(-LEAST * 4 // 3)
"""The same where only a run is looked for: four characters stand for three letters."""

MOST_KEPT = 64
"""Cases, and mandates, whose words are kept."""

MOST_TOTALS = 4_096
"""Packages whose worth to one mandate is kept."""

_NUMBER = re.compile(r"\b\d{2,}\b")
_UNITS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SPELLED = (*_TEENS, *(f"{ten} {unit}".rstrip() for ten in _TENS for unit in _UNITS))
"""The numbers from 10 to 99 in words."""
_IN_WORDS = re.compile(
    rf"\b(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_UNITS[1:])}))?|{'|'.join(_TEENS)})\b"
)
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :-]?){8,}")
_MARK = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{6,}\b")
_ABC = string.ascii_lowercase
_ALNUM = f"{string.ascii_letters}{string.digits}".encode()
_WORDS = bytes(byte if byte in _ALNUM + b"_" else 32 for byte in range(256))
_TOKEN = bytes(byte if byte in _ALNUM + b"+/=_-" else 32 for byte in range(256))
_HEX_ONLY = bytes(120 if byte in string.hexdigits.encode() else 46 for byte in range(256))
_PAIRS = b"x" * 16
"""Hexadecimal digits, written x, that any text in them has in a row, blanks left out."""
_ROT13 = str.maketrans(
    _ABC + _ABC.upper(), _ABC[13:] + _ABC[:13] + _ABC[13:].upper() + _ABC[:13].upper()
)
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_DECODERS: tuple[tuple[Callable[[str], bytes], int], ...] = (
    (base64.b64decode, 4),
    (base64.urlsafe_b64decode, 4),
    (base64.b32decode, 8),
)
_NO_LETTER = bytes(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz0123456789"))
_FIRST = re.compile(r"\b\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Runs of words that a text may hold, in plain and turned as in `_turned`.

    `begun` has them under their first LEAST letters, each with what it says; `pieces` has the
    PIECE letters that begin at one of the first STEP places of any of them, with these places.
    """

    begun: Mapping[str, tuple[tuple[str, str], ...]]
    pieces: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Runs of words, marks and figures of one seat's papers that are not public.

    `said` are other delegations' words, which are no secret any more.
    """

    runs: Runs
    marks: frozenset[str]
    figures: frozenset[str]
    said: tuple[str, ...] = ()


def secrets_of(view: Table, seat: str) -> Secrets:
    """What must stay with the seat, from its own view."""
    case, mandate = view.case, view.case.mandates[seat]
    papers, public = _papers(mandate), _public(case)
    floor = case.floor(seat, view.preset)
    figures = {floor.total, sum(floor.no_deal), floor.least}
    figures |= _totals(mandate, [offer.package for offer in view.offers])
    said = tuple(remark.speech.text for remark in view.words if remark.seat != seat)
    spoken = public.numbers.union(*map(_numbers, said))
    spoken |= {str(n) for n in range(len(view.offers) + 2)} | {str(view.session.rounds)}
    return Secrets(
        runs=_secret(papers, public),
        marks=papers.marks,
        figures=frozenset().union(*(_written(f) for f in figures if f >= 10)) - spoken,
        said=said,
    )


def gives_away(secrets: Secrets, text: str) -> bool:
    """Whether the words hold a secret, in plain or in one of the disguises."""
    if _figures(text) & secrets.figures:
        return True
    for told in _guises(text, has_marks=bool(secrets.marks)):
        compact = _compact(told)
        if secrets.marks and any(mark in compact for mark in secrets.marks):
            return True
        if any(not _is_said(secrets, run) for run in _found(secrets.runs, compact)):
            return True
    return False


def _turned(compact: str) -> tuple[str, ...]:
    """A secret as it stands, and as it would stand in a text that is turned round or rotated."""
    return compact, compact[::-1], compact.translate(_ROT13)


def _found(runs: Runs, compact: str) -> Iterator[str]:
    """What the runs say that a text without its blanks holds.

    Every LEAST letters in a row hold one of the text's pieces whole, so a run can begin only
    right before a piece that it shares.
    """
    pieces, begun = runs.pieces, runs.begun
    cuts = range(0, len(compact) - PIECE + 1, STEP)
    for met in [at for at in cuts if compact[at : at + PIECE] in pieces]:
        for back in pieces[compact[met : met + PIECE]]:
            at = met - back
            for run, says in begun.get(compact[at : at + LEAST], ()) if at >= 0 else ():
                if compact.startswith(run, at):
                    yield says


def _is_said(secrets: Secrets, run: str) -> bool:
    return any(run in _runs(text) for text in secrets.said)


def _guises(text: str, *, has_marks: bool = True) -> Iterator[str]:
    """The words as they stand, and with those named disguises undone that `_turned` does not."""
    yield text
    yield " ".join(reversed(text.split()))
    told = text.translate(_LEET)
    if told != text:
        yield told
    raw = text.encode("ascii", "replace")
    yield _initials(text, raw)
    least = LEAST_TOKEN if has_marks else LEAST_LETTERS
    for token in raw.translate(_TOKEN).decode("ascii").split():
        if len(token) >= least:
            yield from _decoded(token)
    if _PAIRS in raw.translate(_HEX_ONLY, b" :-"):
        for match in _HEX.findall(text):
            digits = re.sub(r"[^0-9a-fA-F]", "", match)
            yield bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", "ignore")


def _initials(text: str, raw: bytes) -> str:
    """What the first letters of the words spell."""
    if not text.isascii():
        return "".join(_FIRST.findall(text))
    return "".join([word[0] for word in raw.translate(_WORDS).decode("ascii").split()])


def _decoded(token: str) -> Iterator[str]:
    bare = token.rstrip("=")
    for decode, block in _DECODERS:
        try:
            yield decode(bare + "=" * (-len(bare) % block)).decode("utf-8", "ignore")
        except (binascii.Error, ValueError):
            continue


# -- kept per paper and per text -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What is looked for in, or excused by, a set of papers. One object for each set."""

    runs: frozenset[str]
    marks: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()


_CASES: dict[int, tuple[tuple[Seat, ...], _Words]] = {}


def _words_of(mandate: Mandate) -> _Words:
    held = [mandate.brief, *(line.text for line in mandate.red_lines)]
    held += [aim.text for aim in (*mandate.goals, *mandate.interests)]
    held += [line.line for line in mandate.no_deal_lines]
    return _Words(
        runs=frozenset().union(*map(_runs, held)),
        marks=frozenset(
            turned for text in held for m in _MARK.findall(text) for turned in _turned(_compact(m))
        ),
    )


_papers: Derived[Mandate, _Words] = Derived(_words_of, MOST_KEPT)
"""One seat's confidential papers."""


def _public(case: Case) -> _Words:
    """What everybody may read in the case."""
    kept = _CASES.get(id(case.seats))
    if kept is not None and kept[0] is case.seats:
        return kept[1]
    held = [text for i in case.issues for o in i.options for text in (o.label, o.text)]
    for seat in case.seats:
        held += [seat.brief, *(p.text for p in seat.points), *(p.text for p in seat.positions)]
    found = _Words(
        runs=frozenset().union(*map(_runs, held)), numbers=frozenset().union(*map(_numbers, held))
    )
    if len(_CASES) > MOST_KEPT:
        _CASES.clear()
    _CASES[id(case.seats)] = (case.seats, found)
    return found


_SECRET: dict[tuple[int, int], tuple[_Words, _Words, Runs]] = {}


def _secret(papers: _Words, public: _Words) -> Runs:
    """What stands in confidential papers only."""
    key = (id(papers), id(public))
    held = _SECRET.get(key)
    if held is None or held[0] is not papers or held[1] is not public:
        if len(_SECRET) > MOST_KEPT:
            _SECRET.clear()
        held = _SECRET[key] = (papers, public, _by_beginning(papers.runs - public.runs))
    return held[2]


def _by_beginning(runs: frozenset[str]) -> Runs:
    held: dict[str, tuple[tuple[str, str], ...]] = {}
    for says in runs:
        for run in _turned(says):
            held[run[:LEAST]] = (*held.get(run[:LEAST], ()), (run, says))
    pieces: dict[str, set[int]] = {}
    for start in held:
        for at in range(STEP):
            pieces.setdefault(start[at : at + PIECE], set()).add(at)
    return Runs(begun=held, pieces={piece: tuple(places) for piece, places in pieces.items()})


def _none_yet(_mandate: Mandate) -> dict[Package, int]:
    return {}


_TOTALS: Derived[Mandate, dict[Package, int]] = Derived(_none_yet, MOST_KEPT)


def _totals(mandate: Mandate, packages: list[Package]) -> set[int]:
    """What packages are worth to a mandate; each is added up once."""
    known = _TOTALS(mandate)
    if len(known) > MOST_TOTALS:
        known.clear()
    found = set()
    for package in packages:
        total = known.get(package)
        if total is None:
            total = known[package] = mandate.total(package)
        found.add(total)
    return found


@lru_cache(maxsize=4_096)
def _numbers(text: str) -> frozenset[str]:
    return _figures(text)


def _figures(text: str) -> frozenset[str]:
    """The numbers of a text from ten on, as they stand: in figures or in words."""
    words = _IN_WORDS.findall(text.casefold())
    return frozenset((*_NUMBER.findall(text), *(word.replace("-", " ") for word in words)))


def _written(figure: int) -> frozenset[str]:
    """A number in every way that `_figures` reads it."""
    return frozenset((str(figure), *_SPELLED[figure - 10 : figure - 9]))


@lru_cache(maxsize=4_096)
def _runs(text: str) -> frozenset[str]:
    words = plain(text).split()
    count = max(1, len(words) - RUN + 1)  # a text of few words is one run
    runs = ("".join(words[n : n + RUN]) for n in range(count))
    return frozenset(run for run in runs if len(run) >= LEAST)


def _compact(text: str) -> str:
    """Its letters and digits only, in lower case."""
    return text.casefold().encode("ascii", "ignore").translate(None, _NO_LETTER).decode("ascii")
