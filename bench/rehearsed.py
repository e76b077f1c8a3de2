"""A model that does its work well: it follows its counsel and speaks as the phrasebook would.

What a turn costs is measured with it, so that nothing has to be asked twice. The words come from
the same table played offline beforehand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.delegates.base import Ask, Complete, Completion
from app.domain.case import Case, Session
from bench.pliable import Gullible, spoken
from bench.sittings import play
from tests.llm.server import prompt_mark

BESIDE = "We have said what we can say on this for now and would hear the others before we go on."


@dataclass(slots=True)
class Rehearsed:
    """Speaks the `lines` of its turns."""

    lines: Mapping[int, str]
    inner: Complete = field(default_factory=lambda: Gullible(()))

    async def __call__(self, ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        words = self.lines.get(_turn(ask), BESIDE)
        if ask.purpose == "speaker":
            return spoken(words, on_text)
        form = await self.inner(ask)
        if ask.purpose == "filtered":
            return spoken(json.dumps({**json.loads(form.text), "say": words}), on_text)
        return form


def rehearsed(case: Case, seed: int, session: Session) -> Rehearsed:
    """The model for a table of this case, seed and session."""
    table = play(case, seed, session, silent=False).table
    return Rehearsed({moved.turn: moved.move.speech.text for moved in table.moves})


def _turn(ask: Ask) -> int:
    return int(ask.account[-1].rpartition("/")[2])


@dataclass(slots=True)
class Recorder:
    """Keeps every question with its answer, and whether it was streamed."""

    inner: Complete
    asked: list[tuple[Ask, bool]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        done = await self.inner(ask, on_text)
        self.asked.append((ask, on_text is not None))
        plain = [{"role": m.role, "content": m.text} for m in ask.messages]
        self.answers[prompt_mark(plain)] = done.text
        return done


def saved(answers: Mapping[str, str], folder: str) -> Path:
    """The answers as a file that the local server reads."""
    path = Path(folder) / "answers.json"
    path.write_text(json.dumps(answers), "utf-8")
    return path
