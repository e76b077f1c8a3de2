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
from app.domain.mandate import Mandate
from app.domain.state import Table

RUN = 5
"""Words in a row of a confidential paper that give it away."""

LEAST = 14
"""Letters that a run has at least, so that five small words are no secret."""

MOST_KEPT = 64
"""Cases, and mandates, whose words are kept."""

_NUMBER = re.compile(r"\b\d{2,}\b")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{12,}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :-]?){8,}")
_MARK = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{6,}\b")
_ABC = string.ascii_lowercase
_ROT13 = str.maketrans(
    _ABC + _ABC.upper(), _ABC[13:] + _ABC[:13] + _ABC[13:].upper() + _ABC[:13].upper()
)
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_DECODERS: tuple[tuple[Callable[[str], bytes], int], ...] = (
    (base64.b64decode, 4),
    (base64.urlsafe_b64decode, 4),
    (base64.b32decode, 8),
)
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_FIRST = re.compile(r"\b\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Runs of words, marks and figures of one seat's papers that are not public.

    `runs` are those a text may hold, in plain and turned as in `_turned`, under their first
    LEAST letters, each with what it says; `said` are other delegations' words, which are no
    secret any more.
    """

    runs: Mapping[str, tuple[tuple[str, str], ...]]
    marks: frozenset[str]
    figures: frozenset[str]
    said: tuple[str, ...] = ()


def secrets_of(view: Table, seat: str) -> Secrets:
    """What must stay with the seat, from its own view."""
    case, mandate = view.case, view.case.mandates[seat]
    papers, public = _papers(mandate), _public(case)
    floor = case.floor(seat, view.preset)
    figures = {floor.total, sum(floor.no_deal), floor.least}
    figures |= {mandate.total(offer.package) for offer in view.offers}
    said = tuple(remark.speech.text for remark in view.words if remark.seat != seat)
    spoken = public.numbers.union(*map(_numbers, said))
    spoken |= {str(n) for n in range(len(view.offers) + 2)} | {str(view.session.rounds)}
    return Secrets(
        runs=_secret(papers, public),
        marks=papers.marks,
        figures=frozenset(str(f) for f in figures if f >= 10) - spoken,
        said=said,
    )


def gives_away(secrets: Secrets, text: str) -> bool:
    """Whether the words hold a secret, in plain or in one of the disguises."""
    if set(_NUMBER.findall(text)) & secrets.figures:
        return True
    for told in _guises(text):
        compact = _compact(told)
        if any(mark in compact for mark in secrets.marks):
            return True
        if any(not _is_said(secrets, run) for run in _found(secrets.runs, compact)):
            return True
    return False


def _turned(compact: str) -> tuple[str, ...]:
    """A secret as it stands, and as it would stand in a text that is turned round or rotated."""
    return compact, compact[::-1], compact.translate(_ROT13)


def _found(runs: Mapping[str, tuple[tuple[str, str], ...]], compact: str) -> Iterator[str]:
    """What the runs say that a text without its blanks holds."""
    heard = {compact[at : at + LEAST] for at in range(len(compact) - LEAST + 1)}
    for beginning in heard & runs.keys():
        yield from (says for run, says in runs[beginning] if run in compact)


def _is_said(secrets: Secrets, run: str) -> bool:
    return any(run in _runs(text) for text in secrets.said)


def _guises(text: str) -> Iterator[str]:
    """The words as they stand, and with those named disguises undone that `_turned` does not."""
    yield text
    yield " ".join(reversed(text.split()))
    told = text.translate(_LEET)
    if told != text:
        yield told
    yield "".join(_FIRST.findall(text))
    for token in _TOKEN.findall(text):
        yield from _decoded(token)
    for match in _HEX.findall(text):
        digits = re.sub(r"[^0-9a-fA-F]", "", match)
        yield bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", "ignore")


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


_MANDATES: dict[int, tuple[Mandate, _Words]] = {}
_CASES: dict[int, tuple[tuple[Seat, ...], _Words]] = {}


def _papers(mandate: Mandate) -> _Words:
    """One seat's confidential papers."""
    kept = _MANDATES.get(id(mandate))
    if kept is not None and kept[0] is mandate:
        return kept[1]
    held = [mandate.brief, *(line.text for line in mandate.red_lines)]
    held += [aim.text for aim in (*mandate.goals, *mandate.interests)]
    held += [line.line for line in mandate.no_deal_lines]
    found = _Words(
        runs=frozenset().union(*map(_runs, held)),
        marks=frozenset(
            turned for text in held for m in _MARK.findall(text) for turned in _turned(_compact(m))
        ),
    )
    if len(_MANDATES) > MOST_KEPT:
        _MANDATES.clear()
    _MANDATES[id(mandate)] = (mandate, found)
    return found


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


_SECRET: dict[
    tuple[int, int], tuple[_Words, _Words, Mapping[str, tuple[tuple[str, str], ...]]]
] = {}


def _secret(papers: _Words, public: _Words) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """What stands in confidential papers only."""
    key = (id(papers), id(public))
    held = _SECRET.get(key)
    if held is None or held[0] is not papers or held[1] is not public:
        if len(_SECRET) > MOST_KEPT:
            _SECRET.clear()
        held = _SECRET[key] = (papers, public, _by_beginning(papers.runs - public.runs))
    return held[2]


def _by_beginning(runs: frozenset[str]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    held: dict[str, tuple[tuple[str, str], ...]] = {}
    for says in runs:
        for run in _turned(says):
            held[run[:LEAST]] = (*held.get(run[:LEAST], ()), (run, says))
    return held


@lru_cache(maxsize=4_096)
def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(text))


@lru_cache(maxsize=4_096)
def _runs(text: str) -> frozenset[str]:
    words = plain(text).split()
    count = max(1, len(words) - RUN + 1)  # a text of few words is one run
    runs = ("".join(words[n : n + RUN]) for n in range(count))
    return frozenset(run for run in runs if len(run) >= LEAST)


def _compact(text: str) -> str:
    return _NO_LETTER.sub("", text.casefold())
