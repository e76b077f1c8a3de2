"""Every refusal code is reached by a test of its own, and carries a sentence for a person."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.case import PassRule, Session
from app.domain.events import LineCrossed, Occupant
from app.domain.moves import MAX_WORDS, Ballot, Move, Speech, Vote, Withdrawal
from app.domain.table import PLENARY
from app.orchestrator.orders import (
    REFUSALS,
    Adjourn,
    Announce,
    AnswerImprovement,
    CallCaucus,
    CastBallot,
    CastVote,
    Circulate,
    CloseCaucus,
    Command,
    Expire,
    Open,
    ProposeImprovement,
    Refusal,
    Say,
    Submit,
    TableText,
    TakeSeat,
)
from app.orchestrator.procedure import decide
from app.orchestrator.rooms import MAX_REMARKS, MAX_ROOMS
from tests.plain import plain
from tests.small_cases import small_case
from tests.strategies import START, Play
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
    words,
)

# ---- one small story for each code ----


def closed() -> str:
    play = table()
    play.hand_in(Adjourn(reason="It is late."))
    return refused(play, submit_any(play))


def submit_any(play: Play) -> Submit:
    return Submit(seat="north", turn=1, move=Move(speech=Speech(text="Late.", by="engine")))


def not_open() -> str:
    done = decide(None, Adjourn(reason="Nothing."), START)
    assert isinstance(done, Refusal)
    return done.code


def already_open() -> str:
    play = table()
    again = Open(case=plain(), case_hash="", seed=1, session=Session(), version="")
    return refused(play, again)


def no_such_seat() -> str:
    return refused(table(), TakeSeat(seat="nowhere", occupant="person"))


def left_table() -> str:
    play = table(trio(), people=("north", "south", "east"))
    gone = holder(play)
    turn(play, walk=True)
    said = Say(seat=gone, room=PLENARY, speech=Speech(text="One more word.", by="person"))
    caucus = CallCaucus(by="facilitator", seats=(gone, holder(play)), topic="Come back")
    assert refused(play, caucus) == "left-table"
    return refused(play, said)


def not_your_turn() -> str:
    play = table()
    seat = other(play)
    early = Submit(seat=seat, turn=play.live.turns, move=Move(speech=words(play, seat)))
    stale = replace(submit(play), turn=play.live.turns - 1)
    assert refused(play, early) == refused(play, Expire(turn=1)) == "not-your-turn"
    return refused(play, stale)


def wrong_voice() -> str:
    play = table(people=("south",))
    while holder(play) != "north":
        turn(play)
    said = Say(seat="south", room=PLENARY, speech=Speech(text="As engine.", by="engine"))
    assert refused(play, said) == "wrong-voice"
    return refused(play, submit(play, speech=Speech(text="As a person.", by="person")))


def no_words() -> str:
    play = table(people=("south",))
    assert refused(play, Announce(text=" \n ")) == "no-words"
    silent = Say(seat="south", room=PLENARY, speech=Speech(text="", by="person"))
    assert refused(play, silent) == "no-words"
    return refused(play, submit(play, speech=words(play, holder(play), text="  ")))


def too_long() -> str:
    play = table()
    long = "x" * (MAX_WORDS + 1)
    assert refused(play, Announce(text=long)) == "too-long"
    assert refused(play, TakeSeat(seat="north", occupant="person", name=long)) == "too-long"
    return refused(play, submit(play, speech=words(play, holder(play), text=long)))


def too_many_words() -> str:
    play = table(people=("north",))
    said = Say(seat="north", room=PLENARY, speech=Speech(text="And.", by="person"))
    for _ in range(MAX_REMARKS):
        assert not isinstance(play.hand_in(said), Refusal)
    return refused(play, said)


def statement_only() -> str:
    play = Play(plain(), random.Random(1), Session(rounds=2), {})
    play.open()
    assert refused(play, submit(play, walk=True)) == "statement-only"
    return refused(play, submit(play, package=GOOD))


def no_such_offer() -> str:
    play = table()
    turn(play, package=GOOD)
    for number in (0, -1, 2, 10**30):
        assert refused(play, submit(play, endorse=(number,))) == "no-such-offer"
    back = (Withdrawal(offer=9, reason="No."),)
    return refused(play, submit(play, withdraw=back))


def already_endorsed() -> str:
    play = table()
    turn(play, package=GOOD)
    assert refused(play, submit(play, endorse=(1, 1))) == "already-endorsed"
    while holder(play) != first(play):
        turn(play)
    return refused(play, submit(play, endorse=(1,)))


def first(play: Play) -> str:
    return play.live.offers[0].by


def not_endorsed() -> str:
    play = table()
    turn(play, package=GOOD)
    return refused(play, submit(play, withdraw=(Withdrawal(offer=1, reason="No."),)))


def backed() -> Play:
    """At the turn of the seat that stands behind offer 1."""
    play = table()
    turn(play, package=GOOD)
    while holder(play) != first(play):
        turn(play)
    return play


def no_reason() -> str:
    play = backed()
    return refused(play, submit(play, withdraw=(Withdrawal(offer=1, reason=" "),)))


def both_ways() -> str:
    play = table()
    turn(play, package=GOOD)
    back = (Withdrawal(offer=1, reason="No."),)
    return refused(play, submit(play, endorse=(1,), withdraw=back))


def incomplete() -> str:
    play = table(trio(), mediator="votes", chair=True)
    for package in ((), GOOD[:2], (*GOOD, "x"), ("x", "y", "z")):
        assert refused(play, submit(play, package=package)) == "incomplete"
    while play.live.round < 2:
        turn(play)
    return refused(play, Circulate(drafts=(GOOD, GOOD[:1])))


def duplicate() -> str:
    play = table()
    turn(play, package=GOOD)
    return refused(play, submit(play, package=GOOD))


def below_floor() -> str:
    play = table()
    assert refused(play, submit(play, package=LOST, override=True)) == "below-floor"
    return refused(play, submit(play, package=POOR if holder(play) == "north" else LOST))


def own_line() -> str:
    play = table(people=("north", "south"))
    code = refused(play, submit(play, package=POOR if holder(play) == "north" else LOST))
    seat = holder(play)
    turn(play, package=POOR if seat == "north" else LOST, override=True)
    marks = [e for e in play.events if isinstance(e.body, LineCrossed)]
    assert [e.audience for e in marks] == [(seat,)]
    return code


def not_awaited() -> str:
    play = table()
    seat = other(play)
    speech = Speech(text="A text.", by="chair")
    answered = Say(seat=seat, room=PLENARY, speech=words(play, seat, answers=1))
    commands: list[Command] = [
        CastVote(seat=seat, vote=Vote(yes=())),
        CastBallot(seat=seat, ballot=Ballot(ranking=())),
        AnswerImprovement(seat=seat, accept=True),
        ProposeImprovement(package=GOOD),
        Circulate(drafts=(GOOD,)),
        TableText(by="chair", package=GOOD, speech=speech),
        answered,
    ]
    codes = {refused(play, command) for command in commands}
    assert len(codes) == 1
    return codes.pop()


def bad_ballot() -> str:
    play = ranked()
    seat = play.case.seat_ids[0]
    for ranking in ((), (1,), (1, 1), (1, 2, 3), (2, 3)):
        assert refused(play, CastBallot(seat=seat, ballot=Ballot(ranking=ranking))) == "bad-ballot"
    return "bad-ballot"


def bad_vote() -> str:
    play = table(trio(), mediator="votes")
    while play.live.round < 2:
        turn(play)
    assert refused(play, Circulate(drafts=())) == "bad-vote"
    assert refused(play, Circulate(drafts=(GOOD,) * 13)) == "bad-vote"
    play.hand_in(Circulate(drafts=(GOOD, POOR)))
    assert refused(play, CastVote(seat="north", vote=Vote(yes=(-1,)))) == "bad-vote"
    return refused(play, CastVote(seat="north", vote=Vote(yes=(0,), ranking=(0, 2))))


def harms() -> str:
    play = table(trio(), improve=True)
    turn(play, package=GOOD)
    turn(play, endorse=(1,))
    turn(play)
    assert play.live.deal is not None
    return refused(play, ProposeImprovement(package=LOST))


def no_such_room() -> str:
    play = table(trio(), people=("north", "south", "east"))
    said = Speech(text="In private.", by="person")
    play.hand_in(CallCaucus(by="north", seats=("north", "south"), topic=""))
    absent = refused(play, Say(seat="east", room="north+south/9", speech=said))
    theirs = refused(play, Say(seat="east", room="north+south/1", speech=said))
    assert refused(play, CloseCaucus(by="east", room="north+south/1")) == absent
    play.hand_in(CloseCaucus(by="north", room="north+south/1"))
    shut = refused(play, Say(seat="north", room="north+south/1", speech=said))
    assert absent == theirs == shut
    return absent


def not_in_room() -> str:
    return refused(table(trio()), CallCaucus(by="east", seats=("north", "south"), topic=""))


def bad_caucus() -> str:
    play = table(trio())
    assert refused(play, CallCaucus(by="north", seats=("north",), topic="")) == "bad-caucus"
    everybody = CallCaucus(by="north", seats=("north", "south", "east"), topic="")
    assert refused(play, everybody) == "bad-caucus"
    play.hand_in(CallCaucus(by="north", seats=("north", "south"), topic=""))
    return refused(play, CallCaucus(by="north", seats=("south", "north"), topic=""))


def too_many_rooms() -> str:
    dice = random.Random(0)
    case = small_case(dice)
    names = tuple(f"seat-{n}" for n in range(MAX_ROOMS + 3))
    base, mandate = case.seats[0], next(iter(case.mandates.values()))
    play = table(
        replace(
            case,
            seats=tuple(replace(base, id=n, short=n) for n in names),
            mandates={n: replace(mandate, seat=n) for n in names},
            rule=PassRule(required=(), at_least=2),
        )
    )
    for number in range(1, MAX_ROOMS + 1):
        call = CallCaucus(by=names[0], seats=(names[0], names[number]), topic="")
        assert not isinstance(play.hand_in(call), Refusal)
    return refused(play, CallCaucus(by=names[0], seats=(names[0], names[-1]), topic=""))


def not_due() -> str:
    play = table(turn_seconds=60)
    return refused(play, Expire(turn=play.live.turns))


def not_allowed() -> str:
    return refused(table(record=True), TakeSeat(seat="north", occupant="person"))


def bad_session() -> str:
    case = plain()
    wrong: list[tuple[Session, dict[str, Occupant]]] = [
        (Session(preset="no-such"), {}),
        (Session(floor="shouting"), {}),
        (Session(mediator="wise"), {}),
        (Session(rounds=0), {}),
        (Session(rounds=101), {}),
        (Session(turn_seconds=-1), {}),
        (Session(turn_seconds=86_401), {}),
        (Session(record=True), {"north": "person"}),
        (Session(), {"nowhere": "engine"}),
    ]
    for session, seated in wrong:
        command = Open(
            case=case, case_hash="", seed=1, session=session, version="", occupants=seated
        )
        done = decide(None, command, START)
        assert isinstance(done, Refusal)
        assert done.code == "bad-session"
    return "bad-session"


STORIES: dict[str, Callable[[], str]] = {
    story.__name__.replace("_", "-"): story
    for story in (
        closed,
        not_open,
        already_open,
        no_such_seat,
        left_table,
        not_your_turn,
        wrong_voice,
        no_words,
        too_long,
        too_many_words,
        statement_only,
        no_such_offer,
        already_endorsed,
        not_endorsed,
        no_reason,
        both_ways,
        incomplete,
        duplicate,
        below_floor,
        own_line,
        not_awaited,
        bad_ballot,
        bad_vote,
        harms,
        no_such_room,
        not_in_room,
        bad_caucus,
        too_many_rooms,
        not_due,
        not_allowed,
        bad_session,
    )
}


@pytest.mark.parametrize("code", STORIES)
def test_the_code_is_reached(code: str) -> None:
    assert STORIES[code]() == code


def test_every_code_has_its_story() -> None:
    assert set(STORIES) == set(REFUSALS)
