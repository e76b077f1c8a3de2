"""What happened at a table, as lines for a reader at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from app.commands.screen import shown
from app.domain.case import Case
from app.domain.events import (
    AgreementReached,
    CaucusClosed,
    CaucusOpened,
    DraftsCirculated,
    EndorsementsLapsed,
    Event,
    ImprovementProposed,
    ImprovementSettled,
    LineCrossed,
    Moved,
    NewsArrived,
    RankingOpened,
    ReadingProposed,
    RoundOpened,
    Spoken,
    TableClosed,
    TextTabled,
)
from app.domain.moves import Speech
from app.domain.table import PLENARY, Table, evolve
from app.domain.terms import Package
from app.evaluator.stand_in import stood_in


class Transcript:
    """Turns events into readable lines, keeping the fold that gives them their meaning."""

    def __init__(self) -> None:
        self.table: Table | None = None

    def lines(self, event: Event) -> Iterator[str]:
        """Lines (rich markup) for one event of the facilitator's or a viewer's own numbering."""
        before = self.table
        self.table = evolve(before, event)
        if before is not None:
            yield from _lines(before, self.table, event)


def _lines(before: Table, table: Table, event: Event) -> Iterator[str]:
    match event.body:
        case RoundOpened() as body:
            name = "Opening statements" if body.round == 0 else f"Round {body.round}"
            yield f"\n[bold]== {name} ==[/bold]"
        case Moved() as body:
            yield from _turn(before, table, body)
        case Spoken() as body:
            where = "" if body.room == PLENARY else " (in private)"
            yield f"\n[bold]{_who(table.case, body.seat)}[/bold]{where} {_badge(body.speech)}"
            yield shown(body.speech.text)
        case TextTabled() as body:
            yield f"\n[bold]The {body.by}[/bold] tables offer {body.offer}. {_badge(body.speech)}"
            yield shown(body.speech.text)
            yield from _terms(table.case, body.package, None)
        case NewsArrived() as body:
            to = () if "*" in event.audience else event.audience
            only = f" for {_names(table.case, to)}" if to else ""
            yield f"\n[italic]News{only}: {shown(body.text)}[/italic]"
        case AgreementReached() as body:
            yield f"\n[bold green]Agreement on offer {body.offer}[/bold green]: {shown(body.how)}."
        case TableClosed() as body:
            yield f"\n[bold]The talks end: {body.outcome}.[/bold] {shown(body.reason)}."
        case _:
            yield from _aside(table, event)


TOLD_OF = (
    ("it crosses your line", "it crosses their line"),
    ("to you; your instructions", "to them; their instructions"),
    (" to you; ", " to them; "),
    ("it leaves you ", "it leaves them "),
)
"""How a breach is told to its seat, and how to others."""


def _override(table: Table, body: LineCrossed) -> str:
    """That a seat crossed its own lines: as it is told itself, or as the others are."""
    reasons = "; ".join(breach.reason.rstrip(".") for breach in body.breaches)
    who = _who(table.case, body.seat)
    if table.occupants.get(body.seat) == "person":
        return f"Override by {who}: {shown(reasons)}."
    for told, of in TOLD_OF:
        reasons = reasons.replace(told, of)
    return f"Let through and counted, {who}: {shown(reasons)}."


def _aside(table: Table, event: Event) -> Iterator[str]:
    """What is not said or done in plenary."""
    match event.body:
        case CaucusOpened() as body:
            names = _names(table.case, body.seats)
            yield f"\n[dim]{names[:1].upper()}{names[1:]} meet in private.[/dim]"
        case EndorsementsLapsed() as body:
            seat = _who(table.case, body.seat)
            yield f"[dim]{seat} no longer stands behind {_numbers(body.offers)}.[/dim]"
        case CaucusClosed():
            yield "[dim]The private meeting ends.[/dim]"
        case ReadingProposed() as body:
            yield f"[yellow]{shown(body.text)}[/yellow] [dim](or: /offer)[/dim]"
        case LineCrossed() as body:
            yield f"[red]{_override(table, body)}[/red]"
        case DraftsCirculated() as body:
            count = len(body.drafts)
            yield f"[dim]The mediator asks every seat in private about {count} drafts.[/dim]"
        case RankingOpened() as body:
            yield f"\n[dim]Offers {_numbers(body.offers)} meet the rule; the seats rank them.[/dim]"
        case ImprovementProposed():
            yield "\n[dim]A package that takes nothing from anybody is put to the seats.[/dim]"
        case ImprovementSettled() as body:
            said = {
                "accepted": "The improvement is accepted",
                "refused": "The improvement is refused",
                "none": "No improvement was found",
            }
            yield f"[dim]{said[body.outcome]}.[/dim]"
        case _:
            return


def _turn(before: Table, table: Table, body: Moved) -> Iterator[str]:
    move = body.move
    acts = []
    if move.endorse:
        acts.append(f"endorses {_numbers(move.endorse)}")
    if move.withdraw:
        acts.append(f"withdraws from {_numbers(tuple(w.offer for w in move.withdraw))}")
    if body.offer is not None:
        acts.append(f"tables offer {body.offer}")
    if move.walk:
        acts.append("leaves the table")
    said = f" [cyan]{', '.join(acts)}[/cyan]" if acts else ""
    why = stood_in(body.stand_in)
    stand_in = f" [dim]({why})[/dim]" if why else ""
    yield f"\n[bold]{_who(table.case, body.seat)}[/bold]{said} {_badge(move.speech)}{stand_in}"
    yield shown(move.speech.text)
    if move.package is not None:
        last = before.offer(before.latest.get(body.seat, 0))
        yield from _terms(table.case, move.package, last.package if last else None)


def _terms(case: Case, package: Package, before: Package | None) -> Iterator[str]:
    """A package, or only what changed against the seat's last text."""
    changed = range(len(package)) if before is None else case.agenda.differences(package, before)
    for place in changed:
        issue = case.issues[place]
        yield f"[dim]    {shown(issue.title)}: {shown(issue.option(package[place]).label)}[/dim]"
    if before is not None and not changed:
        yield "[dim]    (as its last text)[/dim]"


def _who(case: Case, seat: str) -> str:
    name = case.seat(seat).short if seat in case.seat_ids else seat
    return shown(name[:1].upper() + name[1:])


def _names(case: Case, seats: tuple[str, ...]) -> str:
    """Seats in a row, as they are named inside a sentence."""
    names = [shown(case.seat(s).short if s in case.seat_ids else s) for s in seats]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _badge(speech: Speech) -> str:
    return rf"[dim]\[{speech.by}][/dim]"


def _numbers(offers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in offers)
