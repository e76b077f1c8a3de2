"""Every fault of a model's server that Parley is held to, each alternative a named case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from tests.llm import misbehaviour as do
from tests.llm.misbehaviour import GOOD, altered, body, error, finished, message, status, streamed
from tests.llm.misbehaviour import usage as reported
from tests.llm.server import Behaviour

NOW = 1_700_000_000.0
BOTH = ("whole", "streamed")
WHOLE = ("whole",)
STREAM = ("streamed",)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault: how the server behaves, and the code it has to be known by.

    An empty code means that the answer is good in spite of it. `wait` is what the server asks;
    `hasty` cases need short timers.
    """

    name: str
    behave: Behaviour
    code: str = ""
    modes: tuple[str, ...] = BOTH
    hasty: bool = False
    wait: float = 0.0


def first_choice(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = whole["choices"][0]
    return found


HTML = b"<!doctype html><title>Sign in to the network</title>"
TOOL = [{"id": "t", "type": "function", "function": {"name": "pay", "arguments": "{}"}, "index": 0}]
AGAIN = {"x-should-retry": "true"}


def limited(name: str, wait: float, **headers: str) -> Case:
    """A 429 with these headers, and the wait that follows from them."""
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return Case(name=f"429 {name}", behave=status(429, headers=sent), code="rate", wait=wait)


STATUSES = [
    Case(name="400 invalid", behave=status(400), code="invalid"),
    Case(name="400 that asks for a retry", behave=status(400, headers=AGAIN), code="invalid"),
    Case(name="422", behave=status(422), code="invalid"),
    Case(name="400 context", behave=status(400, error("context_length_exceeded")), code="context"),
    Case(name="413", behave=status(413), code="context"),
    Case(name="401", behave=status(401), code="key"),
    Case(name="402", behave=status(402), code="quota"),
    Case(name="403", behave=status(403), code="forbidden"),
    Case(name="404 model", behave=status(404, error("model_not_found")), code="absent"),
    Case(name="404 page", behave=status(404, HTML), code="absent"),
    Case(name="429 quota", behave=status(429, error("insufficient_quota")), code="quota"),
    Case(name="408", behave=status(408), code="server"),
    Case(name="409", behave=status(409), code="server"),
    Case(name="529", behave=status(529), code="server"),
    Case(name="451", behave=status(451), code="invalid"),
    Case(name="500 with an endless body", behave=do.endless_error, code="server"),
    *(
        Case(
            name=f"{number} {kind}",
            behave=status(number, given),
            code="gateway" if number == 504 else "server",
        )
        for number in (500, 502, 503, 504)
        for kind, given in (("JSON", None), ("HTML", HTML), ("empty", b""))
    ),
    *(
        Case(
            name=f"{number} to another address",
            behave=status(number, headers={"location": "http://127.0.0.1:9/v1/chat/completions"}),
            code="redirect",
        )
        for number in (301, 302, 303, 307, 308)
    ),
    Case(name="204", behave=status(204, b""), code="malformed"),
    limited("plain", 0.0),
    limited("seconds", 7.0, retry_after="7"),
    limited("milliseconds", 1.5, retry_after_ms="1500", retry_after="60"),
    limited("date", 9.0, retry_after=formatdate(NOW + 9, usegmt=True)),
    limited("date gone by", 0.0, retry_after=formatdate(NOW - 9, usegmt=True)),
    limited("zero", 0.0, retry_after="0"),
    limited("negative", 0.0, retry_after="-5"),
    limited("junk", 0.0, retry_after="soon"),
    limited("not a number", 0.0, retry_after="NaN"),
    limited("infinite", 0.0, retry_after="inf"),
    limited("a day", 86_400.0, retry_after="86400"),
]


def chosen(**fields: Any) -> Behaviour:
    """Answer a whole completion whose choice has these fields."""
    return altered(lambda whole: first_choice(whole).update(fields))


def content(value: object) -> Behaviour:
    """Answer with this content."""
    return message(content=value)


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda whole: whole.pop(name)


CONNECTIONS = [
    Case(
        name="accepts and never answers",
        behave=do.silence,
        code="slow-whole",
        modes=WHOLE,
        hasty=True,
    ),
    Case(
        name="accepts and never streams",
        behave=do.silence,
        code="slow-first",
        modes=STREAM,
        hasty=True,
    ),
    Case(
        name="half of the headers",
        behave=do.slow_headers,
        code="slow-whole",
        modes=WHOLE,
        hasty=True,
    ),
    Case(name="reset at once", behave=do.reset, code="cut"),
    Case(name="closed at once", behave=do.hang_up, code="cut"),
    Case(name="another protocol", behave=do.not_http, code="cut"),
]
BODIES = [
    Case(name="captive portal", behave=body(HTML, "text/html"), code="media"),
    Case(name="plain text", behave=body(b"Hello.", "text/plain"), code="media"),
    Case(name="no content type", behave=body({}, ""), code="media"),
    Case(name="gzip bomb", behave=do.bomb, code="media"),
    Case(name="HTML called JSON", behave=body(HTML), code="malformed", modes=WHOLE),
    Case(name="empty body", behave=body(b""), code="malformed", modes=WHOLE),
    Case(name="{}", behave=body({}), code="malformed", modes=WHOLE),
    Case(name="null", behave=body(None), code="malformed", modes=WHOLE),
    Case(name="a list", behave=body([]), code="malformed", modes=WHOLE),
    Case(name="JSON for a stream", behave=body({}), code="media", modes=STREAM),
    Case(name="a stream for JSON", behave=finished(do.done), code="media", modes=WHOLE),
    Case(name="no choices", behave=altered(_without("choices")), code="malformed", modes=WHOLE),
    Case(
        name="choices []", behave=altered(lambda w: w.update(choices=[])), code="empty", modes=WHOLE
    ),
    Case(
        name="choices {}",
        behave=altered(lambda w: w.update(choices={})),
        code="malformed",
        modes=WHOLE,
    ),
    Case(
        name="two choices",
        behave=altered(lambda w: w["choices"].append(w["choices"][0])),
        code="malformed",
        modes=WHOLE,
    ),
    Case(name="choice 1 alone", behave=chosen(index=1), code="malformed", modes=WHOLE),
    Case(name="message is text", behave=chosen(message="Yes."), code="malformed", modes=WHOLE),
    Case(
        name="another role",
        behave=message(content=GOOD, role="user"),
        code="malformed",
        modes=WHOLE,
    ),
    Case(name="content null", behave=content(None), code="empty"),
    Case(name="content empty", behave=content(""), code="empty"),
    Case(name="content blank", behave=content(" \n\t "), code="empty"),
    Case(name="content of zero width", behave=content("\u200b\u2060\ufeff"), code="empty"),
    Case(name="content of tags", behave=content("\U000e0041\U000e0042"), code="empty"),
    Case(name="content is a dict", behave=content({"text": GOOD}), code="malformed"),
    Case(name="content is a number", behave=content(7), code="malformed"),
    Case(name="content is a list", behave=content([1, 2]), code="malformed"),
    Case(name="lone surrogate", behave=content("half \ud800 a letter"), code="malformed"),
    Case(name="length longer than the body", behave=do.short_body, code="cut"),
    Case(
        name="JSON cut in a string",
        behave=body(b'{"choices": [{"message": {"content": "We ca'),
        code="malformed",
        modes=WHOLE,
    ),
    Case(
        name="invalid UTF-8", behave=body(b'{"choices": "\xff\xfe"}'), code="malformed", modes=WHOLE
    ),
    Case(name="NaN in the body", behave=body(b'{"choices": NaN}'), code="malformed", modes=WHOLE),
    Case(name="10,000 levels deep", behave=body(b"[" * 10_000), code="malformed", modes=WHOLE),
    Case(name="error in a 200", behave=body(error("server_error")), code="failed", modes=WHOLE),
    Case(
        name="quota error in a 200",
        behave=body(error("insufficient_quota")),
        code="quota",
        modes=WHOLE,
    ),
    Case(name="endless body", behave=do.endless, code="size"),
]
STREAMS = [
    Case(name="clean end, not finished", behave=streamed(do.end), code="incomplete", modes=STREAM),
    Case(name="[DONE], not finished", behave=streamed(do.done), code="incomplete", modes=STREAM),
    Case(name="closed in the middle", behave=streamed(do.hang_up), code="cut", modes=STREAM),
    Case(name="reset in the middle", behave=streamed(do.reset), code="cut", modes=STREAM),
    Case(name="half a line", behave=streamed(do.half_line), code="incomplete", modes=STREAM),
    Case(name="error event", behave=streamed(do.error_event), code="failed", modes=STREAM),
    Case(name="quota event", behave=streamed(do.quota_event), code="quota", modes=STREAM),
    Case(name="not JSON", behave=streamed(do.not_json), code="malformed", modes=STREAM),
    Case(name="not UTF-8", behave=streamed(do.bad_bytes), code="malformed", modes=STREAM),
    Case(name="a list for a chunk", behave=streamed(do.list_event), code="malformed", modes=STREAM),
    Case(name="a dict for a word", behave=streamed(do.wrong_delta), code="malformed", modes=STREAM),
    Case(
        name="silence in the middle",
        behave=streamed(do.silence),
        code="slow-next",
        modes=STREAM,
        hasty=True,
    ),
    Case(
        name="comments for ever",
        behave=streamed(do.comments),
        code="slow-next",
        modes=STREAM,
        hasty=True,
    ),
    Case(
        name="drips for ever", behave=streamed(do.drip), code="slow-whole", modes=STREAM, hasty=True
    ),
    Case(name="tokens without end", behave=streamed(do.flood), code="size", modes=STREAM),
    Case(name="a second choice", behave=streamed(do.choices), code="malformed", modes=STREAM),
    Case(
        name="two choices a chunk", behave=streamed(do.both_choices), code="malformed", modes=STREAM
    ),
    Case(name="words after the end", behave=finished(do.late_word), code="malformed", modes=STREAM),
]
HALVES = [
    Case(name="finish length", behave=message("length", content=GOOD), code="length"),
    Case(
        name="finish content_filter",
        behave=message("content_filter", content=GOOD),
        code="filtered",
    ),
    Case(
        name="filtered, no content", behave=message("content_filter", content=None), code="filtered"
    ),
    Case(name="refusal", behave=message(refusal="I cannot.", content=None), code="refused"),
    Case(
        name="unasked tool call",
        behave=message("tool_calls", content=None, tool_calls=TOOL),
        code="tools",
    ),
    Case(name="tool call that stops", behave=message(content=GOOD, tool_calls=TOOL), code="tools"),
    Case(name="finish null", behave=message(None, content=GOOD), code="incomplete"),
    Case(name="finish unknown", behave=message("pause", content=GOOD), code="malformed"),
]
HARMLESS = [
    Case(name="stop without [DONE]", behave=finished(do.end), modes=STREAM),
    Case(name="reset after the finish", behave=finished(do.reset), modes=STREAM),
    Case(name="closed after the finish", behave=finished(do.hang_up), modes=STREAM),
    Case(name="silence after the finish", behave=finished(do.silence), modes=STREAM),
    Case(name="comments after the finish", behave=finished(do.comments), modes=STREAM),
    Case(name="every byte a packet", behave=do.split_bytes, modes=STREAM),
    Case(name="id is a number", behave=altered(lambda w: w.update(id=7)), modes=WHOLE),
    Case(name="another model", behave=altered(lambda w: w.update(model="else")), modes=WHOLE),
    *(
        Case(name=f"usage {name}", behave=reported(**fields))
        for name, fields in (
            ("missing", {}),
            ("zero", {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
            ("negative", {"prompt_tokens": -5, "completion_tokens": -9, "total_tokens": -14}),
            ("huge", {"prompt_tokens": 10**18, "completion_tokens": 10**18, "total_tokens": 1}),
            ("text", {"prompt_tokens": "many", "completion_tokens": "few"}),
            ("true", {"prompt_tokens": True, "completion_tokens": True}),
            ("half", {"prompt_tokens": 7.5, "completion_tokens": 1.5}),
        )
    ),
]
CASES = [*CONNECTIONS, *STATUSES, *BODIES, *STREAMS, *HALVES, *HARMLESS]
