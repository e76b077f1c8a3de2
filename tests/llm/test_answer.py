"""Reading answers: any cut of the bytes reads the same, and strict JSON is strict."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delegates.llm.answer import Reading, clean, is_blank, parse, whole
from app.delegates.llm.faults import WireFault

WORDS = st.lists(
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=6
)


def events(words: list[str], *, ascii_only: bool, end: str) -> bytes:
    chunks: list[object] = [
        {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
        for word in words
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    chunks.append({"choices": [], "usage": {"prompt_tokens": 3}})
    lines = [f"data: {json.dumps(chunk, ensure_ascii=ascii_only)}{end}{end}" for chunk in chunks]
    lines.insert(1, f": keep-alive{end}{end}event: x{end}")
    return ("".join(lines) + f"data: [DONE]{end}{end}").encode()


@given(WORDS, st.booleans(), st.sampled_from(["\n", "\r\n"]), st.lists(st.integers(1, 40)))
def test_any_cut_of_the_bytes_reads_the_same(
    words: list[str], ascii_only: bool, end: str, cuts: list[int]
) -> None:
    data = events(words, ascii_only=ascii_only, end=end)
    reading, shown, at = Reading(most_bytes=10**6, most_pieces=100), "", 0
    for size in [*cuts, len(data)]:
        shown += reading.feed(data[at : at + size])
        at += size
    expected = clean("".join(words))
    assert shown == expected
    if is_blank(expected):
        with pytest.raises(WireFault, match="empty"):
            reading.close()
    else:
        answer = reading.close()
        assert answer.text == expected
        assert answer.usage == {"prompt_tokens": 3}


def test_a_letter_in_two_halves_is_put_together() -> None:
    reading = Reading(most_bytes=10**6, most_pieces=100)
    halves = [
        b'data: {"choices":[{"index":0,"delta":{"content":"a \\ud83d"}}]}\n',
        b'data: {"choices":[{"index":0,"delta":{"content":"\\ude00 b"},"finish_reason":"stop"}]}\n',
    ]
    shown = [reading.feed(half) for half in halves]
    assert shown == ["a ", "\U0001f600 b"]
    assert reading.close().text == "a \U0001f600 b"


@given(st.integers(0, 60))
def test_a_mark_of_the_byte_order_hides_no_word(cut: int) -> None:
    data = b"\xef\xbb\xbf" + events(["Good ", "morning."], ascii_only=True, end="\n")
    reading = Reading(most_bytes=10**6, most_pieces=100)
    assert reading.feed(data[:cut]) + reading.feed(data[cut:]) == "Good morning."
    assert reading.close().text == "Good morning."


@given(st.binary(max_size=400))
def test_no_bytes_break_a_reader(data: bytes) -> None:
    reading = Reading(most_bytes=10**6, most_pieces=100)
    for read in (lambda: whole(data), lambda: reading.feed(data), reading.close):
        try:
            read()
        except WireFault:
            continue


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), st.lists))
def test_shapes_that_are_no_completion_are_malformed(value: object) -> None:
    with pytest.raises(WireFault):
        whole(json.dumps({"choices": value}).encode())


def test_what_nobody_sees_is_taken_out() -> None:
    hidden = "a\u202eb\U000e0041c\x00d\x9be\u2066f\u200fg"
    assert clean(hidden) == "abcdefg"
    assert clean("two\nlines\tand — “quotes” 好") == "two\nlines\tand — “quotes” 好"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sure! {}",
        '{"act": "offer"} and that is all',
        '```json\n{"act": "offer"}\n```',
        '{"a": 1}{"b": 2}',
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e999}',
        "[1]",
        '"text"',
        "7",
        "null",
        '{"a": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"a": "unfinished',
        "{'a': 1}",
        '{"a": 1,}',
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        '{"a":' + "[" * 21 + "]" * 21 + "}",
        '{"a": "' + "x" * 70_000 + '"}',
        '{"a": ' + "9" * 5_000 + "}",
    ],
)
def test_strict_json_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


KEYS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=5)
LEAVES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | KEYS


@given(st.dictionaries(KEYS, st.recursive(LEAVES, st.lists, max_leaves=8)))
def test_strict_json_takes_what_json_writes(value: dict[str, object]) -> None:
    assert parse(json.dumps(value)) == value
    assert parse(f"\n {json.dumps(value, ensure_ascii=False)} ") == value


def test_a_finding_names_no_content() -> None:
    with pytest.raises(ValueError, match="line 1") as found:
        parse('{"secret-word": oops}')
    assert "secret-word" not in str(found.value)
