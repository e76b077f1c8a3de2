"""`parley import`: games, domains and character cards of other projects."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from pathlib import Path

from app.commands.solve import complain
from app.errors import CaseError, Finding
from app.library.imports.card import read_card
from app.library.imports.foreign import Imported, folder
from app.library.imports.genius import read_domain
from app.library.imports.geniusweb import read_profiles
from app.library.imports.llm_deliberation import read_game
from app.library.imports.negmas import read_scenario
from app.library.write import write_case


def llm_deliberation(
    source: Path, dest: Path, *, incentive: str | None = None, as_of: str | None = None
) -> int:
    """A game folder as a table; 2 with every finding when it cannot be read or written."""
    return _import(lambda day: read_game(source, as_of=day, incentive=incentive), dest, as_of)


def genius(source: Path, dest: Path, *, as_of: str | None = None) -> int:
    """A GENIUS, GeniusWeb or NegMAS folder as a table, told apart by what is in it."""
    return _import(lambda day: _read_domain(source, day), dest, as_of)


def card(source: Path, dest: Path | None = None) -> int:
    """A character card as the skeleton of a seat file; printed when there is no DEST."""
    try:
        made = read_card(source)
        for note in made.notes:
            print(f"note: {note}", file=sys.stderr)
        if dest is None:
            print(made.text, end="")
            return 0
        path = dest / f"{made.seat}.toml" if dest.is_dir() else dest
        with path.open("x", encoding="utf-8") as file:
            file.write(made.text)
    except CaseError as error:
        complain(error)
        return 2
    except (OSError, ValueError) as error:
        problem = f"cannot be written ({getattr(error, 'strerror', None) or error})"
        complain(CaseError((Finding(path=str(dest), key="", problem=problem),)))
        return 2
    print(f"A persona skeleton is in {path}; the card's own text stands in it, switched off.")
    return 0


def _read_domain(source: Path, as_of: str) -> Imported:
    """The reader that fits: XML is GENIUS, JSON with utility spaces GeniusWeb, else NegMAS."""
    root = folder(source)
    if any(root.glob("*.xml")):
        return read_domain(root, as_of=as_of)
    jsons = [path for path in sorted(root.glob("*.json")) if path.is_file()]
    for path in jsons:
        with path.open("rb") as file:
            if b"LinearAdditiveUtilitySpace" in file.read(1 << 20):
                return read_profiles(root, as_of=as_of)
    if jsons or any(root.glob("*.y*ml")):
        return read_scenario(root, as_of=as_of)
    problem = "neither GENIUS XML, GeniusWeb JSON nor a NegMAS scenario is in this folder"
    raise CaseError((Finding(path=str(source), key="", problem=problem),))


def _import(read: Callable[[str], Imported], dest: Path, as_of: str | None) -> int:
    """Read, write, and say how it went."""
    day = as_of or datetime.datetime.now(datetime.UTC).date().isoformat()
    try:
        made = read(day)
        path = write_case(made.case, dest, "Made by parley import. The texts are the source's.")
    except CaseError as error:
        complain(error)
        return 2
    for note in made.notes:
        print(f"note: {note}", file=sys.stderr)
    case = made.case
    print(f"{case.title}: {len(case.seats)} seats, {len(case.issues)} issues, in {path}.")
    print(f"Look at it:  parley check {path}")
    print(f"Play it:     parley play {path}")
    return 0
