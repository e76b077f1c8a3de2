"""A judge against people: labels from a CSV, and the report on how far the judge can be believed.

Columns: `id` (the item), `criterion` (one if left out), `truth` (a person's label; also
`target`), `judge` (the judge's), `rater` (who labelled, where several did), `split`. A label is
yes or no (also 1/0, true/false, met/not_met) or a level of 0 to 4. A row without `truth` is an
item that only the judge has seen: its share is corrected by what the labelled rows teach.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.errors import CaseError, Finding
from app.evaluator.agreement import (
    Agreement,
    Interval,
    agreement,
    alpha,
    kappa,
    rogan_gladen,
    spearman,
)
from app.evaluator.transcript import Unscored

YES = {"yes", "1", "true", "met", "y"}
NO = {"no", "0", "false", "not_met", "n"}
COLUMNS = ("id", "criterion", "truth", "judge", "rater", "split")
MET = 2
"""The lowest level that meets a criterion."""

BAR = 0.8
"""What TPR and TNR must reach at their lower bounds for a judge to be used without a second look.
A rule of thumb of the field, not a law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One row. `levels` says that its labels are 0 to 4 and not yes or no."""

    item: str
    criterion: str
    truth: int | None
    judge: int | None
    rater: str
    levels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One criterion. Whatever cannot be told is Unscored and not a zero.

    `human` is how far two raters agree on items that both labelled: the ceiling for a judge.
    `levels` holds what only levels show: weighted kappa, Spearman, mean absolute error.
    """

    criterion: str
    labelled: int
    agreed: Agreement | Unscored
    alpha: float | Unscored
    human: float | Unscored
    judged: int
    judged_yes: int
    corrected: Interval | Unscored
    levels: Mapping[str, float | Unscored]
    disagreements: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """One sentence: what the judge may be used for."""
        found = self.agreed
        if isinstance(found, Unscored):
            return f"not shown: {found.detail}"
        tpr, tnr = found.tpr, found.tnr
        if isinstance(tpr, Unscored) or isinstance(tnr, Unscored):
            return "not shown: the labels hold one class only, so half of the errors stay unseen"
        least = min(tpr.low, tnr.low)
        if least >= BAR:
            return f"usable: TPR and TNR are at least {least:.2f} at their lower bounds"
        if min(tpr.value, tnr.value) >= BAR:
            few = f"with more labels it may be: TPR {tpr.value:.2f}, TNR {tnr.value:.2f} so far"
            return f"not shown to be usable; {few}"
        return f"not usable: TPR {tpr.value:.2f}, TNR {tnr.value:.2f}"


def read_labels(text: str, name: str, split: str = "") -> list[Label]:
    """The labels of a CSV; CaseError with every bad row at once."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    heads = [head.strip().lower() for head in rows.fieldnames or []]
    heads = ["truth" if head == "target" else head for head in heads]
    found: list[Finding] = []
    if "id" not in heads or "truth" not in heads:
        problem = f"expected columns id and truth (and judge), found {', '.join(heads) or 'none'}"
        raise CaseError((Finding(path=name, key="line 1", problem=problem[:300]),))
    rows.fieldnames = heads
    made: list[Label] = []
    for row in rows:
        place = f"line {rows.line_num}"
        cells = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        if split and cells.get("split") != split:
            continue
        labels = [_label(cells.get(column, "")) for column in ("truth", "judge")]
        for column, label in zip(("truth", "judge"), labels, strict=True):
            if isinstance(label, str):
                problem = f"{column} {label[:40]!a}; expected yes or no, or a level of 0 to 4"
                found.append(Finding(path=name, key=place, problem=problem))
        if not cells.get("id"):
            found.append(Finding(path=name, key=place, problem="has no id"))
        truth, judge = (label if isinstance(label, int) else None for label in labels)
        words = {cells.get("truth", "").lower(), cells.get("judge", "").lower()}
        made.append(
            Label(
                item=cells.get("id", ""),
                criterion=cells.get("criterion", ""),
                truth=truth,
                judge=judge,
                rater=cells.get("rater", ""),
                levels=bool(words & {"2", "3", "4"}),
            )
        )
    if not made and not found:
        found.append(
            Finding(path=name, key="", problem="holds no labels" + (split and f" of split {split}"))
        )
    if found:
        raise CaseError(tuple(found))
    return made


def _label(word: str) -> int | str | None:
    """A label as a level, 4 and 0 for yes and no; None for none; the word itself if it is none."""
    low = word.lower()
    if not low:
        return None
    if low in ("0", "1", "2", "3", "4"):
        return int(low)
    if low in YES:
        return 4
    return 0 if low in NO else word


def calibrate(labels: Iterable[Label]) -> tuple[Calibration, ...]:
    """The report, a part for each criterion."""
    by: dict[str, list[Label]] = {}
    for label in labels:
        by.setdefault(label.criterion, []).append(label)
    return tuple(_criterion(name, rows) for name, rows in sorted(by.items()))


def _criterion(name: str, rows: Sequence[Label]) -> Calibration:
    graded = any(row.levels for row in rows)
    met = MET if graded else 1
    items: dict[str, list[Label]] = {}
    for row in rows:
        items.setdefault(row.item, []).append(row)
    pairs = [
        (item, truth, judge)
        for item, held in items.items()
        if (truth := _middle(row.truth for row in held)) is not None
        and (judge := _middle(row.judge for row in held)) is not None
    ]
    truths = [truth >= met for _, truth, _ in pairs]
    judges = [judge >= met for _, _, judge in pairs]
    agreed = agreement(judges, truths)
    seen = [
        judge >= met
        for held in items.values()
        if all(row.truth is None for row in held)
        and (judge := _middle(row.judge for row in held)) is not None
    ]
    level = "ordinal" if graded else "nominal"
    units: list[list[float | None]] = [
        [float(truth), float(judge)] if graded else [float(truth >= met), float(judge >= met)]
        for _, truth, judge in pairs
    ]
    return Calibration(
        criterion=name,
        labelled=len(pairs),
        agreed=agreed,
        alpha=alpha(units, level),  # type: ignore[arg-type]  # one of the two levels above
        human=_human(items, met),
        judged=len(seen),
        judged_yes=sum(seen),
        corrected=_corrected(seen, agreed),
        levels=_levels(pairs) if graded else {},
        disagreements=tuple(
            f"{item}: people {truth}, judge {judge}"
            if graded
            else f"{item}: people {'yes' if truth >= met else 'no'}, "
            f"judge {'yes' if judge >= met else 'no'}"
            for item, truth, judge in pairs
            if (truth >= met) != (judge >= met)
        ),
    )


def _middle(values: Iterable[int | None]) -> int | None:
    """The commonest label, the lower of two that are equally common."""
    counted = Counter(value for value in values if value is not None)
    if not counted:
        return None
    most = max(counted.values())
    return min(value for value, count in counted.items() if count == most)


def _human(items: Mapping[str, Sequence[Label]], met: int) -> float | Unscored:
    """Krippendorff's alpha of the raters among themselves."""
    raters = sorted({row.rater for held in items.values() for row in held if row.truth is not None})
    if len(raters) < 2:
        return Unscored(reason="no_occasion", detail="one rater")
    units: list[list[float | None]] = []
    for held in items.values():
        mine = {row.rater: row.truth for row in held}
        labels = [mine.get(rater) for rater in raters]
        units.append([None if label is None else float(label >= met) for label in labels])
    return alpha(units, "nominal")


def _corrected(seen: Sequence[bool], agreed: Agreement | Unscored) -> Interval | Unscored:
    """The share behind what the judge says of items that nobody labelled."""
    if not seen:
        return Unscored(reason="no_occasion", detail="no row without truth")
    if isinstance(agreed, Unscored):
        return agreed
    table = agreed.confusion
    return rogan_gladen(
        sum(seen),
        len(seen),
        (table.tp, table.tp + table.fn),
        (table.tn, table.tn + table.fp),
    )


def _levels(pairs: Sequence[tuple[str, int, int]]) -> dict[str, float | Unscored]:
    truths, judges = [p[1] for p in pairs], [p[2] for p in pairs]
    if not pairs:
        return {}
    return {
        "weighted kappa": kappa(judges, truths, lambda a, b: float((a - b) ** 2), range(5)),
        "spearman": spearman(judges, truths),
        "mean absolute error": sum(abs(a - b) for _, a, b in pairs) / len(pairs),
    }
