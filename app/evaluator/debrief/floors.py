"""Why a text lies below a seat's floor, said in one short sentence."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.case import Case
from app.domain.mandate import Breach
from app.domain.terms import Package
from app.evaluator import wording


def shortfall(
    case: Case, preset: str, seat: str, package: Package, breaches: Sequence[Breach]
) -> str:
    """The lines crossed, then the points missing, then the currencies below no deal."""
    mandate = case.mandates[seat]
    names = {line.id: line.text.rstrip(".") for line in mandate.red_lines}
    crossed = [f"\u201c{names.get(b.line, b.line)}\u201d" for b in breaches if b.rule == "red-line"]
    told = []
    if crossed:
        lines = "red line" if len(crossed) == 1 else f"{len(crossed)} red lines"
        told.append(f"it crosses its {lines} {wording.listed(crossed)}")
    if any(b.rule in ("signing-test", "mandate") for b in breaches):
        floor = case.floor(seat, preset).total
        told.append(f"at {mandate.total(package)} it is below its floor of {floor}")
    told += [
        b.reason.replace("it leaves you", "it leaves") for b in breaches if b.rule == "currency"
    ]
    told += [b.reason for b in breaches if b.rule == "unreadable"]
    return "; ".join(told)
