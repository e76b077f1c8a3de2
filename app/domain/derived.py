"""What follows from something immutable, worked out once and kept under its identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

_Source = TypeVar("_Source")
_Result = TypeVar("_Result")

MAX_KEPT = 512
"""Results that one `Derived` holds where nothing else is said; each holds its source too."""


class Derived(Generic[_Source, _Result]):
    """A pure function of one immutable thing, whose results are kept.

    An error is not kept: it comes again. The source is held beside its result, so that its
    identity stays its own; equal sources are worked out each, which costs time and nothing else.
    """

    def __init__(self, work: Callable[[_Source], _Result], most: int = MAX_KEPT) -> None:
        self._work = work
        self._most = most
        self._kept: dict[int, tuple[_Source, _Result]] = {}

    def __call__(self, source: _Source) -> _Result:
        """The result for this very source."""
        kept = self._kept.get(id(source))
        if kept is None or kept[0] is not source:
            if len(self._kept) >= self._most:
                self._kept.clear()
            kept = self._kept[id(source)] = (source, self._work(source))
        return kept[1]

    def __len__(self) -> int:
        """How many results are kept."""
        return len(self._kept)
