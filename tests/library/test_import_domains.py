"""GENIUS XML as GENIUS reads it, GeniusWeb JSON, NegMAS YAML; and the way back to GENIUS."""

import contextlib
import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.case import Case
from app.errors import CaseError
from app.library import load_case
from app.library.imports.genius import parsed, read_domain
from app.library.imports.genius_files import write_domain
from app.library.imports.geniusweb import read_profiles
from app.library.imports.negmas import read_scenario
from app.library.imports.yaml_subset import parsed_yaml
from app.library.write import write_case

DAY = "2025-01-13"
SLACK = 2


@pytest.fixture
def data(root: Path) -> Path:
    return root / "tests" / "data"


@pytest.fixture
def harbour(data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(data / "genius" / "harbour", tmp_path / "harbour"))


def utility(case: Case, seat: str, *labels: str) -> float:
    """Look options up by their labels and give the part of 1."""
    package = tuple(
        next(option.id for option in issue.options if option.label == label)
        for issue, label in zip(case.issues, labels, strict=True)
    )
    return case.mandates[seat].total(package) / 100_000


def near(value: float) -> object:
    """Equal within the rounding of two issues to whole points."""
    return pytest.approx(value, abs=1e-5)


def test_the_worked_example_of_genius(data: Path) -> None:
    case = read_domain(data / "genius" / "harbour", as_of=DAY).case
    assert utility(case, "harbour-master", "two", "10") == pytest.approx(0.55)
    assert utility(case, "harbour-master", "four", "10") == pytest.approx(1.0)
    assert utility(case, "harbour-master", "four", "14") == pytest.approx(0.6)
    assert case.floor("harbour-master", "standard").total == 35_000
    assert [option.label for option in case.issues[1].options] == ["10", "11", "12", "13", "14"]


def test_dirt_is_borne_and_named(data: Path) -> None:
    made = read_domain(data / "genius" / "harbour", as_of=DAY)
    # Weights 1 and 3 count as 1/4 and 3/4; 90 is the largest evaluation listed, in the domain
    # or not; a missing reservation is 0; junk before the first tag and Windows text are read.
    assert utility(made.case, "ferry", "two", "10") == near(0.25 * 30 / 90 + 0.75 * 0.1)
    assert utility(made.case, "ferry", "four", "14") == near(0.25 * 15 / 90 + 0.75 * 0.9)
    assert made.case.floor("ferry", "standard").total == 0
    notes = " ".join(made.notes)
    assert "add up to 4" in notes
    assert "'six' is not in the domain" in notes
    assert "discount factor 0.8" in notes


def test_the_raw_reading_would_turn_an_order_round(harbour: Path) -> None:
    """Without the division, 0.5 x 10 outweighs all else; GENIUS sees 0.5 x 1."""
    profile = harbour / "harbour-master.xml"
    text = profile.read_text("utf-8").replace('evaluation="1"', 'evaluation="10"')
    profile.write_text(text.replace('evaluation="4"', 'evaluation="9"'), "utf-8")
    case = read_domain(harbour, as_of=DAY).case
    assert utility(case, "harbour-master", "two", "14") == pytest.approx(0.6, abs=1e-5)
    assert utility(case, "harbour-master", "four", "10") == pytest.approx(0.54 + 0.4, abs=1e-5)


EDITS = [
    ("harbour.xml", "<negotiation_template>", "<!DOCTYPE x><negotiation_template>", "DOCTYPE"),
    ("harbour.xml", "<negotiation_template>", "<!ENTITY a 'b'><negotiation_template>", "ENTITY"),
    ("harbour.xml", 'vtype="integer"', 'vtype="real"', "real issues have no options"),
    ("harbour.xml", 'upperbound="14"', 'upperbound="900"', "at most 20 values"),
    ("harbour.xml", 'upperbound="14"', 'upperbound="high"', "expected a number"),
    ("harbour.xml", "</objective>", "", "not XML"),
    ("harbour.xml", 'value="four"', 'value="two"', "stands there twice"),
    ("harbour-master.xml", "<utility_space>", '<utility_space type="nonlinear">', "hyper-rect"),
    ("harbour-master.xml", "<utility_space>", '<utility_space type="UNCERTAIN">', "partial-order"),
    ("harbour-master.xml", 'evaluation="4"', 'evaluation="nan"', "expected a number"),
    ("harbour-master.xml", 'evaluation="4"', 'evaluation="-4"', "below 0"),
    ("harbour-master.xml", 'offset="1.0"', "", "expected a number"),
    ("harbour-master.xml", 'offset="1.0"', 'offset="1e9"', "a utility of"),
    ("harbour-master.xml", 'value="0.35"', 'value="much"', "reservation: found 'much'"),
]


@pytest.mark.parametrize(("file", "old", "new", "says"), EDITS)
def test_what_cannot_be_read_is_named(
    harbour: Path, file: str, old: str, new: str, says: str
) -> None:
    path = harbour / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CaseError, match=says):
        read_domain(harbour, as_of=DAY)


def test_an_empty_profile_is_left_aside_and_the_rest_is_read(harbour: Path) -> None:
    text = (harbour / "harbour-master.xml").read_text("utf-8")
    (harbour / "second.xml").write_text(text, "utf-8")
    empty = text.replace('value="0.6"', 'value="0"').replace('value="0.4"', 'value="0"')
    (harbour / "empty.xml").write_text(empty, "utf-8")
    made = read_domain(harbour, as_of=DAY)
    assert sorted(made.case.seat_ids) == ["ferry", "harbour-master", "second"]
    assert any("empty profile; left aside" in note for note in made.notes)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text("<>/!&;\"' =?ax\n", max_size=60).map(str.encode))
def test_any_bytes_are_xml_or_a_typed_error(raw: bytes) -> None:
    with contextlib.suppress(CaseError):
        parsed(raw, "x.xml")


def test_the_flagship_goes_out_and_comes_back(tmp_path: Path) -> None:
    case = load_case("table-for-five")
    lost = write_domain(case, tmp_path / "out", "standard")
    assert any("red lines u1" in line for line in lost)
    assert any("currencies security, economics, face" in line for line in lost)
    back = read_domain(tmp_path / "out", as_of=DAY).case
    assert len(back.issues) == len(case.issues)
    for seat, mandate in case.mandates.items():
        twin = back.mandates[next(s for s in back.seat_ids if s.endswith(seat))]
        rows = [[sum(points) for points in row.values()] for row in mandate.sheet]
        ground = sum(min(row) for row in rows)
        whole = sum(max(row) for row in rows) - ground
        for number in range(0, case.agenda.count, 9_973):
            package = case.agenda.package(number)
            wanted = (mandate.total(package) - ground) / whole * 100_000
            assert abs(twin.total(package) - wanted) <= len(rows) / 2
        floor = case.floor(seat, "standard").total
        assert back.floor(twin.seat, "standard").total == pytest.approx(
            (floor - ground) / whole * 100_000, abs=1.0
        )


@pytest.mark.parametrize("name", ["genius/harbour", "geniusweb/fence", "negmas/toy"])
def test_genius_keeps_the_order_of_all_packages(data: Path, tmp_path: Path, name: str) -> None:
    reader = {"genius": read_domain, "geniusweb": read_profiles, "negmas": read_scenario}
    case = reader[name.partition("/")[0]](data / name, as_of=DAY).case
    assert load_case(write_case(case, tmp_path / "table")).mandates == case.mandates
    write_domain(case, tmp_path / "out", "standard")
    back = read_domain(tmp_path / "out", as_of=DAY).case
    for seat in case.seat_ids:
        twin = next(s for s in back.seat_ids if s.endswith(seat))
        packages = list(itertools.product(*[[o.id for o in i.options] for i in case.issues]))
        for one, two in itertools.combinations(packages, 2):
            gap = case.mandates[seat].total(one) - case.mandates[seat].total(two)
            if abs(gap) > SLACK * len(case.issues):
                there = back.mandates[twin].total(one) - back.mandates[twin].total(two)
                assert (gap > 0) == (there > 0)


def test_geniusweb_values_are_taken_as_they_are_and_the_floor_is_a_bid(data: Path) -> None:
    case = read_profiles(data / "geniusweb" / "fence", as_of=DAY).case
    assert utility(case, "left", "middle", "2") == pytest.approx(0.6 * 0.5 + 0.4 * 0.5)
    assert case.floor("left", "standard").total == 40_000
    assert utility(case, "right", "high", "1") == pytest.approx(1.0)
    assert utility(case, "right", "middle", "2") == pytest.approx(0.3 * 0.8 + 0.7 * 0.6)
    assert case.floor("right", "standard").total == 0


def test_negmas_tables_are_weighed_and_nothing_is_scaled(data: Path) -> None:
    case = read_scenario(data / "negmas" / "toy", as_of=DAY).case
    assert utility(case, "buyer", "low", "2") == pytest.approx(0.6 + 0.4 * 0.5)
    assert case.floor("buyer", "standard").total == 30_000
    assert utility(case, "the-seller", "high", "2") == pytest.approx(0.5 + 0.5 * 0.6)
    assert case.floor("the-seller", "standard").total == 0


def test_only_two_kinds_of_negmas_file_are_known(data: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(data / "negmas" / "toy", tmp_path / "toy")
    buyer = folder / "buyer.yml"
    text = buyer.read_text("utf-8")
    for kind in ("os.system", "negmas.MappingUtilityFunction", "[a, b]", "!!python/name:os.system"):
        buyer.write_text(text.replace("LinearAdditiveUtilityFunction", kind), "utf-8")
        with pytest.raises(CaseError):
            read_scenario(folder, as_of=DAY)
    buyer.write_text(text.replace("TableFun", "LambdaFun", 1), "utf-8")
    with pytest.raises(CaseError, match="only TableFun is known"):
        read_scenario(folder, as_of=DAY)


YAML = [
    ("a: 1\nb: [x, 'y z', 2.5]\n", {"a": 1, "b": ["x", "y z", 2.5]}),
    ("- 1\n- - 2\n  - 3\n-\n  k: v\n", [1, [2, 3], {"k": "v"}]),
    ("a:\n- x: 1\n  y: {p: {q: [1]}}\n- z\n", {"a": [{"x": 1, "y": {"p": {"q": [1]}}}, "z"]}),
    ('"k: 1": "a # b"   # c\n', {"k: 1": "a # b"}),
    ("a: ~\nb: null\nc:\nd: true\n", {"a": None, "b": None, "c": None, "d": True}),
    ("a: -1_000\nb: 1e3\nc: 5 hours\n", {"a": -1000, "b": 1000.0, "c": "5 hours"}),
    ("a: -.inf\n", {"a": float("-inf")}),
]


@pytest.mark.parametrize(("text", "value"), YAML)
def test_the_yaml_subset(text: str, value: object) -> None:
    assert parsed_yaml(text, "x.yml") == value


REFUSED = [
    "a: !!python/object:x 1",
    "a: &b 1",
    "a: *b",
    "a: |\n  x",
    "a: [1, 2",
    "a: {b}",
    "a: 1\na: 2",
    "\ta: 1",
    "a: 1\n   b: 2",
    "a: 'x",
    "[" * 50,
]


@pytest.mark.parametrize("text", REFUSED)
def test_other_yaml_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(CaseError, match="line"):
        parsed_yaml(text, "x.yml")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("ab:-[]{},'\"# \n!&*1.", max_size=60))
def test_any_text_is_yaml_or_a_typed_error(text: str) -> None:
    with contextlib.suppress(CaseError):
        parsed_yaml(text, "x.yml")
