"""NegMAS scenarios, YAML or JSON: one file for the outcome space and one for every party.

The `type` of a file is a class name; exactly two are known here and none is ever looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.library.imports.additive import Profile, Subject, additive_case, checked
from app.library.imports.foreign import Imported, folder, one_line, read_text, refuse
from app.library.imports.json_text import number, parsed_json
from app.library.imports.yaml_subset import parsed_yaml
from app.library.shapes import MAX_OPTIONS

SPACE = "DiscreteCartesianOutcomeSpace"
PARTY = "LinearAdditiveUtilityFunction"
ENDINGS = (".yml", ".yaml", ".json")
MAX_FILES = 200


def read_scenario(source: str | Path, *, as_of: str) -> Imported:
    """The case of a folder written by NegMAS's `dumpas`."""
    root = folder(source)
    spaces: list[tuple[str, Mapping[str, Any]]] = []
    parties: list[tuple[str, Mapping[str, Any]]] = []
    notes: list[str] = []
    for file in sorted(root.iterdir())[:MAX_FILES]:
        if file.suffix not in ENDINGS or file.name.startswith("_"):
            continue  # _info and _stats are side files
        text = read_text(file, file.name)
        value = (parsed_json if file.suffix == ".json" else parsed_yaml)(text, file.name)
        kind = value.get("type") if isinstance(value, Mapping) else None
        if kind == SPACE:
            spaces.append((file.name, value))
        elif kind == PARTY:
            parties.append((file.name, value))
        else:
            refuse(file.name, "type", f"found {one_line(repr(kind), 60)}; known: {SPACE}, {PARTY}")
    if len(spaces) != 1:
        refuse(root.name, "", f"{len(spaces)} files of type {SPACE}; one was expected")
    name, space = spaces[0]
    subjects = checked(_subjects(space, name), name)
    profiles = tuple(_profile(path, party, subjects) for path, party in parties)
    made = additive_case(str(space.get("name") or root.name), subjects, profiles, as_of=as_of)
    return Imported(case=made.case, notes=(*notes, *made.notes))


def _subjects(space: Mapping[str, Any], path: str) -> tuple[Subject, ...]:
    """Issues with values listed, or an integer range given by its two ends."""
    issues = space.get("issues")
    if not isinstance(issues, list):
        refuse(path, "issues", "a list was expected")
    found: list[Subject] = []
    for place, issue in enumerate(issues):
        key = f"issues[{place}]"
        if not isinstance(issue, Mapping):
            refuse(path, key, "a mapping was expected")
        kind = str(issue.get("type", "")).rpartition(".")[2]
        if kind == "ContinuousIssue":
            refuse(path, key, "a continuous issue has no options")
        found.append(
            Subject(name=str(issue.get("name", f"issue {place}")), values=_values(issue, path, key))
        )
    return tuple(found)


def _values(issue: Mapping[str, Any], path: str, key: str) -> tuple[str, ...]:
    values = issue.get("values")
    kind = str(issue.get("type", "")).rpartition(".")[2]
    if not isinstance(values, list):
        refuse(path, f"{key}.values", "a list was expected")
    if kind == "ContiguousIssue":
        ends = [value for value in values if isinstance(value, int)]
        if len(ends) != 2 or not ends[0] < ends[1] or ends[1] - ends[0] >= MAX_OPTIONS:
            refuse(
                path, f"{key}.values", f"two ends with at most {MAX_OPTIONS} values were expected"
            )
        return tuple(map(str, range(ends[0], ends[1] + 1)))
    return tuple(map(str, values))


def _profile(path: str, party: Mapping[str, Any], subjects: tuple[Subject, ...]) -> Profile:
    """Weights times table values, added up as they stand: NegMAS scales nothing."""
    weights, values = party.get("weights"), party.get("values")
    if not isinstance(weights, list) or not isinstance(values, list):
        refuse(path, "weights", "lists of weights and values were expected")
    if not len(weights) == len(values) == len(subjects):
        problem = f"{len(weights)} weights and {len(values)} tables for {len(subjects)} issues"
        refuse(path, "values", problem)
    worth: list[dict[str, float]] = []
    for place, (subject, weight, row) in enumerate(zip(subjects, weights, values, strict=True)):
        key = f"values[{place}]"
        kind = row.get("type") if isinstance(row, Mapping) else None
        table = row.get("mapping") if isinstance(row, Mapping) else None
        if kind != "TableFun" or not isinstance(table, Mapping):
            refuse(path, key, f"found {one_line(repr(kind), 60)}; only TableFun is known")
        given = {str(value): worth for value, worth in table.items()}
        missing = [value for value in subject.values if value not in given]
        if missing:
            refuse(path, key, f"no value for {one_line(missing[0], 40)!a}")
        share = number(weight, path, f"weights[{place}]")
        worth.append({v: share * number(given[v], path, key) for v in subject.values})
    held = party.get("reserved_value")
    reserve = 0.0 if held is None or held == float("-inf") else number(held, path, "reserved_value")
    name = str(party.get("name") or Path(path).stem)
    return Profile(name=name, path=path, worth=tuple(worth), reserve=reserve)
