"""A suite's file is read strictly: every mistake with its place, all of them at once."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from app.errors import CaseError
from app.evaluator.suite import Suite, key_of
from app.evaluator.suite_file import load_suite
from app.library import shipped

GOOD = """
format = "parley.suite/1"
id = "mine"
title = "Mine"
about = "What it is for."
scorers = ["value", "floor"]

[tables]
cases = ["first-offer"]
seeds = { first = 3, count = 4 }

[[lineups]]
id = "engine"
seats = { "*" = "engine" }

[[lineups]]
id = "middle"
baseline = "middle"

[[gates]]
name = "deals"
require = "deal.lower >= 0.5"
where = { lineup = "engine" }
each = ["preset"]
"""

TALKS = """
format = "parley.suite/1"
id = "mine"
title = "Mine"
about = "What it is for."
scorers = ["card"]

[talks]
paths = ["*.txt"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def keys_of(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(CaseError) as caught:
        load_suite(written(folder, text))
    assert all(finding.path == "mine.toml" for finding in caught.value.findings)
    return {finding.key: finding.problem for finding in caught.value.findings}


def test_a_good_file(tmp_path: Path) -> None:
    loaded = load_suite(written(tmp_path, GOOD))
    cells = loaded.cells()
    assert [cell.id for cell in cells if cell.lineup == "engine"] == [
        f"first-offer/{preset.id}/engine/on/{seed}"
        for preset in loaded.cases["first-offer"].presets
        for seed in (3, 4, 5, 6)
    ]
    presets = len(loaded.cases["first-offer"].presets)
    assert sum(cell.lineup == "middle" for cell in cells) == presets, "it has no seed to vary"
    assert len({cell.id for cell in cells}) == len(cells)
    assert [cell.place for cell in cells] == list(range(len(cells)))


CHANGES = [
    ('title = "Mine"', 'title = "Mine"\ncolour = "red"', "colour", "unknown key"),
    ('title = "Mine"', "title = 7", "title", "found 7"),
    ('title = "Mine"', "", "title", "is missing"),
    ("count = 4", "count = 0", "tables.seeds.count", "found 0"),
    ("{ first = 3, count = 4 }", "[1, true]", "tables.seeds[1]", "found true"),
    ("{ first = 3, count = 4 }", "7", "tables.seeds", "found 7"),
    ('["value", "floor"]', '["value", "flaw"]', "scorers[1]", "known: fidelity, floor"),
    ('["value", "floor"]', '["value", "value"]', "scorers[1]", "twice"),
    ('["value", "floor"]', '["value", "shocks"]', "shocks", "belong together"),
    ('cases = ["first-offer"]', 'cases = ["first-offer"]\npresets = ["hrd"]', "tables.presets[0]",
     "has no 'hrd'"),
    ('"*" = "engine"', '"martian" = "engine"', "lineups[0].seats", "no seat 'martian'"),
    ('"*" = "engine"', '"*" = "robot"', "lineups[0].seats.'*'", "found 'robot'"),
    ('baseline = "middle"', 'baseline = "middle"\nseats = { "*" = "engine" }', "lineups[1]",
     "one of the two"),
    ('id = "middle"', 'id = "engine"', "lineups[1]", "twice"),
    ("deal.lower >= 0.5", "deal >= 0.5", "gates[0].require", "expected"),
    ("deal.lower >= 0.5", "deal.middle >= 0.5", "gates[0].require", "expected"),
    ("deal.lower >= 0.5", "dael.lower >= 0.5", "gates[0].require", "did you mean 'deal'"),
    ('lineup = "engine" }', 'lineup = "engin" }', "gates[0].where.lineup", "did you mean 'engine'"),
    ('each = ["preset"]', 'each = ["colour"]', "gates[0].each[0]", "found 'colour'"),
    ("[tables]", "[attack]\nseats = [\"nobody\"]\nlines = [\"x\"]\n[tables]", "attack.seats",
     "no seat 'nobody'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "says"), CHANGES)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, key: str, says: str
) -> None:
    assert old in GOOD
    found = keys_of(tmp_path, GOOD.replace(old, new, 1))
    assert key in found, found
    assert says in found[key], found


def test_all_mistakes_of_a_file_come_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('title = "Mine"', "title = 7").replace("count = 4", "count = 0")
    assert len(keys_of(tmp_path, text.replace('each = ["preset"]', 'eech = ["preset"]'))) >= 3
    text = GOOD.replace("deal.lower", "dael.lower").replace('"*" = "engine"', '"mars" = "engine"')
    assert set(keys_of(tmp_path, text)) == {"gates[0].require", "lineups[0].seats"}


def test_tables_or_talks_but_not_both(tmp_path: Path) -> None:
    assert "one of the two" in keys_of(tmp_path, GOOD + '\n[talks]\npaths = ["x"]\n')[""]
    head = GOOD.split("[tables]")[0]
    assert "one of the two" in keys_of(tmp_path, head)[""]
    assert "no scorer" in keys_of(tmp_path, TALKS.replace('"card"', '"value"'))["scorers[0]"]


def test_a_judge_may_not_play(tmp_path: Path) -> None:
    text = GOOD.replace('"*" = "engine"', '"*" = "openai:gpt-x"')
    text += '\n[judge]\nmodel = "openai:gpt-x"\n'
    assert "plays a seat itself" in keys_of(tmp_path, text)["judge.model"]
    assert load_suite(written(tmp_path, text + "forced = true\n")).suite.judging


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    for where in ("no-such-suite", tmp_path, tmp_path / "nothing.toml", "a\0b"):
        with pytest.raises(CaseError):
            load_suite(where)
    with pytest.raises(CaseError, match="did you mean 'win-win-win'"):
        load_suite("win-win-wim")


def test_every_shipped_suite_is_sound() -> None:
    paths = sorted((shipped("evals") / "suites").glob("*.toml"))
    assert {path.stem for path in paths} >= {
        "win-win-win", "persona-fidelity", "red-team", "country-swap", "shocks", "transcripts",
    }  # fmt: skip
    for path in paths:
        suite = load_suite(path.stem).suite
        assert suite.id == path.stem
        assert suite.gates
        assert pickle.loads(pickle.dumps(suite)) == suite, "it travels to other processes"


def test_the_key_changes_with_what_matters_and_with_nothing_else(tmp_path: Path) -> None:
    def keys(text: str, code: str = "c") -> dict[str, str]:
        loaded = load_suite(written(tmp_path, text))
        return {c.id: key_of(loaded.suite, c, {"code": code}) for c in loaded.cells()}

    first = keys(GOOD)
    assert len(set(first.values())) == len(first), "every case has a key of its own"
    for same in (
        GOOD.replace("Mine", "Yours").replace("0.5", "0.9"),
        GOOD.replace('["value", "floor"]', '["floor", "value"]'),
        GOOD + "\n[spend]\nmoney = 1.0\n",
    ):
        assert keys(same) == first
    more = keys(GOOD.replace("count = 4", "count = 9"))
    assert {name: more[name] for name in first} == first, "more seeds leave the others alone"
    for other in (
        keys(GOOD, code="d"),
        keys(GOOD.replace('["value", "floor"]', '["value"]')),
        keys(GOOD.replace("[tables]", "[tables]\nrounds = 3")),
        keys(GOOD.replace('["first-offer"]', '["first-offer"]\nguards = ["record"]')),
        keys(GOOD.replace('"*" = "engine"', '"*" = "openai:gpt-x"')),
    ):
        engine = {name: key for name, key in other.items() if "/engine/" in name}
        assert engine
        assert not set(engine.values()) & set(first.values())


def test_a_suite_is_a_record() -> None:
    assert isinstance(load_suite("shocks").suite, Suite)
