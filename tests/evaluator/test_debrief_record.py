"""The debrief as a record: JSON, seats' own views, open tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain.events import Event, Spoken
from app.domain.moves import Speech
from app.domain.table import FACILITATOR_VIEW, view_for
from app.errors import CaseError
from app.evaluator.debrief.codec import as_json, read_json
from app.evaluator.debrief.ground import Untold
from app.evaluator.debrief.rubric import Rubric
from app.evaluator.debrief.whole import Debrief, debrief
from tests.evaluator.debriefed import (
    GOOD,
    HALF,
    played,
)
from tests.plain import plain
from tests.talks import Said, Talks


@pytest.fixture(scope="module")
def flagship() -> tuple[Event, ...]:
    return played()


@pytest.fixture(scope="module")
def told(flagship: tuple[Event, ...]) -> Debrief:
    return debrief(flagship)


# -- the record as a whole ------------------------------------------------------------------------


def test_json_comes_back_as_it_went_and_bytes_are_stable(
    told: Debrief, flagship: tuple[Event, ...]
) -> None:
    text = as_json(told)
    assert text.isascii()
    assert read_json(text) == told
    assert as_json(debrief(flagship)) == text
    with pytest.raises(CaseError, match=r"expected 'parley\.debrief/1'"):
        read_json(text.replace("parley.debrief/1", "parley.debrief/9", 1))
    with pytest.raises(CaseError):
        read_json("{}")


@pytest.mark.parametrize("seat", ["ukraine", "russia"])
def test_a_seats_debrief_does_not_depend_on_another_sheet(
    flagship: tuple[Event, ...], seat: str
) -> None:
    """Other mandates are changed under the same talks: not one byte of the seat's own moves."""
    opening: Any = flagship[0].body
    mandates = {
        name: m
        if name == seat
        else replace(
            m,
            brief="zq-another-brief",
            sheet=({o: (w[0] + 1, *w[1:]) for o, w in m.sheet[0].items()}, *m.sheet[1:]),
        )
        for name, m in opening.case.mandates.items()
    }
    body = replace(opening, case=replace(opening.case, mandates=mandates))
    other = (replace(flagship[0], body=body), *flagship[1:])
    mine = as_json(debrief(view_for(flagship, seat), seat))
    assert as_json(debrief(view_for(other, seat), seat)) == mine
    assert as_json(debrief(other)) != as_json(debrief(flagship))
    with pytest.raises(ValueError, match="not the view"):
        debrief(flagship, seat)


def test_an_open_table_and_an_empty_one_have_all_pages() -> None:
    for talks in (Talks(plain()), Talks(plain()).say([Said(seat="north", package=GOOD)])):
        told = debrief(talks.events)
        assert told.heading.open
        assert read_json(as_json(told)) == told
        for seat in ("north", "south"):
            own = debrief(view_for(talks.events, seat), seat)
            assert read_json(as_json(own)) == own
    assert isinstance(debrief(Talks(plain()).events).talk, Untold)


def test_words_between_turns_are_cited_after_the_turn() -> None:
    talks = Talks(plain()).say([Said(seat="north", package=GOOD)])
    talks.text(HALF, "We need this because nobody else wrote.")
    speech = Speech(text="We need it because winter comes.", by="person", to="south")
    talks.note(Spoken(number=1, seat="north", room="plenary", speech=speech))
    told = debrief(talks.say([Said(seat="south")]).events)
    assert isinstance(told.rubric, Rubric)
    cite = told.rubric.elements[1].marks[0].answers[0].cites[0]
    assert (cite.turn, cite.between, cite.voice) == (1, True, "person")
    assert cite.text == "We need it because winter comes."
    assert told.heading.viewer == FACILITATOR_VIEW
