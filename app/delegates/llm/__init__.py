"""The one door to models: LangChain for any provider, the openai client for compatible servers.

Both doors answer the same protocol, `Complete`, under the same policy. Vendors are imported when
a door is first used, so importing this package costs nothing. `faults.CODES` says what can go
wrong; a call that brings no finished answer raises `CallFailed` with one of those codes.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.delegates.base import Ask, Completion
from app.delegates.llm.answer import Answer, Reading, clean, finished, parse, whole
from app.delegates.llm.bodies import JSON, form_text, response_format, spoken
from app.delegates.llm.calls import Alarm, Endpoint, OnText, call
from app.delegates.llm.faults import CODES, CallFailed, Fault, WireFault
from app.delegates.llm.merging import EAR, Ear, Gathered
from app.settings import ModelSetting

if TYPE_CHECKING:
    import openai
    from langchain_core.language_models import BaseChatModel

__all__ = ["CODES", "CallFailed", "LangChainDoor", "OpenAIDoor", "hush", "parse"]

OPENAI = "https://api.openai.com/v1"
# Who speaks the interface of OpenAI through langchain-openai, and so through our own transport.
THROUGH_OUR_WIRE = ("openai",)
VENDOR_LOGGERS = ("openai", "httpx2", "httpcore2", "httpx", "httpcore", "langchain", "langsmith")
FINISHED = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "STOP": "stop",
    "max_tokens": "length",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "refusal": "content_filter",
}
BATCH = 16


def hush() -> None:
    """Keep vendors from logging prompts and headers, whatever level the operator logs at."""
    for name in VENDOR_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.WARNING, logger.level))


@dataclass(slots=True)
class OpenAIDoor:
    """A model behind a server that speaks OpenAI's chat completions, asked for directly.

    The body is written and the answer read here: the client's walk over its parameter types and
    its object for every chunk are four fifths of what it costs.
    """

    setting: ModelSetting
    endpoint: Endpoint
    verify: ssl.SSLContext | bool = True
    _client: openai.AsyncOpenAI | None = None

    async def __call__(self, ask: Ask, on_text: OnText | None = None) -> Completion:
        """The answer to one request; CallFailed with a code where there is none in time."""
        if self._client is None:
            await loaded("openai")
        return await call(self.endpoint, self._attempt, ask, on_text)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _connected(self) -> openai.AsyncOpenAI:
        if self._client is None:
            import openai  # noqa: PLC0415 - costs half a second, and offline tables need none

            from app.delegates.llm import wire  # noqa: PLC0415

            hush()
            self._client = openai.AsyncOpenAI(
                api_key=self.setting.key.reveal() if self.setting.key else "none",
                base_url=self.setting.base_url or OPENAI,
                max_retries=0,
                http_client=wire.client(
                    self.endpoint.policy,
                    inspect=False,
                    proxy=self.setting.proxy,
                    verify=self.verify,
                    wall=self.endpoint.clock.wall,
                    now=self.endpoint.clock.now,
                ),
            )
        return self._client

    def _body(self, ask: Ask, *, streams: bool) -> bytes:
        refused = self.endpoint.refused
        body: dict[str, object] = {"model": self.setting.model}
        official = self.setting.base_url is None
        limits = ("max_completion_tokens", "max_tokens")
        limit = next(n for n in (limits if official else limits[::-1]) if n not in refused)
        body[limit] = ask.max_tokens
        if "temperature" not in refused:
            body["temperature"] = ask.temperature
        if streams:
            body["stream"] = True
            if "stream_options" not in refused:
                body["stream_options"] = {"include_usage": True}
        form = f',"response_format":{form_text(ask.schema)}' if ask.schema is not None else ""
        text = (
            f'{JSON.encode(body)[:-1]}{form},"messages":[{",".join(map(spoken, ask.messages))}]}}'
        )
        return text.encode("utf-8", "replace")

    async def _attempt(self, ask: Ask, on_text: OnText | None, alarm: Alarm) -> Answer:
        client = self._connected()
        from httpx2 import Response  # noqa: PLC0415 - the client has imported it already

        streams = on_text is not None
        if streams:
            alarm.first()
        response = await client.post(
            "/chat/completions",
            cast_to=Response,
            content=self._body(ask, streams=streams),
            options={"headers": RAW},
        )
        try:
            if on_text is not None:
                return await self._streamed(response, ask, on_text, alarm)
            data = bytearray()
            async for part in response.aiter_raw():
                data += part
            return whole(data)
        finally:
            await response.aclose()

    async def _streamed(self, response: Any, ask: Ask, on_text: OnText, alarm: Alarm) -> Answer:
        reading = Reading(most_bytes=self.endpoint.policy.most_bytes, most_pieces=ask.max_tokens)
        gathered = Gathered(self.endpoint.clock.now)
        heard = 0
        async for part in response.aiter_raw():
            text = reading.feed(part)
            if reading.data_events > heard:
                heard = reading.data_events
                if reading.finish is None:
                    alarm.heard()
                else:
                    alarm.closing(reading.close)
            ready = gathered.add(text) if text else ""
            if reading.finish is not None:
                ready += gathered.taken()
            if ready:
                on_text(ready)
        return reading.close()


RAW = {"content-type": "application/json", "x-stainless-raw-response": "stream"}


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
        self._http: Any = None
        self._chats: dict[tuple[float | None, int, bool], BaseChatModel] = {}

    async def __call__(self, ask: Ask, on_text: OnText | None = None) -> Completion:
        """The answer to one request; CallFailed with a code where there is none in time."""
        if not self._chats:
            untraced()
            await loaded("langchain_openai" if self._ours else "langchain.chat_models")
        return await call(self.endpoint, self._attempt, ask, on_text)

    async def aclose(self) -> None:
        """Close the connections that are ours."""
        self._chats.clear()
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    @property
    def _ours(self) -> bool:
        return self.setting.provider in THROUGH_OUR_WIRE

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
            more |= self._through_our_wire(usage=usage)
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

    def _through_our_wire(self, *, usage: bool) -> dict[str, Any]:
        from app.delegates.llm import wire  # noqa: PLC0415

        if self._http is None:
            self._http = wire.client(
                self.endpoint.policy,
                inspect=True,
                proxy=self.setting.proxy,
                verify=self.verify,
                wall=self.endpoint.clock.wall,
                now=self.endpoint.clock.now,
            )
        return {
            "stream_usage": usage,
            "http_async_client": self._http,
            "http_socket_options": (),
            "stream_chunk_timeout": None,
            "use_responses_api": False,
            "openai_proxy": None,
            **({} if self.setting.key else {"api_key": "none"}),
        }

    def _request(self, ask: Ask) -> tuple[list[tuple[str, str]], dict[str, Any]]:
        """The messages and what else the provider is given with them."""
        messages: list[tuple[str, str]] = [(m.role, m.text) for m in ask.messages]
        if self._ours:
            # As plain parts of the body. The client walks messages against its parameter types,
            # even an empty one, which is most of what a long talk costs; and for a
            # `response_format` it knows of, it keeps a second copy of the answer and validates
            # that after every token.
            body: dict[str, object] = {
                "messages": [{"role": role, "content": text} for role, text in messages]
            }
            if ask.schema is not None:
                body["response_format"] = response_format(ask.schema)
            return [], {"extra_body": body}
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
        messages, more = self._request(ask)
        if on_text is None:
            return _gathered([await chat.ainvoke(messages, **more)])
        alarm.first()
        chunks: list[Any] = []
        pieces = 0
        finish: object = None
        ear = Ear(heard=alarm.heard, most_pieces=ask.max_tokens)
        before = EAR.set(ear)
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
                if finish is None:
                    alarm.heard()
                else:
                    alarm.closing(lambda: _gathered(chunks))
        finally:
            EAR.reset(before)
            await stream.aclose()  # type: ignore[attr-defined]
            await ear.hang_up()
        return _gathered(chunks)


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


def package_of(provider: str, error: ImportError) -> str:
    """The name to install, as the provider's own error has it or as packages are named."""
    for word in str(error).replace("`", " ").replace("'", " ").split():
        name = word.strip(".,:;()")
        if name.startswith("langchain-") and name.replace("-", "").isalnum():
            return name
    return f"langchain-{provider.replace('_', '-')}"


async def loaded(module: str) -> None:
    """Import a vendor's module beside the event loop; its absence shows when it is used."""
    with contextlib.suppress(ImportError):
        await asyncio.to_thread(importlib.import_module, module)


def unbuilt(error: Exception) -> Fault:
    """Why a provider's client could not be made: most often, no key."""
    words = str(error).lower()
    if "api_key" in words or "api key" in words or "credentials" in words:
        return Fault(code="key")
    if "unsupported" in words or "model_provider" in words:
        return Fault(code="absent", parameter="provider")
    return Fault(code="unexpected", parameter=type(error).__name__)


def untraced() -> None:
    """Turn LangSmith's tracing off, which would upload every brief, unless the operator asks."""
    if os.environ.get("PARLEY_LANGSMITH", "").strip().lower() in ("1", "on", "true", "yes"):
        return
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"
    os.environ.pop("LANGCHAIN_TRACING", None)
