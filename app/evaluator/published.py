"""LLM-Deliberation's published measures, computed as its authors did and as the rules of play say.

Final: the proposer's closing deal is accepted by all but one party, both veto holders included.
All: every other party accepts and the proposer reaches its minimum with a bonus of 10. Any: some
proposal of the proposer passes as Final. Wrong: the share of complete proposals below their own
speaker's minimum (the proposer has 10 to spare), averaged over sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.domain.case import Case
from app.domain.terms import Package
from app.evaluator.extraction import closing, proposal_in
from app.evaluator.transcript import Transcript, Unscored, seats_of

Rule: TypeAlias = Literal["stated", "paper"]
"""`stated`: accept means score >= minimum, as the players are told. `paper`: above it."""

BONUS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionScore:
    """One session. `below` names the parties under their minimum in the closing deal."""

    final: bool
    unanimous: bool
    ever: bool
    wrong: float
    deal: Package | Unscored
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A condition's row: shares in percent over its sessions. `unclosed` had no closing deal."""

    sessions: int
    final: float
    unanimous: float
    ever: float
    wrong: float
    unclosed: int


def session_score(
    transcript: Transcript, case: Case, proposer: str, other_veto: str, rule: Rule = "stated"
) -> SessionScore:
    """Score one session. A closing message without a complete deal counts as no deal."""
    loose = rule == "paper"
    seats = seats_of(transcript, case)
    shut = closing(transcript, case, proposer, loose=loose)
    ever, checked, wrong = False, 0, 0
    for turn in transcript.turns:
        found = proposal_in(turn, case, loose=loose)
        seat = seats.get(turn.speaker)
        if isinstance(found, Unscored) or seat is None:
            continue
        package = found[0]
        spare = BONUS if seat == proposer else 0
        checked += 1
        wrong += _worth(case, seat, package) + spare < _least(case, seat)
        if seat == proposer:
            ever = ever or _passes(case, package, proposer, other_veto, rule)
    if isinstance(shut, Unscored):
        return SessionScore(
            final=False,
            unanimous=False,
            ever=ever,
            wrong=wrong / max(checked, 1),
            deal=shut,
            below=(),
        )
    package = shut[0]
    return SessionScore(
        final=_passes(case, package, proposer, other_veto, rule),
        unanimous=_unanimous(case, package, proposer, rule),
        ever=ever,
        wrong=wrong / max(checked, 1),
        deal=package,
        below=tuple(s for s in case.seat_ids if _worth(case, s, package) < _least(case, s)),
    )


def row(scores: Sequence[SessionScore]) -> Row:
    """The row of a condition; ValueError without sessions."""
    if not scores:
        raise ValueError("no sessions: a row needs at least one")
    many = len(scores)
    return Row(
        sessions=many,
        final=100 * sum(s.final for s in scores) / many,
        unanimous=100 * sum(s.unanimous for s in scores) / many,
        ever=100 * sum(s.ever for s in scores) / many,
        wrong=100 * sum(s.wrong for s in scores) / many,
        unclosed=sum(isinstance(s.deal, Unscored) for s in scores),
    )


def _worth(case: Case, seat: str, package: Package) -> int:
    return case.mandates[seat].total(package)


def _least(case: Case, seat: str) -> int:
    return sum(case.mandates[seat].no_deal)


def _accepts(case: Case, seat: str, package: Package, rule: Rule) -> bool:
    worth, least = _worth(case, seat, package), _least(case, seat)
    return worth > least if rule == "paper" else worth >= least


def _passes(case: Case, package: Package, proposer: str, other_veto: str, rule: Rule) -> bool:
    yes = {seat for seat in case.seat_ids if _accepts(case, seat, package, rule)}
    if rule == "stated" and _unanimous(case, package, proposer, rule):
        return True
    return {proposer, other_veto} <= yes and len(yes) >= len(case.seat_ids) - 1


def _unanimous(case: Case, package: Package, proposer: str, rule: Rule) -> bool:
    others = [seat for seat in case.seat_ids if seat != proposer]
    if not all(_accepts(case, seat, package, rule) for seat in others):
        return False
    return _worth(case, proposer, package) + BONUS >= _least(case, proposer)
