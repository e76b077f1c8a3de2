"""Foreign files: read with limits, cleaned of what no text may hold, complained of with places."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from app.domain.case import Case
from app.errors import CaseError, Finding
from app.library.shapes import RESERVED

MAX_BYTES = 4 * 1024 * 1024
"""Largest foreign file that is read."""

JUDGMENT = ("judgment",)

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A case made of foreign files, and what its reader should know of how it was made."""

    case: Case
    notes: tuple[str, ...] = ()


def refuse(path: str, key: str, problem: str) -> NoReturn:
    """Say what is wrong, and where, and read no further."""
    raise CaseError((Finding(path=path, key=key, problem=problem),))


def read_bytes(path: Path, name: str, limit: int = MAX_BYTES) -> bytes:
    """What a file holds; CaseError when it cannot be read or is too large."""
    try:
        if not path.is_file():
            refuse(name, "", "there is no such file")
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        refuse(name, "", f"cannot be read ({getattr(error, 'strerror', None) or error})")
    if len(raw) > limit:
        refuse(name, "", f"larger than {limit} bytes")
    return raw


def read_text(path: Path, name: str, limit: int = MAX_BYTES) -> str:
    """A text file: UTF-8, or else Windows-1252, which is what undeclared old files are in."""
    return decoded(read_bytes(path, name, limit))


def decoded(raw: bytes) -> str:
    """Bytes as text with plain line ends."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain(text: str) -> str:
    """A text without control and direction marks, its lines without blanks at the end."""
    kept = _FORBIDDEN.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip()


def one_line(text: str, limit: int = 300) -> str:
    """A text on one line, cut to a limit."""
    joined = " ".join(plain(text).split())
    return joined if len(joined) <= limit else f"{joined[: limit - 3].rstrip()}..."


def folder(path: str | Path) -> Path:
    """A folder that is there; CaseError when it is not."""
    found = Path(path)
    try:
        if found.is_dir():
            return found
    except (OSError, ValueError):
        pass
    refuse(ascii(str(path))[1:-1][:300], "", "there is no such folder")


def slug(word: str, taken: Collection[str], fallback: str) -> str:
    """An id made of a name: small ASCII letters, digits and hyphens, not taken, not reserved."""
    made = re.sub(r"[^a-z0-9]+", "-", word.casefold()).strip("-")
    if not made or not made[0].isalpha():
        made = f"{fallback}-{made}".strip("-")
    made = made[:36].strip("-")
    if made in RESERVED or made == "table":
        made = f"{made}-{fallback}"
    best, number = made, 2
    while best in taken:
        best, number = f"{made}-{number}", number + 1
    return best
