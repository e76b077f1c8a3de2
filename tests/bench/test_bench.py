"""The benches in tiny forms: found, resumed, counted right, and never judged by a clock."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.delegates.silent import SENTENCE
from app.domain.bargaining import nash, survey
from app.domain.opening import openings
from app.evaluator import suite_swap
from app.library import find, load_case
from bench import __main__ as benches
from bench import domains, figures, oracle, pages, sittings, solver, styles, tables
from bench import random as random_tables
from bench.batch import Job, Row, code_mark, kept_at, measure

FLAGSHIP = "table-for-five"


# -- finding and listing -----------------------------------------------------------------------


def test_every_bench_is_found_in_a_stated_order() -> None:
    found = [bench.name for bench in benches.benches()]
    assert [name for name in found if name in {"tables", "random", "solver", "styles"}] == [
        "tables",
        "random",
        "solver",
        "styles",
    ]
    assert {"batch", "domains", "figures", "oracle", "sittings"}.isdisjoint(found)
    assert all(bench.help.endswith((".", ":")) or bench.help for bench in benches.benches())


def test_a_module_with_a_run_is_a_bench_and_is_not_imported_to_know_it(tmp_path: Path) -> None:
    path = tmp_path / "tides.py"
    body = "def run(argv: list[str]) -> int:\n    return 0\n"
    path.write_text(f'"""Tides."""\nimport nowhere\nORDER = 7\n{body}')
    assert benches.described(path) == benches.Bench(name="tides", help="Tides.", order=7)
    path.write_text('"""Tides."""\nRUN = 1\n')
    assert benches.described(path) is None


def test_an_unknown_bench_is_named_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert benches.main(["tide"]) == 2
    assert "no bench 'tide'" in capsys.readouterr().err
    assert benches.main(["--help"]) == 0
    assert "tables" in capsys.readouterr().out


def test_a_page_is_filled_with_the_output_of_its_commands(tmp_path: Path) -> None:
    page = "a\n<!-- bench tides --high 2 -->\nold\n<!-- end -->\n"
    page += "b\n<!-- bench moon -->\n<!-- end -->\n"

    def measured(name: str, options: list[str]) -> int:
        print(f"met     {name}: {options}")
        return 0

    new = pages.filled(page, measured, only="tides")
    assert "old" not in new
    assert "`python -m bench tides --high 2`\n\n- **met** tides: ['--high', '2']\n" in new
    assert new.startswith("a\n")
    assert new.endswith("b\n<!-- bench moon -->\n<!-- end -->\n")
    assert pages.filled(new, measured, only="tides") == new
    assert pages.commands(new) == ["tides --high 2", "moon"]
    with pytest.raises(SystemExit, match="ended with 1"):
        pages.filled(page, lambda *_: 1)
    kept = tmp_path / "page.md"
    kept.write_text(page)
    assert benches.main(["--fill", str(kept)]) == 2
    assert benches.main(["--fill", str(tmp_path / "none.md")]) == 2
    assert kept.read_text() == page


def test_the_page_of_results_names_commands_that_exist(root: Path) -> None:
    page = (root / "docs" / "results.md").read_text("utf-8")
    names = {bench.name for bench in benches.benches()}
    assert {line.split()[0] for line in pages.commands(page)} <= names
    assert {"tables", "random", "solver", "styles"} <= {
        line.split()[0] for line in pages.commands(page)
    }
    # No host, no folder of a machine.
    assert not re.search(r"/(home|root|tmp|Users|work)/|://|localhost", page)


# -- partial results ---------------------------------------------------------------------------


def counting(seen: list[Job]) -> Callable[[Job], Row]:
    """A piece of work that remembers what it was asked."""

    def work(job: Job) -> Row:
        seen.append(job)
        return {"twice": 2 * job["n"]}

    return work


def test_partial_results_are_gone_on_with(tmp_path: Path) -> None:
    path, seen = tmp_path / "deep" / "kept.jsonl", list[Job]()
    jobs: list[Job] = [{"n": n} for n in range(4)]
    first = measure(counting(seen), jobs[:2], processes=1, path=path, fresh=False)
    assert (first, len(seen)) == ([{"twice": 0}, {"twice": 2}], 2)
    with path.open("a") as file:
        file.write('{"code": "cut off in the')
        file.write("\n")
    rows = measure(counting(seen), jobs, processes=1, path=path, fresh=False)
    assert [row["twice"] for row in rows] == [0, 2, 4, 6]
    assert [job["n"] for job in seen] == [0, 1, 2, 3]
    measure(counting(seen), jobs, processes=1, path=path, fresh=True)
    assert len(seen) == 8


def test_rows_of_other_code_are_not_taken(tmp_path: Path) -> None:
    path, seen = tmp_path / "kept.jsonl", list[Job]()
    old = {"code": "0" * 12, "job": {"n": 3}, "row": {"twice": 7}}
    path.write_text(json.dumps(old) + "\n")
    assert measure(counting(seen), [{"n": 3}], processes=1, path=path, fresh=False) == [
        {"twice": 6}
    ]
    assert json.loads(path.read_text().splitlines()[-1])["code"] == code_mark() != "0" * 12


def test_two_processes_answer_in_the_order_of_the_jobs(tmp_path: Path) -> None:
    jobs: list[Job] = [{"n": n} for n in range(5)]
    assert measure(dict, jobs, processes=2, path=tmp_path / "k.jsonl", fresh=False) == jobs


def test_results_are_kept_at_home_unless_a_file_is_named(own_home: Path) -> None:
    assert kept_at(None, "tables") == own_home / "bench" / "tables.jsonl"
    assert kept_at("here.jsonl", "tables") == Path("here.jsonl")


# -- figures -----------------------------------------------------------------------------------


def test_figures() -> None:
    assert figures.quartiles([1, 2, 3, 4, 5]) == (2, 3, 4)
    assert figures.quartiles([7]) == (7, 7, 7)
    assert math.isnan(figures.quartiles([])[1])
    assert figures.spread([]) == "-"
    assert figures.spread([1, 2, 3], 1) == "2.0 (1.5 to 2.5)"
    assert figures.share(195, 200) == "97.5 % (195/200)"
    assert figures.share(0, 0) == "-"
    assert figures.grid(["a", "long"], [("x", 1)]) == "\n".join(
        ["| a | long |", "|---|------|", "| x | 1    |"]
    )
    assert figures.standard_error([1.0, 3.0]) == pytest.approx(1.0)
    assert figures.verdict("speed", False, "3", "5").startswith("MISSED")


# -- the referee -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [FLAGSHIP, "first-offer"])
def test_the_referee_and_the_floor_agree_on_packages_good_and_bad(name: str) -> None:
    case, referee = load_case(name), oracle.Referee(find(name))
    dice = random.Random(5)
    for preset in case.presets:
        signable = survey(case, preset.id).numbers.tolist()
        numbers = [dice.randrange(case.agenda.count) for _ in range(300)]
        numbers += [dice.choice(signable) for _ in range(100)]
        for number in numbers:
            package = case.agenda.package(number)
            for seat in case.seat_ids:
                may_not = bool(case.breaches(seat, package, preset.id))
                assert referee.below_floor(seat, package, preset.id) == may_not


def test_the_referee_reads_the_articles_package_as_the_case_says() -> None:
    case, referee = load_case(FLAGSHIP), oracle.Referee(find(FLAGSHIP))
    package = case.references[0].package
    assert [referee.total(seat, package) for seat in ("ukraine", "russia", "usa")] == [69, 58, 87]
    assert referee.readings(package) == {"any": True, "strong": True, "each": False}


# -- random domains ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", domains.KINDS)
@pytest.mark.parametrize("zone", [0.1, 0.01, 0.0])
def test_a_domain_has_the_zone_asked_for_and_the_survey_agrees(kind: str, zone: float) -> None:
    held = domains.domain(3, seats=4, issues=5, kind=kind, zone=zone)
    assert held == domains.domain(3, seats=4, issues=5, kind=kind, zone=zone)
    case = domains.case_of(held)
    assert case.agenda.count == held.packages
    assert survey(case, "standard").signable == held.signable
    # Floors are rounded up to whole points and equal packages come in together.
    assert held.signable == pytest.approx(zone * held.packages, rel=0.25, abs=2)
    assert bool(held.signable) == (zone > 0)
    for sheet in held.sheets:
        assert sum(max(row) for row in sheet) == domains.SCALE
        assert all(min(row) == 0 for row in sheet)


def test_every_floor_is_the_same_share_of_the_nash_point() -> None:
    held = domains.domain(11, seats=3, issues=4, kind="camps", zone=0.02)
    totals = domains.all_totals(held.sheets)
    worths = [math.prod(int(worth) for worth in column) for column in totals.T]
    point = totals[:, worths.index(max(worths))]
    ratios = [floor / worth for floor, worth in zip(held.floors, point.tolist(), strict=True)]
    assert max(ratios) - min(ratios) < 0.005


def test_conflict_rises_from_cooperative_to_zero_sum() -> None:
    def joint(kind: str) -> float:
        best = []
        for seed in range(12):
            held = domains.domain(seed, seats=4, issues=6, kind=kind, zone=0.01)
            best.append(int(domains.all_totals(held.sheets).sum(axis=0).max()))
        return float(np.mean(best))

    levels = [joint(kind) for kind in domains.KINDS]
    assert levels == sorted(levels, reverse=True)
    # Between two even blocs what one side wins the other loses.
    assert levels[-1] < 0.62 * 4 * domains.SCALE < levels[0]


def test_the_smallest_opening_opens_and_one_point_less_does_not() -> None:
    opened = 0
    for seed in range(12):
        held = domains.domain(seed, seats=3, issues=5, kind="mixed", zone=0.0)
        case = domains.case_of(held)
        for way in [way for way in openings(case, "standard") if way.points][:1]:
            seat = case.seat_ids.index(way.seat)
            assert domains.lowered(held, seat, way.points).signable
            assert not domains.lowered(held, seat, way.points - 1).signable
            opened += 1
    assert opened


# -- tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "seed"), [("first-offer", 1), ("first-offer", 2), (FLAGSHIP, 3)])
def test_fixed_sentences_leave_the_course_as_it_is(name: str, seed: int) -> None:
    case = load_case(name)
    session = replace(case.session, improve=True)
    silent = sittings.play(case, seed, session, silent=True).table
    spoken = sittings.play(case, seed, session, silent=False).table
    assert suite_swap.course(silent) == suite_swap.course(spoken)
    assert (silent.deal, silent.improved) == (spoken.deal, spoken.improved)
    assert {remark.speech.text for remark in silent.words} == {SENTENCE}
    assert len({remark.speech.text for remark in spoken.words}) > 1


def test_signatures_hold_every_name_given() -> None:
    case = load_case("first-offer")
    table = sittings.play(case, 1, replace(case.session, improve=True), silent=True).table
    acts = sittings.signatures(table)
    given = sum(len(moved.move.endorse) for moved in table.moves)
    assert table.deal is not None
    assert len(acts) >= len(table.offers) + given + len(case.seat_ids)
    assert all((seat, table.deal.package) in acts for seat in case.seat_ids)
    named = [(m.seat, table.offers[n - 1].package) for m in table.moves for n in m.move.endorse]
    assert given
    assert [act for act in named if act not in acts] == []


@pytest.mark.parametrize("mode", list(sittings.MODES))
def test_helpers_are_those_of_the_mode(mode: str) -> None:
    case = load_case("first-offer")
    session = sittings.with_mode(case.session, mode)
    table = sittings.play(case, 4, session, silent=True).table
    assert bool(table.polls) == (mode in {"votes", "ranks"})
    helped = {offer.by for offer in table.offers} - set(case.seat_ids)
    assert helped <= {"chair" if mode == "chair" else "mediator"}
    assert mode != "no helper" or not helped


def test_tables_are_measured_and_counted_against_the_referee(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "t.jsonl"
    argv = ["--tables", "first-offer", "--seeds", "2", "--jobs", "1", "--silent"]
    argv += ["--modes", "no helper,votes", "--out", str(out)]
    assert tables.run(argv) == 0
    printed = capsys.readouterr().out
    for part in ("one fixed sentence", "deal signed by all", "0 of ", "random packages", "2/2"):
        assert part in printed
    assert len(out.read_text().splitlines()) == 4
    assert tables.run(argv) == 0
    assert len(out.read_text().splitlines()) == 4


def test_a_signature_below_a_floor_would_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle.Referee, "below_floor", lambda *_: True)
    job = {"table": "first-offer", "preset": "standard", "rounds": 10, "mode": "no helper"}
    row = tables.sit({**job, "seed": 1, "silent": True})
    assert row["below"] == row["acts"] > 0


# -- random tables, solver, styles -------------------------------------------------------------


def test_random_tables_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    parts = "sweep,ladder,empty,hard"
    assert random_tables.run(["--tables", "1", "--jobs", "1", "--parts", parts]) == 0
    printed = capsys.readouterr().out
    assert "plain numbers: 0" in printed
    assert "met     deals on an empty zone: 0" in printed
    assert "Gain of being hard" in printed


def test_a_random_table_without_a_zone_ends_without_a_deal() -> None:
    job: Job = {"rounds": 3, "mode": "votes", "hard": "all", "seats": 3, "issues": 3}
    row = random_tables.sit({**job, "kind": "camps", "zone": 0.0, "seed": 5})
    assert (row["deal"], row["signable"], row["below"]) == (False, 0, 0)
    assert row["signed"]["nash"] == 0.0


def test_the_solver_is_measured_in_processes_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(solver.INTERPRETER, raising=False)
    assert solver.run(["--issues", "3", "--repeat", "2"]) == 0
    printed = capsys.readouterr().out
    assert "| 64 " in printed
    assert "NegMAS was not run" in printed


def test_the_measured_solver_is_right_on_a_small_domain() -> None:
    sheets = solver.sheets_of(2, 3, "camps")
    found = solver.solved({"sheets": sheets, "floor": 300})
    totals = domains.all_totals(sheets).T
    zone = [tuple(row) for row in totals.tolist() if min(row) >= 300]
    edge = {
        one
        for one in zone
        if not any(
            all(b >= a for a, b in zip(one, two, strict=True)) and one != two for two in zone
        )
    }
    assert (found["signable"], found["frontier"]) == (len(zone), len(edge))
    if zone:
        best = max(math.prod(worth - 300 for worth in row) for row in zone)
        assert math.prod(worth - 300 for worth in found["nash"]) == best


def test_styles_and_names_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert styles.run(["--tables", "1", "--jobs", "1", "--parts", "one,names"]) == 0
    printed = capsys.readouterr().out
    assert "hard-bargainer" in printed
    assert printed.count("met     names") == 2


def test_a_swapped_flagship_is_the_same_problem_under_other_names() -> None:
    case = load_case(FLAGSHIP)
    other = suite_swap.swapped(case)
    assert set(other.seat_ids) == set(case.seat_ids)
    assert all(a != b for a, b in zip(case.seat_ids, other.seat_ids, strict=True))
    before, after = survey(case, "standard"), survey(other, "standard")
    assert np.array_equal(before.numbers, after.numbers)
    assert np.array_equal(before.totals, after.totals)
    assert nash(before.totals, before.no_deal) == nash(after.totals, after.no_deal)
    assert [seat.name for seat in suite_swap.renamed(case).seats] == [s.name for s in other.seats]
    assert suite_swap.renamed(case).seat_ids == case.seat_ids
