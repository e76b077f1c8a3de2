"""A judge that is a model: asked through the one door, within its budget, believed in nothing.

Each group of questions is a call of its own, in two orders, with names hidden in the second, as
often as `samples` says. What cannot be used is repaired once and then unscored. A judge model is
required and is none of the players' models unless that is forced.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from app.delegates.base import Ask, Complete, Message, Usage
from app.domain.case import Case
from app.errors import DelegateFailed, SettingsError
from app.evaluator.audit import PARTIES, Caught, Probe, defects, probes
from app.evaluator.grader import criteria
from app.evaluator.judge import (
    TOP,
    Criterion,
    Grade,
    Judged,
    Judgement,
    Request,
    joined,
    mended,
    passes,
    review,
    unjudged,
)
from app.evaluator.judge_questions import RUBRIC, Group, aliases_of, groups
from app.evaluator.judge_request import planted_turns
from app.evaluator.transcript import Transcript, Unscored
from app.library import Prompt, load_prompts, shipped

NEEDS: Mapping[str, tuple[str, ...]] = {
    "assessor": ("top",),
    "group": ("criteria", "data", "fence"),
    "again": ("reason",),
}
"""The prompt files of a judge model and what is filled into them."""

SECONDS = 180.0
MOST_CHARACTERS = 400_000
"""Of a talk as it is sent; a longer one is unscored."""

MOST_ANSWER = 60_000
MOST_COMPLAINT = 600
PER_QUESTION, PER_ANSWER = 300, 1_200
"""Tokens allowed for each question, and for the answer around them."""

GIVING_UP = ("budget", "key", "forbidden", "quota", "absent", "package", "tls", "open")
"""Faults that the next call would meet as well: nothing more is asked of this talk."""

TOGETHER = 4
_HOLE = re.compile(r"\{\{(\w+)\}\}")
_DATED = re.compile(r"(?:-\d{4}-?\d{2}-?\d{2}|-\d{4}|-latest|@\d+)$")


class JudgePlays(SettingsError):
    """The judge is one of the players: it would grade its own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePapers:
    """The prompts of a judge model, and the mark of them all for the record."""

    texts: Mapping[str, str]
    mark: str

    def fill(self, name: str, **values: str) -> str:
        """A prompt with its inputs filled in, once: what is filled in is not looked at again."""
        return _HOLE.sub(lambda hole: values[hole.group(1)], self.texts[name])


def judge_papers() -> JudgePapers:
    """The shipped prompts; CaseError with everything that is wrong in them."""
    held: Mapping[str, Prompt] = load_prompts(NEEDS, shipped("prompts") / "judge")
    return JudgePapers(
        texts={name: prompt.text for name, prompt in held.items()},
        mark=" ".join(f"{name}:{prompt.mark}" for name, prompt in sorted(held.items())),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeModel:
    """A judge model with everything needed to ask it.

    `model` is its name (`provider:model`), `players` the names of the models that played;
    `samples` passes are made in each order. `account` pays, as the budget keeps it. JudgePlays
    when the judge is one of the players and that is not `forced`; SettingsError without a model.
    """

    model: str
    complete: Complete
    papers: JudgePapers
    samples: int = 1
    players: Collection[str] = ()
    forced: bool = False
    seconds: float = SECONDS
    together: int = TOGETHER
    account: tuple[str, ...] = ("table:judge",)

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise SettingsError("no judge model is named: say which one grades, as provider:model")
        if self.samples < 1:
            raise SettingsError(f"samples {self.samples}: a judge is asked at least once")
        own = sorted(name for name in self.players if same_model(name, self.model))
        if own and not self.forced:
            raise JudgePlays(
                f"{self.model} is to judge, and {own[0]} plays at the table: a judge favours its "
                "own words; name another judge, or force it"
            )


def same_model(one: str, other: str) -> bool:
    """Whether two names mean one model: provider, date and how it is asked to play left aside."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    written = (name.split() or [""])[0].casefold()
    _, colon, model = written.partition(":")
    return _DATED.sub("", (model if colon else written).rpartition("/")[2])


async def judged(
    judge: JudgeModel,
    transcript: Transcript,
    case: Case | None = None,
    asked: Sequence[Group] | None = None,
) -> Judgement:
    """Everything the judge makes of one talk; `asked` are its questions, else all there are.

    Never raises for what a model or the network does: that is unscored, and named in `faults`.
    Criteria are named after the talk's speakers, "interests:Ukraine".
    """
    wanted = tuple(groups(transcript, case) if asked is None else asked)
    size = sum(len(turn.text) + len(turn.speaker) for turn in transcript.turns)
    calls = _Calls(judge)
    if size > MOST_CHARACTERS:
        return calls.judgement(_too_large(wanted, size))
    aliases = aliases_of(transcript, case)
    every = [
        [
            calls.answered(one)
            for one in passes(
                transcript,
                group.name,
                group.criteria,
                samples=judge.samples,
                aliases=aliases,
                cleared=True,
            )
        ]
        for group in (wanted if transcript.turns else ())
    ]
    done = iter(await asyncio.gather(*(one for group in every for one in group)))
    answers = [[next(done) for _ in group] for group in every] or [[] for _ in wanted]
    results = tuple(
        joined(criterion, found)
        for group, found in zip(wanted, answers, strict=True)
        for criterion in group.criteria
    )
    return calls.judgement(results, planted_turns(transcript))


async def tried(judge: JudgeModel) -> tuple[Caught, ...]:
    """Probe a judge with talks of known worth before it is believed; empty when nothing shows."""
    calls = _Calls(judge)
    every = criteria(PARTIES)
    names: list[Probe] = []
    asked: list[Request] = []
    for group, questions in RUBRIC.items():
        mine = tuple(one for one in every if one.id.partition(":")[0] in questions)
        for name, one in probes(mine, group).items():
            names.append(name)
            asked.append(one)
    found: dict[Probe, dict[str, Grade | Unscored]] = {}
    answers = await asyncio.gather(*(calls.answered(one) for one in asked))
    for name, (_, answer) in zip(names, answers, strict=True):
        found.setdefault(name, {}).update(answer)
    return defects(found)


def _too_large(wanted: Sequence[Group], size: int) -> tuple[Judged, ...]:
    lost = Unscored(reason="too_large", detail=f"{size} characters; at most {MOST_CHARACTERS}")
    return tuple(
        Judged(criterion=one.id, grade=lost, levels=(), spread=0, flipped=False)
        for group in wanted
        for one in group.criteria
    )


Answered: TypeAlias = tuple[Request, dict[str, Grade | Unscored]]
"""A pass and what came of it."""


class _Calls:
    """The calls to a judge for one talk: so many at once, and none after the budget is spent."""

    def __init__(self, judge: JudgeModel) -> None:
        self._judge = judge
        self._places = asyncio.Semaphore(judge.together)
        self._spent = False
        self._raw: dict[str, list[str]] = {}
        self._models: set[str] = set()
        self._faults: set[str] = set()
        self._tries = 0
        self._used = Usage()

    async def answered(self, asked: Request) -> Answered:
        """One pass: asked, repaired once where anything is unscored."""
        ids = {f"c{place}": one.id for place, one in enumerate(asked.criteria, 1)}
        first = await self._say(asked, self._papers(asked))
        if first is None:
            return asked, unjudged(asked.criteria, self._why())
        found, complaint = review(first, asked, ids)
        if not complaint:
            return asked, found
        reason = " ".join(complaint.split())
        for shown, real in ids.items():
            reason = reason.replace(real, shown)
        again = Message(
            role="user",
            text=self._judge.papers.fill("again", reason=reason[:MOST_COMPLAINT]),
        )
        second = await self._say(asked, (*self._papers(asked), again))
        if second is None:
            return asked, found
        return asked, mended(found, review(second, asked, ids)[0])

    def judgement(self, results: tuple[Judged, ...], planted: tuple[str, ...] = ()) -> Judgement:
        """Everything that was said, in an order that does not hang on which call was faster."""
        return Judgement(
            judge=self._judge.model,
            results=results,
            raw=tuple(text for _, said in sorted(self._raw.items()) for text in said),
            models=tuple(sorted(self._models)),
            calls=self._tries,
            prompt_tokens=self._used.prompt,
            completion_tokens=self._used.completion,
            faults=tuple(sorted(self._faults)),
            planted=planted,
        )

    def _papers(self, asked: Request) -> tuple[Message, ...]:
        """What never changes first, so that a provider can keep it."""
        papers = self._judge.papers
        listed = "\n".join(
            _question(f"c{place}", one, asked) for place, one in enumerate(asked.criteria, 1)
        )
        told = papers.fill("group", criteria=listed, data=asked.data, fence=asked.fence)
        return (
            Message(role="system", text=papers.fill("assessor", top=str(TOP))),
            Message(role="user", text=told),
        )

    async def _say(self, asked: Request, messages: tuple[Message, ...]) -> str | None:
        """What the model answers; None when nothing came, and why is kept."""
        count = len(asked.criteria)
        ask = Ask(
            messages=messages,
            purpose="judge",
            schema=_form(count),
            max_tokens=PER_ANSWER + PER_QUESTION * count,
            temperature=0.0,
            seconds=self._judge.seconds,
            lane="judge",
            account=self._judge.account,
        )
        async with self._places:
            if self._spent:
                return None
            try:
                done = await self._judge.complete(ask)
            except DelegateFailed as error:
                code = str(getattr(error, "code", "failed"))
                self._faults.add(code)
                self._tries += int(getattr(error, "tries", 0))
                self._spent = self._spent or code in GIVING_UP
                return None
        used = self._used
        self._used = Usage(
            prompt=used.prompt + done.usage.prompt,
            completion=used.completion + done.usage.completion,
        )
        self._tries += done.tries
        self._models.add(done.model)
        self._raw.setdefault(asked.fence, []).append(done.text[:MOST_ANSWER])
        return done.text[:MOST_ANSWER]

    def _why(self) -> str:
        return f"no answer: {', '.join(sorted(self._faults)) or 'failed'}"


def _question(shown: str, one: Criterion, asked: Request) -> str:
    """A question about a party under the name that this pass shows, with its scale."""
    party = json.dumps(asked.names.get(one.party, one.party), ensure_ascii=False)
    scale = ", ".join(f"{level} = {anchor}" for level, anchor in enumerate(one.anchors))
    return f"- {shown}, about {party}: {one.question} Levels: {scale}."


@lru_cache(maxsize=64)
def _form(count: int) -> Mapping[str, object]:
    """The answer's schema for so many questions; strict, flat, and the same object each time."""
    quote = {
        "type": "object",
        "additionalProperties": False,
        "required": ["t", "text"],
        "properties": {"t": {"type": "string"}, "text": {"type": "string"}},
    }
    entry = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "rationale", "quotes", "level"],
        "properties": {
            "id": {"type": "string", "enum": [f"c{place}" for place in range(1, count + 1)]},
            "rationale": {"type": "string"},
            "quotes": {"type": "array", "items": quote},
            "level": {"type": ["integer", "null"]},
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["criteria"],
        "properties": {"criteria": {"type": "array", "items": entry}},
    }
