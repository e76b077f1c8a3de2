"""Tokens put together on their way: the same answer in fewer pieces, and nothing kept waiting."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delegates.llm.answer import Answer, Reading
from app.delegates.llm.calls import Clockwork, Endpoint
from app.delegates.llm.faults import WireFault
from app.delegates.llm.line import Stream
from app.delegates.llm.merging import LONGEST_WAIT, SHORTEST_WAIT, Gathered

WORDS = st.lists(
    st.sampled_from(
        [
            *(
                "We",
                " hold",
                " to",
                ".",
                " ",
                "! ",
                "?",
                "\n",
                "é",
                "Київ",
                '."',
                " 3.5",
                "\u2026 ",
                "a",
            )
        ]
    ),
    min_size=1,
    max_size=40,
)


def chunk(delta: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "model": "m", "choices": [choice], **more}


def stream(chunks: list[dict[str, Any]], *, ascii_only: bool = True) -> bytes:
    lines = [json.dumps(each, ensure_ascii=ascii_only).encode() for each in chunks]
    return b"".join(b"data: " + line + b"\n\n" for line in (*lines, b"[DONE]"))


def answer(pieces: list[str]) -> list[dict[str, Any]]:
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": piece}) for piece in pieces),
        chunk({}, "stop"),
        {
            "id": "c",
            "model": "m",
            "choices": [],
            "usage": {"prompt_tokens": 3, "completion_tokens": 9},
        },
    ]


class Wire:
    """A line whose answer is given, cut at these places; it counts who hears and who hangs up."""

    def __init__(self, data: bytes, cuts: list[int], now: Any = lambda: 0.0) -> None:
        places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
        self._parts = [data[a:b] for a, b in itertools.pairwise(places)]
        self.endpoint = Endpoint(name="m", clock=Clockwork(now=now))
        self.told: list[str] = []
        self.stream = self

    async def opened(self, _body: bytes) -> Wire:
        return self

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part

    async def aclose(self) -> None:
        self.told.append("closed")

    def heard(self) -> None:
        self.told.append("heard")

    def closing(self, _finished: object) -> None:
        self.told.append("closing")


async def read(wire: Wire, most: int = 1_000) -> tuple[Answer, list[str]]:
    given: Any = wire
    async with Stream(given, b"", given, most) as stream:
        pieces = [text async for text in stream]
    return stream.reading.close(), pieces


@given(WORDS, st.lists(st.integers(0, 5_000), max_size=8), st.booleans())
def test_however_it_comes_the_answer_is_the_same(
    pieces: list[str], cuts: list[int], ascii_only: bool
) -> None:
    if not "".join(pieces).strip():
        return
    data = stream(answer(pieces), ascii_only=ascii_only)
    plain = Reading(most_bytes=1 << 20, most_pieces=1_000)
    plain.feed(data)
    found, spoken = asyncio.run(read(Wire(data, cuts)))
    assert found == plain.close()
    assert len(spoken) <= len(pieces)
    assert "".join(spoken) == "".join(pieces)


SPEECH = "We hold to our text. We would hear the others on it. That is all"


async def test_a_speech_is_passed_on_sentence_by_sentence() -> None:
    data = stream(answer(list(SPEECH)))
    ticks = itertools.count()
    wire = Wire(data, list(range(0, len(data), 3)), lambda: next(ticks) * SHORTEST_WAIT / 10)
    _, said = await read(wire)
    assert [piece for piece in said if ". " in piece] == [
        piece for piece in said if piece.endswith(". ")
    ], "a sentence goes on where it ends"
    assert "".join(said) == SPEECH
    assert len(said) < len(SPEECH) / 4


async def test_sentences_that_come_together_are_passed_on_together() -> None:
    data = stream(answer(list(SPEECH)))
    _, said = await read(Wire(data, list(range(0, len(data), 3))))
    assert said == [SPEECH[0], SPEECH[1:]]


async def test_who_waits_hears_of_what_comes_and_of_nothing_after_the_end() -> None:
    data = stream(answer(["a", "b", "c"]))
    events = [n + 2 for n in range(len(data)) if data.startswith(b"\n\n", n)]
    wire = Wire(data, events)
    await read(wire)
    # The role and three pieces; then the finish and the usage; [DONE] is nobody's news.
    assert wire.told == ["heard"] * 4 + ["closing"] * 2 + ["closed"]


async def test_too_many_pieces_are_too_many_before_anybody_has_to_read_them() -> None:
    wire = Wire(stream(answer(["a"] * 50)), [])
    with pytest.raises(WireFault) as caught:
        await read(wire, most=5)
    assert caught.value.fault.code == "size"
    assert wire.told == ["closed"]


def test_a_piece_waits_for_a_sentence_or_for_a_tenth_of_a_second() -> None:
    at = [0.0]
    gathered = Gathered(lambda: at[0])
    assert gathered.add("The") == "The", "the first word is heard at once"
    at[0] += SHORTEST_WAIT
    assert gathered.add(" talks") == ""
    assert gathered.add(" go on. ") == " talks go on. "
    assert gathered.add("And") == ""
    at[0] += LONGEST_WAIT
    assert gathered.add(" on") == "And on"
    assert gathered.add("ce") == ""
    assert gathered.taken() == "ce"


def test_a_sentence_that_ends_at_once_after_another_waits_for_the_next_piece() -> None:
    at = [0.0]
    gathered = Gathered(lambda: at[0])
    assert gathered.add("No. ") == "No. "
    assert gathered.add("Never. ") == ""
    assert gathered.add("We") == "", "nobody reads twenty sentences a second"
    at[0] += SHORTEST_WAIT
    assert gathered.add(" said") == "Never. We said", "that a sentence ended is remembered"
    at[0] += SHORTEST_WAIT
    assert gathered.add(" so") == "", "but not beyond what was passed on"
