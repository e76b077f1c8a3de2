"""Requests carried by aiohttp, for the clients that speak through httpx2.

Its parser is compiled and hands over all that has come at once, where httpx2's own transport
takes a stream apart in Python, piece by piece: that was half of what a streamed answer cost.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import aiohttp
import httpx2

from app.delegates.llm.faults import Fault, WireFault

if TYPE_CHECKING:
    from collections.abc import Iterator

# What aiohttp would add of its own; a request says what its client says and nothing else.
OWN_HEADERS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
# The first that fits: a failed handshake is a failed connection too.
BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientSSLError, "tls"),
    (aiohttp.ServerFingerprintMismatch, "tls"),
    (aiohttp.ClientConnectorError, "unreachable"),
    (aiohttp.ClientHttpProxyError, "unreachable"),
    (aiohttp.InvalidURL, "unreachable"),
    (aiohttp.NonHttpUrlClientError, "unreachable"),
    (aiohttp.ConnectionTimeoutError, "slow-connect"),
    (aiohttp.ServerTimeoutError, "slow-next"),
    (aiohttp.ClientError, "cut"),
    (TimeoutError, "slow-next"),
    (ssl.SSLError, "tls"),
    (OSError, "cut"),
)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn aiohttp's errors into faults, none of whose words travel along."""
    code = ""
    try:
        yield
    except tuple(kind for kind, _ in BY_KIND) as error:
        code = next(code for kind, code in BY_KIND if isinstance(error, kind))
    if code:
        raise WireFault(Fault(code=code))


class Carrier(httpx2.AsyncBaseTransport):
    """A transport with no redirects, no cookies, no retries and nothing from the environment.

    Timers are the caller's but for the connection's: `connect` seconds, names looked up in them.
    """

    def __init__(
        self, context: ssl.SSLContext | bool, *, most: int, connect: float, proxy: str | None = None
    ) -> None:
        self._context = context
        self._most = most
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect)
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; WireFault where no answer begins."""
        with _translated():
            session = await self._opened()
            answer = await session.request(
                request.method,
                str(request.url),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                proxy=self._proxy,
            )
        # The client above would keep cookies and send them back; nothing of a talk needs any.
        headers = [(n, v) for n, v in answer.raw_headers if n.lower() != b"set-cookie"]
        return httpx2.Response(answer.status, headers=headers, stream=Body(answer), request=request)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _opened(self) -> aiohttp.ClientSession:
        """The connections of this event loop; those of an ended one are of no use."""
        loop = asyncio.get_running_loop()
        if self._session is None or self._loop is not loop:
            await self.aclose()
            connector = aiohttp.TCPConnector(limit=self._most, ssl=self._context)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=OWN_HEADERS,
                trust_env=False,
            )
            self._loop = loop
        return self._session


class Body(httpx2.AsyncByteStream):
    """The body of an answer, in pieces as large as have come; WireFault where it breaks off."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._answer.content
        while True:
            with _translated():
                part = await content.readany()
            if not part:
                return
            yield part

    async def aclose(self) -> None:
        """Give the connection back if the answer was read to its end, else cut it."""
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()
