"""A draft of the table behind a talk for which nobody gave one: issues and options as named.

It holds no sheets, so a deal can be told and its value cannot. Two ways of writing are read:
codes ("A2, B3") and lists ("Berth: the north berth").
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from app.domain.case import Case, PassRule, Preset, Seat, Session
from app.domain.terms import Issue, Option
from app.evaluator.transcript import Transcript, Unscored, legible

MOST_CODES = 9
_CODE = re.compile(r"(?<![A-Za-z0-9])([A-Z])([1-9])(?![0-9])(?!\.[0-9])")
_LISTED = re.compile(
    r"^\s*(?:[-*\u2022]|"
    r"\d{1,2}[.)])?\s*(?:\*\*)?(?P<issue>[A-Z][\w /'-]{1,40}?)(?:\*\*)?[ \t]*:[ \t]*"
    r"(?:\*\*)?[ \t]*(?P<option>[^\n]{2,120}?)[.;,]?\s*$",
    re.MULTILINE,
)
_NEUTRAL = frozenset(("chair", "mediator", "facilitator", "moderator", "narrator", "system"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A drafted case, and how it was found. It is to be confirmed before anybody relies on it."""

    case: Case
    how: str


def sketch(transcript: Transcript) -> Sketch | Unscored:
    """The draft of a table; Unscored when the words name no issues in either way."""
    seats = tuple(s for s in transcript.speakers if s.casefold() not in _NEUTRAL)
    if len(seats) < 2:
        return Unscored(reason="speakers_unknown", detail="fewer than two parties speak")
    issues = _coded(transcript)
    how = "codes"
    if len(issues) < 2:
        issues, how = _listed(transcript), "lists"
    if not issues:
        return Unscored(reason="no_table", detail="the words name no issue by code or by list")
    case = Case(
        id=f"draft-{transcript.id}",
        title=f"Draft from {transcript.id}",
        as_of="",
        disclaimer="A draft made from the words of the talk; nobody has confirmed it.",
        not_on_table="",
        currencies=("points",),
        scale=100,
        gain=0,
        issues=issues,
        seats=tuple(Seat(id=s, name=s, short=s, brief="", phrases={}) for s in seats),
        rule=PassRule(required=seats, at_least=len(seats)),
        presets=(Preset(id="standard", text="", strong=False),),
        session=Session(),
        mandates={},
    )
    return Sketch(case=case, how=how)


def _coded(transcript: Transcript) -> tuple[Issue, ...]:
    """Letters with the figures named beside them, in two turns at least."""
    seen: dict[str, set[int]] = {}
    turns: Counter[str] = Counter()
    for turn in transcript.turns:
        here = {(m[1], int(m[2])) for m in _CODE.finditer(legible(turn.text))}
        for letter, figure in here:
            seen.setdefault(letter, set()).add(figure)
        turns.update({letter for letter, _ in here})
    letters = sorted(letter for letter in seen if turns[letter] > 1)
    return tuple(
        Issue(
            id=letter,
            title=f"Issue {letter}",
            topic=f"Issue {letter}",
            options=tuple(
                Option(id=f"{letter}{n}", label=f"option {letter}{n}", text="")
                for n in range(1, max(seen[letter]) + 1)
            ),
        )
        for letter in letters
    )


def _listed(transcript: Transcript) -> tuple[Issue, ...]:
    """`Issue: option` lines; an issue needs two lines or two options to be one."""
    found: dict[str, dict[str, str]] = {}
    for turn in transcript.turns:
        for match in _LISTED.finditer(legible(turn.text)):
            option = " ".join(match["option"].split())
            name = match["issue"].strip().casefold()
            if match["issue"] not in transcript.speakers:
                found.setdefault(name, {}).setdefault(option.casefold(), option)
    return tuple(
        Issue(
            id="-".join(name.split()),
            title=name.capitalize(),
            topic=name,
            options=tuple(
                Option(id=f"{'-'.join(name.split())}-{n}", label=label, text=label)
                for n, label in enumerate(options.values(), 1)
            ),
        )
        for name, options in found.items()
    )
