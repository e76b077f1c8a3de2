"""Hypothesis strategies: small random cases, with every part a case may have."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from app.domain.case import Case, PassRule, Preset, Reference, Seat, Session, TalkingPoint
from app.domain.mandate import Mandate, NoDealLine, RedLine, Style
from app.domain.terms import Issue, Option, Package, Points

SEATS = ("north", "south", "east", "west", "river")
ISSUES = ("water", "power", "border", "trade", "archive")
CURRENCIES = ("security", "economics", "face")
PRESETS = (
    Preset(id="guided", text="Red lines and the signing test only.", strong=False),
    Preset(id="standard", text="The capitals also set a least total.", strong=False),
    Preset(id="hard", text="As standard, and no currency below no deal.", strong=True),
)
MOST_PACKAGES = 150


def issue(name: str, options: int) -> Issue:
    """An issue with options a, b, c, ..."""
    return Issue(
        id=name,
        title=name.title(),
        topic=name,
        options=tuple(
            Option(
                id=f"{name}-{letter}",
                label=f"the {letter} settlement of {name}",
                text=f"On {name}, {letter}.",
                source=("judgment",),
            )
            for letter in "abcdef"[:options]
        ),
        source=("judgment",),
    )


def seat(name: str, issues: tuple[Issue, ...]) -> Seat:
    """The public side of a seat, with one talking point an issue."""
    return Seat(
        id=name,
        name=f"Delegation of {name.title()}",
        short=name.title(),
        brief=f"{name.title()} speaks for itself.",
        points=tuple(
            TalkingPoint(
                id=f"{name}.{i.id}.1",
                issue=i.id,
                kind="interest",
                favours=(i.options[0].id,),
                against=(),
                text=f"{name.title()} has its reasons on {i.id}.",
                source=("judgment",),
            )
            for i in issues
        ),
        phrases={},
    )


@st.composite
def agendas(draw: st.DrawFn) -> tuple[Issue, ...]:
    """Two to five issues of two to four options, some hundred packages at most."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=2, max_size=5))
    while len(sizes) > 2 and _product(sizes) > MOST_PACKAGES:
        sizes.pop()
    return tuple(issue(name, size) for name, size in zip(ISSUES, sizes, strict=False))


def _product(sizes: list[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def points(currencies: int, low: int, high: int) -> st.SearchStrategy[Points]:
    """Whole points, one number per currency."""
    return st.tuples(*[st.integers(low, high)] * currencies)


@st.composite
def red_lines(draw: st.DrawFn, issues: tuple[Issue, ...]) -> tuple[RedLine, ...]:
    """None to two lines: "not all of these together" or "at most n of these"."""
    lines: list[RedLine] = []
    for number in range(draw(st.integers(0, 2))):
        chosen = draw(st.lists(st.sampled_from(issues), min_size=1, max_size=3, unique=True))
        of: Mapping[str, tuple[str, ...]] = {
            i.id: tuple(
                o.id
                for o in draw(
                    st.lists(st.sampled_from(i.options), min_size=1, max_size=3, unique=True)
                )
            )
            for i in chosen
        }
        limit = draw(st.integers(0, len(of) - 1))
        lines.append(RedLine(id=f"line-{number}", text=f"line {number}", of=of, limit=limit))
    return tuple(lines)


@st.composite
def mandates(
    draw: st.DrawFn, name: str, issues: tuple[Issue, ...], currencies: int, *, roomy: bool = False
) -> Mandate:
    """A seat's confidential side. No deal is low enough that deals exist now and then.

    A roomy mandate has no red line and asks for little, so that deals are many.
    """
    sheet = tuple(
        {option.id: draw(points(currencies, 0, 6)) for option in i.options} for i in issues
    )
    best = sum(max(sum(worth) for worth in row.values()) for row in sheet)
    lines = draw(st.lists(points(currencies, -1, 3), min_size=1, max_size=3))
    return Mandate(
        seat=name,
        brief=f"What only {name} knows.",
        sheet=sheet,
        no_deal_lines=tuple(
            NoDealLine(line=f"line {n}", points=worth, source=("judgment",))
            for n, worth in enumerate(lines)
        ),
        red_lines=() if roomy else draw(red_lines(issues)),
        least={}
        if roomy
        else {
            "standard": draw(st.integers(0, best // 2)),
            "hard": draw(st.integers(0, best // 3)),
        },
        style=Style(),
    )


@st.composite
def rules(draw: st.DrawFn, seats: tuple[str, ...]) -> PassRule:
    """Unanimity, or some required seats, some vetoes and a number."""
    if draw(st.booleans()):
        return PassRule(required=seats, at_least=len(seats))
    some = st.lists(st.sampled_from(seats), unique=True, max_size=2)
    return PassRule(
        required=tuple(draw(some)),
        at_least=draw(st.integers(1, len(seats))),
        vetoes=tuple(draw(some)),
    )


@st.composite
def cases(draw: st.DrawFn, *, unanimous: bool = False, roomy: bool = False) -> Case:
    """A small random case: 2-5 seats, 2-5 issues, red lines, mandates, three presets.

    `unanimous` asks for all seats' consent; `roomy` makes a case of two or three seats, several
    currencies and many deals.
    """
    issues = draw(agendas())
    names = SEATS[: draw(st.integers(2, 3 if roomy else len(SEATS)))]
    currencies = CURRENCIES[: draw(st.integers(2 if roomy else 1, 3))]
    unanimity = PassRule(required=names, at_least=len(names))
    return Case(
        id="small",
        title="A small table",
        as_of="2024-12-02",
        disclaimer="Rehearsal fiction.",
        not_on_table="Everything else.",
        currencies=currencies,
        scale=100,
        gain=draw(st.integers(0, 3)),
        issues=issues,
        seats=tuple(seat(name, issues) for name in names),
        rule=unanimity if unanimous else draw(rules(names)),
        presets=PRESETS,
        session=Session(preset="standard"),
        mandates={
            name: draw(mandates(name, issues, len(currencies), roomy=roomy)) for name in names
        },
        references=(Reference(id="first", title="First", package=first(issues)),),
    )


def first(issues: tuple[Issue, ...]) -> Package:
    """The package of every first option."""
    return tuple(i.options[0].id for i in issues)


@st.composite
def packages(draw: st.DrawFn, case: Case) -> Package:
    """Any package of a case."""
    return tuple(draw(st.sampled_from(i.options)).id for i in case.issues)


presets = st.sampled_from([preset.id for preset in PRESETS])
