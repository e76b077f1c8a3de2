"""One plain case, small enough to check by head: two seats, three issues, one easy deal."""

from __future__ import annotations

from app.domain.case import Case, PassRule, Session
from app.domain.mandate import Mandate, NoDealLine, RedLine, Style
from app.domain.terms import Points
from tests.cases import PRESETS, issue, seat

ISSUES = (issue("water", 2), issue("power", 2), issue("border", 3))
NAMES = ("north", "south")
CURRENCIES = ("security", "economics", "face")


def _line(name: str, text: str, option: str) -> RedLine:
    return RedLine(id=name, text=text, of={"border": (option,)}, limit=0, source=("judgment",))


def _mandate(
    name: str, rows: tuple[tuple[Points, ...], ...], no_deal: Points, line: RedLine
) -> Mandate:
    return Mandate(
        seat=name,
        brief=f"Only {name} knows this.",
        sheet=tuple(
            {o.id: worth for o, worth in zip(i.options, row, strict=True)}
            for i, row in zip(ISSUES, rows, strict=True)
        ),
        no_deal_lines=(NoDealLine(line="war", points=no_deal, source=("judgment",)),),
        red_lines=(line,),
        least={"standard": 42, "hard": 42},
        style=Style(),
    )


def plain() -> Case:
    """North cares for water, south for power; the border is shared out."""
    north = _mandate(
        "north",
        (
            ((20, 20, 0), (0, 0, 0)),
            ((5, 5, 10), (0, 5, 0)),
            ((20, 0, 20), (10, 0, 15), (0, 0, 0)),
        ),
        (10, 10, 10),
        _line("n1", "The border is not given.", "border-c"),
    )
    south = _mandate(
        "south",
        (
            ((0, 5, 0), (10, 5, 5)),
            ((0, 0, 0), (20, 20, 0)),
            ((0, 0, 0), (10, 0, 15), (20, 0, 20)),
        ),
        (10, 10, 10),
        _line("s1", "The border is not taken.", "border-a"),
    )
    return Case(
        id="plain",
        title="A plain table",
        as_of="2024-12-02",
        disclaimer="Rehearsal fiction.",
        not_on_table="Everything else.",
        currencies=CURRENCIES,
        scale=100,
        gain=10,
        issues=ISSUES,
        seats=tuple(seat(name, ISSUES) for name in NAMES),
        rule=PassRule(required=NAMES, at_least=2),
        presets=PRESETS,
        session=Session(preset="standard"),
        mandates={"north": north, "south": south},
    )
