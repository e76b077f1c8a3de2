"""A case written as GENIUS domain and profile XML, with the list of what XML cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from app.domain.case import Case
from app.domain.mandate import Mandate
from app.library.imports.foreign import refuse


def write_domain(case: Case, dest: str | Path, preset: str) -> tuple[str, ...]:
    """Write a domain and one profile a seat into a new or empty folder; answer what is lost."""
    target = Path(dest)
    papers = {f"{case.id}.xml": _domain(case)}
    for seat in case.seat_ids:
        papers[f"{case.id}-{seat}.xml"] = _profile(case, case.mandates[seat], preset)
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            refuse(ascii(str(dest))[1:-1], "", "exists and is not an empty folder")
        target.mkdir(parents=True, exist_ok=True)
        for name, text in papers.items():
            (target / name).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        refuse(ascii(str(dest))[1:-1], "", f"cannot be written ({error})")
    return losses(case, preset)


def losses(case: Case, preset: str) -> tuple[str, ...]:
    """What the written files do not say."""
    lost: list[str] = []
    for seat, mandate in case.mandates.items():
        if mandate.red_lines:
            names = ", ".join(line.id for line in mandate.red_lines)
            lost.append(f"{seat}: red lines {names}")
    if len(case.currencies) > 1:
        names = ", ".join(case.currencies)
        lost.append(f"currencies {names}: only their sum was written")
    if case.preset(preset).strong:
        lost.append(f"preset {preset}: that no currency may fall below no deal")
    if not case.rule.passes(frozenset(case.seat_ids)) or case.rule.at_least < len(case.seats):
        lost.append("the decision rule: GENIUS knows unanimity only")
    lost.append("briefs, talking points, positions, styles, injects and clause texts")
    return tuple(lost)


def _domain(case: Case) -> str:
    """The space of outcomes."""
    return (
        f'<negotiation_template>\n<utility_space number_of_issues="{len(case.issues)}">\n'
        f"{_tree(case, None)}</utility_space>\n</negotiation_template>\n"
    )


def _profile(case: Case, mandate: Mandate, preset: str) -> str:
    """One seat: evaluations in points, weights by the range of each issue, the floor as reserve.

    GENIUS divides an evaluation by the largest of its issue, so every issue must reach down to
    0 to keep its shape: constant parts of an issue go into no package's favour and are moved
    into the reservation value.
    """
    floor = case.floor(mandate.seat, preset).total
    rows = [{o: sum(p) for o, p in row.items()} for row in mandate.sheet]
    ground = sum(min(row.values()) for row in rows)
    spans = [max(row.values()) - min(row.values()) for row in rows]
    whole = sum(spans)
    if whole == 0:
        refuse(mandate.seat, "sheet", "every package is worth the same; GENIUS needs a difference")
    weights = "".join(
        f'<weight index="{n}" value="{span / whole:.12g}"/>\n' for n, span in enumerate(spans, 1)
    )
    reserve = max(0.0, (floor - ground) / whole)
    return (
        f'<utility_space number_of_issues="{len(rows)}">\n{_tree(case, rows, weights)}'
        f'<discount_factor value="1.0"/>\n<reservation value="{reserve:.12g}"/>\n'
        "</utility_space>\n"
    )


def _tree(case: Case, rows: list[dict[str, int]] | None, weights: str = "") -> str:
    """The objective with its issues; with rows, each option carries its evaluation."""
    kind = 'type="objective" etype="objective"'
    lines = [f'<objective index="0" name={quoteattr(case.id)} {kind}>\n']
    for place, issue in enumerate(case.issues):
        row: Mapping[str, int] = rows[place] if rows is not None else {}
        ground = min(row.values(), default=0)
        kinds = 'type="discrete" etype="discrete" vtype="discrete"'
        lines.append(f'<issue index="{place + 1}" name={quoteattr(issue.id)} {kinds}>\n')
        for number, option in enumerate(issue.options, start=1):
            worth = f' evaluation="{row[option.id] - ground}"' if rows is not None else ""
            lines.append(f'<item index="{number}" value={quoteattr(option.id)}{worth}/>\n')
        lines.append("</issue>\n")
    return "".join([*lines, weights, "</objective>\n"])
