"""The floor: no AI seat tables or endorses what its delegation could not sign.

The guard works on the server's own stored package, never on anybody's restatement of it, and
in the allow form: whatever is not provably allowed is a breach.
"""

from __future__ import annotations

from app.domain.case import Case
from app.domain.mandate import Breach
from app.domain.terms import Package


def breaches(case: Case, seat: str, package: Package, preset: str) -> tuple[Breach, ...]:
    """Every reason why this seat may not put its name to this package; empty means it may.

    Any doubt is a breach: a missing mandate, an unknown preset, a package of another agenda.
    """
    try:
        if len(case.mandates[seat].no_deal) != len(case.currencies):
            raise ValueError("what no deal leaves the seat is not stated")
        return case.breaches(seat, package, preset)
    except (KeyError, ValueError, TypeError) as error:
        return (Breach(rule="unreadable", reason=f"the text could not be checked: {error}"),)


def allows(case: Case, seat: str, package: Package, preset: str) -> bool:
    """True only when the package is provably on or above the seat's floor."""
    return breaches(case, seat, package, preset) == ()
