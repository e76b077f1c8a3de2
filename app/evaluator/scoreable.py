"""The measures of the LLM-Deliberation literature, and ours beside them, for finished tables.

A party accepts a package when its score reaches its minimum (score >= minimum). A table that
ends without a deal counts as a failure everywhere. Both are stated because published code
differs on both.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, quantiles

from app.domain.bargaining import Survey, nash_ratio
from app.domain.case import Case
from app.domain.table import Table
from app.domain.terms import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One finished table.

    `passed`: the deal's scores meet the pass rule (n-1-way in the games). `all_way`: every party
    reaches its minimum, the leader with its unanimity bonus counted. `any_way`: some package the
    leader tabled, or the deal, meets the pass rule. `wrong`: share of the packages tabled by
    seats that are below the proposer's own minimum. `turns` counts bargaining turns of seats.
    """

    seed: int
    passed: bool
    all_way: bool
    any_way: bool
    wrong: float
    turns: int
    rounds: int
    ballots: int
    left_out: tuple[str, ...]
    least: float
    nash: float


def leader(case: Case) -> str:
    """The party that leads: the one with a unanimity bonus, else the first that must agree."""
    return next(iter((*case.rule.unanimity_bonus, *case.rule.required, *case.seat_ids)))


def reached(case: Case, package: Package, preset: str, *, bonus: bool = False) -> frozenset[str]:
    """Parties whose score of a package reaches their minimum, with the bonus if it is counted."""
    extra = case.rule.unanimity_bonus if bonus else {}
    return frozenset(
        seat
        for seat, mandate in case.mandates.items()
        if mandate.total(package) + extra.get(seat, 0) >= case.floor(seat, preset).total
    )


def outcome(table: Table, found: Survey) -> Outcome:
    """What a finished table comes to; `found` is the survey of its case and preset."""
    case, preset, first = table.case, table.preset, leader(table.case)
    deal = table.signed
    tabled = [offer for offer in table.offers if offer.by in case.seat_ids]
    wrong = [o for o in tabled if o.by not in reached(case, o.package, preset, bonus=True)]
    content = reached(case, deal, preset) if deal is not None else frozenset()
    everybody = deal is not None and reached(case, deal, preset, bonus=True) == set(case.seat_ids)
    tries = [offer.package for offer in tabled if offer.by == first]
    tries += [deal] if deal is not None else []
    return Outcome(
        seed=table.seed,
        passed=deal is not None and case.rule.passes(content),
        all_way=everybody,
        any_way=any(case.rule.passes(reached(case, package, preset)) for package in tries),
        wrong=len(wrong) / len(tabled) if tabled else 0.0,
        turns=table.turns - len(case.seats),
        rounds=table.round,
        ballots=sum(len(drafts) for drafts, _ in table.polls),
        left_out=tuple(s for s in case.seat_ids if s not in content) if deal is not None else (),
        least=least_surplus(case, deal, preset),
        nash=nash_ratio(case, found, deal),
    )


def least_surplus(case: Case, deal: Package | None, preset: str) -> float:
    """The worst party's (score - minimum) / (highest score - minimum); 0 without a deal."""
    if deal is None:
        return 0.0
    shares = []
    for seat, mandate in case.mandates.items():
        floor = case.floor(seat, preset).total
        reach = mandate.best() - floor
        shares.append((mandate.total(deal) - floor) / reach if reach > 0 else 0.0)
    return min(shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean, median and quartiles of some numbers."""

    mean: float
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of tables with its 95 % interval (Wilson)."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Many tables of one case under one condition."""

    tables: int
    first_seed: int
    passed: Rate
    all_way: Rate
    any_way: Rate
    wrong: float
    turns: Spread
    rounds: Spread
    ballots: Spread
    least: Spread
    nash: Spread
    left_out: Mapping[str, float]


def summary(case: Case, outcomes: Sequence[Outcome]) -> Summary:
    """The measures over all tables; ValueError without any."""
    if not outcomes:
        raise ValueError("no tables to sum up")
    missed = Counter(seat for each in outcomes for seat in each.left_out)
    return Summary(
        tables=len(outcomes),
        first_seed=outcomes[0].seed,
        passed=rate([each.passed for each in outcomes]),
        all_way=rate([each.all_way for each in outcomes]),
        any_way=rate([each.any_way for each in outcomes]),
        wrong=mean(each.wrong for each in outcomes),
        turns=spread([each.turns for each in outcomes]),
        rounds=spread([each.rounds for each in outcomes]),
        ballots=spread([each.ballots for each in outcomes]),
        least=spread([each.least for each in outcomes]),
        nash=spread([each.nash for each in outcomes]),
        left_out={seat: missed[seat] / len(outcomes) for seat in case.seat_ids},
    )


def spread(values: Sequence[float]) -> Spread:
    """Mean, median and quartiles."""
    many = len(values) > 1
    low, median, high = quantiles(values, n=4, method="inclusive") if many else [values[0]] * 3
    return Spread(mean=mean(values), low=low, median=median, high=high)


def rate(hits: Sequence[bool]) -> Rate:
    """A share with its Wilson interval at 95 %."""
    n, z = len(hits), 1.959964
    share = sum(hits) / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Rate(share=share, low=max(0.0, middle - half), high=min(1.0, middle + half))
