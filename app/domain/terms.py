"""Issues, options and packages: what is negotiated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

Package: TypeAlias = tuple[str, ...]
"""One option id for every issue, in the order of the agenda."""

Points: TypeAlias = tuple[int, ...]
"""What something is worth to one seat: one whole number per currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One possible settlement of an issue.

    `label` is a noun phrase for speech, `text` the clause that would be signed, `cues` the words
    by which a person's free text is recognised. `source` holds claim ids or "judgment".
    """

    id: str
    label: str
    text: str
    cues: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One subject of the talks with its mutually exclusive options."""

    id: str
    title: str
    topic: str
    options: tuple[Option, ...]
    owners: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    source: tuple[str, ...] = ()

    def option(self, option_id: str) -> Option:
        """The option of that id; KeyError when the issue has none."""
        for option in self.options:
            if option.id == option_id:
                return option
        raise KeyError(option_id)

    def index(self, option_id: str) -> int:
        """Position of an option in the case's order; KeyError when the issue has none."""
        for place, option in enumerate(self.options):
            if option.id == option_id:
                return place
        raise KeyError(option_id)


@dataclass(frozen=True)
class Agenda:
    """The issues in the case's order, and the numbering of all packages.

    A package's number is its mixed-radix index with the last issue turning fastest; ties
    anywhere in Parley break by this number.
    """

    issues: tuple[Issue, ...]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Options per issue."""
        return tuple(len(issue.options) for issue in self.issues)

    @cached_property
    def count(self) -> int:
        """Number of complete packages."""
        total = 1
        for size in self.sizes:
            total *= size
        return total

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Issue ids in order."""
        return tuple(issue.id for issue in self.issues)

    @cached_property
    def _places(self) -> tuple[dict[str, int], ...]:
        return tuple({o.id: n for n, o in enumerate(issue.options)} for issue in self.issues)

    def issue(self, issue_id: str) -> Issue:
        """The issue of that id; KeyError when there is none."""
        return self.issues[self.index(issue_id)]

    def index(self, issue_id: str) -> int:
        """Position of an issue on the agenda; KeyError when there is none."""
        if issue_id not in self.ids:
            raise KeyError(issue_id)
        return self.ids.index(issue_id)

    def indices(self, package: Package) -> tuple[int, ...]:
        """Option positions of a package; KeyError or ValueError when it is not one."""
        if len(package) != len(self.issues):
            raise ValueError(f"a package names {len(self.issues)} options, not {len(package)}")
        return tuple(places[option] for places, option in zip(self._places, package, strict=True))

    def at(self, indices: tuple[int, ...]) -> Package:
        """The package with these option positions."""
        return tuple(
            issue.options[place].id for issue, place in zip(self.issues, indices, strict=True)
        )

    def number(self, package: Package) -> int:
        """The package's number."""
        number = 0
        for size, place in zip(self.sizes, self.indices(package), strict=True):
            number = number * size + place
        return number

    def package(self, number: int) -> Package:
        """The package of that number."""
        places: list[int] = []
        for size in reversed(self.sizes):
            number, place = divmod(number, size)
            places.append(place)
        return self.at(tuple(reversed(places)))

    def complete(self, package: Package) -> bool:
        """Whether this is a package of this agenda: every issue, a known option each."""
        return len(package) == len(self.issues) and all(
            option in places for places, option in zip(self._places, package, strict=True)
        )

    def as_mapping(self, package: Package) -> dict[str, str]:
        """Issue id to option id."""
        return dict(zip(self.ids, package, strict=True))

    def differences(self, one: Package, other: Package) -> tuple[int, ...]:
        """Positions of the issues on which two packages differ."""
        return tuple(n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
