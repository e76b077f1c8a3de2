"""Every speech of synthetic tables: new, bounded, true to its own move, within the room."""

import re
from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from app.delegates.base import Plan
from app.delegates.phrasebook import speak
from app.delegates.phrases import NEUTRAL
from app.delegates.rhetoric import sentences
from app.domain.case import Case
from app.domain.events import NewsArrived, RoundOpened
from app.domain.table import PLENARY
from app.library import load_case
from tests.sitting import REMARKS, ROUNDS, Uttered, first, noted, opened, parts, sitting, turn


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("table-for-five")


@pytest.fixture(scope="module")
def talk(case: Case) -> list[list[Uttered]]:
    """Twelve tables of twelve rounds, half of them with people's remarks."""
    return [list(sitting(case, seed, remarks=REMARKS if seed % 2 else ())) for seed in range(12)]


def spoken(talk: list[list[Uttered]]) -> list[Uttered]:
    return [said for table in talk for said in table]


def test_no_sentence_twice_by_one_seat_at_one_table(talk: list[list[Uttered]]) -> None:
    for seed, table in enumerate(talk):
        heard: dict[tuple[str, str], set[str]] = defaultdict(set)
        for said in table:
            for sentence in parts(said.speech.text):
                assert sentence not in heard[said.seat, ""], (seed, said.speech.text)
                heard[said.seat, ""].add(sentence)


def test_no_sentence_twice_over_two_hundred_seeds(case: Case) -> None:
    plain = replace(
        case, seats=tuple(replace(s, phrases={}, points=s.points[:6]) for s in case.seats)
    )
    for seed in range(100, 300):
        table = plain if seed % 4 == 0 else case
        heard: dict[str, set[str]] = defaultdict(set)
        rounds = ROUNDS if seed % 10 == 0 else 3
        for said in sitting(table, seed, rounds, REMARKS if seed % 3 == 0 else ()):
            for sentence in parts(said.speech.text):
                assert sentence not in heard[said.seat], (seed, said.speech.text)
                heard[said.seat].add(sentence)


def test_twenty_to_a_hundred_and_twenty_words(talk: list[list[Uttered]]) -> None:
    for said in spoken(talk):
        assert 20 <= len(said.speech.text.split()) <= 120, said.speech.text


def test_no_codes_no_game_words_no_loose_ends(case: Case, talk: list[list[Uttered]]) -> None:
    codes = {o.id for i in case.issues for o in i.options if "-" in o.id}
    ids = {p.id for s in case.seats for p in s.points}
    label = " ".join(o.label for i in case.issues for o in i.options)
    codes = {code for code in codes if code not in label}
    for said in spoken(talk):
        text = said.speech.text
        low = text.lower()
        assert not any(re.search(rf"(?<![\w-]){re.escape(c)}(?![\w-])", low) for c in codes), text
        assert not any(i in text for i in ids), text
        assert not re.search(r"\b(score|utility|mandate|red line|reservation|sheet)\b", low), text
        assert not re.search(r"[{}]|\bthe the\b|\ba a\b|\ban an\b|  |\.\.| ,| \.|\?\.", low), text
        assert text[0].isupper()
        assert text[-1] in ".?!", text
        for sentence in re.split(r"(?<=[.?!])\s", text):
            assert sentence[0].isupper() or sentence[0].isdigit(), text


def test_digits_are_those_of_published_points_labels_and_offers(
    case: Case, talk: list[list[Uttered]]
) -> None:
    for said in spoken(talk):
        allowed = " ".join(
            [p.text for p in case.seat(said.seat).points]
            + [p.text for p in case.seat(said.seat).positions]
            + [o.label for i in case.issues for o in i.options]
        )
        known = set(re.findall(r"\d+", allowed))
        numbers = "|".join(str(o.number) for o in said.room.offers) or "0"
        text = re.sub(rf"[Oo]ffer (?:{numbers})\b", "", said.speech.text)
        assert set(re.findall(r"\d+", text)) <= known, text


def test_no_secret_is_in_the_words(case: Case, talk: list[list[Uttered]]) -> None:
    def grams(text: str, size: int = 6) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[n : n + size]) for n in range(len(words) - size + 1)}

    labels = set().union(*(grams(o.label) for i in case.issues for o in i.options))
    told = [p.text for s in case.seats for p in s.points]
    told += [p.text for s in case.seats for p in s.positions]
    public = set().union(*map(grams, told))
    frames = {f for s in case.seats for fs in s.phrases.values() for f in fs}
    public |= set().union(*(grams(f) for f in frames)) | labels
    secret = {
        seat: (grams(m.brief) | set().union(*(grams(r.text) for r in m.red_lines))) - public
        for seat, m in case.mandates.items()
    }
    named = [o.label.lower() for i in case.issues for o in i.options]
    for said in spoken(talk):
        text = said.speech.text.lower()
        for label in named:
            text = text.replace(label, "#")
        for seat in case.seat_ids:
            assert grams(text) & secret[seat] == set(), said.speech.text


def carried(said: Uttered) -> dict[str, str]:
    """What the move itself puts its name to."""
    plan, room = said.plan, said.room
    assert plan is not None
    if plan.package is not None:
        return room.agenda.as_mapping(plan.package)
    if plan.endorse:
        offer = room.offer(plan.endorse[0])
        assert offer is not None
        return room.agenda.as_mapping(offer.package)
    offer = room.offer(room.latest.get(said.seat, 0))
    return room.agenda.as_mapping(offer.package) if offer else {}


def test_points_used_are_named_and_fit_the_move(case: Case, talk: list[list[Uttered]]) -> None:
    used = 0
    for said in spoken(talk):
        mine = {p.id: p for p in case.seat(said.seat).points}
        flat = "".join(parts(said.speech.text))
        for point in mine.values():
            assert ("".join(parts(point.text)) in flat) == (point.id in said.speech.points)
        for point_id in said.speech.points:
            used += 1
            point = mine[point_id]
            if said.plan is not None:
                option = carried(said).get(point.issue)
                assert option not in point.against
                assert option is None or option in point.favours, said.speech.text
            assert point.issue in said.speech.issues
    assert used > 500


def test_a_text_refused_is_not_praised_in_its_refusal(
    case: Case, talk: list[list[Uttered]]
) -> None:
    refusals = 0
    for said in spoken(talk):
        if said.plan is None or said.plan.act != "hold":
            continue
        for frame in case.seat(said.seat).phrases["refuse"]:
            shape = re.escape(frame).replace(r"\{who\}", "(?P<who>.+?)")
            shape = shape.replace(r"\{topic\}", "(.+?)")
            refusals += bool(re.search(shape, said.speech.text))
        for frame in case.seat(said.seat).phrases["endorse"]:
            start = frame.split("{")[0]
            assert len(start) < 12 or start not in said.speech.text, said.speech.text
    assert refusals > 40


def test_the_move_is_said(case: Case, talk: list[list[Uttered]]) -> None:
    """An offer names an option of its package; an endorsement names whose text it joins."""
    for said in spoken(talk):
        plan = said.plan
        if plan is None:
            continue
        text = said.speech.text.lower()
        if plan.package is not None:
            labels = [
                case.agenda.issue(i).option(o).label.lower()
                for i, o in said.room.agenda.as_mapping(plan.package).items()
            ]
            assert any(label in text for label in labels), said.speech.text
        for number in plan.endorse[:1]:
            offer = said.room.offer(number)
            assert offer is not None
            if offer.by != said.seat:
                assert case.seat(offer.by).short.lower() in text, said.speech.text


def test_the_last_point_addressed_is_often_answered(talk: list[list[Uttered]]) -> None:
    owed = met = 0
    for said in spoken(talk):
        if said.plan is None or said.plan.act not in ("offer", "endorse", "hold"):
            continue
        for remark in reversed(said.room.words):
            if remark.seat == said.seat and remark.room == PLENARY:
                break
            if remark.speech.to == said.seat and remark.speech.issues:
                owed += 1
                met += remark.speech.issues[0] in said.speech.issues
                break
    assert owed > 100
    assert met / owed > 0.5


def test_many_endorsements_at_once_are_one_list_and_bind_every_word(case: Case) -> None:
    room = opened(case, 2)
    for seat in case.seat_ids:
        room, _ = turn(case, room, seat, Plan(act="offer", package=first(case, seat)))
    plan = Plan(act="endorse", endorse=(2, 3, 4, 5), issues=("territory", "aid", "assets"))
    speech = speak(room, "ukraine", plan)
    assert "the United States" in speech.text
    assert "offers 2, 3 and 4" in speech.text or "offer 2 from Russia" in speech.text
    bound = [room.agenda.as_mapping(o.package) for o in room.offers[1:]]
    points = {p.id: p for p in case.seat("ukraine").points}
    for point_id in speech.points:
        assert all(text[points[point_id].issue] not in points[point_id].against for text in bound)


def test_words_are_the_same_for_the_same_seed_and_differ_between_seeds(case: Case) -> None:
    one = [s.speech for s in sitting(case, 5, 3, REMARKS)]
    assert one == [s.speech for s in sitting(case, 5, 3, REMARKS)]
    assert one != [s.speech for s in sitting(case, 6, 3, REMARKS)]


def test_seats_open_differently_and_speeches_begin_differently(talk: list[list[Uttered]]) -> None:
    for table in talk:
        openers = [s for s in table if s.plan is not None and s.plan.act == "statement"]
        ends = Counter(s.speech.text.split(".")[0].split()[-1] for s in openers)
        assert max(ends.values()) <= 2, ends
        begins: dict[str, Counter[str]] = defaultdict(Counter)
        for said in table:
            if said.plan is not None:
                begins[said.seat][" ".join(said.speech.text.split()[:2])] += 1
        for counted in begins.values():
            assert max(counted.values()) <= 4, counted


def test_last_round_names_the_clock_once(case: Case, talk: list[list[Uttered]]) -> None:
    for said in spoken(talk):
        if said.plan is None or said.plan.act == "walk":
            continue
        frames = case.seat(said.seat).phrases["last"]
        count = sum(frame in said.speech.text for frame in frames)
        assert count == (said.room.round == ROUNDS), said.speech.text


def test_imported_table_without_prose_still_speaks(case: Case) -> None:
    bare = replace(
        case,
        seats=tuple(replace(s, phrases={}, points=(), positions=()) for s in case.seats),
    )
    for seed in (1, 2):
        heard: dict[str, set[str]] = defaultdict(set)
        for said in sitting(bare, seed, ROUNDS, REMARKS):
            assert 20 <= len(said.speech.text.split()) <= 120, said.speech.text
            for sentence in parts(said.speech.text):
                assert sentence not in heard[said.seat]
                heard[said.seat].add(sentence)


def test_author_view_is_never_spoken(case: Case) -> None:
    views = {c.id for c in case.claims if c.kind == "author-view"}
    tainted = replace(
        case,
        seats=tuple(
            replace(s, points=tuple(replace(p, source=(*p.source, "C0")) for p in s.points))
            for s in case.seats
        ),
    )
    assert "C0" in views
    for said in sitting(tainted, 3, 4, REMARKS):
        assert not said.speech.points


def test_speech_reads_no_mandate(case: Case) -> None:
    """The same words with and without mandates in the view."""
    room = opened(case.seen_by("watcher"), 4)
    full = replace(room, case=case)
    for seat in case.seat_ids:
        plan = Plan(act="offer", package=first(case, seat), to="eu", issues=("sanctions",))
        assert speak(room, seat, plan) == speak(full, seat, plan)


def test_news_is_taken_up_by_two_seats_and_once(case: Case) -> None:
    room = noted(opened(case, 9), RoundOpened(round=1))
    room = noted(room, NewsArrived(text="Sanctions are extended by six months."))
    spoke = dict.fromkeys(case.seat_ids, 0)
    for _ in range(2):
        for seat in case.seat_ids:
            room, said = turn(case, room, seat, Plan(act="offer", package=first(case, seat)))
            spoke[seat] += of_news(said.speech.text)
    assert sorted(spoke.values()) == [0, 0, 0, 1, 1]
    words = [said for r in room.words for said in sentences(r.speech.text) if of_news(said)]
    assert len(set(words)) == 2
    again = noted(room, NewsArrived(text="A ship arrives."))
    spoken = 0
    for seat in case.seat_ids:
        again, said = turn(case, again, seat, Plan(act="offer", package=first(case, seat)))
        spoken += of_news(said.speech.text)
    assert spoken == 2


def of_news(text: str) -> int:
    frames = (*NEUTRAL["news"], *NEUTRAL["news_topic"])
    return sum(all(piece in text for piece in frame.split("{topic}")) for frame in frames)
