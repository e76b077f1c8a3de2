"""Manners of bargaining: what a delegation's style does beside its concession curve.

The curve (exponent, reciprocity) says how much a delegation asks for; its manner says when it
puts its name to a text of somebody else. No manner outlasts the closing call, in which every
delegation names all that it could sign, and none ever signs below its floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.delegates.aspiration import closing_call
from app.domain.mandate import Style
from app.domain.table import Offer, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """When a delegation signs early.

    `eager` is how far below its present target a text of somebody else may lie (a share of the
    scale; below zero: how far above it must lie); `consult` the rounds for which a text must
    have been on the table; `company` the names besides its author's that must stand under it.
    """

    eager: float = 0.0
    consult: int = 0
    company: int = 0


PLAIN = Manner()

MANNERS: Mapping[str, Manner] = {
    "problem-solver": PLAIN,
    "hard-bargainer": PLAIN,
    "deal-maker": Manner(eager=0.05),
    "process-bound": Manner(consult=2),
    "reluctant-alliance": Manner(company=1),
}
"""By kind of style; a kind that is not listed is plain. Magnitudes are judgment."""


def manner(style: Style) -> Manner:
    """The manner that goes with a style."""
    return MANNERS.get(style.kind, PLAIN)


def ready(view: Table, offer: Offer, style: Style) -> bool:
    """Whether the delegation would by now put its name to a text it likes well enough."""
    if closing_call(view):
        return True
    held = manner(style)
    company = view.backers(offer.number) - {offer.by}
    return view.round - offer.round >= held.consult and len(company) >= held.company


def worn(view: Table, seat: str) -> bool:
    """Whether the delegation's patience is gone: so many rounds in which nobody signed its texts.

    It says so in its tone and does nothing rash: patience is no concession.
    """
    own = {offer.number for offer in view.offers if offer.by == seat}
    signed = {m.turn for m in view.moves if m.seat != seat and own.intersection(m.move.endorse)}
    last = max((remark.round for remark in view.words if remark.turn in signed), default=0)
    return bool(own) and view.round - last > view.case.mandates[seat].style.patience
