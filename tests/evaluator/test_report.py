"""What an assessment looks like: data, terminal and page, also when the texts are hostile."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from app.domain.case import Case
from app.evaluator.page import as_page
from app.evaluator.printout import show
from app.evaluator.report import FORMAT, as_data, as_text
from app.evaluator.value import Assessment, assess
from tests.cases import cases, packages, presets
from tests.plain import plain
from tests.talks import Said, Talks

GOOD = ("water-a", "power-b", "border-b")
BAD = ("water-b", "power-b", "border-c")
HALF = ("water-b", "power-b", "border-b")
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
BIDI = "\u202egnihton\u202c \u2066x\u2069 \u200b"
SPEECH = (
    f"{SCRIPT} \"quotes\" 'more' {BIDI} &amp; [bold]water[/bold] {{{{ 7 * 7 }}}} \x1b[31mred\x07."
)
VOID = {"meta", "link", "br", "img", "input", "hr"}
SVG_EMPTY = {"path", "rect", "circle"}


def hostile() -> Case:
    """The plain case with a trap in every text."""
    case = plain()
    issues = tuple(
        replace(
            issue,
            title=f"{SCRIPT}{issue.id}",
            options=tuple(
                replace(o, label=f'"><script>{o.id}{BIDI}', text=f"{SCRIPT}{{% raw %}}{o.id}")
                for o in issue.options
            ),
        )
        for issue in case.issues
    )
    seats = tuple(replace(s, short=f"</text>{SCRIPT}{BIDI}{s.id}") for s in case.seats)
    mandates = {
        seat: replace(m, red_lines=tuple(replace(r, text=SPEECH) for r in m.red_lines))
        for seat, m in case.mandates.items()
    }
    return replace(
        case,
        title=f"</title>{SCRIPT}",
        disclaimer=f"</style>{SCRIPT}",
        not_on_table=SPEECH,
        currencies=("security", f"eco{SCRIPT}", "face"),
        issues=issues,
        seats=seats,
        mandates=mandates,
    )


def endings(case: Case, words: str = "On water we agree.") -> Iterator[Assessment]:
    """One table of every kind."""

    def start() -> Talks:
        return Talks(case, table_id=f"table {words}").say(
            [Said(seat="south", text=words, package=HALF), Said(seat="north", package=GOOD)]
        )

    yield assess(start().sign(2).table)
    yield assess(start().agree(2).improve(HALF, accepted=True).close("agreement").table)
    yield assess(start().close("impasse").table)
    yield assess(start().table)
    yield assess(Talks(case).table)
    crossed = start().say([Said(seat="north", text=words, package=BAD)]).cross("north", 3)
    yield assess(crossed.sign(3).table)


def printed(found: Assessment, width: int) -> str:
    file = io.StringIO()
    show(found, Console(file=file, width=width, highlight=False, emoji=False, markup=False))
    return file.getvalue()


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers(part)
    elif isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


class Page(HTMLParser):
    """Checks that tags close, and collects what a browser would act on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.refs: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.handlers: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name.startswith("on"):
                self.handlers.append(name)
            if name in ("href", "src", "xlink:href", "action", "data", "srcset"):
                self.refs.append((tag, value or ""))
            if name == "id":
                self.ids.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("case", [plain(), hostile()], ids=["plain", "hostile"])
def test_the_page_is_one_closed_file_without_script_or_network(case: Case) -> None:
    for found in endings(case, SPEECH):
        html = as_page(found)
        page = Page(html)
        assert not {"script", "img", "link", "iframe", "object", "base", "form"} & set(page.tags)
        assert page.handlers == []
        assert all(ref.startswith("#") for _, ref in page.refs)
        assert {ref[1:] for _, ref in page.refs} <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))
        assert "url(http" not in html
        assert "@import" not in html
        assert "\u202e" not in html
        assert "\x1b" not in html
        assert "{{" not in "".join(page.texts).replace("{{ 7 * 7 }}", "")
        assert page.tags.count("section") >= 2
        fiction = "Rehearsal fiction frozen at 2024-12-02; magnitudes are judgments."
        assert "".join(page.texts).count(fiction) == 2


def test_a_hostile_speech_is_quoted_as_it_was_said() -> None:
    case = plain()
    table = Talks(case).say([Said(seat="north", text=SPEECH, package=GOOD)]).sign().table
    found = assess(table)
    quote = found.origins[0].quote
    assert quote is not None
    assert quote.text in SPEECH
    assert json.loads(as_text(found))["origins"][0]["quote"]["text"] == quote.text
    page = "".join(Page(as_page(found)).texts)
    assert "<script>alert(1)</script>" in page
    assert "[U+202E]gnihton[U+202C]" in page


def test_every_plot_is_followed_by_its_data() -> None:
    for found in endings(plain()):
        plotted = [part for part in as_page(found).split("<section")[1:] if "<svg" in part]
        assert plotted
        for part in plotted:
            assert "<details>" in part.rpartition("</svg>")[2]
            assert part.count("<details>") >= part.count('<figure class="pair')


def test_the_verdict_comes_first_and_names_who_has_nothing() -> None:
    found = next(endings(plain()))
    html = as_page(found)
    assert html.index("Who leaves with nothing?") < html.index("Something of value, in three")
    assert html.index("Something of value, in three") < html.index("What each seat leaves with")


def test_an_override_stands_at_the_top_of_the_page_and_of_the_print() -> None:
    *_, found = endings(plain())
    for text in (as_page(found), printed(found, 80)):
        assert "Override: North went below its own floor" in " ".join(text.split())


@pytest.mark.parametrize("width", [20, 40, 83, 84, 200])
@pytest.mark.parametrize("case", [plain(), hostile()], ids=["plain", "hostile"])
def test_the_terminal_is_never_too_narrow(case: Case, width: int) -> None:
    for found in endings(case, SPEECH):
        text = printed(found, width)
        assert all(len(line) <= width for line in text.splitlines())
        flat = "".join(text.split())
        assert "Wholeaveswithnothing?" in flat
        assert flat.count("magnitudesarejudgments") == 2
        for mark in ("\x1b", "\x07", "\u202e", "\u2066"):
            assert mark not in text


@settings(max_examples=20, deadline=None)
@given(data=st.data(), preset=presets)
def test_the_data_is_finite_stable_and_plain(data: st.DataObject, preset: str) -> None:
    case = data.draw(cases())
    package = data.draw(packages(case))
    talks = Talks(case, preset).say([Said(seat=case.seat_ids[0], package=package)])
    shapes = []
    for table in (talks.table, talks.sign().table):
        found = assess(table)
        text = as_text(found)
        assert text.isascii()
        loaded = json.loads(text)
        assert loaded == json.loads(json.dumps(as_data(found)))
        assert all(math.isfinite(number) for number in numbers(loaded))
        assert loaded["format"] == FORMAT
        shapes.append(sorted(loaded))
        assert Page(as_page(found)).tags
        assert printed(found, 60)
    assert shapes[0] == shapes[1]


def test_the_same_table_gives_the_same_page_and_data() -> None:
    first, again = next(endings(plain())), next(endings(plain()))
    assert as_page(first) == as_page(again)
    assert as_text(first) == as_text(again)


def test_the_data_holds_the_verdict() -> None:
    data = as_data(next(endings(plain())))
    assert data["outcome"] == "agreement"
    assert data["signed"]["package"] == {
        "water": "water-a",
        "power": "power-b",
        "border": "border-b",
    }
    north = data["signed"]["seats"][0]
    assert (north["seat"], north["total"], north["no_deal"], north["gain"]) == ("north", 70, 30, 40)
    assert [c["gain"] for c in north["currencies"]] == [20, 15, 5]
    assert data["debrief"] is None
    assert data["overrides"] == []
    *_, crossed = endings(plain())
    rows = as_data(crossed)["overrides"]
    assert [(row["seat"], row["signed"]) for row in rows] == [("north", True)]


def test_no_persons_name_leaves_in_any_form() -> None:
    from app.domain.events import SeatTaken

    talks = Talks(plain()).say([Said(seat="north", package=GOOD)])
    talks.note(SeatTaken(seat="north", occupant="person", name="Ada Example"))
    found = assess(talks.sign().table)
    for text in (as_page(found), as_text(found), printed(found, 80)):
        assert "Ada" not in text
