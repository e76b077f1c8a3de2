"""GENIUS/ANAC domain and profile XML, read as GENIUS itself reads it, and written.

A discrete evaluation counts as a part of the largest of its issue; weights are scaled to a sum
of 1; an integer issue is offset + slope x (value - lower bound) and is not divided.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

from app.errors import CaseError
from app.library.imports.additive import Profile, Subject, additive_case, checked
from app.library.imports.foreign import Imported, decoded, folder, one_line, read_bytes, refuse
from app.library.shapes import MAX_OPTIONS

MAX_FILES = 200
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_domain(source: str | Path, *, as_of: str) -> Imported:
    """The case of a folder with one domain file and its profiles."""
    root = folder(source)
    files = sorted(root.glob("*.xml"))[: MAX_FILES + 1]
    if len(files) > MAX_FILES:
        refuse(root.name, "", f"more than {MAX_FILES} XML files; one domain was expected")
    domains: list[tuple[str, ET.Element]] = []
    parties: list[tuple[Path, ET.Element]] = []
    notes: list[str] = []
    for file in files:
        element = parsed(read_bytes(file, file.name), file.name)
        if element.tag == "negotiation_template":
            domains.append((file.name, element))
        elif element.tag == "utility_space":
            parties.append((file, element))
        else:
            notes.append(f"{file.name}: neither a domain nor a profile; left aside")
    if len(domains) != 1:
        problem = f"{len(domains)} domain files (root negotiation_template); one was expected"
        refuse(root.name, "", problem)
    name, domain = domains[0]
    subjects = checked(_subjects(domain, name), name)
    profiles: list[Profile] = []
    for file, element in parties:
        try:
            profiles.append(_profile(file, element, subjects))
        except CaseError as error:
            notes += [f"{finding}; left aside" for finding in error.findings]
    if len(profiles) < 2:
        why = "; ".join(notes) or "no file has the root utility_space"
        refuse(root.name, "", f"{len(profiles)} usable profiles, two or more were expected: {why}")
    made = additive_case(root.resolve().name, subjects, tuple(profiles), as_of=as_of)
    return Imported(case=made.case, notes=(*notes, *made.notes))


def parsed(raw: bytes, name: str) -> ET.Element:
    """The root of an XML file; dirt before its first tag and undeclared Windows text are borne.

    A document type or an entity is refused: both are doors, and no domain needs them.
    """
    declared = _DECLARED.search(raw[:400])
    text = decoded(raw)
    if declared and declared[1].lower() in (b"iso-8859-1", b"latin-1", b"windows-1252"):
        text = raw.decode("cp1252", errors="replace")
    upper = text.upper()
    for door in ("<!DOCTYPE", "<!ENTITY"):
        if door in upper:
            line = text.count("\n", 0, upper.index(door)) + 1
            refuse(name, f"line {line}", f"holds a {door[2:]}, which no domain needs")
    start = text.find("<")
    if start < 0:
        refuse(name, "", "not XML: no tag in it")
    text = re.sub(r"^<\?xml.*?\?>", "", _CONTROL.sub(" ", text[start:]), count=1, flags=re.DOTALL)
    try:
        return ET.fromstring(text)  # noqa: S314 - entities and document types are refused above
    except ET.ParseError as error:
        line = error.position[0] + decoded(raw)[:start].count("\n")
        refuse(name, f"line {line}", f"not XML: {str(error).split(':')[0]}")
    except (RecursionError, ValueError) as error:
        refuse(name, "", f"not XML: {type(error).__name__}")


def _kind(issue: ET.Element) -> str:
    """discrete, integer or real."""
    for key in ("vtype", "type", "etype"):
        if issue.get(key):
            return str(issue.get(key)).strip().lower()
    return "discrete"


def _subjects(domain: ET.Element, path: str) -> tuple[Subject, ...]:
    """The issues of a domain by their index, wherever they nest."""
    found: dict[int, Subject] = {}
    for issue in domain.iter("issue"):
        name = str(issue.get("name", "")).strip() or "issue"
        index = _index(issue, path, len(found) + 1)
        if index in found:
            refuse(path, f"issue {one_line(name, 60)!a}", f"index {index} is taken already")
        kind = _kind(issue)
        if kind == "discrete":
            values = tuple(str(item.get("value", "")) for item in issue.iter("item"))
        elif kind == "integer":
            low, high = _bounds(issue, path)
            values = tuple(str(number) for number in range(low, high + 1))
        else:
            refuse(path, f"issue {one_line(name, 60)!a}", f"{kind[:30]} issues have no options")
        found[index] = Subject(name=name, values=values)
    return tuple(found[index] for index in sorted(found))


def _bounds(issue: ET.Element, path: str) -> tuple[int, int]:
    """Lower and upper bound of an integer issue: attributes, or a range child."""
    inner = issue.find("range")
    place = issue if issue.get("lowerbound") is not None or inner is None else inner
    name = f"issue {one_line(str(issue.get('name')), 60)!a}"
    low = math.floor(_number(place.get("lowerbound"), path, name))
    high = math.floor(_number(place.get("upperbound"), path, name))
    if not low < high or high - low >= MAX_OPTIONS:
        refuse(path, name, f"{low} to {high}; at least 2 and at most {MAX_OPTIONS} values fit")
    return low, high


def _index(element: ET.Element, path: str, default: int) -> int:
    text = str(element.get("index", default)).strip()
    if not re.fullmatch(r"-?\d{1,6}", text):
        refuse(path, "index", f"found {text[:40]!a}; expected a whole number")
    return int(text)


def _number(text: str | None, path: str, key: str) -> float:
    """A finite number."""
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        refuse(path, key, f"found {str(text)[:40]!a}; expected a number")
    return value


def _profile(file: Path, root: ET.Element, subjects: tuple[Subject, ...]) -> Profile:
    """A linear additive profile; what is of another kind is refused by name."""
    path = file.name
    kind = str(root.get("type", "")).lower()
    if kind == "nonlinear" or root.find(".//hyperRectangle") is not None:
        refuse(path, "", "a hyper-rectangle profile: not a sum over issues")
    if kind == "uncertain" or root.find(".//uncertainty") is not None:
        refuse(path, "", "a partial-order profile: it ranks outcomes and values none")
    issues = {_index(i, path, n): i for n, i in enumerate(root.iter("issue"), start=1)}
    weights = {
        _index(w, path, n): _number(w.get("value"), path, f"weight {n}")
        for n, w in enumerate(root.iter("weight"), start=1)
    }
    order = sorted(issues)
    if len(order) != len(subjects):
        refuse(path, "", f"{len(order)} issues; the domain has {len(subjects)}")
    total = sum(weights.get(index, 0.0) for index in order)
    if any(weight < 0 for weight in weights.values()):
        refuse(path, "weight", "a weight below 0")
    if total <= 0:
        refuse(path, "weight", "all weights are 0: an empty profile")
    notes: list[str] = []
    if abs(total - 1.0) > 1e-6:
        notes.append(f"{path}: weights add up to {total:g} and were scaled to 1")
    worth: list[dict[str, float]] = []
    for index, subject in zip(order, subjects, strict=True):
        share = weights.get(index, 0.0) / total
        evaluated = _evaluated(issues[index], subject, path, notes)
        worth.append({value: share * part for value, part in evaluated.items()})
    reserve = _single(root, "reservation", path, 0.0)
    discount = _single(root, "discount_factor", path, 1.0)
    if discount not in (0.0, 1.0):
        notes.append(f"{path}: the discount factor {discount:g} is left out; rounds cost nothing")
    return Profile(
        name=file.stem, path=path, worth=tuple(worth), reserve=reserve, notes=tuple(notes)
    )


def _single(root: ET.Element, tag: str, path: str, default: float) -> float:
    """The value of a tag that stands once; a default when it is missing, as in GENIUS."""
    found = root.find(f".//{tag}")
    return default if found is None else _number(found.get("value"), path, tag)


def _evaluated(
    issue: ET.Element, subject: Subject, path: str, notes: list[str]
) -> dict[str, float]:
    """Each value's evaluation as GENIUS has it."""
    key = f"issue {one_line(subject.name, 60)!a}"
    if _kind(issue) == "integer":
        return _linear(issue, subject, path, key)
    given: dict[str, float] = {}
    for item in issue.iter("item"):
        if item.get("evaluation") is not None:
            given[str(item.get("value", ""))] = _number(item.get("evaluation"), path, key)
    if any(number < 0 for number in given.values()):
        refuse(path, key, "an evaluation below 0")
    notes += [
        f"{path}: {key}: {one_line(value, 40)!a} is not in the domain; left aside"
        for value in given
        if value not in subject.values
    ]
    missing = [value for value in subject.values if value not in given]
    if missing and given:
        notes.append(f"{path}: {key}: no evaluation for {one_line(missing[0], 40)!a}; it counts 0")
    most = max(given.values(), default=0.0)  # as in GENIUS, over all that the profile lists
    return {value: given.get(value, 0.0) / most if most else 0.0 for value in subject.values}


def _linear(issue: ET.Element, subject: Subject, path: str, key: str) -> dict[str, float]:
    """Offset + slope x (value - lower bound); older files give the evaluation at both ends."""
    evaluator = issue.find("evaluator")
    if evaluator is None:
        refuse(path, key, "an integer issue without its evaluator")
    low = int(subject.values[0])
    offset = evaluator.get("offset", evaluator.get("parameter0"))
    slope = evaluator.get("slope", evaluator.get("parameter1"))
    at, rise = _number(offset, path, key), _number(slope, path, key)
    return {value: at + rise * (int(value) - low) for value in subject.values}
