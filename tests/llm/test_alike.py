"""A chunk that is taken by comparison is what it would have been read as."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delegates.llm import answer
from app.delegates.llm.answer import Reading
from app.delegates.llm.faults import WireFault

NAMES = ("m", "nn")
USED = (None, {"completion_tokens": 1}, {"completion_tokens": 2})
PLAIN = (*NAMES, "content", "?", "m?", "We", " hold", "é", "\u0439")
TRAPS = (*PLAIN, ",", ":", '"', "\\", "a\\", '","', "\n", "\u2028", "\U0001f600", "{", "}")
RAW = st.lists(
    st.sampled_from(
        [
            *(
                b"We",
                b" ",
                b'"',
                b"\\",
                b"\\n",
                b"\\u0041",
                b"\\u00",
                b"\x01",
                b"\xff",
                b"\xc3\xa9",
            ),
            *(b'","content":"', b'"},"x":{"y":"', b'","role":"', b"}", b"\x00", b"\t", b"m"),
        ]
    ),
    max_size=4,
).map(b"".join)


def body(word: str, name: str = "c", **more: object) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
    return {"id": name, "model": "m", "choices": [choice], **more}


def chunk(word: str, name: str = "c", **more: object) -> bytes:
    return json.dumps(body(word, name, **more)).encode()


@st.composite
def chunks(draw: st.DrawFn) -> list[bytes]:
    """Chunks that mostly look alike, whose words may stand in other places of them too."""
    is_ascii = draw(st.booleans())
    apart = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    name, twice = "m", False
    used: dict[str, int] | None = None
    lines = []
    for word in draw(st.lists(st.sampled_from(TRAPS), min_size=1, max_size=12)):
        change = draw(st.integers(0, 11))
        name = draw(st.sampled_from(NAMES)) if change == 0 else name
        used = draw(st.sampled_from(USED)) if change == 1 else used
        twice ^= change == 2
        value = body(word, name, content="m", usage=used)
        text = json.dumps(value, ensure_ascii=is_ascii, separators=apart)
        if twice:  # the same key once more: the later one counts
            at = text.index('{"content"') + 1
            text = f'{text[:at]}"content":"{word if word in PLAIN else ""}",{text[at:]}'
        lines.append(text.encode())
    return lines


def told(lines: list[bytes]) -> tuple[str, object]:
    """The words and the last usage, as the standard library reads them."""
    read: list[Any] = [json.loads(line) for line in lines]
    words = "".join(each["choices"][0]["delta"]["content"] for each in read)
    reported = [each["usage"] for each in read if each["usage"] is not None]
    return words, reported[-1] if reported else None


def reading() -> Reading:
    return Reading(most_bytes=1 << 20, most_pieces=1_000)


@given(chunks())
def test_the_words_are_those_that_the_json_holds(lines: list[bytes]) -> None:
    reader = reading()
    for line in lines:
        reader.feed(b"data: " + line + b"\n\n")
    assert ("".join(reader._pieces), reader._usage) == told(lines)
    assert reader.data_events == len(lines)


@pytest.mark.parametrize("name", ["model", "m?"])
def test_words_that_stand_in_another_place_are_not_looked_for_there(name: str) -> None:
    reader = reading()
    for each in (chunk("m", "m"), chunk("m", name), chunk("n", name), chunk("m", "m")):
        reader.feed(b"data: " + each + b"\n\n")
    assert "".join(reader._pieces) == "mmnm"


def test_a_report_of_usage_that_comes_again_counts_again() -> None:
    reader = reading()
    for word, used in (("We", 1), ("", 2), (" hold", 1)):
        line = chunk(word, usage={"completion_tokens": used})
        reader.feed(b"data: " + line + b"\n\n")
    assert "".join(reader._pieces) == "We hold"
    assert reader._usage == {"completion_tokens": 1}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            r'"delta":{"\u0063ontent":"content?","content":"content"}',
            r'"delta":{"\u0063ontent":"content?","other":"content"}',
        ),
        (
            r'"\u0064elta":{"content":"delta?"},"delta":{"content":"delta"}',
            r'"\u0064elta":{"content":"delta?"},"other":{"content":"delta"}',
        ),
    ],
)
def test_a_key_is_not_taken_for_the_words(first: str, second: str) -> None:
    """Of two keys that are one the later counts; under another name it counts no more."""
    lines = [f'{{"choices":[{{{delta}}}]}}'.encode() for delta in (first, second)]
    plain = [json.loads(line)["choices"][0]["delta"]["content"] for line in lines]
    assert plain[1] == f"{plain[0]}?"
    reader = reading()
    for line in lines:
        reader.feed(b"data: " + line + b"\n\n")
    assert reader._pieces == plain


@given(RAW)
def test_what_is_no_json_is_not_believed_because_it_looks_like_some(raw: bytes) -> None:
    begun, _, rest = chunk("We").partition(b'"We"')
    line = begun + b'"' + raw + b'"' + rest
    words: object = None
    with suppress(ValueError):
        words = json.loads(line.decode())["choices"][0]["delta"].get("content")
    reader = reading()
    for known in (chunk("We"), chunk(" hold")):
        reader.feed(b"data: " + known + b"\n\n")
    event = b"data: " + line + b"\n\n"
    if words is None:
        with pytest.raises(WireFault) as caught:
            reader.feed(event)
        assert caught.value.fault.code == "malformed"
    else:
        reader.feed(event)
        assert "".join(reader._pieces) == f"We hold{words}"


@pytest.mark.parametrize(
    ("more", "most"),
    [({}, 3), ({"obfuscation": None}, 60)],
    ids=["chunks alike", "each padded differently"],
)
def test_a_speech_of_chunks_alike_is_read_once(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, object], most: int
) -> None:
    count = 0
    plain = answer.decoded

    def counted(data: bytes) -> object:
        nonlocal count
        count += 1
        return plain(data)

    monkeypatch.setattr(answer, "decoded", counted)
    reader = reading()
    for n in range(50):
        padded = dict.fromkeys(more, "x" * n)
        reader.feed(b"data: " + chunk(f" word{n}", **padded) + b"\n\n")
    assert "".join(reader._pieces) == "".join(f" word{n}" for n in range(50))
    assert count <= most
    assert more == {} or count >= 50, "a chunk that differs in more is read"


def test_nothing_is_said_after_the_end_by_a_chunk_that_looks_like_one_before_it() -> None:
    reader = reading()
    reader.feed(b"data: " + chunk("We") + b"\n\ndata: " + chunk(" hold") + b"\n\n")
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    reader.feed(b"data: " + json.dumps(end).encode() + b"\n\n")
    with pytest.raises(WireFault) as caught:
        reader.feed(b"data: " + chunk(" more") + b"\n\n")
    assert caught.value.fault.code == "malformed"


def test_too_many_pieces_alike_are_too_many() -> None:
    reader = Reading(most_bytes=1 << 20, most_pieces=5)
    most = 5 + answer.SLACK
    for n in range(most):
        reader.feed(b"data: " + chunk(f"w{n}") + b"\n\n")
    with pytest.raises(WireFault) as caught:
        reader.feed(b"data: " + chunk("over") + b"\n\n")
    assert caught.value.fault.code == "size"
