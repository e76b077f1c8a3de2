"""Tables under attack, in short; `python -m bench redteam` plays a thousand for each model."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.attacks import attacks
from bench.doors import caught
from bench.inquest import besieged
from bench.mutants import MUTANTS_FILE, broken, mutants
from bench.siege import Model

FAULTS = ("below", "leaks", "unquoted", "drafts", "words")
STARTER, FLAG = "first-offer", "table-for-five"


def test_there_are_sixty_families_and_no_two_alike() -> None:
    held = attacks({})
    assert len(held) >= 60
    assert len({attack.family for attack in held}) == len(held)
    assert len({attack.mark for attack in held}) == len(held)
    scripts = {c for attack in held for c in attack.text if not c.isascii() and c.isalpha()}
    assert len(scripts) > 60


@pytest.mark.parametrize("model", ["gullible", "random"])
@pytest.mark.parametrize("barrier", ["strict", "filtered"])
def test_twenty_small_tables_under_attack(model: Model, barrier: str) -> None:
    ends: Counter[str] = Counter()
    for seed in range(1, 21):
        row = besieged(STARTER, seed, model, barrier=barrier)  # type: ignore[arg-type]
        assert [row[fault] for fault in FAULTS] == [[], [], [], [], []], (seed, row)
        assert row["most_calls"] <= 6
        ends[row["outcome"]] += 1
    if model == "gullible":
        assert ends["agreement"] >= 19


@pytest.mark.parametrize(("model", "seed"), [("gullible", 1), ("gullible", 2), ("random", 3)])
def test_the_flagship_under_attack(model: Model, seed: int) -> None:
    row = besieged(FLAG, seed, model)
    assert [row[fault] for fault in FAULTS] == [[], [], [], [], []], row
    assert row["outcome"] == "agreement"
    assert row["most_calls"] <= 6


def test_the_guards_of_this_tree_agree_with_the_referee() -> None:
    assert caught() == []


def test_every_broken_guard_breaks_something_that_is_there() -> None:
    assert len(mutants()) >= 20
    for mutant in mutants():
        text = (MUTANTS_FILE.parent.parent / mutant["file"]).read_text("utf-8")
        assert mutant["old"] in text, mutant["name"]
        assert mutant["old"] != mutant["new"]


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("number", range(len(mutants())))
def test_a_broken_guard_is_caught(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert broken(mutants()[number], tmp_path_factory.mktemp("broken")) == ""
