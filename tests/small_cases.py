"""Small random cases with a canary in every confidential field."""

from __future__ import annotations

import random
from collections.abc import Sequence

from app.domain.case import Case, Inject, PassRule, Pattern, Reference, Session
from app.domain.mandate import Aim, Mandate, NoDealLine, RedLine, Style
from app.domain.terms import Issue, Package, Points
from tests.cases import CURRENCIES, ISSUES, PRESETS, SEATS, issue, seat


def canary(whose: str, what: str) -> str:
    """A word that must stay where it belongs."""
    return f"zq-{whose}-{what}"


def small_case(dice: random.Random) -> Case:
    """A random case of two to four seats with a canary in every confidential field."""
    sizes = [dice.randint(2, 4) for _ in range(dice.randint(2, 4))]
    issues = tuple(issue(name, size) for name, size in zip(ISSUES, sizes, strict=False))
    names = SEATS[: dice.randint(2, 4)]
    width = dice.randint(1, 3)
    rule = PassRule(required=names, at_least=len(names))
    if len(names) > 2 and dice.random() < 0.6:
        some = tuple(dice.sample(names, dice.randint(0, 1)))
        veto = tuple(dice.sample(names, dice.randint(0, 1)))
        rule = PassRule(required=some, at_least=len(names) - 1, vetoes=veto)
    return Case(
        id="small",
        title="A small table",
        as_of="2024-12-02",
        disclaimer="Rehearsal fiction.",
        not_on_table="Everything else.",
        currencies=CURRENCIES[:width],
        scale=100,
        gain=dice.randint(0, 2),
        issues=issues,
        seats=tuple(seat(name, issues) for name in names),
        rule=rule,
        presets=PRESETS,
        session=Session(),
        mandates={name: mandate(dice, name, issues, width) for name in names},
        injects=tuple(
            Inject(
                id=f"news-{n}",
                round=dice.randint(1, 3),
                when=dice.choice(("start", "end")),
                to=to,
                text=canary("news", "+".join(to)),
                exercises=(canary("table", "exercises"),),
            )
            for n, to in enumerate((("all",), names[:1], names[:2]))
        ),
        references=(
            Reference(
                id=canary("table", "reference"),
                title=canary("table", "reference"),
                package=any_package(dice, issues),
            ),
        ),
        patterns=(
            Pattern(
                id=canary("table", "pattern"),
                title=canary("table", "pattern"),
                require={},
                signable=True,
            ),
        ),
    )


def mandate(dice: random.Random, name: str, issues: Sequence[Issue], width: int) -> Mandate:
    """One confidential side: some lines, a capital that asks for something, canaries."""

    def points(low: int, high: int) -> Points:
        return tuple(dice.randint(low, high) for _ in range(width))

    sheet = tuple({option.id: points(0, 6) for option in i.options} for i in issues)
    best = sum(max(sum(worth) for worth in row.values()) for row in sheet)
    lines = []
    for number in range(dice.randint(0, 2)):
        chosen = dice.sample(list(issues), dice.randint(1, min(2, len(issues))))
        of = {i.id: tuple(o.id for o in dice.sample(i.options, dice.randint(1, 2))) for i in chosen}
        lines.append(
            RedLine(
                id=canary(name, f"line{number}"),
                text=canary(name, f"text{number}"),
                of=of,
                limit=dice.randint(0, len(of) - 1),
                status=canary(name, "status"),
                source=(canary(name, "source"),),
            )
        )
    return Mandate(
        seat=name,
        brief=canary(name, "brief"),
        sheet=sheet,
        no_deal_lines=tuple(
            NoDealLine(
                line=canary(name, "line"), points=points(0, 2), source=(canary(name, "source"),)
            )
            for _ in range(dice.randint(1, 2))
        ),
        red_lines=tuple(lines),
        least={
            "standard": dice.randint(0, round(best * 0.6)),
            "hard": dice.randint(0, round(best * 0.4)),
        },
        style=Style(kind=canary(name, "style")),
        goals=(Aim(text=canary(name, "goal"), currency="security"),),
        interests=(Aim(text=canary(name, "interest"), currency="face"),),
        currency_rank=(canary(name, "rank"),),
    )


def any_package(dice: random.Random, issues: Sequence[Issue]) -> Package:
    """Any package."""
    return tuple(dice.choice(i.options).id for i in issues)
