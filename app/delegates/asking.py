"""One call of a turn to a model: within the turn's calls and seconds, and kept for the trace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from app.delegates.base import Ask, Complete, Completion, Message
from app.delegates.encoded import COMPACT, encoded
from app.domain.derived import Derived
from app.domain.events import ModelCall
from app.domain.table import PLENARY
from app.errors import DelegateFailed

MOST_CALLS = 6
"""Requests one turn may send in all, attempts on the wire counted."""

LEAST_SECONDS = 0.5
"""With less than this left nothing is asked any more."""

MOST_FORMS = 256
"""Forms whose text is kept: one a seat and table."""

MOST_ANSWER = 16_000
"""Characters of an answer that are read; a form and a speech have far fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A call that brought nothing: the fault's code."""

    code: str


@dataclass(slots=True, kw_only=True)
class Caller:
    """The calls of one turn. `end` is when, on `clock`, the turn's time is over."""

    complete: Complete
    clock: Callable[[], float]
    end: float
    temperature: float
    table_id: str
    seat: str
    turn: int
    reply: int = 0
    place: str = PLENARY
    """Of an answer, the room: each counts its remarks from 1."""
    calls: list[ModelCall] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    async def ask(
        self,
        purpose: Literal["planner", "speaker", "filtered"],
        asked: tuple[Message, ...],
        form: Mapping[str, object] | None,
        room: int,
        on_text: Callable[[str], None] | None = None,
    ) -> Completion | Missed:
        """One call within what is left of the turn; kept for the trace."""
        left = MOST_CALLS - sum(call.tries for call in self.calls)
        seconds = self.end - self.clock()
        if left <= 0 or seconds < LEAST_SECONDS:
            self.notes.append("spent")
            return Missed(code="spent")
        mark = digest(asked, form)
        ask = Ask(
            messages=asked,
            purpose=purpose,
            schema=form,
            max_tokens=room,
            temperature=self.temperature,
            seconds=seconds,
            tries=min(left, 3),
            lane=self.table_id,
            account=self._accounts(),
        )
        try:
            got = await self.complete(ask, on_text)
        except DelegateFailed as error:
            code = str(getattr(error, "code", "failed"))
            if code == "budget":
                self.notes.append(f"cap-{getattr(getattr(error, 'fault', None), 'parameter', '')}")
            tries = max(1, int(getattr(error, "tries", 1)))
            self.calls.append(ModelCall(purpose=purpose, prompt=mark, fault=code, tries=tries))
            return Missed(code=code)
        kept = _kept(got.text)
        if kept != got.text:
            got = replace(got, text=kept)
        usage = got.usage
        self.calls.append(
            ModelCall(
                purpose=purpose,
                prompt=mark,
                answer=got.text,
                model=got.model,
                prompt_tokens=usage.prompt,
                completion_tokens=usage.completion,
                cached_tokens=usage.cached,
                reported=usage.reported,
                tries=got.tries,
            )
        )
        return got

    def _accounts(self) -> tuple[str, ...]:
        """Who pays, as the budget keeps it.

        An answer has an account of its own under the turn's cap: whoever asks much does not spend
        what the seat needs for its move.
        """
        table, seat = self.table_id, self.seat
        turn = f"{self.turn}/{self.reply}" if self.reply else f"{self.turn}"
        if self.place != PLENARY:
            turn = f"{turn}/{self.place}"
        return (f"table:{table}", f"seat:{table}/{seat}", f"turn:{table}/{seat}/{turn}")


def _kept(text: str) -> str:
    """An answer as it is read and recorded: bounded, and without what is no text."""
    return text[:MOST_ANSWER].encode("utf-8", "replace").decode()


def digest(asked: tuple[Message, ...], form: Mapping[str, object] | None) -> str:
    """SHA-256 of exactly what a model is sent: the messages and the form, as compact JSON.

    What a prompt begins with stays the same for a whole table, so its part is hashed once.
    """
    brief, *rest = asked
    mark = _begun(brief).copy()
    for message in rest:
        mark.update(f",{_as_json(message)}".encode("utf-8", "surrogatepass"))
    mark.update(f"],{_form_text(form)}]".encode("utf-8", "surrogatepass"))
    return mark.hexdigest()


def _as_json(message: Message) -> str:
    return f'["{message.role}",{encoded(message.text)}]'


@lru_cache(maxsize=256)
def _begun(brief: Message) -> hashlib._Hash:
    return hashlib.sha256(f"[[{_as_json(brief)}".encode("utf-8", "surrogatepass"))


_form_text: Derived[Mapping[str, object] | None, str] = Derived(COMPACT.encode, MOST_FORMS)
"""A form as text, or null; a form is the same object for a whole table."""
