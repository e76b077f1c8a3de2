"""`parley assess`: who left with what, and the after-action report, from the record of a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from app.commands.solve import complain
from app.domain.events import Event, TurnTraced
from app.domain.table import FACILITATOR_VIEW, fold, view_for
from app.errors import CaseError, Finding, ParleyError
from app.evaluator.printout import show
from app.evaluator.report import as_text
from app.evaluator.value import Assessment, assess
from app.eventlog.record import Record, read_record

if TYPE_CHECKING:
    from app.evaluator.debrief.players import Price
    from app.evaluator.debrief.whole import Debrief

ANSWERS_LIMIT = 1_000_000
"""Bytes of a file of answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for. `html`, `markdown` and `data` are files of the report.

    `seat` asks for that seat's own report, from the facilitator's record or from the seat's own.
    `others` are further records of the same case, `answers` the questionnaire's file; without
    `names` people's names are left out.
    """

    record: Path
    json: bool = False
    html: Path | None = None
    markdown: Path | None = None
    data: Path | None = None
    seat: str | None = None
    others: Sequence[Path] = ()
    answers: Path | None = None
    names: bool = True

    @property
    def files(self) -> bool:
        """Whether any file is to be written."""
        return any((self.html, self.markdown, self.data))


def run(record: Path, *, json: bool = False, html: Path | None = None) -> int:
    """Assess a record on the terminal, as JSON on stdout, or as a report in a file."""
    return carry_out(Order(record=record, json=json, html=html))


def carry_out(order: Order) -> int:
    """Assess a record: on the terminal, as JSON on stdout, or as a report in files.

    0 when it could be done, whatever came of the talks; 2 for a record that cannot be read or
    is not the one needed, for answers that are wrong, and for a file that cannot be written.
    """
    try:
        return _seat(order) if order.seat is not None else _facilitator(order)
    except CaseError as error:
        complain(error)
        return 2
    except ParleyError as error:
        print(f"parley assess: {error}", file=sys.stderr)
        return 2


def _facilitator(order: Order) -> int:
    """The whole assessment, and the whole report where files are asked for."""
    held = _read(order.record)
    if held.viewer != FACILITATOR_VIEW:
        problem = (
            f"this is the view of {held.viewer[:40]!a}; an assessment reads every mandate: "
            f"take the facilitator's record, or --seat {held.viewer[:40]} for its own report"
        )
        raise _wrong(order.record.name, "viewer", problem)
    found = assess(fold(held.events))
    if (order.others or order.answers) and not order.files:
        problem = "they go into the report; add --html, --markdown or --data with a file"
        raise _wrong("--with, --answers", "", problem)
    if order.files:
        _write(order, _debrief(order, held.events, FACILITATOR_VIEW, found))
    if order.json:
        print(as_text(found))
    elif not order.files:
        show(found, _terminal())
    return 0


def _seat(order: Order) -> int:
    """One seat's own report, worked out from that seat's view of the log and nothing else."""
    seat = order.seat or ""
    held = _read(order.record)
    seats = fold(held.events).case.seat_ids
    if seat not in seats:
        raise _wrong("--seat", seat[:40], f"no such seat; expected one of {', '.join(seats)}")
    if held.viewer not in (FACILITATOR_VIEW, seat):
        problem = f"this is the view of {held.viewer[:40]!a}; take {seat}'s or the facilitator's"
        raise _wrong(order.record.name, "viewer", problem)
    if order.others:
        raise _wrong("--with", seat, "tables are compared in the facilitator's report only")
    events = view_for(held.events, seat) if held.viewer == FACILITATOR_VIEW else held.events
    if fold(events).closed is None:
        problem = "the table is still open; a seat's report opens when the talks are over"
        raise _wrong(order.record.name, "--seat", problem)
    told = _debrief(order, events, seat, None)
    _write(order, told)
    if order.json:
        from app.evaluator.debrief.codec import as_json

        print(as_json(told), end="")
    elif not order.files:
        from app.evaluator.handout.markdown import as_markdown

        _terminal()
        print(as_markdown(told), end="")
    return 0


def _debrief(
    order: Order, events: Sequence[Event], viewer: str, found: Assessment | None
) -> Debrief:
    """The debrief with everything that was given beside the record."""
    from app.evaluator.debrief.feelings import read_replies
    from app.evaluator.debrief.whole import debrief

    case = fold(events).case
    replies = read_replies(_text(order.answers), case, order.answers.name) if order.answers else ()
    return debrief(
        events,
        viewer,
        found=found,
        others=tuple(_others(order)),
        replies=replies,
        price=_price(events),
        names=order.names,
    )


def _others(order: Order) -> Iterator[Assessment]:
    """The assessments of further tables."""
    for path in order.others:
        held = _read(path)
        if held.viewer != FACILITATOR_VIEW:
            raise _wrong(path.name, "viewer", "tables are compared by the facilitator's records")
        yield assess(fold(held.events))


def _price(events: Sequence[Event]) -> Price | None:
    """What a call costs by the operator's list; None where no model took a turn."""
    if not any(isinstance(event.body, TurnTraced) for event in events):
        return None
    from decimal import Decimal

    from app.commands.casting import price_of
    from app.delegates.base import Usage
    from app.delegates.llm.budget import cost
    from app.settings import models_from

    known = price_of(models_from())

    def price(model: str, read: int, cached: int, written: int) -> Decimal | None:
        held = known(model)
        if held is None:
            return None
        return cost(held, Usage(prompt=read, completion=written, cached=cached))

    return price


def _write(order: Order, told: Debrief) -> None:
    """Every file that was asked for."""
    from app.evaluator.debrief.codec import as_json
    from app.evaluator.handout.html import as_html
    from app.evaluator.handout.markdown import as_markdown

    wanted: tuple[tuple[str, Path | None, Callable[[Debrief], str]], ...] = (
        ("--html", order.html, as_html),
        ("--markdown", order.markdown, as_markdown),
        ("--data", order.data, as_json),
    )
    for option, path, writer in wanted:
        if path is None:
            continue
        try:
            path.write_text(writer(told), encoding="utf-8", newline="\n")
        except OSError as error:
            problem = f"cannot be written ({error.strerror or error}); choose another {option} file"
            raise _wrong(str(path), "", problem) from error
        print(f"written: {path}", file=sys.stderr)


def _read(path: Path) -> Record:
    """A record; says so when its last line was cut off."""
    held = read_record(path)
    if held.torn:
        print(f"{path.name}: the last line was cut off and is left out", file=sys.stderr)
    return held


def _text(path: Path) -> str:
    """The answers' text."""
    try:
        with path.open("rb") as file:
            raw = file.read(ANSWERS_LIMIT + 1)
    except OSError as error:
        raise _wrong(str(path), "", f"cannot be read ({error.strerror or error})") from error
    if len(raw) > ANSWERS_LIMIT:
        raise _wrong(str(path), "", f"larger than {ANSWERS_LIMIT} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(str(path), "", "not UTF-8 text") from None


def _wrong(path: str, key: str, problem: str) -> CaseError:
    return CaseError((Finding(path=path, key=key, problem=problem),))


def _terminal() -> Console:
    """Standard output, with a substitute for what its encoding lacks."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False, emoji=False, markup=False)
