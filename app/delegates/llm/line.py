"""One line to a model: a body that is ready goes out, and the answer is read here.

A client's walk over its parameter types and its object for every chunk are four fifths of what it
costs; what we send and believe is written and read by our own code for both doors.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import cast

import httpx2

from app import __version__
from app.delegates.llm import wire
from app.delegates.llm.answer import Reading
from app.delegates.llm.calls import Alarm, Endpoint
from app.delegates.llm.merging import Gathered
from app.settings import ModelSetting

OPENAI = "https://api.openai.com/v1"
SENDER = f"parley/{__version__}"
"""Who asks, as every request says."""


class Line:
    """Requests over our own wire, with nothing between it and who asks.

    It stands behind a client that makes its own of every answer, as LangChain's does.
    """

    def __init__(
        self, setting: ModelSetting, endpoint: Endpoint, verify: ssl.SSLContext | bool
    ) -> None:
        self.endpoint = endpoint
        self._wire = wire.guarded(
            endpoint.policy, proxy=setting.proxy, verify=verify, wall=endpoint.clock.wall
        )
        self._url = httpx2.URL(f"{(setting.base_url or OPENAI).rstrip('/')}/chat/completions")
        key = setting.key.reveal() if setting.key else "none"
        self._headers = httpx2.Headers(
            {
                "host": self._url.netloc.decode("ascii"),
                "accept": "application/json",
                "accept-encoding": "identity",
                "user-agent": SENDER,
                "content-type": "application/json",
                "authorization": f"Bearer {key}",
            }
        )

    async def opened(self, body: bytes) -> httpx2.Response:
        """Send a request; its answer has begun when this returns."""
        request = httpx2.Request("POST", self._url, headers=self._headers, content=body)
        return await self._wire.handle_async_request(request)

    async def whole(self, body: bytes) -> bytes:
        """An answer in one piece, as it came."""
        response = await self.opened(body)
        try:
            data = bytearray()
            async for part in body_of(response):
                data += part
            return bytes(data)
        finally:
            await response.aclose()

    def stream(self, body: bytes, alarm: Alarm, most_pieces: int) -> Stream:
        """An answer as it comes, once it is entered."""
        return Stream(self, body, alarm, most_pieces)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()


def body_of(response: httpx2.Response) -> httpx2.AsyncByteStream:
    """The bytes of an answer as they come, without the response's own walk around each part."""
    return cast("httpx2.AsyncByteStream", response.stream)  # as `wire.Guarded` left it


class Stream:
    """An answer as it comes: its text by the sentence, and in the end what it was in all.

    Every event resets the alarm, whether its text goes on at once or not.
    """

    def __init__(self, line: Line, body: bytes, alarm: Alarm, most_pieces: int) -> None:
        policy, clock = line.endpoint.policy, line.endpoint.clock
        self.reading = Reading(most_bytes=policy.most_bytes, most_pieces=most_pieces)
        self._gathered = Gathered(clock.now)
        self._line, self._body, self._alarm = line, body, alarm
        self._response: httpx2.Response | None = None

    async def __aenter__(self) -> Stream:
        self._response = await self._line.opened(self._body)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.hang_up()

    async def hang_up(self) -> None:
        """Cut the line unless the answer was read to its end."""
        if self._response is not None:
            response, self._response = self._response, None
            await response.aclose()

    async def __aiter__(self) -> AsyncIterator[str]:
        assert self._response is not None
        reading, heard = self.reading, 0
        async for part in body_of(self._response):
            text = reading.feed(part)
            if reading.data_events > heard:
                heard = reading.data_events
                if reading.finish is None:
                    self._alarm.heard()
                else:
                    self._alarm.closing(reading.close)
            ready = self._gathered.add(text) if text else ""
            if reading.finish is not None:
                ready += self._gathered.taken()
            if ready:
                yield ready
