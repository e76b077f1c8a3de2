"""Which passes were revoked: a number for each viewer of a table, kept in one small file.

A pass is signed together with its viewer's number. Revoking counts the number on, so that every
pass given out before is void at once and for good, and the next one made is a fresh one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from app.errors import ParleyError

FILE = "passes.json"


def _settle(folder: Path) -> None:
    """Have the folder's new entry on disk."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class Passes:
    """The numbers, in memory and on disk."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._numbers = self._read()

    def number(self, table_id: str, viewer: str) -> int:
        """How often this viewer's passes were revoked."""
        return self._numbers.get(f"{table_id}~{viewer}", 0)

    def revoke(self, table_id: str, viewer: str) -> int:
        """Make every pass void that was given out so far; on disk when this returns."""
        key = f"{table_id}~{viewer}"
        numbers = {**self._numbers, key: self._numbers.get(key, 0) + 1}
        spare = self.path.with_suffix(".new")
        try:
            with os.fdopen(
                os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
            ) as out:
                json.dump(numbers, out)
                out.flush()
                os.fsync(out.fileno())
            spare.replace(self.path)
            _settle(self.path.parent)
        except OSError as error:
            raise ParleyError(f"{self.path} cannot be written ({error.strerror})") from error
        self._numbers = numbers
        return numbers[key]

    def _read(self) -> dict[str, int]:
        try:
            held = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ParleyError(
                f"{self.path} cannot be read ({error}): without it passes that were revoked would "
                "be good again; restore it, or delete it and set a new PARLEY_TOKEN"
            ) from error
        if not isinstance(held, dict) or not all(type(n) is int for n in held.values()):
            raise ParleyError(
                f"{self.path} holds no passes: restore it, or delete it and set a new PARLEY_TOKEN"
            )
        return held
