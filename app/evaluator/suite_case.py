"""One case of a suite, run by one function: the same here, in a process or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias

from app.domain.case import Case
from app.domain.table import Table
from app.evaluator import scorers as talk_scorers
from app.evaluator import suite_fidelity, suite_swap
from app.evaluator.suite import Cell, Suite
from app.evaluator.suite_scorers import (
    FLOOR,
    SECRETS,
    SHOCKS,
    TALK,
    VALUE,
    Bench,
    Found,
    Measure,
    Scorer,
    floor,
    secrets,
    shocks,
    talk,
    value,
)
from app.evaluator.suite_table import Cast, Order, Played, play
from app.evaluator.transcript import Transcript, Unscored

Row: TypeAlias = dict[str, Any]
"""The result of one case as plain data: one line of results.jsonl."""

TABLE_SCORERS: Mapping[str, tuple[Scorer, tuple[Measure, ...], str]] = {
    "value": (value, VALUE, "who leaves with what, computed exactly"),
    "floor": (floor, FLOOR, "signatures of AI seats below their floors"),
    "secrets": (secrets, SECRETS, "confidential words outside their room"),
    "talk": (talk, TALK, "what the offline reader of transcripts says of the words"),
    "fidelity": (
        suite_fidelity.fidelity,
        suite_fidelity.FIDELITY,
        "whether seats keep to their papers",
    ),
    "swap": (suite_swap.swap, suite_swap.SWAP, "the same mandates under other names and ids"),
    "shocks": (shocks, SHOCKS, "who would still be above no deal after a shock"),
}
"""Scorers of played tables, with what each measures."""

CARD = (
    Measure(name="agreement", text="a complete deal is in the words"),
    Measure(name="agreed_share", text="issues settled, of all"),
    *(measure for measure in VALUE if measure.name in ("any", "strong", "each", "least_gain")),
    Measure(name="joint_gain", text="sum of gains over no deal (a convention)", better="up"),
    Measure(name="line_crossed", text="the deal crosses a seat's red line", better="down"),
    *(measure for measure in TALK if measure.name != "words_per_turn"),
    Measure(name="turns", text="turns of the talk"),
)
TALK_SCORERS: Mapping[str, tuple[tuple[Measure, ...], str]] = {
    "card": (CARD, "the offline score card of a transcript"),
}
"""Scorers of transcripts."""


STOOD_IN = Measure(
    name="stood_in", text="turns that the engine took or spoke for a model", better="down"
)
"""Measured wherever a model sits: without it a model that never answers would look like one."""


def measures_of(suite: Suite) -> dict[str, Measure]:
    """Every measure that a suite's scorers give, by name; a colon at its end makes it a family."""
    found: dict[str, Measure] = {}
    for name in suite.scorers:
        held = TABLE_SCORERS[name][1] if suite.tables else TALK_SCORERS[name][0]
        found |= {measure.name: measure for measure in held}
    if suite.tables is not None and any(lineup.models for lineup in suite.tables.lineups):
        found[STOOD_IN.name] = STOOD_IN
    if suite.judging is not None:
        found |= {
            name: Measure(name=name, text=text)
            for name, text in (
                ("judge:", "share of parties that meet this question, by the judge"),
                ("rules:", "the same by rules, beside a judge model"),
                ("judge_against_rules", "verdicts of the judge that differ from the rules'"),
                ("judge_flips", "verdicts that change with the order of parties and their names"),
            )
        }
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """What the function gets: its suite, its cell, and what the cell is about.

    `usage` asks, after a table, what the models used. `case` is None for a transcript without a
    table.
    """

    suite: Suite
    cell: Cell
    case: Case | None
    cast: Callable[[], Cast] | None = None
    talk: Transcript | None = None
    usage: Callable[[Played], Mapping[str, Any]] | None = None


@dataclass(slots=True, kw_only=True)
class Done:
    """A case's row, and the talk it is about."""

    row: Row
    talk: Transcript | None = None
    events: tuple[Any, ...] = field(default=(), repr=False)


def run_case(work: Work) -> Done:
    """Run one case: play or read, then score. Raises what the table raises."""
    return _read(work) if work.suite.talks else _played(work)


def _played(work: Work) -> Done:
    """A table."""
    suite, cell, tables, case = work.suite, work.cell, work.suite.tables, work.case
    assert tables is not None
    assert case is not None
    assert work.cast is not None
    lineup = next(one for one in tables.lineups if one.id == cell.lineup)
    cast = work.cast()
    order = Order(cell=cell, lineup=lineup, tables=tables, attack=suite.attack)
    played = play(case, order, cast)

    def replay(other: Case) -> Table:
        table = play(other, order, cast).table
        assert table is not None
        return table

    bench = Bench(suite=suite, replay=None if lineup.baseline else replay)
    found = [TABLE_SCORERS[name][0](played, bench) for name in suite.scorers]
    row = _row(cell, found)
    if work.usage is not None:
        row["usage"] = dict(work.usage(played))
        row["scores"][STOOD_IN.name] = row["usage"][STOOD_IN.name]
    if played.package is not None:
        row["package"] = played.case.agenda.as_mapping(played.package)
    return Done(row=row, talk=played.talk, events=played.events)


def _read(work: Work) -> Done:
    """A transcript."""
    talk = work.talk
    assert talk is not None
    if work.case is None:
        lost = Unscored(reason="no_table", detail="the suite names no case")
        found = Found(values={measure.name: lost for measure in CARD})
        found.values["turns"] = len(talk.turns)
        return Done(row=_row(work.cell, [found]), talk=talk)
    card = talk_scorers.card(talk, work.case)
    kind = card.value("deal")
    crossed, said = card.value("line_crossed"), card.value("line_said")
    found = Found(
        values={
            "agreement": kind if isinstance(kind, Unscored) else kind == "complete",
            "line_crossed": crossed if isinstance(crossed, Unscored) else bool(crossed),
            "line_said": said if isinstance(said, Unscored) else bool(said),
            "turns": len(talk.turns),
        }
    )
    for measure in CARD:
        if measure.name not in found.values:
            held = card.value(measure.name)
            assert not isinstance(held, str)
            found.values[measure.name] = held
    found.notes = [
        f"{b.seat} in turn {b.turn}: {b.text[:160]}" for s in card.scores for b in s.quotes
    ]
    row = _row(work.cell, [found])
    if card.deal is not None:
        row["package"] = dict(card.deal.settled)
    return Done(row=row, talk=talk)


def _row(cell: Cell, found: list[Found]) -> Row:
    """A case's values as plain data: an unscored one is null, its reason stands beside it."""
    values = {name: one for part in found for name, one in part.values.items()}
    return {
        "id": cell.id,
        "cluster": cell.cluster,
        "place": cell.place,
        "cell": asdict(replace(cell, place=0)) | {"place": cell.place},
        "scores": {n: None if isinstance(v, Unscored) else v for n, v in values.items()},
        "unscored": {
            n: {"reason": v.reason, "detail": v.detail}
            for n, v in values.items()
            if isinstance(v, Unscored)
        },
        "notes": [note for part in found for note in part.notes][:60],
    }


def failed_row(cell: Cell, suite: Suite, error: str) -> Row:
    """A case that could not be run: every measure unscored, with what went wrong."""
    lost = Unscored(reason="not_recorded", detail=error[:300])
    names = [name for name in measures_of(suite) if not name.endswith(":")]
    row = _row(cell, [Found(values=dict.fromkeys(names, lost))])
    row["error"] = error[:2_000]
    return row
