"""`parley export`: a table in formats of other projects."""

from __future__ import annotations

import sys
from pathlib import Path

from app.commands.solve import complain
from app.errors import CaseError, Finding
from app.library import load_case
from app.library.imports.genius_files import write_domain


def genius(table: str, dest: Path, *, preset: str | None = None, home: Path | None = None) -> int:
    """A table as GENIUS domain and profiles; says what could not be written."""
    try:
        case = load_case(table, home)
        chosen = preset or case.session.preset
        if chosen not in {p.id for p in case.presets}:
            problem = f"no preset {chosen[:40]!a}; known: {', '.join(p.id for p in case.presets)}"
            raise CaseError((Finding(path=table, key="--preset", problem=problem),))
        lost = write_domain(case, dest, chosen)
    except CaseError as error:
        complain(error)
        return 2
    print(f"{len(case.seats)} profiles of {case.title} under {chosen} are in {dest}.")
    print("The profiles hold every seat's secrets. They do not say:", file=sys.stderr)
    for line in lost:
        print(f"- {line}", file=sys.stderr)
    return 0
