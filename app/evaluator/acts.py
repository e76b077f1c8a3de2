"""Acts of speech: what a turn does at the table, whatever words it uses."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

ActKind: TypeAlias = Literal["offer", "accept", "reject", "query", "retract", "walk_away"]
Firmness: TypeAlias = Literal["firm", "soft", "conditional", "hedged"]
"""`soft` and `conditional` words bind once somebody takes them up; `hedged` words never do."""

Term: TypeAlias = tuple[str, str]
"""An issue and one of its options."""


class Act(NamedTuple):
    """One act of one seat. `issues` narrow an act that names no option.

    `of` is the seat whose proposal is meant, `number` the number of a typed offer. `conditions`
    are options the speaker asks for in return; `strings` marks a condition that names none.
    `whole` takes up everything the other stands for, not only what was said last.
    """

    turn: int
    seat: str
    kind: ActKind
    terms: tuple[Term, ...] = ()
    issues: tuple[str, ...] = ()
    firmness: Firmness = "firm"
    conditions: tuple[Term, ...] = ()
    strings: bool = False
    whole: bool = False
    of: str = ""
    number: int | None = None
    quote: str = ""
