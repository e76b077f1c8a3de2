"""A model of a test's own words: strict both ways, and what tests of model seats stand on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import TracebackType

from app.delegates.answer_form import schema
from app.delegates.base import Ask, Completion, Usage
from app.delegates.briefing import NEEDS, Papers
from app.delegates.drafting import Delta, Void
from app.delegates.model import Casting, ModelDelegate
from app.domain.case import Case
from app.domain.events import EVERYBODY, Event, Fact
from app.domain.moves import Move, Speech
from app.domain.table import Table
from app.domain.terms import Package
from app.errors import DelegateFailed
from app.library import load_prompts
from app.orchestrator.orders import Command, Open, Refusal, Submit
from app.orchestrator.procedure import decide
from app.orchestrator.sitting import Sitting


class Failing(DelegateFailed):
    """A fault with a code, as the doors raise it."""

    def __init__(self, code: str, tries: int = 1) -> None:
        self.code = code
        self.tries = tries
        super().__init__(code)


@dataclass(slots=True)
class Scripted:
    """Answers step by step; an ask too many fails, and so does a step that was not asked for."""

    steps: list[str | DelegateFailed | Callable[[Ask], str]]
    asked: list[Ask] = field(default_factory=list)
    tries: int = 1
    piece: int = 9

    async def __call__(self, ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        assert self.steps, f"an ask that nobody expected: {ask.purpose}"
        self.asked.append(ask)
        step = self.steps.pop(0)
        if isinstance(step, DelegateFailed):
            raise step
        text = step if isinstance(step, str) else step(ask)
        if on_text is not None:
            for at in range(0, len(text), self.piece):
                on_text(text[at : at + self.piece])
        usage = Usage(prompt=1_000, completion=len(text) // 4, cached=10)
        return Completion(text=text, model="scripted-1", usage=usage, tries=self.tries)

    def __enter__(self) -> Scripted:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            assert not self.steps, f"{len(self.steps)} steps were not asked for"


@cache
def papers() -> Papers:
    """The shipped prompts."""
    held = load_prompts(NEEDS)
    return Papers(
        texts={name: prompt.text for name, prompt in held.items()},
        marks={name: prompt.mark for name, prompt in held.items()},
    )


class Floor:
    """A table in memory without a log: commands decided and folded, views as they are."""

    def __init__(self, case: Case, preset: str = "standard", *, record: bool = False) -> None:
        self.sitting = Sitting(())
        session = replace(case.session, preset=preset, record=record)
        self.do(
            Open(
                case=case,
                case_hash="0" * 64,
                seed=3,
                session=session,
                version="0",
                occupants=dict.fromkeys(case.seat_ids, "model"),
            )
        )

    @property
    def table(self) -> Table:
        return self.sitting.table

    @property
    def seat(self) -> str:
        """Who has the floor."""
        assert self.table.turn is not None
        return self.table.turn.seat

    def do(self, command: Command) -> None:
        facts = decide(self.sitting.table if self.sitting.seq else None, command, 0)
        assert not isinstance(facts, Refusal), facts
        self.absorb(facts)

    def absorb(self, facts: tuple[Fact, ...]) -> None:
        seq = self.sitting.seq
        self.sitting.absorb(
            Event(table_id="t", seq=seq + n, at=0, audience=fact.audience, body=fact.body)
            for n, fact in enumerate(facts, 1)
        )

    def say(self, text: str = "", **acts: object) -> Floor:
        """The seat with the floor takes its turn."""
        turn = self.table.turn
        assert turn is not None
        words = text or f"We speak to the clauses of turn {turn.number} as they stand before us."
        move = Move(speech=Speech(text=words, by="model"), **acts)  # type: ignore[arg-type]
        self.do(Submit(seat=turn.seat, turn=turn.number, move=move))
        return self

    def to_round(self, number: int) -> Floor:
        """Words only, until a round begins."""
        while self.table.round < number:
            self.say()
        return self

    def delegate(
        self,
        complete: Scripted,
        shown: list[Delta | Void] | None = None,
        clock: Callable[[], float] = lambda: 0.0,
        **how: object,
    ) -> ModelDelegate:
        """Who plays every seat."""
        casting = Casting(complete=complete, model="test:scripted", **how)  # type: ignore[arg-type]
        publish = shown.append if shown is not None else None
        return ModelDelegate(lambda *_: casting, papers(), clock, on_delta=publish)


def form(view: Table, seat: str, **fields: object) -> str:
    """A filled-in form: hold, unless told otherwise."""
    held: dict[str, object] = {}
    properties = schema(view, seat)["properties"]
    assert isinstance(properties, Mapping)
    for name, kind in properties.items():
        held[name] = [] if kind["type"] == "array" else kind["enum"][0]
        if "none" in kind.get("enum", ()):
            held[name] = "none"
    held |= {"act": "hold", "tone": "plain"}
    package = fields.pop("own", None)
    if package is not None:
        held |= {"act": "offer", "package": "own"}
        held |= {f"on_{i}": o for i, o in view.agenda.as_mapping(package).items()}  # type: ignore[arg-type]
    return json.dumps(held | fields)


def signable(case: Case, seat: str, preset: str, *, low: bool = False) -> Package:
    """A package the seat may sign (the best), or with `low` one it may not (the worst)."""
    mandate, agenda = case.mandates[seat], case.agenda
    ranked = sorted(map(agenda.package, range(agenda.count)), key=mandate.total, reverse=not low)
    for package in ranked:
        if bool(case.breaches(seat, package, preset)) is low:
            return package
    raise AssertionError("there is none")


SPEECH = (
    "We have listened to what the others put to us on this clause. "
    "Our view of it has not changed, and we say so openly. "
    "The question that matters is who carries the burden when the text is tested."
)

__all__ = ["EVERYBODY", "SPEECH", "Failing", "Floor", "Scripted", "form", "papers", "signable"]
