"""Tables moved by hand, one turn at a time: for stories about the rules."""

from __future__ import annotations

import random
from dataclasses import replace

from app.domain.case import Case, PassRule, Session
from app.domain.events import Occupant
from app.domain.mandate import NoDealLine
from app.domain.moves import Move, Speech
from app.domain.terms import Package
from app.orchestrator.orders import (
    Command,
    Refusal,
    Submit,
)
from tests.plain import plain
from tests.strategies import Play

GOOD: Package = ("water-a", "power-b", "border-b")
POOR: Package = ("water-b", "power-b", "border-b")
LOST: Package = ("water-a", "power-a", "border-a")


def table(case: Case | None = None, *, people: tuple[str, ...] = (), **session: object) -> Play:
    """The plain table with its opening statements made, at the first turn of round 1."""
    chosen = case if case is not None else plain()
    seated: dict[str, Occupant] = {
        s: "person" if s in people else "engine" for s in chosen.seat_ids
    }
    asked = replace(Session(rounds=4), **session)  # type: ignore[arg-type]
    play = Play(chosen, random.Random(1), asked, seated)
    play.open()
    while play.live.round == 0:
        turn(play)
    return play


def words(play: Play, seat: str, **more: object) -> Speech:
    occupant = play.live.occupants[seat]
    return replace(Speech(text="We speak.", by=occupant), **more)  # type: ignore[arg-type]


def holder(play: Play) -> str:
    assert play.live.turn is not None
    return play.live.turn.seat


def submit(play: Play, **move: object) -> Submit:
    """The move of whoever has the floor."""
    seat = holder(play)
    speech = words(play, seat)
    return Submit(
        seat=seat,
        turn=play.live.turns,
        move=Move(**{"speech": speech, **move}),  # type: ignore[arg-type]
    )


def turn(play: Play, **move: object) -> None:
    done = play.hand_in(submit(play, **move))
    assert not isinstance(done, Refusal), done


def other(play: Play) -> str:
    return next(s for s in play.case.seat_ids if s != holder(play))


def refused(play: Play, command: Command) -> str:
    done = play.hand_in(command)
    assert isinstance(done, Refusal), done
    assert len(done.reason.split()) >= 3
    assert done.reason.endswith((".", "!"))
    return done.code


def trio(**changes: object) -> Case:
    """Three seats; two of them are enough."""
    case = plain()
    mandate = replace(case.mandates["north"], seat="east", red_lines=(), least={})
    east = replace(case.seats[0], id="east", name="Delegation of East", short="East")
    return replace(
        case,
        seats=(*case.seats, east),
        mandates={**case.mandates, "east": mandate},
        rule=PassRule(required=(), at_least=2),
        **changes,  # type: ignore[arg-type]
    )


def ranked() -> Play:
    """Two packages pass at the end of a round."""
    case = trio()
    easy = {
        s: replace(m, red_lines=(), least={}, no_deal_lines=(nothing(m.no_deal_lines[0]),))
        for s, m in case.mandates.items()
    }
    play = table(replace(case, mandates=easy, gain=-99))
    turn(play, package=GOOD)
    turn(play, package=POOR, endorse=(1,))
    turn(play, endorse=(1, 2))
    assert play.live.ranking == (1, 2)
    return play


def nothing(line: NoDealLine) -> NoDealLine:
    return replace(line, points=(0, 0, 0))
