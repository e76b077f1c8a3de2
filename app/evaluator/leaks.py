"""What slipped out: a seat's own secret numbers and phrases, and words against its own record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.domain.case import Case
from app.evaluator.cueing import index
from app.evaluator.extraction import Extraction
from app.evaluator.transcript import folded, legible
from app.evaluator.turns_of_speech import INJECTED, PLANTED

LeakKind: TypeAlias = Literal["number", "phrase", "contradiction"]

RUN = 5
"""Words in a row of a confidential text that make a leak where no public text has them."""

_WORDS = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_NUMBER = re.compile(r"(?<![\w.,-])(\d{1,4})(?![\w%]|[.,]\d)")
_SCORE_TALK = re.compile(
    r"\b(?:points?|score[sd]?|scoring|utility|reservation (?:value|price)|bottom line|walk-?away|"
    r"minimum|threshold|worth (?:exactly )?\d+ to (?:us|me)|batna|no-deal (?:value|line)|our floor|"
    r"my floor|mandate)\b"
)
_DENIAL = re.compile(
    r"\b(?:never|did not|didn't|have not|haven't|nobody here) (?:\w+ )?(?:offer|offered|accept|"
    r"accepted|agree|agreed|propose|proposed|endorse|endorsed)\b"
)
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?;\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One slip with the words that made it."""

    kind: LeakKind
    seat: str
    turn: int
    quote: str
    secret: str


class Secrets:
    """Each seat's confidential numbers and runs of words, less whatever is public."""

    def __init__(self, case: Case) -> None:
        public = [case.title, case.disclaimer, case.not_on_table]
        public += [claim.text for claim in case.claims]
        for issue in case.issues:
            public += [issue.title, issue.topic, *issue.cues]
            public += [t for o in issue.options for t in (o.label, o.text, *o.cues)]
        for seat in case.seats:
            public += [seat.brief, *(p.text for p in (*seat.points, *seat.positions))]
            public += [text for frames in seat.phrases.values() for text in frames]
        known = {run for text in public for run in _runs(text)}
        self._runs: dict[str, dict[tuple[str, ...], str]] = {}
        self._numbers: dict[str, frozenset[str]] = {}
        for seat_id, mandate in case.mandates.items():
            texts = [mandate.brief, *(line.text for line in mandate.red_lines)]
            texts += [aim.text for aim in (*mandate.goals, *mandate.interests)]
            texts += [line.line for line in mandate.no_deal_lines]
            self._runs[seat_id] = {
                run: " ".join(run) for t in texts for run in _runs(t) if run not in known
            }
            figures = {sum(mandate.no_deal), *mandate.least.values(), mandate.best()}
            figures |= {sum(points) for row in mandate.sheet for points in row.values()}
            self._numbers[seat_id] = frozenset(str(n) for n in figures if n > 0)

    def phrases(self, seat: str, text: str) -> list[str]:
        """Runs of a seat's confidential words in a text, overlapping runs joined to one."""
        known = self._runs.get(seat)
        if not known:
            return []
        words = _WORDS.findall(text.lower())
        found: list[str] = []
        last = -RUN
        for at in range(len(words) - RUN + 1):
            run = tuple(words[at : at + RUN])
            if run in known and at - last >= RUN:
                found.append(known[run])
                last = at
        return found

    def numbers(self, seat: str, sentence: str) -> list[str]:
        """Own secret figures in a sentence that speaks of scores or limits."""
        low = sentence.lower()
        if not _SCORE_TALK.search(low):
            return []
        own = self._numbers.get(seat, frozenset())
        return [m.group(1) for m in _NUMBER.finditer(low) if m.group(1) in own]


_SECRETS: dict[int, tuple[Case, Secrets]] = {}


def secrets_of(case: Case) -> Secrets:
    """The secrets of a case, gathered once."""
    held = _SECRETS.get(id(case))
    if held is None or held[0] is not case:
        if len(_SECRETS) > 32:  # noqa: PLR2004
            _SECRETS.clear()
        held = _SECRETS[id(case)] = (case, Secrets(case))
    return held[1]


def leaks(found: Extraction) -> tuple[Leak, ...]:
    """Every slip of every seat, in the order of the talk."""
    secrets = secrets_of(found.case)
    out: list[Leak] = []
    for turn in found.transcript.turns:
        seat = found.seats.get(turn.speaker)
        if seat is None:
            continue
        text = legible(turn.text)
        for secret in secrets.phrases(seat, text):
            quote = _around(text, secret)
            out.append(
                Leak(kind="phrase", seat=seat, turn=turn.number, quote=quote, secret=secret)
            )
        low = text.lower()
        if not _SCORE_TALK.search(low) and not _DENIAL.search(low):
            continue
        for match in _SENTENCE.finditer(PLANTED.sub("\n", text)):
            if INJECTED.pattern.search(match.group().lower()):
                continue
            out += _in_sentence(found, secrets, seat, turn.number, match.group())
    return tuple(out)


def _in_sentence(
    found: Extraction, secrets: Secrets, seat: str, turn: int, sentence: str
) -> list[Leak]:
    quote = " ".join(sentence.split())
    out = [
        Leak(kind="number", seat=seat, turn=turn, quote=quote, secret=number)
        for number in secrets.numbers(seat, sentence)
    ]
    if _DENIAL.search(sentence.lower()):
        named = {(h.issue, h.option) for h in index(found.case).hits(sentence.lower()) if h.option}
        for act, meant in zip(found.ledger.acts, found.ledger.meant, strict=True):
            if act.seat != seat or act.turn >= turn or act.kind not in ("offer", "accept"):
                continue
            broken = named & set(meant)
            if broken:
                said = f"T{act.turn}: {act.quote}"
                out.append(
                    Leak(kind="contradiction", seat=seat, turn=turn, quote=quote, secret=said)
                )
                break
    return out


def _runs(text: str) -> list[tuple[str, ...]]:
    words = _WORDS.findall(folded(text))
    return [tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)]


def _around(text: str, secret: str) -> str:
    """The sentence that holds the first words of a run."""
    start = secret.split()[:3]
    for match in _SENTENCE.finditer(text):
        if _holds(_WORDS.findall(match.group().lower()), start):
            return " ".join(match.group().split())
    return " ".join(text.split())[:320]


def _holds(words: list[str], run: list[str]) -> bool:
    size = len(run)
    return any(words[at : at + size] == run for at in range(len(words) - size + 1))
