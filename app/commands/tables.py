"""`parley tables` and `parley new`: which tables there are, and a start for one's own."""

from __future__ import annotations

import sys
from json import dumps
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from app.commands.solve import complain
from app.errors import CaseError, ParleyError
from app.library import new_case, tables


def run(*, json: bool = False, home: Path | None = None) -> int:
    """List the tables that can be opened by name."""
    found = tables(home)
    if json:
        rows = [
            {
                "name": info.name,
                "title": info.title,
                "as_of": info.as_of,
                "seats": list(info.seats),
                "issues": info.issues,
                "path": str(info.path),
                "problem": info.problem,
            }
            for info in found
        ]
        print(dumps(rows, ensure_ascii=False, indent=2))
        return 0
    console = Console(highlight=False, emoji=False)
    for info in found:
        title = escape(f"{info.title} ({info.as_of})")
        console.print(f"[bold]{escape(info.name)}[/bold]  {title}")
        if info.problem:
            console.print(f"    cannot be read: {info.problem}", markup=False, style="red")
        else:
            console.print(f"    {info.issues} issues; seats {', '.join(info.seats)}", markup=False)
    return 0


def new(dest: Path) -> int:
    """Write a starter case into an empty or new folder."""
    try:
        made = new_case(dest)
    except CaseError as error:
        complain(error)
        return 2
    except ParleyError as error:
        print(f"parley new: {error}", file=sys.stderr)
        return 2
    print(f"A starter case for two seats is in {made}.")
    print(f"Try it:   parley check {made}")
    print(f"          parley play {made}")
    return 0
