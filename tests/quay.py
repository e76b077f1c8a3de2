"""The table of the gold talks: three seats, four issues, and a red line for each seat."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.case import Case, PassRule, Preset, Seat, Session
from app.domain.mandate import Mandate, NoDealLine, RedLine, Style
from app.domain.terms import Issue, Option
from app.evaluator.foreign.chat import read_chat
from app.evaluator.transcript import Transcript

GOLD = Path(__file__).resolve().parent / "gold"
SEATS = ("harbour", "town", "fleet")
_ISSUES: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "dues": {
        "low": ("harbour dues of 5 million a year", ("5 million",)),
        "high": ("harbour dues of 15 million a year", ("15 million",)),
        "share": ("a 5 percent share of fares", ("5 percent", "5 percent share")),
    },
    "berth": {
        "north": ("the north berth", ("north berth", "north quay")),
        "south": ("the south berth", ("south berth", "south quay")),
    },
    "night": {
        "ban": ("a ban on night sailings", ("ban on night sailings", "night ban")),
        "curfew": ("a curfew from midnight", ("curfew",)),
        "free": ("free night sailings", ("free night sailings", "sail all night")),
    },
    "apology": {
        "public": ("a public apology", ("public apology",)),
        "none": ("no apology", ("no apology",)),
    },
}
_WORTH: dict[str, dict[str, tuple[int, int, int]]] = {
    "harbour": {
        "low": (0, 6, 0), "high": (0, 25, 2), "share": (0, 12, 2), "north": (8, 6, 0),
        "south": (2, 3, 0), "ban": (4, 0, 2), "curfew": (3, 2, 2), "free": (0, 6, 0),
        "public": (0, 0, 12), "none": (0, 0, 2),
    },
    "town": {
        "low": (0, 4, 0), "high": (0, 8, 0), "share": (0, 6, 2), "north": (4, 2, 2),
        "south": (8, 4, 2), "ban": (20, 0, 6), "curfew": (14, 2, 4), "free": (0, 4, 0),
        "public": (0, 0, 14), "none": (0, 0, 2),
    },
    "fleet": {
        "low": (0, 22, 4), "high": (0, 2, 0), "share": (0, 14, 4), "north": (3, 6, 0),
        "south": (6, 10, 0), "ban": (0, 2, 0), "curfew": (4, 8, 2), "free": (4, 16, 4),
        "public": (0, 0, 0), "none": (0, 0, 12),
    },
}  # fmt: skip
_NO_DEAL = {"harbour": (4, 4, 2), "town": (6, 2, 4), "fleet": (2, 10, 4)}
_LINES = {
    "harbour": RedLine(
        id="h1",
        text="Not low dues without an apology.",
        of={"dues": ("low",), "apology": ("none",), "night": ("free",)},
        limit=2,
    ),
    "town": RedLine(id="t1", text="No free night sailings.", of={"night": ("free",)}, limit=0),
    "fleet": RedLine(id="f1", text="Never 15 million.", of={"dues": ("high",)}, limit=0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A talk with its known outcome."""

    id: str
    kind: str
    transcript: Transcript
    settled: dict[str, str] = field(default_factory=dict)
    breach: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    flagged: bool = False


def quay() -> Case:
    """The case."""
    issues = tuple(
        Issue(
            id=issue,
            title=issue.title(),
            topic=issue,
            options=tuple(
                Option(id=option, label=label, text=f"There is {label}.", cues=cues)
                for option, (label, cues) in options.items()
            ),
            cues=(),
        )
        for issue, options in _ISSUES.items()
    )
    return Case(
        id="quay",
        title="The quay",
        as_of="2024-01-01",
        disclaimer="Invented.",
        not_on_table="Everything else.",
        currencies=("security", "economics", "face"),
        scale=60,
        gain=5,
        issues=issues,
        seats=tuple(
            Seat(
                id=seat,
                name=f"Delegation of the {seat.title()}",
                short=seat.title(),
                brief=f"The {seat} wants a quiet quay.",
                phrases={},
            )
            for seat in SEATS
        ),
        rule=PassRule(required=SEATS, at_least=3),
        presets=(Preset(id="standard", text="", strong=False),),
        session=Session(),
        mandates={
            seat: Mandate(
                seat=seat,
                brief=f"Secret of the {seat}: the bank wants its loan back by spring.",
                sheet=tuple(
                    {option: _WORTH[seat][option] for option in options}
                    for options in _ISSUES.values()
                ),
                no_deal_lines=(NoDealLine(line="no deal", points=_NO_DEAL[seat]),),
                red_lines=(_LINES[seat],),
                least={"standard": 0},
                style=Style(),
            )
            for seat in SEATS
        },
    )


def gold(*names: str) -> list[Gold]:
    """The gold talks of these files, all of them without a name."""
    found = []
    for path in sorted(GOLD.glob("*.toml")):
        if names and path.stem not in names:
            continue
        for talk in tomllib.loads(path.read_text("utf-8"))["talk"]:
            words = talk["words"].encode()
            found.append(
                Gold(
                    id=talk["id"],
                    kind=talk["kind"],
                    transcript=read_chat(words, f"{talk['id']}.txt")[0],
                    settled=talk.get("settled", {}),
                    breach=tuple(talk.get("breach", ())),
                    said=tuple(talk.get("said", ())),
                    flagged=talk.get("flagged", False),
                )
            )
    return found
