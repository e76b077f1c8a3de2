"""Tables of AI seats only: deals, readings, thinnest seat, Nash ratio, turns, processor time."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from app.domain import bargaining
from app.domain.case import Case
from app.evaluator.verdict import Verdict, Yard, judge, yard
from app.library import find, load_case
from bench.baselines import baselines
from bench.batch import JOBS, Job, Row, code_mark, kept_at, measure
from bench.figures import grid, share, spread, verdict
from bench.oracle import Referee
from bench.sittings import MODES, play, signatures, with_mode

ORDER = 10

_warm: set[str] = set()


def run(argv: list[str]) -> int:
    """Play the tables that are not kept yet, and print the figures of all."""
    asked = _options().parse_args(argv)
    jobs: list[Job] = [
        {
            "table": table,
            "preset": preset,
            "rounds": asked.rounds,
            "mode": mode,
            "seed": seed,
            "silent": asked.silent,
        }
        for table in asked.tables.split(",")
        for preset in asked.presets.split(",")
        for mode in asked.modes.split(",")
        for seed in range(asked.first, asked.first + asked.seeds)
    ]
    path = kept_at(asked.out, "tables")
    rows = measure(sit, jobs, processes=asked.jobs, path=path, fresh=asked.fresh)
    held = list(zip(jobs, rows, strict=True))
    print(f"code {code_mark()}; ", end="")
    print(
        f"seeds {asked.first} to {asked.first + asked.seeds - 1}, {asked.rounds} rounds, "
        f"words: {'one fixed sentence (--silent)' if asked.silent else 'the phrasebook'}"
    )
    for table in asked.tables.split(","):
        for preset in asked.presets.split(","):
            mine = [
                (job, row) for job, row in held if (job["table"], job["preset"]) == (table, preset)
            ]
            _report(table, preset, mine, asked.first)
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench tables", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="tables per mode (200)")
    parser.add_argument("--first", type=int, default=1, help="first seed (1)")
    parser.add_argument("--tables", default="table-for-five,first-offer", help="names, by commas")
    parser.add_argument("--presets", default="standard", help="presets, by commas")
    parser.add_argument("--modes", default=",".join(MODES), help="modes, by commas")
    parser.add_argument("--rounds", type=int, default=10, help="bargaining rounds (10)")
    parser.add_argument("--silent", action="store_true", help="fixed sentences: faster")
    parser.add_argument("--jobs", type=int, default=JOBS, help="processes (2)")
    parser.add_argument("--out", help="file of partial results (in PARLEY_HOME)")
    parser.add_argument("--fresh", action="store_true", help="forget partial results")
    return parser


@cache
def _case(table: str) -> tuple[Case, Referee]:
    return load_case(table), Referee(find(table))


def sit(job: Job) -> Row:
    """One table, as plain data. The improvement step is on, so both packages are real."""
    case, referee = _case(job["table"])
    usual = replace(case.session, preset=job["preset"], rounds=job["rounds"], improve=True)
    session = with_mode(usual, job["mode"])
    played = play(case, job["seed"], session, silent=job["silent"])
    table = played.table
    cold = job["table"] not in _warm
    _warm.add(job["table"])
    acts = signatures(table)
    return {
        "signed": list(table.deal.package) if table.deal else None,
        "final": list(table.signed) if table.signed else None,
        "by_all": table.deal is not None and set(table.deal.backers) == set(case.seat_ids),
        "improvement": table.improved.outcome if table.improved else "",
        "rounds": table.round,
        "turns": table.turns,
        "offers": len(table.offers),
        "acts": len(acts),
        "below": sum(referee.below_floor(seat, text, job["preset"]) for seat, text in acts),
        "seconds": played.seconds,
        "cold": cold,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The tables of one mode with their verdicts, as signed and after improvement."""

    rows: Sequence[Row]
    signed: Sequence[Verdict]
    final: Sequence[Verdict]

    @property
    def deals(self) -> Sequence[Row]:
        """Tables that ended in a deal."""
        return [row for row in self.rows if row["signed"]]


def _report(table: str, preset: str, held: Sequence[tuple[Job, Row]], seed: int) -> None:
    case, referee = _case(table)
    ground = yard(case, preset, bargaining.survey(case, preset))
    modes = list(dict.fromkeys(job["mode"] for job, _ in held))
    judged = {
        mode: _judged(ground, [row for job, row in held if job["mode"] == mode]) for mode in modes
    }
    print(f"\n{case.title}, preset {preset}: {ground.found.signable:,} of {ground.found.count:,}")
    print("packages are signable by all.\n")
    lines = [_column(referee, judged[mode]) for mode in modes]
    print(grid(["", *modes], [(name, *(line[name] for line in lines)) for name in lines[0]]))
    print("\nThinnest seat (the smallest share of its best signable gain), as signed:\n")
    print(
        grid(["seat", *modes], [(s, *(_thin(judged[m], s) for m in modes)) for s in case.seat_ids])
    )
    print("\nWithout talks:\n")
    cells = [
        (b.name, share(b.signable, b.tried), f"{b.refusers:.1f}")
        for b in baselines(case, preset, seed)
    ]
    print(grid(["baseline", "signable by all", "seats that refuse, mean"], cells))
    if (table, preset) == ("table-for-five", "standard") and "no helper" in judged:
        print()
        print("\n".join(_targets(judged["no helper"])))


def _judged(ground: Yard, rows: Sequence[Row]) -> Judged:
    known: dict[tuple[str, ...] | None, Verdict] = {}

    def of(package: list[str] | None) -> Verdict:
        key = tuple(package) if package else None
        if key not in known:
            known[key] = judge(ground, key)
        return known[key]

    return Judged(
        rows=rows,
        signed=[of(row["signed"]) for row in rows],
        final=[of(row["final"]) for row in rows],
    )


def _column(referee: Referee, judged: Judged) -> dict[str, str]:
    """Every figure of one mode. Tables without a deal count in every share and every ratio."""
    rows, count = judged.rows, len(judged.rows)
    found = {"deal signed by all": share(sum(row["by_all"] for row in rows), count)}
    for when, verdicts in (("as signed", judged.signed), ("after improvement", judged.final)):
        for name in ("any", "strong", "each"):
            passed = sum(bool(v.package) and getattr(v.readings, name) for v in verdicts)
            checked = sum(
                bool(v.package) and referee.readings(v.package or ())[name] for v in verdicts
            )
            if passed != checked:
                raise AssertionError(f"the referee counts {checked} for {name}, not {passed}")
            found[f"{name}, {when}"] = share(passed, count)
    for when, verdicts in (("as signed", judged.signed), ("after improvement", judged.final)):
        found[f"Nash ratio, {when}"] = spread([v.measures.nash_ratio for v in verdicts])
        found[f"on the frontier, {when}"] = share(
            sum(v.measures.on_frontier for v in verdicts), count
        )
        found[f"smallest share, {when}"] = spread([_least(v) for v in verdicts])
    deals = judged.deals
    found["rounds to the deal"] = spread([row["rounds"] for row in deals], 0)
    found["turns, statements included"] = spread([row["turns"] for row in deals], 0)
    found["offers on the table"] = spread([row["offers"] for row in rows], 0)
    found["distinct deals as signed"] = str(len({tuple(row["signed"]) for row in deals}))
    found["distinct final deals"] = str(len({tuple(row["final"]) for row in deals}))
    below, acts = sum(row["below"] for row in rows), sum(row["acts"] for row in rows)
    found["signatures below a floor (referee)"] = f"{below} of {acts:,}"
    found["CPU seconds a table"] = spread([r["seconds"] for r in rows if not r["cold"]], 2)
    return found


def _least(found: Verdict) -> float:
    """The thinnest seat's share; 0 without a deal."""
    return min((seat.use or 0.0) for seat in found.seats) if found.package else 0.0


def _thin(judged: Judged, seat: str) -> str:
    """How often the seat is the thinnest, and its median share then."""
    hits = [v for v in judged.signed if seat in v.thinnest]
    counted = Counter(len(v.thinnest) > 1 for v in hits)
    shared = f", {counted[True]} shared" if counted[True] else ""
    return f"{len(hits)}{shared}: {spread([_least(v) for v in hits], 2)}" if hits else "0"


def _targets(judged: Judged) -> list[str]:
    """What the project promises of the flagship without helpers."""
    count = len(judged.rows)
    deals = sum(row["by_all"] for row in judged.rows)
    strong = sum(bool(v.package) and v.readings.strong for v in judged.final)
    ratios = sorted(v.measures.nash_ratio for v in judged.final)
    middle = (ratios[(count - 1) // 2] + ratios[count // 2]) / 2
    below = sum(row["below"] for row in judged.rows)
    warm = sorted(row["seconds"] for row in judged.rows if not row["cold"])
    slow = warm[-1] if warm else 0.0
    return [
        verdict("deals by all five", deals >= 0.98 * count, share(deals, count), "98 %"),
        verdict("strong after improvement", strong >= 0.9 * count, share(strong, count), "90 %"),
        verdict("median Nash ratio after improvement", middle >= 0.9, f"{middle:.3f}", "0.90"),
        verdict("signatures below a floor", below == 0, str(below), "0"),
        verdict("CPU of the slowest table after start", slow < 3, f"{slow:.2f} s", "under 3 s"),
    ]
