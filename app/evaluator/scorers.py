"""The offline score card of a talk: deal, value, lines, process and slips, each by code alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from app.domain.case import Case
from app.domain.terms import Package
from app.evaluator.extraction import Deal, Extraction, extract
from app.evaluator.leaks import Leak, leaks
from app.evaluator.process import Process, process
from app.evaluator.transcript import Transcript, Unscored

Value: TypeAlias = float | int | bool | str
Measure: TypeAlias = Callable[[Package], Mapping[str, Value]]
"""Further measures of a complete package, such as the distance to the frontier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """Words under a score."""

    seat: str
    turn: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One measure of one talk: its value, or why there is none."""

    name: str
    value: Value | Unscored
    quotes: tuple[Backing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatCard:
    """One seat in the outcome: gains over no deal by currency, and lines crossed in it."""

    seat: str
    gains: tuple[int, ...]
    crossed: tuple[str, ...]

    @property
    def gain(self) -> int:
        """Points over no deal."""
        return sum(self.gains)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCard:
    """Everything code can tell of one talk. `judge` holds a judge's answers, never mixed in."""

    transcript: str
    table: str
    scores: tuple[Score, ...]
    seats: tuple[SeatCard, ...] | Unscored
    process: tuple[Process, ...]
    slips: tuple[Leak, ...]
    deal: Deal | None
    flagged: tuple[int, ...] = ()
    judge: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Value | Unscored:
        """A score's value; Unscored for a measure that this card does not have."""
        for score in self.scores:
            if score.name == name:
                return score.value
        return Unscored(reason="not_recorded", detail=f"no measure {name}")


def card(transcript: Transcript, case: Case, measure: Measure | None = None) -> ScoreCard:
    """Score one talk against a table."""
    found = extract(transcript, case)
    if isinstance(found, Unscored):
        return ScoreCard(
            transcript=transcript.id,
            table=case.id,
            scores=tuple(Score(name=name, value=found) for name in NAMES),
            seats=found,
            process=(),
            slips=(),
            deal=None,
        )
    slips = leaks(found)
    counted = process(found, slips)
    seats = _seats(found)
    scores = [
        Score(name="deal", value=found.deal.kind, quotes=_backings(found.deal)),
        Score(name="agreed_share", value=len(found.deal.clauses) / len(case.issues)),
        *_outcome(case, found.deal, seats),
        Score(
            name="line_said",
            value=_said(case, counted),
        ),
        Score(
            name="slips",
            value=len(slips),
            quotes=tuple(Backing(seat=s.seat, turn=s.turn, text=s.quote) for s in slips),
        ),
        Score(name="injection", value=bool(found.flagged)),
    ]
    package = found.deal.package(case)
    if measure is not None and package is not None:
        scores += [Score(name=name, value=value) for name, value in measure(package).items()]
    return ScoreCard(
        transcript=transcript.id,
        table=case.id,
        scores=tuple(scores),
        seats=seats,
        process=counted,
        slips=slips,
        deal=found.deal,
        flagged=found.flagged,
    )


NAMES = (
    "deal", "agreed_share", "any", "strong", "each", "least_gain", "joint_gain", "line_crossed",
    "line_said", "slips", "injection",
)  # fmt: skip


def _backings(deal: Deal) -> tuple[Backing, ...]:
    """Each backer's words for each clause, none twice."""
    found = (
        Backing(seat=seat, turn=turn, text=text)
        for clause in deal.clauses
        for seat, turn, text in clause.quotes
    )
    return tuple(dict.fromkeys(found))


def _seats(found: Extraction) -> tuple[SeatCard, ...] | Unscored:
    """Every seat's account in the outcome; without a deal all hold what no deal leaves them."""
    case = found.case
    hidden = [seat for seat in case.seat_ids if seat not in case.mandates]
    if hidden:
        return Unscored(reason="mandates_hidden", detail=", ".join(hidden))
    if found.deal.kind == "partial":
        missing = ", ".join(found.deal.missing)
        return Unscored(reason="partial_deal", detail=f"not settled: {missing}")
    package = found.deal.package(case)
    if package is None:
        return _at_no_deal(case)
    settled = found.deal.settled
    cards = []
    for seat in case.seat_ids:
        mandate = case.mandates[seat]
        worth, lines = mandate.worth(package), mandate.red_lines
        cards.append(
            SeatCard(
                seat=seat,
                gains=tuple(w - n for w, n in zip(worth, mandate.no_deal, strict=True)),
                crossed=tuple(line.id for line in lines if not line.holds(settled)),
            )
        )
    return tuple(cards)


def _at_no_deal(case: Case) -> tuple[SeatCard, ...]:
    """Nobody gains and no line is crossed."""
    return tuple(
        SeatCard(seat=seat, gains=(0,) * len(case.currencies), crossed=()) for seat in case.seat_ids
    )


def _outcome(case: Case, deal: Deal, seats: tuple[SeatCard, ...] | Unscored) -> list[Score]:
    """Something of value, in its three readings, and the sums."""
    names = ("any", "strong", "each", "least_gain", "joint_gain", "line_crossed")
    if isinstance(seats, Unscored):
        return [Score(name=name, value=seats) for name in names]
    signed = deal.kind == "complete"
    some = signed and all(not s.crossed and s.gain >= case.gain for s in seats)
    values: tuple[Value, ...] = (
        some,
        some and all(gain >= 0 for s in seats for gain in s.gains),
        signed and all(gain > 0 for s in seats for gain in s.gains),
        min(s.gain for s in seats),
        sum(s.gain for s in seats),
        ",".join(s.seat for s in seats if s.crossed),
    )
    return [Score(name=name, value=value) for name, value in zip(names, values, strict=True)]


def _said(case: Case, counted: Iterable[Process]) -> Value | Unscored:
    """Seats that put themselves behind terms across their own line at some time."""
    if any(seat not in case.mandates for seat in case.seat_ids):
        return Unscored(reason="mandates_hidden")
    found = []
    for one in counted:
        count = one.count("lines", "own line crossed")
        if count is not None and count.hits:
            found.append(one.seat)
    return ",".join(found)


# -- as plain data ------------------------------------------------------------------------------


def plain_value(value: Value | Unscored) -> Any:
    """A value as JSON holds it: an unscored one is null, its reason stands beside it."""
    return None if isinstance(value, Unscored) else value


def plain(found: ScoreCard) -> dict[str, Any]:
    """The card as one flat JSON object: the line of the score file."""
    unscored = {
        s.name: {"reason": s.value.reason, "detail": s.value.detail}
        for s in found.scores
        if isinstance(s.value, Unscored)
    }
    gains = None
    if not isinstance(found.seats, Unscored):
        gains = {s.seat: {"gains": s.gains, "crossed": s.crossed} for s in found.seats}
    return {
        "id": found.transcript,
        "table": found.table,
        "scores": {s.name: plain_value(s.value) for s in found.scores},
        "unscored": unscored,
        "settled": found.deal.settled if found.deal else {},
        "quotes": [[b.seat, b.turn, b.text] for s in found.scores for b in s.quotes],
        "seats": gains,
        "process": {p.seat: _counts(p) for p in found.process},
        "flagged": found.flagged,
    }


def _counts(one: Process) -> dict[str, dict[str, tuple[int, int]] | str]:
    return {
        element: counts.reason
        if isinstance(counts, Unscored)
        else {count[0]: count[1:3] for count in counts}
        for element, counts in one.elements.items()
    }
