"""A page of results filled anew: every block names the command whose output it holds.

<!-- bench tables --silent -->
...
<!-- end -->
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Callable
from contextlib import redirect_stdout

BLOCK = re.compile(r"^<!-- bench (?P<command>[^\n]+?) -->$.*?^<!-- end -->$", re.M | re.S)


def commands(page: str) -> list[str]:
    """The commands of a page, in order."""
    return [block["command"] for block in BLOCK.finditer(page)]


def filled(page: str, measured: Callable[[str, list[str]], int], only: str = "") -> str:
    """The page with the blocks of one bench, or of all, run again; a bench that fails stops it."""

    def fresh(block: re.Match[str]) -> str:
        name, *options = shlex.split(block["command"])
        if only and name != only:
            return block[0]
        said = io.StringIO()
        with redirect_stdout(said):
            code = measured(name, options)
        if code:
            raise SystemExit(f"bench {block['command']} ended with {code}; the page is as it was")
        return "\n".join(
            [
                f"<!-- bench {block['command']} -->",
                f"`python -m bench {block['command']}`",
                "",
                _markdown(said.getvalue().strip()),
                "<!-- end -->",
            ]
        )

    return BLOCK.sub(fresh, page)


def _markdown(text: str) -> str:
    """Verdict lines as a list; tables and sentences are Markdown as they are."""
    return re.sub(r"^(met {5}|MISSED {2})", lambda m: f"- **{m[1].strip()}** ", text, flags=re.M)
