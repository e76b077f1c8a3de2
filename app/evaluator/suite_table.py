"""One table of a suite: played to its end in memory, or a baseline in a deal's place."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from app import __version__
from app.delegates.base import Delegate
from app.domain.bargaining import Survey, survey
from app.domain.case import Case, Session
from app.domain.events import Event, Occupant
from app.domain.space import own_set
from app.domain.table import Table
from app.domain.terms import Package
from app.errors import ParleyError
from app.evaluator.foreign.records import talk_of
from app.evaluator.suite import Attack, Cell, Lineup, Tables
from app.evaluator.suite_siege import Attacker, harass, planted
from app.evaluator.transcript import Transcript
from app.eventlog.base import case_hash
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.runner import Desk, Host, virtual_clock
from app.orchestrator.turn import Helper


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Played:
    """What came of one table: the package in force at its end, if any. A baseline has no more.

    `case` is the case as it was played: with words planted where an attacker sits.
    """

    case: Case
    cell: Cell
    lineup: Lineup
    session: Session
    package: Package | None
    table: Table | None = None
    events: tuple[Event, ...] = ()
    talk: Transcript | None = None

    @property
    def preset(self) -> str:
        """The preset in force."""
        return self.cell.preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of one table."""

    cell: Cell
    lineup: Lineup
    tables: Tables
    attack: Attack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who acts for the seats: delegates by occupant, the helpers, and how to let go of models."""

    delegates: Mapping[str, Delegate]
    helpers: Mapping[str, Helper]
    close: Callable[[], Awaitable[None]] | None = None


def session_of(case: Case, tables: Tables, cell: Cell) -> Session:
    """The case's session with what the suite changes. No clock runs in a suite."""
    names = ("rounds", "chair", "mediator", "improve", "injects")
    asked = {name: value for name in names if (value := getattr(tables, name)) is not None}
    return replace(
        case.session,
        turn_seconds=0,
        preset=cell.preset,
        record=cell.guard == "record",
        **asked,
    )


def noon(case: Case) -> int:
    """Milliseconds since 1970 at noon UTC of the case's date: where the virtual clock begins."""
    day = datetime.date.fromisoformat(case.as_of)
    moment = datetime.datetime(day.year, day.month, day.day, 12, tzinfo=datetime.UTC)
    return int(moment.timestamp() * 1000)


def table_id_of(case: Case, seed: int) -> str:
    """The id that `parley play` gives the same table."""
    return f"{case.id}-{hashlib.sha256(f'{case_hash(case)}/{seed}'.encode()).hexdigest()[:12]}"


def play(case: Case, order: Order, cast: Cast) -> Played:
    """Play one table to its end; ParleyError when it cannot be opened or stops before its end."""
    cell, lineup = order.cell, order.lineup
    session = session_of(case, order.tables, cell)
    if lineup.baseline:
        return Played(
            case=case,
            cell=cell,
            lineup=lineup,
            session=session,
            package=baseline(case, cell, lineup.baseline),
        )
    siege = order.attack if lineup.attacked else None
    laid = planted(case, cell.seed) if siege else case
    events, table = asyncio.run(_sat(laid, replace(order, attack=siege), session, cast))
    return Played(
        case=laid,
        cell=cell,
        lineup=lineup,
        session=session,
        package=table.signed,
        table=table,
        events=events,
        talk=talk_of(events, cell.id.replace("/", "-")),
    )


async def _sat(
    case: Case, order: Order, session: Session, cast: Cast
) -> tuple[tuple[Event, ...], Table]:
    """Open the table and step until it is closed."""
    cell, siege = order.cell, order.attack
    desk = Desk(MemoryLog(), LocalWakeup(), virtual_clock(noon(case)))
    table_id = table_id_of(case, cell.seed)
    result = await desk.submit(table_id, _opening(case, order, session))
    if isinstance(result, Refusal):
        raise ParleyError(f"{cell.id} cannot be opened: {result.reason}")
    delegates = dict(cast.delegates)
    attacker = Attacker(siege.lines, cell.seed) if siege else None
    if attacker is not None:
        delegates["person"] = attacker
    host = Host(desk, delegates, cast.helpers)
    begun = -1
    try:
        while True:
            table = (await desk.sitting(table_id)).table
            if table.closed is not None:
                return tuple((await desk.sitting(table_id)).events), table
            if attacker is not None and siege and table.round != begun and table.turn is not None:
                begun = table.round
                await harass(desk, table_id, table, attacker, siege.seats)
            if not await host.step(table_id):
                raise ParleyError(f"{cell.id} stopped before its end")
    finally:
        if cast.close is not None:
            await cast.close()


def _opening(case: Case, order: Order, session: Session) -> Open:
    """The command that opens the table. With the engine in every seat it names nobody."""
    lineup, hostile = order.lineup, order.attack.seats if order.attack else ()
    who: dict[str, Occupant] = {}
    for seat in case.seat_ids:
        model = ":" in lineup.who(seat)
        who[seat] = "person" if seat in hostile else "model" if model else "engine"
    return Open(
        case=case,
        case_hash=case_hash(case),
        seed=order.cell.seed,
        session=session,
        version=__version__,
        occupants={} if set(who.values()) == {"engine"} else who,
        names={seat: lineup.who(seat) for seat in case.seat_ids if who[seat] == "model"},
    )


def baseline(case: Case, cell: Cell, kind: str) -> Package | None:
    """What stands where nobody bargains."""
    if kind == "random":
        dice = random.Random(f"baseline/{case.id}/{cell.seed}")  # noqa: S311 - a draw, no secret
        return case.agenda.package(dice.randrange(case.agenda.count))
    if kind == "middle":
        return tuple(issue.options[(len(issue.options) - 1) // 2].id for issue in case.issues)
    bests = [own_set(case, seat, cell.preset) for seat in case.seat_ids]
    for own in bests:
        if not len(own.numbers):
            continue
        package = case.agenda.package(int(own.numbers[0]))
        if not any(case.breaches(seat, package, cell.preset) for seat in case.seat_ids):
            return package
    return None


_surveys: dict[tuple[str, str, str], Survey] = {}


def surveyed(case: Case, preset: str, mark: str) -> Survey:
    """The survey of a case and preset, made once in a process."""
    key = (case.id, mark, preset)
    if key not in _surveys:
        if len(_surveys) > 16:
            _surveys.clear()
        _surveys[key] = survey(case, preset)
    return _surveys[key]
