"""The reader never runs away, room sets the pace, and tight tables without words still close."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.delegates import acceptance
from app.delegates.acceptance import Example, Reader, public_lean, read_seat
from app.delegates.aspiration import FASTEST, SLOWEST, pace, room
from app.delegates.manner import MANNERS, PLAIN, manner, ready, worn
from app.domain.case import Case
from app.domain.mandate import Style
from app.domain.moves import Move, Speech
from app.domain.table import Table
from bench.domains import Domain, case_of, domain
from bench.sittings import play, signatures, with_mode
from tests.delegates.test_waiting import sat

WORDS = Speech(text="x", by="engine")
SEATS = tuple(f"seat-{n}" for n in range(1, 6))


def tight(seed: int, zone: float = 0.0002) -> tuple[Domain, Case]:
    held = domain(seed, seats=5, issues=8, kind="mixed" if seed % 2 else "camps", zone=zone)
    return held, case_of(held)


def nearly_alike(case: Case, count: int) -> list[tuple[str, Move]]:
    """A seat's ideal and variants of it with one issue changed: what a firm seat tables."""
    ideal = tuple(
        max(row, key=lambda option: sum(row[option])) for row in case.mandates["seat-1"].sheet
    )
    texts = [ideal]
    for place, issue in enumerate(case.issues):
        for option in issue.options:
            changed = (*ideal[:place], option.id, *ideal[place + 1 :])
            if changed not in texts:
                texts.append(changed)
    return [("seat-1", Move(speech=WORDS, package=text)) for text in texts[:count]]


def test_texts_that_hardly_differ_do_not_make_the_reader_run_away() -> None:
    _, case = tight(2)
    for count in (1, 4, 8, 16):
        table = sat(case, 10, 3, *nearly_alike(case, count))
        reader = read_seat(table, "seat-1", public_lean(case, "seat-1"))
        chosen = np.array([table.agenda.indices(o.package) for o in table.offers])
        assert np.all(reader.worth(chosen) > 0.5), count
        assert np.all(reader.worth(chosen) < 1.2), count


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 40),
    alike=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_fit_is_never_worse_than_its_prior(seed: int, count: int, alike: bool) -> None:
    """Whatever is said of whatever texts: the loss that the fit makes small does not grow."""
    dice = np.random.default_rng(seed)
    seen = (dice.random((1 if alike else count, 12)) < 0.3).astype(float) * acceptance.SHARPNESS
    task = acceptance._Fitting(
        seen=np.repeat(seen, count, axis=0) if alike else seen,
        label=(dice.random(count) < 0.5).astype(float),
        offset=acceptance.SHARPNESS * dice.random(count),
        prior=dice.random(12) / 12,
        ridge=np.full(12, 5.0),
    )
    fitted = acceptance._fitted(task)
    assert task.loss(fitted) <= task.loss(task.prior)
    assert np.all(np.isfinite(fitted))


def test_what_a_seat_was_told_moves_its_reader_the_way_it_was_told() -> None:
    _, case = tight(2)
    table = sat(case, 10, 2)
    lean = public_lean(case, "seat-1")
    text = tuple(issue.options[0].id for issue in case.issues)
    chosen = np.array([table.agenda.indices(text)])
    plain = read_seat(table, "seat-1", lean).worth(chosen)[0]
    yes = read_seat(table, "seat-1", lean, (Example(package=text, label=1.0, level=0.9),))
    no = read_seat(table, "seat-1", lean, (Example(package=text, label=0.0, level=0.2),))
    assert no.worth(chosen)[0] < plain < yes.worth(chosen)[0]


def test_room_is_the_joint_worth_above_what_all_must_have() -> None:
    """By plain loops over all packages: the best sum, less the floors."""
    held, case = tight(4)
    table = sat(case, 10, 3)
    readers = {
        seat: Reader(
            seat=seat,
            weights=tuple(np.array(row) / 1000 for row in held.sheets[n]),
            level=0.9,
            least=held.floors[n] / 1000,
        )
        for n, seat in enumerate(SEATS)
        if seat != "seat-1"
    }
    best = sum(
        max(sum(sheet[place][option] for sheet in held.sheets) for option in range(len(row)))
        for place, row in enumerate(held.sheets[0])
    )
    found = room(table, "seat-1", readers)
    assert found == pytest.approx((best - sum(held.floors)) / 1000 / 5, abs=0.011)


def test_a_tight_table_is_yielded_at_early_and_a_wide_one_late() -> None:
    assert pace(-1.0) == FASTEST
    assert pace(0.1) > pace(0.2) > pace(0.25)
    assert pace(1.0) == SLOWEST


def test_manners_end_with_the_closing_call() -> None:
    _, case = tight(2)
    text = nearly_alike(case, 1)
    shy, slow = Style(kind="reluctant-alliance"), Style(kind="process-bound")
    early = sat(case, 10, 3, *text)
    offer = early.offers[0]
    assert not ready(early, offer, shy)
    assert not ready(early, offer, slow)
    assert ready(early, offer, Style())
    seconded = sat(case, 10, 3, *text, ("seat-2", Move(speech=WORDS, endorse=(1,))))
    assert ready(seconded, offer, shy)
    late = sat(case, 10, 9, *text)
    assert ready(late, late.offers[0], shy)
    assert ready(late, late.offers[0], slow)
    assert manner(Style(kind="something else")) is PLAIN
    assert {"hard-bargainer", "deal-maker", "process-bound", "reluctant-alliance"} <= set(MANNERS)


def test_tight_tables_without_a_word_of_argument_close() -> None:
    """About a dozen of 60,000 packages suit all five; floors are checked by plain sums.

    `python -m bench random --parts five` has the figures of 200; here all but one must close.
    """
    deals = 0
    for seed in range(3001, 3009):
        held, case = tight(seed)
        played = play(case, seed, with_mode(case.session, "no helper"), silent=True).table
        deals += played.deal is not None
        for seat, package in signatures(played):
            place = SEATS.index(seat)
            assert held.total(place, case.agenda.indices(package)) >= held.floors[place]
    assert deals >= 7


def test_styles_set_the_round_of_the_deal() -> None:
    """Five deal-makers close long before five reluctant allies, on the same sheets."""
    held = domain(5, seats=5, issues=8, kind="mixed", zone=0.01)
    rounds = {}
    for kind, exponent in (("deal-maker", 2.0), ("reluctant-alliance", 0.9)):
        style = Style(kind=kind, exponent=exponent)
        case = case_of(held, (style,) * 5)
        rounds[kind] = play(case, 1, case.session, silent=True).table.round
    assert rounds["deal-maker"] + 2 <= rounds["reluctant-alliance"]


def test_the_engine_never_names_what_its_manner_would_wait_for() -> None:
    """A reluctant ally's early names all stand under texts that somebody else had seconded."""
    held = domain(6, seats=5, issues=8, kind="mixed", zone=0.01)
    shy = Style(kind="reluctant-alliance", exponent=0.9)
    case = case_of(held, (shy, *(Style(),) * 4))
    table: Table = play(case, 3, replace(case.session, improve=False), silent=True).table
    rounds = {remark.turn: remark.round for remark in table.words}
    for moved in table.moves:
        if moved.seat != "seat-1" or rounds[moved.turn] >= 9:
            continue
        for number in moved.move.endorse:
            names = {
                m.seat for m in table.moves if number in m.move.endorse and m.turn < moved.turn
            }
            assert names - {table.offers[number - 1].by}


def test_patience_ends_when_nobody_signs_a_seats_texts() -> None:
    _, case = tight(2)
    text = nearly_alike(case, 1)
    assert case.mandates["seat-1"].style.patience == 5
    assert not worn(sat(case, 10, 5, *text), "seat-1")
    assert worn(sat(case, 10, 6, *text), "seat-1")
    assert not worn(sat(case, 10, 9), "seat-1")
    signed = ("seat-2", Move(speech=WORDS, endorse=(1,)))
    assert not worn(sat(case, 10, 6, *text, signed), "seat-1")
