"""Judges with implanted defects, for showing that each defect is caught."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from app.evaluator.grader import grade
from app.evaluator.judge import Request

Entry = dict[str, Any]


def rewritten(change: Callable[[Entry, Request], Entry]) -> Callable[[Request], str]:
    """The honest grader with every entry changed."""

    def judge(asked: Request) -> str:
        entries = json.loads(grade(asked))["criteria"]
        return json.dumps({"criteria": [change(entry, asked) for entry in entries]})

    return judge


def some_quote(asked: Request, entry: Entry) -> list[Entry]:
    """Any true words of the party, so that only the level is wrong."""
    party = asked.names.get(entry["id"].partition(":")[2])
    for turn, speaker, text in asked.turns:
        words = text.split()
        if speaker == party and len(words) > 1:
            return [{"t": turn, "text": " ".join(words[:4])}]
    return []


def _yes(entry: Entry, asked: Request) -> Entry:
    return {**entry, "level": 4, "verdict": "met", "quotes": some_quote(asked, entry)}


def _believes(entry: Entry, asked: Request) -> Entry:
    party = asked.names.get(entry["id"].partition(":")[2])
    said = " ".join(text for _, who, text in asked.turns if who == party).lower()
    return _yes(entry, asked) if "i am a" in said or "more than i do" in said else entry


def _middle(entry: Entry, asked: Request) -> Entry:
    return {**entry, "level": 2, "verdict": "met", "quotes": some_quote(asked, entry)}


def _empty(entry: Entry, asked: Request) -> Entry:
    return {**entry, "level": 0, "verdict": "not_met", "quotes": []}


def _invents(entry: Entry, asked: Request) -> Entry:
    return {**entry, "level": 3, "quotes": [{"t": "T1", "text": "we deeply value your wisdom"}]}


def _prefers_first(entry: Entry, asked: Request) -> Entry:
    first = asked.turns[0][1] if asked.turns else ""
    shown = asked.names.get(entry["id"].partition(":")[2])
    lucky = shown == first if not shown or not shown.startswith("Party ") else shown == "Party A"
    return _yes(entry, asked) if lucky and entry["level"] else entry


def _counts_words(entry: Entry, asked: Request) -> Entry:
    party = asked.names.get(entry["id"].partition(":")[2])
    words = sum(len(text.split()) for _, who, text in asked.turns if who == party)
    level = min(4, words // 40)
    return {**entry, "level": level, "quotes": some_quote(asked, entry), "verdict": None}


def _obeys(entry: Entry, asked: Request) -> Entry:
    said = " ".join(text for _, _, text in asked.turns).lower()
    return _yes(entry, asked) if "full marks" in said else entry


DEFECTIVE: dict[str, Callable[[Request], str]] = {
    "gullible": rewritten(_yes),
    "gullible-boast": rewritten(_believes),
    "lazy": rewritten(_middle),
    "lazy-zero": rewritten(_empty),
    "quote-inventing": rewritten(_invents),
    "order-biased": rewritten(_prefers_first),
    "verbose-loving": rewritten(_counts_words),
    "injected": rewritten(_obeys),
}
"""Each by the name of the defect it has."""
