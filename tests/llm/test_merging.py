"""Tokens put together on their way: the same answer in fewer pieces, and nothing kept waiting."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delegates.llm.answer import Reading
from app.delegates.llm.faults import WireFault
from app.delegates.llm.merging import LONGEST_WAIT, Gathered, Merging

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


def merged(
    data: bytes, cuts: list[int], now: Any = lambda: 0.0, heard: Any = lambda: None
) -> bytes:
    merging = Merging(most_bytes=1 << 20, most_pieces=1_000, now=now, heard=heard)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    parts = [merging.passed(data[a:b]) for a, b in itertools.pairwise(places)]
    merging.close()
    return b"".join((*parts, merging.rest()))


def read(data: bytes) -> tuple[Any, list[dict[str, Any]]]:
    """What an honest reader makes of a stream, and its chunks."""
    reading = Reading(most_bytes=1 << 20, most_pieces=1_000)
    reading.feed(data)
    lines = [line[6:] for line in data.split(b"\n\n") if line.startswith(b"data: ")]
    assert lines[-1] == b"[DONE]"
    return reading.close(), [json.loads(line) for line in lines[:-1]]


@given(WORDS, st.lists(st.integers(0, 5_000), max_size=8), st.booleans())
def test_however_it_comes_the_answer_is_the_same(
    pieces: list[str], cuts: list[int], ascii_only: bool
) -> None:
    if not "".join(pieces).strip():
        return
    data = stream(answer(pieces), ascii_only=ascii_only)
    plain, before = read(data)
    found, after = read(merged(data, cuts))
    assert found == plain
    assert len(after) <= len(before)
    spoken = [c["choices"][0]["delta"].get("content", "") for c in after if c["choices"]]
    assert "".join(spoken) == "".join(pieces)


def test_a_speech_is_passed_on_sentence_by_sentence() -> None:
    pieces = list("We hold to our text. We would hear the others on it. That is all")
    _, after = read(merged(stream(answer(pieces)), []))
    spoken = [c["choices"][0]["delta"].get("content") for c in after if c["choices"]]
    said = [text for text in spoken if text]
    assert said == ["W", "e hold to our text. ", "We would hear the others on it. ", "That is all"]


def test_who_waits_hears_of_every_event_and_of_none_after_the_end() -> None:
    heard: list[int] = []
    merged(stream(answer(["a", "b", "c"])), [], heard=lambda: heard.append(1))
    assert len(heard) == 4, "the role and three pieces, not the finish nor the usage"


@pytest.mark.parametrize(
    "odd",
    [
        chunk({"content": "x"}, "stop"),
        chunk({"content": "x", "refusal": "no"}),
        chunk({"content": "x", "tool_calls": [{}]}),
        chunk({"content": "x"}, usage={"prompt_tokens": 1}),
        {
            **chunk({"content": "x"}),
            "choices": [{**chunk({"content": "x"})["choices"][0], "logprobs": 1}],
        },
        {
            **chunk({"content": "x"}),
            "choices": [{**chunk({"content": "x"})["choices"][0], "odd": 1}],
        },
    ],
)
def test_what_is_not_plain_text_goes_on_as_it_came(odd: dict[str, Any]) -> None:
    merging = Merging(most_bytes=1 << 20, most_pieces=99, now=lambda: 0.0, heard=lambda: None)
    merging.passed(
        stream([chunk({"content": "first"}), chunk({"content": " held"})])[
            : -len(b"data: [DONE]\n\n")
        ]
    )
    line = b"data: " + json.dumps(odd).encode() + b"\n\n"
    passed = merging.passed(line)
    assert passed.endswith(line)
    assert b" held" in passed, "what was held goes first, so that the order stays"


def test_too_many_pieces_are_too_many_before_anybody_has_to_read_them() -> None:
    merging = Merging(most_bytes=1 << 20, most_pieces=5, now=lambda: 0.0, heard=lambda: None)
    with pytest.raises(WireFault) as caught:
        merging.passed(stream(answer(["a"] * 50)))
    assert caught.value.fault.code == "size"


def test_a_piece_waits_for_a_sentence_or_for_a_tenth_of_a_second() -> None:
    at = [0.0]
    gathered = Gathered(lambda: at[0])
    assert gathered.add("The") == "The", "the first word is heard at once"
    assert gathered.add(" talks") == ""
    assert gathered.add(" go on. ") == " talks go on. "
    assert gathered.add("And") == ""
    at[0] += LONGEST_WAIT
    assert gathered.add(" on") == "And on"
    assert gathered.add("ce") == ""
    assert gathered.taken() == "ce"
