"""A delegation played by a model: planner, guard, speaker, tripwires, and the engine behind them.

In the strict barrier a planner that has read the mandate fills in a form without words, and a
speaker that has read public papers only puts the approved plan into words. In filtered mode one
call does both and nothing leaves before all of it is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from app.delegates import briefing, phrasebook
from app.delegates.answer_form import Amiss, Filled, read_form, schema
from app.delegates.asking import Caller, Missed
from app.delegates.base import Complete, Plan, Said, Taken
from app.delegates.briefing import Papers
from app.delegates.confidences import gives_away, secrets_of
from app.delegates.counsel_text import Counselled, counselled, doubt
from app.delegates.drafting import Drafting, OnDelta
from app.delegates.model_reply import speech_of, worded
from app.delegates.offline import OfflineDelegate, asked
from app.delegates.tripwires import REASONS, Trip, scene
from app.domain.events import TurnTraced
from app.domain.moves import Move, Speech, Withdrawal
from app.domain.state import Owed, Table

Barrier: TypeAlias = Literal["strict", "filtered"]

MOST_REASKS = 2
"""Times the planner is asked again in one turn, for whatever reason."""

REPLY_SECONDS = 60.0
"""What an answer to somebody's words may take: the table waits for it."""

TURN_SECONDS = 180.0
"""What a turn may take on a table without a clock."""

MARGIN_MS = 2_000
"""What is left of a table's own clock for the fallback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Casting:
    """Which model plays a seat, and how."""

    complete: Complete
    model: str
    barrier: Barrier = "strict"
    counsel: bool = True
    temperature: float = 0.7
    plan_tokens: int = 700
    speech_tokens: int = 500
    paper_tokens: int = 6_000


Cast: TypeAlias = Callable[[Table, str], Casting]
"""Who plays a seat, from the public fold."""


class ModelDelegate(OfflineDelegate):
    """Moves and answers to words are a model's; votes and ballots stay with the engine's code."""

    def __init__(
        self,
        cast: Cast,
        papers: Papers,
        clock: Callable[[], float],
        *,
        now: Callable[[], int] | None = None,
        on_delta: OnDelta | None = None,
        seconds: float = TURN_SECONDS,
    ) -> None:
        """`clock` counts seconds evenly; `now` tells milliseconds for tables with a clock."""
        self.cast = cast
        self.papers = papers
        self.clock = clock
        self.now = now
        self.on_delta = on_delta
        self.seconds = seconds
        self._briefs: dict[tuple[object, ...], str] = {}

    async def move(self, view: Table, room: Table, seat: str) -> Taken:  # type: ignore[override]  # see base
        """The turn: a guarded move of the model, or the engine's, said openly."""
        casting = self.cast(room, seat)
        caller = Caller(
            complete=casting.complete,
            clock=self.clock,
            end=self.clock() + self._seconds(view),
            temperature=casting.temperature,
            table_id=room.table_id,
            seat=seat,
            turn=view.turn.number if view.turn else view.turns,
        )
        turn = _Turn(self, view, room, seat, casting, caller)
        try:
            return await turn.taken()
        except BaseException:
            if turn.drafting is not None:
                turn.drafting.void()
            raise

    async def reply(self, room: Table, owed: Owed) -> Said:  # type: ignore[override]  # see base
        """The model's answer to a person's words, or the phrasebook's where it has none."""
        casting = self.cast(room, owed.seat)
        caller = Caller(
            complete=casting.complete,
            clock=self.clock,
            end=self.clock() + min(REPLY_SECONDS, self._seconds(room)),
            temperature=casting.temperature,
            table_id=room.table_id,
            seat=owed.seat,
            turn=room.turn.number if room.turn else room.turns,
            reply=owed.number,
            place=owed.room,
        )
        brief = self.brief("speaker", room, owed.seat)
        text = await worded(
            self.papers, brief, room, owed, casting=casting, caller=caller, on_delta=self.on_delta
        )
        if text:
            speech = speech_of(text, room, owed)
        else:
            speech = phrasebook.answer(room, owed.seat, asked(room, owed))
        return Said(speech=speech, trace=replace(self.trace(casting, caller), room=owed.room))

    def trace(self, casting: Casting, caller: Caller) -> TurnTraced:
        """What was asked of the model, and what it answered."""
        return TurnTraced(
            turn=caller.turn,
            seat=caller.seat,
            after=0,
            model=casting.model,
            barrier=casting.barrier,
            counsel=casting.counsel,
            templates=tuple(sorted(self.papers.marks.items())),
            calls=tuple(caller.calls),
            notes=tuple(caller.notes),
            reply=caller.reply,
        )

    def brief(self, kind: str, table: Table, seat: str) -> str:
        """The stable part of a prompt; composed once for a table, seat and kind."""
        key = (kind, table.case_hash, table.seed, table.session, seat)
        held = self._briefs.get(key)
        if held is None:
            if len(self._briefs) > 200:
                self._briefs.clear()
            compose = {
                "planner": briefing.planner_brief,
                "filtered": briefing.filtered_brief,
                "speaker": briefing.speaker_brief,
            }[kind]
            held = self._briefs[key] = compose(self.papers, table, seat)
        return held

    def _seconds(self, view: Table) -> float:
        """What is left of the turn."""
        deadline = view.turn.deadline if view.turn else None
        if deadline is None or self.now is None:
            return self.seconds
        return min(self.seconds, (deadline - MARGIN_MS - self.now()) / 1000)


@dataclass(slots=True)
class _Turn:
    """One turn in the making."""

    delegate: ModelDelegate
    view: Table
    room: Table
    seat: str
    casting: Casting
    caller: Caller
    stand_in: str = ""
    drafting: Drafting | None = None

    async def taken(self) -> Taken:
        """Plan, guard, words."""
        known = counselled(self.view, self.seat, offered=self.casting.counsel)
        if self.casting.barrier == "filtered":
            plan, words = await self._filtered(known)
        else:
            filled = await self._planned(known)
            plan = filled.plan if filled else None
            words = await self._spoken(plan) if plan is not None else None
        if plan is None:
            plan = known.plan
            words = None
        elif words is None:
            self.stand_in = self.stand_in or "no-usable-words"
        speech = words or phrasebook.speak(self.room, self.seat, plan)
        trace = self.delegate.trace(self.casting, self.caller)
        return Taken(move=self._move(plan, speech), stand_in=self.stand_in, trace=trace)

    def _move(self, plan: Plan, speech: Speech) -> Move:
        issue = plan.issues[0] if plan.issues else ""
        withdraw = tuple(
            Withdrawal(offer=n, reason=phrasebook.withdrawal_reason(self.room, self.seat, n, issue))
            for n in plan.withdraw
        )
        return Move(
            speech=speech,
            endorse=plan.endorse,
            withdraw=withdraw,
            package=plan.package,
            walk=plan.act == "walk",
        )

    def _speech(self, plan: Plan, text: str) -> Speech:
        return Speech(
            text=text,
            by="model",
            to=plan.to,
            points=plan.points,
            issues=plan.issues,
            tone=plan.tone,
        )

    # -- the plan ----------------------------------------------------------------------------

    async def _planned(self, known: Counselled, *, say: bool = False) -> Filled | None:
        """A plan that the rules and the floor allow; None when the engine must act."""
        kind: Literal["planner", "filtered"] = "filtered" if say else "planner"
        brief = self.delegate.brief(kind, self.view, self.seat)
        form = schema(self.view, self.seat, say=say)
        room, more = self.casting.plan_tokens, 0
        if say:
            room += self.casting.speech_tokens
        asked = briefing.messages(brief, self._paper(known, heard=True))
        kept: Filled | None = None
        while True:
            got = await self.caller.ask(kind, asked, form, room)
            if isinstance(got, Missed):
                answer, reason = "", briefing.REASKS.get(got.code, "")
                room = room * 3 // 2 if got.code == "length" else room
                failure = "no-answer"
            else:
                found = read_form(got.text, self.view, self.seat, known.packages, say=say)
                if isinstance(found, Amiss):
                    self.caller.notes.append(found.kind)
                    answer, reason, failure = got.text, found.reason, "no-usable-plan"
                else:
                    question = doubt(self.view, self.seat, found.plan, known)
                    if question is None or (kept is not None and question.code != "idle"):
                        return found
                    self.caller.notes.append(question.code)
                    if kept is not None:
                        self.stand_in = "repeats-itself"
                        return None
                    kept = found
                    answer, reason, failure = got.text, question.reason, ""
            if not reason or more >= MOST_REASKS:
                self.stand_in = "" if kept else failure
                return kept
            more += 1
            asked = briefing.messages(
                brief,
                self._paper(known, heard=False),
                *briefing.again(self.delegate.papers, "planner", answer, reason),
            )

    def _paper(self, known: Counselled, *, heard: bool) -> str:
        """The planner's volatile part. Whoever is asked again decides without others' words."""
        return briefing.planner_turn(
            self.delegate.papers,
            self.view,
            self.seat,
            known.text,
            self.casting.paper_tokens if heard else self.casting.paper_tokens // 2,
            heard=heard,
        )

    # -- the words ---------------------------------------------------------------------------

    async def _spoken(self, plan: Plan) -> Speech | None:
        """The words of an approved plan, from public papers; None when the phrasebook must."""
        delegate, papers = self.delegate, self.delegate.papers
        brief = delegate.brief("speaker", self.room, self.seat)
        held = scene(self.room, self.seat, plan, told=papers.texts["speaker"])
        self.drafting = Drafting(held, self.caller.turn, delegate.on_delta)
        paper = briefing.speaker_turn(papers, self.room, self.seat, plan, self._share())
        asked = briefing.messages(brief, paper)
        for repair in (False, True):
            got = await self.caller.ask(
                "speaker", asked, None, self.casting.speech_tokens, self.drafting.hear
            )
            if isinstance(got, Missed):
                answer, reason = "", briefing.REASKS.get(got.code, "")
            else:
                found = self.drafting.close(got.text)
                if found is None:
                    return self._speech(plan, self.drafting.text)
                self.caller.notes.append(found.code)
                answer, reason = self.drafting.text, found.reason
            if repair or not reason:
                break
            self.drafting.again(held)
            paper = briefing.speaker_turn(
                papers, self.room, self.seat, plan, self._share(), heard=False
            )
            more = briefing.again(papers, "speaker", answer, reason)
            asked = briefing.messages(brief, paper, *more)
        self.drafting.void()
        return None

    def _share(self) -> int:
        return self.casting.paper_tokens // 2

    # -- both in one call --------------------------------------------------------------------

    async def _filtered(self, known: Counselled) -> tuple[Plan | None, Speech | None]:
        """Decision and words in one call, checked whole; the words are repaired once."""
        filled = await self._planned(known, say=True)
        if filled is None:
            return None, None
        found, text = self._checked(filled)
        if found is not None:
            self.caller.notes.append(found.code)
            repaired = await self._repaired(known, filled, found)
            if repaired is None:
                return filled.plan, None
            filled = repaired
            found, text = self._checked(filled)
        if found is not None:
            self.caller.notes.append(found.code)
            return filled.plan, None
        return filled.plan, self._speech(filled.plan, text)

    async def _repaired(self, known: Counselled, filled: Filled, found: Trip) -> Filled | None:
        """The same form with other words, from a paper without anybody's words."""
        brief = self.delegate.brief("filtered", self.view, self.seat)
        asked = briefing.messages(
            brief,
            self._paper(known, heard=False),
            *briefing.again(self.delegate.papers, "planner", "(withheld)", found.reason),
        )
        room = self.casting.plan_tokens + self.casting.speech_tokens
        got = await self.caller.ask("filtered", asked, schema(self.view, self.seat, say=True), room)
        if isinstance(got, Missed):
            return None
        again = read_form(got.text, self.view, self.seat, known.packages, say=True)
        return None if isinstance(again, Amiss) else Filled(plan=filled.plan, say=again.say)

    def _checked(self, filled: Filled) -> tuple[Trip | None, str]:
        held = scene(self.room, self.seat, filled.plan, told=self.delegate.papers.texts["filtered"])
        drafting = Drafting(held, self.caller.turn, None)
        found = drafting.close(filled.say)
        if found is None and gives_away(secrets_of(self.view, self.seat), filled.say):
            found = Trip(code="leak", reason=REASONS["leak"])
        return found, drafting.text
