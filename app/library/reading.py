"""One TOML file from the disk: its limits, its text, its syntax; findings instead of tracebacks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeAlias

from app.errors import Finding

Document: TypeAlias = dict[str, Any]

MAX_BYTES = 1024 * 1024
"""Largest file that is read."""

MAX_DEPTH = 8
"""How deep tables, arrays and dotted keys may nest."""

_BOM = b"\xef\xbb\xbf"
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)

# Strings and comments first, so that what stands inside them does not count as structure.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*'|"
    r"\#[^\n]*|"
    r"[\[\]{}.=,\n]",
    re.DOTALL,
)


def read_toml(path: Path, name: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """The document in a file, or what is wrong with it; `name` is the path in findings."""
    raw, problem = _bytes(path)
    if raw is None:
        return None, (Finding(path=name, key="", problem=problem),)
    text, found = _text(raw, name)
    if text is None:
        return None, found
    found = _nesting(text, name)
    if found:
        return None, found
    try:
        document = tomllib.loads(text)
    except RecursionError:
        problem = f"nested too deeply; at most {MAX_DEPTH} levels are read"
        return None, (Finding(path=name, key="", problem=problem),)
    except ValueError as error:
        return None, (_syntax(error, name, text),)
    return document, strings(document, name)


def _bytes(path: Path) -> tuple[bytes | None, str]:
    """What the file holds, or why it was not read."""
    try:
        if not path.exists():
            return None, "there is no such file"
        if not path.is_file():
            return None, "this is not a regular file; a TOML file was expected"
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        return None, f"cannot be read ({error.strerror or error})"
    except ValueError:
        return None, "this is not a file name"
    if len(raw) > MAX_BYTES:
        return None, f"larger than {MAX_BYTES} bytes; split the text or shorten it"
    return raw, ""


def _text(raw: bytes, name: str) -> tuple[str | None, tuple[Finding, ...]]:
    """The file as text: UTF-8 without a byte order mark."""
    if raw.startswith(_BOM):
        problem = "begins with a byte order mark; save it as UTF-8 without one"
        return None, (Finding(path=name, key="line 1", problem=problem),)
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return None, (Finding(path=name, key=f"line {line}", problem=problem),)


def _nesting(text: str, name: str) -> tuple[Finding, ...]:
    """Refuses deep nesting before the parser meets it: it recurses, and dots cost it squares."""
    depth = dots = 0
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in "[{":
            depth, dots = depth + 1, 0
        elif mark in "]}":
            depth = max(depth - 1, 0)
        elif mark == ".":
            dots += 1
        elif len(mark) == 1:
            dots = 0
        if max(depth, dots) > MAX_DEPTH:
            at = token.start()
            line = text.count("\n", 0, at) + 1
            column = at - text.rfind("\n", 0, at)
            problem = f"nested too deeply; at most {MAX_DEPTH} levels are read"
            return (Finding(path=name, key=f"line {line}, column {column}", problem=problem),)
    return ()


def _syntax(error: ValueError, name: str, text: str) -> Finding:
    """A parser's complaint, with its place in front."""
    words = str(error)
    place = _PLACE.search(words)
    if place is None:
        return Finding(path=name, key="", problem=f"not TOML: {words}")
    last = text.count("\n") + 1
    key = f"line {place[1]}, column {place[2]}" if place[1] else f"line {last}, the end"
    return Finding(path=name, key=key, problem=f"not TOML: {words[: place.start()]}")


def strings(value: object, name: str, key: str = "") -> tuple[Finding, ...]:
    """Characters that no text may hold: control and direction marks, also inside keys."""
    found: list[Finding] = []
    if isinstance(value, dict):
        for part, inner in value.items():
            here = f"{key}.{part}" if key else part
            if _FORBIDDEN.search(part):
                problem = f"the key {part!a} holds a control character"
                found.append(Finding(path=name, key=key, problem=problem))
                continue
            found += strings(inner, name, here)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found += strings(inner, name, f"{key}[{place}]")
    elif isinstance(value, str) and (bad := _FORBIDDEN.search(value)):
        problem = f"holds the character U+{ord(bad.group()):04X}, which no text may hold"
        found.append(Finding(path=name, key=key, problem=problem))
    return tuple(found)
