"""A run for others to read: JUnit for a build server, and one self-contained HTML page."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from xml.sax.saxutils import quoteattr

from app.evaluator.suite_scorers import Measure, better_of
from app.evaluator.suite_summary import (
    Estimate,
    Ruling,
    estimate,
    grouped,
    measured,
    varying,
)

Row = Mapping[str, Any]
_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sized(value: float) -> str:
    """A figure for a reader: few digits, no exponent where it can be helped."""
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e9 else f"{value:.3g}"


def bounded(made: Estimate) -> str:
    """An estimate with its bounds: `0.95 [0.83, 0.99]`."""
    if not made.scored:
        return "-"
    return f"{sized(made.value)} [{sized(made.lower)}, {sized(made.upper)}]"


# -- JUnit -------------------------------------------------------------------------------------


def as_junit(head: Row, rows: Sequence[Row], found: Sequence[Ruling]) -> str:
    """Gates as test cases that fail, cases as test cases that err when something is unscored.

    JUnit is a projection for build servers; the record is results.jsonl.
    """
    failed = sum(not one.held for one in found)
    broken = sum("error" in row for row in rows)
    name = str(head["suite"])
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name={_attr(name)} tests="{len(found) + len(rows)}" '
        f'failures="{failed}" errors="{broken}">',
        f'<testsuite name={_attr(name + ".gates")} tests="{len(found)}" failures="{failed}" '
        'errors="0">',
    ]
    for one in found:
        label = f"{one.gate.name} [{one.group}]" if one.group else one.gate.name
        out.append(f"<testcase classname={_attr(name + '.gates')} name={_attr(label)}>")
        out.append(_properties({"figure": one.figure, **_figures(one.estimate)}))
        if not one.held:
            out.append(f'<failure type="gate" message={_attr(one.text)}/>')
        out.append("</testcase>")
    out.append("</testsuite>")
    out.append(
        f'<testsuite name={_attr(name + ".cases")} tests="{len(rows)}" failures="0" '
        f'errors="{broken}">'
    )
    for row in rows:
        out.append(f"<testcase classname={_attr(name + '.cases')} name={_attr(row['id'])}>")
        out.append(_properties({n: v for n, v in row["scores"].items() if v is not None}))
        if "error" in row:
            out.append(f'<error type="failed" message={_attr(str(row["error"])[:500])}/>')
        out.append("</testcase>")
    out += ["</testsuite>", "</testsuites>", ""]
    return "\n".join(out)


def _attr(text: str) -> str:
    return quoteattr(_XML.sub("\ufffd", text))


def _figures(made: Estimate) -> dict[str, object]:
    return {
        "value": made.value,
        "lower": made.lower,
        "upper": made.upper,
        "scored": made.scored,
        **{f"unscored.{reason}": n for reason, n in made.unscored.items()},
    }


def _properties(values: Mapping[str, object]) -> str:
    if not values:
        return "<properties/>"
    held = "".join(
        f"<property name={_attr(name)} value={_attr(str(value))}/>"
        for name, value in values.items()
    )
    return f"<properties>{held}</properties>"


# -- HTML --------------------------------------------------------------------------------------

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6470; --line: #d5dae1;
  --paper: #ffffff; --good: #0b6e4f; --bad: #b3261e; --bar: #3a6ea5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --soft: #a4adb8; --line: #3a424d;
  --paper: #14181d; --good: #58c39b; --bad: #ff8a80; --bar: #7fb2e5; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p.soft, td.soft, .soft { color: var(--soft) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top }
th { font-weight: 600; color: var(--soft) }
td.n, th.n { text-align: right; white-space: nowrap }
.held { color: var(--good); font-weight: 600 } .failed { color: var(--bad); font-weight: 600 }
svg { display: block } details { margin: .3rem 0 } summary { cursor: pointer }
@media print { body { margin: 0; max-width: none } details { display: block } }
"""


def as_report(
    head: Row, rows: Sequence[Row], found: Sequence[Ruling], measures: Mapping[str, Measure]
) -> str:
    """The page: verdict first, then gates, estimates by group, and every case that stands out."""
    title = escape(str(head["title"]))
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}: run of {escape(str(head['created'])[:10])}</title>",
            f"<style>{_STYLE}</style></head><body>",
            f"<h1>{title}</h1>",
            f'<p class="soft">{escape(str(head["fiction"]))} Suite {escape(str(head["suite"]))}, '
            f"{len(rows)} cases, {escape(str(head['created']))}, parley "
            f"{escape(str(head['version']))}, code {escape(str(head['code']))}.</p>",
            f"<p>{escape(str(head['about']))}</p>",
            _shocks(head),
            _verdict(found, rows),
            _gates(found),
            *(
                _estimates(rows, group, held, measures, head["seed"])
                for group, held in _split(rows)
            ),
            _outliers(rows),
            _method(head),
            "</body></html>",
            "",
        ]
    )


def _shocks(head: Row) -> str:
    """What each shock is and where its magnitudes come from."""
    listed = "".join(
        f"<li>{escape(one['id'])}: {escape(one['title'])} "
        f"<span class=soft>({escape(one['basis'])})</span></li>"
        for one in head.get("shocks") or ()
    )
    return f"<ul>{listed}</ul>" if listed else ""


def _split(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    return list(grouped(rows, varying(rows)).items())


def _verdict(found: Sequence[Ruling], rows: Sequence[Row]) -> str:
    failed = [one for one in found if not one.held]
    broken = sum("error" in row for row in rows)
    if not found:
        text = "This suite has no gates: there is nothing to pass or fail."
    elif failed:
        text = f'<span class="failed">{len(failed)} of {len(found)} gates fail.</span>'
    else:
        text = f'<span class="held">All {len(found)} gates hold.</span>'
    more = f" {broken} cases could not be run." if broken else ""
    return f"<p>{text}{more}</p>"


def _gates(found: Sequence[Ruling]) -> str:
    if not found:
        return ""
    lines = []
    for one in found:
        mark = (
            '<span class="held">holds</span>' if one.held else '<span class="failed">fails</span>'
        )
        figure = "nothing scored" if math.isnan(one.figure) else sized(one.figure)
        lines.append(
            f"<tr><td>{mark}</td><td>{escape(one.gate.name)}</td><td>{escape(one.group)}</td>"
            f"<td>{escape(one.gate.text)}</td><td class=n>{figure}</td>"
            f"<td class=n>{one.estimate.scored}</td><td class=soft>{escape(one.reason)}</td></tr>"
        )
    head = "<tr><th></th><th>gate</th><th>cases</th><th>requires</th><th class=n>found</th>"
    head += "<th class=n>scored</th><th></th></tr>"
    return f'<h2>Gates</h2><div class="wide"><table>{head}{"".join(lines)}</table></div>'


def _estimates(
    rows: Sequence[Row],
    group: str,
    held: Sequence[Row],
    measures: Mapping[str, Measure],
    seed: int,
) -> str:
    """One group's measures, each with its bounds as figures and as a bar."""
    lines = []
    for name in measured(held):
        made = estimate(name, held, seed)
        known = measures.get(name) or measures.get(f"{name.partition(':')[0]}:")
        lost = ", ".join(f"{n} {reason}" for reason, n in made.unscored.items())
        way = {"up": "higher is better", "down": "lower is better", "": ""}
        note = f"{known.text if known else ''} ({way[better_of(name, measures)]})".replace(
            " ()", ""
        )
        lines.append(
            f"<tr><td>{escape(name)}<br><span class=soft>{escape(note)}</span></td>"
            f"<td class=n>{escape(bounded(made))}</td><td>{_bar(made)}</td>"
            f"<td class=n>{made.scored}</td><td class=soft>{escape(lost)}</td>"
            f"<td class=soft>{_method_of(made)}</td></tr>"
        )
    title = group or "All cases"
    head = (
        "<tr><th>measure</th><th class=n>value [95 % bounds]</th><th></th>"
        "<th class=n>scored</th><th>unscored</th><th>bounds by</th></tr>"
    )
    open_ = " open" if len(_split(rows)) <= 4 else ""
    return (
        f"<details{open_}><summary><strong>{escape(title)}</strong>: {len(held)} cases</summary>"
        f'<div class="wide"><table>{head}{"".join(lines)}</table></div></details>'
    )


def _method_of(made: Estimate) -> str:
    if made.method == "none":
        return ""
    effect = f", design effect {made.effect:.2f}" if made.effect > 1 else ""
    return f"{made.method}, {made.clusters} clusters{effect}"


def _bar(made: Estimate) -> str:
    """Bounds as a bar from 0 to 1, for shares; nothing else has a scale of its own."""
    if made.method != "wilson":
        return ""
    left, right, at = 160 * made.lower, 160 * made.upper, 160 * made.value
    return (
        '<svg width="170" height="14" viewBox="-5 0 170 14" role="img" '
        f'aria-label="{escape(bounded(made))}">'
        '<line x1="0" y1="7" x2="160" y2="7" stroke="var(--line)"/>'
        f'<line x1="{left:.1f}" y1="7" x2="{right:.1f}" y2="7" stroke="var(--bar)" '
        'stroke-width="4"/>'
        f'<circle cx="{at:.1f}" cy="7" r="4" fill="var(--ink)"/></svg>'
    )


def _outliers(rows: Sequence[Row]) -> str:
    """Cases with something to say, the failed ones first."""
    told = sorted(
        (row for row in rows if row.get("error") or row["notes"]), key=lambda r: "error" not in r
    )
    if not told:
        return ""
    lines = []
    for row in told[:200]:
        notes = [str(row["error"])] if "error" in row else list(row["notes"])
        text = "<br>".join(escape(note) for note in notes[:12])
        lines.append(f"<tr><td>{escape(row['id'])}</td><td>{text}</td></tr>")
    more = f"<p class=soft>{len(told) - 200} more in results.jsonl.</p>" if len(told) > 200 else ""
    return (
        f"<h2>Notes</h2><details><summary>{len(told)} cases with notes</summary>"
        f'<div class="wide"><table><tr><th>case</th><th>notes</th></tr>{"".join(lines)}</table>'
        f"</div>{more}</details>"
    )


def _method(head: Row) -> str:
    took = head.get("took") or {}
    stopped = f" Stopped: {escape(str(took['stopped']))}." if took.get("stopped") else ""
    return (
        '<h2>How this was counted</h2><p class="soft">Shares carry Wilson bounds on the effective '
        "number of cases; means carry a bootstrap over clusters of 2,000 draws with seed "
        f"{escape(str(head['seed']))}. Cases that share a seed or a file are one cluster. What "
        "could not be scored is counted beside and is never a zero. "
        f"{took.get('run', 0)} cases were run, {took.get('cached', 0)} came from the cache, "
        f"{took.get('resumed', 0)} were there already, {took.get('failed', 0)} failed, "
        f"{took.get('left', 0)} were not run.{stopped}</p>"
    )
