"""Reads a chat completion off the wire, whole or streamed, and believes only a finished one."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from app.delegates.llm.alike import Alike
from app.delegates.llm.faults import Fault, WireFault

MOST_JSON = 64 * 1024
DEEPEST = 20
SLACK = 32
# Control characters but newline and tab, invisible tags, and what turns the reading direction.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
BLANK = re.compile("[\\s\u00ad\u180e\u200b-\u200d\u2060\ufeff\u2800\u3164]*")
LONE = re.compile("[\ud800-\udfff]")
HIGH = re.compile("[\ud800-\udbff]\\Z")
PROVIDER_WORDS = {
    "insufficient_quota": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
    "context_length_exceeded": "context",
    "invalid_api_key": "key",
    "model_not_found": "absent",
    "rate_limit_exceeded": "rate",
    "content_filter": "filtered",
    "content_policy_violation": "filtered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A finished answer, with the usage as it was reported, unchecked."""

    text: str
    model: str = ""
    usage: Mapping[str, object] | None = None


def _never(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_never)


def decoded(data: bytes | bytearray | str) -> object:
    """JSON as the standard has it: UTF-8, finite numbers, one value. ValueError otherwise."""
    text = data if isinstance(data, str) else data.decode("utf-8")
    try:
        try:  # without blanks around it, which is how it comes, a value needs no look for them
            value, end = _DECODER.raw_decode(text)
        except json.JSONDecodeError:
            value, end = None, -1
        return value if end == len(text) else _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def parse(text: str) -> dict[str, object]:
    """The one JSON object of a structured answer, read strictly; ValueError says what is wrong.

    No fences, no prose around it, no second object, no doubled key, no NaN or endless number,
    no lone surrogate, at most 64 KiB and 20 levels. The messages name no content.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_JSON:
        raise ValueError("the answer is over 64 KiB")
    try:
        value = _STRICT.decode(text)
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"the answer is not one JSON object: {error.msg} at {where}") from None
    if not isinstance(value, dict):
        raise ValueError("the answer is JSON but not an object")
    _measure(value, 1)
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the answer has the same key twice")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("the answer has a number without end")
    return value


_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_never, parse_float=_finite)


def _measure(value: object, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("the answer is nested too deeply")
    if isinstance(value, dict):
        for key, inner in value.items():
            _measure(key, depth)
            _measure(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _measure(inner, depth + 1)
    elif isinstance(value, str) and LONE.search(value):
        raise ValueError("the answer has half a character")


def clean(text: str) -> str:
    """Take out what nobody sees: control characters, tags, marks of reading direction."""
    return text if text.isascii() and text.isprintable() else UNSEEN.sub("", text)


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing."""
    return BLANK.fullmatch(text) is not None


def _bad(code: str) -> NoReturn:
    raise WireFault(Fault(code=code))


def fault_in(error: object) -> str:
    """The code for an error object of a provider's; its words are not kept."""
    if isinstance(error, Mapping):
        for name in ("code", "type"):
            word = error.get(name)
            if isinstance(word, str) and word in PROVIDER_WORDS:
                return PROVIDER_WORDS[word]
        message = error.get("message")
        if isinstance(message, str) and (
            "maximum context length" in message or "context window" in message
        ):
            return "context"
    return ""


def finished(text: str, finish: object, *, refusal: bool, tools: bool) -> str:
    """The cleaned text of an answer that may count as one; WireFault says why it may not."""
    if refusal:
        _bad("refused")
    if tools or finish in ("tool_calls", "function_call"):
        _bad("tools")
    if finish == "content_filter":
        _bad("filtered")
    if finish == "length":
        _bad("length")
    if finish is None:
        _bad("incomplete")
    if finish != "stop":
        _bad("malformed")
    whole_text = _paired(text)
    if len(whole_text.encode("utf-16-le")) != len(text.encode("utf-16-le", "surrogatepass")):
        _bad("malformed")  # half a character was left out
    kept = clean(whole_text)
    if is_blank(kept):
        _bad("empty")
    return kept


def _json(data: bytes | bytearray) -> object:
    """JSON off the wire, or None, which no answer is."""
    try:
        return decoded(data)
    except ValueError:
        return None


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        _bad("malformed")
    return value


def _reported(value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, dict) else None


def whole(data: bytes | bytearray) -> Answer:
    """A chat completion that came in one piece; WireFault where it is none or not finished."""
    body = _dict(_json(data))
    if body.get("error"):
        _bad(fault_in(body["error"]) or "failed")
    choices = body.get("choices")
    if not isinstance(choices, list):
        _bad("malformed")
    if not choices:
        _bad("empty")
    choice = _dict(choices[0])
    message = _dict(choice.get("message"))
    if len(choices) > 1 or choice.get("index", 0) != 0 or message.get("role") != "assistant":
        _bad("malformed")
    content = message.get("content")
    if content is not None and not isinstance(content, str):
        _bad("malformed")
    text = finished(
        content or "",
        choice.get("finish_reason"),
        refusal=bool(message.get("refusal")),
        tools=bool(message.get("tool_calls") or message.get("function_call")),
    )
    name = body.get("model")
    return Answer(
        text=text,
        model=name if isinstance(name, str) else "",
        usage=_reported(body.get("usage")),
    )


class Reading:
    """An event stream of chat completion chunks, read as it comes.

    `data_events` counts lines that carry data, which comments to keep a connection alive do not;
    `bytes_read` and the pieces of text are bounded.
    """

    def __init__(self, *, most_bytes: int, most_pieces: int) -> None:
        self.data_events = 0
        self.bytes_read = 0
        self.finish: object = None
        self.done = False
        self._most_bytes = most_bytes
        self._most_pieces = most_pieces + SLACK
        self._rest = bytearray()
        self._begun = False
        self._alike = Alike(_words_of, decoded)
        self._held = ""
        self._pieces: list[str] = []
        self._refusal = False
        self._tools = False
        self._model = ""
        self._usage: Mapping[str, object] | None = None

    def feed(self, data: bytes) -> str:
        """Take bytes as they come; gives the new text, cleaned, never half a character."""
        self.bytes_read += len(data)
        if self.bytes_read > self._most_bytes:
            _bad("size")
        self._rest += data
        if b"\n" not in data:
            return ""
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        if not self._begun:
            self._begun = True
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
        new: list[str] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data(line[5:].strip(), new)
        if not new:
            return ""
        return self._visible("".join(new))

    def close(self) -> Answer:
        """The finished answer; WireFault where the stream ended too early."""
        if self._rest.startswith(b"data:") and self.finish is None:
            _bad("incomplete")
        text = finished(
            "".join(self._pieces), self.finish, refusal=self._refusal, tools=self._tools
        )
        return Answer(text=text, model=self._model, usage=self._usage)

    def _visible(self, text: str) -> str:
        text = self._held + text
        self._held = ""
        if text.isascii():
            return clean(text)
        if HIGH.search(text):
            text, self._held = text[:-1], text[-1]
        return clean(_paired(text))

    def _data(self, payload: bytes, new: list[str]) -> None:
        if payload == b"[DONE]":
            self.done = True
            return
        self.data_events += 1
        words = self._alike.words(payload) if self.finish is None else ""
        if words:
            self._say(words, new)
            return
        said = len(new)
        chunk = _dict(_json(payload))
        self._chunk(chunk, new)
        # A report of usage counts wherever it comes, and one of before may come again.
        if len(new) > said and self.finish is None and chunk.get("usage") is None:
            self._alike.learn(payload, new[-1])

    def _chunk(self, chunk: dict[str, object], new: list[str]) -> None:
        if chunk.get("error"):
            _bad(fault_in(chunk["error"]) or "failed")
        usage = chunk.get("usage")
        if usage is not None:
            self._usage = _reported(usage)
        choices = chunk.get("choices")
        if not choices:
            return
        if not isinstance(choices, list) or len(choices) > 1:
            _bad("malformed")
        if not self._model and isinstance(chunk.get("model"), str):
            self._model = str(chunk["model"])
        self._choice(_dict(choices[0]), new)

    def _choice(self, choice: dict[str, object], new: list[str]) -> None:
        if choice.get("index", 0) != 0:
            _bad("malformed")
        delta = _dict(choice.get("delta") or {})
        content = delta.get("content")
        if content:
            if not isinstance(content, str) or self.finish is not None:
                _bad("malformed")
            self._say(content, new)
        if delta.get("refusal"):
            self._refusal = True
        if delta.get("tool_calls") or delta.get("function_call"):
            self._tools = True
        finish = choice.get("finish_reason")
        if finish is not None:
            self.finish = finish

    def _say(self, words: str, new: list[str]) -> None:
        new.append(words)
        self._pieces.append(words)
        if len(self._pieces) > self._most_pieces:
            _bad("size")


def _words_of(chunk: object) -> object:
    """The words of a chunk that is known to have some, or nothing."""
    try:
        return chunk["choices"][0]["delta"]["content"]  # type: ignore[index]
    except (LookupError, TypeError):
        return None


def _paired(text: str) -> str:
    """Put characters together whose halves came as two escapes; a half alone is left out."""
    if text.isascii() or not LONE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
