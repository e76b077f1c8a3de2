"""The planner's form: whatever an answer holds, no package below the floor comes out of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.delegates.answer_form import Amiss, Filled, read_form, schema, strict_object
from app.domain.case import Case
from app.domain.table import Table
from app.domain.terms import Package
from tests.cases import cases
from tests.delegates.scripted import Floor, form
from tests.plain import plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def signs(case: Case, seat: str, package: Package, preset: str) -> bool:
    """May the seat sign? Plain arithmetic, written again."""
    mandate = case.mandates[seat]
    chosen = dict(zip([issue.id for issue in case.issues], package, strict=True))
    for line in mandate.red_lines:
        if sum(chosen[issue] in options for issue, options in line.of.items()) > line.limit:
            return False
    columns = range(len(case.currencies))
    worth = [
        sum(row[option][c] for row, option in zip(mandate.sheet, package, strict=True))
        for c in columns
    ]
    left = [sum(line.points[c] for line in mandate.no_deal_lines) for c in columns]
    if sum(worth) < sum(left) + case.gain or sum(worth) < mandate.least.get(preset, 0):
        return False
    strong = next(p.strong for p in case.presets if p.id == preset)
    return not strong or all(w >= n for w, n in zip(worth, left, strict=True))


@st.composite
def answers(draw: st.DrawFn, view: Table, seat: str) -> str:
    """Forms filled in at random from the schema itself, so that most of them are well formed."""
    properties = schema(view, seat)["properties"]
    assert isinstance(properties, Mapping)
    held: dict[str, Any] = {}
    for name, kind in properties.items():
        if kind["type"] == "array":
            items = kind["items"]
            one = st.sampled_from(items["enum"]) if "enum" in items else st.integers(1, 6)
            held[name] = draw(st.lists(one, max_size=3))
        else:
            held[name] = draw(st.sampled_from(kind["enum"]))
    if draw(st.booleans()):
        held["package"] = "own"
        for name, kind in properties.items():
            if name.startswith("on_"):
                held[name] = draw(st.sampled_from(kind["enum"][1:]))
    return json.dumps(held)


@given(st.data(), cases(), st.sampled_from(("guided", "standard", "hard")))
def test_no_form_names_a_package_below_the_floor(
    data: st.DataObject, case: Case, preset: str
) -> None:
    floor = Floor(case, preset, record=True).to_round(1)
    packages = data.draw(st.lists(st.integers(0, case.agenda.count - 1), max_size=3, unique=True))
    for number in packages:
        if floor.table.turn is not None:
            floor.say(package=case.agenda.package(number))
    if floor.table.turn is None:
        return
    view, seat = floor.sitting.view(floor.seat), floor.seat
    view = _strict(view)
    found = read_form(data.draw(answers(view, seat)), view, seat, {})
    if isinstance(found, Filled):
        named = [view.offers[n - 1].package for n in found.plan.endorse]
        named += [found.plan.package] if found.plan.package is not None else []
        assert all(signs(case, seat, package, preset) for package in named)


def _strict(view: Table) -> Table:
    """The same table as if it were not a measuring one."""
    return replace(view, session=replace(view.session, record=False))


@given(st.one_of(st.text(max_size=200), JSON.map(lambda v: json.dumps(v, allow_nan=True))))
def test_no_text_breaks_the_reader(text: str) -> None:
    floor = Floor(plain()).to_round(1)
    found = read_form(text, floor.sitting.view(floor.seat), floor.seat, {})
    assert isinstance(found, Amiss)
    word = text in ("Infinity", "-Infinity")  # named as what is no number
    assert text[:40] not in found.reason or len(text) < 6 or word


@given(JSON)
def test_an_object_is_read_as_json_reads_it(value: object) -> None:
    text = json.dumps({"held": value}, allow_nan=True)
    found = strict_object(text)
    if not isinstance(found, Amiss):
        # ValueError where a number in it is none; as a word in a text it may stand.
        assert json.dumps(found, allow_nan=False) == json.dumps(json.loads(text))


def test_the_schema_is_flat_strict_and_without_free_text() -> None:
    floor = Floor(plain()).to_round(1)
    view = floor.sitting.view(floor.seat)
    held = schema(view, floor.seat)
    properties = held["properties"]
    assert isinstance(properties, Mapping)
    assert held["additionalProperties"] is False
    assert held["required"] == list(properties)
    for kind in properties.values():
        part = kind["items"] if kind["type"] == "array" else kind
        assert part["type"] == "integer" or part["enum"]
    assert schema(floor.say().sitting.view("south"), "south") == schema(
        floor.say().sitting.view("south"), "south"
    )


def test_a_package_on_the_table_is_endorsed_and_not_tabled_twice() -> None:
    case = plain()
    fair = next(
        p
        for p in map(case.agenda.package, range(case.agenda.count))
        if not any(case.breaches(s, p, "standard") for s in case.seat_ids)
    )
    floor = Floor(case).to_round(1).say(package=fair)
    view = floor.sitting.view(floor.seat)
    found = read_form(form(view, floor.seat, own=fair), view, floor.seat, {})
    assert isinstance(found, Filled)
    assert (found.plan.act, found.plan.endorse, found.plan.package) == ("endorse", (1,), None)


def test_the_rules_of_the_turn() -> None:
    floor = Floor(plain())
    view = floor.sitting.view(floor.seat)
    opening = read_form(form(view, floor.seat, endorse=[1]), view, floor.seat, {})
    assert isinstance(opening, Amiss)
    floor.to_round(1)
    view, seat = floor.sitting.view(floor.seat), floor.seat
    for fields, word in (
        ({"endorse": [3]}, "no offer 3"),
        ({"withdraw": [3]}, "no offer 3"),
        ({"package": "A"}, "no package A"),
        ({"package": "own"}, "settles every issue"),
        ({"act": "walk"}, "field act"),
        ({"endorse": [True]}, "field endorse"),
    ):
        found = read_form(form(view, seat, **fields), view, seat, {})
        assert isinstance(found, Amiss)
        assert word in found.reason
