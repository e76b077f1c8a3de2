"""The one way out to a model's address: no redirects, no surprises, no words of the provider's.

Both doors send through this transport. A fault leaves it as WireFault, raised where no vendor's
exception is being handled, so that nothing a provider wrote can travel along with it.
"""

from __future__ import annotations

import functools
import re
import ssl
import time
from collections.abc import AsyncIterator, Callable

import httpx2

from app.delegates.llm.answer import decoded, fault_in
from app.delegates.llm.carrier import Carrier
from app.delegates.llm.faults import Fault, WireFault
from app.delegates.llm.policy import Policy, asked_wait

PARAMETER = re.compile(
    "stream_options|max_completion_tokens|max_tokens|temperature|response_format|json_schema"
)
JSON, EVENTS = "application/json", "text/event-stream"
STREAMS = b'"stream":true'  # as `bodies.written` writes it, among the parameters
PARAMETERS = 2_048
"""Bytes of a request in which its parameters stand, before the form and the messages."""

BY_STATUS = {
    400: "invalid",
    401: "key",
    402: "quota",
    403: "forbidden",
    404: "absent",
    408: "server",
    409: "server",
    413: "context",
    429: "rate",
    504: "gateway",
}


def guarded(
    policy: Policy,
    *,
    proxy: str | None = None,
    verify: ssl.SSLContext | bool = True,
    wall: Callable[[], float] = time.time,
) -> Guarded:
    """A transport of its own, with nothing from the environment."""
    inner = Carrier(
        trusted() if verify is True else verify,
        most=policy.at_once * 2,
        connect=policy.connect,
        proxy=proxy,
    )
    return Guarded(inner, policy, wall=wall)


@functools.cache
def trusted() -> ssl.SSLContext:
    """The machine's certificate authorities, or those of SSL_CERT_FILE; read once."""
    return ssl.create_default_context()


class Guarded(httpx2.AsyncBaseTransport):
    """A transport that lets through only what may be a model's answer."""

    def __init__(
        self, inner: httpx2.AsyncBaseTransport, policy: Policy, *, wall: Callable[[], float]
    ) -> None:
        self.inner = inner
        self.policy = policy
        self.wall = wall

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        response = await self.inner.handle_async_request(request)
        wanted = EVENTS if STREAMS in request.content[:PARAMETERS] else JSON
        fault = await self._judged(response, wanted)
        if fault is not None:
            await response.aclose()
            raise WireFault(fault)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = Watched(response.stream, self.policy.most_bytes)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self.inner.aclose()

    async def _judged(self, response: httpx2.Response, wanted: str) -> Fault | None:
        status = response.status_code
        if status >= 400:
            return await self._refused(response)
        if status >= 300:
            return Fault(code="redirect", status=status)
        if status != 200:
            return Fault(code="malformed", status=status)
        media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if media != wanted or coding != "identity":
            return Fault(code="media", status=status)
        return None

    async def _refused(self, response: httpx2.Response) -> Fault:
        status = response.status_code
        data = await self._some(response)
        code = BY_STATUS.get(status, "server" if status >= 500 else "invalid")
        parameter = ""
        try:
            value = decoded(data)
        except ValueError:
            value = None
        error = value.get("error", value) if isinstance(value, dict) else None
        if isinstance(error, dict):
            if status in (400, 403, 404, 413, 422, 429):
                code = fault_in(error) or code
            if code == "invalid":
                parameter = _named(error.get("param")) or _named(error.get("message"))
        wait = asked_wait(response.headers, self.wall())
        return Fault(code=code, status=status, wait=wait, parameter=parameter)

    async def _some(self, response: httpx2.Response) -> bytes:
        """The beginning of an error's body, as much as may be needed to tell its kind."""
        data = b""
        if response.headers.get("content-encoding", "identity") != "identity":
            return data
        try:
            async for part in response.aiter_raw():
                data += part
                if len(data) > self.policy.most_error_bytes:
                    break
        except WireFault:
            return b""
        return data


class Straight(httpx2.AsyncClient):
    """An HTTP client that hands every request to its transport as it is.

    There are no redirects, cookies, hooks or ways to log in to be looked through for each.
    """

    def __init__(self, transport: Guarded) -> None:
        super().__init__(
            transport=transport,
            timeout=None,  # every call has its alarm, and the carrier its own for connecting
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": "identity"},
        )
        self._guarded = transport

    async def send(
        self, request: httpx2.Request, *, stream: bool = False, **_walks: object
    ) -> httpx2.Response:
        """Send a request; its answer is read unless it is to be streamed."""
        if self.is_closed:
            raise RuntimeError("the client was closed")
        response = await self._guarded.handle_async_request(request)
        if not stream:
            await response.aread()
        return response


class Watched(httpx2.AsyncByteStream):
    """The body of an answer, bounded."""

    def __init__(self, inner: httpx2.AsyncByteStream, most: int) -> None:
        self.inner = inner
        self.most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        async for part in self.inner:
            count += len(part)
            if count > self.most:
                raise WireFault(Fault(code="size"))
            yield part

    async def aclose(self) -> None:
        """Close the connection unless it was read to its end."""
        await self.inner.aclose()


def _named(said: object) -> str:
    """The first of our parameters that an error speaks of."""
    found = PARAMETER.search(said) if isinstance(said, str) else None
    word = found[0] if found is not None else ""
    return "response_format" if word == "json_schema" else word
