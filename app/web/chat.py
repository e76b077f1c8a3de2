"""A delegation as a model: the two routes of OpenAI's interface that every chat client speaks.

`parley/<table>/<seat>` answers one to one, from public papers, in the strict barrier. Nothing is
kept between requests: the client sends the whole talk each time. Nothing said here binds anybody.
The client speaks as the seat named in the request's `user`, else as the first other seat.
System and developer messages are no orders to a delegation and are left out.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.requests import ClientDisconnect

from app.delegates.interlocutor import Answer, Interlocutor, Line, room_of
from app.delegates.record_text import tokens
from app.delegates.rhetoric import sentences
from app.domain.case import Case
from app.domain.moves import MAX_WORDS
from app.errors import CaseError
from app.web.access import MAX_BODY
from app.web.office import Office

PREFIX = "parley"
MOST_MESSAGES = 200
SILENT_ROLES = ("system", "developer")
ROLES = ("user", "assistant", *SILENT_ROLES)


class Declined(Exception):
    """An answer that is an error, in the shape of that interface."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        self.status = status
        self.error = {"message": message, "type": kind, "param": param, "code": code}
        super().__init__(message)


def chat_router(interlocutor: Interlocutor) -> APIRouter:
    """The routes; `interlocutor` says who answers."""
    router = APIRouter(prefix="/v1", tags=["chat clients"])
    shelf, turns = Shelf(), count(1)

    @router.get("/models")
    async def models(request: Request) -> Response:
        """Every seat of every table that can be talked to."""
        try:
            _admitted(request)
            data = [_model(name) for name in _names(_office(request))]
        except Declined as declined:
            return _failed(declined)
        return JSONResponse({"object": "list", "data": data})

    @router.get("/models/{name:path}")
    async def model(request: Request, name: str) -> Response:
        """One of them."""
        try:
            _admitted(request)
            await asyncio.to_thread(shelf.seat, _office(request), name)
        except Declined as declined:
            return _failed(declined)
        return JSONResponse(_model(name))

    @router.post("/chat/completions")
    async def completions(request: Request) -> Response:
        """The delegation's answer to the last message, whole or in pieces."""
        try:
            _admitted(request)
            asked = await _body(request)
            name = asked.get("model")
            wanted = name if isinstance(name, str) else ""
            case, seat = await asyncio.to_thread(shelf.seat, _office(request), wanted)
            lines = _lines(asked.get("messages"))
            streams, with_usage = _streaming(asked)
            most = _most(asked)
            visitor = _visitor(case, seat, asked.get("user"))
        except Declined as declined:
            return _failed(declined)
        room, owed = room_of(case, seat, visitor, lines)
        turn = next(turns)
        payer = f"talk-{case.id}-{time.strftime('%Y-%m-%d', time.gmtime())}"
        try:
            work = interlocutor.answer(room, owed, payer=payer, turn=turn)
            answer = await _unless_gone(request, work)
        finally:
            if (models := _office(request).models) is not None:
                models.budget.closed(f"turn:{payer}/{seat}/{turn}")
        if answer is None:
            return Response(status_code=499)
        words = _within(answer, most)
        about = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": name,
        }
        if streams:
            events = _events(about, words, with_usage=with_usage)
            return StreamingResponse(events, media_type="text/event-stream")
        return JSONResponse(_whole(about, words))

    return router


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def _admitted(request: Request) -> None:
    """The operator's token as a Bearer key; a cookie or a seat's pass opens nothing here."""
    given = request.headers.get("authorization", "")
    who = _office(request).access.principal(request.headers) if given else None
    if who is None or not given.lower().startswith("bearer "):
        raise Declined(
            401,
            "Incorrect API key provided: use Parley's login token as the key.",
            code="invalid_api_key",
        )
    if not who.operator:
        raise Declined(
            403,
            "A seat's pass opens its own table only, not this interface.",
            code="insufficient_permissions",
            kind="permission_error",
        )


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer | None:
    """The answer; None when the client hung up, and then nothing more is asked of a model."""
    task = asyncio.create_task(work)
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for each in (task, gone):
            if not each.done():
                each.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


# -- what is asked ---------------------------------------------------------------------------


async def _body(request: Request) -> Mapping[str, Any]:
    try:
        held = json.loads(await request.body())
    except ClientDisconnect:  # the gate lets go of a body that grows too large
        raise Declined(413, f"A request has at most {MAX_BODY} bytes.", code="too-large") from None
    except (ValueError, RecursionError):
        raise Declined(400, "The body is not JSON.") from None
    if not isinstance(held, dict):
        raise Declined(400, "The body has to be a JSON object.")
    if held.get("n") not in (None, 1):
        raise Declined(400, "Only one choice is given: leave n out or set it to 1.", param="n")
    _spoken_only(held)
    return held


def _spoken_only(asked: Mapping[str, Any]) -> None:
    """Refuse what asks for anything but words; tools that may be left alone are left alone."""
    form = asked.get("response_format")
    if form is not None and not (isinstance(form, dict) and form.get("type") == "text"):
        raise Declined(
            400, "A delegation speaks: leave response_format out.", param="response_format"
        )
    if asked.get("tool_choice") not in (None, "auto", "none"):
        raise Declined(
            400, "A delegation calls no tools: leave tool_choice out.", param="tool_choice"
        )


def _names(office: Office) -> list[str]:
    return [
        f"{PREFIX}/{info.name}/{seat}"
        for info in office.cases()
        if not info.problem
        for seat in info.seats
    ]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": PREFIX}


class Shelf:
    """Cases as they were read last; a case whose files have changed is read again."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[float, Case]] = {}

    def seat(self, office: Office, name: str) -> tuple[Case, str]:
        """The case and seat that a model's name means."""
        prefix, _, rest = name.partition("/")
        table, _, seat = rest.rpartition("/")
        case = self._case(office, table) if prefix == PREFIX else None
        if case is None or seat not in case.seat_ids:
            raise Declined(
                404,
                f"The model {name[:100]!a} does not exist: GET /v1/models lists them.",
                code="model_not_found",
                param="model",
            )
        return case, seat

    def _case(self, office: Office, table: str) -> Case | None:
        try:
            folder = next(info.path for info in office.cases() if info.name == table)
            changed = max(file.stat().st_mtime for file in folder.glob("*.toml"))
            held = self._held.get(table)
            if held is None or held[0] != changed:
                held = self._held[table] = (changed, office.case(table))
        except (StopIteration, KeyError, CaseError, OSError):
            return None
        return held[1]


def _lines(messages: object) -> tuple[Line, ...]:
    """The talk; the last message has to be the visitor's."""
    if not isinstance(messages, list) or not messages:
        raise Declined(400, "messages has to be a list with a message in it.", param="messages")
    if len(messages) > MOST_MESSAGES:
        raise Declined(
            400,
            f"At most {MOST_MESSAGES} messages.",
            code="context_length_exceeded",
            param="messages",
        )
    read = [_line(message, place) for place, message in enumerate(messages)]
    lines = tuple(line for line in read if line is not None)
    if not lines or lines[-1].own:
        raise Declined(400, "The last message has to be the user's.", param="messages")
    return lines


def _line(message: object, place: int) -> Line | None:
    param = f"messages[{place}]"
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise Declined(400, f"role has to be one of {', '.join(ROLES)}.", param=f"{param}.role")
    own = message["role"] == "assistant"
    content = message.get("content")
    text = "" if own and content is None else _text(content, f"{param}.content")
    if message["role"] in SILENT_ROLES or (own and not text.strip()):
        return None  # an answer that a client broke off before its first word is no turn of a talk
    if len(text) > MAX_WORDS:
        raise Declined(
            400,
            f"At most {MAX_WORDS} characters in a message.",
            code="context_length_exceeded",
            param=f"{param}.content",
        )
    if not text.strip():
        raise Declined(400, "A message needs words.", param=f"{param}.content")
    return Line(own=own, text=text)


def _text(content: object, param: str) -> str:
    """A text, or a list of text parts."""
    parts: Sequence[object] = content if isinstance(content, list) else [content]
    texts: list[str] = []
    for part in parts:
        text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else part
        if not isinstance(text, str):
            raise Declined(400, "Only text can be said here.", param=param)
        texts.append(text)
    return "\n".join(texts).encode("utf-8", "replace").decode()


def _streaming(asked: Mapping[str, Any]) -> tuple[bool, bool]:
    streams, options = asked.get("stream", False), asked.get("stream_options")
    if not isinstance(streams, bool | None):
        raise Declined(400, "stream has to be true or false.", param="stream")
    if options is not None and not isinstance(options, dict):
        raise Declined(400, "stream_options has to be an object.", param="stream_options")
    return bool(streams), bool((options or {}).get("include_usage"))


def _most(asked: Mapping[str, Any]) -> int | None:
    """The most tokens that the client wants; None for as many as there are."""
    for name in ("max_completion_tokens", "max_tokens"):
        most = asked.get(name)
        if most is None:
            continue
        if type(most) is not int or most < 1:
            raise Declined(400, f"{name} has to be a whole number from 1.", param=name)
        return most
    return None


def _visitor(case: Case, seat: str, user: object) -> str:
    """As whom the client speaks."""
    others = [other for other in case.seat_ids if other != seat]
    return user if isinstance(user, str) and user in others else others[0]


# -- what is answered ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """An answer as far as the client wants it, and whether that is all of it."""

    answer: Answer
    finish: str = "stop"


def _within(answer: Answer, most: int | None) -> Cut:
    """The answer cut to so many tokens, between words; what a model spent on it stays told."""
    if most is None or tokens(answer.text) <= most:
        return Cut(answer=answer)
    words = answer.text.split(" ")
    while len(words) > 1 and tokens(" ".join(words)) > most:
        words.pop()
    text = " ".join(words)
    usage = answer.usage
    if not usage.reported:
        usage = replace(usage, completion=tokens(text))
    return Cut(answer=replace(answer, text=text, usage=usage), finish="length")


def _usage(answer: Answer) -> dict[str, Any]:
    prompt, completion = answer.usage.prompt, answer.usage.completion
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": answer.usage.cached},
    }


def _whole(about: Mapping[str, Any], words: Cut) -> dict[str, Any]:
    answer = words.answer
    message = {"role": "assistant", "content": answer.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": words.finish}
    return {
        **about,
        "object": "chat.completion",
        "choices": [choice],
        "usage": _usage(answer),
        "system_fingerprint": f"parley-{answer.by}",
    }


def _events(about: Mapping[str, Any], words: Cut, *, with_usage: bool) -> Iterator[str]:
    """Server-sent events: the checked words, a sentence each."""
    answer = words.answer
    head = {**about, "object": "chat.completion.chunk"}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        body: dict[str, Any] = {**head, "choices": [choice]}
        if with_usage:
            body["usage"] = None
        return _event(body)

    yield chunk({"role": "assistant", "content": ""})
    for place, sentence in enumerate(sentences(answer.text)):
        yield chunk({"content": f" {sentence}" if place else sentence})
    yield chunk({}, words.finish)
    if with_usage:
        yield _event({**head, "choices": [], "usage": _usage(answer)})
    yield "data: [DONE]\n\n"


def _event(body: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _failed(declined: Declined) -> JSONResponse:
    return JSONResponse({"error": declined.error}, status_code=declined.status)
