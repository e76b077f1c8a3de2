"""What a seat must not give away, looked for in words in plain and in disguise: filtered mode only.

This is a filter and promises what a filter can: the named disguises. The strict barrier needs
none, because its speaker has read nothing confidential.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.delegates.rhetoric import plain
from app.domain.state import Table

RUN = 5
"""Words in a row of a confidential paper that give it away."""

LEAST = 14
"""Letters that a run has at least, so that five small words are no secret."""

_NUMBER = re.compile(r"\b\d{2,}\b")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{12,}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :-]?){8,}")
_MARK = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{6,}\b")
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_DECODERS: tuple[tuple[Callable[[str], bytes], int], ...] = (
    (base64.b64decode, 4),
    (base64.urlsafe_b64decode, 4),
    (base64.b32decode, 8),
)
_FIRST = re.compile(r"\b\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Runs of words, marks and figures of one seat's papers that are not public."""

    runs: frozenset[str]
    marks: frozenset[str]
    figures: frozenset[str]


def secrets_of(view: Table, seat: str) -> Secrets:
    """What must stay with the seat, from its own view."""
    case, mandate = view.case, view.case.mandates[seat]
    held = [mandate.brief, *(line.text for line in mandate.red_lines)]
    held += [aim.text for aim in (*mandate.goals, *mandate.interests)]
    held += [line.line for line in mandate.no_deal_lines]
    public = [text for i in case.issues for o in i.options for text in (o.label, o.text)]
    for other in case.seats:
        public += [other.brief, *(p.text for p in other.points), *(p.text for p in other.positions)]
    public += [remark.speech.text for remark in view.words if remark.seat != seat]
    known = {run for text in public for run in _runs(text)}
    runs = {run for text in held for run in _runs(text)} - known
    marks = {m.casefold() for text in held for m in _MARK.findall(text)}
    floor = case.floor(seat, view.preset)
    figures = {floor.total, sum(floor.no_deal), floor.least}
    figures |= {mandate.total(offer.package) for offer in view.offers}
    spoken = {n for text in public for n in _NUMBER.findall(text)}
    spoken |= {str(n) for n in range(len(view.offers) + 2)} | {str(view.session.rounds)}
    return Secrets(
        runs=frozenset(runs),
        marks=frozenset(_compact(m) for m in marks),
        figures=frozenset(str(f) for f in figures if f >= 10) - spoken,
    )


def gives_away(secrets: Secrets, text: str) -> bool:
    """Whether the words hold a secret, in plain or in one of the disguises."""
    if set(_NUMBER.findall(text)) & secrets.figures:
        return True
    for told in _guises(text):
        compact = _compact(told)
        if any(mark in compact for mark in secrets.marks):
            return True
        if any(run in compact for run in secrets.runs):
            return True
    return False


def _guises(text: str) -> Iterator[str]:
    """The words as they stand, and with the named disguises undone."""
    yield text
    yield text[::-1]
    yield " ".join(reversed(text.split()))
    yield codecs.decode(text, "rot13")
    yield text.translate(_LEET)
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


def _runs(text: str) -> set[str]:
    words = plain(text).split()
    count = max(1, len(words) - RUN + 1)  # a text of few words is one run
    runs = ("".join(words[n : n + RUN]) for n in range(count))
    return {run for run in runs if len(run) >= LEAST}


def _compact(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())
