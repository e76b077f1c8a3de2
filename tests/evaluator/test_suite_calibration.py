"""A judge's labels against people's: the CSV, the figures, and what the verdict dares to say."""

from __future__ import annotations

import pytest

from app.errors import CaseError
from app.evaluator.agreement import Agreement, Interval
from app.evaluator.suite_calibration import Calibration, calibrate, read_labels
from app.evaluator.transcript import Unscored


def table(tp: int, fp: int, fn: int, tn: int, *, more: str = "") -> str:
    rows = ["id,criterion,truth,judge"]
    for kind, count, truth, judge in (
        ("tp", tp, "yes", "yes"), ("fp", fp, "no", "yes"),
        ("fn", fn, "yes", "no"), ("tn", tn, "no", "no"),
    ):  # fmt: skip
        rows += [f"{kind}{n},breach,{truth},{judge}" for n in range(count)]
    return "\n".join(rows) + "\n" + more


def one(text: str) -> Calibration:
    (found,) = calibrate(read_labels(text, "l.csv"))
    return found


def test_a_rare_criterion_shows_why_kappa_is_not_alone() -> None:
    """2/3/3/92: agreement .940, kappa .368, AC1 .934, as computed elsewhere."""
    found = one(table(2, 3, 3, 92)).agreed
    assert isinstance(found, Agreement)
    assert found.confusion.agreement == pytest.approx(0.940)
    assert found.kappa == pytest.approx(0.368, abs=5e-4)
    assert found.ac1 == pytest.approx(0.934, abs=5e-4)


def test_a_judged_share_is_corrected_by_what_the_labels_teach() -> None:
    """p .80, TPR .975, TNR .75 gives .7586 (Rogan and Gladen)."""
    unseen = "".join(f"u{n},breach,,{'yes' if n < 80 else 'no'}\n" for n in range(100))
    found = one(table(39, 10, 1, 30, more=unseen))
    assert (found.judged, found.judged_yes) == (100, 80)
    assert isinstance(found.corrected, Interval)
    assert found.corrected.value == pytest.approx(0.7586, abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((97, 2, 3, 98), "usable"),
        ((19, 1, 1, 19), "not shown to be usable"),
        ((60, 40, 40, 60), "not usable"),
        ((0, 0, 0, 50), "not shown"),
    ],
)
def test_the_verdict_stands_on_lower_bounds(counts: tuple[int, ...], says: str) -> None:
    assert one(table(*counts)).verdict.startswith(says)


def test_levels_have_their_own_figures() -> None:
    rows = ["id,criterion,truth,judge"]
    rows += [f"i{n},tact,{n % 5},{min(4, n % 5 + (n % 7 == 0))}" for n in range(60)]
    found = one("\n".join(rows))
    kappa = found.levels["weighted kappa"]
    assert isinstance(kappa, float)
    assert 0.9 < kappa < 1
    assert found.levels["mean absolute error"] == pytest.approx(
        sum(min(4, n % 5 + (n % 7 == 0)) - n % 5 for n in range(60)) / 60
    )
    assert found.disagreements, "a level of 1 that the judge calls 2 changes the verdict"


def test_several_raters_give_the_ceiling() -> None:
    rows = ["id,criterion,truth,judge,rater"]
    for n in range(20):
        rows += [f"i{n},x,{'yes' if n % 2 else 'no'},yes,ann"]
        rows += [f"i{n},x,{'yes' if n % 2 or n == 4 else 'no'},yes,bob"]
    found = one("\n".join(rows))
    assert isinstance(found.human, float)
    assert 0.85 < found.human < 1
    assert found.labelled == 20
    assert isinstance(one(table(5, 5, 5, 5)).human, Unscored)


def test_columns_and_words_are_taken_generously_and_nonsense_is_not() -> None:
    text = "\ufeffID, Target ,JUDGE,split\na,Met,1,dev\nb,not_met,0,test\n"
    assert len(read_labels(text, "l.csv")) == 2
    assert len(read_labels(text, "l.csv", "dev")) == 1
    with pytest.raises(CaseError) as caught:
        read_labels("id,truth,judge\na,perhaps,yes\n,yes,9\n", "l.csv")
    places = [(finding.key, finding.problem.split(" ")[0]) for finding in caught.value.findings]
    assert places == [("line 2", "truth"), ("line 3", "judge"), ("line 3", "has")]
    for text in ("", "name,label\na,b\n", "id,truth,judge\n"):
        with pytest.raises(CaseError):
            read_labels(text, "l.csv")


def test_the_fixture_reads_as_documented(root: object) -> None:
    from pathlib import Path

    text = (Path(str(root)) / "evals" / "labels" / "example.csv").read_text("utf-8")
    found = {part.criterion: part for part in calibrate(read_labels(text, "example.csv"))}
    assert set(found) == {"interests", "threats"}
    assert found["threats"].judged > 0
    assert isinstance(found["threats"].human, float)
