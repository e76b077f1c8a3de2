"""Reads LLM-Deliberation's game folders for tests: sheets, minima and who proposes."""

from __future__ import annotations

from pathlib import Path

from app.domain.case import Case, PassRule, Preset, Seat, Session
from app.domain.mandate import Mandate, NoDealLine, Style
from app.domain.terms import Issue, Option

Sheet = tuple[tuple[int, ...], ...]

PAPER_TIME: dict[str, dict[str, int]] = {
    "Other cities": {"E3": 40, "C4": 4},
    "Local Labour Union": {"C3": 35},
}
"""What the authors' evaluator used at the time of the paper (negotiation-benchmarks 2.1)."""
PAPER_MINIMA = {"Environmental League": 50}


def deliberation_case(folder: Path, *, paper: bool = False) -> tuple[Case, str, str]:
    """The game as a case of one currency, its proposer and its second veto holder."""
    rows = [line.split(",") for line in (folder / "config.txt").read_text().splitlines() if line]
    sheets: dict[str, Sheet] = {}
    minima: dict[str, int] = {}
    roles: dict[str, str] = {}
    for name, file, role, *_ in rows:
        lines = (folder / "scores_files" / f"{file}.txt").read_text().splitlines()
        numbers = [[int(cell) for cell in line.split(",")] for line in lines if line.strip()]
        sheets[name], minima[name] = tuple(map(tuple, numbers[:-1])), numbers[-1][0]
        roles[role] = name
    if paper:
        minima |= {name: least for name, least in PAPER_MINIMA.items() if name in minima}
    sizes = [len(row) for row in next(iter(sheets.values()))]
    letters = "ABCDEFGH"
    issues = tuple(
        Issue(
            id=f"issue-{letter}",
            title=f"Issue {letter}",
            topic=f"Issue {letter}",
            options=tuple(
                Option(id=f"{letter}{n}", label=f"option {letter}{n}", text="")
                for n in range(1, size + 1)
            ),
        )
        for letter, size in zip(letters, sizes, strict=False)
    )
    names = tuple(sheets)
    case = Case(
        id=folder.name,
        title=folder.name,
        as_of="",
        disclaimer="A public test game.",
        not_on_table="",
        currencies=("points",),
        scale=100,
        gain=0,
        issues=issues,
        seats=tuple(Seat(id=n, name=n, short=n, brief="", phrases={}) for n in names),
        rule=PassRule(
            required=(roles["p1"], roles["p2"]),
            at_least=len(names) - 1,
            vetoes=(roles["p1"], roles["p2"]),
        ),
        presets=(Preset(id="standard", text="", strong=False),),
        session=Session(),
        mandates={
            name: Mandate(
                seat=name,
                brief="",
                sheet=tuple(
                    {
                        f"{letter}{n}": (_worth(name, f"{letter}{n}", points, paper),)
                        for n, points in enumerate(row, 1)
                    }
                    for letter, row in zip(letters, sheet, strict=False)
                ),
                no_deal_lines=(NoDealLine(line="minimum", points=(minima[name],)),),
                red_lines=(),
                least={"standard": minima[name]},
                style=Style(),
            )
            for name, sheet in sheets.items()
        },
    )
    return case, roles["p1"], roles["p2"]


def _worth(name: str, code: str, points: int, paper: bool) -> int:
    return PAPER_TIME.get(name, {}).get(code, points) if paper else points
