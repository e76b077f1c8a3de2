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

from app.delegates.llm.answer import decoded, fault_in, whole
from app.delegates.llm.faults import Fault, WireFault
from app.delegates.llm.merging import EAR, Ear, Merging
from app.delegates.llm.policy import Policy, asked_wait

PARAMETER = re.compile(
    "stream_options|max_completion_tokens|max_tokens|temperature|response_format|json_schema"
)
JSON, EVENTS = "application/json", "text/event-stream"
STREAMS = b'"stream":true'  # as both clients write it; in a prompt its quotes are escaped
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


def client(
    policy: Policy,
    *,
    inspect: bool,
    proxy: str | None = None,
    verify: ssl.SSLContext | bool = True,
    wall: Callable[[], float] = time.time,
    now: Callable[[], float] = time.monotonic,
) -> httpx2.AsyncClient:
    """An HTTP client that follows nothing and takes nothing from the environment.

    With `inspect` answers are read as they pass, for a vendor's client that believes anything,
    and streams are passed on in longer pieces.
    """
    limits = httpx2.Limits(
        max_connections=policy.at_once * 2, max_keepalive_connections=policy.at_once
    )
    context = trusted() if verify is True else verify
    inner = httpx2.AsyncHTTPTransport(
        verify=context, trust_env=False, limits=limits, proxy=proxy, retries=0
    )
    return httpx2.AsyncClient(
        transport=Guarded(inner, policy, inspect=inspect, wall=wall, now=now),
        timeout=httpx2.Timeout(None, connect=policy.connect),
        follow_redirects=False,
        trust_env=False,
        headers={"accept-encoding": "identity"},
    )


@functools.cache
def trusted() -> ssl.SSLContext:
    """The machine's certificate authorities, or those of SSL_CERT_FILE; read once."""
    return ssl.create_default_context()


class Guarded(httpx2.AsyncBaseTransport):
    """A transport that lets through only what may be a model's answer."""

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport,
        policy: Policy,
        *,
        inspect: bool,
        wall: Callable[[], float],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.inner = inner
        self.policy = policy
        self.inspect = inspect
        self.wall = wall
        self.now = now

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        fault: Fault | None = None
        response: httpx2.Response | None = None
        streams = False
        try:
            response = await self.inner.handle_async_request(request)
        except httpx2.TransportError as error:
            fault = Fault(code=_transport_code(error))
        if response is not None:
            streams = STREAMS in request.content
            fault = await self._judged(response, EVENTS if streams else JSON)
            if fault is not None:
                await response.aclose()
        if fault is not None or response is None:
            raise WireFault(fault or Fault(code="unexpected"))
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = self._watched(response.stream, streams=streams)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self.inner.aclose()

    def _watched(self, stream: httpx2.AsyncByteStream, *, streams: bool) -> Watched:
        most = self.policy.most_bytes
        if not (streams and self.inspect):
            return Watched(stream, most, inspect=self.inspect, merging=None)
        ear = EAR.get() or Ear(heard=_nobody, most_pieces=most)
        merging = Merging(
            most_bytes=most, most_pieces=ear.most_pieces, now=self.now, heard=ear.heard
        )
        watched = Watched(stream, most, inspect=True, merging=merging)
        ear.lines.append(watched.aclose)
        return watched

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
        except httpx2.TransportError:
            return b""
        return data


class Watched(httpx2.AsyncByteStream):
    """The body of an answer: bounded, and read along where a vendor's client would not look."""

    def __init__(
        self,
        inner: httpx2.AsyncByteStream,
        most: int,
        *,
        inspect: bool,
        merging: Merging | None,
    ) -> None:
        self.inner = inner
        self.most = most
        self.inspect = inspect
        self.merging = merging
        self.kept = bytearray()
        self.count = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # A client may leave off at [DONE] and come back to drain: what was read is remembered.
        merging = self.merging
        parts = aiter(self.inner)
        while True:
            part, fault = await _next(parts)
            if fault is not None:
                raise WireFault(fault)
            if part is None:
                break
            self.count += len(part)
            if self.count > self.most:
                raise WireFault(Fault(code="size"))
            if not self.inspect:
                yield part
            elif merging is None:
                self.kept += part
            elif ready := merging.passed(part):
                yield ready
        if merging is not None:
            merging.close()
            yield merging.rest()
        elif self.inspect:
            whole(self.kept)
            yield bytes(self.kept)

    async def aclose(self) -> None:
        """Close the connection unless it was read to its end."""
        await self.inner.aclose()


def _nobody() -> None:
    """Who asked without an attempt waits for nothing."""


async def _next(parts: AsyncIterator[bytes]) -> tuple[bytes | None, Fault | None]:
    """The next part, or None at the end, or the fault."""
    try:
        return await anext(parts), None
    except StopAsyncIteration:
        return None, None
    except httpx2.TransportError as error:
        return None, Fault(code=_transport_code(error))


def _named(said: object) -> str:
    """The first of our parameters that an error speaks of."""
    found = PARAMETER.search(said) if isinstance(said, str) else None
    word = found[0] if found is not None else ""
    return "response_format" if word == "json_schema" else word


def _transport_code(error: httpx2.TransportError) -> str:
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return "slow-connect"
    if isinstance(error, httpx2.TimeoutException):
        return "slow-next"
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError | httpx2.UnsupportedProtocol):
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLError):
                return "tls"
            cause = cause.__cause__ or cause.__context__
        return "unreachable"
    return "cut"
