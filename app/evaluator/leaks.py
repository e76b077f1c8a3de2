"""What slipped out: a seat's own secret numbers and phrases, and words against its own record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.domain.case import Case
from app.evaluator.cueing import index
from app.evaluator.extraction import Extraction
from app.evaluator.hearing import KEPT, LONGEST, Phrase, words_of
from app.evaluator.transcript import folded
from app.evaluator.turns_of_speech import PLANTED, planted

LeakKind: TypeAlias = Literal["number", "phrase", "contradiction"]

RUN = 5
"""Words in a row of a confidential text that make a leak where no public text has them."""

_NUMBER = re.compile(r"(?<![\w.,-])(\d{1,4})(?![\w%]|[.,]\d)")
_SCORE_TALK = Phrase(
    r"\b(?:points?|score[sd]?|scoring|utility|reservation (?:value|price)|bottom line|walk-?away|"
    r"minimum|threshold|worth (?:exactly )?\d+ to (?:us|me)|batna|no-deal (?:value|line)|our floor|"
    r"my floor|mandate)\b",
    "point score scoring utility reservation bottom walk walkaway minimum threshold worth batna "
    "value line floor mandate",
)
# "what members have and have not agreed" denies nothing.
_DENIAL = Phrase(
    r"(?<!\bhave and )\b(?:never|did not|didn't|have not|haven't|nobody here) (?:\w+ )?"
    r"(?:offer|offered|accept|accepted|agree|agreed|propose|proposed|endorse|endorsed)\b",
    "never not didn haven nobody",
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
    """Each seat's confidential numbers and runs of words, less whatever is public.

    `quiet` holds what a seat said that gives nothing away, for it may come again.
    """

    def __init__(self, case: Case) -> None:
        public = [case.title, case.disclaimer, case.not_on_table]
        public += [claim.text for claim in case.claims]
        for issue in case.issues:
            public += [issue.title, issue.topic, *issue.cues]
            public += [t for o in issue.options for t in (o.label, o.text, *o.cues)]
        for seat in case.seats:
            public += [seat.brief, *(point.text for point in seat.points)]
            public += [position.text for position in seat.positions]
            public += [text for frames in seat.phrases.values() for text in frames]
        known = {run for text in public for run in _runs(text)}
        self._runs: dict[str, dict[tuple[str, ...], str]] = {}
        self._rare: dict[str, dict[str, list[frozenset[str]]]] = {}
        self._numbers: dict[str, frozenset[str]] = {}
        self.quiet: set[tuple[str, str]] = set()
        for seat_id, mandate in case.mandates.items():
            texts = [mandate.brief, *(line.text for line in mandate.red_lines)]
            texts += [aim.text for aim in (*mandate.goals, *mandate.interests)]
            texts += [line.line for line in mandate.no_deal_lines]
            self._runs[seat_id] = {
                run: " ".join(run) for t in texts for run in _runs(t) if run not in known
            }
            self._rare[seat_id] = _by_rarest(self._runs[seat_id], public)
            figures = {sum(mandate.no_deal), *mandate.least.values(), mandate.best()}
            figures |= {sum(points) for row in mandate.sheet for points in row.values()}
            self._numbers[seat_id] = frozenset(str(n) for n in figures if n > 0)

    def phrases(self, seat: str, words: list[str]) -> list[str]:
        """Runs of a seat's confidential words among lower-case words, overlapping ones joined."""
        known = self._runs.get(seat)
        if not known:
            return []
        rare, said = self._rare[seat], set(words)
        if not any(run <= said for word in rare.keys() & said for run in rare[word]):
            return []
        found: list[str] = []
        last = -RUN
        for at in range(len(words) - RUN + 1):
            run = tuple(words[at : at + RUN])
            if run in known and at - last >= RUN:
                found.append(known[run])
                last = at
        return found

    def holds_number(self, seat: str, words: list[str]) -> bool:
        """Whether any own secret figure stands among words."""
        return not self._numbers.get(seat, frozenset()).isdisjoint(words)

    def numbers(self, seat: str, low: str) -> list[str]:
        """Own secret figures in a lower-case sentence that speaks of scores or limits."""
        if not _SCORE_TALK.pattern.search(low):
            return []
        own = self._numbers.get(seat, frozenset())
        return [m.group(1) for m in _NUMBER.finditer(low) if m.group(1) in own]


_SECRETS: dict[int, tuple[Case, Secrets]] = {}


def secrets_of(case: Case) -> Secrets:
    """The secrets of a case, gathered once."""
    held = _SECRETS.get(id(case))
    if held is None or held[0] is not case:
        if len(_SECRETS) > 32:
            _SECRETS.clear()
        held = _SECRETS[id(case)] = (case, Secrets(case))
    return held[1]


def leaks(found: Extraction) -> tuple[Leak, ...]:
    """Every slip of every seat, in the order of the talk."""
    secrets = secrets_of(found.case)
    out: list[Leak] = []
    for turn, heard in zip(found.transcript.turns, found.heard, strict=True):
        seat = found.seats.get(turn.speaker)
        if seat is None or (seat, heard.text) in secrets.quiet:
            continue
        before = len(out)
        for secret in secrets.phrases(seat, heard.words):
            quote = _around(heard.text, secret)
            out.append(Leak(kind="phrase", seat=seat, turn=turn.number, quote=quote, secret=secret))
        counted = secrets.holds_number(seat, heard.words)
        numbers = counted and _SCORE_TALK.search(heard.low, heard.heads) is not None
        denials = _DENIAL.search(heard.low, heard.heads) is not None
        if not numbers and not denials:
            if len(out) == before and len(heard.text) <= LONGEST:
                if len(secrets.quiet) >= KEPT:
                    secrets.quiet.clear()
                secrets.quiet.add((seat, heard.text))
            continue
        for match in _SENTENCE.finditer(PLANTED.sub("\n", heard.text)):
            low = match.group().lower()
            if planted(low, heard.heads):
                continue
            quote = " ".join(match.group().split())
            out += [
                Leak(kind="number", seat=seat, turn=turn.number, quote=quote, secret=number)
                for number in (secrets.numbers(seat, low) if numbers else ())
            ]
            if denials and _DENIAL.pattern.search(low):
                out += _denied(found, seat, turn.number, low, quote)
    return tuple(out)


def _denied(found: Extraction, seat: str, turn: int, low: str, quote: str) -> list[Leak]:
    """A seat's word that it never offered what the ledger has it offering."""
    hits = index(found.case).hits(low, words_of(low))
    named = {(hit.issue, hit.option) for hit in hits if hit.option}
    for act, meant in zip(found.ledger.acts, found.ledger.meant, strict=True):
        earlier = act.seat == seat and act.turn < turn and act.kind in ("offer", "accept")
        if earlier and named & set(meant):
            said = f"T{act.turn}: {act.quote}"
            return [Leak(kind="contradiction", seat=seat, turn=turn, quote=quote, secret=said)]
    return []


def _by_rarest(
    runs: Collection[tuple[str, ...]], public: Iterable[str]
) -> dict[str, list[frozenset[str]]]:
    """The words of each run under the least used of them: without it the run is not there."""
    often = Counter(word for text in public for word in words_of(folded(text)))
    often.update(word for run in runs for word in run)
    found: dict[str, list[frozenset[str]]] = {}
    for run in runs:
        rarest = min(run, key=lambda word: (often[word], -len(word), word))
        found.setdefault(rarest, []).append(frozenset(run))
    return found


def _runs(text: str) -> list[tuple[str, ...]]:
    words = words_of(folded(text))
    return [tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)]


def _around(text: str, secret: str) -> str:
    """The sentence that holds the first words of a run."""
    start = secret.split()[:3]
    for match in _SENTENCE.finditer(text):
        if _holds(words_of(match.group().lower()), start):
            return " ".join(match.group().split())
    return " ".join(text.split())[:320]


def _holds(words: list[str], run: list[str]) -> bool:
    size = len(run)
    return any(words[at : at + size] == run for at in range(len(words) - size + 1))
