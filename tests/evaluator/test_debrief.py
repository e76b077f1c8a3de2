"""Pages 1 to 4 and 9 against sums and searches that share no code with them."""

from __future__ import annotations

import pytest

from app.domain.case import Case
from app.domain.events import Event, LineCrossed
from app.domain.table import fold
from app.evaluator.debrief.frontier import Frontier
from app.evaluator.debrief.ground import Untold
from app.evaluator.debrief.leftover import Leftover
from app.evaluator.debrief.whole import Debrief, debrief
from app.evaluator.report import as_data
from app.evaluator.value import assess
from app.library import load_case
from tests import brute
from tests.evaluator.debriefed import (
    GOOD,
    bodies,
    cites,
    played,
    signed,
    small_tables,
)
from tests.plain import plain
from tests.talks import Said, Talks


@pytest.fixture(scope="module")
def flagship() -> tuple[Event, ...]:
    return played()


@pytest.fixture(scope="module")
def told(flagship: tuple[Event, ...]) -> Debrief:
    return debrief(flagship)


# -- 1, 2, 4 --------------------------------------------------------------------------------------


def check_accounts(
    told: Debrief, events: tuple[Event, ...], case: Case, *, every: bool = True
) -> None:
    package, preset = signed(events), fold(events).preset
    assert told.ledger.accounts == told.verdict.accounts
    assert [a.seat for a in told.verdict.accounts] == [seat.id for seat in case.seats]
    for account in told.verdict.accounts:
        held = brute.no_deal(case, account.seat)
        got = held if package is None else brute.worth(case, account.seat, package)
        assert [purse.no_deal for purse in account.purses] == held
        assert [purse.got for purse in account.purses] == got
        assert (account.total, account.gain) == (sum(got), sum(got) - sum(held))
        capital = case.mandates[account.seat].least.get(preset, 0)
        assert account.floor == max(sum(held) + case.gain, capital)
        if package is None:
            assert account.any is account.strong is account.each is None
            continue
        crossed = brute.crosses(case, account.seat, package)
        assert bool(account.crossed) == crossed
        some = not crossed and sum(got) - sum(held) >= case.gain
        assert account.any == some
        assert account.strong == (some and all(a >= b for a, b in zip(got, held, strict=True)))
        assert account.each == all(a > b for a, b in zip(got, held, strict=True))
        rows = [
            brute.worth(case, account.seat, p)
            for p in (brute.everything(case) if every else [])
            if all(brute.signs(case, s.id, p, preset) for s in case.seats)
        ]
        if rows:
            assert account.best == max(sum(row) for row in rows)
        for place, purse in enumerate(account.purses):
            sheet = case.mandates[account.seat].sheet
            paid = {n: sheet[n][option][place] for n, option in enumerate(package)}
            assert sum(p.points for p in purse.paid) == sum(paid.values())
    levels = {level.name: level.values for level in told.axes.levels}
    assert levels["no deal"] == {a.seat: a.no_deal for a in told.verdict.accounts}
    assert levels["floor"] == {a.seat: a.floor for a in told.verdict.accounts}
    assert ("outcome" in levels) == (package is not None)


def test_the_accounts_of_small_tables() -> None:
    endings = set()
    for events, case in small_tables(25):
        told = debrief(events)
        check_accounts(told, events, case)
        endings.add(told.verdict.outcome)
    assert len(endings) > 1


def test_the_accounts_of_the_flagship(told: Debrief, flagship: tuple[Event, ...]) -> None:
    check_accounts(told, flagship, load_case("table-for-five"), every=False)
    case, package = load_case("table-for-five"), signed(flagship)
    assert package is not None
    nothing = [
        (seat, currency)
        for seat, mandate in case.mandates.items()
        for currency, got, held in zip(
            case.currencies, mandate.worth(package), mandate.no_deal, strict=True
        )
        if got == held
    ]
    purses = [(a, p) for a in told.verdict.accounts for p in a.purses if p.gain == 0]
    assert sorted((a.seat, p.currency) for a, p in purses) == sorted(nothing)
    assert nothing
    assert not any(a.each for a, _ in purses)


def test_every_clause_says_what_the_package_says(
    told: Debrief, flagship: tuple[Event, ...]
) -> None:
    assert tuple(clause.option for clause in told.verdict.clauses) == signed(flagship)
    for clause in told.verdict.clauses:
        issue = next(i for i in load_case("table-for-five").issues if i.id == clause.issue)
        others = [o.label for o in issue.options if o.id != clause.option]
        assert clause.text == issue.option(clause.option).text
        if clause.cite is not None and clause.label not in clause.cite.text:
            assert not any(label in clause.cite.text for label in others)


def test_every_quote_is_a_slice_of_that_turn(told: Debrief, flagship: tuple[Event, ...]) -> None:
    said = {body.turn: body for body in bodies(flagship, "seat.moved")}
    found = list(cites(told))
    assert len(found) > 40
    for cite in found:
        assert not cite.between
        assert cite.text in said[cite.turn].move.speech.text
        assert (cite.seat, cite.voice) == (said[cite.turn].seat, said[cite.turn].move.speech.by)


# -- 3, 9 -----------------------------------------------------------------------------------------


def test_frontier_and_left_on_the_table_of_small_tables() -> None:
    better = 0
    for events, case in small_tables(25):
        told = debrief(events)
        preset, package = fold(events).preset, signed(events)
        able = [
            [sum(brute.worth(case, s.id, p)) for s in case.seats]
            for p in brute.everything(case)
            if all(brute.signs(case, s.id, p, preset) for s in case.seats)
        ]
        if not able:
            assert isinstance(told.frontier, Untold)
            continue
        assert isinstance(told.frontier, Frontier)
        best = [row for row in able if not brute.is_dominated(row, able)]
        names = [seat.id for seat in case.seats]
        for pair in told.frontier.pairs:
            a, b = (names.index(seat) for seat in pair.seats)
            cloud = {(row[a], row[b]) for row in able}
            assert set(pair.cloud) == cloud
            assert set(pair.undominated) == {(row[a], row[b]) for row in best}
            edge = {
                (x, y)
                for x, y in cloud
                if not any(u >= x and v >= y and (u, v) != (x, y) for u, v in cloud)
            }
            assert set(pair.edge) == edge
            assert sum(column.packages for column in pair.columns) == len(able)
        if package is None or not isinstance(told.leftover, Leftover):
            continue
        now = [sum(brute.worth(case, s.id, package)) for s in case.seats]
        ahead = [row for row in able if brute.is_dominated(now, [row])]
        assert told.leftover.dominators == len(ahead)
        assert len(told.leftover.better) == min(5, len(ahead))
        better += len(ahead) > 0
        for each in told.leftover.better:
            assert [now[n] + each.gains[s] for n, s in enumerate(names)] in ahead
        for away in told.leftover.aways:
            place = [i.id for i in case.issues].index(away.change.issue)
            other = (*package[:place], away.change.option, *package[place + 1 :])
            for n, seat in enumerate(names):
                assert sum(brute.worth(case, seat, other)) - now[n] == away.shifts.get(seat, 0)
                said_no = seat in [who for who, _ in away.below]
                assert said_no == (not brute.signs(case, seat, other, preset))
    assert better


def test_an_improvement_taken_below_ones_floor_is_in_force_and_marked() -> None:
    case, bad = plain(), ("water-b", "power-b", "border-c")
    table = Talks(case).say([Said(seat="north", package=GOOD)]).agree(1)
    breaches = case.breaches("north", bad, "standard")
    table.note(LineCrossed(turn=1, seat="north", offer=0, breaches=breaches))
    table.improve(bad, accepted=True).close("agreement")
    told = debrief(table.events)
    assert "in its answer to the improvement, turn 1 (the text signed)" in told.verdict.overrides[0]
    assert [a.overridden for a in told.verdict.accounts] == [True, False]
    assert [(c.offer, c.signed) for c in told.slips.crossings] == [(0, True)]
    (row,) = as_data(assess(table.table))["overrides"]
    assert (row["offer"], row["signed"]) == (0, True)
