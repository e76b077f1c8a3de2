"""A `Case` written as the TOML files it could have been read from.

What a case does not hold cannot be written: the sources of sheets, mandates, styles, rules and
patterns are left out; all else comes back as it was when the folder is read again.
"""

from __future__ import annotations

import datetime
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from app.domain.case import Case, Seat, Session
from app.domain.events import EVERYBODY
from app.domain.mandate import Mandate, RedLine
from app.errors import CaseError, Finding
from app.library.checks import EVERYONE
from app.library.load import load_case
from app.library.places import TABLE_FILE
from app.library.reading import Document
from app.library.shapes import SEAT_FORMAT, TABLE_FORMAT

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_case(case: Case, dest: str | Path, comment: str = "") -> Path:
    """Write a case into an empty or new folder and answer it; CaseError when it cannot be.

    The files are read back first, elsewhere: nothing is written that `load_case` would refuse
    or read differently. `comment` heads table.toml.
    """
    target = Path(dest)
    meant = documents(case)
    papers = {f"{name}.toml": toml(paper) for name, paper in meant.items()}
    if comment:
        head = "".join(f"# {line}\n" for line in comment.splitlines())
        papers[TABLE_FILE] = head + papers[TABLE_FILE]
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / (target.name or "table")
        _fill(trial, papers)
        if documents(load_case(trial)) != meant:
            raise CaseError((Finding(path=str(dest), key="", problem="not the same when read"),))
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            problem = "exists and is not an empty folder; choose another place"
            raise CaseError((Finding(path=str(dest), key="", problem=problem),))
        _fill(target, papers)
    except (OSError, ValueError) as error:
        problem = f"cannot be written ({error})"
        raise CaseError((Finding(path=ascii(str(dest)), key="", problem=problem),)) from error
    return target


def _fill(folder: Path, papers: Mapping[str, str]) -> None:
    """Put files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in papers.items():
        (folder / name).write_text(text, encoding="utf-8")


def documents(case: Case) -> dict[str, Document]:
    """The table's document under "table" and one for each seat under its id."""
    papers = {"table": _table(case)}
    for seat in case.seats:
        papers[seat.id] = _seat(case, seat, case.mandates[seat.id])
    return papers


def _table(case: Case) -> Document:
    """table.toml."""
    rule: Document = {"required": case.rule.required, "at_least": case.rule.at_least}
    rule |= {"vetoes": case.rule.vetoes, "unanimity_bonus": dict(case.rule.unanimity_bonus)}
    held = ("id", "title", "disclaimer", "not_on_table", "currencies", "scale", "gain")
    session = {f.name: getattr(case.session, f.name) for f in fields(Session)}
    del session["record"]  # chosen when a table is opened, never by a file
    paper: Document = {"format": TABLE_FORMAT} | {key: getattr(case, key) for key in held}
    paper |= {"as_of": _date(case.as_of), "seats": case.seat_ids, "rule": rule, "session": session}
    paper["presets"] = {p.id: {"text": p.text, "strong": p.strong} for p in case.presets}
    paper["issues"] = [asdict(issue) for issue in case.issues]
    paper["sources"] = [asdict(source) | {"date": _date(source.date)} for source in case.sources]
    paper["claims"] = [asdict(claim) for claim in case.claims]
    paper["packages"] = [
        {
            "id": row.id,
            "title": row.title,
            "choose": case.agenda.as_mapping(row.package),
            "source": row.source,
        }
        for row in case.references
    ]
    paper["patterns"] = [asdict(pattern) for pattern in case.patterns]
    paper["injects"] = [
        asdict(row) | {"to": [EVERYONE] if row.to == EVERYBODY else row.to} for row in case.injects
    ]
    return paper


def _seat(case: Case, seat: Seat, mandate: Mandate) -> Document:
    """A seat's file."""
    paper: Document = {"format": SEAT_FORMAT, "id": seat.id, "name": seat.name}
    paper |= {"short": seat.short, "public_brief": seat.brief, "confidential_brief": mandate.brief}
    if mandate.scale:
        paper["scale"] = mandate.scale
    if seat.register:
        paper["voice"] = {"register": seat.register} | ({"speaks_as": "I"} if seat.single else {})
    paper["style"] = asdict(mandate.style)
    if mandate.currency_rank:
        paper["currency_rank"] = {"order": mandate.currency_rank}
    paper["mandate"] = dict(mandate.least)
    paper["sheet"] = {
        issue.id: dict(row) | {"source": []}
        for issue, row in zip(case.issues, mandate.sheet, strict=True)
    }
    paper["red_lines"] = [_line(line) for line in mandate.red_lines]
    paper["no_deal"] = [asdict(line) for line in mandate.no_deal_lines]
    paper["goals"] = [asdict(aim) for aim in mandate.goals]
    paper["interests"] = [asdict(aim) for aim in mandate.interests]
    paper["positions"] = [asdict(position) for position in seat.positions]
    paper["points"] = [
        {"for" if key == "favours" else key: value for key, value in asdict(point).items()}
        for point in seat.points
    ]
    paper["phrases"] = {act: frames for act, frames in seat.phrases.items() if frames}
    return paper


def _line(line: RedLine) -> Document:
    """`forbid` where all together are meant, `at_most` with `of` where a number is."""
    paper: Document = {"id": line.id, "text": line.text, "status": line.status}
    paper["source"] = line.source
    if line.limit == len(line.of) - 1:
        return paper | {"forbid": dict(line.of)}
    return paper | {"at_most": line.limit, "of": dict(line.of)}


def _date(text: str) -> object:
    """A date as TOML knows it; a text that is none stays one, and is refused when read back."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return text


def toml(document: Document) -> str:
    """A document as TOML text, in the order of its keys, tables after plain values."""
    return "\n".join(_lines(document, ())).strip("\n") + "\n"


def _lines(
    table: Mapping[str, Any], path: tuple[str, ...], *, listed: bool = False
) -> Iterator[str]:
    """One table: plain values first, then what is under headings of its own."""
    below = {key: value for key, value in table.items() if _headed(value, listed)}
    for key, value in table.items():
        if key not in below:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in below.items():
        here = (*path, key)
        heading = ".".join(_key(part) for part in here)
        if isinstance(value, Mapping):
            if any(not isinstance(i, Mapping) or not _headed(i, False) for i in value.values()):
                yield from ("", f"[{heading}]")
            yield from _lines(value, here)
        else:
            for row in value:
                yield from ("", f"[[{heading}]]")
                yield from _lines(row, here, listed=True)


def _headed(value: object, listed: bool) -> bool:
    """Whether a value gets a heading: tables, but not those of a list's row, and lists of them."""
    if isinstance(value, Mapping):
        return bool(value) and not listed
    rows = value if isinstance(value, list | tuple) else ()
    return bool(rows) and all(isinstance(row, Mapping) for row in rows)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: object) -> str:
    """A plain value, a list of them, or a small table."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | datetime.date():
            return str(value)
        case float():
            return repr(value)
        case str():
            return _text(value)
        case Mapping():
            inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            if len(value) > 3 and all(isinstance(item, str) and len(item) > 30 for item in value):
                return "[\n" + "".join(f"  {_quoted(item)},\n" for item in value) + "]"
            return f"[{', '.join(_value(item) for item in value)}]"
        case _:
            raise TypeError(f"TOML has no {type(value).__name__}")


def _text(text: str) -> str:
    """Long texts with line breaks over several lines, all else on one."""
    if "\n" not in text:
        return _quoted(text)
    lines = (_quoted(line)[1:-1].replace('\\"', '"') for line in text.split("\n"))
    inner = re.sub(r'"(?="|\Z)', r"\"", "\n".join(lines))
    return f'"""\n{inner}"""'


def _quoted(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
