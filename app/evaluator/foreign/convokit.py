"""ConvoKit: a corpus folder or its `utterances.jsonl`, or utterances as one JSON list.

Utterances of one `conversation_id` (older corpora: `root`) make a talk, in the order of their
timestamps where all have one, else in the file's order.
"""

from __future__ import annotations

from typing import Any

from app.evaluator.foreign.plain import json_lines, json_of, wrong
from app.evaluator.transcript import Transcript, numbered


def read_convokit(raw: bytes, name: str) -> tuple[Transcript, ...]:
    """Every conversation of the file, in the order of first words."""
    if raw.lstrip()[:1] == b"[":
        listed = json_of(raw, name)
        entries = [(number, entry) for number, entry in enumerate(listed, 1)]
    else:
        entries = list(json_lines(raw, name))
    talks: dict[str, list[dict[str, Any]]] = {}
    for number, entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
            raise wrong(name, f"utterance {number}", "expected {speaker, text, conversation_id}")
        talk = entry.get("conversation_id", entry.get("root"))
        talks.setdefault(str(talk), []).append(entry)
    if not talks:
        raise wrong(name, "", "no utterances in it")
    return tuple(
        Transcript(id=talk, format="convokit", turns=numbered(map(_said, _in_order(said))))
        for talk, said in talks.items()
    )


def _in_order(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By time where every utterance has one; sorting is stable."""
    times = [entry.get("timestamp") for entry in said]
    if all(isinstance(time, (int, float)) for time in times):
        return sorted(said, key=lambda entry: float(entry["timestamp"]))
    return said


def _said(entry: dict[str, Any]) -> tuple[str, str]:
    speaker = entry.get("speaker", entry.get("user"))
    if isinstance(speaker, dict):
        speaker = speaker.get("id")
    return str(speaker or "?"), str(entry["text"])
