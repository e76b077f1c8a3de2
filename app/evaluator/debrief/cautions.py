"""What a seat could change next time: rules that look for it, the weightiest first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from app.domain.table import Offer
from app.evaluator import wording
from app.evaluator.debrief.advice import (
    Advice,
    Rule,
    asked,
    bearing,
    caution,
    clause,
    first_word,
    heaviest,
    lines_of,
    name_of,
    own_offers,
    question,
    span,
    step_words,
    tabled_words,
)
from app.evaluator.debrief.dance import peak_backers, steps
from app.evaluator.debrief.floors import shortfall
from app.evaluator.debrief.ground import Ground
from app.evaluator.debrief.talk import AVERAGE, SKILLED
from app.evaluator.transcript import plain_name


def overridden(on: Ground, seat: str) -> Iterator[Advice]:
    """Its own floor crossed by an override."""
    for crossing in on.table.crossings:
        offer = on.table.offer(crossing.offer)
        if crossing.seat != seat or offer is None:
            continue
        why = shortfall(on.case, on.table.preset, seat, offer.package, crossing.breaches)
        yield caution(
            "lines",
            f"It stood behind offer {offer.number} below its own floor: {why}.",
            "Write down before the talks what would justify leaving your instructions, and ask "
            "for exactly that in return.",
            crossing.turn,
            tabled_words(on, offer.number),
        )


def leaked(on: Ground, seat: str) -> Iterator[Advice]:
    """Its own secret said aloud."""
    for leak in on.leaks:
        if leak.seat != seat or leak.kind == "contradiction":
            continue
        line = on.line(leak.turn)
        what = "a figure" if leak.kind == "number" else "words"
        yield caution(
            "honesty",
            f"It said aloud {what} of its own confidential brief: \u201c{leak.secret}\u201d.",
            "Say what matters most and why; keep the figure and the wording of the brief.",
            line.turn,
            on.cite(line, leak.quote),
        )


def passed_over(on: Ground, seat: str) -> Iterator[Advice]:
    """A text all could sign, worth more to it than the outcome, that it never stood behind.

    In a seat's own view, and only where there was no deal: one that it could sign itself.
    """
    preset, signed = on.table.preset, on.signed
    if signed is not None and not on.whole:
        return
    now = on.total(seat, signed) if signed else sum(on.case.mandates[seat].no_deal)
    peaks = peak_backers(on)
    missed = [
        (on.total(seat, offer.package), offer)
        for offer in on.table.offers
        if seat not in peaks[offer.number] and offer.by != seat
        if any(moved.seat == seat and moved.turn > offer.turn for moved in on.table.moves)
        if not any(on.case.breaches(s, offer.package, preset) for s in on.known)
    ]
    if signed is None:
        most = max((len(peaks[each.number]) for _, each in missed), default=0)
        missed = [(gain, each) for gain, each in missed if len(peaks[each.number]) == most]
    worth, offer = max(missed, key=lambda each: (each[0], -each[1].number), default=(0, None))
    if offer is None or worth <= now:
        return
    end = "the text signed" if signed else "no deal"
    whose = "every seat's" if on.whole else "its own"
    behind = wording.counted(len(peaks[offer.number]), "seat")
    yield caution(
        "lines" if signed is None else "concessions",
        f"Offer {offer.number} of {name_of(on, offer.by)}, turn {offer.turn}, lay on or above "
        f"{whose} floor, had {behind} behind it and was worth {worth} to this one, "
        f"{worth - now} more than {end}; it never stood behind it.",
        "Before the last rounds put every standing offer beside your floor, and say openly which "
        "of them you could sign.",
        offer.turn,
        tabled_words(on, offer.number),
    )


def gave_twice(on: Ground, seat: str) -> Iterator[Advice]:
    """Two steps down in a row while nobody moved toward it."""
    for first, second in pairwise(steps(on, seat)):
        if first.own >= 0 or second.own >= 0 or first.toward or second.toward:
            continue
        price = wording.counted(-first.own, "point")
        given = min((*first.shifts, *second.shifts), key=lambda shift: shift.own)
        yield caution(
            "concessions",
            f"It gave way twice running, {price} at turn {first.turn} and "
            f"{-second.own} at turn {second.turn}, most of it on "
            f"{clause(on, given.issue, given.after)}; in between no other seat bettered its "
            "own last offer for it.",
            "Put the price into the same sentence as the concession, and wait for an answer "
            "before the next one.",
            second.turn,
            step_words(on, second),
        )


def left_empty(on: Ground, seat: str) -> Iterator[Advice]:
    """A currency in which it has nothing, which one change would have filled below no floor."""
    if on.found is None or on.signed is None:
        return
    for fix in on.found.fixes:
        filled = [currency for who, currency in fix.fills if who == seat]
        if not filled or fix.change.refusals:
            continue
        tabled = [
            o for o in own_offers(on, seat) if _holds(on, o, fix.change.issue, fix.change.option)
        ]
        paid = [name_of(on, each.seat) for each in fix.objections]
        cost = f" {wording.cap(wording.listed(paid))} would have lost by it." if paid else ""
        tried = (
            f"it tabled that in offer {tabled[-1].number} and let it go"
            if tabled
            else "it never tabled that"
        )
        yield caution(
            "trades",
            f"It ends with nothing gained in {wording.listed(filled)}. One change would have "
            f"mended it with every seat still at its floor "
            f"({clause(on, fix.change.issue, fix.change.option)}); {tried}.{cost}",
            "Ask in the last third of the talks what that change would cost the others, and what "
            "they would want for it.",
            tabled[-1].turn if tabled else None,
            tabled_words(on, tabled[-1].number) if tabled else None,
        )


def _holds(on: Ground, offer: Offer, issue: str, option: str) -> bool:
    return offer.package[on.case.agenda.index(issue)] == option


def free_gain(on: Ground, seat: str) -> Iterator[Advice]:
    """A change that takes nothing from anybody and gives it more."""
    if on.found is None or on.signed is None:
        return
    for fix in on.found.fixes:
        more = sum(fix.change.shifts[seat])
        if not fix.harmless or more <= 0:
            continue
        option = fix.change.option
        if any(_holds(on, o, fix.change.issue, option) for o in own_offers(on, seat)[-2:]):
            continue
        yield caution(
            "options",
            f"{clause(on, fix.change.issue, option)} in place of what was signed would have given "
            f"it {more} more and taken nothing from anybody; its last offers did not ask for it.",
            "When a text is nearly agreed, go once through every clause and ask who would mind "
            "the next better option for you.",
        )


def unasked(on: Ground, seat: str) -> Iterator[Advice]:
    """Another seat's weightiest issue, cheap for this one, about which it never asked."""
    if not on.whole:
        return
    missing = []
    for other in on.case.seat_ids:
        issue, weight = heaviest(on, other)
        if other != seat and asked(on, seat, other, issue) is None:
            missing.append((weight - span(on, seat, issue), other, issue, weight))
    if not missing:
        return
    _, other, issue, weight = max(missing, key=lambda each: each[0])
    theirs, own, name = first_word(on, other, issue), span(on, seat, issue), name_of(on, other)
    cheap = "; for it that is cheap to move on" if 2 * own < weight else ""
    yield caution(
        "interests",
        f"No question of it to {name} named \u201c{issue.title}\u201d, which weighs most on that "
        f"seat's sheet ({weight} points between best and worst, {own} on its own{cheap}).",
        f"Ask {name} in the first two rounds what lies behind its stand on this, before you table "
        "anything about it.",
        theirs.turn if theirs else None,
        theirs,
    )


def annoyed(on: Ground, seat: str) -> Iterator[Advice]:
    """A threat or words that annoy."""
    for counted in on.counted:
        if counted.seat != seat:
            continue
        for element, name, mark in (
            ("lines", "threats", "threat"),
            ("face", "irritators", "irritator"),
        ):
            count = counted.count(element, name)
            if count is not None and count.turns:
                line = on.line(count.turns[0])
                yield caution(
                    element,
                    f"In {wording.counted(count.hits, 'line')} it used words that a rule takes "
                    f"for {'a threat' if name == 'threats' else 'needlessly annoying'}: judge by "
                    "the quote.",
                    "Say what you would have to do and why, without announcing what it will cost "
                    "them."
                    if name == "threats"
                    else "Leave out words that praise your own offer or doubt their sense.",
                    line.turn,
                    on.cite(line, bearing(line, mark)),
                )


def little_listening(on: Ground, seat: str) -> Iterator[Advice]:
    """Fewer questions than average negotiators ask, or never a summary or a check."""
    counted = next((one for one in on.counted if one.seat == seat), None)
    count = counted.count("listening", "questions") if counted else None
    if counted is None or count is None or not count.of:
        return
    share = 100 * count.hits / count.of
    summed = [counted.count("listening", name) for name in ("summaries", "check-backs")]
    silent = not any(found is not None and found.hits for found in summed)
    if share >= AVERAGE and not silent:
        return
    told = (
        [
            f"{_of_them(count.hits, count.of)} ({share:.0f} %); in one "
            f"study skilled negotiators asked with {SKILLED:g} % of what they did, average ones "
            f"with {AVERAGE:g} %"
        ]
        if share < AVERAGE
        else []
    )
    if silent:
        told.append("no rule found a summary of what others had said, or a check of it")
    line = on.line(count.turns[0]) if count.turns else None
    yield caution(
        "listening",
        f"{wording.cap('; '.join(told))}.",
        "Put one open question into every turn that carries an offer, and before a counter-offer "
        "say in one sentence what you heard.",
        line.turn if line else None,
        on.cite(line, question(line)) if line else None,
    )


def _of_them(asked: int, of: int) -> str:
    """How many of so many sentences were questions."""
    if asked > 1:
        return f"{asked} of its {of} sentences were questions"
    return f"{'one' if asked else 'none'} of its {of} sentences was a question"


def worse_for_all(on: Ground, seat: str) -> Iterator[Advice]:
    """A step that cost itself and pleased nobody."""
    bad = [s for s in steps(on, seat) if s.own < 0 and on.whole and not s.pleased]
    for step in sorted(bad, key=lambda s: s.own)[:1]:
        yield caution(
            "trades",
            f"Offer {step.offer} (turn {step.turn}) was worth {-step.own} less to itself than its "
            "offer before, and more to no other seat.",
            "When you give, give where it is worth something to somebody; ask where first.",
            step.turn,
            step_words(on, step),
        )


def took_back(on: Ground, seat: str) -> Iterator[Advice]:
    """A later step that asked for more again at the others' cost."""
    back = [s for s in steps(on, seat) if s.own > 0 and s.others is not None and s.others < 0]
    for step in sorted(back, key=lambda s: -s.own)[:1]:
        yield caution(
            "concessions",
            f"Offer {step.offer} (turn {step.turn}) asked for {step.own} more for itself than its "
            f"offer before and gave the others together {-(step.others or 0)} less.",
            "When you have to take something back, say why in the same turn and offer another way.",
            step.turn,
            step_words(on, step),
        )


def unnamed(on: Ground, seat: str) -> Iterator[Advice]:
    """Seats it neither addressed nor named."""
    counted = next((one for one in on.counted if one.seat == seat), None)
    count = counted.count("parties", "seats addressed") if counted else None
    if count is None or count.hits >= count.of:
        return
    said = " ".join(line.remark.speech.text.casefold() for line in lines_of(on, seat))
    to = {line.remark.speech.to for line in lines_of(on, seat)}
    left = [
        other
        for other in on.case.seat_ids
        if other != seat and other not in to and plain_name(name_of(on, other)) not in said
    ]
    if left:
        yield caution(
            "parties",
            f"It never addressed or named {wording.listed([name_of(on, each) for each in left])}.",
            "Give every seat whose signature you need one turn of your own before the middle of "
            "the talks.",
        )


CHANGE: tuple[Rule, ...] = (
    overridden, leaked, passed_over, gave_twice, left_empty, free_gain, annoyed, unasked,
    worse_for_all, took_back, unnamed, little_listening,
)  # fmt: skip
