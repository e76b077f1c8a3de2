"""What the rules let through, and in what order."""

from __future__ import annotations

from dataclasses import replace

from app.domain.case import PassRule
from app.domain.events import Event, LineCrossed, SeatTaken, Spoken
from app.domain.moves import Ballot, Speech
from app.domain.table import PLENARY
from app.orchestrator.orders import (
    CallCaucus,
    CastBallot,
    Expire,
    Refusal,
    Say,
    TakeSeat,
)
from app.orchestrator.procedure import outstanding
from tests.cases import SEATS
from tests.oracle import complaints, paper_of
from tests.turns import (
    GOOD,
    LOST,
    POOR,
    holder,
    other,
    ranked,
    refused,
    submit,
    table,
    trio,
    turn,
)


def test_an_offer_below_the_floor_names_the_reason_to_its_seat_only_in_the_answer() -> None:
    play = table()
    done = play.hand_in(submit(play, package=POOR if holder(play) == "north" else LOST))
    assert isinstance(done, Refusal)
    assert "your" in done.reason
    assert play.live.offers == ()


def test_two_of_three_agree_and_a_holdout_is_not_asked_to_sign() -> None:
    play = table(trio())
    turn(play, package=GOOD)
    turn(play, endorse=(1,))
    assert play.live.deal is None, "the round goes on to its end"
    turn(play)
    assert play.live.closed is not None
    assert play.live.closed.outcome == "agreement"
    assert play.live.deal is not None
    assert len(play.live.deal.backers) == 2
    assert complaints(paper_of(play.case), play.events) == []


def test_a_veto_holder_outside_keeps_it_open() -> None:
    holding: dict[str, int] = {}
    for vetoed in (*SEATS[:2], "east"):
        rule = PassRule(required=(), at_least=2, vetoes=(vetoed,))
        play = table(replace(trio(), rule=rule), rounds=1)
        turn(play, package=GOOD)
        turn(play, endorse=(1,))
        last = holder(play)
        turn(play)
        assert play.live.closed is not None
        assert (play.live.closed.outcome == "impasse") == (last == vetoed)
        holding[play.live.closed.outcome] = 1
    assert set(holding) == {"agreement", "impasse"}


def test_a_walkout_ends_the_talks_when_no_rule_can_be_met() -> None:
    play = table()
    turn(play, walk=True)
    assert play.live.closed is not None
    assert play.live.closed.outcome == "walkout"


def test_a_walkout_goes_unmourned_when_the_others_suffice() -> None:
    play = table(trio())
    gone = holder(play)
    turn(play, package=GOOD)
    while holder(play) != gone:
        turn(play)
    turn(play, walk=True)
    assert play.live.closed is None
    assert play.live.backers(1) == frozenset()
    assert gone not in {a.seat for a in outstanding(play.live)}


def test_an_absent_seat_owes_no_answer_in_a_room_it_sat_in() -> None:
    play = table(trio())
    gone = holder(play)
    friend = other(play)
    play.hand_in(TakeSeat(seat=friend, occupant="person"))
    play.hand_in(CallCaucus(by=friend, seats=(gone, friend), topic=""))
    room = next(iter(play.live.rooms))
    asked = Say(seat=friend, room=room, speech=Speech(text="Well?", by="person"))
    assert not isinstance(play.hand_in(asked), Refusal)
    assert ("reply", gone) in {(a.act, a.seat) for a in outstanding(play.live)}
    turn(play, walk=True)
    assert gone not in {a.seat for a in outstanding(play.live)}
    again = Say(seat=friend, room=PLENARY, speech=Speech(text="Well?", by="person", to=gone))
    assert not isinstance(play.hand_in(again), Refusal)
    assert gone not in {a.seat for a in outstanding(play.live)}


def test_a_clock_that_ran_out_passes_the_turn_on_in_the_facilitators_voice() -> None:
    play = table(turn_seconds=60)
    seat = holder(play)
    play.now += 59_999
    assert refused(play, Expire(turn=play.live.turns)) == "not-due"
    play.now += 1
    assert not isinstance(play.hand_in(Expire(turn=play.live.turns)), Refusal)
    last = play.live.moves[-1]
    assert (last.seat, last.stand_in, last.move.speech.by) == (seat, "clock", "facilitator")
    assert holder(play) != seat


def test_a_reading_goes_to_the_speaker_only() -> None:
    play = table(people=("north",))
    said = Say(
        seat="north",
        room=PLENARY,
        speech=Speech(text="We could take water-a.", by="person"),
        reading=(("water", "water-a"),),
        reading_text="You offer water-a?",
    )
    play.hand_in(said)
    kinds: list[tuple[type, tuple[str, ...]]] = [(type(e.body), e.audience) for e in play.events]
    assert kinds[-2:] == [(Spoken, ("*",)), (kinds[-1][0], ("north",))]
    assert play.live.offers == ()


def test_ballots_count_by_borda_and_tie_to_the_smaller_package() -> None:
    play = ranked()
    for seat, ranking in zip(play.case.seat_ids, ((1, 2), (2, 1), (2, 1)), strict=True):
        play.hand_in(CastBallot(seat=seat, ballot=Ballot(ranking=ranking)))
    assert play.live.deal is not None
    assert play.live.deal.offer == 2
    assert complaints(paper_of(play.case), play.events) == []


def test_a_table_in_record_mode_counts_what_it_lets_through() -> None:
    play = table(record=True)
    turn(play, package=POOR if holder(play) == "north" else LOST)
    assert any(isinstance(e.body, LineCrossed) for e in play.events)
    assert play.live.session.record


def test_nobody_sits_down_without_a_trace() -> None:
    play = table()
    play.hand_in(TakeSeat(seat="north", occupant="person", name="Ada"))
    event: Event = play.events[-1]
    assert isinstance(event.body, SeatTaken)
    assert event.audience == ("*",)
    assert play.live.occupants["north"] == "person"


def test_an_engine_never_stands_on_what_a_person_overrode() -> None:
    """A person crosses their own line and hands the seat over: the endorsement lapses."""
    play = table(people=("north", "south"))
    seat = holder(play)
    low = POOR if seat == "north" else LOST
    turn(play, package=low, override=True)
    assert seat in play.live.backers(1)
    done = play.hand_in(TakeSeat(seat=seat, occupant="engine"))
    assert not isinstance(done, Refusal), done
    assert seat not in play.live.backers(1)
    assert seat not in play.live.latest
