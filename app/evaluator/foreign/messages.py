"""OpenAI messages as JSONL: one talk a line, `{"messages": [{"role", "name"?, "content"}]}`.

The speaker is `name`, else a `**Speaker:**` at the head of the content, else the role. ShareGPT's
`conversations` with `from` and `value` is read too. System and tool messages are not turns.
"""

from __future__ import annotations

import re
from typing import Any

from app.evaluator.foreign.plain import json_lines, words, wrong
from app.evaluator.transcript import Transcript, numbered

_BOLD = re.compile(r"^\*\*(?P<name>[^*\n:]{1,60}):\*\*\s*")
_SILENT = frozenset(("system", "developer", "tool", "function"))


def read_messages(raw: bytes, name: str) -> tuple[Transcript, ...]:
    """Every talk of the file; CaseError with the line of what is wrong."""
    found = [
        Transcript(
            id=str(entry.get("id") or f"{name.rpartition('.')[0] or name}-{line}"),
            format="messages",
            turns=numbered(said(_listed(entry, name, line), name, f"line {line}")),
            table=str(entry.get("table") or ""),
            meta={k: v for k, v in entry.items() if k not in ("messages", "conversations", "id")},
        )
        for line, entry in json_lines(raw, name)
    ]
    if not found:
        raise wrong(name, "", "no talk in it; expected one JSON object a line")
    return tuple(found)


def _listed(entry: dict[str, Any], name: str, line: int) -> list[Any]:
    for key in ("messages", "conversations"):
        if isinstance(entry.get(key), list):
            return list(entry[key])
    raise wrong(name, f"line {line}", "no list `messages`")


def said(messages: list[Any], name: str, place: str) -> list[tuple[str, str]]:
    """Speaker and text of every message that is a turn."""
    out: list[tuple[str, str]] = []
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            raise wrong(name, f"{place}, message {number}", "expected a JSON object")
        role = str(message.get("role") or message.get("from") or "")
        text = words(message.get("content", message.get("value")))
        if role in _SILENT or not text.strip():
            continue
        notes = message.get("metadata")
        speaker = message.get("name") or (notes.get("speaker") if isinstance(notes, dict) else "")
        bold = _BOLD.match(text)
        if bold and (not speaker or bold["name"] == speaker):
            speaker, text = bold["name"], text[bold.end() :]
        out.append((str(speaker or role or "?"), text))
    return out
