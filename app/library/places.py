"""Where tables are: folders, names, the starter, and a copy of it to begin with."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from app.errors import CaseError, Finding
from app.library.findings import meant
from app.library.reading import read_toml

TABLE_FILE = "table.toml"
STARTER = "first-offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInfo:
    """A table that can be opened by name. `problem` says why it cannot be read, if so."""

    name: str
    path: Path
    title: str
    as_of: str
    seats: tuple[str, ...]
    issues: int
    problem: str = ""


def shipped(folder: str) -> Path:
    """A folder that Parley carries (`personas`, `prompts`): of the checkout, else of the wheel."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / folder
    if (package.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    return package / "_shipped" / folder


def tables(home: Path | None = None) -> tuple[TableInfo, ...]:
    """Every table with a name: those of PARLEY_HOME, if given, hide shipped ones."""
    found: dict[str, TableInfo] = {}
    for folder in _folders(home):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if (path / TABLE_FILE).is_file() and path.name not in found:
                found[path.name] = _info(path)
    return tuple(found[name] for name in sorted(found))


def find(where: str | Path, home: Path | None = None) -> Path:
    """The folder of a table: a path, or a name; CaseError when there is none."""
    path = Path(where)
    try:
        if path.name == TABLE_FILE and path.is_file():
            return path.parent
        if (path / TABLE_FILE).is_file():
            return path
        names = {info.name: info.path for info in tables(home)}
        if str(where) in names:
            return names[str(where)]
        problem = (
            f"the folder holds no {TABLE_FILE}"
            if path.is_dir()
            else f"there is no such table or folder{meant(str(where), names)}"
        )
    except (OSError, ValueError) as error:
        problem = f"not a table or a folder ({error})"
    raise CaseError((Finding(path=_printable(where), key="", problem=problem),))


def new_case(dest: str | Path) -> Path:
    """A copy of the starter case in an empty or new folder; CaseError when it cannot be."""
    target = Path(dest)
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            problem = "exists and is not an empty folder; choose another place"
            raise CaseError((Finding(path=_printable(dest), key="", problem=problem),))
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted((shipped("personas") / STARTER).glob("*.toml")):
            shutil.copyfile(file, target / file.name)
    except (OSError, ValueError) as error:
        problem = f"cannot be written ({error})"
        raise CaseError((Finding(path=_printable(dest), key="", problem=problem),)) from error
    return target


def _folders(home: Path | None) -> tuple[Path, ...]:
    """Where names are looked up."""
    own = (home / "personas",) if home is not None else ()
    return (*own, shipped("personas"))


def _info(path: Path) -> TableInfo:
    """What a list of tables shows, read leniently."""
    table, found = read_toml(path / TABLE_FILE, TABLE_FILE)
    table = table or {}
    seats, issues = table.get("seats"), table.get("issues")
    return TableInfo(
        name=path.name,
        path=path,
        title=str(table.get("title", path.name)),
        as_of=str(table.get("as_of", "")),
        seats=tuple(str(seat) for seat in seats) if isinstance(seats, list) else (),
        issues=len(issues) if isinstance(issues, list) else 0,
        problem=str(found[0]) if found else "",
    )


def _printable(where: str | Path) -> str:
    """A path that can stand in a message."""
    return str(where).encode("ascii", "backslashreplace").decode().replace("\0", "\\0")[:300]
