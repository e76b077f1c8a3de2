"""Texts that a pattern is met by, with every one of its alternatives in some of them."""

from __future__ import annotations

import importlib
import random
import re
from collections.abc import Sequence
from typing import Any

_parser: Any = importlib.import_module("re._parser")
KINDS = {"CATEGORY_WORD": "a", "CATEGORY_DIGIT": "4", "CATEGORY_SPACE": " "}


def branches(pattern: re.Pattern[str]) -> list[str]:
    """Texts in which the pattern is found; the same in every run."""
    dice = random.Random(1)
    found = _sequence(list(_parser.parse(pattern.pattern)), dice)
    return sorted({text for text in found if pattern.search(text)})


def _sequence(steps: Sequence[tuple[Any, Any]], dice: random.Random) -> list[str]:
    """Every variant of every step, among drawn ones of the others."""
    variants = [_step(str(op), given, dice) for op, given in steps]
    found = set()
    for place, own in enumerate(variants):
        for variant in own:
            for _ in range(2):
                drawn = [dice.choice(each) for each in variants]
                drawn[place] = variant
                found.add("".join(drawn))
    return sorted(found) or [""]


def _step(op: str, given: Any, dice: random.Random) -> list[str]:
    match op:
        case "LITERAL":
            return [chr(given)]
        case "NOT_LITERAL" | "ANY":
            return [" "]
        case "IN":
            return _class(given)
        case "BRANCH":
            return [text for branch in given[1] for text in _sequence(list(branch), dice)]
        case "SUBPATTERN":
            return _sequence(list(given[-1]), dice)
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = given
            one = _sequence(list(inner), dice)
            if least == 0 and one == [" "]:
                return one  # what may stand between two words
            whole = ["".join(dice.choice(one) for _ in range(least)) for _ in range(4)]
            return [*whole, *(text + more for text in whole[:1] for more in one if most > least)]
        case _:
            return [""]


def _class(members: Sequence[tuple[Any, Any]]) -> list[str]:
    """Some characters of a class."""
    if str(members[0][0]) == "NEGATE":
        return [" "]
    found = []
    for op, given in members:
        match str(op):
            case "LITERAL":
                found.append(chr(given))
            case "RANGE":
                found += [chr(given[0]), chr(given[1])]
            case _:
                found.append(KINDS.get(str(given), "x"))
    return found
