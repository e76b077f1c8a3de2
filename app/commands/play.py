"""`parley play`: one table at this terminal, with AI seats and, if wanted, people."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.status import Status

from app import __version__
from app.commands.casting import (
    Cast,
    cast_of,
    charged,
    checked,
    price_of,
    reasons,
    show_usage,
    unadvised,
    usage,
    usage_data,
    who_is,
)
from app.commands.person import Person
from app.commands.solve import complain
from app.commands.transcript import Transcript
from app.delegates.base import Delegate
from app.domain.case import Case, Session
from app.domain.events import Event, Fact, TableOpened
from app.domain.table import Table
from app.errors import CaseError, Finding, ParleyError
from app.evaluator.printout import show
from app.evaluator.report import as_data
from app.evaluator.value import assess
from app.eventlog.base import case_hash
from app.eventlog.memory import MemoryLog
from app.eventlog.record import RecordWriter, read_record
from app.eventlog.wakeup import LocalWakeup
from app.library import load_case
from app.main import (
    TEMPERATURE,
    model_delegate,
    offline_delegates,
    offline_helpers,
    open_models,
)
from app.orchestrator.orders import Open, Refusal
from app.orchestrator.remainder import remainder
from app.orchestrator.runner import Desk, Host, virtual_clock
from app.settings import ModelSettings, models_from

if TYPE_CHECKING:
    from app.delegates.llm.models import Models
    from app.delegates.model import Barrier


_SETTLED = ("preset", "rounds", "floor", "mediator", "chair", "improve")
"""What a record holds already, so that a resumed table cannot be given it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for on the command line; None leaves the case's default."""

    table: str
    seed: int = 1
    preset: str | None = None
    rounds: int | None = None
    floor: str | None = None
    mediator: str | None = None
    chair: bool | None = None
    improve: bool | None = None
    seats: Mapping[str, str] = field(default_factory=dict)
    everybody: str = ""
    barrier: Barrier = "strict"
    counsel: bool = True
    record: bool = False
    temperature: float | None = None
    out: Path | None = None
    resume: Path | None = None
    force: bool = False
    quiet: bool = False
    json: bool = False
    home: Path | None = None


def run(order: Order) -> int:
    """Play to the end; 0 however it ends, 2 for bad input, 130 when stopped by the keyboard."""
    try:
        return asyncio.run(_play(order))
    except CaseError as error:
        complain(error)
        return 2
    except ParleyError as error:
        print(f"parley play: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        kept = order.out or order.resume
        hint = f"; go on with: parley play --resume {kept}" if kept else ""
        print(f"\nStopped{hint}.", file=sys.stderr)
        return 130


async def _play(order: Order) -> int:
    table = await _Table.laid(order)
    console = Console(highlight=False, emoji=False, quiet=order.quiet or order.json)
    with table.writer or _Nowhere() as writer:
        try:
            await _rounds(table, console, writer)
        finally:
            if table.models is not None:
                await table.models.aclose()
    sitting = await table.desk.sitting(table.id)
    found = assess(sitting.table)
    settings = table.models.settings if table.models else ModelSettings()
    used = usage(sitting.events, price_of(settings))
    why = reasons(sitting.events, sitting.table) if used else []
    if order.json:
        data = as_data(found)
        print(
            dumps(
                data | {"usage": usage_data(used), "stand_ins": why} if used else data,
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        show(found, Console(highlight=False, emoji=False))
        show_usage(used, sitting.table.case, Console(highlight=False, emoji=False), why)
        if table.writer is not None and not order.quiet:
            console.print(
                f"\nThe record is in {table.writer.path}. It holds the secrets of every seat.",
                markup=False,
            )
    return 0


async def _rounds(table: _Table, console: Console, writer: RecordWriter | _Nowhere) -> None:
    """Step by step to the close, printing and recording what happens as it happens."""
    transcript, shown = Transcript(), 0
    viewer = table.person.seat if table.person else "facilitator"

    async def show_news() -> Table:
        nonlocal shown
        sitting = await table.desk.sitting(table.id)
        writer.write(sitting.events)
        for event in sitting.seen(viewer)[shown:]:
            shown += 1
            for line in transcript.lines(event):
                console.print(line)
        return sitting.table

    if table.person is not None:
        table.person.show_news = show_news
    with Status("", console=console, spinner="line") as status:
        if not console.is_terminal or table.person:
            status.stop()
        while True:
            state = await show_news()
            if state.closed is not None:
                return
            status.update(
                f"round {state.round} of {state.session.rounds}, turn {state.turns}, "
                f"{len(state.offers)} offers on the table"
            )
            if not await table.host.step(table.id):
                raise ParleyError("the table waits for somebody who is not here")


class _Nowhere:
    """A record that is not kept."""

    path = Path()

    def write(self, events: Sequence[Event]) -> None:
        """Nothing."""

    def __enter__(self) -> _Nowhere:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@dataclass(slots=True)
class _Table:
    """A table laid out for play: new, or taken up again from its record."""

    id: str
    desk: Desk
    host: Host
    writer: RecordWriter | None
    person: Person | None
    models: Models | None = None

    @classmethod
    async def laid(cls, order: Order) -> _Table:
        events = _held(order)
        if events:
            opened = events[0]
            case = opened.body.case  # type: ignore[union-attr]  # read_record checked it
            table_id = opened.table_id
        else:
            case = load_case(order.table, order.home)
            table_id = f"{case.id}-{_digest(case, order.seed)}"
        desk = Desk(MemoryLog(), LocalWakeup(), virtual_clock(noon(case.as_of)))
        if events:
            await _refill(desk, table_id, events, order)
        else:
            await _open(
                desk,
                table_id,
                case,
                order,
                cast_of(
                    case,
                    order.table,
                    order.seats,
                    order.everybody,
                    barrier=order.barrier,
                    temperature=order.temperature,
                ),
            )
        sitting = await desk.sitting(table_id)
        people = [s for s, o in sitting.table.occupants.items() if o == "person"]
        person = Person(people[0], desk, table_id) if people else None
        delegates: dict[str, Delegate] = dict(offline_delegates())
        if person is not None:
            delegates["person"] = person
        models = _models(sitting.table)
        if models is not None:
            charged(events, sitting.table, models)
            delegates["model"] = model_delegate(
                lambda name: models.complete(name, unlisted=True),
                barrier=order.barrier,
                counsel=order.counsel and not unadvised(events),
                temperature=TEMPERATURE if order.temperature is None else order.temperature,
            )
        host = Host(desk, delegates, offline_helpers())
        if person is not None:
            person.host = host
        return cls(table_id, desk, host, _writer(order), person, models)


def _models(table: Table) -> Models | None:
    """The doors to the models that sit at the table; SettingsError when one cannot be opened."""
    names = [table.names[seat] for seat, who in table.occupants.items() if who == "model"]
    if not names:
        return None
    models = open_models(models_from())
    checked(models, names)
    return models


def _held(order: Order) -> tuple[Event, ...]:
    """The events of the record to go on with, or none."""
    if order.resume is None:
        return ()
    again = [name for name in _SETTLED if getattr(order, name) is not None]
    _leave_out(order.resume, [*again, *(["guard"] if order.record else [])])
    record = read_record(order.resume)
    if record.viewer != "facilitator":
        finding = Finding(
            path=str(order.resume), key="viewer", problem="only a facilitator's record goes on"
        )
        raise CaseError((finding,))
    opening = record.events[0].body
    if isinstance(opening, TableOpened) and len(record.events) > len(opening.case.seats):
        given = {"seat": order.seats, "seats": order.everybody}
        _leave_out(order.resume, [name for name, words in given.items() if words])
    return record.events


def _leave_out(record: Path, options: Sequence[str]) -> None:
    """Refuse options that a record has settled."""
    if options:
        asked = ", ".join(f"--{name}" for name in options)
        problem = f"--resume goes on with the record's own settings: leave out {asked}"
        raise CaseError((Finding(path=str(record), key=options[0], problem=problem),))


def _digest(case: Case, seed: int) -> str:
    """What tells tables of one case apart without telling the seed to those who sit at them."""
    return hashlib.sha256(f"{case_hash(case)}/{seed}".encode()).hexdigest()[:12]


async def _refill(desk: Desk, table_id: str, events: Sequence[Event], order: Order) -> None:
    """Put recorded events back into an empty log, and what the last command still owed it."""
    for event in events:
        fact = Fact(body=event.body, audience=event.audience)
        await desk.log.append(table_id, event.seq - 1, event.at, (fact,))
    held = {seat: known[0] for seat, word in order.seats.items() if (known := who_is(word))}
    owed = remainder(events, held)
    if isinstance(owed, Refusal):
        finding = Finding(path=str(order.resume), key=f"line {len(events)}", problem=owed.reason)
        raise CaseError((finding,))
    await desk.log.append(table_id, len(events), events[-1].at, owed)


async def _open(desk: Desk, table_id: str, case: Case, order: Order, cast: Cast) -> None:
    command = Open(
        case=case,
        case_hash=case_hash(case),
        seed=order.seed,
        session=session(case, order),
        version=__version__,
        occupants=cast.occupants,
        names=cast.names,
    )
    result = await desk.submit(table_id, command)
    if isinstance(result, Refusal):
        raise CaseError((Finding(path=order.table, key="session", problem=result.reason),))


def session(case: Case, order: Order) -> Session:
    """The case's session with what the command line changed; at a terminal no clock runs."""
    asked = {name: getattr(order, name) for name in _SETTLED if getattr(order, name) is not None}
    return replace(case.session, turn_seconds=0, record=order.record, **asked)


def _writer(order: Order) -> RecordWriter | None:
    if order.resume is not None and order.out in (None, order.resume):
        return RecordWriter(order.resume, "resume")
    if order.out is None:
        return None
    return RecordWriter(order.out, "replace" if order.force else "new")


def noon(date: str) -> int:
    """Milliseconds since 1970 at noon UTC of an ISO date: where the virtual clock begins."""
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        problem = f"found {date[:40]!a}; expected a date such as 2024-12-02"
        raise CaseError((Finding(path="case", key="as_of", problem=problem),)) from None
    moment = datetime.datetime(day.year, day.month, day.day, 12, tzinfo=datetime.UTC)
    return int(moment.timestamp() * 1000)
