"""`parley assess`: who left with what, from the record of a table."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from app.commands.solve import complain
from app.domain.table import FACILITATOR_VIEW, fold
from app.errors import CaseError, Finding
from app.evaluator.page import as_page
from app.evaluator.printout import show
from app.evaluator.report import as_text
from app.evaluator.value import Assessment, assess
from app.eventlog.record import read_record


def run(record: Path, *, json: bool = False, html: Path | None = None) -> int:
    """Assess a record: on the terminal, as JSON on stdout, or as a page in a file.

    0 when it could be done, whatever came of the talks; 2 for a record that cannot be read or
    is not the facilitator's, and for a page that cannot be written.
    """
    try:
        found = _assessed(record)
        if html is not None:
            _write(html, as_page(found))
    except CaseError as error:
        complain(error)
        return 2
    if json:
        print(as_text(found))
    elif html is None:
        show(found, _terminal())
    return 0


def _assessed(record: Path) -> Assessment:
    """The assessment of a record file."""
    held = read_record(record)
    if held.viewer != FACILITATOR_VIEW:
        problem = (
            f"this is the view of {held.viewer[:40]!a}; an assessment reads every mandate: "
            "take the facilitator's record"
        )
        raise CaseError((Finding(path=record.name, key="viewer", problem=problem),))
    if held.torn:
        print(f"{record.name}: the last line was cut off and is left out", file=sys.stderr)
    return assess(fold(held.events))


def _write(path: Path, page: str) -> None:
    """The page into its file."""
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error}); choose another --html file"
        raise CaseError((Finding(path=str(path), key="", problem=problem),)) from error
    print(f"written: {path}", file=sys.stderr)


def _terminal() -> Console:
    """Standard output, with a substitute for what its encoding lacks."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False, emoji=False, markup=False)
