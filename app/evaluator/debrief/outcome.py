"""Pages 1, 2 and 4: who left with what, the ledger of currencies, and the four marks of a seat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.events import LineCrossed
from app.domain.mandate import Mandate
from app.domain.table import Table
from app.domain.terms import Package
from app.evaluator import wording
from app.evaluator.debrief.floors import shortfall
from app.evaluator.debrief.ground import Cite, Ground
from app.evaluator.evidence import Origin, origins


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """An option of the text that pays one seat in one currency, with how it came in."""

    issue: str
    option: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """One currency of one seat; `paid` are the options that pay in it, the weightiest first."""

    currency: str
    no_deal: int
    got: int
    paid: tuple[Payment, ...]

    @property
    def gain(self) -> int:
        """Points over no deal."""
        return self.got - self.no_deal


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One seat in the outcome. Without a deal `got` is what no deal leaves it.

    `floor` is the least total it may sign, `best` its highest total over what all could sign
    (None where that is unknown or there is none). The three readings are None without a deal.
    """

    seat: str
    signed: bool
    purses: tuple[Purse, ...]
    floor: int
    capital: int
    best: int | None
    share: float | None
    any: bool | None
    strong: bool | None
    each: bool | None
    lines: int
    crossed: tuple[str, ...]
    touched: tuple[str, ...]
    overridden: bool

    @property
    def total(self) -> int:
        """Points over all currencies."""
        return sum(purse.got for purse in self.purses)

    @property
    def no_deal(self) -> int:
        """Points over all currencies if the talks fail."""
        return sum(purse.no_deal for purse in self.purses)

    @property
    def gain(self) -> int:
        """Points over no deal."""
        return self.total - self.no_deal


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of the text in force, and the words that brought it to the table.

    `cite` are the plainest words with which an offer with this option was tabled, the same as in
    the assessment; None where none speak of it.
    """

    issue: str
    title: str
    option: str
    label: str
    text: str
    came: str
    cite: Cite | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Page 1. Strings are whole sentences; those about other sheets are empty in a seat's view."""

    outcome: str
    reason: str
    progress: str
    headline: str
    record_mode: bool
    overrides: tuple[str, ...]
    accounts: tuple[Account, ...]
    clauses: tuple[Clause, ...]
    improvement: str
    closest: tuple[str, ...]
    stands: tuple[str, ...]
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Page 2: every seat's purse in every currency."""

    signed: bool
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One mark over all seats: no deal, floor, outcome or best."""

    name: str
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Page 4: the four marks of every seat, in one order."""

    levels: tuple[Level, ...]


def verdict(on: Ground) -> Verdict:
    """Page 1."""
    table, found = on.table, on.found
    closed = table.closed
    outcome = closed.outcome if closed else "open"
    return Verdict(
        outcome=outcome,
        reason=closed.reason if closed else "",
        progress=(
            f"{wording.counted(table.turns, 'turn')}, round {table.round} of "
            f"{table.session.rounds}, {wording.counted(len(table.offers), 'offer')}"
        ),
        headline=wording.headline(found) if found else _own_headline(on),
        record_mode=table.session.record,
        overrides=tuple(_overrides(on)),
        accounts=accounts(on),
        clauses=clauses(on),
        improvement=_improvement(on),
        closest=tuple(wording.closest(found)) if found else (),
        stands=tuple(wording.stands(found)) if found else (),
        zone=wording.zone(found) if found else "",
    )


def ledger(on: Ground) -> Ledger:
    """Page 2."""
    return Ledger(signed=on.signed is not None, accounts=accounts(on))


def axes(on: Ground) -> Axes:
    """Page 4."""
    held = accounts(on)
    levels = [
        Level(name="no deal", values={a.seat: a.no_deal for a in held}),
        Level(name="floor", values={a.seat: a.floor for a in held}),
    ]
    if on.signed is not None:
        levels.append(Level(name="outcome", values={a.seat: a.total for a in held}))
    best = {a.seat: a.best for a in held if a.best is not None}
    if best:
        levels.append(Level(name="best signable", values=best))
    return Axes(levels=tuple(levels))


def accounts(on: Ground) -> tuple[Account, ...]:
    """The account of every seat whose sheet is known."""
    return tuple(account(on, seat) for seat in on.known)


def account(on: Ground, seat: str) -> Account:
    """One seat's account of the text in force."""
    case, table, package = on.case, on.table, on.signed
    mandate = case.mandates[seat]
    purses = _purses(on, mandate, package)
    gains = [purse.gain for purse in purses]
    settled = {} if package is None else case.agenda.as_mapping(package)
    crossed = tuple(x for x in mandate.red_lines if package is not None and not x.holds(settled))
    value = package is not None and not crossed and sum(gains) >= case.gain
    floor = case.floor(seat, table.preset)
    judged = on.found.final.seat(seat) if on.found else None
    return Account(
        seat=seat,
        signed=table.deal is not None and seat in table.deal.backers,
        purses=purses,
        floor=floor.total,
        capital=floor.least,
        best=judged.best if judged else None,
        share=judged.use if judged and package is not None else None,
        any=None if package is None else value,
        strong=None if package is None else value and min(gains) >= 0,
        each=None if package is None else min(gains) > 0,
        lines=len(mandate.red_lines),
        crossed=tuple(line.text for line in crossed),
        touched=tuple(
            line.text for line in mandate.red_lines if line.touched(settled) and line not in crossed
        ),
        overridden=_overrode(on, seat),
    )


def _purses(on: Ground, mandate: Mandate, package: Package | None) -> tuple[Purse, ...]:
    held = mandate.no_deal
    got = held if package is None else mandate.worth(package)
    purses = []
    for place, currency in enumerate(on.case.currencies):
        paid = [
            Payment(issue=issue.id, option=option, points=row[option][place])
            for issue, row, option in zip(
                on.case.issues, mandate.sheet, package or (), strict=package is not None
            )
            if row[option][place]
        ]
        paid.sort(key=lambda each: -each.points)
        purses.append(
            Purse(currency=currency, no_deal=held[place], got=got[place], paid=tuple(paid))
        )
    return tuple(purses)


def _overrode(on: Ground, seat: str) -> bool:
    """Whether the seat put its name to the text signed below its own floor."""
    return any(c.seat == seat and stands(on.table, c) for c in on.table.crossings)


def stands(table: Table, crossing: LineCrossed) -> bool:
    """Whether a crossing is in the text signed; number 0 is the improvement."""
    if not crossing.offer:
        return table.improved is not None and table.improved.outcome == "accepted"
    deal = table.deal
    return deal is not None and deal.offer == crossing.offer and crossing.seat in deal.backers


def _overrides(on: Ground) -> list[str]:
    """Every crossing of an own floor that this viewer may know of."""
    case = on.case
    improved = on.table.improved.package if on.table.improved else on.table.improvement or ()
    told = []
    for crossing in on.table.crossings:
        offer = on.table.offer(crossing.offer)
        where = "the text signed" if stands(on.table, crossing) else "a text that is not in force"
        package = offer.package if offer else improved
        why = shortfall(case, on.table.preset, crossing.seat, package, crossing.breaches)
        what = f"offer {crossing.offer}" if crossing.offer else "its answer to the improvement"
        told.append(
            f"{wording.label(case, crossing.seat)} went below its own floor in {what}, turn "
            f"{crossing.turn} ({where}): {why}."
        )
    return told


def clauses(on: Ground) -> tuple[Clause, ...]:
    """The text in force, each clause with its origin."""
    package, table = on.signed, on.table
    if package is None or table.deal is None:
        return ()
    improved = package != table.deal.package
    came = origins(table, package, None if improved else table.deal.offer)
    return tuple(_clause(on, origin) for origin in came)


def _clause(on: Ground, origin: Origin) -> Clause:
    issue = on.case.agenda.issue(origin.issue)
    option = issue.option(origin.option)
    quote, cite = origin.quote, None
    if quote is not None and quote.about:
        offer = on.table.offer(quote.offer)
        turn = quote.turn if quote.turn is not None else offer.turn if offer else 0
        cite = Cite(
            seat=quote.seat,
            voice=quote.voice,
            turn=turn,
            between=quote.turn is None,
            text=quote.text,
            whole=quote.whole,
        )
    return Clause(
        issue=issue.id,
        title=issue.title,
        option=option.id,
        label=option.label,
        text=option.text,
        came=wording.cap(wording.evidence(on.case, origin)),
        cite=cite,
    )


def _improvement(on: Ground) -> str:
    """What became of the improvement, as far as the viewer may know."""
    if on.table.deal is None:
        return ""
    if on.found is not None:
        return wording.cap(wording.IMPROVEMENTS[on.found.improvement]) + "."
    settled = on.table.improved
    return "" if settled is None else wording.cap(wording.IMPROVEMENTS[settled.outcome]) + "."


def _own_headline(on: Ground) -> str:
    """The answer for one seat alone, from its own sheet."""
    own = account(on, on.viewer)
    name = wording.cap(wording.short(on.case, own.seat))
    if on.signed is None:
        state = "the table is still open" if on.table.closed is None else "there is no deal"
        return f"{name}: {state}; without one it holds {own.no_deal} points."
    told = f"{name} leaves with {own.total} points, {wording.signed(own.gain)} against no deal"
    lacking = [f"{p.currency} ({wording.signed(p.gain)})" for p in own.purses if p.gain <= 0]
    return f"{told}; nothing gained in {wording.listed(lacking)}." if lacking else f"{told}."
