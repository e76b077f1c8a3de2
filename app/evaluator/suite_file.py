"""A suite's TOML file made into a `Suite`: all findings of the file and its cases at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from app.domain.case import Case
from app.errors import CaseError, Finding
from app.evaluator.judge_model import same_model
from app.evaluator.suite import (
    Attack,
    Cell,
    Effect,
    Gate,
    Judging,
    Lineup,
    Shock,
    Silence,
    Spending,
    Suite,
    Tables,
    Talks,
    cells_of,
)
from app.evaluator.suite_case import TABLE_SCORERS, TALK_SCORERS, measures_of
from app.evaluator.suite_shapes import GateShape, SeedsShape, SuiteShape
from app.eventlog.base import case_hash
from app.library import load_case, shipped
from app.library.findings import meant, of_validation
from app.library.reading import read_toml

_REQUIREMENT = re.compile(r"(\S+)\.(\w+) (>=|<=|==|>|<) (\S+)")
_TAG = re.compile(r"tables\.seeds(\.-|\.''|\.)(?=\.|\[|$)")
DEFAULT = Lineup(id="engine")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A suite with the cases it is about, by the name it gives them, and their hashes."""

    suite: Suite
    cases: Mapping[str, Case]
    marks: Mapping[str, str]
    path: Path

    def cells(self) -> tuple[Cell, ...]:
        """Every table of the suite, in order; empty for a suite of transcripts."""
        if self.suite.tables is None:
            return ()
        presets = {name: tuple(p.id for p in case.presets) for name, case in self.cases.items()}
        return tuple(cells_of(self.suite.tables, self.marks, presets))


def find_suite(where: str | Path) -> Path:
    """The file of a suite: a path, or the name of one that Parley carries."""
    path = Path(where)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):
        pass
    known = {p.stem: p for p in sorted((shipped("evals") / "suites").glob("*.toml"))}
    if str(where) in known:
        return known[str(where)]
    problem = f"there is no such suite file{meant(str(where)[:60], known)}"
    raise CaseError((Finding(path=ascii(str(where))[1:-1][:200], key="", problem=problem),))


def load_suite(where: str | Path, home: Path | None = None) -> Loaded:
    """The suite in a file, or of that name, with its cases; CaseError with everything wrong."""
    path = find_suite(where)
    document, findings = read_toml(path, path.name)
    if document is None or findings:
        raise CaseError(findings)
    try:
        shape = SuiteShape.model_validate(document)
    except ValidationError as error:
        found = [
            replace(finding, key=_TAG.sub("tables.seeds", finding.key))
            for finding in of_validation(error, path.name, SuiteShape)
        ]
        raise CaseError(tuple(found)) from None
    found = [Finding(path=path.name, key=k, problem=p) for k, p in _shape_problems(shape)]
    if found:
        raise CaseError(tuple(found))
    suite = _suite(shape, path.parent)
    cases = _cases(suite, path, home, found)
    found += [Finding(path=path.name, key=k, problem=p) for k, p in _problems(suite, cases)]
    if found:
        raise CaseError(tuple(dict.fromkeys(found)))
    marks = {name: case_hash(case) for name, case in cases.items()}
    return Loaded(suite=suite, cases=cases, marks=marks, path=path)


def _cases(suite: Suite, path: Path, home: Path | None, found: list[Finding]) -> dict[str, Case]:
    """Every case the suite names: a table's name, or a folder beside the suite's file."""
    names: tuple[str, ...] = ()
    if suite.tables is not None:
        names = suite.tables.cases
    elif suite.talks is not None and suite.talks.case:
        names = (suite.talks.case,)
    cases = {}
    for name in names:
        beside = path.parent / name
        try:
            cases[name] = load_case(beside if "/" in name and beside.is_dir() else name, home)
        except CaseError as error:
            found += error.findings
    return cases


# -- checks ------------------------------------------------------------------------------------


def _shape_problems(shape: SuiteShape) -> Iterator[tuple[str, str]]:
    """What the keys say together."""
    if (shape.tables is None) == (shape.talks is None):
        yield "", "has [tables] to play or [talks] to read, one of the two"
        return
    known = TABLE_SCORERS if shape.tables else TALK_SCORERS
    for place, name in enumerate(shape.scorers):
        if name not in known:
            yield f"scorers[{place}]", f"no scorer {name!r}{meant(name, known)}"
    yield from _twice("scorers", shape.scorers)
    yield from _twice("lineups", [lineup.id for lineup in shape.lineups])
    yield from _twice("shocks", [shock.id for shock in shape.shocks])
    for place, lineup in enumerate(shape.lineups):
        if bool(lineup.seats) == bool(lineup.baseline):
            problem = 'name the seats ("*" = "engine") or a baseline, one of the two'
            yield f"lineups[{place}]", problem
        if lineup.attacked and (shape.attack is None or lineup.baseline):
            yield f"lineups[{place}].attacked", "needs an [attack] and seats"
    if ("shocks" in shape.scorers) != bool(shape.shocks):
        yield "shocks", "the scorer `shocks` and [[shocks]] belong together"
    if shape.talks and (shape.lineups or shape.attack or shape.silences):
        yield "talks", "lineups, attack and silences belong to played tables"


def _twice(kind: str, ids: list[str]) -> Iterator[tuple[str, str]]:
    for place, name in enumerate(ids):
        if name in ids[:place]:
            yield f"{kind}[{place}]", f"{name!r} is there twice"


def _problems(suite: Suite, cases: Mapping[str, Case]) -> Iterator[tuple[str, str]]:
    """What the suite asks of cases, against what they hold."""
    yield from _gate_problems(suite, cases)
    if suite.judging is not None and suite.tables is not None and not suite.judging.forced:
        players = {name for lineup in suite.tables.lineups for name in lineup.models}
        if any(same_model(name, suite.judging.model) for name in players):
            yield "judge.model", "plays a seat itself; take another judge, or say forced = true"
    for case in cases.values():
        yield from _axis_problems(suite, case)
        yield from _seat_problems(suite, case)


def _gate_problems(suite: Suite, cases: Mapping[str, Case]) -> Iterator[tuple[str, str]]:
    known = measures_of(suite)
    axes: dict[str, set[str]] = {"case": set(cases)}
    if suite.tables is not None:
        axes["lineup"] = {one.id for one in suite.tables.lineups}
        axes["guard"] = set(suite.tables.guards)
        offered = {p.id for case in cases.values() for p in case.presets}
        axes["preset"] = set(suite.tables.presets) or offered
    for place, gate in enumerate(suite.gates):
        name = gate.measure
        if name not in known and f"{name.partition(':')[0]}:" not in known:
            yield f"gates[{place}].require", f"no scorer here measures {name!r}{meant(name, known)}"
        if name.startswith(("standing:", "fallen:", "cushion:")):
            shocks = [shock.id for shock in suite.shocks]
            shock = name.partition(":")[2]
            if shock not in shocks:
                yield f"gates[{place}].require", f"no shock {shock!r}{meant(shock, shocks)}"
        for axis, wanted in gate.where.items():
            if cases and wanted not in axes.get(axis, set()):
                there = axes.get(axis, set())
                yield f"gates[{place}].where.{axis}", f"no {axis} {wanted!r}{meant(wanted, there)}"


def _axis_problems(suite: Suite, case: Case) -> Iterator[tuple[str, str]]:
    tables = suite.tables
    if tables is None:
        return
    offered = [preset.id for preset in case.presets]
    for place, preset in enumerate(tables.presets):
        if preset not in offered:
            yield f"tables.presets[{place}]", f"{case.id} has no {preset!r}{meant(preset, offered)}"
    for place, lineup in enumerate(tables.lineups):
        for seat in lineup.seats:
            if seat not in (*case.seat_ids, "*"):
                problem = f"{case.id} has no seat {seat!r}{meant(seat, case.seat_ids)}"
                yield f"lineups[{place}].seats", problem
    if suite.attack is not None:
        for seat in suite.attack.seats:
            if seat not in case.seat_ids:
                yield "attack.seats", f"{case.id} has no seat {seat!r}{meant(seat, case.seat_ids)}"


def _seat_problems(suite: Suite, case: Case) -> Iterator[tuple[str, str]]:
    for place, silence in enumerate(suite.silences):
        if silence.seat not in case.seat_ids:
            yield f"silences[{place}].seat", f"{case.id} has no seat {silence.seat!r}"
        if silence.issue not in case.agenda.ids:
            yield f"silences[{place}].issue", f"{case.id} has no issue {silence.issue!r}"
    for place, shock in enumerate(suite.shocks):
        for number, effect in enumerate(shock.effects):
            key = f"shocks[{place}].effects[{number}]"
            if effect.seat not in case.seat_ids:
                problem = f"{case.id} has no seat {effect.seat!r}"
                yield f"{key}.seat", f"{problem}{meant(effect.seat, case.seat_ids)}"
            if len(effect.points) != len(case.currencies):
                wanted = f"{len(case.currencies)}: {', '.join(case.currencies)}"
                yield f"{key}.points", f"{len(effect.points)} numbers; expected {wanted}"
            for issue, options in effect.when.items():
                yield from _options(case, f"{key}.when.{issue}", issue, options)


def _options(
    case: Case, key: str, issue: str, options: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if issue not in case.agenda.ids:
        yield key, f"{case.id} has no issue {issue!r}{meant(issue, case.agenda.ids)}"
        return
    held = [option.id for option in case.agenda.issue(issue).options]
    for option in options:
        if option not in held:
            yield key, f"{issue} has no option {option!r}{meant(option, held)}"


# -- records -----------------------------------------------------------------------------------


def _suite(shape: SuiteShape, folder: Path) -> Suite:
    """The checked shape as records."""
    judge, spend = shape.judge, shape.spend
    return Suite(
        id=shape.id,
        title=shape.title,
        about=shape.about.strip(),
        folder=str(folder),
        scorers=tuple(shape.scorers),
        tables=_tables(shape),
        talks=Talks(
            paths=tuple(shape.talks.paths),
            case=shape.talks.case or "",
            form=shape.talks.form or "",
        )
        if shape.talks
        else None,
        gates=tuple(_gate(gate) for gate in shape.gates),
        attack=Attack(seats=tuple(shape.attack.seats), lines=tuple(shape.attack.lines))
        if shape.attack
        else None,
        silences=tuple(
            Silence(seat=one.seat, issue=one.issue, words=tuple(one.words))
            for one in shape.silences
        ),
        shocks=_shocks(shape),
        judging=Judging(model=judge.model, samples=judge.samples, forced=judge.forced)
        if judge
        else None,
        spending=Spending(calls=spend.calls, tokens=spend.tokens, money=spend.money)
        if spend
        else Spending(),
        seed=shape.seed,
    )


def _tables(shape: SuiteShape) -> Tables | None:
    held = shape.tables
    if held is None:
        return None
    seeds: tuple[int, ...]
    if isinstance(held.seeds, SeedsShape):
        seeds = tuple(range(held.seeds.first, held.seeds.first + held.seeds.count))
    else:
        seeds = tuple(dict.fromkeys(held.seeds))
    lineups = tuple(
        Lineup(id=one.id, seats=dict(one.seats), baseline=one.baseline or "", attacked=one.attacked)
        for one in shape.lineups
    )
    return Tables(
        cases=tuple(dict.fromkeys(held.cases)),
        lineups=lineups or (DEFAULT,),
        seeds=seeds,
        presets=tuple(dict.fromkeys(held.presets)),
        guards=tuple(dict.fromkeys(held.guards)),
        rounds=held.rounds,
        chair=held.chair,
        mediator=held.mediator,
        improve=held.improve,
        injects=held.injects,
        barrier=held.barrier,
        counsel=held.counsel,
        temperature=held.temperature,
    )


def _gate(shape: GateShape) -> Gate:
    match = _REQUIREMENT.fullmatch(shape.require)
    assert match is not None
    measure, statistic, sign, limit = match.groups()
    return Gate(
        name=shape.name,
        measure=measure,
        statistic=statistic,  # type: ignore[arg-type]  # the shape's pattern lists them
        sign=sign,  # type: ignore[arg-type]
        limit=float(limit),
        where={axis: wanted for axis, wanted in shape.where.items()},  # noqa: C416 - widens the keys
        each=tuple(shape.each),
    )


def _shocks(shape: SuiteShape) -> tuple[Shock, ...]:
    return tuple(
        Shock(
            id=one.id,
            title=one.title,
            basis=one.basis,
            effects=tuple(
                Effect(
                    seat=effect.seat,
                    points=tuple(effect.points),
                    on=effect.on,
                    when={issue: tuple(options) for issue, options in effect.when.items()},
                )
                for effect in one.effects
            ),
        )
        for one in shape.shocks
    )
