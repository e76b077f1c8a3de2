"""`parley eval calibrate`: how far a judge can be believed, from a CSV of people's labels."""

from __future__ import annotations

import json as json_
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from app.commands.eval_folder import find_run
from app.commands.solve import complain
from app.errors import CaseError
from app.evaluator.agreement import Agreement, Interval
from app.evaluator.foreign.plain import bytes_of, text_of
from app.evaluator.suite_calibration import Calibration, Label, calibrate, read_labels
from app.evaluator.suite_journal import JUDGED, lines_of, wrong
from app.evaluator.transcript import Unscored


def run(
    labels: Path, home: Path, *, judged: Path | None = None, split: str = "", json: bool = False
) -> int:
    """Print the report; 1 when a criterion is not shown to be usable, 2 for a bad file."""
    try:
        rows = read_labels(text_of(bytes_of(labels), labels.name), labels.name, split)
        if judged is not None:
            rows = _with_judge(rows, find_run(judged, home))
        if all(row.judge is None for row in rows):
            raise wrong(labels, "judge", "no label of a judge; add the column or name a --run")
    except CaseError as error:
        complain(error)
        return 2
    found = calibrate(rows)
    if json:
        print(json_.dumps([_data(one) for one in found], ensure_ascii=False, indent=2))
    else:
        _print(found)
    return 0 if all(one.verdict.startswith("usable") for one in found) else 1


def _with_judge(rows: list[Label], folder: Path) -> list[Label]:
    """The labels with the levels that a run's judge gave to the same case and criterion."""
    path = folder / JUDGED
    if not path.is_file():
        raise wrong(path, "", "this run has no judge's answers")
    levels = {
        (row["id"], criterion): level
        for row in lines_of(path)
        for criterion, level in row["levels"].items()
    }
    return [replace(row, judge=levels.get((row.item, row.criterion)), levels=True) for row in rows]


def _print(found: tuple[Calibration, ...]) -> None:
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    for one in found:
        console.print(f"\n{one.criterion or 'the judge'}", style="bold", markup=False)
        console.print(f"  {one.verdict[:1].upper()}{one.verdict[1:]}.", markup=False)
        if isinstance(one.agreed, Agreement):
            _print_agreement(one, one.agreed, console)
        for name, value in one.levels.items():
            console.print(f"  {name:<26}{_figure(value)}", markup=False)
        if one.judged:
            share = one.judged_yes / one.judged
            text = f"{one.judged_yes} of {one.judged} ({share:.1%})"
            console.print(f"  {'unlabelled, judged yes':<26}{text}", markup=False)
            console.print(
                f"  {'corrected (Rogan-Gladen)':<26}{_figure(one.corrected)}", markup=False
            )
        for text in one.disagreements[:10]:
            console.print(f"    {text}", markup=False, style="dim")
        if len(one.disagreements) > 10:
            console.print(f"    and {len(one.disagreements) - 10} more", style="dim")


def _print_agreement(one: Calibration, agreed: Agreement, console: Console) -> None:
    table = agreed.confusion
    counts = f"{table.tp} yes/yes, {table.fp} false yes, {table.fn} false no, {table.tn} no/no"
    lines = (
        ("labelled", f"{one.labelled} ({counts})"),
        ("prevalence of yes", f"{table.prevalence:.3f}"),
        ("TPR", _figure(agreed.tpr)),
        ("TNR", _figure(agreed.tnr)),
        ("agreement", f"{table.agreement:.3f}"),
        ("balanced accuracy", _figure(agreed.balanced)),
        ("Cohen's kappa", _figure(agreed.kappa)),
        ("Gwet's AC1", _figure(agreed.ac1)),
        ("Krippendorff's alpha", _figure(one.alpha)),
        ("alpha among people", _figure(one.human)),
    )
    for name, text in lines:
        console.print(f"  {name:<26}{text}", markup=False)


def _figure(value: Interval | float | Unscored) -> str:
    if isinstance(value, Unscored):
        return f"not told: {value.detail}"
    if isinstance(value, Interval):
        return f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"
    return f"{value:.3f}"


def _data(one: Calibration) -> dict[str, Any]:
    return asdict(one) | {"verdict": one.verdict}
