"""What the terminal says of lines crossed: "you" to a seat itself, and to nobody else."""

from __future__ import annotations

import re

import pytest

from app.commands.transcript import _lines
from app.domain.events import Event, LineCrossed
from app.domain.mandate import Breach
from app.domain.table import Table
from app.library import load_case
from app.orchestrator.orders import TakeSeat
from tests.delegates.scripted import Floor

CASE = load_case("table-for-five")


def breaches(seat: str) -> tuple[Breach, ...]:
    """Every kind of breach there is, from the worst packages under the hardest floor."""
    preset = max(CASE.presets, key=lambda each: CASE.floor(seat, each.id).strong).id
    found: dict[str, Breach] = {}
    for index in range(0, CASE.agenda.count, 997):
        for breach in CASE.breaches(seat, CASE.agenda.package(index), preset):
            found.setdefault(breach.rule, breach)
    return tuple(found.values())


def told(table: Table, seat: str, found: tuple[Breach, ...]) -> str:
    body = LineCrossed(turn=1, seat=seat, offer=1, breaches=found)
    event = Event(table_id="t", seq=99, at=0, audience=(seat,), body=body)
    (line,) = _lines(table, table, event)
    return line


@pytest.mark.parametrize("seat", CASE.seat_ids)
def test_others_are_told_of_them_and_not_of_you(seat: str) -> None:
    floor, found = Floor(CASE), breaches(seat)
    assert {"red-line", "signing-test", "mandate"} <= {each.rule for each in found}
    line = told(floor.table, seat, found)
    own_words = [each.reason.partition(": ")[2] for each in found if each.rule == "red-line"]
    for words in own_words:
        assert words.rstrip(".") in line
        line = line.replace(words.rstrip("."), "")
    assert not re.search(r"\byou", line), line
    floor.do(TakeSeat(seat=seat, occupant="person"))
    line = told(floor.table, seat, found)
    for each in found:
        assert each.reason.rstrip(".") in line
