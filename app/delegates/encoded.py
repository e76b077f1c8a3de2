"""Texts of prompts as JSON strings: made once for the hash of a prompt and for who sends it."""

from __future__ import annotations

import json
from functools import lru_cache

MOST_TEXTS = 32
"""Texts kept: those of the prompts on their way, not those of turns gone by."""

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""JSON as it is hashed and sent."""

_ORDINARY = bytes(range(32, 256))


@lru_cache(maxsize=MOST_TEXTS)
def encoded(text: str) -> str:
    """What `COMPACT` makes of a text; faster where its only control is the end of a line."""
    controls = text.encode("utf-8", "surrogatepass").translate(None, _ORDINARY)
    if len(controls) != controls.count(b"\n"):
        return COMPACT.encode(text)
    told = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{told}"'
