"""`parley bench deliberation`: many offline tables of a scoreable game, and their measures."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from json import dumps
from pathlib import Path
from typing import Any

from rich.console import Console

from app import __version__
from app.commands.solve import complain
from app.delegates.base import Delegate
from app.delegates.chair import Chair
from app.delegates.mediator import Mediator
from app.delegates.silent import SilentDelegate
from app.domain.bargaining import survey
from app.domain.case import Case, Session
from app.domain.events import Event, Fact
from app.domain.table import Table
from app.errors import CaseError, Finding, ParleyError
from app.evaluator.scoreable import Outcome, Spread, Summary, leader, outcome, summary
from app.eventlog.base import case_hash
from app.library import load_case
from app.orchestrator.orders import Command, Open, Refusal
from app.orchestrator.procedure import MEDIATORS, decide, outstanding
from app.orchestrator.sitting import Sitting
from app.orchestrator.turn import Helper, answer

STUDY_ROUNDS = 4
"""Turns a party has in the study."""

MEDIATED_ROUNDS = 10
CANDOUR = {
    "truthful": "every seat answers the mediator with the truth",
    "persona": "every seat answers the mediator as it bargains",
    "strategic": "every seat says yes to the mediator only at its present demand",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a series of tables is run."""

    rounds: int
    mediator: str = "none"
    votes: str = "persona"
    chair: bool = False


def run(
    table: str,
    tables: int,
    *,
    rounds: int = STUDY_ROUNDS,
    mediator: str = "none",
    chair: bool = False,
    seed: int = 1,
    json: bool = False,
    home: Path | None = None,
) -> int:
    """Play and print; with a mediator each way of answering it, also at ten rounds."""
    try:
        case = load_case(table, home)
        _possible(table, tables, rounds, mediator)
        series = []
        for condition in conditions(rounds, mediator, chair=chair):
            series.append((condition, measured(case, condition, tables, seed)))
            if not json:
                if len(series) == 1:
                    _head(case, tables, seed)
                _print(condition, series[-1][1])
    except CaseError as error:
        complain(error)
        return 2
    except ParleyError as error:
        print(f"parley bench: {error}", file=sys.stderr)
        return 2
    if json:
        print(dumps(as_data(case, series), ensure_ascii=False, indent=2))
    return 0


def _possible(table: str, tables: int, rounds: int, mediator: str) -> None:
    """Refuse what cannot be played."""
    wrong = ""
    if not 1 <= tables <= 1_000_000:
        wrong = f"{tables} tables; 1 to 1000000 were expected"
    if not 2 <= rounds <= 100:
        wrong = f"{rounds} rounds; 2 to 100 were expected"
    if mediator not in MEDIATORS:
        wrong = f"no mediator {mediator[:40]!a}; known: {', '.join(MEDIATORS)}"
    if wrong:
        raise CaseError((Finding(path=table, key="bench", problem=wrong),))


def conditions(rounds: int, mediator: str, *, chair: bool) -> Iterator[Condition]:
    """One condition without a mediator; with one, each candour at both numbers of rounds."""
    if mediator == "none":
        yield Condition(rounds=rounds, chair=chair)
        return
    for number in dict.fromkeys((rounds, MEDIATED_ROUNDS)):
        for votes in CANDOUR:
            yield Condition(rounds=number, mediator=mediator, votes=votes, chair=chair)


def measured(case: Case, condition: Condition, tables: int, seed: int) -> Summary:
    """The summary of so many tables with seeds from `seed` on."""
    return summary(case, asyncio.run(_outcomes(case, condition, tables, seed)))


async def _outcomes(case: Case, condition: Condition, tables: int, seed: int) -> list[Outcome]:
    digest, found = case_hash(case), survey(case, case.session.preset)
    return [
        outcome(await played(case, digest, condition, seed + place), found)
        for place in range(tables)
    ]


async def played(case: Case, digest: str, condition: Condition, seed: int) -> Table:
    """One table through the real procedure, kept in memory only."""
    session = replace(
        Session(preset=case.session.preset),
        rounds=condition.rounds,
        mediator=condition.mediator,
        chair=condition.chair,
        injects=False,
    )
    sitting = Sitting(())
    opening = Open(case=case, case_hash=digest, seed=seed, session=session, version=__version__)
    _enter(sitting, None, opening)
    delegates: dict[str, Delegate] = {"engine": SilentDelegate(condition.votes)}
    helpers: dict[str, Helper] = {"chair": Chair(), "mediator": Mediator()}
    while sitting.table.closed is None:
        awaited = outstanding(sitting.table)[0]
        command = await answer(sitting, awaited, delegates, helpers)
        if command is None:
            raise ParleyError(f"nobody answers for {awaited.seat}")
        _enter(sitting, sitting.table, command)
    return sitting.table


def _enter(sitting: Sitting, table: Table | None, command: Command) -> None:
    """Decide a command and take its facts in; a refused engine is a fault of ours."""
    facts = decide(table, command, 0)
    if isinstance(facts, Refusal):
        raise ParleyError(f"a command was refused: {facts.reason}")
    sitting.absorb([_event(fact, sitting.seq + n) for n, fact in enumerate(facts, start=1)])


def _event(fact: Fact, seq: int) -> Event:
    return Event(table_id="bench", seq=seq, at=0, audience=fact.audience, body=fact.body)


def as_data(case: Case, series: list[tuple[Condition, Summary]]) -> dict[str, Any]:
    """The measures as plain data."""
    return {
        "case": case.id,
        "case_hash": case_hash(case),
        "version": __version__,
        "leader": leader(case),
        "series": [asdict(condition) | asdict(found) for condition, found in series],
    }


def _head(case: Case, tables: int, seed: int) -> None:
    print(f"{case.title}: {tables} offline tables a series, seeds {seed} to {seed + tables - 1}")
    print("A party accepts at score >= minimum; no deal is a failure. Own sheet and public acts.")


def _print(condition: Condition, found: Summary) -> None:
    """One series for a terminal."""
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    helped = "no mediator"
    if condition.mediator != "none":
        helped = f"mediator by {condition.mediator}; {CANDOUR[condition.votes]}"
    chair = ", with a chair" if condition.chair else ""
    console.print(f"\n[bold]{condition.rounds} turns a party, {helped}{chair}[/bold]")
    for name, rate in (
        ("pass rule (n-1-way)", found.passed),
        ("all parties", found.all_way),
        ("any", found.any_way),
    ):
        interval = f"{rate.low:.1%} to {rate.high:.1%}"
        console.print(f"  {name:<24}{rate.share:>8.1%}   95 % interval {interval}")
    console.print(f"  {'wrong offers':<24}{found.wrong:>8.2%}")
    rows: list[tuple[str, Spread]] = [
        ("turns of all parties", found.turns),
        ("least normalised surplus", found.least),
        ("Nash ratio", found.nash),
    ]
    if condition.mediator != "none":
        rows.append(("drafts each voted on", found.ballots))
    for name, spread in rows:
        quartiles = f"{spread.low:.2f} to {spread.high:.2f}"
        console.print(
            f"  {name:<24}{spread.median:>8.2f}   quartiles {quartiles}, mean {spread.mean:.2f}"
        )
    left = [f"{seat} {share:.1%}" for seat, share in found.left_out.items() if share]
    console.print(f"  {'left out':<24}{', '.join(left) or 'nobody'}")
