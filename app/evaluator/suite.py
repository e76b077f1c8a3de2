"""A suite of evaluation: what is played or read, how it is scored, and what must hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any, Literal, TypeAlias

Statistic: TypeAlias = Literal[
    "value", "lower", "upper", "least", "most", "total", "scored", "unscored"
]
Sign: TypeAlias = Literal[">=", "<=", "==", ">", "<"]
Baseline: TypeAlias = Literal["", "no-talk", "random", "middle"]

STATISTICS: Mapping[Statistic, str] = {
    "value": "the mean, or the share where the measure is yes or no",
    "lower": "its lower 95 % bound",
    "upper": "its upper 95 % bound",
    "least": "the smallest value of a case",
    "most": "the largest value of a case",
    "total": "the sum over the cases",
    "scored": "cases with a value",
    "unscored": "cases without one",
}
AXES = ("case", "preset", "lineup", "guard")
"""What a gate may select or split by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineup:
    """Who sits where: `engine` or `provider:model` by seat, "*" for all others; or a baseline.

    A baseline plays nothing: `no-talk` (each seat's best once), `random` (a package drawn by the
    seed) or `middle` (the middle option of every issue) stands where a deal would. `attacked`
    lineups sit with the suite's attacker.
    """

    id: str
    seats: Mapping[str, str] = field(default_factory=lambda: {"*": "engine"})
    baseline: Baseline = ""
    attacked: bool = False

    def who(self, seat: str) -> str:
        """Who plays this seat."""
        return self.seats.get(seat, self.seats.get("*", "engine"))

    @property
    def models(self) -> tuple[str, ...]:
        """Every model in it, once."""
        return tuple(dict.fromkeys(who for who in self.seats.values() if ":" in who))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Tables to play: every case under every preset, lineup, guard mode and seed.

    None keeps the case's own default. `guards` holds `on` or `record`.
    """

    cases: tuple[str, ...]
    lineups: tuple[Lineup, ...]
    seeds: tuple[int, ...]
    presets: tuple[str, ...] = ()
    guards: tuple[str, ...] = ("on",)
    rounds: int | None = None
    chair: bool | None = None
    mediator: str | None = None
    improve: bool | None = None
    injects: bool | None = None
    barrier: Literal["strict", "filtered"] = "strict"
    counsel: bool = True
    temperature: float = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """Transcripts to read, of any known form, scored against one case or none."""

    paths: tuple[str, ...]
    case: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What must hold, such as `strong.lower >= 0.9`; `each` splits it by axes, `where` selects."""

    name: str
    measure: str
    statistic: Statistic
    sign: Sign
    limit: float
    where: Mapping[str, str] = field(default_factory=dict)
    each: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The requirement as it was written."""
        return f"{self.measure}.{self.statistic} {self.sign} {self.limit:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A person-like attacker in the seats named: it bargains, and its words are these lines.

    A word that is nowhere else is put into every confidential brief, so that a leak is seen.
    """

    seats: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A subject a seat has raised nothing against: an objection of its own is an invention."""

    seat: str
    issue: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a shock does to one seat: points by currency, to the deal or to no deal.

    It counts where the signed text carries one of the options of every issue in `when`.
    """

    seat: str
    points: tuple[int, ...]
    on: Literal["deal", "no-deal"] = "deal"
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """Something that happens after the signing; its magnitudes are judgment unless said."""

    id: str
    title: str
    basis: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """Who grades the talk: `rules` (no model), or `provider:model`. `samples` of each order."""

    model: str = "rules"
    samples: int = 1
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Where a run stops: calls to models, tokens, money in the operator's currency. None: never."""

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite file, checked. `folder` is where it lies; relative paths in it begin there."""

    id: str
    title: str
    about: str
    folder: str
    scorers: tuple[str, ...]
    tables: Tables | None = None
    talks: Talks | None = None
    gates: tuple[Gate, ...] = ()
    attack: Attack | None = None
    silences: tuple[Silence, ...] = ()
    shocks: tuple[Shock, ...] = ()
    judging: Judging | None = None
    spending: Spending = field(default_factory=Spending)
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One case of a suite: one table to play, or one transcript to read.

    `place` is its number in the suite; `mark` the hash of the case or of the transcript.
    """

    place: int
    case: str
    preset: str
    lineup: str
    guard: str
    seed: int
    mark: str
    talk: str = ""

    @property
    def id(self) -> str:
        """What tells it from every other case of the suite, and pairs it with another run's."""
        if self.talk:
            return self.talk
        return f"{self.case}/{self.preset}/{self.lineup}/{self.guard}/{self.seed}"

    @property
    def cluster(self) -> str:
        """Cases that share a draw: the same seed of the same case, or one file's transcripts."""
        return self.talk.partition("#")[0] if self.talk else f"{self.case}/{self.seed}"

    @property
    def axes(self) -> dict[str, str]:
        """By what gates select and split."""
        return {
            "case": self.case,
            "preset": self.preset,
            "lineup": self.lineup,
            "guard": self.guard,
        }


def cells_of(
    tables: Tables, marks: Mapping[str, str], presets: Mapping[str, tuple[str, ...]]
) -> Iterator[Cell]:
    """Every table of a suite; `marks` are the cases' hashes and `presets` what each one offers.

    A baseline is not played, so the guard does not matter to it, and only `random` draws: the
    others stand there once, under the first seed, rather than count as so many cases.
    """
    place = 0
    for case in tables.cases:
        asked = tables.presets or presets[case]
        for preset, lineup, guard, seed in product(
            asked, tables.lineups, tables.guards, tables.seeds
        ):
            if lineup.baseline and guard != tables.guards[0]:
                continue
            if lineup.baseline in ("no-talk", "middle") and seed != tables.seeds[0]:
                continue
            yield Cell(
                place=place,
                case=case,
                preset=preset,
                lineup=lineup.id,
                guard=guard,
                seed=seed,
                mark=marks[case],
            )
            place += 1


def key_of(suite: Suite, cell: Cell, marks: Mapping[str, str]) -> str:
    """What a case's result depends on, as a hash: another key is another result.

    `marks` are the code's hash, the prompts' and whatever else the composition root knows.
    Title, gates and spending change no result and stay out; so does the case's place.
    """
    lineup: Any = None
    tables: dict[str, Any] = {}
    if suite.tables is not None:
        lineup = next(asdict(one) for one in suite.tables.lineups if one.id == cell.lineup)
        tables = asdict(suite.tables)
        for axis in ("cases", "lineups", "seeds", "presets", "guards"):
            tables.pop(axis)
    held = {
        "cell": {k: v for k, v in asdict(cell).items() if k not in ("place", "talk", "lineup")},
        "lineup": lineup,
        "tables": tables,
        "scorers": sorted(suite.scorers),
        "attack": asdict(suite.attack) if suite.attack else None,
        "silences": [asdict(one) for one in suite.silences],
        "shocks": [asdict(one) for one in suite.shocks],
        "marks": dict(marks),
    }
    return digest(held)


def digest(value: object) -> str:
    """Thirty-two hexadecimal digits over plain data."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
