"""What the chair, the mediator and the ballot box may bring: texts, votes, improvement."""

from __future__ import annotations

from app import guard
from app.domain.events import (
    BallotCast,
    DraftsCirculated,
    HelperPassed,
    ImprovementAnswered,
    ImprovementProposed,
    ImprovementSettled,
    LineCrossed,
    TextTabled,
    VoteCast,
)
from app.domain.state import Table
from app.domain.terms import Package
from app.orchestrator.awaiting import awaited_course
from app.orchestrator.course import settle_improvement, settle_ranking
from app.orchestrator.floor_rules import underfloor
from app.orchestrator.minutes import Minutes
from app.orchestrator.orders import (
    AnswerImprovement,
    Awaited,
    CastBallot,
    CastVote,
    Circulate,
    ProposeImprovement,
    Refusal,
    TableText,
)


def _package_refusal(table: Table, package: Package) -> Refusal | None:
    if not table.agenda.complete(package):
        return Refusal(code="incomplete", reason="A package settles every issue of the agenda.")
    held = table.offer_of(package)
    if held is not None:
        return Refusal(
            code="duplicate", reason=f"This very package is on the table as offer {held.number}."
        )
    return None


def table_text(minutes: Minutes, command: TableText) -> Refusal | None:
    table = minutes.table
    if Awaited(act="text", seat=command.by) not in awaited_course(table):
        return Refusal(code="not-awaited", reason=f"The {command.by} has nothing to table now.")
    if command.package is None:
        minutes.note(HelperPassed(by=command.by))
        return None
    refusal = _package_refusal(table, command.package)
    if refusal is not None:
        return refusal
    minutes.note(
        TextTabled(
            offer=len(table.offers) + 1,
            by=command.by,
            package=command.package,
            speech=command.speech,
        )
    )
    return None


def circulate(minutes: Minutes, command: Circulate) -> Refusal | None:
    table = minutes.table
    if Awaited(act="drafts", seat="mediator") not in awaited_course(table):
        return Refusal(code="not-awaited", reason="The mediator has nothing to circulate now.")
    if not 1 <= len(command.drafts) <= 12:
        return Refusal(code="bad-vote", reason="The mediator circulates one to twelve drafts.")
    if not all(table.agenda.complete(draft) for draft in command.drafts):
        return Refusal(code="incomplete", reason="A draft settles every issue of the agenda.")
    minutes.note(DraftsCirculated(drafts=command.drafts))
    return None


def cast_vote(minutes: Minutes, command: CastVote) -> Refusal | None:
    table, vote = minutes.table, command.vote
    if Awaited(act="vote", seat=command.seat) not in awaited_course(table):
        return Refusal(code="not-awaited", reason="The mediator is not waiting for this vote.")
    known = range(len(table.drafts))
    if not all(n in known for n in (*vote.yes, *vote.ranking)):
        return Refusal(code="bad-vote", reason="A vote names drafts that were circulated.")
    minutes.note(VoteCast(seat=command.seat, vote=vote), (command.seat, "mediator"))
    return None


def cast_ballot(minutes: Minutes, command: CastBallot) -> Refusal | None:
    table = minutes.table
    if Awaited(act="ballot", seat=command.seat) not in awaited_course(table):
        return Refusal(code="not-awaited", reason="No ballot is asked of this seat now.")
    if sorted(command.ballot.ranking) != sorted(table.ranking):
        return Refusal(
            code="bad-ballot", reason=f"Rank exactly these offers: {list(table.ranking)}."
        )
    minutes.note(BallotCast(seat=command.seat, ballot=command.ballot), (command.seat,))
    if len(minutes.table.ballots) == len(table.present):
        settle_ranking(minutes)
    return None


def propose_improvement(minutes: Minutes, command: ProposeImprovement) -> Refusal | None:
    table = minutes.table
    if Awaited(act="search", seat="server") not in awaited_course(table) or table.deal is None:
        return Refusal(code="not-awaited", reason="There is no deal to improve now.")
    deal = table.deal.package
    if command.package is None:
        minutes.note(ImprovementSettled(outcome="none", package=deal))
        return None
    refusal = _package_refusal(table, command.package)
    if refusal is not None and refusal.code != "duplicate":
        return refusal
    if not _harmless(table, deal, command.package):
        return Refusal(code="harms", reason="It would take something from somebody.")
    minutes.note(ImprovementProposed(package=command.package))
    return None


def _harmless(table: Table, deal: Package, package: Package) -> bool:
    """No seat's total falls, and no currency of any seat falls below no deal."""
    for mandate in table.case.mandates.values():
        before, after, held = mandate.worth(deal), mandate.worth(package), mandate.no_deal
        if not sum(after) >= sum(before):
            return False
        if not all(a >= min(b, h) for a, b, h in zip(after, before, held, strict=True)):
            return False
    return True


def answer_improvement(minutes: Minutes, command: AnswerImprovement) -> Refusal | None:
    table = minutes.table
    if Awaited(act="improvement", seat=command.seat) not in awaited_course(table):
        return Refusal(code="not-awaited", reason="No answer is asked of this seat now.")
    if command.accept and table.improvement is not None:
        refusal = underfloor(table, command.seat, table.improvement, override=command.override)
        if refusal is not None:
            return refusal
        below = guard.breaches(table.case, command.seat, table.improvement, table.preset)
        if below:
            crossed = LineCrossed(turn=table.turns, seat=command.seat, offer=0, breaches=below)
            minutes.note(crossed, (command.seat,))
    minutes.note(ImprovementAnswered(seat=command.seat, accept=command.accept))
    if len(minutes.table.answers) == len(table.present):
        settle_improvement(minutes)
    return None
