"""A model's answer to somebody's words: public papers in, and no words that a wire holds back.

Whatever the barrier of the seat, nobody who answers here has read a mandate: an answer decides
nothing, so there is nothing in it that a mandate could be good for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.delegates import briefing
from app.delegates.asking import Caller, Missed
from app.delegates.base import Plan
from app.delegates.briefing import Papers
from app.delegates.drafting import Drafting, OnDelta
from app.delegates.offline import asked
from app.delegates.reading import read
from app.delegates.tripwires import scene
from app.domain.moves import Speech
from app.domain.table import Owed, Table

if TYPE_CHECKING:
    from app.delegates.model import Casting

MOST_DRAFTS = 2
NOTHING = Plan(act="hold")
SILENT = "no-words"
"""Noted in a trace when the phrasebook had to answer."""


async def worded(
    papers: Papers,
    brief: str,
    room: Table,
    owed: Owed,
    *,
    casting: Casting,
    caller: Caller,
    on_delta: OnDelta | None = None,
) -> str:
    """The checked words of an answer, repaired once; empty where there are none to use.

    `brief` is the speaker's, and `room` what everybody who hears the answer may see. `on_delta` is
    shown sentences as they pass, and told when they do not count.
    """
    remark = asked(room, owed)
    paper = briefing.speaker_reply(papers, room, owed.seat, remark, casting.paper_tokens)
    held = scene(room, owed.seat, NOTHING, told=papers.texts["speaker"])
    drafting = Drafting(held, caller.turn, on_delta, owed)
    hear = drafting.hear if on_delta is not None else None
    more = briefing.messages(brief, paper)
    said = False
    try:
        for _ in range(MOST_DRAFTS):
            got = await caller.ask("speaker", more, None, casting.speech_tokens, hear)
            if isinstance(got, Missed):
                break
            found = drafting.close(got.text)
            if found is None:
                said = True
                return drafting.text
            caller.notes.append(found.code)
            again = briefing.again(papers, "speaker", drafting.text, found.reason)
            more = briefing.messages(brief, paper, *again)
            drafting.again(held)
        caller.notes.append(SILENT)
        return ""
    finally:
        if not said:
            drafting.void()


def speech_of(text: str, room: Table, owed: Owed) -> Speech:
    """The words as they are recorded: to whom they answer, and what they are about."""
    remark = asked(room, owed)
    return Speech(
        text=text,
        by="model",
        to=remark.seat if remark.seat in room.case.seat_ids else None,
        issues=read(text, room.case, owed.seat).issues,
        answers=owed.number,
    )
