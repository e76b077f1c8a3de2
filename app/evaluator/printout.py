"""An assessment on a terminal: plain words first, tables where the window is wide enough."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from app.evaluator import wording
from app.evaluator.alternatives import Fix
from app.evaluator.evidence import Origin
from app.evaluator.report import overrides
from app.evaluator.value import Assessment
from app.evaluator.verdict import Entry, Measures, SeatVerdict, Verdict
from app.evaluator.wording import shown, signed

WIDE = 84
"""Columns from which the ledger is a table."""

FIXES = 5
"""One-change-away packages printed; the page and the JSON hold all."""


def show(found: Assessment, console: Console) -> None:
    """Print the whole assessment."""
    case = found.case
    _say(console, wording.fiction(case), style="italic")
    console.print()
    _say(console, f"{case.title}: table {found.table.table_id}, preset {found.table.preset}")
    _say(console, _ending(found))
    _head(console, wording.QUESTION)
    _say(console, wording.headline(found), style="bold")
    _readings(console, found)
    _overrides(console, found)
    _ledger(console, found)
    _lines(console, found)
    _measures(console, found)
    _evidence(console, found)
    _text(console, found)
    _debrief(console, found)
    _alternatives(console, found)
    _references(console, found)
    _head(console, "How to read this")
    _say(console, wording.yardstick(case))
    for convention in wording.CONVENTIONS:
        _say(console, convention)
    console.print()
    _say(console, wording.fiction(case), style="italic")


def _say(console: Console, text: str, *, style: str = "", indent: int = 0) -> None:
    """One paragraph: no markup is read in it, no mark of it acts on the terminal."""
    console.print(Padding(Text(shown(text), style=style), (0, 0, 0, indent)))


def _head(console: Console, title: str) -> None:
    console.print()
    _say(console, title, style="bold underline")


def _ending(found: Assessment) -> str:
    """How the talks stand, in a line."""
    state = "the table is open" if found.outcome == "open" else wording.OUTCOMES[found.outcome]
    why = f" ({found.reason})" if found.reason else ""
    return f"Outcome: {state}{why}; {wording.progress(found)}."


def _mark(holds: bool) -> str:
    return "yes" if holds else "no"


def _readings(console: Console, found: Assessment) -> None:
    """The three readings, always together."""
    case, verdict = found.case, found.final
    if verdict.package is None:
        return
    for name, asks in wording.READINGS:
        out = [wording.short(case, s.seat) for s in verdict.seats if not getattr(s.readings, name)]
        tail = f" Not for {wording.listed(out)}." if out else ""
        holds = _mark(getattr(verdict.readings, name))
        _say(console, f"{name}: {holds}. ({asks.format(gain=case.gain)}){tail}", indent=2)


def _overrides(console: Console, found: Assessment) -> None:
    """Floors crossed on purpose."""
    rows = overrides(found)
    if found.table.session.record:
        _say(console, "Record mode: the floor was not enforced at this table.", style="bold")
    for row in rows:
        where = "the text signed" if row["signed"] else "a text that is not in force"
        what = f"offer {row['offer']}" if row["offer"] else "its answer to the improvement"
        _say(
            console,
            f"Override: {wording.label(found.case, row['seat'])} went below its own floor in "
            f"{what}, turn {row['turn']} ({where}): {'; '.join(row['why'])}.",
            style="bold",
        )


def _ledger(console: Console, found: Assessment) -> None:
    """What every seat got in every currency."""
    case, verdict = found.case, found.final
    if verdict.package is None:
        _head(console, "What each seat holds without a deal")
    else:
        _head(console, "What each seat leaves with: points (no deal, gain)")
    if console.width < WIDE:
        for seat in verdict.seats:
            _say(console, wording.label(case, seat.seat), style="bold")
            for entry in seat.entries:
                _say(console, f"{entry.currency}: {_cell(entry, verdict)}", indent=2)
            _say(console, f"total: {_total(seat, verdict)}", indent=2)
        return
    grid = Grid(box=SIMPLE_HEAD, pad_edge=False)
    readings = [name for name, _ in wording.READINGS] if verdict.package else []
    for name in ("", *case.currencies, "total", *readings):
        grid.add_column(Text(shown(name)))
    for seat in verdict.seats:
        grid.add_row(
            Text(shown(wording.label(case, seat.seat))),
            *(Text(_cell(entry, verdict)) for entry in seat.entries),
            Text(_total(seat, verdict)),
            *(_mark(getattr(seat.readings, name)) for name in readings),
        )
    console.print(grid)


def _cell(entry: Entry, verdict: Verdict) -> str:
    if verdict.package is None:
        return str(entry.held)
    flag = "" if entry.gain > 0 else " nothing" if entry.gain == 0 else " below"
    return f"{entry.got} ({entry.held}, {signed(entry.gain)}){flag}"


def _total(seat: SeatVerdict, verdict: Verdict) -> str:
    if verdict.package is None:
        return str(seat.held)
    return f"{seat.total} ({seat.held}, {signed(seat.gain)})"


def _lines(console: Console, found: Assessment) -> None:
    """Red lines and mandates, seat by seat."""
    verdict = found.final
    if verdict.package is None:
        return
    _head(console, "Red lines and mandates")
    for seat in verdict.seats:
        kept = f"{sum(line.kept for line in seat.lines)} of {len(seat.lines)} red lines kept"
        least = f"mandate {seat.least} {'met' if seat.mandate_met else 'NOT met'}"
        parts = [kept, least if seat.least else "no mandate under this preset"]
        _say(console, f"{wording.label(found.case, seat.seat)}: {', '.join(parts)}", indent=2)
        for line in seat.lines:
            if line.touched:
                state = "touched, kept" if line.kept else "CROSSED"
                _say(console, f"{state} on {', '.join(line.touched)}: {line.text}", indent=4)


def _measures(console: Console, found: Assessment) -> None:
    """The figures, as signed and after improvement."""
    _head(console, "Measures")
    _say(console, wording.zone(found))
    if found.signed.package is None:
        state = "no deal yet" if found.outcome == "open" else "there is no deal"
        _say(console, f"Nash ratio: 0, {state}.")
        return
    case, after = found.case, found.improved
    _say(console, f"Improvement: {wording.IMPROVEMENTS[found.improvement]}.")
    names = listed_seats(found, found.signed)
    _say(console, f"Thinnest seat as signed: {names}.")
    # What was never put to the seats did not come after anything.
    then_called = "after improvement" if found.improvement == "accepted" else "within reach"
    if after is not None:
        _say(console, f"Thinnest seat {then_called}: {listed_seats(found, after)}.")
        if found.improvement != "accepted":
            _say(console, "Within reach: a text with less for nobody and more for somebody.")
    then = after.measures if after else None
    for label, before, later in measure_rows(found.signed.measures, then):
        tail = f" | {then_called} {later}" if later else ""
        _say(console, f"{label}: {before}{tail}", indent=2)
    for seat in found.signed.seats:
        tail = f" | {then_called} {share(after.seat(seat.seat).use)}" if after else ""
        name = wording.label(case, seat.seat)
        _say(console, f"Surplus use, {name}: {share(seat.use)}{tail}", indent=2)


def listed_seats(found: Assessment, verdict: Verdict) -> str:
    """The thinnest seats with their share."""
    shares = [
        f"{wording.short(found.case, seat)}"
        + ("" if (use := verdict.seat(seat).use) is None else f" ({use:.0%} of its reach)")
        for seat in verdict.thinnest
    ]
    return wording.listed(shares)


def measure_rows(before: Measures, after: Measures | None) -> Iterator[tuple[str, str, str]]:
    """Each figure with its name: as signed, after improvement ('' without one)."""
    labels = (
        ("Nash ratio (1 is the best signable product of gains)", "nash_ratio"),
        ("Smallest gain of a seat", "least_gain"),
        ("Best possible smallest gain", "best_least_gain"),
        ("Joint gain over no deal (a convention)", "joint_gain"),
        ("Share of the largest joint gain used", "joint_used"),
        ("Share left on the table", "joint_left"),
        ("Distance to the frontier in points", "distance"),
        ("Points every seat could still have had on top", "uniform_gain"),
        ("Signable packages better for some, worse for none", "dominators"),
        ("On the frontier", "on_frontier"),
    )
    for label, name in labels:
        later = "" if after is None else figure(getattr(after, name))
        yield label, figure(getattr(before, name)), later


def figure(value: float | bool | None) -> str:
    """A figure as it is printed."""
    if value is None:
        return "no meaning: nothing is signable"
    if isinstance(value, bool):
        return _mark(value)
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def share(value: float | None) -> str:
    """A share in per cent."""
    return "none to have" if value is None else f"{value:.0%}"


def _evidence(console: Console, found: Assessment) -> None:
    """Each gain with the option that pays most for it, and the words that brought it in."""
    verdict, case = found.final, found.case
    if verdict.package is None:
        return
    came = {origin.issue: origin for origin in final_origins(found)}
    _head(console, "What earns it")
    for seat in verdict.seats:
        for entry in seat.entries:
            name = wording.label(case, seat.seat)
            _say(console, f"{name}, {entry.currency} {signed(entry.gain)}", style="bold")
            if not entry.earned or entry.earned[0].points <= 0:
                _say(console, "no option of the text pays in it", indent=2)
                continue
            earning = entry.earned[0]
            origin = came[earning.issue]
            label = wording.clause(case, earning.issue, earning.option)
            told = wording.evidence(case, origin)
            _say(console, f"{label} ({signed(earning.points)}), {told}", indent=2)
            if origin.quote is not None and origin.quote.about:
                tail = "" if origin.quote.whole else " [cut]"
                said = wording.spoken(case, origin.quote)
                _say(console, f"\u201c{origin.quote.text}\u201d{tail} ({said})", indent=4)
            else:
                _say(console, wording.UNNAMED, indent=4)


def final_origins(found: Assessment) -> tuple[Origin, ...]:
    """The origins of the text in force."""
    return found.improved_origins if found.final is found.improved else found.origins


def _text(console: Console, found: Assessment) -> None:
    """The text in force, clause by clause."""
    package = found.final.package
    if package is None:
        return
    _head(console, "The text in force")
    for place, (issue, option) in enumerate(zip(found.case.issues, package, strict=True), 1):
        _say(console, f"{place}. {issue.title}: {issue.option(option).text}")


def _debrief(console: Console, found: Assessment) -> None:
    """Talks without a deal."""
    if found.debrief is None:
        return
    _head(console, "What came closest" if found.debrief.closest else "Nothing was tabled")
    for line in wording.closest(found):
        _say(console, line, indent=2)
    _head(console, "Where everybody stood last")
    for line in wording.stands(found):
        _say(console, line, indent=2)


def _alternatives(console: Console, found: Assessment) -> None:
    """One change away, and the nearest deals that leave nobody out."""
    if found.start is None:
        return
    from_what = "the text in force" if found.final.package else "the best-backed offer"
    _head(console, f"One change away from {from_what}")
    for fix in found.fixes[:FIXES]:
        _fix(console, found, fix)
    if not found.fixes:
        _say(console, "No single change helps whoever got least or harms nobody.", indent=2)
    if len(found.fixes) > FIXES:
        _say(console, f"{len(found.fixes) - FIXES} more are in the page and the JSON.", indent=2)
    _head(console, "The nearest deal that leaves nobody out")
    for line in wording.nearby(found):
        _say(console, line, indent=2)


def _fix(console: Console, found: Assessment, fix: Fix) -> None:
    _say(console, wording.change(found.case, fix.change), style="bold", indent=2)
    _say(console, wording.shifts(found.case, fix.change.shifts), indent=4)
    for line in wording.consequences(found.case, fix):
        _say(console, line, indent=4)


def _references(console: Console, found: Assessment) -> None:
    """Packages to compare with."""
    if not found.references:
        return
    _head(console, "To compare with (totals)")
    for mark in found.references:
        totals = ", ".join(
            f"{wording.label(found.case, seat)} {total}" for seat, total in mark.totals.items()
        )
        able = "" if mark.signable else " (not signable by all under this preset)"
        _say(console, f"{mark.title}{able}: {totals}", indent=2)
