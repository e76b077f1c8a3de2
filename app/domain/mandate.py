"""What a delegation was sent with: values, no-deal value, red lines, and the floor they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.domain.derived import Derived
from app.domain.terms import Agenda, Package, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class RedLine:
    """A combination that may never be conceded.

    `of` lists options per issue. The line is crossed when more than `limit` of these issues
    carry a listed option: "all together" is a limit of one less than the issues named,
    "at most n" is a limit of n.
    """

    id: str
    text: str
    of: Mapping[str, tuple[str, ...]]
    limit: int
    status: str = "judgment"
    source: tuple[str, ...] = ()

    def touched(self, settled: Mapping[str, str]) -> tuple[str, ...]:
        """The issues of this line on which the text carries a listed option."""
        return tuple(issue for issue, options in self.of.items() if settled.get(issue) in options)

    def holds(self, settled: Mapping[str, str]) -> bool:
        """Allow form: True only when every issue of the line is settled and few enough match."""
        matching = 0
        for issue, options in self.of.items():
            if issue not in settled:
                return False
            matching += settled[issue] in options
        return matching <= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDealLine:
    """One line of what the seat holds if the talks fail."""

    line: str
    points: Points
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the delegation bargains.

    `exponent` shapes the concession curve (1 linear, above 1 early, below 1 late);
    `reciprocity` in 0..1 is how far it slows down for seats that do not move;
    `patience` is the number of rounds without a name under its texts before its tone says so.
    """

    kind: str = "problem-solver"
    exponent: float = 1.0
    reciprocity: float = 0.5
    patience: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A goal or an interest, with the currency it is paid in."""

    text: str
    currency: str
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What a text must give the seat before it may sign: all of it, under one preset."""

    no_deal: Points
    gain: int
    least: int
    strong: bool

    @property
    def total(self) -> int:
        """The least total: the signing test or the capital's figure, whichever is higher."""
        return max(sum(self.no_deal) + self.gain, self.least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Why a package is below a seat's floor. For that seat's eyes and the facilitator's."""

    rule: Literal["red-line", "signing-test", "mandate", "currency", "unreadable"]
    reason: str
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """Everything confidential about one seat.

    `sheet[i][option]` is the worth of an option of issue i in points per currency.
    `least` maps a preset to the least total the capital lets the seat sign. `scale` is what the
    best options of this sheet add up to where that is not the case's scale; 0 means it is.
    """

    seat: str
    brief: str
    sheet: tuple[Mapping[str, Points], ...]
    no_deal_lines: tuple[NoDealLine, ...]
    red_lines: tuple[RedLine, ...]
    least: Mapping[str, int]
    style: Style
    goals: tuple[Aim, ...] = ()
    interests: tuple[Aim, ...] = ()
    currency_rank: tuple[str, ...] = ()
    scale: int = 0

    @property
    def no_deal(self) -> Points:
        """Points per currency if the talks fail."""
        return _NO_DEAL(self.no_deal_lines)

    def worth(self, package: Package) -> Points:
        """Points per currency of a complete package; KeyError for an unknown option."""
        rows = [row[option] for row, option in zip(self.sheet, package, strict=True)]
        return tuple(map(sum, zip(*rows, strict=True)))

    def total(self, package: Package) -> int:
        """Points of a complete package over all currencies."""
        return sum(self.worth(package))

    def best(self) -> int:
        """Points of the best option of every issue, red lines left aside."""
        return sum(max(sum(points) for points in row.values()) for row in self.sheet)

    def floor(self, preset: str, *, gain: int, strong: bool) -> Floor:
        """The floor under a preset."""
        return Floor(
            no_deal=self.no_deal, gain=gain, least=self.least.get(preset, 0), strong=strong
        )

    def breaches(
        self, package: Package, agenda: Agenda, floor: Floor, currencies: tuple[str, ...]
    ) -> tuple[Breach, ...]:
        """Every reason why the seat may not sign; empty means it may.

        Written so that anything missing, unknown or unreadable is a breach: what is not
        provably allowed is not allowed.
        """
        if not agenda.complete(package):
            return (Breach(rule="unreadable", reason="the text does not settle every issue"),)
        settled = agenda.as_mapping(package)
        found = [
            Breach(rule="red-line", reason=f"it crosses your line: {line.text}", line=line.id)
            for line in self.red_lines
            if not line.holds(settled)
        ]
        worth = self.worth(package)
        total, signing = sum(worth), sum(floor.no_deal) + floor.gain
        if not total >= signing:
            found.append(
                Breach(
                    rule="signing-test",
                    reason=f"it is worth {total} to you; no deal plus {floor.gain} is {signing}",
                )
            )
        if not total >= floor.least:
            found.append(
                Breach(
                    rule="mandate",
                    reason=f"it is worth {total} to you; your instructions ask for {floor.least}",
                )
            )
        if floor.strong:
            found += [
                Breach(
                    rule="currency",
                    reason=f"in {name} it leaves you {got}, below no deal ({held})",
                )
                for name, got, held in zip(currencies, worth, floor.no_deal, strict=True)
                if not got >= held
            ]
        return tuple(found)


def _summed(lines: tuple[NoDealLine, ...]) -> Points:
    """Points per currency of all lines; ValueError when they do not name the same currencies."""
    return tuple(map(sum, zip(*(each.points for each in lines), strict=True)))


_NO_DEAL = Derived(_summed)
