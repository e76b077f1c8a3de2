"""`parley prompt show`: what a model was sent for a turn, rendered again from the record.

The turn is taken again from the same events with the answers that the record holds; every
prompt made on the way is compared with its recorded hash. A prompt that differs is not shown.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from json import dumps
from pathlib import Path
from typing import cast

from rich.console import Console

from app.commands.screen import safe
from app.commands.solve import complain
from app.delegates.asking import digest
from app.delegates.base import Ask, Completion, Usage
from app.delegates.briefing import Papers
from app.delegates.model import Barrier, Casting, ModelDelegate
from app.domain.events import Body, Event, ModelCall, Moved, Spoken, TurnTraced
from app.domain.table import FACILITATOR_VIEW, Owed, Table
from app.errors import CaseError, DelegateFailed, Finding, ParleyError
from app.eventlog.record import read_record
from app.main import prompt_papers
from app.orchestrator.sitting import Sitting
from app.orchestrator.turn import heard_in


class _Over(ParleyError):
    """The record holds no further call of this turn."""


class _Again(DelegateFailed):
    """A recorded fault happens again."""

    def __init__(self, call: ModelCall) -> None:
        self.code = call.fault
        self.tries = call.tries
        super().__init__(call.fault)


@dataclass(slots=True)
class Recorded:
    """A `Complete` that answers from the record and keeps what it was sent."""

    calls: Sequence[ModelCall]
    place: str
    asked: list[Ask] = field(default_factory=list)

    async def __call__(self, ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        """The recorded answer, if the prompt is the recorded one."""
        number = len(self.asked)
        if number >= len(self.calls):
            raise _Over
        call = self.calls[number]
        if digest(ask.messages, ask.schema) != call.prompt:
            raise _wrong(
                self.place,
                f"call {number + 1} renders to another text than was sent (its hash differs): "
                "the record was changed, or another version of Parley or its prompts made it",
            )
        self.asked.append(ask)
        if call.fault:
            raise _Again(call)
        if on_text is not None:
            on_text(call.answer)
        usage = Usage(prompt=call.prompt_tokens, completion=call.completion_tokens)
        return Completion(text=call.answer, model=call.model, usage=usage, tries=call.tries)


def show(seat: str, record: Path, seq: int, *, json: bool = False) -> int:
    """Print every prompt of the turn; 2 when it cannot be shown as it was sent."""
    try:
        held = read_record(record)
        if held.viewer != FACILITATOR_VIEW:
            raise _wrong(str(record), "only a facilitator's record holds what models were sent")
        trace = trace_of(held.events, seat, seq, str(record))
        asked = rendered(held.events, trace, prompt_papers(), str(record))
    except CaseError as error:
        complain(error)
        return 2
    except ParleyError as error:
        print(f"parley prompt: {error}", file=sys.stderr)
        return 2
    if json:
        print(dumps([_data(c, a) for c, a in zip(trace.calls, asked, strict=True)], indent=2))
        return 0
    console = Console(highlight=False, emoji=False)
    for number, (call, ask) in enumerate(zip(trace.calls, asked, strict=True), 1):
        console.rule(f"call {number} of {len(asked)}: {call.purpose}, {call.prompt[:16]}")
        for message in ask.messages:
            console.print(f"[{message.role}]", markup=False, style="bold")
            console.print(safe(message.text), markup=False, soft_wrap=True)
        console.print("[answer]" if not call.fault else "[fault]", markup=False, style="bold")
        console.print(safe(call.answer or call.fault), markup=False, soft_wrap=True)
    return 0


def _data(call: ModelCall, ask: Ask) -> dict[str, object]:
    messages = [asdict(message) for message in ask.messages]
    return {**asdict(call), "messages": messages, "schema": ask.schema}


def trace_of(events: Sequence[Event], seat: str, seq: int, path: str) -> TurnTraced:
    """The trace that an entry belongs to: a move, an answer to words, or the trace itself."""
    if not 0 < seq <= len(events):
        raise _wrong(path, f"there is no entry {seq}; the record has {len(events)}", "--at")
    body = events[seq - 1].body
    own = [e for e in events if isinstance(e.body, TurnTraced) and e.body.seat == seat]
    for event in own:
        trace = event.body
        if isinstance(trace, TurnTraced) and _is_of(trace, body):
            return trace
    known = [event.seq for event in own]
    told = f"what its model was asked is traced at {', '.join(map(str, known[:20]))}"
    raise _wrong(
        path,
        f"entry {seq} is no turn of a model of {seat}; {told if known else 'it has none'}",
        "--at",
    )


def _is_of(trace: TurnTraced, body: Body) -> bool:
    """Whether a trace is this entry, or tells of this move or these words."""
    if isinstance(body, Spoken):
        to = body.speech.answers
        return (trace.seat, trace.room, trace.reply) == (body.seat, body.room, to)
    if isinstance(body, Moved):
        return (trace.seat, trace.turn, trace.reply) == (body.seat, body.turn, 0)
    return trace == body


def rendered(
    events: Sequence[Event], trace: TurnTraced, papers: Papers, path: str
) -> tuple[Ask, ...]:
    """Every request of the turn, as it was sent; CaseError when one cannot be made again."""
    marks = dict(trace.templates)
    changed = sorted(name for name, mark in papers.marks.items() if marks.get(name) != mark)
    if changed:
        raise _wrong(
            path, f"the prompt files have changed since: {', '.join(changed)}; use that version"
        )
    sitting = Sitting(events[: trace.after])
    again = Recorded(trace.calls, path)

    def casting(_room: Table, _seat: str) -> Casting:
        return Casting(
            complete=again,
            model=trace.model,
            barrier=cast(Barrier, trace.barrier),
            counsel=trace.counsel,
        )

    delegate = ModelDelegate(casting, papers, lambda: 0.0)
    asyncio.run(_taken(delegate, sitting, trace))
    if len(again.asked) != len(trace.calls):
        raise _wrong(path, "the record holds more calls than the turn makes when taken again")
    return tuple(again.asked)


async def _taken(delegate: ModelDelegate, sitting: Sitting, trace: TurnTraced) -> None:
    seat = trace.seat
    try:
        if trace.reply:
            owed = Owed(seat=seat, room=trace.room, number=trace.reply)
            await delegate.reply(heard_in(sitting, trace.room), owed)
        else:
            await delegate.move(sitting.view(seat), sitting.public(), seat)
    except _Over:
        return


def _wrong(path: str, problem: str, key: str = "") -> CaseError:
    return CaseError((Finding(path=path, key=key, problem=problem),))
