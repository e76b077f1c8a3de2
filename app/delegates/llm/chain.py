"""The door through LangChain, for every provider that `init_chat_model` knows."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.delegates.base import Ask, Completion
from app.delegates.llm.answer import Answer, clean, finished, whole
from app.delegates.llm.bodies import response_format, written
from app.delegates.llm.calls import Alarm, Endpoint, OnText, call
from app.delegates.llm.faults import Fault, WireFault
from app.delegates.llm.keys import unkeyed
from app.delegates.llm.vendors import hush, loaded, package_of, unbuilt, untraced
from app.settings import ModelSetting

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from app.delegates.llm.line import Line, Stream

# Who speaks the interface of OpenAI through langchain-openai, and so over a line of ours.
OVER_OUR_LINE = ("openai",)

FINISHED = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "STOP": "stop",
    "max_tokens": "length",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "refusal": "content_filter",
}
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
DETAILS = ("prompt_tokens_details", "completion_tokens_details")
BATCH = 16


class LangChainDoor:
    """A model behind any provider that `init_chat_model` knows, under the same policy."""

    def __init__(
        self,
        setting: ModelSetting,
        endpoint: Endpoint,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self.setting = setting
        self.endpoint = endpoint
        self.verify = verify
        self._line: Line | None = None
        self._chats: dict[tuple[float | None, int, bool], BaseChatModel] = {}

    async def __call__(self, ask: Ask, on_text: OnText | None = None) -> Completion:
        """The answer to one request; CallFailed with a code where there is none in time."""
        if not self._chats:
            untraced()
            await loaded("langchain_openai" if self._ours else "langchain.chat_models")
            if self._ours:
                await loaded("app.delegates.llm.line")
        return unkeyed(await call(self.endpoint, self._attempt, ask, on_text), self.setting)

    async def aclose(self) -> None:
        """Close the connections that are ours."""
        self._chats.clear()
        if self._line is not None:
            await self._line.aclose()
            self._line = None

    @property
    def _ours(self) -> bool:
        return self.setting.provider in OVER_OUR_LINE

    def _chat(self, ask: Ask) -> BaseChatModel:
        refused = self.endpoint.refused
        temperature = None if "temperature" in refused else ask.temperature
        usage = "stream_options" not in refused
        key = (temperature, ask.max_tokens, usage)
        chat = self._chats.get(key)
        if chat is None:
            if len(self._chats) >= BATCH:
                self._chats.clear()
            chat = self._chats[key] = self._built(temperature, ask.max_tokens, usage=usage)
        return chat

    def _built(self, temperature: float | None, limit: int, *, usage: bool) -> BaseChatModel:
        hush()
        from langchain.chat_models import init_chat_model  # noqa: PLC0415 - a second of import

        more: dict[str, Any] = {"max_retries": 0, "max_tokens": limit}
        if temperature is not None:
            more["temperature"] = temperature
        if self.setting.base_url is not None:
            more["base_url"] = self.setting.base_url
        if self.setting.key is not None:
            more["api_key"] = self.setting.key.reveal()
        if self._ours:
            more |= self._over_our_line(usage=usage)
        try:
            built: BaseChatModel = init_chat_model(
                self.setting.model, model_provider=self.setting.provider, **more
            )
            return built
        except ImportError as error:
            fault = Fault(code="package", parameter=package_of(self.setting.provider, error))
        except Exception as error:  # noqa: BLE001 - the words may show the key, so they stay here
            fault = unbuilt(error)
        raise WireFault(fault)

    def _over_our_line(self, *, usage: bool) -> dict[str, Any]:
        from app.delegates.llm.line import Line  # noqa: PLC0415

        if self._line is None:
            self._line = Line(self.setting, self.endpoint, self.verify)
        client = Completions(self._line)
        return {
            "stream_usage": usage,
            "client": client,
            "async_client": client,
            "stream_chunk_timeout": None,
            "use_responses_api": False,
            "openai_proxy": None,
            **({} if self.setting.key else {"api_key": "none"}),
        }

    def _request(
        self, ask: Ask, alarm: Alarm, open_: list[Stream]
    ) -> tuple[list[tuple[str, str]], dict[str, Any]]:
        """The messages and what else the provider is given with them."""
        if self._ours:
            # Beside LangChain's own messages, of which it would make objects, and those anew
            # into a body, in every turn of a talk that grows.
            return [], {"extra_body": Said(ask=ask, alarm=alarm, open=open_)}
        messages: list[tuple[str, str]] = [(m.role, m.text) for m in ask.messages]
        if ask.schema is None:
            return messages, {}
        if self.setting.provider == "ollama":
            return messages, {"format": ask.schema}
        if self.setting.provider.startswith("google"):
            media = "application/json"
            return messages, {"response_mime_type": media, "response_schema": ask.schema}
        return messages, {"response_format": response_format(ask.schema)}

    async def _attempt(self, ask: Ask, on_text: OnText | None, alarm: Alarm) -> Answer:
        chat = self._chat(ask)
        open_: list[Stream] = []
        messages, more = self._request(ask, alarm, open_)
        if on_text is None:
            return _gathered([await chat.ainvoke(messages, **more)])
        alarm.first()
        chunks: list[Any] = []
        pieces = 0
        finish: object = None
        stream = chat.astream(messages, **more)
        try:
            async for chunk in stream:
                chunks.append(chunk)
                text = chunk.text
                if text:
                    pieces += 1
                    if finish is not None:
                        raise WireFault(Fault(code="malformed"))
                    if pieces > ask.max_tokens + BATCH * 2:
                        raise WireFault(Fault(code="size"))
                    on_text(clean(text))
                finish = finish or chunk.response_metadata.get("finish_reason")
                if self._ours:
                    continue  # our line has told the alarm, when it came and not when it was shown
                if finish is None:
                    alarm.heard()
                else:
                    alarm.closing(lambda: _gathered(chunks))
        finally:
            await stream.aclose()  # type: ignore[attr-defined]
            for each in open_:  # LangChain leaves its own generators to the garbage collector
                await each.hang_up()
        return _gathered(chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is asked and who waits for it, handed through LangChain as `extra_body`."""

    ask: Ask
    alarm: Alarm = field(repr=False)
    open: list[Stream] = field(repr=False)

    def written(self, body: Mapping[str, object]) -> bytes:
        """The request, with the parameters that LangChain gives it."""
        kept = {name: value for name, value in body.items() if name != "messages"}
        return written(kept, self.ask.messages, self.ask.schema)


class Completions:
    """The part of an openai client that ChatOpenAI uses, over a line of ours.

    What it gives back holds what an answer is believed for and nothing else: the checks of
    `answer` stand before LangChain's, which trusts whatever comes.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self.with_raw_response = Whole(line)

    async def create(self, *, extra_body: Said, **body: Any) -> Chunks:
        """A streamed answer."""
        said = extra_body
        stream = self._line.stream(said.written(body), said.alarm, said.ask.max_tokens)
        said.open.append(stream)
        return Chunks(stream)


class Whole:
    """The same for an answer in one piece."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def create(self, *, extra_body: Said, **body: Any) -> Parsed:
        """A whole answer; WireFault where it is none."""
        return Parsed(whole(await self._line.whole(extra_body.written(body))))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole answer in the client's shape."""

    answer: Answer

    def parse(self) -> dict[str, object]:
        """The completion."""
        message = {"role": "assistant", "content": self.answer.text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {
            "object": "chat.completion",
            "model": self.answer.model,
            "choices": [choice],
            "usage": countable(self.answer.usage),
        }


class Chunks:
    """A streamed answer in the client's shape."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def __aenter__(self) -> Chunks:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stream.hang_up()

    async def __aiter__(self) -> AsyncIterator[dict[str, object]]:
        async for text in self._stream:
            yield _chunk({"content": text})
        answer = self._stream.reading.close()
        yield {**_chunk({}, "stop"), "model": answer.model}
        yield {"choices": [], "usage": countable(answer.usage)}


def _chunk(delta: dict[str, object], finish: str | None = None) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def countable(usage: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """What LangChain reckons with of a usage; None where it would break on a count of it.

    Costs and times, which some providers put beside the counts, are left out.
    """
    if usage is None:
        return None
    kept = {name: usage.get(name) for name in COUNTS}
    if not all(count is None or type(count) is int for count in kept.values()):
        return None
    for name in DETAILS:
        held = usage.get(name)
        if isinstance(held, dict):
            kept[name] = {part: count for part, count in held.items() if type(count) is int}
    return kept


def _gathered(messages: list[Any]) -> Answer:
    """The answer out of LangChain's message, or out of its chunks."""
    finish: object = None
    usage: Mapping[str, object] | None = None
    model = ""
    refusal = tools = False
    for message in messages:
        about = message.response_metadata
        reason = about.get("finish_reason") or about.get("stop_reason") or about.get("done_reason")
        finish = FINISHED.get(reason, reason) if isinstance(reason, str) else finish
        model = about.get("model_name") or about.get("model") or model
        usage = message.usage_metadata or usage
        refusal = refusal or bool(message.additional_kwargs.get("refusal"))
        tools = tools or bool(message.tool_calls or message.invalid_tool_calls)
    text = "".join(message.text for message in messages)
    return Answer(
        text=finished(text, finish, refusal=refusal, tools=tools), model=str(model), usage=usage
    )
