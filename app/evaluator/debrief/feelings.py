"""Page 12: how it felt, from four short questions that the seats answer after the talks.

The answers come as CSV with a head line, or as a JSON list of objects with the same keys:

    seat,result,self,process,relationship,name,words
    ukraine,5,6,4,3,Alex,"We were heard too late."

Each of the four is a whole number from 1 (not at all) to 7 (entirely): how content with the
result, with one's own part, with how the talks were run, with how one stands with the others.
`name` and `words` may be left out. The items are Parley's own, in the manner of the subjective
value inventory (Curhan, Elfenbein and Xu 2006), not that questionnaire.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from app.domain.case import Case
from app.errors import CaseError, Finding
from app.evaluator.debrief.ground import Ground, Untold

ITEMS = {
    "result": "How content are you with the result?",
    "self": "How content are you with your own part?",
    "process": "How content are you with how the talks were run?",
    "relationship": "How content are you with how you stand with the others now?",
}
LOW, HIGH = 1, 7
MOST_WORDS = 600
MOST_ANSWERS = 500

_OWN = ("seat", "name", "words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One person's answers: each item's mark from 1 to 7, and words if there were any."""

    seat: str
    marks: Mapping[str, int]
    name: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """The means of one seat, or with an empty seat of everybody."""

    seat: str
    people: int
    means: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """Page 12."""

    items: Mapping[str, str]
    replies: tuple[Reply, ...]
    moods: tuple[Mood, ...]


def felt(on: Ground, replies: Sequence[Reply], *, names: bool = True) -> Felt | Untold:
    """The page; untold without answers. A seat's view holds that seat's own answers."""
    seen = [reply for reply in replies if on.whole or reply.seat == on.viewer]
    if not seen:
        return Untold(
            why="Nobody's answers to the four questions were given.",
            how=(
                "Hand out the questions before the results are shown, and give the answers as "
                "CSV or JSON: parley assess RECORD --answers FILE --html REPORT."
            ),
        )
    kept = tuple(reply if names else replace(reply, name="") for reply in seen)
    moods = [_mood("", kept)] if len(kept) > 1 else []
    for seat in on.case.seat_ids:
        mine = [reply for reply in kept if reply.seat == seat]
        if mine:
            moods.append(_mood(seat, mine))
    return Felt(items=ITEMS, replies=kept, moods=tuple(moods))


def _mood(seat: str, replies: Sequence[Reply]) -> Mood:
    means = {item: round(fmean(reply.marks[item] for reply in replies), 6) for item in ITEMS}
    return Mood(seat=seat, people=len(replies), means=means)


def read_replies(text: str, case: Case, name: str) -> tuple[Reply, ...]:
    """The answers of a file; CaseError with every line that is wrong."""
    rows = _json(text, name) if text.lstrip()[:1] in ("[", "{") else _csv(text, name)
    if len(rows) > MOST_ANSWERS:
        raise _wrong(name, "", f"{len(rows)} answers; expected at most {MOST_ANSWERS}")
    findings: list[Finding] = []
    replies: list[Reply] = []
    for place, row in rows:
        wrong = [Finding(path=name, key=place, problem=p) for p in _problems(row, case)]
        findings += wrong
        if not wrong:
            replies.append(
                Reply(
                    seat=str(row["seat"]).strip(),
                    marks={item: int(row[item]) for item in ITEMS},
                    name=str(row.get("name") or "").strip(),
                    words=str(row.get("words") or "").strip(),
                )
            )
    if findings:
        raise CaseError(tuple(findings))
    return tuple(replies)


def _csv(text: str, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if not reader.fieldnames or "seat" not in reader.fieldnames:
        head = ",".join(("seat", *ITEMS))
        raise _wrong(name, "line 1", f"no head line; expected {head}[,name,words]")
    try:
        return [(f"line {reader.line_num}", row) for row in reader]
    except csv.Error as error:
        raise _wrong(name, f"line {reader.line_num}", f"not CSV ({error})") from None


def _json(text: str, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(name, "", f"not JSON ({error})") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _wrong(name, "", "expected a list of objects, one for each person")
    return [(f"[{place}]", row) for place, row in enumerate(rows)]


def _problems(row: Mapping[str, Any], case: Case) -> list[str]:
    """What is wrong with one answer."""
    told = []
    strange = [str(key)[:40] for key in row if key not in (*_OWN, *ITEMS)]
    if strange:
        told.append(f"unknown {', '.join(strange)}; known are {', '.join((*_OWN, *ITEMS))}")
    seat = str(row.get("seat") or "").strip()
    if seat not in case.seat_ids:
        told.append(f"seat {seat[:40]!a}; expected one of {', '.join(case.seat_ids)}")
    for item in ITEMS:
        mark = str(row.get(item) if row.get(item) is not None else "").strip()
        if mark not in {str(n) for n in range(LOW, HIGH + 1)}:
            told.append(f"{item} is {mark[:20]!a}; expected a whole number from {LOW} to {HIGH}")
    if len(str(row.get("words") or "")) > MOST_WORDS:
        told.append(f"words are longer than {MOST_WORDS} characters")
    return told


def _wrong(name: str, key: str, problem: str) -> CaseError:
    return CaseError((Finding(path=name, key=key, problem=problem),))
