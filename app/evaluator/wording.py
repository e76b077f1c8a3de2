"""The sentences of an assessment: one wording for the terminal, the page and the data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.domain.bargaining import Change
from app.domain.case import Case
from app.domain.mandate import Breach
from app.domain.terms import Package, Points
from app.evaluator.alternatives import Fix, Near, Objection
from app.evaluator.evidence import Origin, Quote
from app.evaluator.offers import OfferValue
from app.evaluator.value import Assessment, Improvement
from app.evaluator.verdict import Entry, SeatVerdict, Verdict
from app.evaluator.zone import ways

QUESTION = "Who leaves with nothing?"

READINGS = (
    ("any", "no red line crossed, and in total at least {gain} points more than no deal"),
    ("strong", "that, and in no currency less than no deal"),
    ("each", "in every currency more than no deal"),
)
"""The readings of something of value, and what each asks of a seat."""

CONVENTIONS = (
    "A point is worth something to its own seat only. The joint gain adds points of different "
    "seats: that is a convention, not a measurement.",
    "No deal has no split by issue, so a gain belongs to the whole text; the options named with "
    "it are those that pay in that currency.",
)

OUTCOMES = {
    "agreement": "agreement",
    "impasse": "an impasse",
    "walkout": "a walkout",
    "adjourned": "an adjournment",
    "open": "open",
}

IMPROVEMENTS: dict[Improvement, str] = {
    "accepted": "the seats accepted an improvement; it is in force",
    "refused": "an improvement was put to the seats and refused; the deal stands as signed",
    "none": "no improvement was found that takes nothing from anybody",
    "not asked": "no improvement was put to the seats",
    "no deal": "there is no deal to improve",
}

VOICES = {
    "person": "a person",
    "engine": "the offline engine",
    "model": "a model",
    "chair": "the chair",
    "mediator": "the mediator",
    "facilitator": "the facilitator",
}

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


def shown(text: str) -> str:
    """A text as it is safe to display: control and direction marks become their code points."""
    return _UNSAFE.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def signed(number: int) -> str:
    """A gain or a loss with its sign."""
    return f"+{number}" if number > 0 else str(number).replace("-", "\u2212")


def listed(parts: Sequence[str], last: str = "and") -> str:
    """A list as it is said: a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def short(case: Case, seat: str) -> str:
    """What a seat or a helper is called in a sentence."""
    return case.seat(seat).short if seat in case.seat_ids else f"the {seat}"


def counted(number: int, thing: str) -> str:
    """So many of a thing."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def progress(found: Assessment) -> str:
    """How far the talks came."""
    table = found.table
    return (
        f"{counted(table.turns, 'turn')}, round {table.round} of {table.session.rounds}, "
        f"{counted(len(found.offers), 'offer')}"
    )


def cap(text: str) -> str:
    """A sentence with its first letter capital."""
    return text[:1].upper() + text[1:]


def label(case: Case, seat: str) -> str:
    """What a seat is called in a table or under a plot."""
    return cap(short(case, seat).removeprefix("the "))


def headline(found: Assessment) -> str:
    """The answer to 'Who leaves with nothing?'."""
    if found.final.package is None:
        return _without_deal(found)
    answer = _of_deal(found.case, found.final)
    if found.outcome == "open":
        return f"A text is agreed and the table is still open. {answer}"
    return answer


def _without_deal(found: Assessment) -> str:
    if found.outcome == "open":
        return (
            f"Not known yet: the table is still open, in round {found.table.round} of "
            f"{found.table.session.rounds}, and nothing is signed."
        )
    ending = OUTCOMES[found.outcome]
    return (
        f"Everybody: the talks ended in {ending}, and each delegation is left with what it "
        "holds without a deal."
    )


def _of_deal(case: Case, verdict: Verdict) -> str:
    """The answer for a text that is in force."""
    failing = [seat for seat in verdict.seats if not seat.readings.any]
    if failing:
        told = cap("; ".join(_short_changed(case, failing)))
        rest = [short(case, s.seat) for s in verdict.seats if s.readings.any]
        return f"{told}.{f' Something of value goes to {listed(rest)} only.' if rest else ''}"
    if verdict.readings.each:
        return f"Nobody: every delegation gains in {listed(case.currencies)}."
    told = listed([lack(case, seat) for seat in verdict.seats if seat.lacking])
    return f"Nobody overall, but {told}."


def _short_changed(case: Case, failing: Sequence[SeatVerdict]) -> list[str]:
    """Why seats do not leave with something of value: crossed lines first, then the others."""
    crossed = [short(case, seat.seat) for seat in failing if seat.crossed]
    told = []
    if crossed:
        their = (
            "each have a red line of their own" if len(crossed) > 1 else "has a red line of its own"
        )
        told.append(f"{listed(crossed)} {their} crossed")
    for seat in failing:
        name = short(case, seat.seat)
        if not seat.crossed and seat.gain <= 0:
            told.append(f"{name} leaves with nothing ({signed(seat.gain)} against no deal)")
        elif not seat.crossed:
            told.append(
                f"{name} leaves with less than something of value "
                f"({signed(seat.gain)}, not {case.gain})"
            )
    return told


def lack(case: Case, seat: SeatVerdict) -> str:
    """In which currencies a seat has nothing or loses."""
    nothing = [e.currency for e in seat.lacking if e.gain == 0]
    below = [f"{e.currency} ({signed(e.gain)})" for e in seat.lacking if e.gain < 0]
    parts = []
    if nothing:
        parts.append(f"has nothing in {listed(nothing, 'or')}")
    if below:
        parts.append(f"ends below no deal in {listed(below)}")
    return f"{short(case, seat.seat)} {listed(parts)}"


def yardstick(case: Case) -> str:
    """Where the yardstick comes from: the source's own sentence where a claim gives it."""
    all_seats = "both" if len(case.seats) == 2 else f"all {len(case.seats)}"
    asked = f"Parley asks it of {all_seats} seats, in {listed(case.currencies)}."
    for claim in case.claims:
        if claim.kind == "frame" and "something of value" in claim.text:
            return (
                f"The yardstick is the source's (line {claim.line}): {claim.text} {asked} Where "
                "the sentence names fewer parties, that is Parley's extension of it."
            )
    return f"The yardstick is something of value for everybody. {asked}"


def fiction(case: Case) -> str:
    """What stands above and below every assessment."""
    sources = listed([f"{s.author}, \u201c{s.title}\u201d, {s.publisher}" for s in case.sources])
    drawn = f" Source: {sources}." if sources else ""
    return (
        f"Rehearsal fiction frozen at {case.as_of}; magnitudes are judgments. "
        f"{case.disclaimer}{drawn}"
    )


UNNAMED = "No words with an offer name it."
"""What stands in place of a quote where nobody spoke of an option that was tabled."""


def evidence(case: Case, origin: Origin) -> str:
    """How an option came in, without the words."""
    if origin.first is None:
        return "no offer carried it; the improvement brought it in"
    first = origin.first
    when = f"turn {first.turn}" if first.by in case.seat_ids else f"after turn {first.turn}"
    return f"first tabled by {short(case, first.by)} in offer {first.offer}, {when}"


def spoken(case: Case, quote: Quote) -> str:
    """Who said a quote, and whether a person, the engine or a model spoke it."""
    when = "" if quote.turn is None else f", turn {quote.turn}"
    voice = "" if quote.seat == quote.voice else f", spoken by {VOICES[quote.voice]}"
    return f"{short(case, quote.seat)}{when}{voice}"


def reasons(case: Case, seat: str, package: Package, breaches: Sequence[Breach]) -> str:
    """Why a seat could not sign a text, told to somebody who may know."""
    return listed([_reason(case, seat, package, breach) for breach in breaches])


def _reason(case: Case, seat: str, package: Package, breach: Breach) -> str:
    mandate = case.mandates[seat]
    if breach.rule == "red-line":
        text = next((line.text for line in mandate.red_lines if line.id == breach.line), "")
        return f"it crosses the line \u201c{text.rstrip('.')}\u201d"
    total = mandate.total(package)
    if breach.rule == "signing-test":
        return f"at {total} it is not worth {case.gain} points more than no deal"
    if breach.rule == "mandate":
        return f"at {total} it is below the least total that its instructions set"
    if breach.rule == "currency":
        return breach.reason.replace("it leaves you", "it leaves")
    return breach.reason


def objection(case: Case, package: Package, found: Objection) -> str:
    """Why a seat would refuse a change."""
    loses = f"it loses {found.loss} against the text it starts from" if found.loss else ""
    if found.breaches:
        floor = f"below its floor: {reasons(case, found.seat, package, found.breaches)}"
        return f"{floor}; {loses}" if loses else floor
    return f"{loses}, and stays on or above its floor"


def account(entry: Entry) -> str:
    """One entry of the ledger in words."""
    return f"{entry.got} (no deal {entry.held}, {signed(entry.gain)})"


def clause(case: Case, issue: str, option: str) -> str:
    """The label of an option."""
    return case.agenda.issue(issue).option(option).label


def zone(found: Assessment) -> str:
    """What there was to agree on."""
    held = found.zone
    if not held.signable:
        near = [f"{short(found.case, s)} alone held up {n:,}" for s, n in held.held_up if n]
        tail = f" {listed(near)}." if near else ""
        return f"None of the {held.packages:,} packages could be signed by all seats.{tail}"
    return (
        f"Of {held.packages:,} packages, {held.signable:,} could be signed by all seats under "
        f"this preset; {held.undominated:,} of them are undominated."
    )


def change(case: Case, away: Change) -> str:
    """A change of one issue."""
    title = case.agenda.issue(away.issue).title
    return f"{title}: {clause(case, away.issue, away.option)} instead"


def shifts(case: Case, moved: Mapping[str, Points]) -> str:
    """Who gains and who loses by it, in points over all currencies."""
    told = [f"{short(case, s)} {signed(sum(points))}" for s, points in moved.items() if any(points)]
    return cap(", ".join(told)) if told else "No seat's account changes"


def consequences(case: Case, fix: Fix) -> list[str]:
    """What a fix mends, and who would say no."""
    told = []
    if fix.harmless:
        told.append("It takes nothing from anybody.")
    for seat, currency in fix.fills:
        told.append(f"It gives {short(case, seat)} something in {currency}.")
    for found in fix.objections:
        if found.breaches:
            why = objection(case, fix.change.package, found)
            told.append(f"{cap(short(case, found.seat))} would refuse: {why}.")
    above = [f for f in fix.objections if not f.breaches]
    if above:
        names = listed([f"{short(case, f.seat)} ({signed(-f.loss)})" for f in above])
        theirs = "their floors" if len(above) > 1 else "its floor"
        told.append(
            f"{cap(names)} would lose by it and may say no, though still on or above {theirs}."
        )
    return told


def nearby(found: Assessment) -> list[str]:
    """The nearest deals that leave nobody out, a line each."""
    return [_near(found.case, near) for near in found.nearest]


_ASKS = {
    "signable": "all could sign",
    "strong": "no currency of any seat below no deal",
    "each": "every currency of every seat above no deal",
}


def _near(case: Case, near: Near) -> str:
    asks = _ASKS[near.wanted]
    if near.package is None:
        return f"{near.wanted} ({asks}): no package that all could sign does this."
    if not near.issues:
        return f"{near.wanted} ({asks}): this text does it already."
    chosen = case.agenda.as_mapping(near.package)
    told = [
        f"{case.agenda.issue(issue).title}: {clause(case, issue, chosen[issue])}"
        for issue in near.issues
    ]
    count = counted(len(told), "change")
    return f"{near.wanted} ({asks}), {count}: {'; '.join(told)}. {shifts(case, near.shifts)}."


def closest(found: Assessment) -> list[str]:
    """The offers that came closest, who stood off, and what would have made one of them pass."""
    case, debrief = found.case, found.debrief
    if debrief is None:
        return []
    told = [_close(case, offer) for offer in debrief.closest]
    if debrief.turning is not None:
        best = debrief.closest[0].number
        told.append(
            f"One change would have made offer {best} signable by all: "
            f"{change(case, debrief.turning)}."
        )
    elif debrief.closest and debrief.closest[0].signable:
        told.append(f"Offer {debrief.closest[0].number} could have been signed by all as it stood.")
    elif debrief.closest:
        told.append("No single change would have made the best-backed offer signable by all.")
    if found.zone.passing == 0:
        told.append(_shut(found, ways(case, debrief.openings, debrief.easing)))
    return told


def _shut(found: Assessment, changes: Sequence[str]) -> str:
    """No deal was to be had: that, and the smallest changes of mandates that make one possible."""
    remedy = listed(changes[:3], "or") if changes else "only fewer red lines"
    return f"Nothing could be agreed under {found.table.preset}. What would open it: {remedy}."


def _close(case: Case, offer: OfferValue) -> str:
    backers = listed([short(case, seat) for seat in offer.peak]) or "nobody"
    told = [
        f"Offer {offer.number} by {short(case, offer.by)}, turn {offer.turn}: {backers} behind it"
    ]
    willing: list[str] = []
    for seat in case.seat_ids:
        if seat in offer.peak:
            continue
        if seat in offer.refusals:
            why = reasons(case, seat, offer.package, offer.refusals[seat])
            told.append(f"{short(case, seat)} could not sign: {why}")
        else:
            willing.append(short(case, seat))
    if willing:
        theirs = "their floors" if len(willing) > 1 else "its floor"
        told.append(f"{listed(willing)} stood off although it lay on or above {theirs}")
    return f"{'; '.join(told)}."


def stands(found: Assessment) -> list[str]:
    """Where each seat stood at the end and what that was worth to it."""
    if found.debrief is None:
        return []
    case, offers = found.case, {offer.number: offer for offer in found.offers}
    told = []
    for place in found.debrief.positions:
        held = sum(case.mandates[place.seat].no_deal)
        parts = [
            f"{verb} offer {number}, worth {offers[number].totals[place.seat]} to it"
            for verb, number in (("last tabled", place.tabled), ("last backed", place.backed))
            if number is not None
        ]
        stood = listed(parts) if parts else "tabled and backed nothing"
        told.append(f"{cap(short(case, place.seat))} {stood}; no deal leaves it {held}.")
    return told
