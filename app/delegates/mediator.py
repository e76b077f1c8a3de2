"""A single-negotiating-text mediator: asks in private, learns, and tables one text a round.

In each round it circulates drafts, gets a private vote (could you sign this?) or a ranking
from every seat, and tables the draft that all could sign, or else the likeliest one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.delegates.acceptance import (
    LEVEL_LAST,
    Example,
    Reader,
    public_lean,
    read_seat,
    usual_level,
)
from app.delegates.chair import joint_chances, likeliest
from app.delegates.phrasebook import chair_words
from app.domain.moves import Speech, Vote
from app.domain.table import Table
from app.domain.terms import Package

DRAFTS = {"votes": 8, "ranks": 4}
"""Drafts circulated a round at each level of candour."""

APART = 2
"""Issues on which two drafts of one round differ at least, while there is choice."""


class Mediator:
    """Sees the public record and the private answers it was given, nothing else."""

    def drafts(self, view: Table) -> tuple[Package, ...]:
        """The next drafts to ask about."""
        readers = learned(view)
        asked = [draft for drafts, _ in view.polls for draft in drafts]
        pool = likeliest(view, readers, asked, count=400)
        count = DRAFTS.get(view.session.mediator, DRAFTS["votes"])
        chosen: list[Package] = []
        for draft in pool:
            if all(len(view.agenda.differences(draft, held)) >= APART for held in chosen):
                chosen.append(draft)
            if len(chosen) == count:
                break
        return tuple(chosen) or pool[:count] or (view.agenda.package(0),)

    def text(self, view: Table) -> tuple[Package | None, Speech]:
        """The text of the round: what all said they could sign, or the likeliest draft."""
        readers = learned(view)
        standing = {offer.package for offer in view.offers}
        open_drafts = [draft for draft in _asked(view) if draft not in standing]
        agreed = [draft for draft in open_drafts if _signable(view, draft)]
        pool = agreed or open_drafts
        if not pool:
            return None, Speech(text="The mediator has no text to add this round.", by="mediator")
        chosen = np.array([view.agenda.indices(draft) for draft in pool], dtype=np.int64)
        best = pool[int(np.argmax(joint_chances(readers, chosen)))]
        return best, chair_words(view, best, "mediator")


def learned(view: Table) -> dict[str, Reader]:
    """Readers of every seat from public acts and from the answers given in private."""
    return {
        seat: read_seat(view, seat, public_lean(view.case, seat), answers(view, seat))
        for seat in view.present
    }


def answers(view: Table, seat: str) -> tuple[Example, ...]:
    """A seat's private answers as labelled examples."""
    rounds = view.session.rounds
    examples: list[Example] = []
    polls = list(view.polls) + ([(view.drafts, view.votes)] if view.drafts else [])
    start = max(1, view.round - len(polls) + 1)
    for place, (drafts, votes) in enumerate(polls):
        vote = votes.get(seat)
        if vote is None:
            continue
        level = _candid(usual_level(start + place, rounds))
        for number, draft in enumerate(drafts):
            examples.append(Example(package=draft, label=float(number in vote.yes), level=level))
        examples += _preferences(drafts, vote) if view.session.mediator == "ranks" else []
    return tuple(examples)


def _candid(level: float) -> float:
    """In private a delegation says yes to less than it asks for in public."""
    lowest = LEVEL_LAST
    return lowest + 0.5 * (level - lowest)


def _preferences(drafts: tuple[Package, ...], vote: Vote) -> list[Example]:
    """Each draft ranked above the next one."""
    return [
        Example(package=drafts[better], label=1.0, level=0.0, over=drafts[worse])
        for better, worse in zip(vote.ranking, vote.ranking[1:], strict=False)
        if better < len(drafts) and worse < len(drafts)
    ]


def _asked(view: Table) -> list[Package]:
    polls: list[tuple[tuple[Package, ...], Mapping[str, Vote]]] = [*view.polls]
    polls.append((view.drafts, view.votes))
    return list(dict.fromkeys(draft for drafts, _ in polls for draft in drafts))


def _signable(view: Table, draft: Package) -> bool:
    """Whether every seat, when last asked, said it could sign this draft."""
    said: dict[str, bool] = {}
    for drafts, votes in [*view.polls, (view.drafts, view.votes)]:
        if draft in drafts:
            for seat, vote in votes.items():
                said[seat] = drafts.index(draft) in vote.yes
    return all(said.get(seat, False) for seat in view.present)
