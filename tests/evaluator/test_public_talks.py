"""Published talks scored again: LLM-Deliberation's deals and row, CaSiNo's points and divisions.

The data is public and not part of the repository: see the fixture `test_data`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.domain.case import Case
from app.evaluator.division import divide
from app.evaluator.extraction import Extraction, closing, extract
from app.evaluator.foreign.casino import casino_case
from app.evaluator.foreign.reading import read_transcripts
from app.evaluator.published import row, session_score
from app.evaluator.scorers import card
from app.evaluator.transcript import Transcript, Unscored
from tests.evaluator.deliberation_games import deliberation_case
from tests.needs import need

GAMES = ("base", "game1")
GOODS = ("food", "water", "firewood")
LEAST_EXACT, LEAST_PER_ITEM = 0.74, 0.86


def game(test_data: Path, name: str, *, paper: bool = False) -> tuple[Case, str, str]:
    folder = test_data / "llm-deliberation" / name
    need(folder.is_dir(), f"no {name} under PARLEY_TEST_DATA")
    return deliberation_case(folder, paper=paper)


def sessions(test_data: Path, name: str) -> tuple[Transcript, ...]:
    path = test_data / "llm-deliberation" / "transcripts" / f"{name}_gpt4_coop.jsonl"
    need(path.is_file(), f"no {path.name} under PARLEY_TEST_DATA")
    return read_transcripts(path)


def dialogues(test_data: Path) -> tuple[Transcript, ...]:
    path = test_data / "casino" / "casino_first_100.json"
    need(path.is_file(), "no CaSiNo dialogues under PARLEY_TEST_DATA")
    return read_transcripts(path)


@pytest.mark.parametrize("name", GAMES)
def test_every_final_deal_and_who_is_below_its_minimum(test_data: Path, name: str) -> None:
    case, proposer, veto = game(test_data, name)
    found = sessions(test_data, name)
    assert len(found) == {"base": 21, "game1": 20}[name]
    for session in found:
        deal = closing(session, case, proposer)
        assert not isinstance(deal, Unscored)
        assert ",".join(deal[0]) == session.meta["final_deal"]
        scored = session_score(session, case, proposer, veto)
        met = {seat: seat not in scored.below for seat in case.seat_ids}
        assert met == session.meta["met"]
        totals = {seat: case.mandates[seat].total(deal[0]) for seat in case.seat_ids}
        assert totals == session.meta["scores"]


def test_the_published_row_of_base_gpt4(test_data: Path) -> None:
    """81.0 / 33.3 / 100 / 1.5 by the paper's rule and sheets; 85.7 / 38.1 as players are told."""
    case, proposer, veto = game(test_data, "base", paper=True)
    talks = sessions(test_data, "base")
    paper = row([session_score(talk, case, proposer, veto, "paper") for talk in talks])
    figures = (paper.final, paper.unanimous, paper.ever, paper.wrong)
    assert [round(figure, 1) for figure in figures] == [81.0, 33.3, 100.0, 1.5]
    stated = row([session_score(talk, case, proposer, veto) for talk in talks])
    assert [round(stated.final, 1), round(stated.unanimous, 1)] == [85.7, 38.1]


def test_casino_points_of_every_participant_with_a_deal(test_data: Path) -> None:
    people = 0
    for talk in dialogues(test_data):
        case = casino_case(talk)
        found = card(talk, case)
        info = talk.meta["participant_info"]
        assert isinstance(info, dict)
        if found.value("deal") == "none":
            assert [form.kind for form in talk.forms][-1] == "walk"
            continue
        assert found.deal is not None
        package = found.deal.package(case)
        assert package is not None
        for who in case.seat_ids:
            assert case.mandates[who].total(package) == info[who]["outcomes"]["points_scored"]
            people += 1
    assert people == 198


def test_casino_divisions_from_words_alone(
    test_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader was fitted on these same dialogues; the naive figures stand beside it."""
    rows = {"reader": [0, 0], "naive": [0, 0]}
    count = 0
    for talk in dialogues(test_data):
        truth = settled(talk)
        if not truth:
            continue
        count += 1
        first = casino_case(talk).seat_ids[0]
        for name, told in (
            ("reader", divide(talk, first, GOODS).first),
            ("naive", naive(talk, first)),
        ):
            right = sum(told.get(good) == truth[good] for good in GOODS)
            rows[name][0] += right == 3
            rows[name][1] += right
    shares = {name: (exact / count, item / count / 3) for name, (exact, item) in rows.items()}
    with capsys.disabled():
        print(
            f"\ndivisions of {count}: "
            + ", ".join(f"{n} {e:.3f} {i:.3f}" for n, (e, i) in shares.items())
        )
    exact, item = shares["reader"]
    assert exact >= LEAST_EXACT
    assert item >= LEAST_PER_ITEM
    assert exact > shares["naive"][0]


def settled(talk: Transcript) -> dict[str, int]:
    """The first person's packages as the forms say, by a reading of its own."""
    sent: dict[str, int] = {}
    for form in talk.forms:
        if form.kind == "submit":
            sent = {good: int(option.rpartition("-")[2]) for good, option in form.terms.items()}
        elif form.kind == "walk":
            sent = {}
    return sent


_AMOUNT = re.compile(
    r"\b([0-3]|one|two|three|all|an?)\b(?: (?:of|the|my|your|extra|more|packages?))*"
    r" (food|water|firewood|wood)"
)
_FIGURES = {"one": 1, "two": 2, "three": 3, "all": 3, "a": 1, "an": 1}


def naive(talk: Transcript, first: str) -> dict[str, int]:
    """A plain regular expression: the last amount of each good, given to the nearest I or you."""
    told: dict[str, int] = {}
    for turn in talk.turns:
        low = turn.text.lower()
        for match in _AMOUNT.finditer(low):
            good = "firewood" if "wood" in match[2] else match[2]
            count = _FIGURES.get(match[1], 0) or int(match[1] if match[1].isdigit() else 0)
            before = low[: match.start()]
            yours = max(before.rfind("you "), before.rfind("you'"))
            mine = max(before.rfind("i "), before.rfind("i'"), before.rfind("me "))
            own = (yours <= mine) == (turn.speaker == first)
            told[good] = count if own else 3 - count
    return told


def test_words_of_a_session_never_contradict_its_typed_ledger(test_data: Path) -> None:
    """Every talk is read without an error, and its ledger's quotes come from their turns."""
    for name in GAMES:
        case, _, _ = game(test_data, name)
        for talk in sessions(test_data, name):
            found = extract(talk, case)
            assert isinstance(found, Extraction)
            for act in found.ledger.acts:
                said = " ".join(talk.turns[act.turn - 1].text.split())
                assert act.quote[:40] in said.replace("\u2019", "'") or not said.isascii()
