"""The commitment ledger as a fold: what makes a deal, what undoes it, whatever the order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.case import PassRule
from app.evaluator.acts import Act
from app.evaluator.ledger import Book, ledger

SEATS = ("north", "south", "east")
ISSUES = ("water", "power", "border")
OPTIONS = ("a", "b", "c")
RULE = PassRule(required=SEATS, at_least=3)

terms = st.dictionaries(st.sampled_from(ISSUES), st.sampled_from(OPTIONS), max_size=3).map(
    lambda chosen: tuple(chosen.items())
)


@st.composite
def acts(draw: st.DrawFn) -> list[Act]:
    return [
        Act(
            turn=turn,
            seat=draw(st.sampled_from(SEATS)),
            kind=draw(st.sampled_from(["offer", "accept", "reject", "retract", "query"])),
            terms=draw(terms),
            firmness=draw(st.sampled_from(["firm", "firm", "soft", "conditional", "hedged"])),
            conditions=draw(terms),
            strings=draw(st.booleans()),
        )
        for turn in range(1, draw(st.integers(1, 14)) + 1)
    ]


def agreed(done: list[Act]) -> dict[str, str]:
    return ledger(done, ISSUES, RULE).agreed


@given(acts())
def test_what_is_agreed_was_named_by_every_seat(done: list[Act]) -> None:
    found = ledger(done, ISSUES, RULE)
    for line in found.lines:
        if line.status == "agreed":
            assert set(line.backers) == set(SEATS)
            assert {seat for seat, _, _ in line.quotes} == set(SEATS)
            spoke = {act.seat for act in done if act.kind in ("offer", "accept")}
            assert spoke == set(SEATS)


@given(acts(), st.integers(0, 14))
def test_a_prefix_is_the_state_at_its_end(done: list[Act], cut: int) -> None:
    book = Book(ISSUES, RULE)
    for act in done[:cut]:
        book.enter(act)
    assert book.ledger() == ledger(done[:cut], ISSUES, RULE)


@given(acts())
def test_queries_change_no_agreement(done: list[Act]) -> None:
    asked = Act(turn=0, seat="north", kind="query", terms=(("water", "a"),))
    assert agreed([asked, *done]) == agreed(done)


@given(acts(), st.sampled_from(SEATS))
def test_who_walks_agrees_to_nothing(done: list[Act], seat: str) -> None:
    assert agreed([*done, Act(turn=99, seat=seat, kind="walk_away")]) == {}
    assert agreed([*done, Act(turn=99, seat=seat, kind="retract")]) == {}


@given(st.permutations(SEATS), terms)
def test_an_offer_taken_up_by_all_is_agreed(
    order: tuple[str, ...], offered: tuple[tuple[str, str], ...]
) -> None:
    first, *rest = order
    done = [Act(turn=1, seat=first, kind="offer", terms=offered)]
    done += [Act(turn=n, seat=s, kind="accept") for n, s in enumerate(rest, 2)]
    assert agreed(done) == dict(offered)
    assert agreed(done[:-1]) == {}
    wavering = done[-1]._replace(firmness="hedged")
    assert agreed([*done[:-1], wavering]) == {}


def test_an_author_who_moves_frees_those_who_accepted() -> None:
    done = [
        Act(turn=1, seat="north", kind="offer", terms=(("water", "a"),)),
        Act(turn=2, seat="south", kind="accept"),
        Act(turn=3, seat="east", kind="accept"),
        Act(turn=4, seat="north", kind="offer", terms=(("water", "b"),)),
        Act(turn=5, seat="north", kind="offer", terms=(("water", "a"),)),
    ]
    assert agreed(done[:3]) == {"water": "a"}
    assert ledger(done[:4], ISSUES, RULE).line("water").status == "reopened"
    assert agreed(done) == {}


def test_a_condition_that_names_nothing_needs_everybodys_uptake() -> None:
    done = [
        Act(turn=1, seat="north", kind="offer", terms=(("water", "a"),), firmness="conditional",
            strings=True),
        Act(turn=2, seat="south", kind="offer", terms=(("water", "a"),)),
        Act(turn=3, seat="east", kind="offer", terms=(("water", "a"),)),
    ]  # fmt: skip
    assert agreed(done) == {}
    taken = [Act(turn=n, seat=s, kind="accept", of="north") for n, s in ((4, "south"), (5, "east"))]
    assert agreed([*done, taken[0]]) == {}
    assert agreed([*done, *taken]) == {"water": "a"}


def test_terms_traded_bind_only_together() -> None:
    offer = Act(
        turn=1,
        seat="north",
        kind="offer",
        terms=(("water", "a"),),
        conditions=(("power", "b"),),
        firmness="conditional",
    )
    only = [
        offer,
        Act(turn=2, seat="south", kind="offer", terms=(("water", "a"),)),
        Act(turn=3, seat="east", kind="offer", terms=(("water", "a"),)),
    ]
    assert agreed(only) == {}
    both = [
        *only,
        Act(turn=4, seat="south", kind="offer", terms=(("power", "b"),)),
        Act(turn=5, seat="east", kind="offer", terms=(("power", "b"),)),
    ]
    assert agreed(both) == {"water": "a", "power": "b"}


def test_fewer_seats_suffice_where_the_rule_says_so() -> None:
    rule = PassRule(required=("north",), at_least=2, vetoes=("north",))
    done = [
        Act(turn=1, seat="north", kind="offer", terms=(("water", "a"),)),
        Act(turn=2, seat="south", kind="accept"),
    ]
    assert ledger(done, ISSUES, rule).agreed == {"water": "a"}
    swapped = [act._replace(seat={"north": "east"}.get(act.seat, act.seat)) for act in done]
    assert ledger(swapped, ISSUES, rule).agreed == {}
