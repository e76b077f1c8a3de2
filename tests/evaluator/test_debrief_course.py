"""Pages 5 to 8 and 10 against counts straight from the events."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from statistics import fmean, median
from typing import Any

import pytest

from app.domain.events import Event, ModelCall, RoundOpened, TurnTraced
from app.domain.table import fold, view_for
from app.errors import CaseError
from app.evaluator.debrief.dance import Dance
from app.evaluator.debrief.feelings import read_replies
from app.evaluator.debrief.ground import Untold
from app.evaluator.debrief.news import News
from app.evaluator.debrief.positions import IssueMap
from app.evaluator.debrief.rubric import Rubric
from app.evaluator.debrief.tables import Across
from app.evaluator.debrief.talk import Talk
from app.evaluator.debrief.whole import Debrief, debrief
from app.evaluator.foreign.records import talk_of
from app.evaluator.grader import criteria, grade
from app.evaluator.judge import Judgement, judge_talk
from app.evaluator.value import assess
from app.library import load_case
from tests import brute
from tests.evaluator.debriefed import (
    GOOD,
    HALF,
    SOUTH,
    bodies,
    packages,
    played,
)
from tests.plain import plain
from tests.talks import Said, Talks


@pytest.fixture(scope="module")
def flagship() -> tuple[Event, ...]:
    return played()


@pytest.fixture(scope="module")
def told(flagship: tuple[Event, ...]) -> Debrief:
    return debrief(flagship)


# -- 5, 6, 7 --------------------------------------------------------------------------------------


def test_the_dance(told: Debrief, flagship: tuple[Event, ...]) -> None:
    case, offers = load_case("table-for-five"), packages(flagship)
    assert isinstance(told.dance, Dance)
    worth = {
        n: {s.id: sum(brute.worth(case, s.id, p)) for s in case.seats}
        for n, (_, _, p) in offers.items()
    }
    assert {o.number: dict(o.totals) for o in told.dance.offers} == worth
    for offer in told.dance.offers:
        assert set(offer.below) == {
            s.id
            for s in case.seats
            if not brute.signs(case, s.id, offers[offer.number][2], "standard")
        }
    for part in told.dance.parts:
        own = [n for n, (by, _, _) in offers.items() if by == part.seat]
        assert [step.offer for step in part.steps] == own[1:]
        for before, step in zip(own, part.steps, strict=False):
            mine = worth[step.offer][part.seat] - worth[before][part.seat]
            rest = sum(worth[step.offer].values()) - sum(worth[before].values()) - mine
            assert (step.own, step.others) == (mine, rest)
            assert sum(shift.own for shift in step.shifts) == mine
            changed = [
                issue.id
                for n, issue in enumerate(case.issues)
                if offers[before][2][n] != offers[step.offer][2][n]
            ]
            assert [shift.issue for shift in step.shifts] == changed
            if mine < 0 < rest:
                assert step.kind == "concession"
            if mine > 0 > rest:
                assert step.kind == "selfish"
            assert set(step.pleased) == {
                s for s, w in worth[step.offer].items() if s != part.seat and w > worth[before][s]
            }


def test_toward_is_who_bettered_an_offer_in_between() -> None:
    case = plain()
    talks = Talks(case).say(
        [
            Said(seat="north", package=("water-a", "power-a", "border-a")),
            Said(seat="south", package=SOUTH),
            Said(seat="north", package=("water-a", "power-a", "border-b")),
            Said(seat="south", package=HALF),
            Said(seat="north", package=GOOD),
        ]
    )
    told = debrief(talks.events)
    assert isinstance(told.dance, Dance)
    first, second = told.dance.parts[0].steps
    assert (first.toward, second.toward) == ((), ("south",))


def test_the_issue_map(told: Debrief, flagship: tuple[Event, ...]) -> None:
    case = load_case("table-for-five")
    assert isinstance(told.issue_map, IssueMap)
    number, tabled, backed, stands = 0, {}, {}, {}
    offers = packages(flagship)
    for event in flagship:
        body: Any = event.body
        if body.kind == "round.opened":
            number = body.round
        if body.kind == "seat.moved" and number:
            for each in body.move.endorse:
                backed[body.seat] = offers[each][2]
            if body.move.package is not None:
                tabled[body.seat] = body.move.package
            stands[number] = {**backed, **tabled}
    assert list(told.issue_map.rounds) == sorted(stands)
    for place, row in enumerate(told.issue_map.rows):
        assert row.issue == case.issues[place].id
        for cell in row.cells:
            counts = Counter(p[place] for p in stands[cell.round].values())
            assert cell.together == max(counts.values()) == counts[cell.option]
            assert (cell.standing, cell.different) == (len(stands[cell.round]), len(counts))
    for swap in told.issue_map.swaps:
        assert all(shift.own < 0 for shift in swap.gave)
        assert all(shift.own > 0 for shift in swap.took)


def test_the_talk(told: Debrief, flagship: tuple[Event, ...]) -> None:
    assert isinstance(told.talk, Talk)
    moves = bodies(flagship, "seat.moved")
    offers = packages(flagship)
    for speaker in told.talk.speakers:
        own = [body for body in moves if body.seat == speaker.seat]
        assert speaker.speeches == len(own)
        assert speaker.to == Counter(body.move.speech.to or "table" for body in own)
        assert speaker.backed == Counter(offers[n][0] for body in own for n in body.move.endorse)
        asked = sum(body.move.speech.text.count("?") for body in own)
        assert speaker.questions == asked
    assert sum(speaker.share for speaker in told.talk.speakers) == pytest.approx(1, abs=1e-5)
    backing: dict[int, set[str]] = {n: set() for n in offers}
    number, most = 0, {}
    for event in flagship:
        body: Any = event.body
        if body.kind == "round.opened":
            number = body.round
        if body.kind == "seat.moved":
            for each in body.move.withdraw:
                backing[each.offer].discard(body.seat)
            for each in (*body.move.endorse, *([body.offer] if body.offer else [])):
                backing[each].add(body.seat)
            most[number] = max(len(seats) for seats in backing.values())
    assert {b.round: len(b.backers) for b in told.talk.blocs} == {
        n: size for n, size in most.items() if size
    }


def test_an_endorsement_taken_back_or_walked_away_from_is_gone() -> None:
    talks = Talks(plain()).say([Said(seat="north", package=GOOD)])
    talks.say([Said(seat="south", endorse=(1,))])
    talks.note(RoundOpened(round=2))
    talks.say([Said(seat="south", withdraw=(1,))])
    talks.note(RoundOpened(round=3))
    talks.say([Said(seat="north", walk=True)])
    page = debrief(talks.events).talk
    assert isinstance(page, Talk)
    assert [bloc.backers for bloc in page.blocs] == [("north", "south"), ("north",), ()]


# -- 8 --------------------------------------------------------------------------------------------


def test_the_rubric_shows_the_judge_apart(flagship: tuple[Event, ...]) -> None:
    talk = talk_of(flagship, "t")
    seats = ("ukraine", "russia", "nato", "eu", "usa")
    asked = [c for c in criteria(seats) if c.id.startswith("interests:")]

    def generous(request: Any) -> str:
        answer = json.loads(grade(request))
        for entry in answer["criteria"]:
            if entry["level"]:
                entry["level"] = 4
        return json.dumps(answer)

    judged: Judgement = judge_talk(generous, "fake/generous", talk, "interests", asked)
    with_judge, without = debrief(flagship, judged=judged), debrief(flagship)
    assert isinstance(with_judge.rubric, Rubric)
    assert isinstance(without.rubric, Rubric)
    assert (with_judge.rubric.judge, without.rubric.judge) == ("fake/generous", "")
    assert len(without.rubric.elements) == 14
    differ = 0
    for one, other in zip(with_judge.rubric.elements, without.rubric.elements, strict=True):
        for mark, bare in zip(one.marks, other.marks, strict=True):
            assert mark.tallies == bare.tallies
            for answer, alone in zip(mark.answers, bare.answers, strict=True):
                assert (answer.level, answer.cites) == (alone.level, alone.cites)
                assert alone.judged is None
                assert (answer.judged is not None) == (answer.id == "interests")
                differ += answer.differs
    assert differ


def test_levels_count_turns_that_bear_the_mark() -> None:
    words = ["We need water because of the mill.", "Nothing.", "We need light, because it is dark."]
    talks = Talks(plain()).say([Said(seat="north", text=text) for text in words])
    rubric = debrief(talks.events).rubric
    assert isinstance(rubric, Rubric)
    mark = rubric.elements[1].marks[0]
    assert mark.answers[0].level == 2
    assert [cite.turn for cite in mark.answers[0].cites] == [1, 3]
    assert mark.tallies[0].turns == (1, 3)


# -- 10, 12, 13, 15 -------------------------------------------------------------------------------


def test_the_news(told: Debrief, flagship: tuple[Event, ...]) -> None:
    assert isinstance(told.news, News)
    arrived = [event for event in flagship if event.body.kind == "news.arrived"]
    texts = [body.text for body in bodies(flagship, "news.arrived")]
    assert [item.text for item in told.news.items] == texts
    turns = {body.turn: body for body in bodies(flagship, "seat.moved")}
    for item, event in zip(told.news.items, arrived, strict=True):
        before = [body.turn for body in bodies(flagship[: event.seq], "turn.opened")]
        assert item.turn == max(before, default=0)
        assert item.to == tuple(seat for seat in event.audience if seat != "*")
        for after in item.after:
            assert after.turn == min(
                t for t, body in turns.items() if t > item.turn and body.seat == after.seat
            )
            assert after.offer == turns[after.turn].offer


def test_how_it_felt_and_what_is_wrong_with_an_answer(flagship: tuple[Event, ...]) -> None:
    case = load_case("table-for-five")
    text = (
        "seat,result,self,process,relationship,name,words\n"
        'ukraine,5,6,4,3,Alex,"Late, but heard."\n'
        "ukraine,2,1,4,3,Kim,\n"
        "russia,7,7,7,7,,\n"
    )
    replies = read_replies(text, case, "a.csv")
    same = [{"seat": r.seat, **r.marks, "name": r.name, "words": r.words} for r in replies]
    assert read_replies(json.dumps(same), case, "a.json") == replies
    page = debrief(flagship, replies=replies).felt
    assert not isinstance(page, Untold)
    means = {mood.seat: mood.means for mood in page.moods}
    assert means["ukraine"] == {"result": 3.5, "self": 3.5, "process": 4, "relationship": 3}
    assert means[""]["result"] == pytest.approx(fmean([5, 2, 7]), abs=1e-5)
    unnamed = debrief(flagship, replies=replies, names=False).felt
    assert not isinstance(unnamed, Untold)
    assert {reply.name for reply in unnamed.replies} == {""}
    own = debrief(view_for(flagship, "russia"), "russia", replies=replies).felt
    assert not isinstance(own, Untold)
    assert [reply.seat for reply in own.replies] == ["russia"]
    for wrong, says in (
        ("seat,result\nukraine,8\n", "result is '8'"),
        ("seat,result,self,process,relationship\nmars,1,1,1,1\n", "seat 'mars'"),
        ("result\n5\n", "no head line"),
        ("[1]", "list of objects"),
        ("[{", "not JSON"),
        ("seat,result,self,process,relationship,age\nusa,1,1,1,1,9\n", "unknown age"),
        ("seat,result,self,process,relationship\nusa,1,1,1\n", "relationship is ''"),
    ):
        with pytest.raises(CaseError, match=says.replace("[", r"\[")):
            read_replies(wrong, case, "a.csv")


def test_across_tables() -> None:
    case = plain()
    tables = [
        Talks(case, table_id="one").say([Said(seat="north", package=GOOD)]).sign().events,
        Talks(case, table_id="two").say([Said(seat="north", package=HALF)]).sign().events,
        Talks(case, table_id="three").say([Said(seat="north")]).close("impasse").events,
    ]
    found = [assess(fold(events)) for events in tables]
    page = debrief(tables[0], others=found[1:]).across
    assert isinstance(page, Across)
    totals = {
        s.id: [
            sum(brute.worth(case, s.id, GOOD)),
            sum(brute.worth(case, s.id, HALF)),
            sum(brute.no_deal(case, s.id)),
        ]
        for s in case.seats
    }
    for spread in page.spreads:
        of = totals[spread.seat]
        assert (spread.least, spread.middle, spread.most) == (min(of), median(of), max(of))
    for n, sitting in enumerate(page.tables):
        for seat, of in totals.items():
            assert sitting.totals[seat] == of[n]
            rest = of[:n] + of[n + 1 :]
            assert sitting.added[seat] == pytest.approx(of[n] - fmean(rest), abs=1e-5)
    assert (page.deals, len(page.tables)) == (2, 3)
    assert isinstance(debrief(tables[0]).across, Untold)
    with pytest.raises(CaseError, match="given twice"):
        debrief(tables[0], others=found[:1])
    changed = replace(found[1].table, case_hash="f" * 64, table_id="four")
    with pytest.raises(CaseError, match="leave it out"):
        debrief(tables[0], others=[replace(found[1], table=changed)])


def test_who_played(told: Debrief, flagship: tuple[Event, ...]) -> None:
    moves = bodies(flagship, "seat.moved")
    for player in told.players.players:
        assert player.voices == Counter(b.move.speech.by for b in moves if b.seat == player.seat)
        assert player.use is None
    assert told.players.random == pytest.approx(3789 / 2_048_000, abs=1e-8)
    assert told.players.middle is False


def test_what_a_model_did_and_what_it_cost() -> None:
    talks = Talks(plain()).say([Said(seat="north", package=GOOD), Said(seat="south")])
    calls = (
        ModelCall(
            purpose="plan",
            prompt="a" * 64,
            answer="{}",
            prompt_tokens=100,
            tries=2,
            completion_tokens=10,
            cached_tokens=40,
        ),
        ModelCall(
            purpose="speak", prompt="b" * 64, fault="timeout", prompt_tokens=7, reported=False
        ),
    )
    talks.note(
        TurnTraced(
            turn=1,
            seat="north",
            after=5,
            model="lab:one",
            barrier="strict",
            counsel=True,
            templates=(("seat/plan", "1 abc"),),
            calls=calls,
            notes=("guard: below the floor",),
        )
    )

    def price(model: str, read: int, cached: int, written: int) -> Decimal | None:
        assert model == "lab:one"
        return Decimal(read - cached) + 2 * Decimal(written)

    north, south = debrief(talks.events, price=price).players.players
    assert south.use is None
    assert north.use is not None
    use = north.use
    assert (use.read, use.cached, use.written, use.tries) == (107, 40, 10, 3)
    assert (dict(use.calls), dict(use.faults)) == ({"plan": 1, "speak": 1}, {"timeout": 1})
    assert (use.money, use.unreported, use.turns) == ("87", 1, 1)
    assert use.prompts == ("a" * 64, "b" * 64)
    assert use.caught == ((1, "guard: below the floor"),)
    unpriced = debrief(talks.events, price=lambda *_: None).players.players[0].use
    assert unpriced is not None
    assert unpriced.money == ""
