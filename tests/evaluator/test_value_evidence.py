"""The words that earn a gain: exact slices of what was said, at the turn it was said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.evaluator.evidence import QUOTE_LIMIT, sentences
from app.evaluator.value import assess
from tests.plain import plain
from tests.talks import Said, Talks

GOOD = ("water-a", "power-b", "border-b")
OTHER = ("water-b", "power-b", "border-c")


@given(text=st.text(st.sampled_from('ab .!?\u2026\n"\u201d\u202e<'), max_size=80))
def test_sentences_are_slices_in_order_and_lose_no_word(text: str) -> None:
    rest = text
    for sentence in sentences(text):
        assert sentence.strip()
        before, found, rest = rest.partition(sentence)
        assert found == sentence
        assert not before.strip()
    assert not rest.strip()
    assert bool(sentences(text)) == bool(text.strip())


def quoted(*turns: Said) -> dict[str, tuple[int | None, str, bool]]:
    """Per issue: turn, text and whether it is about the subject."""
    result = assess(Talks(plain()).say(turns).sign(len([t for t in turns if t.package])).table)
    return {
        o.issue: (o.quote.turn, o.quote.text, o.quote.about)
        for o in result.origins
        if o.quote is not None
    }


def test_the_sentence_that_names_the_option_is_quoted() -> None:
    words = "Good day. This carries the a settlement of water! And on power, you pay. Thanks."
    found = quoted(Said(seat="north", text=words, package=GOOD))
    assert found["water"] == (1, "This carries the a settlement of water!", True)
    assert found["power"] == (1, "And on power, you pay.", True)
    assert found["border"] == (1, "Good day.", False)


def test_the_first_carrier_is_named_though_a_later_turn_has_the_words() -> None:
    turns = (
        Said(seat="north", text="Our draft.", package=OTHER),
        Said(seat="south", text="Here is the b settlement of power for you.", package=GOOD),
    )
    result = assess(Talks(plain()).say(turns).sign(2).table)
    power = next(o for o in result.origins if o.issue == "power")
    assert power.first is not None
    assert (power.first.offer, power.first.by, power.first.turn) == (1, "north", 1)
    assert power.quote is not None
    assert (power.quote.seat, power.quote.turn, power.quote.about) == ("south", 2, True)


def test_words_after_the_signed_offer_are_no_evidence() -> None:
    turns = (
        Said(seat="north", text="Our draft.", package=GOOD),
        Said(seat="south", text="I like the border.", package=("water-b", "power-a", "border-b")),
    )
    result = assess(Talks(plain()).say(turns).sign(1).table)
    assert {o.quote.turn for o in result.origins if o.quote} == {1}


def test_another_issues_label_does_not_count_as_speaking_of_this_one() -> None:
    case = plain()
    water = replace(case.issues[0], cues=("settlement",))
    case = replace(case, issues=(water, *case.issues[1:]))
    words = "Hello. This carries the b settlement of power."
    result = assess(Talks(case).say([Said(seat="north", text=words, package=GOOD)]).sign().table)
    quotes = {o.issue: (o.quote.text, o.quote.about) for o in result.origins if o.quote}
    assert quotes["power"] == ("This carries the b settlement of power.", True)
    assert quotes["water"] == ("Hello.", False)


def test_a_chairs_text_has_an_origin_too() -> None:
    talks = Talks(plain()).say([Said(seat="north")]).text(GOOD, "The chair speaks of water.")
    result = assess(talks.sign(1).table)
    water = result.origins[0]
    assert water.first is not None
    assert (water.first.by, water.first.turn) == ("chair", 1)
    assert water.quote is not None
    assert (water.quote.voice, water.quote.turn) == ("chair", None)


def test_a_very_long_sentence_is_cut_and_stays_a_slice() -> None:
    words = "water " * 400
    result = assess(Talks(plain()).say([Said(seat="north", text=words, package=GOOD)]).sign().table)
    quote = result.origins[0].quote
    assert quote is not None
    assert len(quote.text) <= QUOTE_LIMIT
    assert words.startswith(quote.text)
    assert not quote.whole


def test_silence_has_no_quote() -> None:
    table = Talks(plain()).say([Said(seat="north", text="  ", package=GOOD)]).sign().table
    assert [o.quote for o in assess(table).origins] == [None, None, None]


def test_the_plainest_words_are_quoted_and_not_the_first_that_touch_the_subject() -> None:
    turns = (
        Said(seat="north", text="On power and its settlement more later.", package=OTHER),
        Said(seat="south", text="Here is the b settlement of power.", package=GOOD),
    )
    result = assess(Talks(plain()).say(turns).sign(2).table)
    assert {o.quote.turn for o in result.origins if o.issue == "power" and o.quote} == {2}


def test_a_sentence_that_names_another_option_of_the_issue_is_no_evidence() -> None:
    words = "Good day. We could still live with the a settlement of power."
    assert quoted(Said(seat="north", text=words, package=GOOD))["power"] == (1, "Good day.", False)


def test_an_issues_name_by_itself_is_no_evidence() -> None:
    case = plain()
    power = replace(case.issues[1], cues=("current",))
    case = replace(case, issues=(case.issues[0], power, case.issues[2]))
    words = "Good day. To what you said about the current we reply in kind."
    result = assess(Talks(case).say([Said(seat="north", text=words, package=GOOD)]).sign().table)
    assert [o.quote.about for o in result.origins if o.issue == "power" and o.quote] == [False]


def test_where_tabling_words_are_silent_the_words_of_an_endorsement_may_name_it() -> None:
    turns = (
        Said(seat="north", text="Our draft.", package=GOOD),
        Said(seat="south", text="Yes: the b settlement of power is what we need.", endorse=(1,)),
    )
    result = assess(Talks(plain()).say(turns).sign(1).table)
    quotes = {o.issue: (o.quote.seat, o.quote.turn) for o in result.origins if o.quote}
    assert quotes["power"] == ("south", 2)
    assert quotes["water"] == ("north", 1)
