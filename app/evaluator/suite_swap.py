"""Countries swapped: the same mandates under other names and ids, and whether it matters."""

from __future__ import annotations

from dataclasses import replace

from app.domain import bargaining
from app.domain.case import Case
from app.domain.table import Table
from app.evaluator.suite_scorers import NOT_PLAYED, Bench, Found, Measure
from app.evaluator.suite_table import Played
from app.evaluator.transcript import Unscored

SWAP = (
    Measure(name="names_differ", text="turns whose typed move changes with names", better="down"),
    Measure(name="turns_paired", text="turns compared"),
    Measure(
        name="ids_gap:", text="a mandate's share under another id less its share under its own"
    ),
)


def swap(played: Played, bench: Bench) -> Found:
    """The table again under swapped names, where no move may change, and under swapped ids.

    Order and temper are drawn by seed and id, so with ids one table changes; over many seeds
    each mandate should fare the same.
    """
    table, case = played.table, played.case
    gaps = [f"ids_gap:{seat}" for seat in case.seat_ids]
    if table is None or bench.replay is None:
        return Found(values=dict.fromkeys(("names_differ", "turns_paired", *gaps), NOT_PLAYED))
    one, other = course(table), course(bench.replay(renamed(case)))
    differ = sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
    found = Found(values={"names_differ": differ, "turns_paired": len(one)})
    turned = swapped(case)
    before = _shares(case, played.preset, table)
    after = _shares(turned, played.preset, bench.replay(turned))
    if before is None or after is None:
        lost = Unscored(reason="no_occasion", detail="nothing is signable")
        found.values |= dict.fromkeys(gaps, lost)
        return found
    for place, name in enumerate(gaps):
        found.values[name] = round(after[place] - before[place], 6)
    return found


def _shares(case: Case, preset: str, table: Table) -> list[float] | None:
    """Each mandate's share of what it could have gained, in the mandates' order."""
    surveyed = bargaining.survey(case, preset)
    if not surveyed.signable:
        return None
    signed = table.deal.package if table.deal else None
    return list(bargaining.shares(case, surveyed, signed).values())


def renamed(case: Case) -> Case:
    """Every delegation under the next one's public names; ids and all else stay."""
    seats = case.seats
    others = (*seats[1:], seats[0])
    new = (replace(a, name=b.name, short=b.short) for a, b in zip(seats, others, strict=True))
    return replace(case, seats=tuple(new))


def swapped(case: Case) -> Case:
    """Every delegation under the next one's id and names: mandates and arguments stay in place."""
    ids = case.seat_ids
    to = dict(zip(ids, (*ids[1:], ids[0]), strict=True))
    rule = case.rule
    return replace(
        case,
        seats=tuple(replace(seat, id=to[seat.id]) for seat in renamed(case).seats),
        mandates={to[s]: replace(m, seat=to[s]) for s, m in case.mandates.items()},
        issues=tuple(replace(i, owners=tuple(to[s] for s in i.owners)) for i in case.issues),
        rule=replace(
            rule,
            required=tuple(to[s] for s in rule.required),
            vetoes=tuple(to[s] for s in rule.vetoes),
        ),
        injects=(),
    )


def course(table: Table) -> list[tuple[object, ...]]:
    """The typed course of the talks: who did what in which turn, without the words."""
    return [
        (
            moved.turn,
            moved.seat,
            moved.move.endorse,
            tuple(one.offer for one in moved.move.withdraw),
            moved.move.package,
            moved.move.walk,
        )
        for moved in table.moves
    ]
