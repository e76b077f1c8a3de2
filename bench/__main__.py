"""`python -m bench` runs every bench in a stated order, `python -m bench NAME [options]` one.

A bench is a module of this package with `run(argv: list[str]) -> int`; the first line of its
docstring is its help. `ORDER`, a whole number at its top, places it in the list (50 without one).
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.pages import commands, filled

USUAL_PLACE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A bench as its source describes it; nothing is imported to know that."""

    name: str
    help: str
    order: int


def described(path: Path) -> Bench | None:
    """The bench in a file, or None when the file is not one."""
    tree = ast.parse(path.read_text("utf-8"))
    if not any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
        return None
    order = USUAL_PLACE
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            named = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if named == ["ORDER"] and isinstance(node.value.value, int):
                order = node.value.value
    words = (ast.get_docstring(tree) or path.stem).splitlines()[0]
    return Bench(name=path.stem, help=words, order=order)


def benches() -> tuple[Bench, ...]:
    """Every bench, in the order they run."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    found = [described(path) for path in files if not path.stem.startswith("_")]
    return tuple(sorted((b for b in found if b is not None), key=lambda b: (b.order, b.name)))


def listed() -> str:
    """The help page."""
    lines = [
        "python -m bench                  run every bench, in this order",
        "python -m bench NAME [options]   run one; NAME --help lists its options",
        "python -m bench --fill PAGE [NAME]   run the commands a page names, write their output in",
        "",
    ]
    return "\n".join([*lines, *(f"  {bench.name:<14}{bench.help}" for bench in benches())])


def main(argv: Sequence[str]) -> int:
    """The exit code: that of the bench, or the highest of all."""
    known = {bench.name: bench for bench in benches()}
    if argv and argv[0] in ("-h", "--help"):
        print(listed())
        return 0
    if argv and argv[0] == "--fill":
        return _fill(list(argv[1:]), set(known))
    if argv and argv[0] not in known:
        print(f"no bench {argv[0]!r}; python -m bench --help lists them", file=sys.stderr)
        return 2
    if argv:
        return measured(argv[0], list(argv[1:]))
    print(f"In this order: {', '.join(known)}")
    codes = []
    for name, bench in known.items():
        print(f"\n== {name}: {bench.help}", flush=True)
        codes.append(measured(name, []))
    return max(codes, default=0)


def _fill(argv: list[str], known: set[str]) -> int:
    """Write the output of the named commands into a page."""
    if len(argv) not in (1, 2) or not Path(argv[0]).is_file():
        print("python -m bench --fill PAGE [NAME]: PAGE is a file with blocks", file=sys.stderr)
        return 2
    path, only = Path(argv[0]), "".join(argv[1:])
    page = path.read_text("utf-8")
    unknown = {line.split()[0] for line in commands(page)} - known
    if unknown:
        print(f"{path}: no bench {sorted(unknown)}", file=sys.stderr)
        return 2
    path.write_text(filled(page, measured, only), "utf-8")
    return 0


def measured(name: str, argv: list[str]) -> int:
    """Run one bench; a stop from the keyboard is said, not traced."""
    try:
        return int(importlib.import_module(f"bench.{name}").run(argv))
    except KeyboardInterrupt:
        print(f"\n{name} stopped; benches that keep partial results go on with them", flush=True)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
