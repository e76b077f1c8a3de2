"""The shapes of table.toml and of a seat file: every key, its type and its limits."""

from __future__ import annotations

import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

TABLE_FORMAT = "parley.table/1"
SEAT_FORMAT = "parley.seat/1"

MAX_SEATS = 10
MAX_ISSUES = 40
MAX_OPTIONS = 20
MAX_CLAIMS = 200
MAX_UNTRUSTED = 20_000
"""Characters of one foreign text that a seat file keeps, switched off."""
MAX_ROWS = 1_000
"""Points, frames and other lists that a case may hold at most."""

NAME = r"^[a-z][a-z0-9-]{0,39}$"
"""What an id looks like."""

RESERVED = frozenset({"source", "all", "plenary", "facilitator", "watcher", "chair", "mediator"})
"""Words that mean something else at a table."""

Name = Annotated[str, Field(pattern=NAME)]
ClaimId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,19}$")]
PointId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}(\.[a-z0-9][a-z0-9-]{0,39}){0,3}$")]
Line = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\n]*$")]
Text = Annotated[str, Field(min_length=1, max_length=2_000)]
Brief = Annotated[str, Field(min_length=1, max_length=10_000)]
Count = Annotated[int, Field(ge=0, le=1_000)]
Worth = Annotated[int, Field(ge=-200_000, le=200_000)]
Scale = Annotated[int, Field(ge=1, le=200_000)]
Row = Annotated[list[Worth], Field(min_length=1, max_length=10)]
Names = Annotated[list[Name], Field(max_length=MAX_ISSUES)]
Some = Annotated[list[Name], Field(min_length=1, max_length=MAX_ISSUES)]
Cues = Annotated[list[Line], Field(max_length=100)]
Sources = Annotated[list[ClaimId], Field(max_length=50)]
Choices = Annotated[dict[Name, Some], Field(min_length=1)]
Frames = Annotated[list[Annotated[str, Field(min_length=1, max_length=600)]], Field(max_length=100)]


class Shape(BaseModel):
    """Strict: no unknown key, no conversion, no NaN."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class OptionShape(Shape):
    """`[[issues.options]]`."""

    id: Name
    label: Line
    text: Text
    source: Sources
    cues: Cues = []


class IssueShape(Shape):
    """`[[issues]]`."""

    id: Name
    title: Line
    topic: Line
    owners: Names = []
    source: Sources
    cues: Cues = []
    options: Annotated[list[OptionShape], Field(min_length=2, max_length=MAX_OPTIONS)]


class RuleShape(Shape):
    """`[rule]`."""

    required: Names
    at_least: Annotated[int, Field(ge=1, le=MAX_SEATS)]
    vetoes: Names = []
    unanimity_bonus: dict[Name, Count] = {}
    source: Sources = []


class SessionShape(Shape):
    """`[session]`: the case's defaults."""

    preset: Name = "standard"
    rounds: Annotated[int, Field(ge=1, le=100)] = 10
    floor: Literal["list", "mention", "bid"] = "list"
    mediator: Literal["none", "votes", "ranks"] = "none"
    chair: bool = False
    improve: bool = False
    injects: bool = True
    turn_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0


class PresetShape(Shape):
    """`[presets.<id>]`."""

    text: Line
    strong: bool


class SourceShape(Shape):
    """`[[sources]]`."""

    id: Name
    title: Line
    author: Line
    publisher: Line
    date: datetime.date


class ClaimShape(Shape):
    """`[[claims]]`."""

    id: ClaimId
    source: Name
    line: Annotated[int, Field(ge=1, le=1_000_000)]
    kind: Literal[
        "frame",
        "position",
        "nonobjection",
        "interest",
        "constraint",
        "leverage",
        "value",
        "idea",
        "author-view",
    ]
    text: Text


class PackageShape(Shape):
    """`[[packages]]`: a named complete package."""

    id: Name
    title: Line
    choose: dict[Name, Name]
    source: Sources = []


class PatternShape(Shape):
    """`[[patterns]]`: a family of packages."""

    id: Name
    title: Line
    require: Choices
    signable: bool
    source: Sources = []


class InjectShape(Shape):
    """`[[injects]]`: news that the facilitator has ready."""

    id: Name
    round: Annotated[int, Field(ge=1, le=100)]
    when: Literal["start", "end"]
    to: Some
    text: Text
    exercises: Sources = []
    source: Sources = []


class TableShape(Shape):
    """table.toml."""

    format: Literal["parley.table/1"]
    id: Name
    title: Line
    as_of: datetime.date
    disclaimer: Text
    not_on_table: Text
    seats: Annotated[list[Name], Field(min_length=2, max_length=MAX_SEATS)]
    currencies: Annotated[list[Name], Field(min_length=1, max_length=10)]
    scale: Scale
    gain: Count
    rule: RuleShape
    session: SessionShape = SessionShape()
    presets: Annotated[dict[Name, PresetShape], Field(min_length=1, max_length=10)]
    issues: Annotated[list[IssueShape], Field(min_length=1, max_length=MAX_ISSUES)]
    sources: Annotated[list[SourceShape], Field(max_length=50)] = []
    claims: Annotated[list[ClaimShape], Field(max_length=MAX_CLAIMS)] = []
    packages: Annotated[list[PackageShape], Field(max_length=50)] = []
    patterns: Annotated[list[PatternShape], Field(max_length=50)] = []
    injects: Annotated[list[InjectShape], Field(max_length=100)] = []


class VoiceShape(Shape):
    """`[voice]`. `speaks_as`: a delegation says "we", one person says "I"."""

    register_: Annotated[Line, Field(alias="register")]
    speaks_as: Literal["we", "I"] = "we"


class StyleShape(Shape):
    """`[style]`."""

    kind: Name = "problem-solver"
    exponent: Annotated[float, Field(gt=0, le=20)] = 1.0
    reciprocity: Annotated[float, Field(ge=0, le=1)] = 0.5
    patience: Annotated[int, Field(ge=1, le=100)] = 5
    source: Sources = []


class RankShape(Shape):
    """`[currency_rank]`."""

    order: Some
    source: Sources = []


class MandateShape(Shape):
    """`[mandate]`: least total by preset id."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Worth]
    source: Sources = []


class SheetShape(Shape):
    """`[sheet.<issue>]`: points by option id."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Row]
    source: Sources


class RedLineShape(Shape):
    """`[[red_lines]]`: `forbid`, or `at_most` with `of`."""

    id: Name
    text: Text
    status: Literal["explicit", "explicit-as-advice", "implied", "judgment"] = "judgment"
    forbid: Choices | None = None
    at_most: Annotated[int, Field(ge=0, le=MAX_ISSUES)] | None = None
    of: Choices | None = None
    source: Sources = []


class NoDealShape(Shape):
    """`[[no_deal]]`."""

    line: Line
    points: Row
    source: Sources = []


class AimShape(Shape):
    """`[[goals]]` and `[[interests]]`."""

    text: Text
    currency: Name
    source: Sources = []


class PositionShape(Shape):
    """`[[positions]]`."""

    issue: Name
    option: Name
    text: Text
    source: Sources = []


class PointShape(Shape):
    """`[[points]]`: a published argument."""

    id: PointId
    issue: Name
    kind: Literal["interest", "precedent", "law", "consequence", "live-with"]
    for_: Annotated[Names, Field(alias="for")] = []
    against: Names = []
    text: Text
    source: Sources = []


class PhrasesShape(Shape):
    """`[phrases]`: sentence frames by act."""

    fill_ins: ClassVar[dict[str, frozenset[str]]] = {
        "opening": frozenset(),
        "offer": frozenset({"give", "ask"}),
        "offer_plain": frozenset({"ask"}),
        "endorse": frozenset({"who", "topic"}),
        "withdraw": frozenset({"who", "topic"}),
        "refuse": frozenset({"who", "topic"}),
        "bridge": frozenset({"option"}),
        "answer": frozenset({"who", "topic"}),
        "press": frozenset({"who", "topic"}),
        "hold": frozenset({"topic"}),
        "last": frozenset(),
        "thanks": frozenset({"who"}),
        "threat": frozenset({"who"}),
        "unread": frozenset(),
        "offtopic": frozenset(),
        "question": frozenset({"topic"}),
        "caucus": frozenset({"who"}),
        "reading": frozenset({"option"}),
    }
    opening: Frames = []
    offer: Frames = []
    offer_plain: Frames = []
    endorse: Frames = []
    withdraw: Frames = []
    refuse: Frames = []
    bridge: Frames = []
    answer: Frames = []
    press: Frames = []
    hold: Frames = []
    last: Frames = []
    thanks: Frames = []
    threat: Frames = []
    unread: Frames = []
    offtopic: Frames = []
    question: Frames = []
    caucus: Frames = []
    reading: Frames = []


class UntrustedShape(Shape):
    """`[untrusted]`: foreign prompt text kept for its author to read; nothing else reads it."""

    on: Literal[False]
    format: Line
    creator: Line
    texts: dict[str, Annotated[str, Field(max_length=MAX_UNTRUSTED)]]


class SeatShape(Shape):
    """`<seat>.toml`."""

    format: Literal["parley.seat/1"]
    id: Name
    name: Line
    short: Line
    public_brief: Brief
    confidential_brief: Brief
    scale: Scale | None = None
    voice: VoiceShape | None = None
    style: StyleShape = StyleShape()
    currency_rank: RankShape | None = None
    mandate: MandateShape
    red_lines: Annotated[list[RedLineShape], Field(max_length=100)]
    no_deal: Annotated[list[NoDealShape], Field(min_length=1, max_length=100)]
    sheet: Annotated[dict[str, SheetShape], Field(min_length=1)]
    goals: Annotated[list[AimShape], Field(max_length=50)] = []
    interests: Annotated[list[AimShape], Field(max_length=50)] = []
    positions: Annotated[list[PositionShape], Field(max_length=50)] = []
    points: Annotated[list[PointShape], Field(max_length=MAX_ROWS)] = []
    phrases: PhrasesShape = PhrasesShape()
    untrusted: UntrustedShape | None = None
