"""What words are for where they name no subject, and what a delegation says to them."""

import asyncio
import re

import pytest

from app.delegates.answer_phrases import ANSWERS
from app.delegates.base import Plan
from app.delegates.interlocutor import Interlocutor, Line, room_of
from app.delegates.phrases import NEUTRAL, NEUTRAL_SINGLE
from app.delegates.purposes import purpose
from app.delegates.reading import asked_about, priced, seats_named
from app.domain.case import Case
from app.domain.moves import Speech
from app.domain.table import PLENARY, Table
from app.library import load_case
from tests.sitting import asked, first, opened, turn


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("table-for-five")


@pytest.fixture(scope="module")
def post() -> Case:
    return load_case("first-offer")


WORDS = {
    "leeway": [
        "Where could you move?",
        "How flexible are you here?",
        "Name one thing you can give.",
    ],
    "proposal": [
        "Make us an offer.",
        "What is your best offer?",
        "What\u2019s your counter-offer?",
        "Give me some offer.",
    ],
    "private": ["Can we talk in private?", "May we have a word alone?", "Let us open a caucus."],
    "deal": [
        "Is that a deal?",
        "Do we have a deal?",
        "Are we agreed?",
        "Can you put that in writing?",
        "Will you sign?",
        "So, deal?",
    ],
    "draft": [
        "Would you support our draft?",
        "What is wrong with my proposal?",
        "What stops you?",
        "What would you change?",
    ],
    "alternative": [
        "What happens if there is no agreement?",
        "I have another offer.",
        "We will go elsewhere.",
        "What if the talks fail?",
    ],
    "aims": ["What do you want?", "What are your priorities?", "Summarise your position."],
    "no": ["No.", "No, that is not acceptable.", "That's not good enough.", "We cannot accept it."],
    "trust": [
        "Why should we believe anything you say?",
        "How do we know you will keep your word?",
        "You broke your promises.",
    ],
    "procedure": ["How many rounds are left?", "Who speaks next?", "What is on the table?"],
    "more": ["Why?", "And why not?", "Tell us more.", "I don't understand."],
    "accord": [
        "Fair enough.",
        "We agree with you.",
        "That sounds reasonable.",
        "Agreed!",
        "Yes.",
        "OK.",
    ],
}
PLAIN = [
    "We do not agree with that.",
    "We agree to disagree.",
    "We have no objection.",
    "No doubt you have heard.",
    "The weather is fine.",
    "Who pays?",
    "",
]


@pytest.mark.parametrize(("wanted", "text"), [(p, t) for p, texts in WORDS.items() for t in texts])
def test_the_purpose_of_words_is_heard(wanted: str, text: str) -> None:
    assert purpose(text) == wanted


@pytest.mark.parametrize("text", PLAIN)
def test_no_purpose_is_heard_where_there_is_none(text: str) -> None:
    assert purpose(text) is None


def uses(act: str, speech: Speech) -> bool:
    """Whether a frame of this act begins, or fills, the speech."""
    return any(
        all(piece in speech.text for piece in frame.replace("{who}", "{topic}").split("{topic}"))
        for frame in ANSWERS[act]
        if "{number}" not in frame
    )


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Make us an offer.", "proposal"),
        ("Can we talk in private?", "private"),
        ("Is that a deal?", "deal"),
        ("Would you support our draft?", "no_draft"),
        ("What happens if there is no agreement?", "alternative"),
        ("No, that is not acceptable.", "no"),
        ("Fair enough.", "glad"),
        ("Why should we believe you?", "trust"),
        ("Do you trust the Americans?", "others"),
        ("Fine, we agree with you on monitoring.", "accord"),
    ],
)
def test_every_purpose_has_its_answer_from_every_seat(case: Case, text: str, act: str) -> None:
    for seat in case.seat_ids[1:]:
        if act == "others" and seat == "usa":
            continue
        _, said = asked(opened(case, 9), "ukraine", seat, text, PLENARY)
        assert uses(act, said.speech), said.speech.text
        assert 20 <= len(said.speech.text.split()) <= 120


def test_a_purpose_brings_up_no_new_subject(case: Case) -> None:
    room = opened(case, 9)
    room, _ = asked(room, "ukraine", "eu", "What about the frozen assets?", PLENARY)
    for text in ("Is that a deal?", "Why not?", "I don't understand.", "No.", "Fair enough."):
        room, said = asked(room, "ukraine", "eu", text, PLENARY)
        assert set(said.speech.issues) == {"assets"}, said.speech.text


def tabled(case: Case) -> Table:
    """Ukraine has a text on the table."""
    return turn(
        case, opened(case, 9), "ukraine", Plan(act="offer", package=first(case, "ukraine"))
    )[0]


def test_asked_about_the_askers_draft_a_seat_names_where_it_looks_first(case: Case) -> None:
    room = tabled(case)
    carried = room.agenda.as_mapping(room.offers[0].package)
    for text in ("Would you support our draft?", "What is wrong with our text?"):
        _, said = asked(room, "ukraine", "russia", text, PLENARY)
        assert uses("draft_view", said.speech), said.speech.text
        (issue,) = set(said.speech.issues)
        options = {p.option for p in case.seat("russia").positions if p.issue == issue}
        assert carried[issue] not in options, "it looks first at what it has spoken for"


def test_asked_about_a_draft_it_has_signed_a_seat_says_so(case: Case) -> None:
    room = tabled(case)
    room, _ = turn(case, room, "usa", Plan(act="endorse", endorse=(1,)))
    _, said = asked(room, "ukraine", "usa", "Would you support our draft?", PLENARY)
    assert "ffer 1" in said.speech.text


def test_the_question_is_answered_before_what_was_said_beside_it(post: Case) -> None:
    text = "I'm really excited about the role. Can you tell me about the salary?"
    assert asked_about(text, post, "candidate") == ("pay",)
    _, said = asked(opened(post, 9), "candidate", "firm", text, PLENARY)
    assert said.speech.issues[0] == "pay"


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("I need at least 70k.", ("pay",)),
        ("Could you do 83,500?", ("pay",)),
        ("Say 82 thousand.", ("pay",)),
        ("Room 12 at 9:30?", ()),
    ],
)
def test_an_amount_is_heard_where_one_issue_is_about_amounts(
    post: Case, case: Case, text: str, issue: tuple[str, ...]
) -> None:
    assert priced(text, post) == issue
    assert priced(text, case) == ()


def test_seats_are_known_by_their_names(case: Case) -> None:
    assert seats_named("What do Moscow and the Americans say to us?", case) == {"russia", "usa"}
    assert seats_named("Tell us.", case) == frozenset()


def test_two_at_a_table_are_alone(post: Case) -> None:
    _, said = asked(opened(post, 9), "candidate", "firm", "Can we talk in private?", PLENARY)
    assert uses("alone", said.speech), said.speech.text


def test_subjects_held_out_are_not_yet_what_is_talked_about(case: Case) -> None:
    lines = (
        Line(own=False, text="Hello!"),
        Line(
            own=True, text="We greet Ukraine. There is enough to discuss on sanctions and on Kursk."
        ),
        Line(own=False, text="Why?"),
    )
    room, _ = room_of(case, "eu", "ukraine", lines)
    assert [remark.speech.issues for remark in room.words] == [(), (), ()]


PLURAL = re.compile(r"\b(?:we|us|our|ours|ourselves|delegations?)\b", re.IGNORECASE)


@pytest.mark.parametrize("act", sorted(set(NEUTRAL) - {"chair", "chair_terms", "chair_close"}))
def test_one_person_has_words_of_their_own_for_every_act(act: str) -> None:
    frames = NEUTRAL_SINGLE[act]
    assert len(frames) >= 2
    assert len(set(frames)) == len(frames)
    known = {fill for frame in NEUTRAL[act] for fill in re.findall(r"{(\w+)}", frame)} | {"who"}
    for frame in frames:
        # "What would keep us talking" is both of them, and said by one.
        alone = frame.replace("keep us talking", "").replace("divide us", "")
        assert not PLURAL.search(alone), frame
        assert set(re.findall(r"{(\w+)}", frame)) <= known


def test_a_seat_that_is_one_person_says_i(post: Case, case: Case) -> None:
    assert [seat.id for seat in (*post.seats, *case.seats) if seat.single] == ["candidate"]
    room = opened(post, 9)
    for seat, asker, words in (
        ("candidate", "firm", "I|me|my"),
        ("firm", "candidate", "we|us|our"),
    ):
        said = [asked(room, asker, seat, text, PLENARY)[1].speech.text for text in ANYTHING]
        assert all(re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) for text in said), said


ANYTHING = ("Is that a deal?", "Why should we believe you?", "No.", "Do you have a draft for us?")


def test_a_visitor_may_ask_on_without_naming_the_subject_again(case: Case) -> None:
    lines: tuple[Line, ...] = ()
    for text in ("What about the frozen assets?", "Why?", "And what would that cost us?"):
        lines = (*lines, Line(own=False, text=text))
        room, owed = room_of(case, "eu", "ukraine", lines)
        answer = asyncio.run(Interlocutor().answer(room, owed))
        assert "assets" in answer.text or "principal" in answer.text, answer.text
        lines = (*lines, Line(own=True, text=answer.text))
        assert not any(frame in answer.text for frame in ANSWERS["unread"])
