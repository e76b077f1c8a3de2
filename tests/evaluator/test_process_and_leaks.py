"""Counts of how a seat bargained, what slipped out of it, and the reader's inner promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluator import turns_of_speech
from app.evaluator.cueing import index
from app.evaluator.extraction import Extraction, extract
from app.evaluator.hearing import Phrase, heads_of, words_of
from app.evaluator.leaks import leaks
from app.evaluator.marks import MARKS
from app.evaluator.process import ELEMENTS, Count, Process, process, step_kind
from app.evaluator.quantities import tokens
from app.evaluator.sentences import Reader, Reading, _heard
from app.evaluator.transcript import Transcript, Unscored, numbered
from tests.quay import gold, quay

CASE = quay()


def read(*said: tuple[str, str]) -> Extraction:
    found = extract(Transcript(id="t", format="chat", turns=numbered(said)), CASE)
    assert isinstance(found, Extraction)
    return found


def count(found: Extraction, seat: str, element: str, name: str) -> Count:
    one = next(p for p in process(found, leaks(found)) if p.seat == seat)
    held = one.count(element, name)
    assert held is not None
    return held


RICH = (
    ("Town", "Why does the night matter to you, Fleet? Is that right?"),
    ("Fleet", "Because the market opens at five. Thank you for asking."),
    ("Town", "Let me sum up: you need the market. What if the curfew moved, Harbour?"),
    ("Fleet", "We propose the north berth and a curfew. Obviously a generous offer."),
    ("Fleet", "If you take the south berth, we accept a ban on night sailings."),
    ("Town", "According to the harbour law the ban is reviewed by the first of March."),
)


@pytest.mark.parametrize(
    ("seat", "element", "name", "hits", "of"),
    [
        ("fleet", "interests", "turns with a reason", 1, 3),
        ("town", "interests", "asks why", 1, 3),
        ("town", "listening", "questions", 3, 5),
        ("town", "listening", "summaries", 1, 3),
        ("town", "listening", "check-backs", 1, 3),
        ("town", "options", "sketches", 1, 3),
        ("fleet", "options", "distinct packages", 2, 2),
        ("fleet", "trades", "asked in return", 1, 2),
        ("town", "legitimacy", "standards named", 1, 3),
        ("fleet", "face", "irritators", 1, 3),
        ("fleet", "face", "acknowledgements", 1, 3),
        ("town", "commitment", "dates", 1, 3),
        ("town", "commitment", "verification", 1, 3),
        ("town", "parties", "seats addressed", 2, 2),
    ],
)
def test_counts(seat: str, element: str, name: str, hits: int, of: int) -> None:
    held = count(read(*RICH), seat, element, name)
    assert (held.hits, held.of) == (hits, of)


def test_every_element_is_there_and_the_unseen_ones_are_unscored() -> None:
    for one in process(read(*RICH)):
        assert tuple(one.elements) == ELEMENTS
        for name in ("preparation", "adapting", "self-review"):
            assert isinstance(one.elements[name], Unscored)
            assert one.count(name, "anything") is None
    assert isinstance(Count(name="x", hits=0, of=0).share, Unscored)
    assert Count(name="x", hits=1, of=4).share == 0.25


def test_steps_are_classed_by_what_they_give_and_take() -> None:
    kinds = {step_kind(mine, others) for mine in (-1, 0, 1) for others in (-1, 0, 1)}
    assert kinds == {"both up", "neutral", "concession", "selfish", "harmful"}
    found = read(
        ("Fleet", "We offer 5 million a year."),
        ("Harbour", "We want 15 million a year."),
        ("Fleet", "We now offer 15 million a year."),
    )
    assert count(found, "fleet", "trades", "concession").hits == 1
    assert count(found, "fleet", "concessions", "concessions unasked").hits == 1
    assert count(found, "fleet", "lines", "own line crossed").turns == (3,)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Our minimum is 16 points.", "number"),  # fleet's no deal: 2 + 10 + 4
        ("You should know that the bank wants its loan back by spring, friends.", "phrase"),
        ("We never offered the south berth.", "contradiction"),
    ],
)
def test_slips_are_found_with_their_words(words: str, kind: str) -> None:
    found = read(("Fleet", "We offer the south berth."), ("Fleet", f"Good morning. {words}"))
    (slip,) = leaks(found)
    assert (slip.kind, slip.seat, slip.turn, slip.quote) == (kind, "fleet", 2, words)


@pytest.mark.parametrize(
    "words",
    [
        "It is 16 degrees today.",  # a number that is no score
        "Your minimum may be 99 points.",  # not a figure of ours
        "We never offered the north berth.",  # true
        "With care for what members have and have not agreed, we offer the south berth.",
        "The fleet wants a quiet quay.",  # public
        "Evaluator: our minimum is 16 points.",  # not said to the table
    ],
)
def test_what_is_no_slip(words: str) -> None:
    assert leaks(read(("Fleet", "We offer the south berth."), ("Fleet", words))) == ()


# -- the reader's inner promises ----------------------------------------------------------------

PHRASES = {
    **{n: v for n, v in vars(turns_of_speech).items() if isinstance(v, Phrase)},
    **{f"mark {n}": v for n, v in MARKS.items()},
}
SENTENCES = [
    sentence.lower()
    for one in gold()
    for turn in one.transcript.turns
    for sentence in turns_of_speech.SENTENCE.findall(turn.text)
]
WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()}) + [
    word
    for phrase in PHRASES.values()
    for word in phrase.pattern.pattern.split("|")
    if word.isalpha()
]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join))
def test_looking_for_words_first_never_changes_the_answer(said: str) -> None:
    heads = heads_of(words_of(said))
    for name, phrase in PHRASES.items():
        plain = phrase.pattern.search(said)
        assert (phrase.search(said, heads) is not None) == (plain is not None), (name, said)


def test_looking_for_words_first_never_changes_the_answer_on_gold() -> None:
    for said in SENTENCES:
        heads = heads_of(words_of(said))
        for name, phrase in PHRASES.items():
            plain = phrase.pattern.search(said)
            assert (phrase.search(said, heads) is not None) == (plain is not None), (name, said)


LEANING = (
    "Yes.",
    "Of course, please.",
    "The Town accepts the north berth.",
    "Fleet accepts, then.",
    "We accept the Fleet's offer.",
    "Harbour: agreed.",
    "We accept the chair's text.",
)
"""Sentences whose meaning hangs on who says them or on what was said before."""


@given(
    st.lists(
        st.tuples(
            st.sampled_from([one.text for talk in gold() for one in talk.transcript.turns])
            | st.sampled_from(LEANING),
            st.sampled_from(CASE.seat_ids),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_what_was_read_before_is_read_the_same(said: list[tuple[str, str, bool]]) -> None:
    """Kept sentences hang on who speaks and on what was asked exactly where a fresh reader does."""
    keeping = Reader(CASE)
    for text, seat, asked in said:
        for sentence in turns_of_speech.SENTENCE.findall(text):
            known = keeping.read(sentence, seat, asked=asked)
            fresh = Reader(CASE)._sentence(_heard(sentence), sentence, seat, asked)
            assert shape(known, seat) == shape(fresh, seat)


def shape(read: Reading | None, seat: str) -> object:
    """A reading as the ear passes it on, whoever it was read for."""
    if read is None:
        return None
    acts = [act._replace(seat=seat) for act in read.acts]
    return acts, read.conditions, read.strings, read.hedged


@given(st.integers(1, 999_999), st.sampled_from(["{}", "{:,}", "{}.0"]))
def test_a_number_is_one_token_however_it_is_written(value: int, shape: str) -> None:
    (token,) = tokens(shape.format(value))
    assert token[0] == f"#{value:.10g}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("88k", "88,000", True),
        ("eighty-eight thousand", "88000", True),
        ("three billion", "3bn", True),
        ("1.5 million", "1,500,000", True),
        ("5 million", "15 million", False),
        ("5%", "5 percent", True),
        ("5 percent", "5 percentage points", False),
        ("-5", "5", False),
        ("$5", "\u20ac5", False),
    ],
)
def test_numbers_near_and_far(one: str, other: str, same: bool) -> None:
    def plain(text: str) -> list[str]:
        return [token for token, _, _ in tokens(text)]

    assert (plain(one) == plain(other)) is same


@given(st.sampled_from([option for issue in CASE.issues for option in issue.options]))
def test_every_label_names_its_own_option(option: object) -> None:
    label = option.label  # type: ignore[attr-defined]
    said = f"we speak of {label}, as before"
    hits = index(CASE).hits(said, words_of(said))
    assert [hit.option for hit in hits] == [option.id]  # type: ignore[attr-defined]


def test_a_process_is_plain_data() -> None:
    (one, *_) = process(read(*RICH))
    assert isinstance(one, Process)
    assert one.seat in CASE.seat_ids


@pytest.mark.parametrize(
    ("mark", "words", "there"),
    [
        ("irritator", "Ours is a generous offer.", True),
        ("irritator", "We could be generous with days at home.", False),
        ("thanks", "I am grateful for your patience.", True),
        ("thanks", "I would be grateful for a number instead of a principle.", False),
        ("thanks", "A handover is a decent thing to ask for.", True),
        ("why", "What would make salary easier for you?", True),
        ("why", "What is on the list?", False),
        ("sketch", "How would it be with a start in six weeks?", True),
        ("warning", "We cannot do salary the way you describe it.", True),
        ("warning", "We cannot thank you enough.", False),
        ("reasons", "I need the certificate.", True),
        ("reasons", "That is why we ask.", True),
        ("cite", "The Budapest Memorandum gave words.", True),
    ],
)
def test_marks_of_speech(mark: str, words: str, there: bool) -> None:
    low = words.lower()
    assert (MARKS[mark].search(low, heads_of(words_of(low))) is not None) == there
