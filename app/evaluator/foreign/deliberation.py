"""LLM-Deliberation's sessions in the compact form: one JSON object a session and line.

    {"id", "game", "turns": [{"agent", "text", "final"?}], "final_deal", "scores", "mins", "met"}

The scores that stand beside the words are kept as `meta` and never used for scoring.
"""

from __future__ import annotations

from typing import Any

from app.evaluator.foreign.plain import json_lines, wrong
from app.evaluator.transcript import Transcript, Turn


def read_deliberation(raw: bytes, name: str) -> tuple[Transcript, ...]:
    """Every session of the file; CaseError with the line of what is wrong."""
    found = []
    for line, entry in json_lines(raw, name):
        turns = entry.get("turns")
        if not isinstance(turns, list) or not turns:
            raise wrong(name, f"line {line}", "no list `turns`")
        found.append(
            Transcript(
                id=str(entry.get("id") or f"{name}-{line}"),
                format="deliberation",
                turns=tuple(
                    _turn(number, turn, name, line) for number, turn in enumerate(turns, 1)
                ),
                table=str(entry.get("game") or ""),
                meta={k: v for k, v in entry.items() if k not in ("turns", "id")},
            )
        )
    if not found:
        raise wrong(name, "", "no session in it; expected one JSON object a line")
    return tuple(found)


def _turn(number: int, turn: Any, name: str, line: int) -> Turn:
    if not isinstance(turn, dict) or not isinstance(turn.get("text"), str):
        raise wrong(name, f"line {line}, turn {number}", "expected {agent, text}")
    return Turn(
        number=number,
        speaker=str(turn.get("agent") or "?"),
        text=turn["text"],
        final=turn.get("final") is True,
    )
