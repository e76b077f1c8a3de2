"""Cases with more packages than can be listed, drawn from a seed; they can be written as files."""

from __future__ import annotations

import random
from string import ascii_lowercase

from app.domain.case import Case, PassRule, Preset, Session
from app.domain.mandate import Mandate, NoDealLine, RedLine, Style
from app.domain.terms import Issue
from tests.cases import SEATS, issue, seat

OPTIONS = 4


def large(seed: int, *, issues: int = 16, floor: int = 45, at_least: int = len(SEATS)) -> Case:
    """Five seats over issues of four options; every seat has two lines and asks for `floor`."""
    dice = random.Random(f"large/{seed}/{issues}")
    agenda = tuple(issue(f"issue-{letter}", OPTIONS) for letter in ascii_lowercase[:issues])
    return Case(
        id="large",
        title="A large table",
        as_of="2024-12-02",
        disclaimer="Rehearsal fiction.",
        not_on_table="Everything else.",
        currencies=("security", "economics"),
        scale=100,
        gain=2,
        issues=agenda,
        seats=tuple(seat(name, agenda) for name in SEATS),
        rule=PassRule(required=(), at_least=at_least),
        presets=(
            Preset(id="standard", text="Least totals.", strong=False),
            Preset(id="hard", text="And no currency below no deal.", strong=True),
        ),
        session=Session(preset="standard"),
        mandates={name: _mandate(dice, name, agenda, floor) for name in SEATS},
    )


def _mandate(dice: random.Random, name: str, agenda: tuple[Issue, ...], floor: int) -> Mandate:
    drawn = [dice.gammavariate(1.5, 1) for _ in agenda]
    weights = [int(100 * one / sum(drawn)) for one in drawn]
    weights[weights.index(max(weights))] += 100 - sum(weights)
    sheet = []
    for one, best in zip(agenda, weights, strict=True):
        steps = sorted(dice.randint(0, best) for _ in range(OPTIONS - 2))
        rising = [0, *steps, best]
        row = rising if dice.random() < 0.5 else rising[::-1]
        split = dice.random()
        sheet.append(
            {
                option.id: (round(worth * split), worth - round(worth * split))
                for option, worth in zip(one.options, row, strict=True)
            }
        )
    lines = []
    for number in range(2):
        chosen = dice.sample(agenda, 4)
        of = {one.id: (dice.choice(one.options).id,) for one in chosen}
        lines.append(RedLine(id=f"line-{number}", text=f"line {number}", of=of, limit=1))
    return Mandate(
        seat=name,
        brief=f"What only {name} knows.",
        sheet=tuple(sheet),
        no_deal_lines=(NoDealLine(line="as it is", points=(12, 10), source=("judgment",)),),
        red_lines=tuple(lines),
        least={"standard": floor, "hard": floor},
        style=Style(),
    )
