"""Where the processor time of a model's turn goes, part by part, by clocks around its functions."""

from __future__ import annotations

import functools
import inspect
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.delegates import asking, briefing, drafting, model, phrasebook
from app.delegates.base import Ask, Complete, Completion
from app.eventlog.sql import SqlLog
from app.orchestrator import runner
from app.orchestrator.sitting import Sitting
from app.web.views import Press

COUNSEL = "the engine's counsel"
DOOR = "door"
PLACES: tuple[tuple[str, tuple[tuple[Any, str], ...]], ...] = (
    (COUNSEL, ((model, "counselled"), (model, "doubt"))),
    (
        "prompt and its hash",
        (
            (briefing, "planner_turn"),
            (briefing, "speaker_turn"),
            (model.ModelDelegate, "brief"),
            (model, "schema"),
            (asking, "digest"),
        ),
    ),
    (
        "answer read and checked",
        ((model, "read_form"), (model, "secrets_of"), (model, "gives_away")),
    ),
    (
        "tripwires on the words",
        (
            (model, "scene"),
            (drafting.Drafting, "hear"),
            (drafting.Drafting, "close"),
        ),
    ),
    ("phrasebook where it stands in", ((phrasebook, "speak"),)),
    ("rules and guard", ((runner, "decide"), (runner, "outstanding"), (runner, "fallback"))),
    ("event on disk", ((SqlLog, "append"), (SqlLog, "read"))),
    ("folds of seven viewers", ((Sitting, "absorb"), (Sitting, "view"))),
    ("frames", ((Press, "frame"),)),
)
"""Which functions make a part. What one of them spends in another's is counted there."""


@dataclass(slots=True)
class Parts:
    """Processor seconds by part."""

    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _inner: list[float] = field(default_factory=list)

    def clocked(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with a clock around it."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def waited(*given: Any, **named: Any) -> Any:
                begun = self._begin()
                try:
                    return await function(*given, **named)
                finally:
                    self._end(part, begun)

            return waited

        @functools.wraps(function)
        def done(*given: Any, **named: Any) -> Any:
            begun = self._begin()
            try:
                return function(*given, **named)
            finally:
                self._end(part, begun)

        return done

    def _begin(self) -> float:
        self._inner.append(0.0)
        return time.process_time()

    def _end(self, part: str, begun: float) -> None:
        whole = time.process_time() - begun
        self.spent[part] += whole - self._inner.pop()
        if self._inner:
            self._inner[-1] += whole


@dataclass(slots=True)
class Clocked:
    """A door with a clock around it."""

    inner: Complete
    parts: Parts

    async def __call__(self, ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        timed: Callable[..., Any] = self.parts.clocked(DOOR, _asked)
        done: Completion = await timed(self.inner, ask, on_text)
        return done


async def _asked(
    inner: Complete, ask: Ask, on_text: Callable[[str], None] | None = None
) -> Completion:
    return await inner(ask, on_text)


@contextmanager
def clocked(names: Sequence[str] = ()) -> Iterator[Parts]:
    """Clocks around every function of PLACES, or of the named parts only."""
    parts = Parts()
    plain: list[tuple[Any, str, Any]] = []
    for part, places in PLACES:
        if names and part not in names:
            continue
        for place, name in places:
            function = vars(place)[name]
            plain.append((place, name, function))
            setattr(place, name, parts.clocked(part, function))
    try:
        yield parts
    finally:
        for place, name, function in plain:
            setattr(place, name, function)
