"""`parley bench deliberation`: the literature's measures, and the engine's targets on them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.deliberation import Condition, measured, played, run
from app.domain.bargaining import survey
from app.domain.case import Case
from app.domain.events import AgreementReached
from app.domain.state import Offer
from app.domain.table import Table
from app.evaluator.scoreable import leader, least_surplus, outcome, rate, reached, spread, summary
from app.eventlog.base import case_hash
from app.library.imports.llm_deliberation import read_game
from app.library.write import write_case

DAY = "2025-01-13"
FEW = 12


@pytest.fixture(scope="module")
def orchard(root: Path) -> Case:
    folder = root / "tests" / "data" / "llm-deliberation" / "orchard"
    return read_game(folder, as_of=DAY, incentive="cooperative").case


async def finished(case: Case, seed: int = 1) -> Table:
    return await played(case, case_hash(case), Condition(rounds=4), seed)


def signed(table: Table, package: tuple[str, ...]) -> Table:
    """The same table with this deal."""
    seats = table.case.seat_ids
    deal = AgreementReached(offer=1, package=package, backers=seats, how="by hand")
    return replace(table, deal=deal)


async def test_the_measures_of_one_deal_by_hand(orchard: Case) -> None:
    """Scores of a2,b2,c2,d3 read off the files: 56, 54-2=52, 68, 90, 60 of 40 48 55 52 40."""
    table, found = await finished(orchard), survey(orchard, "standard")
    told = outcome(signed(table, ("a2", "b2", "c2", "d3")), found)
    assert (told.passed, told.all_way, told.left_out) == (True, True, ())
    assert told.least == pytest.approx((52 - 48) / (100 - 48))
    # a2,b2,c1,d3 leaves the Bird society with 20 + 4 + 0 + 0 = 24 of 40.
    told = outcome(signed(table, ("a2", "b2", "c1", "d3")), found)
    assert (told.passed, told.all_way, told.left_out) == (True, False, ("bird-society",))
    assert told.least == pytest.approx((24 - 40) / (100 - 40))


async def test_the_leader_s_bonus_counts_for_all_parties_only(orchard: Case) -> None:
    table, found = await finished(orchard), survey(orchard, "standard")
    mandate = orchard.mandates["orchard-company"]
    higher = replace(mandate.no_deal_lines[0], points=(58,))
    strict = replace(
        orchard,
        mandates={**orchard.mandates, "orchard-company": replace(mandate, no_deal_lines=(higher,))},
    )
    told = outcome(replace(signed(table, ("a2", "b2", "c2", "d3")), case=strict), found)
    assert told.all_way  # 52 + 10 reaches 58
    assert not told.passed  # but 52 alone does not, and the company holds a veto
    assert leader(strict) == "orchard-company"
    assert "orchard-company" not in reached(strict, ("a2", "b2", "c2", "d3"), "standard")


async def test_no_deal_is_a_failure_everywhere(orchard: Case) -> None:
    table, found = await finished(orchard), survey(orchard, "standard")
    told = outcome(replace(table, deal=None, offers=()), found)
    assert (told.passed, told.all_way, told.any_way) == (False, False, False)
    assert (told.least, told.nash, told.wrong) == (0.0, 0.0, 0.0)
    assert least_surplus(orchard, None, "standard") == 0.0


async def test_an_offer_below_its_own_proposer_is_wrong(orchard: Case) -> None:
    table, found = await finished(orchard), survey(orchard, "standard")
    poor = Offer(number=1, by="bird-society", package=("a1", "b1", "c1", "d1"), turn=1, round=1)
    good = replace(poor, number=2, package=("a3", "b3", "c3", "d1"))
    assert outcome(replace(table, offers=(poor, good)), found).wrong == 0.5


async def test_the_same_seed_plays_the_same_table(orchard: Case) -> None:
    assert (await finished(orchard, 5)).moves == (await finished(orchard, 5)).moves


def test_sums_and_intervals() -> None:
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]).median == 3.0
    assert spread([2.0]).low == 2.0
    # Wilson by hand: 9 of 10 at z = 1.96.
    assert (
        round(rate([True] * 9 + [False]).low, 3),
        round(rate([True] * 9 + [False]).high, 3),
    ) == (
        0.596,
        0.982,
    )
    with pytest.raises(ValueError, match="no tables"):
        summary(None, [])  # type: ignore[arg-type]


def test_the_engine_on_our_own_game(orchard: Case) -> None:
    """A narrow game: 3 of 108 packages suit all. Published models leave somebody out on easier."""
    found = measured(orchard, Condition(rounds=4), 40, 1)
    assert found.passed.share == 1.0
    assert found.all_way.share >= 0.4
    assert found.wrong == 0.0


@pytest.mark.parametrize("name", ["base", "game1"])
def test_the_engine_beats_the_published_models(test_data: Path, name: str) -> None:
    """In the study's four turns a party: the rule always, all parties far above 65 %."""
    folder = test_data / "llm-deliberation" / name
    case = read_game(folder, as_of=DAY, incentive="cooperative").case
    found = measured(case, Condition(rounds=4), 30, 1)
    assert found.passed.share == 1.0
    assert found.all_way.share >= 0.8
    assert found.wrong == 0.0


def test_the_command_prints_and_refuses(
    orchard: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = str(write_case(orchard, tmp_path / "orchard"))
    assert run(table, 2, json=True) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["series"][0]["tables"] == 2
    assert run(table, 1, mediator="votes") == 0
    said = capsys.readouterr().out
    assert said.count("drafts each voted on") == 6
    assert (
        "10 turns a party, mediator by votes; every seat answers the mediator with the truth"
        in said
    )
    for wrong in ({"rounds": 1}, {"mediator": "magic"}, {"tables": 0}):
        assert run(table, **{"tables": 1, **wrong}) == 2  # type: ignore[arg-type]
    assert run("no-such-table", 1) == 2
