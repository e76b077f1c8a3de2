"""How far a run is: a line that renews itself on a terminal, and one in ten lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType


class Progress:
    """Counts cases on the error stream, so that standard output stays for results."""

    def __init__(self, of: int, *, quiet: bool, what: str = "cases") -> None:
        self.of = of
        self.quiet = quiet
        self.what = what
        self.count = 0
        self.failed = 0
        self.began = time.monotonic()
        self.live = sys.stderr.isatty()

    def note(self, resumed: int, cached: int, stale: int) -> None:
        """What need not be run, and what must be run again."""
        if stale > 0 and not self.quiet:
            text = "are of other code, another case or failed, and are run again"
            print(f"{stale} cases of this run {text}", file=sys.stderr)
        if resumed and not self.quiet:
            print(f"{resumed} cases of this run are done already", file=sys.stderr)
        if cached and not self.quiet:
            print(f"{cached} cases come from the cache", file=sys.stderr)

    def done(self, failed: bool) -> None:
        """One more case."""
        self.count += 1
        self.failed += failed
        if self.quiet:
            return
        text = f"{self.count} of {self.of} {self.what}"
        if self.failed:
            text += f", {self.failed} failed"
        seconds = (time.monotonic() - self.began) / self.count * (self.of - self.count)
        if self.count < self.of:
            text += f", about {_span(seconds)} left"
        if self.live:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        elif self.count == self.of or self.count % max(1, self.of // 10) == 0:
            print(text, file=sys.stderr, flush=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.live and self.count and not self.quiet:
            print(file=sys.stderr)


def _span(seconds: float) -> str:
    if seconds < 2:
        return "a second"
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
