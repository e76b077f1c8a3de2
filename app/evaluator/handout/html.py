"""A report as one HTML file: no network, no script, light and dark, fit for the printer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from markupsafe import Markup

from app.evaluator.debrief.whole import Debrief
from app.evaluator.handout.blocks import (
    Block,
    Chapter,
    Drawing,
    Grid,
    Para,
    Part,
    Points,
    Words,
)
from app.evaluator.handout.chapters import chapters, foreword, kicker, title
from app.evaluator.plots import patterns
from app.evaluator.wording import counted, shown

STYLE: Final = Path(__file__).parent.parent / "templates" / "debrief.css.j2"

PRINTED = 30
"""Rows from which a folded table stays folded in print."""


def as_html(told: Debrief) -> str:
    """The report. Whatever a record holds is escaped; marks that act on text are made visible."""
    pages = chapters(told)
    notice = told.heading.notice
    links = Markup("").join(
        Markup('<li><a href="#{}">{}. {}</a></li>').format(page.id, page.number, page.title)
        for page in pages
    )
    return str(
        _FRAME.format(
            title=shown(title(told)),
            style=Markup(STYLE.read_text("utf-8")),  # noqa: S704 - our own style sheet
            patterns=patterns(),
            fiction=shown(told.heading.fiction),
            kicker=shown(kicker(told)),
            foreword=_blocks(foreword(told), 2),
            links=links,
            pages=Markup("").join(_chapter(page, notice) for page in pages),
        )
    )


_FRAME = Markup(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#verdict">Skip to the verdict</a>
{patterns}
<header>
<p class="fiction">{fiction}</p>
<h1>{title}</h1>
<p class="kicker"><bdi>{kicker}</bdi></p>
<nav aria-label="Pages"><ol>{links}</ol></nav>
{foreword}
</header>
<main>
{pages}</main>
<footer><p class="fiction">{fiction}</p></footer>
</body>
</html>
"""
)


def _chapter(page: Chapter, notice: str) -> Markup:
    return Markup(
        '<section id="{id}" aria-labelledby="{id}-title">\n'
        '<h2 id="{id}-title"><span class="no">{n}</span> {title}</h2>\n'
        '<p class="asks">{asks}</p>\n{body}<p class="notice">{notice}</p>\n</section>\n'
    ).format(
        id=page.id,
        n=page.number,
        title=shown(page.title),
        asks=shown(page.asks),
        body=_blocks(page.blocks, 3),
        notice=shown(notice),
    )


def _blocks(blocks: tuple[Block, ...], level: int) -> Markup:
    """Blocks in a row; small plots that follow one another stand side by side."""
    out: list[Markup] = []
    row: list[Drawing] = []
    for block in blocks:
        if isinstance(block, Drawing) and block.small:
            row.append(block)
            continue
        if row:
            out.append(_row(row))
            row = []
        out.append(_block(block, level))
    if row:
        out.append(_row(row))
    return Markup("").join(out)


def _row(drawings: list[Drawing]) -> Markup:
    """Small plots side by side; what they all say alike is said once."""
    alike = len({drawing.says for drawing in drawings}) == 1 and len(drawings) > 1
    once = Markup('<p class="note">{}</p>\n').format(shown(drawings[0].says)) if alike else ""
    return Markup('{}<div class="grid">\n{}</div>\n').format(
        once, Markup("").join(_drawing(drawing, brief=alike) for drawing in drawings)
    )


def _block(block: Block, level: int) -> Markup:
    match block:
        case Para():
            return Markup('<p class="{}"><bdi>{}</bdi></p>\n').format(block.tone, shown(block.text))
        case Points():
            return _points(block)
        case Words():
            return Markup(
                "<blockquote><q><bdi>{}</bdi></q> <cite><bdi>{}</bdi></cite></blockquote>\n"
            ).format(shown(block.text), shown(block.source))
        case Grid():
            return _grid(block)
        case Drawing():
            return _drawing(block)
        case Part():
            return Markup('<div class="part">\n<h{n}>{title}</h{n}>\n{body}</div>\n').format(
                n=level, title=shown(block.title), body=_blocks(block.blocks, level + 1)
            )


def _points(block: Points) -> Markup:
    items = Markup("").join(
        Markup("<li><bdi>{}</bdi></li>").format(shown(item)) for item in block.items
    )
    tag = "ol" if block.ordered else "ul"
    return Markup("<{tag}>{items}</{tag}>\n").format(tag=tag, items=items)


def _drawing(block: Drawing, *, brief: bool = False) -> Markup:
    says = "" if brief else block.says
    grid = replace(block.grid, label=block.grid.label or "As a table")
    plot = (
        block.svg
        if block.small
        else Markup('<div class="wide" role="region" tabindex="0" aria-label="{}">{}</div>').format(
            shown(block.title), block.svg
        )
    )
    return Markup(
        '<figure class="{}">\n<figcaption><b>{}.</b> {}</figcaption>\n{}\n{}</figure>\n'
    ).format(
        "small" if block.small else "large",
        shown(block.title),
        shown(says),
        plot,
        _grid(grid),
    )


def _grid(block: Grid) -> Markup:
    """A table; a folded one opens by itself in print, unless it is long."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(shown(h)) for h in block.head)
    rows = Markup("").join(
        _row_of(row, place in block.marked) for place, row in enumerate(block.rows)
    )
    table = Markup(
        '<div class="wide" role="region" tabindex="0" aria-label="{c}"><table><caption>{c}'
        "</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
    ).format(c=shown(block.caption), head=head, rows=rows)
    if not block.folded:
        return table
    long = len(block.rows) >= PRINTED
    return Markup('<details class="{}"><summary>{}</summary>\n{}</details>\n').format(
        "long" if long else "short", shown(_label(block)), table
    )


def _label(block: Grid) -> str:
    """What stands on a folded table."""
    return f"{block.label or block.caption}: {counted(len(block.rows), 'row')}"


def _row_of(row: tuple[str, ...], marked: bool) -> Markup:
    cells = Markup("").join(Markup("<td><bdi>{}</bdi></td>").format(shown(c)) for c in row[1:])
    tag = Markup('<tr class="{}">').format("marked") if marked else Markup("<tr>")
    return tag + Markup('<th scope="row"><bdi>{}</bdi></th>{}</tr>\n').format(shown(row[0]), cells)
