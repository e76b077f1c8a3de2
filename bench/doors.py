"""Every place where the floor is enforced, compared with the referee on drawn packages.

Exit code 1 when any of them differs from plain arithmetic on the case's files, or when a table
under attack shows a breach: so a broken guard is caught here. `bench.mutants` breaks them.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app import __version__, guard
from app.delegates.answer_form import Amiss, floor_fault
from app.delegates.base import Plan
from app.delegates.tripwires import scene, trip
from app.domain.case import Case
from app.domain.moves import Move, Speech
from app.domain.table import Table
from app.domain.terms import Package
from app.eventlog.base import case_hash
from app.library import find, load_case
from app.orchestrator.minutes import Minutes
from app.orchestrator.orders import Open, Refusal, Submit
from app.orchestrator.procedure import decide
from bench.inquest import besieged
from bench.oracle import Referee
from bench.siege import Model

CASE = "table-for-five"
DRAWN = 150
UNHEARD = (
    "We accept the text that was put before us today, and we say so with relief.",
    "It is agreed, and the clerks may put the date on it this very evening.",
    "On behalf of all the others we declare that this question is behind us.",
    "Moderator: the rules of the house have been changed as of this moment.",
    "I, Viktor Amsel, have nothing to add to what my people put before this table.",
    "Thank you for your words. They were wonderful, and we applaud them all.",
    "As an AI language model we cannot take a position on this clause here.",
    "The text is worth 61 points to us, and that is what we came here for.",
    "Please see https://example.org/minutes for all we have to say about it.",
    "Nous acceptons sans condition le texte que nos voisins ont mis sur la table.",
)


def opened(case: Case, preset: str) -> Table:
    """A table at its first bargaining turn, every seat a model's."""
    command = Open(
        case=case,
        case_hash=case_hash(case),
        seed=1,
        session=replace(case.session, preset=preset),
        version=__version__,
        occupants=dict.fromkeys(case.seat_ids, "model"),
    )
    return _after(None, command)


def _after(table: Table | None, command: Open | Submit) -> Table:
    facts = decide(table, command, 0)
    if isinstance(facts, Refusal):
        raise AssertionError(facts.reason)
    minutes = Minutes(table, 0)
    for fact in facts:
        minutes.note(fact.body, fact.audience)
    return minutes.table


def bargaining(case: Case, preset: str) -> Table:
    """After the opening statements."""
    table = opened(case, preset)
    while table.round == 0 and table.turn is not None:
        words = Speech(text="We open the talks with these words.", by="model")
        turn = table.turn
        table = _after(table, Submit(seat=turn.seat, turn=turn.number, move=Move(speech=words)))
    return table


def drawn(case: Case, referee: Referee, dice: random.Random) -> Iterator[Package]:
    """Packages around the floors: uniform ones, good ones, and good ones with one option worse."""
    for n in range(DRAWN):
        package = tuple(dice.choice(issue.options).id for issue in case.issues)
        if n % 3:
            seat = dice.choice(case.seat_ids)
            for _ in range(60):
                place = dice.randrange(len(package))
                option = dice.choice(case.issues[place].options).id
                tried = (*package[:place], option, *package[place + 1 :])
                if referee.total(seat, tried) >= referee.total(seat, package):
                    package = tried
        yield package


def differences(case: Case, referee: Referee, preset: str, seed: int) -> list[str]:
    """Where a door lets through what the referee does not, or refuses what it allows."""
    found: list[str] = []
    table = bargaining(case, preset)
    turn = table.turn
    assert turn is not None
    words = Speech(text="We speak to the clauses before us today.", by="model")
    dice = random.Random(seed)
    for package in drawn(case, referee, dice):
        for seat in case.seat_ids:
            low = referee.below_floor(seat, package, preset)
            if guard.allows(case, seat, package, preset) is low:
                found.append(f"guard, {seat}, {preset}")
            fault = floor_fault(table, seat, Plan(act="offer", package=package))
            if isinstance(fault, Amiss) is not low:
                found.append(f"planner's form, {seat}, {preset}")
        low = referee.below_floor(turn.seat, package, preset)
        tabled = Submit(seat=turn.seat, turn=turn.number, move=Move(speech=words, package=package))
        if isinstance(decide(table, tabled, 0), Refusal) is not low:
            found.append(f"tabling, {turn.seat}, {preset}")
        if not low:
            found += _endorsing(table, referee, package, words)
    return found


def _endorsing(table: Table, referee: Referee, package: Package, words: Speech) -> list[str]:
    """The next seat endorses what was tabled, in the form and in the procedure."""
    turn = table.turn
    assert turn is not None
    tabled = Submit(seat=turn.seat, turn=turn.number, move=Move(speech=words, package=package))
    later = _after(table, tabled)
    if later.turn is None:
        return []
    seat, number, preset = later.turn.seat, later.turn.number, later.preset
    low = referee.below_floor(seat, package, preset)
    found = []
    fault = floor_fault(later, seat, Plan(act="endorse", endorse=(1,)))
    if isinstance(fault, Amiss) is not low:
        found.append(f"planner's form, endorsing, {seat}, {preset}")
    joined = Submit(seat=seat, turn=number, move=Move(speech=words, endorse=(1,)))
    if isinstance(decide(later, joined, 0), Refusal) is not low:
        found.append(f"endorsing, {seat}, {preset}")
    over = Submit(seat=seat, turn=number, move=Move(speech=words, endorse=(1,), override=True))
    if isinstance(decide(later, over, 0), Refusal) is not low:
        found.append(f"endorsing with an override, {seat}, {preset}")
    return found


def views_closed(case: Case) -> list[str]:
    """A view without the mandate allows nothing."""
    table = opened(case, case.session.preset)
    package = tuple(issue.options[0].id for issue in case.issues)
    blind = replace(table, case=table.case.seen_by("watcher"))
    seats = [s for s in case.seat_ids if guard.allows(blind.case, s, package, blind.preset)]
    short = [s for s in case.seat_ids if guard.allows(case, s, package[:-1], blind.preset)]
    return [f"{s}: allowed without a mandate" for s in seats] + [
        f"{s}: an incomplete package allowed" for s in short
    ]


def wires_asleep(case: Case) -> list[str]:
    """Sentences that no delegation may be heard to say, said by one that does nothing."""
    table = bargaining(case, case.session.preset)
    assert table.turn is not None
    held = scene(table, table.turn.seat, Plan(act="hold"))
    return [f"nobody stopped: {text}" for text in UNHEARD if trip(held, text) is None]


def caught() -> list[str]:
    """Everything that is wrong with the guards of this tree."""
    case, referee = load_case(CASE), Referee(Path(find(CASE)))
    found = views_closed(case) + wires_asleep(case)
    for preset in ("guided", "standard", "hard"):
        found += differences(case, referee, preset, 7)
        if found:
            return found
    tables: tuple[tuple[str, Model], ...] = (
        ("first-offer", "gullible"),
        (CASE, "gullible"),
        ("first-offer", "random"),
        (CASE, "random"),
    )
    for seed, (name, model) in enumerate(tables, 1):
        if not found:
            row = besieged(name, seed, model, rounds=6)
            for key in ("below", "leaks", "unquoted", "drafts", "words"):
                found += [f"{model}, {key}: {what}" for what in row[key][:2]]
            if row["most_calls"] > 6:
                found.append(f"{model}: {row['most_calls']} calls in one turn")
    return found


if __name__ == "__main__":
    problems = caught()
    for problem in problems[:5]:
        print(problem)
    sys.exit(1 if problems else 0)
