"""A delegation of few words: the engine's decisions with one fixed sentence, for measuring.

What it says besides (to whom, on which issues) is what the engine's plan makes public anyway.
"""

from __future__ import annotations

from dataclasses import replace

from app.delegates import engine
from app.domain.moves import Ballot, Move, Speech, Vote, Withdrawal
from app.domain.table import Owed, Table

SENTENCE = "Our position is in what we sign."


class SilentDelegate:
    """Plays as the offline engine does and finds no words. A strategic one bluffs the mediator.

    A `candid` seat says yes to every draft it could sign; a strategic one only to those that
    are worth its present target, as if the vote were an offer. Neither ever breaks its floor.
    """

    def __init__(self, votes: str = "persona") -> None:
        self.votes = votes

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        """The engine's plan and the one sentence."""
        del room
        plan = engine.plan(view, seat)
        speech = Speech(text=SENTENCE, by="engine", to=plan.to, issues=plan.issues, tone=plan.tone)
        withdraw = tuple(Withdrawal(offer=n, reason=SENTENCE) for n in plan.withdraw)
        return Move(speech=speech, endorse=plan.endorse, withdraw=withdraw, package=plan.package)

    async def reply(self, room: Table, owed: Owed) -> Speech:
        """The one sentence."""
        del room, owed
        return Speech(text=SENTENCE, by="engine")

    async def vote(self, view: Table, seat: str) -> Vote:
        """The engine's vote, or the truth, or a bluff."""
        meant = engine.vote(view, seat)
        if self.votes == "persona":
            return meant
        mandate = view.case.mandates[seat]
        least = 0 if self.votes == "truthful" else engine.counsel(view, seat).target
        yes = tuple(
            n
            for n, draft in enumerate(view.drafts)
            if not view.case.breaches(seat, draft, view.preset) and mandate.total(draft) >= least
        )
        return replace(meant, yes=yes)

    async def ballot(self, view: Table, seat: str) -> Ballot:
        """The engine's ranking."""
        return engine.ballot(view, seat)

    async def improvement(self, view: Table, seat: str) -> bool:
        """The engine's answer."""
        return engine.improvement(view, seat)
