"""Texts of prompts as JSON strings: made once for the hash of a prompt and for who sends it."""

from __future__ import annotations

import json

from app.domain.derived import Derived

MOST_TEXTS = 32
"""Texts kept: those of prompts on their way, not those of turns gone by."""

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""JSON as it is hashed and sent."""

_as_json: Derived[str, str] = Derived(COMPACT.encode, MOST_TEXTS)


def encoded(text: str) -> str:
    """A text as JSON. The same object gives the same answer without reading it again."""
    return _as_json(text)
