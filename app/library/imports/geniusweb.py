"""GeniusWeb profiles in JSON: values lie in 0..1 already, and the floor is a bid, not a number."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from app.library.imports.additive import Profile, Subject, additive_case, checked
from app.library.imports.foreign import Imported, folder, one_line, read_text, refuse
from app.library.imports.json_text import number, parsed_json, part
from app.library.shapes import MAX_OPTIONS

KIND = "LinearAdditiveUtilitySpace"
MAX_FILES = 200


def read_profiles(source: str | Path, *, as_of: str) -> Imported:
    """The case of a folder with two or more profiles of one domain."""
    root = folder(source)
    subjects: tuple[Subject, ...] | None = None
    profiles: list[Profile] = []
    notes: list[str] = []
    for file in sorted(root.glob("*.json"))[:MAX_FILES]:
        value = parsed_json(read_text(file, file.name), file.name)
        if not isinstance(value, dict) or KIND not in value:
            if not (isinstance(value, dict) and "issuesValues" in value):
                notes.append(f"{file.name}: no {KIND}; left aside")
            continue
        space = part(value, KIND, file.name, dict)
        own = checked(_subjects(space, file.name), file.name)
        if subjects is None:
            subjects = own
        if {s.name: set(s.values) for s in own} != {s.name: set(s.values) for s in subjects}:
            refuse(file.name, "domain", "not the domain of the profiles before it")
        profiles.append(_profile(file, space, subjects))
    if subjects is None:
        refuse(root.name, "", f"no file holds a {KIND}")
    made = additive_case(root.resolve().name, subjects, tuple(profiles), as_of=as_of)
    return Imported(case=made.case, notes=(*notes, *made.notes))


def _subjects(space: Mapping[str, Any], path: str) -> tuple[Subject, ...]:
    """The issues of the domain that a profile carries."""
    domain = part(space, "domain", path, dict)
    issues = part(domain, "issuesValues", path, dict)
    return tuple(
        Subject(name=name, values=_values(row, name, path)) for name, row in issues.items()
    )


def _values(row: object, name: str, path: str) -> tuple[str, ...]:
    """A list of values, or a range with its step."""
    key = f"issuesValues.{one_line(name, 60)}"
    if isinstance(row, Mapping) and isinstance(row.get("range"), Mapping):
        ends = row["range"]
        try:
            low, high, step = (Decimal(str(ends.get(k))) for k in ("low", "high", "step"))
            many = (high - low) / step if step > 0 else Decimal(-1)
        except InvalidOperation:
            refuse(path, key, "a range needs low, high and step")
        if not (many.is_finite() and 0 <= many < MAX_OPTIONS):
            refuse(path, key, f"a range of more than {MAX_OPTIONS} values, or of none")
        return tuple(str(low + step * n) for n in range(int(many) + 1))
    if not isinstance(row, Mapping) or not isinstance(row.get("values"), list):
        refuse(path, key, "neither values nor a range")
    return tuple(map(_word, row["values"]))


def _word(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _profile(file: Path, space: Mapping[str, Any], subjects: tuple[Subject, ...]) -> Profile:
    """Utilities times weights; the floor is what the reservation bid is worth."""
    path = file.name
    weights = part(space, "issueWeights", path, dict)
    utilities = part(space, "issueUtilities", path, dict)
    worth: list[dict[str, float]] = []
    for subject in subjects:
        key = one_line(subject.name, 60)
        share = number(weights.get(subject.name, 0.0), path, f"issueWeights.{key}")
        worth.append(
            {
                value: share * _utility(utilities.get(subject.name), value, path, key)
                for value in subject.values
            }
        )
    bid = space.get("reservationBid")
    chosen = bid.get("issuevalues") if isinstance(bid, Mapping) else None
    reserve = 0.0
    for subject, row in zip(subjects, worth, strict=True):
        value = _word(chosen.get(subject.name)) if isinstance(chosen, Mapping) else ""
        if isinstance(chosen, Mapping) and value not in row:
            refuse(path, "reservationBid", f"{one_line(value, 60)!a} is no value of its issue")
        reserve += row.get(value, 0.0)
    return Profile(name=file.stem, path=path, worth=tuple(worth), reserve=reserve)


def _utility(row: object, value: str, path: str, key: str) -> float:
    """One value's utility: from a table, or on the line between two ends."""
    held = row if isinstance(row, Mapping) else {}
    table, line = held.get("discreteutils"), held.get("numberutils")
    if isinstance(table, Mapping):
        given = table.get("valueUtilities")
        if isinstance(given, Mapping):
            return number(given.get(value, 0.0), path, f"issueUtilities.{key}")
    if not isinstance(line, Mapping):
        refuse(path, f"issueUtilities.{key}", "neither discreteutils nor numberutils")
    ends = ("lowValue", "lowUtility", "highValue", "highUtility")
    low, at_low, high, at_high = (number(line.get(k), path, f"{key}.{k}") for k in ends)
    if low == high:
        refuse(path, f"issueUtilities.{key}", "lowValue and highValue are the same")
    here = number(value, path, key)
    return at_low + (at_high - at_low) * (here - low) / (high - low)
