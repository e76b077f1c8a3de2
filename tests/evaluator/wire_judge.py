"""A scripted judge behind a model server: it knows nothing but what stands in the prompt."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from app.delegates.llm.budget import Budget
from app.evaluator.grader import QUESTIONS
from app.evaluator.judge import Criterion, Request
from app.evaluator.judge_model import JudgeModel, judge_papers
from tests.llm.rig import door
from tests.llm.server import Body, ModelServer

Entry = dict[str, Any]
_ASKED = re.compile(r'^- (c\d+), about ("(?:[^"\\]|\\.)*"): (.*?) Levels: 0 = ', re.MULTILINE)
_DATA = re.compile(r"<<<([0-9a-f]{24})\n(.*)\n\1>>>", re.DOTALL)
_NAMES = {question: name for name, (question, _) in QUESTIONS.items()}


def asked_in(body: Body) -> tuple[Request, dict[str, str]]:
    """The request as a model can read it out of a prompt, and its ids by the scripts' own."""
    system, user = body["messages"][0], body["messages"][1]
    assert (system["role"], user["role"]) == ("system", "user")
    head, _, tail = user["content"].partition("# Transcript")
    found = _DATA.search(tail)
    assert found is not None
    rows = json.loads(found[2])
    ids: dict[str, str] = {}
    criteria = []
    for shown, party, question in _ASKED.findall(head):
        name = json.loads(party)
        own = f"{_NAMES.get(question, question)}:{name}"
        ids[own] = shown
        criteria.append(Criterion(id=own, party=name, question=question, anchors=(), met=1))
    speakers = [row["speaker"] for row in rows]
    request = Request(
        group="wire",
        criteria=tuple(criteria),
        turns=tuple((row["t"], row["speaker"], row["text"]) for row in rows),
        names={name: name for name in dict.fromkeys(speakers)},
        fence=found[1],
    )
    return request, ids


def over_the_wire(judge: Callable[[Request], str]) -> Callable[[Body], str]:
    """A scripted judge as the words of a model server."""

    def reply(body: Body) -> str:
        asked, ids = asked_in(body)
        entries = json.loads(judge(asked))["criteria"]
        return json.dumps({"criteria": [_shown(entry, ids) for entry in entries]})

    return reply


def _shown(entry: Entry, ids: dict[str, str]) -> Entry:
    level = None if entry["verdict"] == "cannot_tell" else entry["level"]
    return {
        "id": ids[entry["id"]],
        "rationale": entry["rationale"],
        "quotes": entry["quotes"],
        "level": level,
    }


@asynccontextmanager
async def judge_at(
    reply: Callable[[Body], str], *, budget: Budget | None = None, **changes: Any
) -> AsyncIterator[tuple[JudgeModel, ModelServer]]:
    """A judge model behind a real door to a scripted server."""
    async with (
        ModelServer(reply) as server,
        door("direct", server.url, budget=budget) as complete,
    ):
        given: dict[str, Any] = {
            "model": "openai:mock",
            "complete": complete,
            "papers": judge_papers(),
        }
        yield JudgeModel(**(given | changes)), server
