"""The course of the talks: rounds, turns, passing packages, improvement and the close."""

from __future__ import annotations

from app.domain.events import (
    EVERYBODY,
    AgreementReached,
    ImprovementSettled,
    NewsArrived,
    RankingOpened,
    RoundOpened,
    TableClosed,
    TurnOpened,
)
from app.domain.table import Table
from app.orchestrator.minutes import Minutes
from app.orchestrator.speaking import next_speaker

FIRST_HELPED_ROUND = 2
"""The chair and the mediator begin once every seat has shown a first package."""


def due_helper(table: Table) -> str:
    """The helper that acts before this round's turns go on: 'mediator', 'chair' or ''."""
    if table.round < FIRST_HELPED_ROUND or table.spoken or table.deal or table.closed:
        return ""
    if table.session.mediator != "none" and "mediator" not in table.helped:
        return "mediator"
    if table.session.chair and "chair" not in table.helped:
        return "chair"
    return ""


def advance(minutes: Minutes) -> None:
    """Go on until somebody is awaited or the table is closed."""
    while minutes.table.closed is None:
        table = minutes.table
        if table.turn or table.ranking or table.improvement or due_helper(table):
            return
        if table.deal is not None:
            if table.session.improve and table.improved is None:
                return
            _close_with_deal(minutes)
            return
        speaker = next_speaker(table)
        if speaker is not None:
            _open_turn(minutes, *speaker)
            return
        _end_round(minutes)


def open_round(minutes: Minutes, number: int) -> None:
    """Begin a round with the news that belongs to it."""
    minutes.note(RoundOpened(round=number))
    bring_news(minutes, "start")


def bring_news(minutes: Minutes, when: str) -> None:
    """Issue the case's injects for this point of the round."""
    table = minutes.table
    if not table.session.injects:
        return
    for inject in table.case.injects:
        if inject.round == table.round and inject.when == when:
            audience = EVERYBODY if "all" in inject.to else inject.to
            minutes.note(NewsArrived(text=inject.text, inject=inject.id), audience)


def _open_turn(minutes: Minutes, seat: str, reason: str) -> None:
    table = minutes.table
    seconds = table.session.turn_seconds
    minutes.note(
        TurnOpened(
            turn=table.turns + 1,
            seat=seat,
            policy=table.session.floor if table.round else "list",
            reason=reason,
            deadline=minutes.now + 1000 * seconds if seconds else None,
        )
    )


def _end_round(minutes: Minutes) -> None:
    """Settle what passes, or go to the next round, or find that time is up."""
    table = minutes.table
    passing = table.passing
    if len(passing) == 1:
        agree(minutes, passing[0], "it alone meets the decision rule at the end of the round")
        return
    if passing:
        minutes.note(RankingOpened(offers=passing))
        return
    bring_news(minutes, "end")
    if table.round >= table.session.rounds:
        minutes.note(
            TableClosed(
                outcome="impasse",
                reason=f"no package met the decision rule in {table.session.rounds} rounds",
            )
        )
        return
    open_round(minutes, table.round + 1)


def agree(minutes: Minutes, number: int, how: str) -> None:
    """Establish the agreement on an offer that passes."""
    table = minutes.table
    offer = table.offers[number - 1]
    backers = tuple(seat for seat in table.case.seat_ids if seat in table.backers(number))
    minutes.note(AgreementReached(offer=number, package=offer.package, backers=backers, how=how))


def settle_ranking(minutes: Minutes) -> None:
    """Count the ballots by Borda; ties go to the package with the smaller number."""
    table = minutes.table
    points = dict.fromkeys(table.ranking, 0)
    for ballot in table.ballots.values():
        for place, offer in enumerate(ballot.ranking):
            points[offer] += len(table.ranking) - 1 - place
    agenda = table.agenda
    best = min(
        table.ranking,
        key=lambda number: (-points[number], agenda.number(table.offers[number - 1].package)),
    )
    count = len(table.ranking)
    agree(minutes, best, f"{count} packages met the decision rule; the seats ranked this one first")


def settle_improvement(minutes: Minutes) -> None:
    """All seats have answered: everybody must accept."""
    table = minutes.table
    package = table.improvement
    if package is None:
        return
    accepted = all(table.answers.get(seat) for seat in table.present)
    minutes.note(ImprovementSettled(outcome="accepted" if accepted else "refused", package=package))


def _close_with_deal(minutes: Minutes) -> None:
    table = minutes.table
    assert table.deal is not None
    names = ", ".join(table.case.seat(seat).short for seat in table.deal.backers)
    minutes.note(
        TableClosed(outcome="agreement", reason=f"offer {table.deal.offer} is signed by {names}")
    )
