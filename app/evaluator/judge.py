"""The contract with a judge: what it is asked, what it may answer, and what code makes of it.

A judge sees fenced data and says levels with quotes; code checks that every criterion is there
once, that every quote stands in that turn by that speaker, and computes the verdict itself.
Whatever fails is repaired once and then unscored. It is never a pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from statistics import median
from typing import Any, Literal, TypeAlias

from app.evaluator.transcript import Transcript, Unscored, folded, quoted_in

TOP = 4
"""The highest level; 0 is absent or harmful."""

Verdict: TypeAlias = Literal["met", "not_met", "cannot_tell"]
Judge: TypeAlias = Callable[["Request"], str]
"""Answers a request with its raw text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One question about one party. `met` is the lowest level that meets it.

    `fact` is what the ledger says, where it says anything; a verdict against it is flagged.
    """

    id: str
    party: str
    question: str
    anchors: tuple[str, ...]
    met: int = 2
    fact: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: one group of criteria on one transcript, as this pass shows it.

    `names` maps a speaker to the name shown; `fence` marks where the data ends, and holds nothing
    that stands in it. `complaint` is why the first answer was refused.
    """

    group: str
    criteria: tuple[Criterion, ...]
    turns: tuple[tuple[str, str, str], ...]
    names: Mapping[str, str]
    fence: str
    complaint: str = ""

    @property
    def data(self) -> str:
        """The transcript as JSON between fences."""
        rows = [{"t": t, "speaker": speaker, "text": text} for t, speaker, text in self.turns]
        return f"<<<{self.fence}\n{json.dumps(rows, ensure_ascii=False)}\n{self.fence}>>>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Words found by code in that turn by that speaker."""

    turn: str
    speaker: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A checked answer to one criterion; `level` is None where the judge cannot tell."""

    criterion: str
    level: int | None
    verdict: Verdict
    quotes: tuple[Quoted, ...]
    rationale: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One criterion over all passes: the middle level, how far passes lie apart, and flips."""

    criterion: str
    grade: Grade | Unscored
    levels: tuple[int | None, ...]
    spread: int
    flipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything a judge said of one transcript. `raw` keeps its words as they came."""

    judge: str
    results: tuple[Judged, ...]
    raw: tuple[str, ...] = field(default=(), repr=False)

    def result(self, criterion: str) -> Judged:
        """The result on one criterion; KeyError when it was not asked."""
        for result in self.results:
            if result.criterion == criterion:
                return result
        raise KeyError(criterion)


def request(
    transcript: Transcript,
    group: str,
    criteria: Sequence[Criterion],
    *,
    masked: bool = False,
    turned: bool = False,
) -> Request:
    """A pass over a transcript. `masked` hides the names, `turned` reverses parties' order."""
    speakers = transcript.speakers
    order = tuple(reversed(speakers)) if turned else speakers
    names = {
        speaker: f"Party {chr(65 + place % 26)}" if masked else speaker
        for place, speaker in enumerate(order)
    }
    hidden = _hider(names) if masked else None
    turns = tuple(
        (turn.id, names[turn.speaker], hidden(turn.text) if hidden else turn.text)
        for turn in transcript.turns
    )
    asked = tuple(reversed(criteria)) if turned else tuple(criteria)
    digest = sha256(f"{transcript.digest}/{group}/{masked}/{turned}".encode()).hexdigest()
    return Request(group=group, criteria=asked, turns=turns, names=names, fence=digest[:24])


def _hider(names: Mapping[str, str]) -> Callable[[str], str]:
    listed = sorted(names, key=len, reverse=True)
    mark = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)", re.IGNORECASE)
    plain = {name.casefold(): shown for name, shown in names.items()}
    return lambda text: mark.sub(lambda m: plain[m.group().casefold()], text)


# -- checking an answer -------------------------------------------------------------------------


class Refused(ValueError):
    """An answer as a whole cannot be used; the text says why, for the one repair."""


def read_answer(raw: str, asked: Request) -> dict[str, Grade | Unscored]:
    """Every criterion asked, graded or unscored. Refused when the answer is no such answer."""
    entries = _entries(raw)
    known = {criterion.id: criterion for criterion in asked.criteria}
    strange = sorted({str(e.get("id"))[:40] for e in entries} - set(known))
    if strange:
        raise Refused(f"unknown criteria: {', '.join(strange)}")
    found: dict[str, Grade | Unscored] = {}
    for criterion in asked.criteria:
        mine = [entry for entry in entries if entry.get("id") == criterion.id]
        if len(mine) != 1:
            detail = f"{criterion.id} is answered {len(mine)} times; expected once"
            found[criterion.id] = Unscored(reason="judge_failed", detail=detail)
            continue
        found[criterion.id] = _grade(mine[0], criterion, asked)
    return found


def _entries(raw: str) -> list[dict[str, Any]]:
    """The list `criteria` of an answer that is one JSON object and nothing else."""
    text = raw.strip()
    fenced = re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", text, re.DOTALL)
    try:
        answer = json.loads(fenced.group(1) if fenced else text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(f"not one JSON object: {error}") from None
    listed = answer.get("criteria") if isinstance(answer, dict) else None
    if not isinstance(listed, list) or not listed:
        raise Refused("no list `criteria` with an entry for every criterion")
    if not all(isinstance(entry, dict) for entry in listed):
        raise Refused("every entry of `criteria` is an object")
    return listed


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is not a level")


def _grade(entry: dict[str, Any], criterion: Criterion, asked: Request) -> Grade | Unscored:
    level, said = entry.get("level"), entry.get("verdict")
    if said == "cannot_tell" and level is None:
        return Grade(
            criterion=criterion.id,
            level=None,
            verdict="cannot_tell",
            quotes=(),
            rationale=str(entry.get("rationale") or ""),
        )
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= TOP:
        detail = f"{criterion.id}: level {str(level)[:20]!a}; expected 0 to {TOP}"
        return Unscored(reason="judge_failed", detail=detail)
    quotes = entry.get("quotes")
    if not isinstance(quotes, list):
        return Unscored(reason="judge_failed", detail=f"{criterion.id}: no list `quotes`")
    checked = [_quoted(quote, criterion, asked) for quote in quotes]
    bad = [str(quote)[:80] for quote, good in zip(quotes, checked, strict=True) if good is None]
    if bad:
        return Unscored(reason="quote_unverified", detail=f"{criterion.id}: {bad[0]}")
    if level > 0 and not checked:
        detail = f"{criterion.id}: level {level} without a quote"
        return Unscored(reason="quote_unverified", detail=detail)
    verdict: Verdict = "met" if level >= criterion.met else "not_met"
    flags = []
    if said is not None and said != verdict:
        flags.append("verdict_mismatch")
    if criterion.fact is not None and criterion.fact != (verdict == "met"):
        flags.append("contradicts_ledger")
    return Grade(
        criterion=criterion.id,
        level=level,
        verdict=verdict,
        quotes=tuple(quote for quote in checked if quote is not None),
        rationale=str(entry.get("rationale") or ""),
        flags=tuple(flags),
    )


def _quoted(quote: Any, criterion: Criterion, asked: Request) -> Quoted | None:
    """The quote, found in that turn by the party the criterion is about; else None."""
    if not isinstance(quote, dict):
        return None
    turn, text = quote.get("t"), quote.get("text")
    if not isinstance(turn, str) or not isinstance(text, str):
        return None
    party = asked.names.get(criterion.party)
    for t, speaker, said in asked.turns:
        if t == turn:
            if (party is not None and speaker != party) or not quoted_in(said, text):
                return None
            real = next((name for name, shown in asked.names.items() if shown == speaker), speaker)
            return Quoted(turn=t, speaker=real, text=text)
    return None


# -- asking -------------------------------------------------------------------------------------


def ask(judge: Judge, asked: Request) -> tuple[dict[str, Grade | Unscored], tuple[str, ...]]:
    """One pass: ask, repair once where anything is unscored, keep what is sound."""
    raw = judge(asked)
    found, complaint = _read(raw, asked)
    if not complaint:
        return found, (raw,)
    again = judge(replace(asked, complaint=complaint))
    mended, _ = _read(again, asked)
    better = {
        key: value if isinstance(value, Grade) else mended.get(key, value)
        for key, value in found.items()
    }
    return better, (raw, again)


def _read(raw: str, asked: Request) -> tuple[dict[str, Grade | Unscored], str]:
    try:
        found = read_answer(raw, asked)
    except Refused as error:
        lost = Unscored(reason="judge_failed", detail=str(error))
        return dict.fromkeys((c.id for c in asked.criteria), lost), str(error)
    bad = [value.detail for value in found.values() if isinstance(value, Unscored)]
    return found, "; ".join(bad)


def judge_talk(
    judge: Judge,
    name: str,
    transcript: Transcript,
    group: str,
    criteria: Sequence[Criterion],
    *,
    samples: int = 1,
) -> Judgement:
    """Judge one group: two orders, names masked in the second, `samples` of each.

    The middle level counts; a criterion that fewer than half of the passes could score is
    unscored. `flipped` says that the two orders gave different verdicts.
    """
    if not transcript.turns:
        empty = Unscored(reason="no_turns", detail=transcript.id)
        return Judgement(
            judge=name,
            results=tuple(
                Judged(criterion=c.id, grade=empty, levels=(), spread=0, flipped=False)
                for c in criteria
            ),
        )
    passes: list[tuple[bool, dict[str, Grade | Unscored]]] = []
    raw: list[str] = []
    for turned in (False, True):
        asked = request(transcript, group, criteria, masked=turned, turned=turned)
        for _ in range(samples):
            found, said = ask(judge, asked)
            passes.append((turned, found))
            raw += said
    results = tuple(_joined(criterion, passes) for criterion in criteria)
    return Judgement(judge=name, results=results, raw=tuple(raw))


def _joined(
    criterion: Criterion, passes: Sequence[tuple[bool, dict[str, Grade | Unscored]]]
) -> Judged:
    answers = [(turned, found[criterion.id]) for turned, found in passes]
    grades = [(turned, one) for turned, one in answers if isinstance(one, Grade)]
    levels = tuple(grade.level for _, grade in grades)
    known = sorted(level for level in levels if level is not None)
    verdicts = {
        side: {grade.verdict for turned, grade in grades if turned == side}
        for side in (False, True)
    }
    flipped = all(verdicts.values()) and verdicts[False] != verdicts[True]
    spread = known[-1] - known[0] if known else 0
    grade: Grade | Unscored
    if 2 * len(grades) <= len(answers):
        grade = next(one for _, one in answers if isinstance(one, Unscored))
    elif 2 * len(known) <= len(grades):
        grade = next(one for _, one in grades if one.level is None)
    else:
        middle = int(median(known))
        near = min(
            (one for _, one in grades if one.level is not None),
            key=lambda one: abs((one.level or 0) - middle),
        )
        verdict: Verdict = "met" if middle >= criterion.met else "not_met"
        grade = replace(near, level=middle, verdict=verdict)
    return Judged(
        criterion=criterion.id, grade=grade, levels=levels, spread=spread, flipped=flipped
    )


def forged(transcript: Transcript) -> tuple[str, ...]:
    """Turns that hold what looks like a judge's answer: a reason to look twice, never a score."""
    mark = re.compile(r'"?(?:criteria|verdict|level)"?\s*:\s*["\[{\d]')
    return tuple(turn.id for turn in transcript.turns if mark.search(folded(turn.text)))
