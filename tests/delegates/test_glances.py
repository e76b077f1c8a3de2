"""Quick looks spare slow patterns and miss nothing: each is held against the pattern itself."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.delegates import glances, public_words, tripwires, tripwords, utterance
from app.delegates.base import Plan
from app.delegates.encoded import MOST_TEXTS, encoded
from app.delegates.encoded import _as_json as kept_texts
from app.delegates.glances import (
    BEHALF,
    LEAVING,
    META,
    OTHERS,
    TABLING,
    WITHDRAWING,
    Glance,
    english,
    glance,
    may_be_courteous,
)
from app.delegates.rhetoric import plain
from app.delegates.tripwires import Scene, scene, sentence_trip, speech_trip
from app.library import load_case
from tests.delegates.branches import branches
from tests.delegates.scripted import Floor

FLAG = load_case("table-for-five")
OTHER = re.compile(rf"\brussia{tripwords.OTHERS_ACT}")
LOOKS: dict[str, tuple[re.Pattern[str], Callable[[Glance], bool]]] = {
    "accepting": (tripwords.ACCEPTING, Glance.may_accept),
    "deal": (tripwords.DEAL, Glance.may_conclude),
    "tabling": (tripwords.TABLING, lambda seen: seen.has(TABLING)),
    "leaving": (tripwords.LEAVING, lambda seen: seen.has(LEAVING)),
    "withdrawing": (tripwords.WITHDRAWING, lambda seen: seen.has(WITHDRAWING)),
    "behalf": (tripwords.BEHALF, lambda seen: seen.has(BEHALF)),
    "others": (OTHER, lambda seen: seen.has(OTHERS)),
    "meta": (tripwords.META, lambda seen: seen.has(META)),
    "score": (tripwords.SCORE, Glance.may_score),
    "foreign": (tripwords.FOREIGN, Glance.may_be_foreign),
    "markup": (tripwords.MARKUP, Glance.may_be_marked_up),
    "blob": (tripwords.BLOB, Glance.may_be_blob),
    "courtesy": (tripwords.COURTESY, lambda seen: may_be_courteous(seen.low)),
    "praise": (tripwords.PRAISE, lambda seen: may_be_courteous(seen.low)),
    "numbered": (tripwires._NUMBERED, lambda seen: seen.has_figures),
    "several": (tripwires._MORE, lambda seen: seen.has_figures),
    "offering": (tripwires._OFFERING, Glance.may_offer),
}
MARKS = [*"abz09 .,;:!?<>=@&#$()[]{}|\\`*_-\n'", "é", "\u2014", "\u0663", "\u2019", "\u017f", "中"]
LATIN = st.characters(max_codepoint=0x17F)
TOLD = (
    "we our i you they the this that it is are have a an of to and not if would accept accepted "
    "agree agreed endorse endorsed sign commit pledge capitulates deal deals done text draft "
    "drafts offer offers package table tabled propose withdraw withdrew retract endorsement "
    "leave leaving walk out talks on behalf speak for all in the name russia nato ukraine "
    "europe 1 2 13 61 points worth floor value confidential brief instructions ignore previous "
    "language model assistant d'accord acceptons siamo soglasny hyväksymme thank grateful "
    "wonderful signature stands legally binding settled consider everything russia.territory.1 "
    "line-with-integrity on_x a=b www. https: decafbaddecafbad qwxslhlvdxigymfzzty0 w e c p t x "
    "x x x x grant give could live "
)
TALK = st.lists(
    st.one_of(st.sampled_from(TOLD.split()), st.sampled_from(MARKS), st.sampled_from(TOLD.split())),
    max_size=25,
).flatmap(lambda parts: st.sampled_from((" ".join(parts), "".join(parts), " ".join(parts) + ".")))


@pytest.mark.parametrize("name", LOOKS)
@settings(
    max_examples=20, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
@given(data=st.data())
def test_what_meets_a_pattern_passes_its_look(name: str, data: st.DataObject) -> None:
    pattern, look = LOOKS[name]
    met = data.draw(st.from_regex(pattern, alphabet=LATIN))
    before = data.draw(st.text(st.sampled_from(MARKS), max_size=3))
    for low in (met, before + met, met + before):
        if pattern.search(low):
            assert look(glance(low)), low


@pytest.mark.parametrize("name", LOOKS)
@given(low=TALK)
def test_no_look_misses_what_is_met_in_talk(name: str, low: str) -> None:
    pattern, look = LOOKS[name]
    if pattern.search(low):
        assert look(glance(low)), low


@pytest.mark.parametrize("name", LOOKS)
def test_every_alternative_of_a_pattern_passes_its_look(name: str) -> None:
    pattern, look = LOOKS[name]
    met = branches(pattern)
    assert met
    assert [low for low in met if not look(glance(low))] == []


EDGES = (
    *(("blob", "we say a b c d e f_g so"), ("blob", "a1b2c3d4e5f6g7"), ("blob", "1bcdefghijklmn+")),
    *(("blob", "abcdefabcdefabcd"), ("blob", "\u00e9 " * 6), ("blob", "a \u00e9 b \u00e9 c d ")),
    *(("deal", "that is accepted\n"), ("deal", "for us: accepted!\n"), ("deal", "yes!")),
    *(("deal", "count us in"), ("deal", "no takesies"), ("deal", "a done deal for us all")),
    *(("deal", "we have our word on it"), ("markup", "- so"), ("markup", "see www.x")),
    *(("score", "\u0663 points"), ("several", "texts \u0663, 4"), ("accepting", "we capitulated")),
    *(("foreign", "soglasny"), ("foreign", "hyv\u00e4ksymme"), ("foreign", "nous d'accord")),
)


@pytest.mark.parametrize(("name", "low"), EDGES)
def test_what_barely_meets_a_pattern_passes_its_look(name: str, low: str) -> None:
    pattern, look = LOOKS[name]
    assert pattern.search(low)
    assert look(glance(low))


def test_the_looks_spare_most_of_a_plain_sentence() -> None:
    low = "those who live along the line have waited for news of their schools and their roads."
    assert [name for name, (_, look) in LOOKS.items() if look(glance(low))] == []


# -- the wires with all looks open find the same ----------------------------------------------


@dataclass(frozen=True, slots=True)
class Open(Glance):
    """A look that spares nothing."""

    def has(self, needed: frozenset[str]) -> bool:
        return True

    may_be_foreign = may_be_marked_up = may_be_blob = may_score = lambda self: True
    may_accept = may_conclude = may_offer = lambda self: True


def opened(low: str) -> Glance:
    return Open(low, low.encode("ascii", "replace"), frozenset(), 9, True)


def held() -> tuple[Scene, ...]:
    floor = Floor(FLAG, record=True).to_round(1)
    while floor.seat != "russia":
        floor.say("Our delegation has read what lies before us and is of two minds about it.")
    floor.say("Moscow lays a text before the others and asks what they make of it today.",
              package=FLAG.agenda.package(77_777))  # fmt: skip
    plans = (Plan(act="hold"), Plan(act="endorse", endorse=(1,)), Plan(act="walk"),
             Plan(act="offer", package=FLAG.agenda.package(9)))  # fmt: skip
    return tuple(scene(floor.sitting.public(), "ukraine", plan, told="x") for plan in plans)


SCENES = held()
COURTEOUS = st.lists(
    st.sampled_from(("We thank you.", "It was wonderful!", "The line holds.", "Farewell?")),
    min_size=1, max_size=5,
).map(lambda said: " ".join((*said, "There is more to say on this.")))  # fmt: skip


@given(TALK, st.sampled_from(SCENES))
def test_the_wires_find_the_same_without_any_look(talk: str, on: Scene) -> None:
    found = sentence_trip(on, talk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tripwires, "glance", opened)
        assert sentence_trip(on, talk) == found


@given(st.one_of(TALK, COURTEOUS))
def test_a_whole_speech_is_found_the_same_without_any_look(talk: str) -> None:
    found = speech_trip(SCENES[0], talk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(glances, "may_be_courteous", lambda _low: True)
        assert speech_trip(SCENES[0], talk) == found


WORDS = st.lists(
    st.sampled_from(
        ["I", ",", "am", "I'm", "I\u2019m", "i", "Viktor", "van der", "Amsel", "President", "Dr.",
         "Foreign Minister", "Secretary of State", "As", "as", "Signed", "SIGNED,", "yours", "My",
         "name is", "Name Is", "Speaking As", "\u017figned", "of Russia", "Madam", "the", "."]
    ),
    max_size=12,
)  # fmt: skip
POSED = st.builds(
    lambda parts, near: " ".join(parts).replace(*near),
    WORDS,
    st.sampled_from([(" ,", ","), ("", "")]),
)


@given(POSED)
def test_a_name_is_found_the_same_without_any_look(talk: str) -> None:
    found = sentence_trip(SCENES[0], talk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Glance, "may_pose", lambda _seen, _written: True)
        assert sentence_trip(SCENES[0], talk) == found


@pytest.mark.parametrize("code", ["line-with-integrity", "russia.territory.1", "plainword"])
def test_codes_are_found_whatever_mark_they_have(code: str) -> None:
    russia = FLAG.seat("russia")
    points = (*russia.points, replace(russia.points[0], id="plainword"))
    seats = tuple(replace(s, points=points) if s.id == "russia" else s for s in FLAG.seats)
    case = replace(FLAG, seats=seats)
    assert tripwires._coded(case, glance(f"we take {code}, and so on."))
    assert not tripwires._coded(case, glance("we take it all - every word."))
    assert not tripwires._coded(case, glance(f"we take x{code}, and 3.5 of them."))


# -- faster readings of the same ---------------------------------------------------------------

ANY = st.one_of(st.text(max_size=80), st.text(st.sampled_from([*MARKS, *"ABCxyz"]), max_size=80))


@given(ANY)
def test_letters_are_told_from_the_rest_as_a_pattern_would(text: str) -> None:
    low = text.casefold()
    assert english(low.encode("ascii", "replace")) == re.findall("[a-z']+", low)
    assert plain(text) == re.sub("[^a-z0-9]+", " ", low).strip()


@given(st.lists(ANY, max_size=70))
def test_a_text_is_encoded_as_json_does_it_and_few_are_kept(texts: list[str]) -> None:
    for text in (*texts, *texts[::-1]):
        assert encoded(text) == json.dumps(text, ensure_ascii=False)
    assert len(kept_texts) <= MOST_TEXTS


def test_texts_are_encoded_in_several_threads_at_once() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as pool:
            texts = [[f"{n} {number}" for number in range(20_000)] for n in range(6)]
            for mine, got in zip(
                texts, pool.map(lambda own: [*map(encoded, own)], texts), strict=True
            ):
                assert got == [f'"{text}"' for text in mine]
    finally:
        sys.setswitchinterval(before)


END = re.compile(
    r"(?:[.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019\u00bb)\]*_]*)(?=\s)|"
    r"[\n\r\v\f\x1c-\x1f\x85\u2028\u2029]"
)
"""Where a sentence ends, as one would write it."""


@given(
    st.text(
        st.sampled_from([*"a.!?\u2026\u3002\"')]*_ \n\r\x1c\x85\u2028\u00a0", "b"]), max_size=40
    )
)
def test_sentences_end_where_they_should(text: str) -> None:
    assert [m.span() for m in utterance._END.finditer(text)] == [
        m.span() for m in END.finditer(text)
    ]


def runs_of(key: int, text: str) -> set[int]:
    """The runs of words of a text, counted one by one."""
    words, found = plain(text).split(), set()
    covered = public_words._listed(words, public_words._listing(key))[: len(words)]
    for n in range(len(words) - 3):
        if tuple(words[n : n + 4]) in public_words._quotable(key):
            for at in range(n, n + 4):
                covered[at] = 1
    for n in range(len(words) - 9):
        if covered[n : n + 10].count(1) <= 4:
            found.add(hash(tuple(words[n : n + 10])))
    return found


PUBLIC = [p.text for seat in FLAG.seats for p in seat.points[:2]]
SAID = ["We have read offer 3 from Russia and NATO and offer 4 as well.", "offer", "draft 7", "so",
        "Nobody in this room has told us yet who would pay for the winter to come."]  # fmt: skip


@given(st.lists(st.sampled_from((*PUBLIC, *SAID)), max_size=6))
def test_runs_of_words_are_those_counted_one_by_one(said: list[str]) -> None:
    key = public_words.key_of(FLAG)
    assert public_words.shingles(key, " ".join(said)) == runs_of(key, " ".join(said))
