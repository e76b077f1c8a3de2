"""What a chapter is made of: paragraphs, points, quotes, tables, and plots with their tables.

A text is plain and is escaped by whoever writes it; only a drawing holds markup, which it built
with Markup.format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from markupsafe import Markup

Tone: TypeAlias = Literal["plain", "lead", "note", "alarm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Para:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Verbatim words with who said them, when, and whether a person or a machine spoke."""

    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table; the first cell of a row names the row.

    `folded` may be hidden until asked for, under `label` or else the caption. `marked` are rows
    that stand out.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False
    label: str = ""
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A plot, and the same as a table: whoever cannot see the one reads the other."""

    title: str
    says: str
    svg: Markup
    grid: Grid
    small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of a chapter."""

    title: str
    blocks: tuple[Block, ...]
    fresh: bool = False


Block: TypeAlias = Para | Points | Words | Grid | Drawing | Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One page of the report. `asks` is the question that it answers."""

    number: int
    id: str
    title: str
    asks: str
    blocks: tuple[Block, ...]
