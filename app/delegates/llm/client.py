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
    "security": {"bearer_auth": True},
}


class Client(openai.AsyncOpenAI):
    """The openai client for requests that differ in their bodies alone.

    It parses its address three times and merges four sets of headers anew for every request: a
    third of what sending one costs. The first request is the client's own work; those after it
    have its head. If a version should ask itself differently for a request, it builds each anew.
    """

    _head: httpx2.Request | None = None

    def _build_request(
        self, options: FinalRequestOptions, *, retries_taken: int = 0
    ) -> httpx2.Request:
        if self._head is None:
            whole = super()._build_request(options, retries_taken=retries_taken)
            headers = [(n, v) for n, v in whole.headers.raw if n.lower() != b"content-length"]
            self._head = httpx2.Request(whole.method, whole.url, headers=headers)
            del self._head.headers["content-length"]
        head = self._head
        assert isinstance(options.content, bytes)
        return httpx2.Request(head.method, head.url, headers=head.headers, content=options.content)


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
