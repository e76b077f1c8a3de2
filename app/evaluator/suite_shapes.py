"""The shape of a suite file: every key, its type and its limits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from app.library.shapes import Line, Name, Text, Worth

SUITE_FORMAT = "parley.suite/1"
MAX_SEEDS = 100_000

Seed = Annotated[int, Field(ge=-(2**62), le=2**62)]
Seat = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9-]{0,39})$")]
Who = Annotated[
    str, Field(pattern=r"^(engine|[a-z0-9_]{1,40}:[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199})$")
]
Requirement = Annotated[
    str,
    Field(
        pattern=r"^[a-z_][a-z0-9_:-]{0,60}\.(value|lower|upper|least|most|total|scored|unscored) "
        r"(>=|<=|==|>|<) -?\d{1,9}(\.\d{1,9})?$"
    ),
]
Path = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\n]*$")]
Money = Annotated[float, Field(gt=0, le=1e9)]


class Part(BaseModel):
    """Strict: no unknown key, no conversion, no NaN."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class SeedsShape(Part):
    """`seeds = { first = 1, count = 40 }`."""

    first: Seed = 1
    count: Annotated[int, Field(ge=1, le=MAX_SEEDS)]


Seeds = Annotated[
    Annotated[SeedsShape, Tag("")]
    | Annotated[list[Seed], Field(min_length=1, max_length=MAX_SEEDS), Tag("-")],
    Discriminator(lambda value: "-" if isinstance(value, list) else ""),
]
"""A range or a list. The tags say nothing, because they stand in the key path of a finding."""


class TablesShape(Part):
    """`[tables]`."""

    cases: Annotated[list[Path], Field(min_length=1, max_length=100)]
    presets: Annotated[list[Name], Field(max_length=20)] = []
    seeds: Seeds
    guards: Annotated[list[Literal["on", "record"]], Field(min_length=1, max_length=2)] = ["on"]
    rounds: Annotated[int, Field(ge=1, le=100)] | None = None
    chair: bool | None = None
    mediator: Literal["none", "votes", "ranks"] | None = None
    improve: bool | None = None
    injects: bool | None = None
    barrier: Literal["strict", "filtered"] = "strict"
    counsel: bool = True
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7


class LineupShape(Part):
    """`[[lineups]]`."""

    id: Name
    seats: dict[Seat, Who] = {}
    baseline: Literal["no-talk", "random", "middle"] | None = None
    attacked: bool = False


class TalksShape(Part):
    """`[talks]`."""

    paths: Annotated[list[Path], Field(min_length=1, max_length=10_000)]
    case: Path | None = None
    form: Name | None = None


class GateShape(Part):
    """`[[gates]]`."""

    name: Line
    require: Requirement
    where: dict[Literal["case", "preset", "lineup", "guard"], Line] = {}
    each: Annotated[list[Literal["case", "preset", "lineup", "guard"]], Field(max_length=4)] = []


class AttackShape(Part):
    """`[attack]`."""

    seats: Annotated[list[Name], Field(min_length=1, max_length=9)]
    lines: Annotated[list[Text], Field(min_length=1, max_length=500)]


class SilenceShape(Part):
    """`[[silences]]`."""

    seat: Name
    issue: Name
    words: Annotated[list[Line], Field(min_length=1, max_length=50)]


class EffectShape(Part):
    """`[[shocks.effects]]`."""

    seat: Name
    points: Annotated[list[Worth], Field(min_length=1, max_length=10)]
    on: Literal["deal", "no-deal"] = "deal"
    when: dict[Name, Annotated[list[Name], Field(min_length=1, max_length=40)]] = {}


class ShockShape(Part):
    """`[[shocks]]`. `basis` says where the magnitudes come from."""

    id: Name
    title: Line
    basis: Line
    effects: Annotated[list[EffectShape], Field(min_length=1, max_length=200)]


class JudgeShape(Part):
    """`[judge]`."""

    model: Annotated[
        str, Field(pattern=r"^(rules|[a-z0-9_]{1,40}:[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199})$")
    ]
    samples: Annotated[int, Field(ge=1, le=20)] = 1
    forced: bool = False


class SpendShape(Part):
    """`[spend]`."""

    calls: Annotated[int, Field(ge=1)] | None = None
    tokens: Annotated[int, Field(ge=1)] | None = None
    money: Money | None = None


class SuiteShape(Part):
    """A whole suite file."""

    format: Literal["parley.suite/1"]
    id: Name
    title: Line
    about: Text
    scorers: Annotated[list[Name], Field(min_length=1, max_length=20)]
    seed: Seed = 1
    tables: TablesShape | None = None
    talks: TalksShape | None = None
    lineups: Annotated[list[LineupShape], Field(max_length=50)] = []
    gates: Annotated[list[GateShape], Field(max_length=200)] = []
    attack: AttackShape | None = None
    silences: Annotated[list[SilenceShape], Field(max_length=100)] = []
    shocks: Annotated[list[ShockShape], Field(max_length=50)] = []
    judge: JudgeShape | None = None
    spend: SpendShape | None = None
