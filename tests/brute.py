"""An oracle for bargaining that shares no code with it: loops over options, plain arithmetic.

It reads the fields of a case and calls none of its methods.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

from app.domain.case import Case
from app.domain.terms import Package


def everything(case: Case) -> list[Package]:
    """All packages, the last issue turning fastest."""
    return list(itertools.product(*[[option.id for option in i.options] for i in case.issues]))


def worth(case: Case, seat: str, package: Package) -> list[int]:
    """Points per currency."""
    got = [0] * len(case.currencies)
    for place, option in enumerate(package):
        for currency, value in enumerate(case.mandates[seat].sheet[place][option]):
            got[currency] += value
    return got


def no_deal(case: Case, seat: str) -> list[int]:
    """Points per currency without a deal."""
    held = [0] * len(case.currencies)
    for line in case.mandates[seat].no_deal_lines:
        for currency, value in enumerate(line.points):
            held[currency] += value
    return held


def gains(case: Case, package: Package) -> list[int]:
    """Each seat's total over no deal."""
    return [sum(worth(case, s.id, package)) - sum(no_deal(case, s.id)) for s in case.seats]


def crosses(case: Case, seat: str, package: Package) -> bool:
    """Whether a red line is crossed."""
    chosen = {i.id: option for i, option in zip(case.issues, package, strict=True)}
    for line in case.mandates[seat].red_lines:
        hits = 0
        for issue, options in line.of.items():
            if chosen[issue] in options:
                hits += 1
        if hits > line.limit:
            return True
    return False


def signs(case: Case, seat: str, package: Package, preset: str) -> bool:
    """Whether the seat could sign."""
    got, held = worth(case, seat, package), no_deal(case, seat)
    strong = next(p.strong for p in case.presets if p.id == preset)
    if crosses(case, seat, package):
        return False
    if sum(got) < sum(held) + case.gain or sum(got) < case.mandates[seat].least.get(preset, 0):
        return False
    return not strong or all(a >= b for a, b in zip(got, held, strict=True))


def joint(case: Case, preset: str) -> list[int]:
    """Numbers of the packages all could sign."""
    return [
        number
        for number, package in enumerate(everything(case))
        if all(signs(case, s.id, package, preset) for s in case.seats)
    ]


def is_dominated(row: list[int], rows: list[list[int]]) -> bool:
    """Whether another row is nowhere less and somewhere more."""
    return any(
        all(a >= b for a, b in zip(other, row, strict=True)) and other != row for other in rows
    )


def nash_value(gain: list[int]) -> int:
    """Product of gains, nothing for who gains nothing."""
    value = 1
    for one in gain:
        value *= one if one > 0 else 0
    return value


def first_best(keys: list[list[Fraction]]) -> int:
    """First row whose sorted values are lexicographically largest."""
    ranked = [sorted(row) for row in keys]
    return ranked.index(max(ranked))


def kalai_smorodinsky(rows: list[list[int]]) -> int:
    """Rows of gains: leximin over exact fractions of each seat's best."""
    tops = [max(column) for column in zip(*rows, strict=True)]
    return first_best(
        [
            [
                Fraction(one, top) if top > 0 else Fraction(0)
                for one, top in zip(r, tops, strict=True)
            ]
            for r in rows
        ]
    )


def max_min(rows: list[list[int]]) -> int:
    """Rows of gains: leximin over points."""
    return first_best([[Fraction(one) for one in row] for row in rows])


def whole(case: Case, package: Package) -> bool:
    """No currency of any seat below no deal."""
    return all(
        a >= b
        for s in case.seats
        for a, b in zip(worth(case, s.id, package), no_deal(case, s.id), strict=True)
    )


def improvement(case: Case, preset: str, package: Package) -> Package | None:
    """The best package that harms nobody, found by trying all."""
    best: tuple[bool, int, int] | None = None
    found: Package | None = None
    now = gains(case, package)
    space = everything(case)
    for number in joint(case, preset):
        other = space[number]
        then = gains(case, other)
        if any(b < a for a, b in zip(now, then, strict=True)):
            continue
        harmed = any(
            new < old and new < held
            for s in case.seats
            for old, new, held in zip(
                worth(case, s.id, package),
                worth(case, s.id, other),
                no_deal(case, s.id),
                strict=True,
            )
        )
        better = then != now or (whole(case, other) and not whole(case, package))
        key = (whole(case, other), nash_value(then), -number)
        if better and not harmed and (best is None or key > best):
            best, found = key, other
    return found


def nearest(case: Case, preset: str, package: Package, wanted: str) -> Package | None:
    """The nearest signable package that leaves nobody out, found by trying all."""
    best: tuple[int, int, int] | None = None
    found: Package | None = None
    space = everything(case)
    for number in joint(case, preset):
        other = space[number]
        above = [
            a - b
            for s in case.seats
            for a, b in zip(worth(case, s.id, other), no_deal(case, s.id), strict=True)
        ]
        if (wanted == "strong" and min(above) < 0) or (wanted == "each" and min(above) <= 0):
            continue
        changed = sum(1 for a, b in zip(package, other, strict=True) if a != b)
        key = (-changed, nash_value(gains(case, other)), -number)
        if best is None or key > best:
            best, found = key, other
    return found
