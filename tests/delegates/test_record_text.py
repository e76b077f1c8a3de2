"""The record of a table in a prompt, against a plain reading of the same view."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from app.delegates import record_text
from app.delegates.record_text import ledger, names, state, who, words
from app.domain.state import Offer, Table
from app.library import load_case
from tests.orchestrated import offline
from tests.plain import plain

FLAG = load_case("table-for-five")
ROOM = 10**9


def told(view: Table, seat: str) -> list[str]:
    """Every offer as a prompt has it, put together from the view alone."""
    shorts = {s.id: s.short for s in view.case.seats}
    lines: list[str] = []
    last: dict[str, Offer] = {}
    for offer in view.offers:
        behind = [shorts[s] for s in view.case.seat_ids if s in view.backers(offer.number)]
        by = "you" if offer.by == seat else shorts.get(offer.by) or f"the {offer.by}"
        yours = " You stand behind it." if seat in view.backers(offer.number) else ""
        lines.append(
            f"Offer {offer.number} by {by}, round {offer.round}. Behind it: "
            f"{', '.join(behind) or 'nobody'}.{yours}"
        )
        base = last.get(offer.by)
        if offer.number in view.latest.values() or offer.number == len(view.offers) or not base:
            terms = list(zip(view.agenda.ids, offer.package, strict=True))
            lines.append("  " + "; ".join(f"{issue}={option}" for issue, option in terms))
        else:
            places = view.agenda.differences(base.package, offer.package)
            terms = [(view.agenda.ids[n], offer.package[n]) for n in places]
            changed = "; ".join(f"{issue}={option}" for issue, option in terms)
            lines.append(f"  as offer {base.number} but {changed}")
        last[offer.by] = offer
    return lines or ["There is none yet."]


def heads(view: Table) -> list[str]:
    """Who spoke in the last two rounds, to whom and on what."""
    shorts = {s.id: s.short for s in view.case.seats}
    lines = []
    for remark in view.words:
        if remark.round <= view.round - 2:
            continue
        name = shorts.get(remark.seat) or (
            f"the {remark.seat}" if remark.seat in ("chair", "mediator") else "the facilitator"
        )
        line = f"{name}, round {remark.round}"
        if remark.speech.to:
            line += f", to {who(view.case, remark.speech.to)}"
        on = [issue for issue in remark.speech.issues if issue in view.agenda.ids]
        line += f", on {', '.join(on)}" if on else ""
        lines.append(line + (f", with offer {remark.offer}:" if remark.offer else ":"))
    return lines


def test_offers_words_and_state_are_those_of_the_view() -> None:
    turns = 0
    for case in (FLAG, plain(), FLAG):
        for view, _, seat in offline(case, (1, 2)):
            turns += 1
            assert ledger(view, seat, ROOM).split("\n") == told(view, seat)
            spoken = words(view, ROOM).split("\n")
            assert [line for line in spoken if line in heads(view)] == heads(view)
            gone = [s for s in view.case.seat_ids if s not in view.present]
            assert ("left the table" in state(view, seat)) is bool(gone)
    assert turns > 60


def test_seats_are_named_by_the_case_that_asks() -> None:
    renamed = tuple(replace(seat, short=f"{seat.short} {n}") for n, seat in enumerate(FLAG.seats))
    for case in (FLAG, replace(FLAG, seats=renamed), FLAG):
        for count in range(len(case.seats) + 1):
            for group in combinations(reversed(case.seat_ids), count):
                shorts = [case.seat(seat).short for seat in case.seat_ids if seat in group]
                assert names(case, (*group, "chair")) == (", ".join(shorts) or "nobody")
        assert [who(case, seat) for seat in case.seat_ids] == [s.short for s in case.seats]
        assert who(case, "mediator") == "the mediator"
        assert who(case, "stranger") == "the facilitator"


def test_what_is_kept_of_names_is_bounded() -> None:
    for _ in range(3 * record_text.MOST_ROLLS):
        fresh = replace(FLAG, seats=(*FLAG.seats,))
        assert who(fresh, FLAG.seat_ids[0]) == FLAG.seats[0].short
    assert len(record_text._ROLLS) <= record_text.MOST_ROLLS + 1
    for n in range(3 * record_text.MOST_LISTED):
        assert names(FLAG, (FLAG.seat_ids[0], f"seat {n}")) == FLAG.seats[0].short
    assert len(record_text._roll(FLAG).listed) <= record_text.MOST_LISTED + 1
