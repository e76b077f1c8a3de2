"""Requests carried by aiohttp, for the clients that speak through httpx2.

Its parser is compiled and hands over all that has come at once, where httpx2's own transport
takes a stream apart in Python, piece by piece: that was half of what a streamed answer cost.
"""

from __future__ import annotations

import asyncio
import select
import selectors
import ssl
import weakref
from collections.abc import AsyncIterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx2

from app.delegates.llm.faults import Fault, WireFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

# What aiohttp would add of its own; a request says what its client says and nothing else.
OWN_HEADERS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
MOST_HEAD = 64 * 1024
"""Bytes of one line of an answer's head: some gateways' policies are longer than aiohttp's 8 KB."""

MOST_LINES = 1_000
"""Lines of an answer's head."""

ONE_READ = 64 * 1024
"""Bytes taken in at once. The event loop's own 256 KB are asked of the system and given back for
every piece of a stream, which costs more than reading it."""

# The first that fits: a failed handshake is a failed connection too.
BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientSSLError, "tls"),
    (aiohttp.ServerFingerprintMismatch, "tls"),
    (aiohttp.ClientConnectorError, "unreachable"),
    (aiohttp.ClientHttpProxyError, "unreachable"),
    (aiohttp.InvalidURL, "unreachable"),
    (aiohttp.NonHttpUrlClientError, "unreachable"),
    (UnicodeError, "unreachable"),  # no name of a host
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
        fault = WireFault(Fault(code=code))
        try:
            raise fault
        finally:
            # Who leaves a `with` by an error is still handling it, and aiohttp's shows the headers.
            fault.__context__ = None


class Connector(aiohttp.TCPConnector):
    """Uses no connection again that was closed, or spoken over unasked, since its last answer.

    What is said unasked would be taken for the next answer; a request over a connection that the
    server has closed would be lost, and charged all the same.
    """

    def __init__(self, context: ssl.SSLContext | bool, *, limit: int) -> None:
        super().__init__(limit=limit, ssl=context)
        self._known: weakref.WeakSet[ResponseHandler] = weakref.WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature
    ) -> Connection:
        """A connection from the pool or a new one."""
        while True:
            held = await super().connect(req, traces, timeout)
            protocol = held.protocol
            assert protocol is not None
            if protocol not in self._known:
                self._known.add(protocol)
                transport: Any = protocol.transport
                if hasattr(transport, "max_size"):  # not every event loop's has it
                    transport.max_size = ONE_READ
                return held
            if not _is_stale(protocol):
                return held
            held.close()


def _is_stale(protocol: ResponseHandler) -> bool:
    """Whether there is anything to read, taken in by the event loop or not."""
    if protocol.should_close or protocol.transport is None:
        return True
    place = protocol.transport.get_extra_info("socket")
    if hasattr(select, "poll"):
        look = select.poll()  # a selector around it costs five times as much
        look.register(place, select.POLLIN)
        return bool(look.poll(0))
    with selectors.DefaultSelector() as selector:
        selector.register(place, selectors.EVENT_READ)
        return bool(selector.select(0))


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
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _opened(self) -> aiohttp.ClientSession:
        """The connections of this event loop; those of an ended one are of no use."""
        loop, session = asyncio.get_running_loop(), self._session
        if session is None or self._loop is not loop:
            old, self._loop = session, loop
            # In its place before anything is awaited: other requests ask at the same time.
            session = self._session = aiohttp.ClientSession(
                connector=Connector(self._context, limit=self._most),
                timeout=self._timeout,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=OWN_HEADERS,
                trust_env=False,
                max_line_size=MOST_HEAD,
                max_field_size=MOST_HEAD,
                max_headers=MOST_LINES,
            )
            if old is not None:
                await old.close()
        return session


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
