"""A report as Markdown: the same words and tables as on the page, with a table for every plot.

Every mark that Markdown or HTML would act on is escaped, so that a speech is shown as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from app.evaluator.wording import shown

_ACTS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_LEADS = re.compile(r"^(\s*)(?:([-+])|(\d{1,9})([.)]))(?=\s|$)")
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto)(:)|\b(www)(\.)")


def as_markdown(told: Debrief) -> str:
    """The report, in CommonMark with pipe tables."""
    return "\n\n".join(part for part in _report(told) if part) + "\n"


def _report(told: Debrief) -> Iterator[str]:
    yield f"# {plain(title(told))}"
    yield f"> {plain(told.heading.fiction)}"
    yield plain(kicker(told))
    yield from _blocks(foreword(told), 2)
    for page in chapters(told):
        yield from _chapter(page, told.heading.notice)
    yield f"> {plain(told.heading.fiction)}"


def _chapter(page: Chapter, notice: str) -> Iterator[str]:
    yield f"## {page.number}. {plain(page.title)}"
    yield f"*{plain(page.asks)}*"
    yield from _blocks(page.blocks, 3)
    yield f"> {plain(notice)}"


def _blocks(blocks: tuple[Block, ...], level: int) -> Iterator[str]:
    for block in blocks:
        match block:
            case Para():
                yield _para(block)
            case Points():
                yield "\n".join(
                    f"{f'{n}.' if block.ordered else '-'} {plain(item)}"
                    for n, item in enumerate(block.items, 1)
                )
            case Words():
                yield f"> \u201c{plain(block.text)}\u201d ({plain(block.source)})"
            case Grid():
                yield _grid(block)
            case Drawing():
                yield f"**{plain(block.title)}.** {plain(block.says)}"
                yield _grid(block.grid, named=block.grid.caption != block.title)
            case Part():
                yield f"{'#' * level} {plain(block.title)}"
                yield from _blocks(block.blocks, level + 1)


def _para(block: Para) -> str:
    text = plain(block.text)
    return f"**{text}**" if block.tone in ("lead", "alarm") else text


def _grid(block: Grid, *, named: bool = True) -> str:
    rows = [_row(block.head), f"|{'---|' * len(block.head)}", *(_row(row) for row in block.rows)]
    caption = [f"{plain(block.caption)}:", ""] if named else []
    return "\n".join([*caption, *rows])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(plain(cell) for cell in cells)} |"


def plain(text: str) -> str:
    """A text on one line with every mark escaped that would act."""
    flat = " ".join(shown(text).split())
    escaped = _ACTS.sub(r"\\\1", flat.replace("&", "&amp;"))
    escaped = _LEADS.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", escaped)
    return _LINK.sub(lambda m: f"{m[1] or m[3]}\\{m[2] or m[4]}", escaped)
