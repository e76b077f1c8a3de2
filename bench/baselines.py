"""What comes out where nobody bargains: no talk, packages drawn at random, the middle of all."""

from __future__ import annotations

import random
from dataclasses import dataclass

from app.domain.case import Case
from app.domain.space import own_set
from app.domain.terms import Package

DRAWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How often something that needs no talks gives a package that all seats could sign."""

    name: str
    tried: int
    signable: int
    refusers: float


def baselines(case: Case, preset: str, seed: int) -> tuple[Baseline, ...]:
    """No talk, random and the middle, each with the mean number of seats that refuse."""
    dice = random.Random(f"baseline/{case.id}/{seed}")
    drawn = [case.agenda.package(dice.randrange(case.agenda.count)) for _ in range(DRAWS)]
    middle = tuple(issue.options[(len(issue.options) - 1) // 2].id for issue in case.issues)
    return (
        _counted(case, preset, "no talk: each seat's best once, none yields", _bests(case, preset)),
        _counted(case, preset, "random packages", drawn),
        _counted(case, preset, "the middle option of every issue", [middle]),
    )


def _bests(case: Case, preset: str) -> list[Package]:
    """The best package of every seat that has one, the first by number among equals."""
    found = [own_set(case, seat, preset) for seat in case.seat_ids]
    return [case.agenda.package(int(own.numbers[0])) for own in found if len(own.numbers)]


def _counted(case: Case, preset: str, name: str, packages: list[Package]) -> Baseline:
    refusals = [
        sum(bool(case.breaches(seat, package, preset)) for seat in case.seat_ids)
        for package in packages
    ]
    return Baseline(
        name=name,
        tried=len(packages),
        signable=refusals.count(0),
        refusers=sum(refusals) / len(refusals) if refusals else 0.0,
    )
