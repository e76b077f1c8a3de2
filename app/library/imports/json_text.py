"""Foreign JSON: parsed with limits, and asked for parts with the place of what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from app.library.imports.foreign import one_line, refuse

MAX_DEPTH = 40


def parsed_json(text: str, name: str) -> Any:
    """The value of a JSON text; CaseError when it is none or nests too deeply."""
    depth = deepest = 0
    for mark in text:
        depth += (mark in "[{") - (mark in "]}")
        deepest = max(deepest, depth)
    if deepest > 50 * MAX_DEPTH:
        refuse(name, "", "nested too deeply")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        refuse(name, f"line {error.lineno}, column {error.colno}", f"not JSON: {error.msg}")
    except (ValueError, RecursionError) as error:
        refuse(name, "", f"not JSON: {one_line(str(error), 80)}")
    if _depth(value) > MAX_DEPTH:
        refuse(name, "", f"nested too deeply; at most {MAX_DEPTH} levels are read")
    return value


def _depth(value: object) -> int:
    """How deep lists and objects nest, without recursion."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, level = waiting.pop()
        deepest = max(deepest, level)
        if isinstance(item, dict):
            waiting += [(inner, level + 1) for inner in item.values()]
        elif isinstance(item, list):
            waiting += [(inner, level + 1) for inner in item]
    return deepest


def part(value: object, key: str, path: str, kind: type) -> Any:
    """A named part of an object, of a kind; CaseError with its place."""
    if not isinstance(value, Mapping) or key not in value:
        refuse(path, key, "is missing")
    found = value[key]
    wrong = isinstance(found, bool) and kind is not bool
    if wrong or not isinstance(found, (int, float) if kind is float else kind):
        refuse(path, key, f"found {one_line(repr(found), 60)}; expected {kind.__name__}")
    return found


def number(value: object, path: str, key: str) -> float:
    """A finite number; numbers written as text are read too."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        found = float(value)
    except (ValueError, OverflowError):
        refuse(path, key, f"found {one_line(repr(value), 60)}; expected a number")
    if not math.isfinite(found):
        refuse(path, key, "is not finite")
    return found
