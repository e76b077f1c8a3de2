"""The report on paper: closed HTML and Markdown, plots with titles and tables, nobody's secrets."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from app.domain.case import Case, Session
from app.domain.events import Event
from app.domain.table import fold, view_for
from app.evaluator.debrief.codec import as_json
from app.evaluator.debrief.feelings import ITEMS, Reply
from app.evaluator.debrief.whole import Debrief, debrief
from app.evaluator.handout.chapters import PAGES
from app.evaluator.handout.html import as_html
from app.evaluator.handout.markdown import as_markdown
from app.evaluator.handout.markdown import plain as plain_text
from app.evaluator.plots import Axis
from app.evaluator.value import assess
from app.library import load_case
from tests.evaluator.test_report import SPEECH, hostile
from tests.plain import plain
from tests.small_cases import canary, small_case
from tests.tables import run_table
from tests.talks import Said, Talks

VOID = {"meta", "link", "br", "img", "input", "hr"}
GOOD = ("water-a", "power-b", "border-b")
HALF = ("water-b", "power-b", "border-b")
BAD = ("water-b", "power-b", "border-c")


class Page(HTMLParser):
    """Checks that tags close in order, and collects what a reader or a browser goes by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.refs: list[str] = []
        self.handlers: list[str] = []
        self.headings: list[int] = []
        self.svgs: list[list[str]] = []
        self.figures: list[set[str]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if self.svgs and "svg" in self.open:
            self.svgs[-1].append(tag)
        if self.figures and "figure" in self.open:
            self.figures[-1].add(tag)
        if tag == "svg":
            self.svgs.append([])
        if tag == "figure":
            self.figures.append(set())
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name.startswith("on"):
                self.handlers.append(name)
            if name in ("href", "src", "xlink:href", "action", "data", "srcset"):
                self.refs.append(value or "")
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


def endings(case: Case, words: str) -> Iterator[Debrief]:
    """A report of every kind of ending, for the facilitator and for a seat."""

    def start(name: str) -> Talks:
        return Talks(case, table_id=f"{name} {words}").say(
            [
                Said(seat="south", text=words, package=HALF),
                Said(seat="north", text=words, package=GOOD, endorse=(1,)),
            ]
        )

    replies = [
        Reply(seat=seat, marks=dict.fromkeys(ITEMS, 3), name=words[:30], words=words)
        for seat in ("north", "south")
    ]
    signed = start("a").sign(2)
    other = assess(start("b").close("impasse").table)
    yield debrief(signed.events, others=[other], replies=replies)
    yield debrief(start("c").agree(2).improve(HALF, accepted=True).close("agreement").events)
    yield debrief(start("d").close("impasse").events)
    yield debrief(start("e").events)
    yield debrief(Talks(case).events)
    crossed = start("f").say([Said(seat="north", text=words, package=BAD)]).cross("north", 3)
    yield debrief(crossed.sign(3).events)
    yield debrief(view_for(signed.events, "north"), "north", replies=replies)


@pytest.mark.parametrize("case", [plain(), hostile()], ids=["plain", "hostile"])
def test_the_page_is_one_closed_file_that_reads_without_script(case: Case) -> None:
    for told in endings(case, SPEECH):
        html = as_html(told)
        page = Page(html)
        assert not {"script", "img", "link", "iframe", "object", "base", "form"} & set(page.tags)
        assert page.handlers == []
        assert all(ref.startswith("#") for ref in page.refs)
        assert {ref[1:] for ref in page.refs} <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))
        for outside in ("http:", "https:", "//", "@import", "url(h", "data:"):
            assert outside not in html
        assert not re.search(r"(?:src|href)=.?(?:https?:)?//", html)
        for mark in ("\u202e", "\u2066", "\x1b", "\x07", "\x00"):
            assert mark not in html
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
        assert page.headings.count(2) == len(PAGES) == 15


@pytest.mark.parametrize("case", [plain(), hostile()], ids=["plain", "hostile"])
def test_every_plot_has_a_title_a_description_and_a_table(case: Case) -> None:
    drawn = 0
    for told in endings(case, SPEECH):
        page = Page(as_html(told))
        plots = [tags for tags in page.svgs if tags[:1] != ["defs"]]
        drawn += len(plots)
        assert all(tags[:2] == ["title", "desc"] for tags in plots)
        assert len(page.figures) == len(plots)
        assert all({"figcaption", "svg", "table", "caption", "th"} <= tags for tags in page.figures)
    assert drawn > 40


def test_every_page_and_every_export_says_that_it_is_fiction() -> None:
    for told in endings(plain(), "We need it."):
        pages = as_html(told).split("<section ")[1:]
        parts = as_markdown(told).split("\n## ")[1:]
        assert len(pages) == len(parts) == 15
        for page in (*pages, *parts):
            assert "Rehearsal fiction, frozen at 2024-12-02; magnitudes are judgments." in page
        assert "Rehearsal fiction, frozen at 2024-12-02" in as_json(told)
        assert as_markdown(told).count("Rehearsal fiction frozen at 2024-12-02") == 2


@pytest.mark.parametrize("case", [plain(), hostile()], ids=["plain", "hostile"])
def test_markdown_shows_a_speech_and_does_nothing(case: Case) -> None:
    for told in endings(case, SPEECH):
        text = as_markdown(told)
        assert not re.search(r"(?<!\\)<(?!/?br)", text)
        assert not re.search(r"(?<!\\)!?\[[^\]]*(?<!\\)\]\(", text)
        for mark in ("\u202e", "\x1b", "\x07"):
            assert mark not in text
        for block in re.findall(r"(?m)(?:^\|.*\n)+", text):
            widths = {len(re.findall(r"(?<!\\)\|", row)) for row in block.splitlines()}
            assert len(widths) == 1
    assert plain_text("a|b <i> *x* # 1. y\nhttps://z.example") == (
        "a\\|b \\<i\\> \\*x\\* \\# 1. y https\\://z.example"
    )
    assert plain_text("1. one") == "1\\. one"


def test_the_same_record_gives_the_same_bytes() -> None:
    for first, again in zip(endings(plain(), "So."), endings(plain(), "So."), strict=True):
        assert as_html(first) == as_html(again)
        assert as_markdown(first) == as_markdown(again)
        assert as_json(first) == as_json(again)


def test_no_seats_report_holds_a_canary_of_another_and_the_facilitators_holds_them() -> None:
    seen = held = 0
    for seed in range(12):
        case = small_case(random.Random(seed))
        events = run_table(case, seed, replace(case.session, rounds=2))
        seats = [seat.id for seat in case.seats]
        for seat in seats:
            told = debrief(view_for(events, seat), seat)
            text = as_html(told) + as_markdown(told) + as_json(told)
            for other in seats:
                if other != seat:
                    assert f"zq-{other}-" not in text
            assert canary("table", "reference") not in text
            assert canary("table", "exercises") not in text
        whole = debrief(events)
        every = as_html(whole) + as_json(whole)
        seen += canary("table", "reference") in every
        held += all(f"zq-{seat}-" in every for seat in seats)
    assert seen
    assert held


def test_a_seats_report_of_the_flagship_holds_no_other_points() -> None:
    events: tuple[Event, ...] = run_table(load_case("table-for-five"), 5, Session(rounds=3))
    case = fold(events).case
    own = as_markdown(debrief(view_for(events, "russia"), "russia"))
    for seat in case.seats:
        if seat.id == "russia":
            continue
        for line in case.mandates[seat.id].red_lines:
            assert line.text not in own
        assert case.mandates[seat.id].brief[:60] not in own
    assert "seed 5" not in own
    assert own.count("opens with the facilitator's debrief") == 3


def test_pages_that_cannot_be_told_say_why_and_how_in_words() -> None:
    text = as_markdown(debrief(Talks(plain()).close("impasse").events))
    for says in (
        "Nobody tabled a package.",
        "Nobody has spoken yet.",
        "There is one table to report on.",
        "Nobody's answers to the four questions were given.",
        "No news reached this view of the table.",
    ):
        assert says in text
    assert "None" not in text
    assert "nan" not in text


def test_the_verdict_comes_first_and_overrides_stand_out() -> None:
    *_, crossed, _ = endings(plain(), "We cross.")
    html = as_html(crossed)
    assert html.index("Who leaves with nothing?") < html.index("Currency ledger</h2>")
    assert '<p class="alarm"><bdi>Override: North went below its own floor in offer 3' in html


@pytest.mark.parametrize("low", [-7, 0, 3, 41])
def test_an_axis_has_a_few_round_ticks_whatever_its_length(low: int) -> None:
    for span in [*range(1, 130), 999, 1000, 1001, 60_000, 999_999, 10**7]:
        ticks = Axis(low=low, high=low + span, start=0, end=100).ticks()
        assert len(ticks) <= 7
        assert all(low <= tick <= low + span for tick in ticks)
        assert len({b - a for a, b in itertools.pairwise(ticks)}) <= 1
        assert ticks or span < 5


def test_what_a_trainer_hands_out_is_in_the_report() -> None:
    talks = Talks(plain()).say([Said(seat="north", package=("water-a", "power-b", "border-b"))])
    events = talks.sign().events
    for viewer in ("facilitator", "north"):
        seen = events if viewer == "facilitator" else view_for(events, viewer)
        told = as_markdown(debrief(seen, viewer))
        for question in ITEMS.values():
            assert f"| {question} | \u25a1 |" in told
        for word in ("no deal", "mandate, floor", "signable", "concession"):
            assert f"\n| {word} | " in told


def test_assessment_and_report_quote_the_same_words() -> None:
    events: tuple[Event, ...] = run_table(load_case("first-offer"), 1, Session(rounds=6))
    found = assess(fold(events))
    quoted = [o.quote.text if o.quote and o.quote.about else None for o in found.origins]
    cited = [c.cite.text if c.cite else None for c in debrief(events).verdict.clauses]
    assert any(quoted)
    assert cited == quoted


def test_what_no_rule_saw_is_not_a_nought() -> None:
    told = as_markdown(debrief(Talks(plain()).say([Said(seat="north")]).close("impasse").events))
    assert "legitimacy not found" in told
    assert "legitimacy 0" not in told
