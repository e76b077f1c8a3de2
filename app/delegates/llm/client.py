"""The openai client as a line: its address and its headers, worked out once for all requests."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx2
import openai

from app.delegates.llm import wire
from app.delegates.llm.calls import Endpoint
from app.delegates.llm.line import OPENAI, SENDER, Line
from app.settings import ModelSetting

if TYPE_CHECKING:
    from openai._models import FinalRequestOptions
    from openai._types import RequestOptions

PATH = "/chat/completions"
RAW = {"content-type": "application/json", "x-stainless-raw-response": "stream"}
# What is a default of the client's is named, since it copies deeply every default it fills in.
OPTIONS: RequestOptions = {
    "headers": RAW,
    "params": {},
    "max_retries": 0,
    "timeout": None,
    "security": {"bearer_auth": True},
}


class Client(openai.AsyncOpenAI):
    """The openai client for requests that differ in their bodies alone.

    It parses its address three times and merges four sets of headers anew for every request: a
    third of what sending one costs. The first request is the client's own work; those after it
    have its head, unless the client would write something of its own into each. If a version asks
    itself for a request by another name, it builds each anew.
    """

    _head: httpx2.Request | None = None
    _keeps = True

    def _build_request(
        self, options: FinalRequestOptions, *, retries_taken: int = 0
    ) -> httpx2.Request:
        if self._head is None:
            built = super()._build_request(options, retries_taken=retries_taken)
            if self._keeps:
                self._keeps = built.headers == self._another(options, retries_taken).headers
            if not self._keeps:
                return built
            self._head = built
            del built.headers["content-length"]
        head = self._head
        assert isinstance(options.content, bytes)
        return httpx2.Request(head.method, head.url, headers=head.headers, content=options.content)

    def _another(self, options: FinalRequestOptions, retries_taken: int) -> httpx2.Request:
        """The same request, were it one of its own."""
        other = options.model_copy(update={"idempotency_key": self._idempotency_key()})
        return super()._build_request(other, retries_taken=retries_taken)


class ClientLine(Line):
    """A line on which the openai client sends."""

    def __init__(
        self, setting: ModelSetting, endpoint: Endpoint, verify: ssl.SSLContext | bool
    ) -> None:
        super().__init__(setting, endpoint, verify)
        self._client = Client(
            api_key=setting.key.reveal() if setting.key else "none",
            base_url=setting.base_url or OPENAI,
            max_retries=0,
            default_headers={"user-agent": SENDER},
            http_client=wire.Straight(self._wire),
        )

    async def opened(self, body: bytes) -> httpx2.Response:
        """Send a request; its answer has begun when this returns."""
        return await self._client.post(PATH, cast_to=httpx2.Response, content=body, options=OPTIONS)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()
