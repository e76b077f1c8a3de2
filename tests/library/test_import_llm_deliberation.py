"""Games of the LLM-Deliberation format: our own always, the public ones where they lie."""

import contextlib
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.bargaining import frontier, max_min, solution, survey
from app.domain.case import Case
from app.errors import CaseError
from app.library import load_case
from app.library.imports.game_prose import read_prose
from app.library.imports.llm_deliberation import read_game
from app.library.write import write_case

DAY = "2025-01-13"
GAME = "data/llm-deliberation/orchard"


@pytest.fixture
def game(root: Path) -> Path:
    return root / "tests" / GAME


@pytest.fixture
def copied(game: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(game, tmp_path / "orchard"))


def sheets(game: Path) -> dict[str, tuple[list[list[int]], int]]:
    """Read config and score files in the plainest way, sharing no code with the reader."""
    found = {}
    for line in (game / "config.txt").read_text("utf-8").splitlines():
        name, file, _, _, _ = line.split(",")
        lines = (game / "scores_files" / f"{file}.txt").read_text("utf-8").split("\n")
        rows = [[int(cell) for cell in row.split(",")] for row in lines if row.strip()]
        found[name] = (rows[:-1], rows[-1][0])
    return found


def assert_scores_are_the_files(case: Case, game: Path) -> tuple[int, int]:
    """Every package has every party's own score; answer (all-party, rule) counts."""
    truth = sheets(game)
    leaders = [
        n
        for n, line in enumerate((game / "config.txt").read_text("utf-8").splitlines())
        if line.split(",")[2] in ("p1", "p2")
    ]
    everybody = rule = 0
    sizes = [len(row) for row in next(iter(truth.values()))[0]]
    for choice in itertools.product(*map(range, sizes)):
        package = case.agenda.at(choice)
        able = []
        for seat, (rows, least) in zip(case.seats, truth.values(), strict=True):
            score = sum(row[place] for row, place in zip(rows, choice, strict=True))
            assert case.mandates[seat.id].total(package) == score
            assert (case.breaches(seat.id, package, "standard") == ()) == (score >= least)
            able.append(score >= least)
        everybody += all(able)
        rule += sum(able) >= len(able) - 1 and all(able[n] for n in leaders)
    return everybody, rule


def test_scores_minimums_and_the_rule_are_the_game_s(game: Path) -> None:
    case = read_game(game, as_of=DAY).case
    found = survey(case, "standard")
    assert (found.signable, found.passing) == assert_scores_are_the_files(case, game)
    assert [seat.name for seat in case.seats] == list(sheets(game))
    assert case.gain == 0
    for seat, (_, least) in zip(case.seat_ids, sheets(game).values(), strict=True):
        assert case.floor(seat, "standard").total == least


def test_leaders_hold_vetoes_and_the_bonus_is_no_part_of_the_floor(game: Path) -> None:
    case = read_game(game, as_of=DAY).case
    rule = case.rule
    assert rule.required == ("orchard-company", "water-board")
    assert rule.at_least == len(case.seats) - 1
    assert rule.unanimity_bonus == {"orchard-company": 10}
    everyone = frozenset(case.seat_ids)
    assert rule.passes(everyone - {"bird-society"})
    assert not rule.passes(everyone - {"water-board"})
    assert not rule.passes(everyone - {"bird-society", "village-council"})


def test_words_incentives_and_opening(game: Path) -> None:
    made = read_game(game, as_of=DAY)
    case = made.case
    assert case.issues[1].title == 'Share of the "village well"'
    assert [option.label for option in case.issues[0].options] == [
        "all of it",
        "half of it",
        "a trial",
    ]
    assert case.issues[1].options[0].label == "The company pays nothing"
    assert "dry summer" in case.issues[1].options[0].text
    assert case.mandates["bird-society"].style.kind == "hard-bargainer"
    assert case.mandates["growers-union"].style.kind == "problem-solver"
    assert "max score 62" in case.mandates["bird-society"].brief
    assert "#" not in case.mandates["bird-society"].brief
    assert [p.option for p in case.seat("orchard-company").positions] == ["a1", "b1", "c1", "d1"]
    assert all(not seat.positions for seat in case.seats if seat.id != "orchard-company")
    assert made.notes == ()


def test_one_incentive_can_be_given_to_all(game: Path) -> None:
    case = read_game(game, as_of=DAY, incentive="cooperative").case
    assert {m.style.kind for m in case.mandates.values()} == {"problem-solver"}
    with pytest.raises(CaseError, match="individual_instructions/greedy/growers"):
        read_game(game, as_of=DAY, incentive="greedy")


def test_what_is_written_reads_back(game: Path, tmp_path: Path) -> None:
    case = read_game(game, as_of=DAY).case
    again = load_case(write_case(case, tmp_path / "table"))
    assert again.rule == case.rule
    assert again.mandates == case.mandates
    assert again.issues == case.issues


def test_sheets_need_not_add_up_to_a_hundred(copied: Path, tmp_path: Path) -> None:
    scores = copied / "scores_files" / "birds.txt"
    scores.write_text(scores.read_text("utf-8").replace("62", "44"), "utf-8")
    case = read_game(copied, as_of=DAY).case
    assert case.scale == 100
    assert case.mandates["bird-society"].scale == 82
    assert load_case(write_case(case, tmp_path / "t")).mandates["bird-society"].best() == 82


def test_a_game_without_leaders_or_opening(copied: Path) -> None:
    config = copied / "config.txt"
    config.write_text(
        config.read_text("utf-8").replace(",p1,", ",player,").replace(",p2,", ",player,")
    )
    (copied / "initial_deal.txt").unlink()
    case = read_game(copied, as_of=DAY).case
    assert case.rule.required == ()
    assert case.rule.unanimity_bonus == {}
    assert not case.seat("orchard-company").positions


def test_the_score_files_win_over_the_prose(copied: Path) -> None:
    for scores in (copied / "scores_files").glob("*.txt"):
        rows = scores.read_text("utf-8").split("\n")
        rows[3] += ", 1"
        scores.write_text("\n".join(rows), "utf-8")
    made = read_game(copied, as_of=DAY)
    assert [o.label for o in made.case.issues[3].options][4] == "option D5"
    assert any("issue D lists 4" in note for note in made.notes)


def test_a_name_the_prose_never_quotes_is_noted(copied: Path) -> None:
    config = copied / "config.txt"
    config.write_text(config.read_text("utf-8").replace("Bird society", "Bird club"), "utf-8")
    made = read_game(copied, as_of=DAY)
    assert "bird-club" in made.case.seat_ids
    assert any("line 5" in note and "Bird club" in note for note in made.notes)


def edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return change


def drop(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


BROKEN = [
    (drop("config.txt"), "config.txt: there is no such file"),
    (drop("global_instructions.txt"), "global_instructions.txt: there is no such file"),
    (drop("scores_files/birds.txt"), "scores_files/birds.txt: there is no such file"),
    (drop("individual_instructions/greedy/birds.txt"), "greedy/birds.txt: there is no such file"),
    (edit("config.txt", ",p2,", ",chief,"), "config.txt: line 3: unknown role 'chief'"),
    (edit("config.txt", ",p2,", ",p1,"), "config.txt: more than one party has the role p1"),
    (edit("config.txt", ",water,", ","), "config.txt: line 3: found"),
    (edit("config.txt", ",water,", ",company,"), "config.txt: line 3: the file 'company' belongs"),
    (edit("config.txt", ",water,", ",../water,"), "config.txt: line 3: '../water' is not"),
    (edit("scores_files/birds.txt", "36", "many"), "birds.txt: line 3: found 'many'"),
    (edit("scores_files/birds.txt", "36", "3.5"), "birds.txt: line 3: found '3.5'"),
    (edit("scores_files/birds.txt", "36, ", ""), "birds.txt: line 3: 2 options"),
    (edit("scores_files/birds.txt", "\n40\n", "\n50,1\n"), "birds.txt: line 5: the last line"),
    (edit("scores_files/birds.txt", "\n40\n", "\n"), "birds.txt: line 4: the last line"),
    (edit("scores_files/birds.txt", "0, 4, 8\n", ""), "birds.txt: 3 issues"),
    (edit("initial_deal.txt", "D1", "D9"), "initial_deal.txt: line 1: D9 is no option"),
    (edit("initial_deal.txt", ",D1", ""), "initial_deal.txt: line 1: no option for issue D"),
    (
        edit("individual_instructions/greedy/birds.txt", "#B3_NUM", "#B7_NUM"),
        "greedy/birds.txt: line 4: #B7_NUM stands for no score",
    ),
]


@pytest.mark.parametrize(("change", "says"), BROKEN, ids=[says for _, says in BROKEN])
def test_a_malformed_file_is_named_with_its_line(
    copied: Path, change: Callable[[Path], None], says: str
) -> None:
    change(copied)
    with pytest.raises(CaseError) as caught:
        read_game(copied, as_of=DAY)
    assert any(says in str(finding) for finding in caught.value.findings), str(caught.value)
    assert all(finding.path.startswith("orchard/") for finding in caught.value.findings)


FILES = (
    "config.txt", "global_instructions.txt", "initial_deal.txt", "scores_files/birds.txt",
    "individual_instructions/greedy/birds.txt",
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(file=st.sampled_from(FILES), junk=st.binary(max_size=80), at=st.integers(0, 400))
def test_no_byte_anywhere_brings_a_traceback(
    game: Path, tmp_path_factory: pytest.TempPathFactory, file: str, junk: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("game") / "g"
    shutil.copytree(game, folder)
    raw = (folder / file).read_bytes()
    (folder / file).write_bytes(raw[:at] + junk + raw[at + len(junk) :])
    with contextlib.suppress(CaseError):
        write_case(read_game(folder, as_of=DAY).case, folder / "table")


def test_the_four_ways_to_list_an_option() -> None:
    prose = read_prose(
        'Issue A: "Park"\nA1 "on water": islands.\nA2: $3 billion.\n'
        '- Issue B: "Tax". Of two kinds.\n    - B1: High ==> hard.\n\t- B2: "Low"\n'
        'Issue C: "Compensation to "neighbouring cities""\nC1 "None" at all\nC2: "X" pays $6.\n'
    )
    assert prose.issue("A") == (
        "Park",
        {1: ("on water", "on water: islands."), 2: ("$3 billion", "$3 billion.")},
    )
    assert prose.issue("B")[0] == "Tax"
    assert prose.issue("B")[1][1] == ("High", "High: hard.")
    assert prose.issue("C")[0] == 'Compensation to "neighbouring cities"'
    assert prose.issue("C")[1][2][0] == '"X" pays $6'


# ---- The public games: counted by enumeration elsewhere, so these figures are golden. ----

GOLDEN = {
    "base": (12, 55, 481, ("a2", "b3", "c3", "d2", "e3")),
    "game1": (21, 57, 241, ("a3", "b3", "c3", "d2", "e2")),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_public_game_counts_as_published(test_data: Path, name: str) -> None:
    folder = test_data / "llm-deliberation" / name
    case = read_game(folder, as_of=DAY, incentive="cooperative").case
    everybody, rule, efficient, nash = GOLDEN[name]
    assert assert_scores_are_the_files(case, folder) == (everybody, rule)
    found = survey(case, "standard")
    assert (found.signable, found.passing) == (everybody, rule)
    assert solution(case, found, "nash") == nash
    packages = [case.agenda.package(n) for n in range(case.agenda.count)]
    totals = [[case.mandates[s].total(p) for s in case.seat_ids] for p in packages]
    assert len(frontier(np.array(totals))) == efficient
    assert max_min(found.totals, found.no_deal) is not None


def test_the_public_base_game_ships_with_three_greedy_parties(test_data: Path) -> None:
    case = read_game(test_data / "llm-deliberation" / "base", as_of=DAY).case
    kinds = [case.mandates[seat].style.kind for seat in case.seat_ids]
    assert kinds.count("hard-bargainer") == 3
