"""Styles change the course of the talks and names do not: rounds, concession, gains, name swaps."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from app.delegates import engine
from app.domain import bargaining
from app.domain.case import Case
from app.domain.mandate import Style
from app.domain.table import Table
from app.evaluator.suite_swap import course, renamed, swapped
from app.library import load_case
from bench.batch import JOBS, Job, Row, code_mark, kept_at, measure
from bench.domains import case_of, domain
from bench.figures import grid, mean, quartiles, share, spread, standard_error, verdict
from bench.sittings import play

ORDER = 40
FLAGSHIP = "table-for-five"
ZONE = 0.01
SEATS, ISSUES = 5, 8
LOOKS = (1, 3, 5, 7, 9)
"""Rounds at which the concession curve is printed."""

PARTS = ("one", "all", "flagship", "names", "ids")


def run(argv: list[str]) -> int:
    """Play the tables that are not kept yet, and print the figures of all."""
    parser = argparse.ArgumentParser(prog="python -m bench styles", description=__doc__)
    parser.add_argument("--tables", type=int, default=60, help="tables per style (60)")
    parser.add_argument("--first", type=int, default=1, help="first seed (1)")
    parser.add_argument("--parts", default=",".join(PARTS), help="parts, by commas")
    parser.add_argument("--jobs", type=int, default=JOBS, help="processes (2)")
    parser.add_argument("--out", help="file of partial results (in PARLEY_HOME)")
    parser.add_argument("--fresh", action="store_true", help="forget partial results")
    asked = parser.parse_args(argv)
    seeds = range(asked.first, asked.first + asked.tables)
    jobs: list[Job] = [
        {"part": part, "what": what, "seed": seed}
        for part in asked.parts.split(",")
        for what in _variants(part)
        for seed in seeds
    ]
    path = kept_at(asked.out, "styles")
    rows = measure(sit, jobs, processes=asked.jobs, path=path, fresh=asked.fresh)
    print(f"code {code_mark()}; ", end="")
    print(f"seeds {seeds[0]} to {seeds[-1]}, 10 rounds; words: one fixed sentence unless said")
    for part in asked.parts.split(","):
        held = [(j, r) for j, r in zip(jobs, rows, strict=True) if j["part"] == part]
        _PRINT[part](held)
    return 0


@cache
def styles() -> Mapping[str, Style]:
    """The plain style, and each style of the flagship's delegations by its kind."""
    mandates = load_case(FLAGSHIP).mandates.values()
    return {"plain": Style(), **{mandate.style.kind: mandate.style for mandate in mandates}}


def _variants(part: str) -> tuple[str, ...]:
    if part in ("one", "all"):
        return tuple(styles())
    if part == "flagship":
        return ("as written", *styles())
    return ("as written", "swapped") if part == "ids" else ("silent", "words")


def sit(job: Job) -> Row:
    """One table, or one pair of tables, as plain data."""
    part, what, seed = job["part"], job["what"], job["seed"]
    if part == "names":
        return _pair(seed, silent=what == "silent")
    case = _flagship(part, what) if part in ("flagship", "ids") else _random(part, what, seed)
    session = replace(case.session, rounds=10, chair=False, mediator="none", improve=False)
    table = play(case, seed, session, silent=True).table
    preset = session.preset
    found = bargaining.survey(case, preset)
    signed = table.deal.package if table.deal else None
    row: Row = {
        "deal": signed is not None,
        "rounds": table.round,
        "nash": bargaining.nash_ratio(case, found, signed),
        "shares": list(bargaining.shares(case, found, signed).values()),
    }
    if part == "one":
        seat = case.seat_ids[seed % SEATS]
        row["curve"] = _curve(table, seat)
        row["texts"] = sum(offer.by == seat for offer in table.offers)
        row["first_name"] = _first_name(table, seat)
    return row


def _random(part: str, what: str, seed: int) -> Case:
    """A random five-seat domain where one seat or all have the style."""
    held = domain(seed, seats=SEATS, issues=ISSUES, kind="mixed", zone=ZONE)
    chosen = styles()[what]
    given = (chosen if part == "all" or n == seed % SEATS else Style() for n in range(SEATS))
    return case_of(held, tuple(given))


@cache
def _flagship(part: str, what: str) -> Case:
    case = load_case(FLAGSHIP)
    if what == "as written":
        return case
    if part == "ids":
        return swapped(case)
    mandates = {s: replace(m, style=styles()[what]) for s, m in case.mandates.items()}
    return replace(case, mandates=mandates)


def _pair(seed: int, *, silent: bool) -> Row:
    """The flagship as written and under swapped names: how many turns differ."""
    case = load_case(FLAGSHIP)
    session = replace(case.session, chair=False, mediator="none", improve=False)
    one, other = (
        course(play(each, seed, session, silent=silent).table) for each in (case, renamed(case))
    )
    differ = sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
    return {"turns": len(one), "differ": differ}


def _curve(table: Table, seat: str) -> list[float | None]:
    """What the seat's last own text was worth to it at each look, as a share above its floor."""
    mandate = table.case.mandates[seat]
    floor = table.case.floor(seat, table.preset).total
    top = int(engine.own_packages(table, seat).totals[0])
    found: list[float | None] = []
    for look in LOOKS:
        own = [o for o in table.offers if o.by == seat and o.round <= look]
        if not own or look > table.round:
            found.append(None)
        else:
            found.append((mandate.total(own[-1].package) - floor) / max(1, top - floor))
    return found


def _first_name(table: Table, seat: str) -> int | None:
    """The round in which the seat first put its name to another's text."""
    rounds = {remark.turn: remark.round for remark in table.words}
    named = [m.turn for m in table.moves if m.seat == seat and m.move.endorse]
    return rounds.get(named[0]) if named else None


Held = Sequence[tuple[Job, Row]]


def _by_variant(held: Held) -> dict[str, list[tuple[Job, Row]]]:
    found: dict[str, list[tuple[Job, Row]]] = {}
    for job, row in held:
        found.setdefault(job["what"], []).append((job, row))
    return found


def _one(held: Held) -> None:
    print(
        f"\nOne seat of five has the style, four are plain; random tables, zone {100 * ZONE:g} %\n"
    )
    plain = {job["seed"]: row for job, row in held if job["what"] == "plain"}
    lines = []
    for what, pairs in _by_variant(held).items():
        rows = [row for _, row in pairs]
        own = [row["shares"][job["seed"] % SEATS] for job, row in pairs]
        gains = [
            mine - plain[job["seed"]]["shares"][job["seed"] % SEATS]
            for (job, _), mine in zip(pairs, own, strict=True)
            if job["seed"] in plain
        ]
        curve = [_middle([row["curve"][n] for row in rows]) for n in range(len(LOOKS))]
        lines.append(
            (
                what,
                share(sum(row["deal"] for row in rows), len(rows)),
                spread([row["rounds"] for row in rows if row["deal"]], 0),
                *curve,
                spread([row["texts"] for row in rows], 0),
                _middle([row["first_name"] for row in rows], 0),
                f"{mean(own):.3f}",
                f"{mean(gains):+.3f} ± {standard_error(gains):.3f}",
            )
        )
    head = ["style", "deals", "round of the deal", *(f"asks in {look}" for look in LOOKS)]
    head += ["texts tabled", "first name given", "own share", "against plain"]
    print(grid(head, lines))
    print("\nasks in n: worth of its last text in round n, 0 its floor, 1 its best; medians")


def _middle(values: Sequence[float | None], digits: int = 2) -> str:
    known = [value for value in values if value is not None]
    return f"{quartiles(known)[1]:.{digits}f}" if known else "-"


def _same(held: Held) -> None:
    place = "random tables" if held[0][0]["part"] == "all" else "the flagship, preset standard"
    print(f"\nAll five seats have the style; {place}\n")
    lines = []
    for what, pairs in _by_variant(held).items():
        rows = [row for _, row in pairs]
        lines.append(
            (
                what,
                share(sum(row["deal"] for row in rows), len(rows)),
                spread([row["rounds"] for row in rows if row["deal"]], 0),
                f"{mean([float(row['rounds']) for row in rows if row['deal']]):.2f}",
                spread([row["nash"] for row in rows]),
                spread([min(row["shares"]) for row in rows]),
            )
        )
    head = ("style", "deals", "round of the deal", "mean", "Nash ratio, signed", "smallest share")
    print(grid(head, lines))


def _names(held: Held) -> None:
    print("\nThe flagship under swapped names, ids unchanged: turns whose typed move differs\n")
    for what, pairs in _by_variant(held).items():
        turns = sum(row["turns"] for _, row in pairs)
        differ = sum(row["differ"] for _, row in pairs)
        print(verdict(f"names, {what}", differ == 0, f"{differ} of {turns} turns", "0"))


def _ids(held: Held) -> None:
    print("\nThe flagship with ids swapped too. Lists and temper are drawn by seed and id, so the")
    print("course of one seed changes; over the seeds each mandate should fare the same.\n")
    by = _by_variant(held)
    written, other = by["as written"], by["swapped"]
    lines = []
    for place, seat in enumerate(load_case(FLAGSHIP).seat_ids):
        before = [row["shares"][place] for _, row in written]
        after = [row["shares"][place] for _, row in other]
        gaps = [b - a for a, b in zip(before, after, strict=True)]
        gap, error = mean(gaps), standard_error(gaps)
        lines.append(
            (seat, f"{mean(before):.3f}", f"{mean(after):.3f}", f"{gap:+.3f} ± {error:.3f}")
        )
    print(grid(("mandate of", "share, own id", "share, other id", "difference"), lines))
    for what, pairs in by.items():
        deals = share(sum(row["deal"] for _, row in pairs), len(pairs))
        print(f"{what}: deals {deals}, Nash ratio {spread([row['nash'] for _, row in pairs])}")


_PRINT = {"one": _one, "all": _same, "flagship": _same, "names": _names, "ids": _ids}
