"""What must agree between a table and its seats, checked on the raw documents.

Raw, because a file with one wrong type shall still have all its other faults named: whatever
has not the right type is passed over here; the shapes complain about it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from app.errors import Finding
from app.library.findings import meant
from app.library.reading import Document
from app.library.shapes import RESERVED, PhrasesShape

JUDGMENT = "judgment"
EVERYONE = "all"
_FRAME_PART = re.compile(r"\{([a-z]*)\}|[{}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The ids of a table, as far as they could be read."""

    seats: tuple[str, ...]
    issues: dict[str, tuple[str, ...]]
    currencies: tuple[str, ...]
    presets: tuple[str, ...]
    claims: dict[str, str]
    sources: tuple[str, ...]
    scale: int | None


@dataclass(slots=True)
class Notes:
    """The findings of one file."""

    path: str
    found: list[Finding] = field(default_factory=list)

    def add(self, key: str, problem: str) -> None:
        """One more."""
        self.found.append(Finding(path=self.path, key=key, problem=problem))

    def known(self, key: str, word: str, what: str, choices: Collection[str]) -> bool:
        """Whether an id is one of those that exist; a finding when not."""
        if word in choices:
            return True
        self.add(key, f"there is no {what} {word!a}{meant(word, choices)}")
        return False

    def claims(self, key: str, value: object, outline: Outline, *, public: bool = False) -> None:
        """Claim ids under a key exist; a seat states no author's view as its own."""
        for place, claim in texts(value):
            here = f"{key}[{place}]"
            if claim == JUDGMENT or not self.known(here, claim, "claim", outline.claims):
                continue
            if public and outline.claims[claim] == "author-view":
                self.add(here, f"{claim} is the author's view; a seat may not state it as its own")

    def unique(self, key: str, words: Iterator[tuple[int, str]], what: str) -> None:
        """No word comes twice."""
        seen: dict[str, int] = {}
        for place, word in words:
            if word in seen:
                self.add(f"{key}[{place}]", f"{what} {word!a} stands already at [{seen[word]}]")
            else:
                seen[word] = place

    def choices(self, key: str, value: object, outline: Outline) -> None:
        """A table of issue id to option id, or to a list of them: all must exist."""
        for issue, options in pairs(value):
            here = f"{key}.{issue}"
            if not self.known(here, issue, "issue", outline.issues):
                continue
            listed = [options] if isinstance(options, str) else options
            self.unique(here, texts(listed), "option")
            for place, option in texts(listed):
                spot = here if isinstance(options, str) else f"{here}[{place}]"
                self.known(spot, option, f"option of {issue}", outline.issues[issue])


def rows(value: object, key: str = "") -> Iterator[tuple[int, Document]]:
    """The tables of a list, with their places."""
    listed = value.get(key) if isinstance(value, dict) else None
    if isinstance(listed, list):
        yield from ((place, row) for place, row in enumerate(listed) if isinstance(row, dict))


def texts(value: object) -> Iterator[tuple[int, str]]:
    """The strings of a list, with their places."""
    if isinstance(value, list):
        yield from ((place, word) for place, word in enumerate(value) if isinstance(word, str))


def pairs(value: object) -> Iterator[tuple[str, object]]:
    """Keys and values of a table."""
    if isinstance(value, dict):
        yield from value.items()


def ids(value: object, key: str) -> Iterator[tuple[int, str]]:
    """The ids of a list of tables, with their places."""
    for place, row in rows(value, key):
        if isinstance(row.get("id"), str):
            yield place, row["id"]


def outline_of(table: Document) -> Outline:
    """The ids that can be read from a table file, sound or not."""
    scale = table.get("scale")
    return Outline(
        seats=tuple(word for _, word in texts(table.get("seats"))),
        issues={
            row["id"]: tuple(word for _, word in ids(row, "options"))
            for _, row in rows(table, "issues")
            if isinstance(row.get("id"), str)
        },
        currencies=tuple(word for _, word in texts(table.get("currencies"))),
        presets=tuple(key for key, _ in pairs(table.get("presets"))),
        claims={
            row["id"]: str(row.get("kind"))
            for _, row in rows(table, "claims")
            if isinstance(row.get("id"), str)
        },
        sources=tuple(word for _, word in ids(table, "sources")),
        scale=scale if isinstance(scale, int) and not isinstance(scale, bool) else None,
    )


def check_table(table: Document, path: str, outline: Outline) -> tuple[Finding, ...]:
    """What a table file says about itself."""
    notes = Notes(path)
    for key in ("seats", "currencies"):
        notes.unique(key, texts(table.get(key)), key[:-1])
    for key in ("issues", "sources", "claims", "packages", "patterns", "injects"):
        notes.unique(key, ids(table, key), "id")
    for place, seat in texts(table.get("seats")):
        if seat in RESERVED or seat == "table":
            notes.add(f"seats[{place}]", f"{seat!a} means something else here; choose another id")
    for preset in outline.presets:
        if preset in RESERVED:
            notes.add(f"presets.{preset}", "this id means something else; choose another")
    _check_issues(table, notes, outline)
    _check_rule(table, notes, outline)
    session = table.get("session")
    preset = session.get("preset", "standard") if isinstance(session, dict) else "standard"
    if isinstance(preset, str):
        notes.known("session.preset", preset, "preset", outline.presets)
    for place, claim in rows(table, "claims"):
        if isinstance(claim.get("source"), str):
            notes.known(f"claims[{place}].source", claim["source"], "source", outline.sources)
    _check_extras(table, notes, outline)
    return tuple(notes.found)


def _check_issues(table: Document, notes: Notes, outline: Outline) -> None:
    """Issues and their options."""
    for place, issue in rows(table, "issues"):
        here = f"issues[{place}]"
        notes.unique(f"{here}.options", ids(issue, "options"), "id")
        notes.claims(f"{here}.source", issue.get("source"), outline)
        for spot, owner in texts(issue.get("owners")):
            notes.known(f"{here}.owners[{spot}]", owner, "seat", outline.seats)
        for spot, option in rows(issue, "options"):
            notes.claims(f"{here}.options[{spot}].source", option.get("source"), outline)
        for spot, word in ids(issue, "options"):
            if word in RESERVED:
                notes.add(f"{here}.options[{spot}].id", "this word is taken; choose another id")


def _check_rule(table: Document, notes: Notes, outline: Outline) -> None:
    """Who must agree."""
    rule = table.get("rule")
    if not isinstance(rule, dict):
        return
    notes.claims("rule.source", rule.get("source"), outline)
    for key in ("required", "vetoes"):
        notes.unique(f"rule.{key}", texts(rule.get(key)), "seat")
        for place, seat in texts(rule.get(key)):
            notes.known(f"rule.{key}[{place}]", seat, "seat", outline.seats)
    for seat, _ in pairs(rule.get("unanimity_bonus")):
        notes.known(f"rule.unanimity_bonus.{seat}", seat, "seat", outline.seats)
    least = rule.get("at_least")
    if isinstance(least, int) and least > len(outline.seats) > 0:
        notes.add("rule.at_least", f"asks for {least} of {len(outline.seats)} seats")


def _check_extras(table: Document, notes: Notes, outline: Outline) -> None:
    """Named packages, patterns and injects."""
    for place, row in rows(table, "packages"):
        here = f"packages[{place}]"
        notes.claims(f"{here}.source", row.get("source"), outline)
        notes.choices(f"{here}.choose", row.get("choose"), outline)
        if isinstance(row.get("choose"), dict):
            for issue in outline.issues:
                if issue not in row["choose"]:
                    notes.add(f"{here}.choose", f"no option for {issue}; a package settles all")
    for place, row in rows(table, "patterns"):
        notes.claims(f"patterns[{place}].source", row.get("source"), outline)
        notes.choices(f"patterns[{place}].require", row.get("require"), outline)
    for place, row in rows(table, "injects"):
        here = f"injects[{place}]"
        notes.claims(f"{here}.source", row.get("source"), outline)
        notes.claims(f"{here}.exercises", row.get("exercises"), outline)
        notes.unique(f"{here}.to", texts(row.get("to")), "seat")
        for spot, seat in texts(row.get("to")):
            notes.known(f"{here}.to[{spot}]", seat, "seat", (*outline.seats, EVERYONE))


def check_seat(seat: Document, path: str, expected: str, outline: Outline) -> tuple[Finding, ...]:
    """What a seat file says about its table."""
    notes = Notes(path)
    if isinstance(seat.get("id"), str) and seat["id"] != expected:
        notes.add("id", f"found {seat['id']!a}; the file is named after {expected!a}")
    _check_values(seat, notes, outline)
    _check_lines(seat, notes, outline)
    for preset, _ in pairs(seat.get("mandate")):
        if preset != "source":
            notes.known(f"mandate.{preset}", preset, "preset", outline.presets)
    for key in ("mandate", "style", "currency_rank"):
        part = seat.get(key)
        if isinstance(part, dict):
            notes.claims(f"{key}.source", part.get("source"), outline)
    rank = seat.get("currency_rank")
    if isinstance(rank, dict) and isinstance(rank.get("order"), list):
        order = [word for _, word in texts(rank["order"])]
        if sorted(order) != sorted(outline.currencies):
            wanted = ", ".join(outline.currencies)
            notes.add("currency_rank.order", f"must name each currency once: {wanted}")
    for key in ("goals", "interests"):
        for place, aim in rows(seat, key):
            notes.claims(f"{key}[{place}].source", aim.get("source"), outline)
            if isinstance(aim.get("currency"), str):
                here = f"{key}[{place}].currency"
                notes.known(here, aim["currency"], "currency", outline.currencies)
    _check_talk(seat, notes, outline)
    return tuple(notes.found)


def _check_values(seat: Document, notes: Notes, outline: Outline) -> None:
    """The sheet covers the agenda, and its best options add up to the scale."""
    sheet = seat.get("sheet")
    if isinstance(sheet, dict):
        best = [_check_row(issue, row, notes, outline) for issue, row in sheet.items()]
        missing = [issue for issue in outline.issues if issue not in sheet]
        for issue in missing:
            notes.add(f"sheet.{issue}", "no points for this issue")
        total = sum(row for row in best if row is not None)
        own = seat.get("scale")
        scale = own if type(own) is int else outline.scale
        if not missing and None not in best and scale not in (None, total):
            notes.add("sheet", f"the best options add up to {total}; scale says {scale}")
    for place, line in rows(seat, "no_deal"):
        notes.claims(f"no_deal[{place}].source", line.get("source"), outline)
        if isinstance(line.get("points"), list):
            _width(notes, f"no_deal[{place}].points", line["points"], outline)


def _check_row(issue: str, row: object, notes: Notes, outline: Outline) -> int | None:
    """One issue's points; answers the best option's total when all of it can be read."""
    if not notes.known(f"sheet.{issue}", issue, "issue", outline.issues):
        return None
    totals: list[int] = []
    for option, points in pairs(row):
        here = f"sheet.{issue}.{option}"
        if option == "source":
            notes.claims(here, points, outline)
            continue
        notes.known(here, option, f"option of {issue}", outline.issues[issue])
        if isinstance(points, list) and all(type(number) is int for number in points):
            _width(notes, here, points, outline)
            totals.append(sum(points))
    listed = row if isinstance(row, dict) else {}
    for option in outline.issues[issue]:
        if option not in listed:
            notes.add(f"sheet.{issue}.{option}", "no points for this option")
    return max(totals) if totals and len(totals) == len(outline.issues[issue]) else None


def _width(notes: Notes, key: str, points: list[object], outline: Outline) -> None:
    """One number per currency."""
    width = len(outline.currencies)
    if width and len(points) != width:
        notes.add(key, f"found {len(points)} numbers; expected {width}, one per currency")


def _check_lines(seat: Document, notes: Notes, outline: Outline) -> None:
    """Red lines: nothing in them may be unknown, doubled, or such that they can never bite."""
    notes.unique("red_lines", ids(seat, "red_lines"), "id")
    for place, line in rows(seat, "red_lines"):
        here = f"red_lines[{place}]"
        notes.claims(f"{here}.source", line.get("source"), outline)
        notes.choices(f"{here}.forbid", line.get("forbid"), outline)
        notes.choices(f"{here}.of", line.get("of"), outline)
        together, counted = "forbid" in line, "at_most" in line or "of" in line
        if together and counted:
            notes.add(here, "has both `forbid` and `at_most`; a line is one or the other")
        elif not together and not ("at_most" in line and "of" in line):
            notes.add(here, "needs `forbid`, or `at_most` together with `of`")
        most, of = line.get("at_most"), line.get("of")
        if isinstance(most, int) and isinstance(of, dict) and most >= len(of):
            notes.add(f"{here}.at_most", f"{most} of {len(of)} issues can never be too many")


def _check_talk(seat: Document, notes: Notes, outline: Outline) -> None:
    """Positions, talking points and sentence frames."""
    for place, row in rows(seat, "positions"):
        here = f"positions[{place}]"
        notes.claims(f"{here}.source", row.get("source"), outline, public=True)
        issue, option = row.get("issue"), row.get("option")
        if isinstance(issue, str) and notes.known(f"{here}.issue", issue, "issue", outline.issues):
            options = outline.issues[issue]
            if isinstance(option, str):
                notes.known(f"{here}.option", option, f"option of {issue}", options)
    notes.unique("points", ids(seat, "points"), "id")
    for place, row in rows(seat, "points"):
        _check_point(row, f"points[{place}]", notes, outline)
    for act, frames in pairs(seat.get("phrases")):
        allowed = PhrasesShape.fill_ins.get(act, frozenset())
        for place, frame in texts(frames):
            for part in _FRAME_PART.finditer(frame):
                if part[1] not in allowed:
                    wanted = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "none"
                    problem = f"the fill-in {part[0]} is not one of this list; allowed: {wanted}"
                    notes.add(f"phrases.{act}[{place}]", problem)


def _check_point(row: Document, here: str, notes: Notes, outline: Outline) -> None:
    """One talking point argues about options of its issue, and takes one side on each."""
    notes.claims(f"{here}.source", row.get("source"), outline, public=True)
    issue = row.get("issue")
    if not isinstance(issue, str):
        return
    if not notes.known(f"{here}.issue", issue, "issue", outline.issues):
        return
    sides = {side: [word for _, word in texts(row.get(side))] for side in ("for", "against")}
    for side, options in sides.items():
        notes.unique(f"{here}.{side}", iter(enumerate(options)), "option")
        for place, option in enumerate(options):
            spot = f"{here}.{side}[{place}]"
            notes.known(spot, option, f"option of {issue}", outline.issues[issue])
    if not sides["for"] and not sides["against"]:
        notes.add(here, "argues neither for nor against any option")
    for option in sorted(set(sides["for"]) & set(sides["against"])):
        notes.add(here, f"argues both for and against {option!a}")


def check_points(seats: dict[str, Document]) -> Iterator[tuple[str, str, str]]:
    """Ids of talking points that two seats share: (seat, key, problem)."""
    owner: dict[str, str] = {}
    for seat, document in seats.items():
        for place, point in ids(document, "points"):
            first = owner.setdefault(point, seat)
            if first != seat:
                yield seat, f"points[{place}].id", f"{point!a} is a point of {first} already"
