"""`parley replay`: read a record, fold it again, and print what happened."""

from __future__ import annotations

from json import dumps
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from app.commands.solve import complain
from app.commands.transcript import Transcript
from app.domain.events import Event
from app.domain.table import FACILITATOR_VIEW, Table, fold, view_for
from app.errors import CaseError, Finding
from app.eventlog.record import read_record


def run(record: Path, *, seat: str | None = None, json: bool = False) -> int:
    """Print the transcript and the final state; 2 when the record cannot be read."""
    try:
        held = read_record(record)
        if held.viewer != FACILITATOR_VIEW and seat is not None:
            problem = f"this is the view of {held.viewer} already"
            raise CaseError((Finding(path=str(record), key="--seat", problem=problem),))
        events = view_for(held.events, seat) if seat else held.events
        table = fold(events)
        if seat is not None and seat != "watcher" and seat not in table.case.seat_ids:
            problem = f"no seat {seat!r}; the seats are {', '.join(table.case.seat_ids)}"
            raise CaseError((Finding(path=str(record), key="--seat", problem=problem),))
    except CaseError as error:
        complain(error)
        return 2
    if json:
        print(dumps(state(table, events), ensure_ascii=False, indent=2))
        return 0
    console = Console(highlight=False, emoji=False)
    transcript = Transcript()
    console.print(f"[bold]{escape(table.case.title)}[/bold], facts as of {table.case.as_of}")
    console.print(table.case.disclaimer, markup=False, style="dim")
    for event in events:
        for line in transcript.lines(event):
            console.print(line)
    if held.torn:
        console.print("\nThe last line of the record was cut off and is left out.", style="yellow")
    return 0


def state(table: Table, events: tuple[Event, ...]) -> dict[str, object]:
    """The state a record ends in, as plain data."""
    closed = table.closed
    signed = table.signed
    return {
        "table": table.table_id,
        "case": table.case.id,
        "case_hash": table.case_hash,
        "events": len(events),
        "round": table.round,
        "turns": table.turns,
        "offers": [
            {
                "number": offer.number,
                "by": offer.by,
                "backers": sorted(table.backers(offer.number)),
                "package": table.agenda.as_mapping(offer.package),
            }
            for offer in table.offers
        ],
        "outcome": closed.outcome if closed else "open",
        "reason": closed.reason if closed else "",
        "signed": table.agenda.as_mapping(signed) if signed else None,
    }
