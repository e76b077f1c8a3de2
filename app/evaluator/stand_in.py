"""Why a turn was not its seat's own doing, in words for whoever reads it afterwards."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "clock": "the clock ran out",
    "no-answer": "the engine took this turn: the model gave no answer",
    "no-usable-plan": "the engine took this turn: the model gave no usable move",
    "no-usable-words": "the model decided; the engine put it into words",
    "repeats-itself": "the engine took this turn: the model repeated itself",
    "move-refused": "the engine took this turn: the model's move was not open to it",
}


def stood_in(code: str) -> str:
    """A move's `stand_in` in words; empty when the seat took its turn itself."""
    return WORDS.get(code, "the engine took this turn in the model's place") if code else ""
