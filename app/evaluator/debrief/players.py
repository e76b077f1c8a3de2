"""Page 15: what played each seat: the engine, a model with its prompts and cost, or a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from app.domain.events import ModelCall, TurnTraced
from app.evaluator.debrief.ground import Ground, Seating
from app.evaluator.zone import middle, passes

Price: TypeAlias = Callable[[str, int, int, int], Decimal | None]
"""Money for a call: model, tokens read, of these cached, tokens written; None if unknown."""

NOTES = 12
"""Notes of what was caught that are kept for a seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A turn that somebody else took, and why."""

    turn: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a seat's model did over the table. `money` is a decimal number, empty if unknown.

    `templates` are the prompt files with version and hash, `prompts` the hashes of the prompts
    as sent, in order. `caught` counts by its first words what the guard and the checks caught.
    """

    model: str
    barrier: str
    counsel: bool
    turns: int
    calls: Mapping[str, int]
    tries: int
    faults: Mapping[str, int]
    read: int
    cached: int
    written: int
    unreported: int
    money: str
    templates: tuple[tuple[str, str], ...]
    prompts: tuple[str, ...]
    caught: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One seat. `voices` counts its lines by who spoke them.

    `use` is None without a model, `overrides` where they are not this viewer's to know.
    """

    seat: str
    seatings: tuple[Seating, ...]
    voices: Mapping[str, int]
    stand_ins: tuple[StandIn, ...]
    overrides: int | None
    use: Use | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Players:
    """Page 15, with two baselines without talk; both are None in a seat's view.

    `random` is the share of all packages that pass the rule, `middle` whether the middle option
    everywhere would have passed.
    """

    version: str
    record_mode: bool
    players: tuple[Player, ...]
    random: float | None
    middle: bool | None


def players(on: Ground, price: Price | None = None, *, names: bool = True) -> Players:
    """The page. A person's name is left out without `names`; a model's name never is."""
    found, case = on.found, on.case
    return Players(
        version=on.table.version,
        record_mode=on.table.session.record,
        players=tuple(_player(on, seat, price, names=names) for seat in case.seat_ids),
        random=round(found.zone.passing / found.zone.packages, 9) if found else None,
        middle=passes(case, middle(case), on.table.preset) if found else None,
    )


def _player(on: Ground, seat: str, price: Price | None, *, names: bool) -> Player:
    voices: Counter[str] = Counter(r.speech.by for r in on.table.words if r.seat == seat)
    traces = [trace for trace in on.course.traces if trace.seat == seat]
    return Player(
        seat=seat,
        seatings=tuple(
            Seating(
                seat=seat,
                occupant=each.occupant,
                name=each.name if names or each.occupant != "person" else "",
                turn=each.turn,
            )
            for each in on.course.seatings
            if each.seat == seat
        ),
        voices=dict(voices),
        stand_ins=tuple(
            StandIn(turn=moved.turn, why=moved.stand_in)
            for moved in on.table.moves
            if moved.seat == seat and moved.stand_in
        ),
        overrides=(
            sum(crossing.seat == seat for crossing in on.table.crossings)
            if seat in on.known
            else None
        ),
        use=_use(traces, price) if traces else None,
    )


def _use(traces: Sequence[TurnTraced], price: Price | None) -> Use:
    calls = [(trace.model, call) for trace in traces for call in trace.calls]
    return Use(
        model=", ".join(dict.fromkeys(trace.model for trace in traces)),
        barrier=", ".join(dict.fromkeys(trace.barrier for trace in traces)),
        counsel=any(trace.counsel for trace in traces),
        turns=sum(not trace.reply for trace in traces),
        calls=dict(Counter(call.purpose for _, call in calls)),
        tries=sum(call.tries for _, call in calls),
        faults=dict(Counter(call.fault for _, call in calls if call.fault)),
        read=sum(call.prompt_tokens for _, call in calls),
        cached=sum(call.cached_tokens for _, call in calls),
        written=sum(call.completion_tokens for _, call in calls),
        unreported=sum(not call.reported for _, call in calls),
        money=_money(calls, price),
        templates=tuple(dict.fromkeys(mark for trace in traces for mark in trace.templates)),
        prompts=tuple(call.prompt for _, call in calls),
        caught=tuple((trace.turn, note) for trace in traces for note in trace.notes)[:NOTES],
    )


def _money(calls: Sequence[tuple[str, ModelCall]], price: Price | None) -> str:
    """The sum over all calls; empty when one has no price."""
    if price is None:
        return ""
    total = Decimal(0)
    for model, call in calls:
        cost = price(model, call.prompt_tokens, call.cached_tokens, call.completion_tokens)
        if cost is None:
            return ""
        total += cost
    return str(total)
