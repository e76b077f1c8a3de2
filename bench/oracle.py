"""An independent referee: the same floors and readings by plain arithmetic on the case's files.

It reads the TOML itself and shares no code with the guard, the mandates or the evaluator.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


class Referee:
    """What each seat of a case folder may sign, from its file alone."""

    def __init__(self, folder: Path) -> None:
        self.table: Mapping[str, Any] = tomllib.loads((folder / "table.toml").read_text("utf-8"))
        self.issues = [issue["id"] for issue in self.table["issues"]]
        self.seats = {
            seat: tomllib.loads((folder / f"{seat}.toml").read_text("utf-8"))
            for seat in self.table["seats"]
        }

    def gains(self, seat: str, package: Iterable[str]) -> list[int]:
        """Points over no deal in every currency."""
        file = self.seats[seat]
        gains = [0] * len(self.table["currencies"])
        for issue, option in zip(self.issues, package, strict=True):
            for place, points in enumerate(file["sheet"][issue][option]):
                gains[place] += points
        for line in file["no_deal"]:
            for place, points in enumerate(line["points"]):
                gains[place] -= points
        return gains

    def total(self, seat: str, package: Iterable[str]) -> int:
        """Points over all currencies."""
        chosen = zip(self.issues, package, strict=True)
        sheet = self.seats[seat]["sheet"]
        return sum(sum(sheet[issue][option]) for issue, option in chosen)

    def crosses(self, seat: str, package: Iterable[str]) -> bool:
        """Whether a red line of the seat is crossed."""
        chosen = dict(zip(self.issues, package, strict=True))
        for line in self.seats[seat].get("red_lines", []):
            listed = line.get("forbid") or line["of"]
            hits = sum(chosen[issue] in options for issue, options in listed.items())
            if hits > (line["at_most"] if "at_most" in line else len(listed) - 1):
                return True
        return False

    def below_floor(self, seat: str, package: Iterable[str], preset: str) -> bool:
        """Whether the seat may not sign: red line, signing test, mandate or the strong preset."""
        package = tuple(package)
        gains = self.gains(seat, package)
        least = self.seats[seat].get("mandate", {}).get(preset, 0)
        strong = self.table["presets"][preset]["strong"]
        return (
            self.crosses(seat, package)
            or sum(gains) < self.table["gain"]
            or self.total(seat, package) < least
            or (strong and min(gains) < 0)
        )

    def readings(self, package: Iterable[str]) -> dict[str, bool]:
        """The three readings of something of value for the whole table."""
        package = tuple(package)
        found = {"any": True, "strong": True, "each": True}
        for seat in self.seats:
            gains = self.gains(seat, package)
            fair = not self.crosses(seat, package) and sum(gains) >= self.table["gain"]
            found["any"] &= fair
            found["strong"] &= fair and min(gains) >= 0
            found["each"] &= min(gains) > 0
        return found
