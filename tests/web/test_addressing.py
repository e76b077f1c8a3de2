"""Whom words are for where the client did not say: only words to somebody are answered."""

from __future__ import annotations

import json

import pytest

from app.domain.table import PLENARY
from app.orchestrator.orders import CallCaucus, Refusal, Say
from app.web import wire
from app.web.acts import command_of
from tests.strategies import Play
from tests.turns import table, trio


def addressee(play: Play, text: str, room: str = PLENARY, to: str | None = None) -> str | None:
    """Whom North's words are for."""
    frame = wire.read_frame(
        json.dumps({"id": "a", "type": "say", "text": text, "room": room, "to": to})
    )
    assert isinstance(frame, wire.Say)
    command = command_of(frame, play.live, "north")
    assert isinstance(command, Say)
    assert (command.room, command.speech.text) == (room, text)
    return command.speech.to


def test_with_one_other_seat_all_words_are_for_it() -> None:
    play = table(people=("north",))
    assert addressee(play, "What do you need on water?") == "south"
    assert addressee(play, "Good morning.") == "south"


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("South, what do you need on water?", "south"),
        ("@East what do you need on water?", "east"),
        ("Would East take less on water?", "east"),
        ("What do you all need on water?", None),
        ("South and East both want water.", None),
        ("North, that is us, wants water.", None),
    ],
)
def test_among_several_they_are_for_the_seat_that_is_called_by_name(
    text: str, to: str | None
) -> None:
    assert addressee(table(trio(), people=("north",)), text) == to


def test_what_the_client_said_stands() -> None:
    play = table(trio(), people=("north",))
    assert addressee(play, "South, what do you need on water?", to="east") == "east"


def test_in_a_private_room_they_are_for_nobody_outside() -> None:
    play = table(trio(), people=("north",))
    done = play.hand_in(CallCaucus(by="north", seats=("north", "south"), topic=""))
    assert not isinstance(done, Refusal), done
    (room,) = play.live.rooms
    assert addressee(play, "What do you need on water?", room) == "south"
    assert addressee(play, "East, what do you need on water?", room) == "south"
