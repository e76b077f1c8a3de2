"""The case linter: what an author should mend, and what an author should know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from app.domain.bargaining import Lens, Survey, choices, own_set, survey
from app.domain.case import Case, Seat
from app.domain.mandate import Mandate, RedLine
from app.domain.opening import easing, openings
from app.evaluator.zone import Zone, restricted, ways, zone

TABLE = "table.toml"
NGRAM = 7
"""Words in a row that count as a secret repeated in public text."""

SHORT_SECRET = 4
"""A red line of fewer words than NGRAM counts whole, from this many words on."""

USUAL_SHARE = (0.001, 0.05)
"""Share of packages that pass in published scoreable games; outside it a note says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing about a case: where, what, and what to do about it."""

    check: str
    place: str
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the linter has to say. Findings want mending, notes want knowing."""

    case_id: str
    title: str
    as_of: str
    disclaimer: str
    preset: str
    zones: tuple[Zone, ...]
    findings: tuple[Remark, ...]
    notes: tuple[Remark, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing wants mending."""
        return not self.findings


def lint(case: Case) -> Report:
    """Check a case under all its presets. TooLarge when it cannot be enumerated exactly."""
    zones: list[Zone] = []
    findings: list[Remark] = []
    notes: list[Remark] = []
    default = case.session.preset
    for preset in case.presets:
        described, found = zone(case, preset.id)
        zones.append(described)
        findings += _empty(case, described)
        findings += _ideals(case, found)
        notes += _not_unanimous(described)
        notes += _other_presets(described, default)
        if preset.id == default:
            findings += _default_zone(described)
            notes += _share(described)
            notes += _absent_options(case, found)
    findings += _patterns(case)
    findings += _idle_lines(case)
    findings += _dead_options(case)
    findings += _sums(case)
    findings += _leaks(case)
    findings += _sources(case)
    return Report(
        case_id=case.id,
        title=case.title,
        as_of=case.as_of,
        disclaimer=case.disclaimer,
        preset=default,
        zones=tuple(zones),
        findings=tuple(findings),
        notes=tuple(notes),
    )


def _empty(case: Case, described: Zone) -> Iterator[Remark]:
    """Nothing passes: say which single change of a mandate would open the zone."""
    if described.passing:
        return
    preset = described.preset
    told = ways(case, openings(case, preset), easing(case, preset))
    remedy = "; or ".join(told[:3]) if told else "no change of totals opens it: ease red lines"
    yield Remark(
        check="empty-zone",
        place=f"{TABLE}: presets.{described.preset}",
        text=f"no package can be agreed under {described.preset}",
        remedy=remedy,
    )


def _not_unanimous(described: Zone) -> Iterator[Remark]:
    """Deals exist, but none that everybody could sign."""
    if described.passing and not described.signable:
        yield Remark(
            check="no-unanimity",
            place=f"{TABLE}: presets.{described.preset}",
            text=f"the rule lets {described.passing:,} packages pass; not one suits every seat",
        )


def _ideals(case: Case, found: Survey) -> Iterator[Remark]:
    """A seat that can have all it could ever want has nothing to bargain for."""
    if not found.signable:
        return
    for seat, best in zip(case.seat_ids, found.best, strict=True):
        if best == case.mandates[seat].best():
            yield Remark(
                check="ideal",
                place=f"{seat}.toml: sheet",
                text=f"its ideal ({best} points) is signable by all under {found.preset}",
                remedy="give another seat a reason to refuse it",
            )


def _default_zone(described: Zone) -> Iterator[Remark]:
    """What the default preset should not allow, and what it should."""
    preset = described.preset
    if described.middle:
        yield Remark(
            check="middle",
            place=f"{TABLE}: issues",
            text=f"taking the middle option of every issue makes a deal under {preset}",
            remedy="raise a mandate, or move what is worth most away from the middle",
        )
    for name, passing in described.references.items():
        if not passing:
            yield Remark(
                check="reference",
                place=f"{TABLE}: packages.{name}",
                text=f"the reference package cannot be agreed under {preset}",
                remedy="ease a mandate, or change the package",
            )


def _other_presets(described: Zone, default: str) -> Iterator[Remark]:
    """References that a preset other than the default shuts out."""
    shut = [name for name, passing in described.references.items() if not passing]
    if shut and described.preset != default:
        yield Remark(
            check="reference",
            place=f"{TABLE}: packages",
            text=f"not agreeable under {described.preset}: {', '.join(shut)}",
        )


def _share(described: Zone) -> Iterator[Remark]:
    """A zone much wider or narrower than usual."""
    low, high = USUAL_SHARE
    if described.passing and not low <= described.share <= high:
        yield Remark(
            check="share",
            place=f"{TABLE}: presets.{described.preset}",
            text=f"{described.share:.3%} of all packages pass; {low:.1%} to {high:.0%} is usual",
        )


def _absent_options(case: Case, found: Survey) -> Iterator[Remark]:
    """Options that no deal contains."""
    if not found.signable:
        return
    chosen = choices(case.agenda, found.numbers)
    for place, issue in enumerate(case.issues):
        used = set(np.unique(chosen[:, place]).tolist())
        absent = [option.id for n, option in enumerate(issue.options) if n not in used]
        if absent:
            yield Remark(
                check="absent-option",
                place=f"{TABLE}: issues.{issue.id}",
                text=f"in no package that all could sign under {found.preset}: {', '.join(absent)}",
            )


def _patterns(case: Case) -> Iterator[Remark]:
    """Families of packages that keep what their author says of them."""
    for pattern in case.patterns:
        part = restricted(case, pattern.require)
        passing = {preset.id: survey(part, preset.id).passing for preset in case.presets}
        place = f"{TABLE}: patterns.{pattern.id}"
        broken = [name for name, count in passing.items() if count and not pattern.signable]
        for name in broken:
            yield Remark(
                check="pattern",
                place=place,
                text=f"marked as never agreeable, yet {passing[name]:,} packages pass under {name}",
                remedy="add the red line that rules it out, or mark it signable",
            )
        if pattern.signable and not passing.get(case.session.preset, 0):
            yield Remark(
                check="pattern",
                place=place,
                text=f"marked as agreeable, yet nothing of it passes under {case.session.preset}",
                remedy="ease a mandate, or mark it as not signable",
            )


def _idle_lines(case: Case) -> Iterator[Remark]:
    """Red lines without which the seat could sign the very same packages."""
    for seat, mandate in case.mandates.items():
        full = {preset.id: Lens(case, seat, preset.id).count() for preset in case.presets}
        for line in mandate.red_lines:
            if not _bites(case, seat, line, full):
                yield Remark(
                    check="idle-line",
                    place=f"{seat}.toml: red_lines.{line.id}",
                    text="the seat could sign the same packages without this line, in every preset",
                    remedy="take it out, or value the options so that the line is needed",
                )


def _bites(case: Case, seat: str, line: RedLine, full: dict[str, int]) -> bool:
    """Whether taking the line away lets the seat sign more under some preset."""
    return any(
        Lens(case, seat, preset, skip_line=line.id).count() != count
        for preset, count in full.items()
    )


def _dead_options(case: Case) -> Iterator[Remark]:
    """Options that no seat could sign whatever the rest of the package, in any preset."""
    unseen = {(p, n) for p, issue in enumerate(case.issues) for n in range(len(issue.options))}
    for seat in case.seat_ids:
        for preset in case.presets:
            if not unseen:
                return
            chosen = choices(case.agenda, own_set(case, seat, preset.id).numbers)
            for place in {place for place, _ in unseen}:
                unseen -= {(place, n) for n in np.unique(chosen[:, place]).tolist()}
    for place, n in sorted(unseen):
        issue = case.issues[place]
        yield Remark(
            check="dead-option",
            place=f"{TABLE}: issues.{issue.id}.options.{issue.options[n].id}",
            text="no seat could sign any package with this option",
            remedy="take it out, or ease a red line that names it",
        )


def _sums(case: Case) -> Iterator[Remark]:
    """Best options that do not add up to the scale."""
    for seat, mandate in case.mandates.items():
        scale = mandate.scale or case.scale
        if mandate.best() != scale:
            yield Remark(
                check="sheet-sum",
                place=f"{seat}.toml: sheet",
                text=f"the best options add up to {mandate.best()}, not {scale}",
                remedy="rescale the points",
            )


def words(text: str) -> list[str]:
    """The words of a text, lower case, without punctuation."""
    return re.findall(r"\w+", text.casefold())


def runs(text: str, length: int) -> Iterator[tuple[str, ...]]:
    """All runs of so many words in a text."""
    spoken = words(text)
    for start in range(len(spoken) - length + 1):
        yield tuple(spoken[start : start + length])


def _secrets(mandate: Mandate) -> Iterator[tuple[str, str]]:
    """A seat's confidential texts with the key they stand under."""
    yield "confidential_brief", mandate.brief
    for line in mandate.red_lines:
        yield f"red_lines.{line.id}", line.text


def _public(case: Case) -> Iterator[tuple[str, str]]:
    """All public text with its place."""
    for seat in case.seats:
        for key, text in _spoken(seat):
            yield f"{seat.id}.toml: {key}", text
    for issue in case.issues:
        yield f"{TABLE}: issues.{issue.id}", f"{issue.title}. {issue.topic}"
        for option in issue.options:
            key = f"{TABLE}: issues.{issue.id}.options.{option.id}"
            yield key, option.text
            yield key, option.label


def _spoken(seat: Seat) -> Iterator[tuple[str, str]]:
    """What everybody may read or hear of a seat."""
    yield "public_brief", seat.brief
    yield "voice.register", seat.register
    for position in seat.positions:
        yield f"positions.{position.issue}", position.text
    for point in seat.points:
        yield f"points.{point.id}", point.text
    for act, frames in seat.phrases.items():
        for frame in frames:
            yield f"phrases.{act}", frame


def _leaks(case: Case) -> Iterator[Remark]:
    """Confidential words that stand in public text."""
    secret: dict[tuple[str, ...], str] = {}
    for seat, mandate in case.mandates.items():
        for key, text in _secrets(mandate):
            length = len(words(text))
            whole = key.startswith("red_lines") and SHORT_SECRET <= length < NGRAM
            for run in runs(text, length if whole else NGRAM):
                secret.setdefault(run, f"{seat}.toml: {key}")
    lengths = sorted({len(run) for run in secret})
    told: set[tuple[str, str]] = set()
    for place, text in _public(case):
        for run in (run for length in lengths for run in runs(text, length) if run in secret):
            if (place, secret[run]) not in told:
                told.add((place, secret[run]))
                yield Remark(
                    check="leak",
                    place=place,
                    text=f'repeats confidential words of {secret[run]}: "{" ".join(run)}"',
                    remedy="say it in other words, or leave it out",
                )


def _sources(case: Case) -> Iterator[Remark]:
    """Statements and numbers that name neither a claim nor judgment as their source."""
    for place, source in _sourced(case):
        if not source:
            yield Remark(
                check="source",
                place=place,
                text="names no source",
                remedy='name the claims it rests on, or "judgment"',
            )


def _sourced(case: Case) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Everything that must name a source, with its place."""
    for issue in case.issues:
        for option in issue.options:
            yield f"{TABLE}: issues.{issue.id}.options.{option.id}", option.source
    for reference in case.references:
        yield f"{TABLE}: packages.{reference.id}", reference.source
    for seat in case.seats:
        for position in seat.positions:
            yield f"{seat.id}.toml: positions.{position.issue}", position.source
        for point in seat.points:
            yield f"{seat.id}.toml: points.{point.id}", point.source
        mandate = case.mandates[seat.id]
        for line in mandate.red_lines:
            yield f"{seat.id}.toml: red_lines.{line.id}", line.source
        for spot, held in enumerate(mandate.no_deal_lines):
            yield f"{seat.id}.toml: no_deal[{spot}]", held.source
        for spot, aim in enumerate(mandate.goals):
            yield f"{seat.id}.toml: goals[{spot}]", aim.source
        for spot, aim in enumerate(mandate.interests):
            yield f"{seat.id}.toml: interests[{spot}]", aim.source
