"""The direct door: chat completions by the openai client, for any server that speaks them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.delegates.base import Ask, Completion
from app.delegates.llm.answer import Answer, whole
from app.delegates.llm.bodies import written
from app.delegates.llm.calls import Alarm, Endpoint, OnText, call
from app.delegates.llm.keys import unkeyed
from app.delegates.llm.vendors import hush, loaded
from app.settings import ModelSetting

if TYPE_CHECKING:
    from app.delegates.llm.line import Line


@dataclass(slots=True)
class OpenAIDoor:
    """A model behind a server that speaks OpenAI's chat completions, asked for directly."""

    setting: ModelSetting
    endpoint: Endpoint
    verify: ssl.SSLContext | bool = True
    _line: Line | None = None

    async def __call__(self, ask: Ask, on_text: OnText | None = None) -> Completion:
        """The answer to one request; CallFailed with a code where there is none in time."""
        if self._line is None:
            await loaded("app.delegates.llm.client")
        return unkeyed(await call(self.endpoint, self._attempt, ask, on_text), self.setting)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._line is not None:
            await self._line.aclose()
            self._line = None

    def _connected(self) -> Line:
        if self._line is None:
            from app.delegates.llm.client import ClientLine  # noqa: PLC0415 - costs half a second

            hush()
            self._line = ClientLine(self.setting, self.endpoint, self.verify)
        return self._line

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
        return written(body, ask.messages, ask.schema)

    async def _attempt(self, ask: Ask, on_text: OnText | None, alarm: Alarm) -> Answer:
        line = self._connected()
        body = self._body(ask, streams=on_text is not None)
        if on_text is None:
            return whole(await line.whole(body))
        alarm.first()
        async with line.stream(body, alarm, ask.max_tokens) as stream:
            async for text in stream:
                on_text(text)
        return stream.reading.close()
