"""Wording: a key path, what was found there, what was expected, and what was perhaps meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.errors import Finding
from app.library import shapes

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LIMIT = 60


def key_path(parts: tuple[int | str, ...]) -> str:
    """`red_lines[2].forbid.alliance`."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]":
            name = part if _BARE.fullmatch(part) else _short(ascii(part))
            path += f".{name}" if path else name
    return path


def shown(value: object) -> str:
    """A value as a finding prints it: short, on one line, whatever it is."""
    if isinstance(value, dict):
        return f"a table of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 10**20:
        return "an enormous number"
    return _short(ascii(value) if isinstance(value, str) else str(value))


def meant(word: str, known: Collection[str]) -> str:
    """`; did you mean 'alliance'?`, or what there is to choose from, or nothing."""
    close = difflib.get_close_matches(word[:_LIMIT], sorted(known), n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    if 0 < len(known) <= 12:
        return f"; known: {', '.join(sorted(known))}"
    return ""


def of_validation(error: ValidationError, name: str, shape: type[BaseModel]) -> tuple[Finding, ...]:
    """What pydantic found in a file of some shape, in the words of an author."""
    details = error.errors(include_url=False, include_context=True)
    return tuple(
        Finding(path=name, key=key_path(detail["loc"]), problem=_problem(detail, shape))
        for detail in details
    )


def _problem(detail: ErrorDetails, shape: type[BaseModel]) -> str:
    """One complaint: found, expected."""
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            above = [part for part in detail["loc"][:-1] if isinstance(part, str)]
            known = _KEYS.get(above[-1], frozenset()) if above else _keys_of(shape)
            return f"unknown key{meant(last, known)}"
        case "string_pattern_mismatch":
            pattern = (detail.get("ctx") or {}).get("pattern")
            wanted = _PATTERNS.get(str(pattern), f"text like {pattern}")
            return f"found {shown(detail['input'])}; expected {wanted}"
        case _:
            message = detail["msg"].replace("Input should be", "expected", 1)
            if message.startswith(("List should", "Dictionary should", "String should")):
                message = f"it {message.split(' ', 1)[1]}"
            message = message.removesuffix(" after validation")
            return f"found {shown(detail['input'])}; {message}"


def _short(text: str) -> str:
    """Cut to what fits in a line."""
    return text if len(text) <= _LIMIT else f"{text[: _LIMIT - 3]}..."


def _keys_of(shape: type[BaseModel]) -> frozenset[str]:
    """The keys of one shape, as they stand in a file."""
    return frozenset(field.alias or name for name, field in shape.model_fields.items())


def _keys() -> dict[str, frozenset[str]]:
    """The keys that a table under some key may hold, whichever the file."""
    below: dict[str, frozenset[str]] = {}
    for shape in _shapes():
        for key, field in shape.model_fields.items():
            for inner in _shapes():
                if f".{inner.__name__}" in repr(field.annotation):
                    below[key] = below.get(key, frozenset()) | _keys_of(inner)
    return below


def _shapes() -> tuple[type[shapes.Shape], ...]:
    """All shapes of files and of what stands in them."""
    return tuple(shapes.Shape.__subclasses__())


_KEYS = _keys()
_PATTERNS = {
    shapes.NAME: "an id: a small letter, then small letters, digits or hyphens, 40 at most",
    r"^[A-Za-z][A-Za-z0-9-]{0,19}$": "a claim id such as 'U6', or \"judgment\"",
    r"^[^\n]*$": "text on one line",
}
