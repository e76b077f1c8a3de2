"""The public words of a case: quick looks before slow ones miss nothing; lists are no echo."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.delegates.cues import spotter
from app.delegates.public_words import key_of, shingles
from app.delegates.reading import may_name_options, read
from app.library import load_case

FLAG = load_case("table-for-five")
LEADS = ("We accept", "We can offer", "Our offer is", "We propose", "You could take", "We table")
CUES = tuple(
    cue
    for issue in FLAG.issues
    for option in issue.options
    for cue in (*option.cues, option.label, option.text)
)


@given(st.sampled_from(LEADS), st.lists(st.sampled_from(CUES), min_size=1, max_size=2))
def test_the_quick_look_for_options_misses_none(lead: str, cues: list[str]) -> None:
    text = f"{lead} {' and '.join(cues)}."
    if read(text, FLAG, FLAG.seat_ids[0]).options:
        assert may_name_options(text, FLAG)


def test_the_quick_look_spares_most_sentences() -> None:
    texts = [point.text for seat in FLAG.seats for point in seat.points]
    plain = "We have listened with care and we hold to the text that stands behind our name."
    assert not may_name_options(plain, FLAG)
    assert texts


def test_equal_cases_share_one_spotter() -> None:
    again = load_case("table-for-five")
    assert again is not FLAG
    assert spotter(again) is spotter(FLAG)
    assert spotter(FLAG.seen_by("usa")) is spotter(FLAG)


def test_naming_offers_by_number_and_author_is_no_echo() -> None:
    key = key_of(FLAG)
    listed = "There are twelve more texts before us including offer 39 from the European Union"
    other = "We could sign more texts before us including offer 39 from the European Union"
    assert not shingles(key, listed) & shingles(key, other)
    spoken = "Nobody in this room has told us yet who would pay for the winter to come"
    assert shingles(key, spoken) & shingles(key, f"Well, {spoken.lower()} after that.")
