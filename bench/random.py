"""Random tables: deals, Nash ratio and turns by conflict and tightness; empty zones; toughness."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence

import numpy as np

from app.domain import bargaining
from app.domain.case import Case
from app.domain.mandate import Style
from app.domain.opening import openings
from app.domain.table import Table
from app.domain.terms import Package
from bench.batch import JOBS, Job, Row, code_mark, kept_at, measure
from bench.domains import KINDS, Domain, all_totals, case_of, domain, lowered
from bench.figures import grid, mean, share, spread, standard_error, verdict
from bench.sittings import play, signatures, with_mode

ORDER = 20
ZONES = (0.03, 0.003, 0.0003, 0.0001)
TIGHT = 0.0002
LADDER = (0.1, 0.03, 0.01, 0.001, TIGHT)
HARD = Style(kind="hard-bargainer", exponent=0.3, reciprocity=0.2, patience=9)
SOFT = Style()
SIZES = ((2, 3), (4, 6), (7, 10))
LOOK = 4
"""The round in which it is looked how far the seats have come down."""

PARTS = ("sweep", "five", "ladder", "empty", "hard")


def run(argv: list[str]) -> int:
    """Play the random tables that are not kept yet, and print the figures of all."""
    asked = _options().parse_args(argv)
    made = {part: _jobs(part, asked) for part in asked.parts.split(",")}
    jobs = [job for part in made.values() for job in part]
    path = kept_at(asked.out, "random")
    rows = measure(sit, jobs, processes=asked.jobs, path=path, fresh=asked.fresh)
    print(f"code {code_mark()}; ", end="")
    print(
        f"{asked.tables} tables a set, first seed {asked.first}, {asked.rounds} rounds; "
        "words: one fixed sentence; deals improved where all accept"
    )
    for part, mine in made.items():
        held = [(job, row) for job, row in zip(jobs, rows, strict=True) if job in mine]
        print(f"\n{PRINTED[part][0]}\n")
        PRINTED[part][1](held)
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench random", description=__doc__)
    parser.add_argument("--tables", type=int, default=200, help="random tables per set (200)")
    parser.add_argument("--first", type=int, default=1, help="first seed (1)")
    parser.add_argument("--rounds", type=int, default=10, help="bargaining rounds (10)")
    parser.add_argument("--parts", default=",".join(PARTS), help="sets, by commas")
    parser.add_argument("--jobs", type=int, default=JOBS, help="processes (2)")
    parser.add_argument("--out", help="file of partial results (in PARLEY_HOME)")
    parser.add_argument("--fresh", action="store_true", help="forget partial results")
    return parser


def _jobs(part: str, asked: argparse.Namespace) -> list[Job]:
    """The tables of one set."""
    seeds = range(asked.first, asked.first + asked.tables)
    usual = {"part": part, "rounds": asked.rounds, "mode": "no helper", "hard": "none"}
    five = {**usual, "seats": 5, "issues": 8}
    two = ("camps", "mixed")
    if part == "sweep":
        return [{**usual, "seed": seed, **_drawn(seed)} for seed in seeds]
    if part == "five":
        return [
            {**five, "seed": seed, "kind": two[seed % 2], "zone": TIGHT, "mode": mode}
            for mode in ("no helper", "chair", "votes", "ranks")
            for seed in seeds
        ]
    if part == "ladder":
        few = range(asked.first, asked.first + max(1, asked.tables // 4))
        return [{**five, "seed": s, "kind": two[s % 2], "zone": z} for z in LADDER for s in few]
    if part == "empty":
        return [{**usual, "seed": seed, **_drawn(seed), "zone": 0.0} for seed in seeds]
    return [
        {**five, "seed": seed, "kind": two[seed % 2], "zone": 0.001, "hard": hard}
        for hard in ("none", "one", "all")
        for seed in seeds
    ]


def _drawn(seed: int) -> dict[str, object]:
    """Size, conflict and tightness of a seed's table."""
    dice = random.Random(f"sweep/{seed}")
    return {
        "seats": dice.randint(2, 10),
        "issues": dice.randint(3, 12),
        "kind": dice.choice(KINDS),
        "zone": dice.choice(ZONES),
    }


def sit(job: Job) -> Row:
    """One random table, as plain data; in the set of empty zones also what would open it."""
    held = domain(
        job["seed"], seats=job["seats"], issues=job["issues"], kind=job["kind"], zone=job["zone"]
    )
    styles = _styles(job["hard"], job["seats"], job["seed"])
    case = case_of(held, styles, job["rounds"])
    session = with_mode(case.session, job["mode"])
    played = play(case, job["seed"], session, silent=True)
    table = played.table
    signed = table.deal.package if table.deal else None
    found = bargaining.survey(case, "standard")
    row: Row = {
        "packages": held.packages,
        "signable": held.signable,
        "surveyed": found.signable,
        "deal": signed is not None,
        "rounds": table.round,
        "turns": table.turns,
        "given": _given(held, table),
        "below": _below(held, case, signatures(table)),
        "seconds": played.seconds,
        "opening": _opening(held, case) if not held.signable else None,
    }
    for when, package in (("signed", signed), ("final", table.signed)):
        row[when] = _measured(case, found, package)
    return row


def _given(held: Domain, table: Table) -> float:
    """How much of the way from its best to its floor the seats' last texts of round 4 are, mean."""
    found = []
    for place, seat in enumerate(table.case.seat_ids):
        own = [o for o in table.offers if o.by == seat and o.round <= LOOK]
        best = sum(max(row) for row in held.sheets[place])
        if own and best > held.floors[place]:
            worth = held.total(place, table.agenda.indices(own[-1].package))
            found.append((best - worth) / (best - held.floors[place]))
    return mean(found) if found else 0.0


def _styles(hard: str, seats: int, seed: int) -> tuple[Style, ...]:
    """Who is hard: nobody, one seat that moves on with the seed, or all."""
    tough = {"none": set(), "one": {seed % seats}, "all": set(range(seats))}[hard]
    return tuple(HARD if seat in tough else SOFT for seat in range(seats))


def _below(held: Domain, case: Case, acts: Sequence[tuple[str, Package]]) -> int:
    """Signatures below a floor, by the domain's own plain numbers."""
    seats = case.seat_ids
    return sum(
        held.total(seats.index(seat), case.agenda.indices(text)) < held.floors[seats.index(seat)]
        for seat, text in acts
    )


def _measured(case: Case, found: bargaining.Survey, package: Package | None) -> Row:
    """Nash ratio, smallest gain against the best smallest gain, efficiency, each seat's share."""
    shares = bargaining.shares(case, found, package)
    best = int((found.totals - found.no_deal).min(axis=1).max()) if found.signable else 0
    least = min(bargaining.surplus(case, package)) if package else 0
    return {
        "nash": bargaining.nash_ratio(case, found, package),
        "least": least / best if best else 0.0,
        "efficient": package is not None and not bargaining.dominated(case, found, package),
        "shares": list(shares.values()),
    }


def _opening(held: Domain, case: Case) -> Row:
    """What opens an empty zone: the desk's smallest single change, tried out on the domain itself.

    Beside it the fewest points that all floors together must come down for some package.
    """
    short = np.maximum(np.array(held.floors)[:, None] - all_totals(held.sheets), 0)
    nearest = int(short.sum(axis=0).argmin())
    row: Row = {
        "points": None,
        "together": int(short[:, nearest].sum()),
        "seats": int((short[:, nearest] > 0).sum()),
    }
    floors = [way for way in openings(case, "standard") if way.points]
    if floors:
        points, seat = floors[0].points, case.seat_ids.index(floors[0].seat)
        others = range(len(held.floors))
        row["points"] = points
        row["opens"] = lowered(held, seat, points).signable > 0
        row["least"] = not any(lowered(held, n, points - 1).signable for n in others)
    return row


Held = Sequence[tuple[Job, Row]]
HEAD = (
    "tables",
    "zone, packages",
    "deals",
    "Nash ratio, signed",
    "mean",
    "Nash ratio, improved",
    "mean",
    "least gain, signed",
    "efficient, signed",
    "round of the deal",
    "mean",
    "given up by round 4",
    "turns",
)


def _line(name: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """Figures of some tables; a table without a deal counts 0 in every ratio."""
    deals = [row for row in rows if row["deal"]]
    return (
        name,
        spread([row["signable"] for row in rows], 0),
        share(len(deals), len(rows)),
        spread([row["signed"]["nash"] for row in rows], 2),
        f"{mean([row['signed']['nash'] for row in rows]):.3f}",
        spread([row["final"]["nash"] for row in rows], 2),
        f"{mean([row['final']['nash'] for row in rows]):.3f}",
        spread([row["signed"]["least"] for row in rows], 2),
        share(sum(row["signed"]["efficient"] for row in deals), len(deals)),
        spread([row["rounds"] for row in deals], 0),
        f"{mean([float(row['rounds']) for row in deals]):.2f}" if deals else "-",
        f"{mean([row['given'] for row in rows]):.2f}",
        spread([row["turns"] for row in deals], 0),
    )


def _safety(held: Held) -> None:
    below = sum(row["below"] for _, row in held)
    print(f"\nSignatures below a floor, by the domains' plain numbers: {below}")
    failed: dict[int, list[str]] = {}
    for job, row in held:
        if row["signable"] and not row["deal"]:
            failed.setdefault(job["seed"], []).append(f"{100 * job['zone']:g} %")
    if failed:
        named = [f"{seed} ({', '.join(zones)})" for seed, zones in sorted(failed.items())]
        print(f"Seeds without a deal, with their zones: {', '.join(named)}")


def _sweep(held: Held) -> None:
    groups: list[tuple[str, str, tuple[object, ...]]] = [("all", "part", ("sweep",))]
    groups += [(f"{a} to {b} seats", "seats", (*range(a, b + 1),)) for a, b in SIZES]
    groups += [(kind, "kind", (kind,)) for kind in KINDS]
    groups += [(f"zone {100 * zone:g} %", "zone", (zone,)) for zone in ZONES]
    lines = [
        _line(name, [row for job, row in held if job[key] in values])
        for name, key, values in groups
    ]
    print(grid(HEAD, lines))
    _safety(held)


def _five(held: Held) -> None:
    modes = list(dict.fromkeys(job["mode"] for job, _ in held))
    by = {mode: [row for job, row in held if job["mode"] == mode] for mode in modes}
    lines = [_line(mode, rows) for mode, rows in by.items()]
    for kind in ("camps", "mixed"):
        mine = [r for j, r in held if j["kind"] == kind and j["mode"] == "no helper"]
        lines.append(_line(f"no helper, {kind}", mine))
    print(grid(HEAD, lines))
    _safety([(job, row) for job, row in held if job["mode"] == "no helper"])
    rows = by["no helper"]
    deals, count = sum(row["deal"] for row in rows), len(rows)
    print()
    print(verdict("deals, no helper", deals >= 0.98 * count, share(deals, count), "98 %"))
    for when in ("signed", "final"):
        ratio = mean([row[when]["nash"] for row in rows])
        print(verdict(f"mean Nash ratio, {when}", ratio >= 0.85, f"{ratio:.3f}", "0.85"))


def _ladder(held: Held) -> None:
    lines = [
        _line(f"zone {100 * zone:g} %", [row for job, row in held if job["zone"] == zone])
        for zone in LADDER
    ]
    print(grid(HEAD, lines))
    _safety(held)


def _empty(held: Held) -> None:
    rows = [row for _, row in held if not row["signable"]]
    agreed = sum(row["surveyed"] == row["signable"] for _, row in held)
    deals = sum(row["deal"] for row in rows)
    print(f"{len(rows)} of {len(held)} domains are empty; the survey agrees on {agreed}\n")
    print(verdict("deals on an empty zone", not deals, str(deals), "0"))
    ways = [row["opening"] for row in rows]
    single = [way for way in ways if way["points"] is not None]
    shown = [
        ("one seat's floor alone can open it", share(len(single), len(ways))),
        ("points of 1,000 it must come down", spread([way["points"] for way in single], 0)),
        ("so lowered, it opens", share(sum(way["opens"] for way in single), len(single))),
        (
            "one point less, no seat's floor opens it",
            share(sum(way["least"] for way in single), len(single)),
        ),
        ("fewest points of all floors together", spread([way["together"] for way in ways], 0)),
        ("seats whose floors then move", spread([way["seats"] for way in ways], 0)),
    ]
    print("\n" + grid(("smallest change of mandates", ""), shown))


def _hard(held: Held) -> None:
    lines = []
    for name, asked in (("nobody hard", "none"), ("one hard", "one"), ("all hard", "all")):
        rows = [(job, row) for job, row in held if job["hard"] == asked]
        own = [row["signed"]["shares"][job["seed"] % job["seats"]] for job, row in rows]
        rest = [
            mean([s for n, s in enumerate(row["signed"]["shares"]) if n != job["seed"] % 5])
            for job, row in rows
        ]
        only = [row for _, row in rows]
        lines.append(
            (
                name,
                share(sum(row["deal"] for row in only), len(only)),
                f"{mean(own):.3f} ± {standard_error(own):.3f}",
                f"{mean(rest):.3f} ± {standard_error(rest):.3f}",
                spread([row["signed"]["nash"] for row in only], 2),
                spread([row["rounds"] for row in only if row["deal"]], 0),
            )
        )
    head = ("", "deals", "that seat's share", "the others' share", "Nash ratio, signed", "round")
    print(grid(head, lines))
    soft = {job["seed"]: row for job, row in held if job["hard"] == "none"}
    gains = [
        row["signed"]["shares"][job["seed"] % 5]
        - soft[job["seed"]]["signed"]["shares"][job["seed"] % 5]
        for job, row in held
        if job["hard"] == "one"
    ]
    print(
        f"\nGain of being hard, seed by seed: {mean(gains):+.3f} ± {standard_error(gains):.3f} "
        "of the seat's best signable gain (mean and standard error; no deal counts 0)"
    )


PRINTED: dict[str, tuple[str, Callable[[Held], None]]] = {
    "sweep": ("2 to 10 seats, 3 to 12 issues, any conflict, zones of 3 % to 0.01 %", _sweep),
    "five": ("Five seats, eight issues, a zone of 0.02 %", _five),
    "ladder": ("Five seats: a tighter zone is yielded at earlier, and closes later", _ladder),
    "empty": ("Empty zones", _empty),
    "hard": ("One hard bargainer among five, a zone of 0.1 %", _hard),
}
