"""Additive domains of the negotiation competitions, whichever format they came in, as a case.

Utilities are fractions of 1; a case counts whole points. Every evaluation is rounded to a
hundred-thousandth of the whole, so a package of n issues is off by at most n/2 of these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.case import Case, Claim, PassRule, Preset, Seat, Session, Source
from app.domain.mandate import Mandate, NoDealLine, Style
from app.domain.terms import Issue, Option
from app.library.imports.foreign import Imported, one_line, refuse, slug
from app.library.shapes import MAX_ISSUES, MAX_OPTIONS, MAX_SEATS

SCALE = 100_000
"""Points for a utility of 1."""

DISCLAIMER = (
    "Rehearsal fiction: a negotiation domain of the automated negotiation competitions, imported. "
    "It names no real party, and its names are its authors'."
)
CLAIMS = (
    Claim(id="D1", source="domain", line=1, kind="frame", text="Issues and values of the domain."),
    Claim(id="D2", source="domain", line=1, kind="value", text="Utilities of the profiles."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An issue of a domain with its values, as they are written there."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One party: the part of a utility of 1 that each value of each issue brings it."""

    name: str
    path: str
    worth: tuple[Mapping[str, float], ...]
    reserve: float = 0.0
    notes: tuple[str, ...] = ()


def checked(subjects: tuple[Subject, ...], path: str) -> tuple[Subject, ...]:
    """The issues, within what a table can hold; CaseError when they are not."""
    if not 1 <= len(subjects) <= MAX_ISSUES:
        refuse(path, "", f"{len(subjects)} issues; a table has 1 to {MAX_ISSUES}")
    for subject in subjects:
        if not 2 <= len(subject.values) <= MAX_OPTIONS:
            problem = f"{len(subject.values)} values; an issue has 2 to {MAX_OPTIONS}"
            refuse(path, f"issue {one_line(subject.name, 60)!a}", problem)
        if len(set(subject.values)) != len(subject.values):
            refuse(path, f"issue {one_line(subject.name, 60)!a}", "a value stands there twice")
    return subjects


def additive_case(
    name: str, subjects: tuple[Subject, ...], profiles: tuple[Profile, ...], *, as_of: str
) -> Imported:
    """The case in which every profile is a seat, all must agree, and the reserve is the floor."""
    if not 2 <= len(profiles) <= MAX_SEATS:
        refuse(name, "", f"{len(profiles)} usable profiles; a table seats 2 to {MAX_SEATS}")
    issues = _issues(subjects)
    seats: dict[str, Profile] = {}
    for profile in profiles:
        seats[slug(profile.name, seats, "party")] = profile
    mandates = {seat: _mandate(seat, profile, issues, subjects) for seat, profile in seats.items()}
    title = one_line(name, 200) or "domain"
    case = Case(
        id=slug(name, (), "domain"),
        title=title,
        as_of=as_of,
        disclaimer=DISCLAIMER,
        not_on_table="Nothing but the issues of the domain is before this table.",
        currencies=("points",),
        scale=SCALE,
        gain=0,
        issues=issues,
        seats=tuple(
            Seat(
                id=seat,
                name=one_line(profile.name, 200) or seat,
                short=one_line(profile.name, 60) or seat,
                brief=f"This party negotiates about {title}.",
                phrases={},
            )
            for seat, profile in seats.items()
        ),
        rule=PassRule(required=tuple(seats), at_least=len(seats)),
        presets=(Preset(id="standard", text="Each seat's reservation value.", strong=False),),
        session=Session(preset="standard", rounds=10),
        mandates=mandates,
        sources=(
            Source(
                id="domain",
                title=title,
                author="the authors of the domain",
                publisher="see the licence of the domain",
                date=as_of,
            ),
        ),
        claims=CLAIMS,
    )
    return Imported(case=case, notes=tuple(note for p in profiles for note in p.notes))


def _issues(subjects: tuple[Subject, ...]) -> tuple[Issue, ...]:
    """Issues with ids made of their names."""
    made: dict[str, Issue] = {}
    for subject in subjects:
        options: dict[str, Option] = {}
        for value in subject.values:
            option = slug(value, options, "value")
            label = one_line(value) or option
            options[option] = Option(id=option, label=label, text=label, source=("D1",))
        issue = slug(subject.name, made, "issue")
        title = one_line(subject.name, 200) or issue
        made[issue] = Issue(
            id=issue, title=title, topic=title, options=tuple(options.values()), source=("D1",)
        )
    return tuple(made.values())


def _mandate(
    seat: str, profile: Profile, issues: tuple[Issue, ...], subjects: tuple[Subject, ...]
) -> Mandate:
    """Whole points; the floor is rounded up, so that rounding never lets a seat sign too low."""
    sheet = tuple(
        {
            option.id: (points(worth[value], profile.path),)
            for option, value in zip(issue.options, subject.values, strict=True)
        }
        for issue, subject, worth in zip(issues, subjects, profile.worth, strict=True)
    )
    best = sum(max(row)[0] for row in (list(part.values()) for part in sheet))
    if best < 1:
        refuse(profile.path, "", "every outcome is worth nothing to this party")
    floor = math.ceil(round(within(profile.reserve, profile.path) * SCALE, 6))
    return Mandate(
        seat=seat,
        brief=f"No agreement is worth {profile.reserve:.6g} of 1 to you.",
        sheet=sheet,
        no_deal_lines=(NoDealLine(line="the reservation value", points=(floor,), source=("D2",)),),
        red_lines=(),
        least={},
        style=Style(),
        scale=0 if best == SCALE else best,
    )


def points(worth: float, path: str) -> int:
    """A part of 1 as whole points."""
    return round(within(worth, path) * SCALE)


def within(worth: float, path: str) -> float:
    """A number that can be a utility: finite and not out of all proportion."""
    if not math.isfinite(worth) or abs(worth) > 1.5:
        refuse(path, "", f"a utility of {worth:g}; between 0 and 1 was expected")
    return worth
