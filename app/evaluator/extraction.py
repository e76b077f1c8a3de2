"""The deal of a talk: complete, partial or none, every clause with the words that settle it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from app.domain.case import Case
from app.domain.terms import Package
from app.evaluator.acts import Act, ActKind
from app.evaluator.hearing import Heard, hear
from app.evaluator.ledger import Book, Ledger
from app.evaluator.speech import Ear
from app.evaluator.transcript import Form, Transcript, Turn, Unscored, legible, seats_of

Basis: TypeAlias = Literal["forms", "words", "closing"]
"""What the deal rests on: typed acts, spoken acts of every seat, or one seat's last proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One clause of a deal: the option, the turn that completed it, and each backer's words."""

    issue: str
    option: str
    turn: int
    quotes: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What was agreed. `missing` are issues without an agreed option."""

    kind: Literal["complete", "partial", "none"]
    clauses: tuple[Settled, ...]
    missing: tuple[str, ...]

    @property
    def settled(self) -> dict[str, str]:
        """Issue to option."""
        return {clause.issue: clause.option for clause in self.clauses}

    def package(self, case: Case) -> Package | None:
        """The complete package, or None."""
        chosen = self.settled
        if self.kind != "complete":
            return None
        return tuple(chosen[issue] for issue in case.agenda.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """A talk read against a table. `flagged` are turns that speak to whoever grades the talk."""

    transcript: Transcript
    case: Case
    seats: dict[str, str]
    basis: Basis
    ledger: Ledger
    deal: Deal
    heard: tuple[Heard, ...] = field(default=(), repr=False)
    flagged: tuple[int, ...] = ()


def extract(transcript: Transcript, case: Case) -> Extraction | Unscored:
    """The ledger and the deal: by the forms where they bind, else by the words."""
    if not transcript.turns and not transcript.forms:
        return Unscored(reason="no_turns", detail=f"{transcript.id} holds no words")
    seats = _seats(transcript, case)
    if not seats:
        spoke = ", ".join(transcript.speakers[:6])
        known = ", ".join(case.seat_ids)
        detail = f"none of the speakers ({spoke}) is a seat of {case.id} ({known})"
        return Unscored(reason="speakers_unknown", detail=detail)
    heard = tuple(hear(turn.text) for turn in transcript.turns)
    book = Book(case.agenda.ids, case.rule)
    flagged: tuple[int, ...] = ()
    if transcript.typed:
        for act in _typed(transcript, seats):
            book.enter(act)
    else:
        ear = Ear(case)
        for turn, said in zip(transcript.turns, heard, strict=True):
            for act in ear.acts(turn, seats.get(turn.speaker, turn.speaker), said):
                book.enter(act)
        flagged = tuple(ear.flagged)
    kept = book.ledger()
    deal = _numbered(transcript, case, seats) if transcript.typed else None
    return Extraction(
        transcript=transcript,
        case=case,
        seats=seats,
        basis="forms" if transcript.typed else "words",
        ledger=kept,
        deal=deal or _deal(kept, case),
        heard=heard,
        flagged=flagged,
    )


def _seats(transcript: Transcript, case: Case) -> dict[str, str]:
    """Speakers as seats; a form may come from somebody who never spoke."""
    seats = seats_of(transcript, case)
    for form in transcript.forms:
        if form.by in case.seat_ids:
            seats[form.by] = form.by
    return seats


def _typed(transcript: Transcript, seats: dict[str, str]) -> list[Act]:
    """Forms as acts; a form's sender stands by it, a chair or a mediator by nothing."""
    kinds: dict[str, ActKind] = {
        "submit": "offer",
        "accept": "accept",
        "reject": "reject",
        "retract": "retract",
        "walk": "walk_away",
    }
    return [
        Act(
            turn=form.turn,
            seat=seats.get(form.by, form.by),
            kind=kinds[form.kind],
            terms=tuple(form.terms.items()),
            number=form.number,
            quote=f"[{form.kind} form]",
        )
        for form in transcript.forms
        if form.kind != "agreed"
    ]


def _numbered(transcript: Transcript, case: Case, seats: dict[str, str]) -> Deal | None:
    """The deal where offers are numbered and stay on the table: each has backers of its own.

    Code checks what the table established: an offer without the seats that the rule asks for is
    no deal, whatever the file says. None where offers have no numbers.
    """
    offers = _Offers(case)
    for form in transcript.forms:
        offers.enter(form, seats.get(form.by, form.by))
    if not offers.packages:
        return None
    settled, held = offers.settled, offers.held
    if settled is None:
        return Deal(kind="none", clauses=(), missing=case.agenda.ids)
    quotes = tuple((seat, turn, "[endorsed]") for seat, turn in held.items())
    return Deal(
        kind="complete",
        clauses=tuple(
            Settled(issue=i, option=settled[i], turn=max(held.values()), quotes=quotes)
            for i in case.agenda.ids
        ),
        missing=(),
    )


class _Offers:
    """Numbered offers with the seats behind each, and the one that was established as the deal."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.packages: dict[int, dict[str, str]] = {}
        self._backing: dict[int, dict[str, int]] = {}
        self.settled: dict[str, str] | None = None
        self.held: dict[str, int] = {}

    def enter(self, form: Form, seat: str) -> None:
        """One more form."""
        if form.kind == "walk":
            for backers in self._backing.values():
                backers.pop(seat, None)
        elif form.kind == "agreed":
            self._agreed(form)
        elif form.number is not None:
            self._moved(form, seat, form.number)

    def _agreed(self, form: Form) -> None:
        backers = self._backing.get(form.number or 0, {})
        if form.number is not None and self._case.rule.passes(frozenset(backers)):
            self.settled, self.held = self.packages[form.number], dict(backers)
        elif form.number is None and self.settled is not None:
            self.settled = dict(form.terms)

    def _moved(self, form: Form, seat: str, number: int) -> None:
        if form.kind == "submit":
            self.packages[number] = dict(form.terms)
            self._backing[number] = {seat: form.turn} if seat in self._case.seat_ids else {}
        elif form.kind == "accept" and number in self._backing:
            self._backing[number][seat] = form.turn
        elif form.kind == "retract" and number in self._backing:
            self._backing[number].pop(seat, None)


def _deal(kept: Ledger, case: Case) -> Deal:
    """Agreed issues; complete only where some set of seats stands behind all of them at once."""
    clauses = tuple(
        Settled(issue=line.issue, option=line.option, turn=line.since, quotes=line.quotes)
        for line in kept.lines
        if line.status == "agreed" and line.option is not None
    )
    missing = tuple(line.issue for line in kept.lines if line.status != "agreed")
    if not clauses:
        return Deal(kind="none", clauses=(), missing=missing)
    common = frozenset.intersection(*(frozenset(line.backers) for line in kept.lines))
    if missing or not case.rule.passes(common):
        return Deal(kind="partial", clauses=clauses, missing=missing)
    return Deal(kind="complete", clauses=clauses, missing=())


# -- one seat's closing proposal ----------------------------------------------------------------

_CODE = re.compile(r"(?<![A-Za-z0-9])([A-Z])([1-9])(?![0-9])(?!\.[0-9])")
_LOOSE = re.compile(r"([A-Z])([1-9])")
_TAG = re.compile(r"<DEAL>(.*?)(?:</DEAL>|$)", re.DOTALL | re.IGNORECASE)


def coded_deal(text: str, letters: str, *, loose: bool = False) -> dict[str, str]:
    """Letter to code of a proposal written in codes, "A2,B3": the tagged one, else in the text.

    Half steps such as E2.5 are no option. `loose` is the paper's own reading: the first match
    anywhere, tags and points ignored.
    """
    body = legible(text)
    found: dict[str, str] = {}
    if not loose and (tags := _TAG.findall(body)):
        tagged = {m[1]: m[1] + m[2] for m in _CODE.finditer(tags[-1]) if m[1] in letters}
        if tagged:
            return tagged
    for match in (_LOOSE if loose else _CODE).finditer(body):
        if match[1] in letters:
            found.setdefault(match[1], match[1] + match[2])
    return found


def closing(
    transcript: Transcript, case: Case, seat: str, *, loose: bool = False
) -> tuple[Package, Turn] | Unscored:
    """One seat's last proposal as the outcome, where a game's rules say so.

    That seat's turn marked final, else its last turn; Unscored when it settles not every issue.
    """
    seats = seats_of(transcript, case)
    own = [turn for turn in transcript.turns if seats.get(turn.speaker) == seat]
    if not own:
        return Unscored(reason="speakers_unknown", detail=f"{seat} never speaks")
    last = next((turn for turn in reversed(own) if turn.final), own[-1])
    return proposal_in(last, case, loose=loose)


def proposal_in(turn: Turn, case: Case, *, loose: bool = False) -> tuple[Package, Turn] | Unscored:
    """The complete coded package of a turn."""
    by_letter = {option.id[0].upper(): issue for issue in case.issues for option in issue.options}
    coded = coded_deal(turn.text, "".join(by_letter), loose=loose)
    chosen: list[str] = []
    for issue in case.issues:
        known = {option.id.upper(): option.id for option in issue.options}
        code = next((c for c in coded.values() if c in known), None)
        if code is None:
            return Unscored(reason="partial_deal", detail=f"{turn.id} settles no {issue.id}")
        chosen.append(known[code])
    return tuple(chosen), turn
