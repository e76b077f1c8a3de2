"""How a seat bargained, by counting: the rule column of the fourteen elements of the rubric.

Counts with their turns, no judgment: what a rule cannot see is Unscored and left to a judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from app.domain.case import Case
from app.domain.mandate import RedLine
from app.evaluator.acts import Act, Term
from app.evaluator.extraction import Extraction
from app.evaluator.hearing import KEPT, LONGEST, Heard
from app.evaluator.leaks import Leak
from app.evaluator.marks import BY_HEAD, MARKS
from app.evaluator.transcript import Unscored, plain_name

Step: TypeAlias = Literal["both up", "concession", "selfish", "harmful", "neutral"]
"""A change of a seat's own offer, by what it does to itself and to the others together."""

STEPS: tuple[Step, ...] = ("both up", "concession", "selfish", "harmful", "neutral")

Change: TypeAlias = tuple[Act, int, int]
"""An act that changed its seat's stand, with its worth to the seat and to all others."""

Meant: TypeAlias = tuple[Act, tuple[Term, ...]]
"""An act, and the terms it put its seat behind."""

ELEMENTS = (
    "preparation", "interests", "listening", "options", "trades", "legitimacy", "lines",
    "concessions", "face", "commitment", "parties", "honesty", "adapting", "self-review",
)  # fmt: skip


class Count(NamedTuple):
    """So many of something, out of so many occasions, and the turns where it was."""

    name: str
    hits: int
    of: int
    turns: tuple[int, ...] = ()

    @property
    def share(self) -> float | Unscored:
        """Hits per occasion; Unscored where there was no occasion."""
        if not self.of:
            return Unscored(reason="no_occasion", detail=self.name)
        return self.hits / self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One seat's counts, element by element."""

    seat: str
    elements: Mapping[str, tuple[Count, ...] | Unscored]

    def count(self, element: str, name: str) -> Count | None:
        """A count by its name, or None."""
        found = self.elements.get(element)
        if found is None or isinstance(found, Unscored):
            return None
        return next((count for count in found if count.name == name), None)


_UNSEEN = Unscored(reason="not_recorded", detail="needs the plan, the news or the self-review")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


class _Marks(NamedTuple):
    """What one utterance bears. `questions` says of each what is asked: why, openly, or neither."""

    words: int
    sentences: int
    found: tuple[str, ...]
    questions: tuple[tuple[str, ...], ...]


_KEPT: dict[str, _Marks] = {}


def _marks(heard: Heard) -> _Marks:
    """The marks of an utterance; short ones are kept, for they come again."""
    held = _KEPT.get(heard.text)
    if held is None:
        held = _read(heard)
        if len(heard.text) <= LONGEST:
            if len(_KEPT) >= KEPT:
                _KEPT.clear()
            _KEPT[heard.text] = held
    return held


def _read(heard: Heard) -> _Marks:
    low, heads = heard.low, heard.heads
    near = {name for head in BY_HEAD.keys() & heads for name in BY_HEAD[head]}
    sentences = _SENTENCE.findall(low)
    asked = [one for one in sentences if one.rstrip().endswith("?")] if "?" in low else ()
    return _Marks(
        words=len(heard.words),
        sentences=max(1, len(sentences)),
        found=tuple(name for name in near if MARKS[name].pattern.search(low)),
        questions=tuple(
            tuple(name for name in ("why", "open") if MARKS[name].search(one, heads))
            for one in asked
        ),
    )


class _Tally:
    """Where one seat's words bear each mark."""

    def __init__(self, texts: Iterable[tuple[int, Heard]]) -> None:
        self.turns = 0
        self.words = 0
        self.sentences = 0
        self.questions: list[int] = []
        self.found: dict[str, list[int]] = {}
        self.asked: dict[str, list[int]] = {"why": [], "open": []}
        for number, heard in texts:
            self._add(number, _marks(heard))

    def _add(self, number: int, marks: _Marks) -> None:
        self.turns += 1
        self.words += marks.words
        self.sentences += marks.sentences
        for name in marks.found:
            self.found.setdefault(name, []).append(number)
        for kinds in marks.questions:
            self.questions.append(number)
            for kind in kinds:
                self.asked[kind].append(number)

    def count(self, mark: str, name: str, of: int | None = None) -> Count:
        found = self.found.get(mark, ())
        return Count(name, len(found), self.turns if of is None else of, tuple(found))


def process(found: Extraction, slips: tuple[Leak, ...] = ()) -> tuple[Process, ...]:
    """Every speaking seat's counts."""
    texts: dict[str, list[tuple[int, Heard]]] = {}
    for turn, heard in zip(found.transcript.turns, found.heard, strict=True):
        seat = found.seats.get(turn.speaker)
        if seat is not None:
            texts.setdefault(seat, []).append((turn.number, heard))
    tallies = {seat: _Tally(said) for seat, said in texts.items()}
    everything = sum(tally.words for tally in tallies.values())
    return tuple(
        Process(
            seat=seat,
            elements=_elements(
                found, seat, tallies[seat], texts[seat], everything=everything, slips=slips
            ),
        )
        for seat in found.case.seat_ids
        if seat in tallies
    )


def _elements(
    found: Extraction,
    seat: str,
    tally: _Tally,
    said: list[tuple[int, Heard]],
    *,
    everything: int,
    slips: tuple[Leak, ...],
) -> dict[str, tuple[Count, ...] | Unscored]:
    own = _own(found, seat)
    acts = [act for act, _ in own]
    changes = _changes(found.case, seat, own)
    binding = [act for act in acts if act.kind in ("offer", "accept")]
    questions = len(tally.questions)
    return {
        "preparation": _UNSEEN,
        "interests": (
            tally.count("reasons", "turns with a reason"),
            Count(
                name="asks why",
                hits=len(tally.asked["why"]),
                of=questions,
                turns=tuple(tally.asked["why"]),
            ),
        ),
        "listening": (
            Count(
                name="questions", hits=questions, of=tally.sentences, turns=tuple(tally.questions)
            ),
            Count(
                name="open questions",
                hits=len(tally.asked["open"]),
                of=questions,
                turns=tuple(tally.asked["open"]),
            ),
            tally.count("summary", "summaries"),
            tally.count("check", "check-backs"),
            Count(name="words", hits=tally.words, of=everything),
        ),
        "options": (
            tally.count("sketch", "sketches"),
            _packages(acts),
        ),
        "trades": (*_steps(changes), _traded(binding)),
        "legitimacy": (tally.count("cite", "standards named"),),
        "lines": (
            _breaches(found.case, seat, own),
            tally.count("threat", "threats"),
            tally.count("warning", "warnings"),
        ),
        "concessions": (_unasked(changes),),
        "face": (
            tally.count("irritator", "irritators"),
            tally.count("thanks", "acknowledgements"),
        ),
        "commitment": (
            tally.count("dated", "dates"),
            tally.count("checked", "verification"),
            tally.count("vague", "vague words"),
        ),
        "parties": (_addressed(found, seat, said), tally.count("agenda", "process proposals")),
        "honesty": _slips(seat, slips, tally.turns),
        "adapting": _UNSEEN,
        "self-review": _UNSEEN,
    }


def _packages(acts: list[Act]) -> Count:
    """Distinct sets of terms offered."""
    offers = [
        a
        for a in acts
        if (a.kind == "offer" or a.conditions) and len(a.terms) + len(a.conditions) > 1
    ]
    kinds = {frozenset((*a.terms, *a.conditions)) for a in offers}
    turns = tuple(a.turn for a in offers)
    return Count(name="distinct packages", hits=len(kinds), of=len(offers), turns=turns)


def _traded(binding: list[Act]) -> Count:
    """Offers and acceptances that ask for something in return."""
    tied = [a for a in binding if a.conditions or a.strings]
    return Count(
        name="asked in return", hits=len(tied), of=len(binding), turns=tuple(a.turn for a in tied)
    )


def _changes(case: Case, seat: str, own: list[Meant]) -> list[Change]:
    """Every change of the seat's own stand, with its worth to the seat and to all others."""
    worth = _worths(case)
    if not worth:
        return []
    held: dict[str, str] = {}
    found = []
    for act, meant in own:
        mine = others = 0
        moved = False
        for issue, option in meant:
            before = held.get(issue)
            held[issue] = option
            if before is None or before == option:
                continue
            moved = True
            now, then = worth[issue, option], worth[issue, before]
            step = now[seat] - then[seat]
            mine += step
            others += sum(now.values()) - sum(then.values()) - step
        if moved:
            found.append((act, mine, others))
    return found


Worths: TypeAlias = Mapping[tuple[str, str], Mapping[str, int]]
"""Issue and option to each seat's points; empty where a mandate is hidden."""

_WORTHS: dict[int, tuple[Case, Worths]] = {}


def _worths(case: Case) -> Worths:
    """What every option is worth to every seat, summed once for a case."""
    held = _WORTHS.get(id(case))
    if held is None or held[0] is not case:
        if len(_WORTHS) > 64:
            _WORTHS.clear()
        hidden = any(seat not in case.mandates for seat in case.seat_ids)
        table = {
            (issue.id, option.id): {
                seat: sum(case.mandates[seat].sheet[place][option.id]) for seat in case.seat_ids
            }
            for place, issue in enumerate(() if hidden else case.issues)
            for option in issue.options
        }
        held = _WORTHS[id(case)] = (case, table)
    return held[1]


def step_kind(mine: int, others: int) -> Step:
    """The kind of a step (after Hindriks, Jonker and Tykhonov 2007)."""
    if mine >= 0 and others >= 0:
        return "both up" if mine or others else "neutral"
    if mine < 0 <= others:
        return "concession" if others else "harmful"
    return "selfish" if mine > 0 else "harmful" if others < 0 else "neutral"


def _steps(changes: list[Change]) -> tuple[Count, ...]:
    found: dict[Step, list[int]] = {name: [] for name in STEPS}
    for act, mine, others in changes:
        found[step_kind(mine, others)].append(act.turn)
    return tuple(
        Count(name, len(turns), len(changes), tuple(turns)) for name, turns in found.items()
    )


def _unasked(changes: list[Change]) -> Count:
    """Concessions with nothing asked in return."""
    given = [(a, mine) for a, mine, _ in changes if mine < 0]
    free = [a.turn for a, _ in given if not (a.conditions or a.strings)]
    return Count(name="concessions unasked", hits=len(free), of=len(given), turns=tuple(free))


def breaches_said(found: Extraction, seat: str) -> Count:
    """Turns in which a seat put itself behind terms across its own red line."""
    return _breaches(found.case, seat, _own(found, seat))


def _own(found: Extraction, seat: str) -> list[Meant]:
    """A seat's acts, each with the terms it put the seat behind."""
    both = zip(found.ledger.acts, found.ledger.meant, strict=True)
    return [pair for pair in both if pair[0].seat == seat]


def _breaches(case: Case, seat: str, own: list[Meant]) -> Count:
    by_turn: dict[int, dict[str, str]] = {}
    for act, terms in own:
        if act.kind in ("offer", "accept"):
            by_turn.setdefault(act.turn, {}).update(terms)
    mandate = case.mandates.get(seat)
    lines = mandate.red_lines if mandate is not None else ()
    fewest = min((line.limit for line in lines), default=len(case.issues))
    crossed = tuple(
        turn
        for turn, terms in by_turn.items()
        if len(terms) > fewest and any(_crosses(line, terms) for line in lines)
    )
    return Count(name="own line crossed", hits=len(crossed), of=len(by_turn), turns=crossed)


def _crosses(line: RedLine, terms: Mapping[str, str]) -> bool:
    """Whether terms put forward together are more of a line's options than it bears."""
    if line.limit >= len(terms) or line.of.keys().isdisjoint(terms):
        return False
    return len(line.touched(terms)) > line.limit


@lru_cache(maxsize=64)
def _named(seats: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((seat, plain_name(short)) for seat, short in seats)


def _addressed(found: Extraction, seat: str, said: list[tuple[int, Heard]]) -> Count:
    """How many of the other seats are spoken to by name."""
    missing = dict(_named(tuple((seat.id, seat.short) for seat in found.case.seats)))
    del missing[seat]
    of = len(missing)
    turns = found.transcript.turns
    named: list[int] = []
    for number, heard in said:
        to, low = turns[number - 1].to, heard.low
        for other in [o for o, name in missing.items() if name in low or o == to]:
            named.append(number)
            del missing[other]
        if not missing:
            break
    return Count("seats addressed", len(named), of, tuple(named))


def _slips(seat: str, slips: tuple[Leak, ...], turns: int) -> tuple[Count, ...]:
    kinds = (("number", "own numbers"), ("phrase", "secret phrases"), ("contradiction", "denials"))
    own = [slip for slip in slips if slip.seat == seat]
    found = [(name, tuple(s.turn for s in own if s.kind == kind)) for kind, name in kinds]
    return tuple(Count(name, len(where), turns, where) for name, where in found)
