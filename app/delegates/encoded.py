"""Texts of prompts as JSON strings: made once for the hash of a prompt and for who sends it."""

from __future__ import annotations

import json

MOST_TEXTS = 32
"""Texts kept: those of prompts on their way, not those of turns gone by."""

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""JSON as it is hashed and sent."""

_KEPT: dict[int, tuple[str, str]] = {}


def encoded(text: str) -> str:
    """A text as JSON. The same object gives the same answer without reading it again."""
    held = _KEPT.get(id(text))
    if held is None or held[0] is not text:
        if len(_KEPT) >= MOST_TEXTS:
            _KEPT.clear()  # not the oldest by its place: evaluations play tables in several threads
        held = _KEPT[id(text)] = (text, COMPACT.encode(text))
    return held[1]
