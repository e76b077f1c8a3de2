"""The case: a table as its author wrote it, and what each viewer may read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.domain.derived import Derived
from app.domain.mandate import Breach, Floor, Mandate
from app.domain.terms import Agenda, Issue, Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of a source, paraphrased; `line` is the source's line it rests on."""

    id: str
    source: str
    line: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where claims come from."""

    id: str
    title: str
    author: str
    publisher: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkingPoint:
    """A published argument of a seat; `favours` and `against` name options of its issue."""

    id: str
    issue: str
    kind: str
    favours: tuple[str, ...]
    against: tuple[str, ...]
    text: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A stated public position of a seat."""

    issue: str
    option: str
    text: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The public side of a delegation. `phrases` are its sentence frames by act.

    A `single` seat is one person, who says "I"; a delegation says "we".
    """

    id: str
    name: str
    short: str
    brief: str
    register: str = ""
    single: bool = False
    positions: tuple[Position, ...] = ()
    points: tuple[TalkingPoint, ...] = ()
    phrases: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRule:
    """When a package is agreed: all of `required`, at least `at_least` seats, no veto holder out.

    `unanimity_bonus` are points that a seat publicly gains when every seat backs the deal. They
    are a wish and no part of any floor: nobody may sign below their minimum for a bonus.
    """

    required: tuple[str, ...]
    at_least: int
    vetoes: tuple[str, ...] = ()
    unanimity_bonus: Mapping[str, int] = field(default_factory=dict)

    def passes(self, backers: frozenset[str]) -> bool:
        """Whether these endorsements make the package a deal."""
        return (
            len(backers) >= self.at_least
            and all(seat in backers for seat in self.required)
            and all(seat in backers for seat in self.vetoes)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A difficulty: `strong` adds "no currency below no deal" to every seat's floor."""

    id: str
    text: str
    strong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """How a table is run: the case's defaults, changed by whoever opens it.

    `turn_seconds` 0 means no clock.
    """

    preset: str = "standard"
    rounds: int = 10
    floor: str = "list"
    mediator: str = "none"
    chair: bool = False
    improve: bool = False
    injects: bool = True
    turn_seconds: int = 0
    record: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inject:
    """News the facilitator has ready: at the start or end of a round, to all or some seats."""

    id: str
    round: int
    when: str
    to: tuple[str, ...]
    text: str
    exercises: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A named package of the author, for the debrief."""

    id: str
    title: str
    package: Package
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A family of packages and whether any of it should be signable by all."""

    id: str
    title: str
    require: Mapping[str, tuple[str, ...]]
    signable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A table file and its seats, checked.

    As a seat sees it, `mandates` holds that seat's own only, and injects, references and
    patterns are empty: see `seen_by`.
    """

    id: str
    title: str
    as_of: str
    disclaimer: str
    not_on_table: str
    currencies: tuple[str, ...]
    scale: int
    gain: int
    issues: tuple[Issue, ...]
    seats: tuple[Seat, ...]
    rule: PassRule
    presets: tuple[Preset, ...]
    session: Session
    mandates: Mapping[str, Mandate]
    sources: tuple[Source, ...] = ()
    claims: tuple[Claim, ...] = ()
    injects: tuple[Inject, ...] = ()
    references: tuple[Reference, ...] = ()
    patterns: tuple[Pattern, ...] = ()

    @property
    def agenda(self) -> Agenda:
        """The issues with the numbering of packages."""
        return _AGENDA(self.issues)

    @property
    def seat_ids(self) -> tuple[str, ...]:
        """Seats in the case's order."""
        return _SEAT_IDS(self.seats)

    def seat(self, seat_id: str) -> Seat:
        """The seat of that id; KeyError when there is none."""
        for seat in self.seats:
            if seat.id == seat_id:
                return seat
        raise KeyError(seat_id)

    def preset(self, preset_id: str) -> Preset:
        """The preset of that id; KeyError when there is none."""
        for preset in self.presets:
            if preset.id == preset_id:
                return preset
        raise KeyError(preset_id)

    def floor(self, seat_id: str, preset_id: str) -> Floor:
        """The seat's floor under a preset; KeyError when its mandate is not in this view."""
        strong = self.preset(preset_id).strong
        return self.mandates[seat_id].floor(preset_id, gain=self.gain, strong=strong)

    def breaches(self, seat_id: str, package: Package, preset_id: str) -> tuple[Breach, ...]:
        """Every reason why the seat may not sign this package under a preset."""
        floor = self.floor(seat_id, preset_id)
        return self.mandates[seat_id].breaches(package, self.agenda, floor, self.currencies)

    def seen_by(self, viewer: str) -> Case:
        """The case as a seat, a helper or a watcher may read it: deny by default."""
        own = {viewer: self.mandates[viewer]} if viewer in self.mandates else {}
        return replace(self, mandates=own, injects=(), references=(), patterns=())


def _ids(seats: tuple[Seat, ...]) -> tuple[str, ...]:
    return tuple(seat.id for seat in seats)


# One agenda object per issue list, so that its derived numbers too are computed once.
_AGENDA: Derived[tuple[Issue, ...], Agenda] = Derived(Agenda)
_SEAT_IDS = Derived(_ids)
