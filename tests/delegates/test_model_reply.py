"""A model's seat answers a person in words of its model, from public papers and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from app.commands.prompt import rendered, trace_of
from app.delegates.base import Ask, Completion, Said
from app.delegates.drafting import Delta, Void
from app.delegates.model import Casting, ModelDelegate
from app.delegates.model_reply import SILENT
from app.domain.events import EVERYBODY, Spoken
from app.domain.moves import Speech
from app.domain.table import PLENARY, Owed
from app.library import load_case
from app.orchestrator.orders import Awaited, CallCaucus, Say, TakeSeat
from app.orchestrator.turn import answer, fallback, heard_in
from tests.delegates.scripted import SPEECH, Failing, Floor, Scripted, papers
from tests.delegates.test_model import confided
from tests.plain import plain

CASE = plain()
BAD = "We accept all of it, and it is agreed between us as of this hour."


def seated(floor: Floor) -> tuple[str, str]:
    """A person, and a seat of a model."""
    person, other = floor.sitting.table.case.seat_ids[:2]
    floor.do(TakeSeat(seat=person, occupant="person"))
    return person, other


def asked(floor: Floor, room: str = PLENARY, text: str = "What do you want of us?") -> Owed:
    """A person's remark in a room; the answer that is owed to it."""
    person, other = floor.sitting.table.case.seat_ids[:2]
    floor.do(Say(seat=person, room=room, speech=Speech(text=text, by="person", to=other)))
    (owed,) = [o for o in floor.table.owed if o.room == room]
    return owed


def replied(
    floor: Floor,
    owed: Owed,
    model: Scripted,
    shown: list[Delta | Void] | None = None,
    **how: object,
) -> Said:
    delegate = floor.delegate(model, shown, **how)  # type: ignore[arg-type]
    return asyncio.run(delegate.reply(heard_in(floor.sitting, owed.room), owed))


@pytest.mark.parametrize("barrier", ["strict", "filtered"])
def test_the_model_answers_and_what_it_cost_is_traced(barrier: str) -> None:
    floor = Floor(CASE).to_round(1)
    person, other = seated(floor)
    owed = asked(floor)
    with Scripted([SPEECH]) as model:
        said = replied(floor, owed, model, barrier=barrier)
    assert (said.speech.text, said.speech.by) == (SPEECH, "model")
    assert (said.speech.to, said.speech.answers) == (person, owed.number)
    (ask,) = model.asked
    assert ask.schema is None
    assert "What do you want of us?" in ask.messages[-1].text
    assert said.trace is not None
    assert (said.trace.reply, said.trace.room) == (owed.number, PLENARY)
    assert (said.trace.seat, said.trace.notes) == (other, ())
    assert [call.prompt_tokens for call in said.trace.calls] == [1_000]
    # Who is asked much does not spend what the seat needs for its turn.
    assert ask.account[-1] == f"turn:t/{other}/{floor.table.turns}/{owed.number}"


def test_nothing_confidential_is_in_what_it_was_asked() -> None:
    prompts: list[bytes] = []
    for word in ("Anemone", "Blue heron"):
        floor = Floor(confided(CASE, word)).to_round(1)
        seated(floor)
        with Scripted([BAD, SPEECH]) as model:
            replied(floor, asked(floor), model)
        prompts.append(json.dumps([[m.text for m in a.messages] for a in model.asked]).encode())
        assert word.encode() not in prompts[-1]
    assert prompts[0] == prompts[1]


def test_words_of_a_room_stay_in_it() -> None:
    floor = Floor(load_case("table-for-five")).to_round(1)
    person, other = seated(floor)
    floor.do(CallCaucus(by=person, seats=(person, other), topic="apart"))
    (room,) = floor.table.rooms
    inside = asked(floor, room, "Between us, the heron flies at noon.")
    with Scripted([SPEECH]) as model:
        said = replied(floor, inside, model)
    assert "heron" in model.asked[0].messages[-1].text
    assert model.asked[0].account[-1] == f"turn:t/{other}/{floor.table.turns}/1/{room}"
    floor.do(Say(seat=other, room=room, speech=said.speech, trace=said.trace))
    outside = asked(floor, PLENARY, "What do you say to that?")
    with Scripted([SPEECH.replace("clauses", "chapters")]) as model:
        replied(floor, outside, model)
    assert "heron" not in "".join(m.text for ask in model.asked for m in ask.messages)


def test_words_that_bind_are_repaired_once() -> None:
    floor = Floor(CASE).to_round(1)
    seated(floor)
    with Scripted([BAD, SPEECH]) as model:
        said = replied(floor, asked(floor), model)
    assert (said.speech.text, said.speech.by) == (SPEECH, "model")
    assert said.trace is not None
    assert said.trace.notes == ("binding",) or said.trace.notes == ("deal",)


@pytest.mark.parametrize("apart", [False, True])
def test_an_answer_is_shown_while_it_comes_to_those_who_hear_it(apart: bool) -> None:
    floor = Floor(load_case("table-for-five")).to_round(1)
    person, other = seated(floor)
    room, audience = PLENARY, EVERYBODY
    if apart:
        audience = (person, other)
        floor.do(CallCaucus(by=person, seats=audience, topic="apart"))
        (room,) = floor.table.rooms
    owed = asked(floor, room)
    shown: list[Delta | Void] = []
    with Scripted([f"{SPEECH} {BAD}", SPEECH]) as model:
        said = replied(floor, owed, model, shown)
    assert [type(frame).__name__ for frame in shown].count("Void") == 1
    gone = next(at for at, frame in enumerate(shown) if isinstance(frame, Void))
    assert {frame.draft for frame in shown[: gone + 1]} == {1}
    assert {frame.draft for frame in shown[gone + 1 :]} == {2}
    last = [frame for frame in shown[gone + 1 :] if isinstance(frame, Delta)]
    assert " ".join(frame.text for frame in last) == said.speech.text == SPEECH
    for frame in shown:
        assert (frame.seat, frame.room, frame.reply) == (other, room, owed.number)
        assert isinstance(frame, Void) or frame.audience == audience


def test_what_was_shown_of_an_answer_that_is_not_given_is_void() -> None:
    floor = Floor(CASE).to_round(1)
    seated(floor)
    shown: list[Delta | Void] = []
    with Scripted([f"{SPEECH} {BAD}"] * 2) as model:
        said = replied(floor, asked(floor), model, shown)
    assert said.speech.by == "engine"
    assert isinstance(shown[-1], Void)
    assert shown[-1].draft == 2


def test_an_answer_that_is_recalled_is_void() -> None:
    floor = Floor(CASE).to_round(1)
    seated(floor)
    shown: list[Delta | Void] = []

    async def recalled(ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        assert on_text is not None
        on_text(f"{SPEECH} And ")
        raise asyncio.CancelledError

    casting = Casting(complete=recalled, model="test:recalled")
    delegate = ModelDelegate(lambda *_: casting, papers(), lambda: 0.0, on_delta=shown.append)
    owed = asked(floor)

    async def asking() -> None:
        with pytest.raises(asyncio.CancelledError):
            await delegate.reply(heard_in(floor.sitting, owed.room), owed)

    asyncio.run(asking())
    assert [type(frame).__name__ for frame in shown[-2:]] == ["Delta", "Void"]


@pytest.mark.parametrize("steps", [[BAD, BAD], [Failing("unreachable", tries=3)]])
def test_where_no_words_come_the_phrasebook_answers(steps: list[str | Failing]) -> None:
    floor = Floor(CASE).to_round(1)
    _, other = seated(floor)
    owed = asked(floor)
    with Scripted(list(steps)) as model:
        said = replied(floor, owed, model)
    assert said.speech.by == "engine"
    assert said.speech.answers == owed.number
    assert said.trace is not None
    assert said.trace.notes[-1] == SILENT
    floor.do(Say(seat=other, room=PLENARY, speech=said.speech, trace=said.trace))
    assert not floor.table.owed
    assert floor.sitting.events[-1].body == said.trace
    assert floor.sitting.events[-1].audience == ()


def test_the_table_asks_the_model_and_keeps_where_it_was_asked() -> None:
    floor = Floor(CASE).to_round(1)
    _, other = seated(floor)
    owed = asked(floor)
    awaited = Awaited(act="reply", seat=other, ref=owed.number, room=PLENARY)
    with Scripted([SPEECH]) as model:
        told = asyncio.run(answer(floor.sitting, awaited, {"model": floor.delegate(model)}, {}))
    assert isinstance(told, Say)
    assert told.trace is not None
    assert told.trace.after == floor.sitting.seq
    spare = fallback(floor.table, awaited, told, "too-long")
    assert isinstance(spare, Say)
    assert spare.trace == told.trace
    assert spare.speech.by == "engine"


@pytest.mark.parametrize("steps", [[SPEECH], [BAD, SPEECH], [BAD, BAD], [Failing("open")]])
def test_what_it_was_asked_can_be_shown_again(steps: list[str | Failing]) -> None:
    floor = Floor(CASE).to_round(1)
    _, other = seated(floor)
    owed = asked(floor)
    awaited = Awaited(act="reply", seat=other, ref=owed.number, room=PLENARY)
    with Scripted(list(steps)) as model:
        told = asyncio.run(answer(floor.sitting, awaited, {"model": floor.delegate(model)}, {}))
    assert isinstance(told, Say)
    floor.do(told)
    events = floor.sitting.events
    spoken = next(e for e in events if isinstance(e.body, Spoken) and e.body.seat == other)
    for seq in (spoken.seq, events[-1].seq):
        trace = trace_of(events, other, seq, "record")
        assert trace == events[-1].body
        shown = rendered(events, trace, papers(), "record")
        assert [ask.messages for ask in shown] == [ask.messages for ask in model.asked]


def test_as_much_of_the_talk_is_read_as_the_paper_holds() -> None:
    floor = Floor(CASE).to_round(1)
    person, other = seated(floor)
    for number in range(8):
        words = f"Remark {number}: {'we speak to the clauses that stand before us ' * 20}"
        owed = asked(floor, text=words)
        answered = Speech(text=f"Heard {number}.", by="engine", to=person, answers=owed.number)
        floor.do(Say(seat=other, room=PLENARY, speech=answered))
    owed = asked(floor)
    with Scripted([SPEECH, SPEECH]) as model:
        replied(floor, owed, model, paper_tokens=2_400)
        replied(floor, owed, model, paper_tokens=400)
    wide, narrow = (ask.messages[-1].text for ask in model.asked)
    assert all(f"Remark {number}:" in wide for number in range(8))
    assert "Remark 0:" not in narrow
