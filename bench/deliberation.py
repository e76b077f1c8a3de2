"""The published scoreable games played offline: `python -m bench.deliberation [--tables N]`.

Our own small game always runs; the public games where PARLEY_TEST_DATA points at them. Each is
imported first, as `parley import llm-deliberation` does, with every party cooperative.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from app.commands.deliberation import run
from app.library.imports.llm_deliberation import read_game
from app.library.write import write_case

OWN = Path(__file__).resolve().parent.parent / "tests" / "data" / "llm-deliberation" / "orchard"
GAMES = ("base", "game1")
DATED = "2024-11-11"


def main() -> int:
    """Import and play each game, without and with a mediator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    public = Path(os.environ.get("PARLEY_TEST_DATA", "")) / "llm-deliberation"
    folders = [OWN, *(public / game for game in GAMES if (public / game).is_dir())]
    if len(folders) == 1:
        print("public data not found; set PARLEY_TEST_DATA")
    worst = 0
    with tempfile.TemporaryDirectory() as place:
        for folder in folders:
            case = read_game(folder, as_of=DATED, incentive="cooperative").case
            table = write_case(case, Path(place) / folder.name)
            for mediator in ("none", "votes", "ranks"):
                code = run(str(table), asked.tables, mediator=mediator, seed=asked.seed)
                worst = max(worst, code)
            print()
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
