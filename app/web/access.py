"""Who may come in, and as whom: Host and Origin lists, the login token, seat passes.

The token opens everything: whoever holds it is the operator. A pass is for one viewer of one
table, until it is revoked. Both travel as a Bearer header or in an HttpOnly cookie, never in a
query string.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.table import FACILITATOR_VIEW, WATCHER_VIEW
from app.settings import Settings
from app.web.attempts import Attempts
from app.web.passes import Passes
from app.web.wire import Problem, refusal

MAX_BODY = 1024 * 1024
SAFE = ("GET", "HEAD", "OPTIONS")
BEARERS_ONLY = ("/api/login", "/v1/chat/completions")
"""Paths that take what they need to know of the asker from no cookie."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""For the assessment: one file with its style inside, and no script."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": POLICY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who speaks: the operator, or the bearer of a pass for one viewer of one table.

    `number` is the one that the pass was signed with.
    """

    table_id: str = ""
    viewer: str = ""
    number: int = 0

    @property
    def operator(self) -> bool:
        """Whether this is the holder of the login token."""
        return not self.table_id

    def may(self, table_id: str, viewer: str) -> bool:
        """Whether this principal may look and act as that viewer of that table."""
        return self.operator or (self.table_id == table_id and self.viewer == viewer)

    def knows(self, table_id: str) -> bool:
        """Whether this principal may know of the table at all."""
        return self.operator or self.table_id == table_id


class Access:
    """Checks credentials. They are derived from the token, so a restart ends no session."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.passes = Passes(settings.home)
        self.attempts = Attempts(clock)
        self.cookie = f"parley-{settings.port}"
        self._token = settings.token
        self._key = hashlib.sha256(b"parley/access/" + settings.token.encode()).digest()

    def pass_for(self, table_id: str, viewer: str) -> str:
        """A pass for one viewer of one table."""
        number = self.passes.number(table_id, viewer)
        return f"{table_id}~{viewer}~{self._sign(_admission(table_id, viewer, number))}"

    def stands(self, principal: Principal) -> bool:
        """Whether a principal who came in before may still be here."""
        return principal.operator or (
            principal.number == self.passes.number(principal.table_id, principal.viewer)
        )

    def login(self, token: str) -> str | None:
        """The cookie's value for a token or a pass; None when it is neither."""
        if hmac.compare_digest(token.encode(), self._token.encode()):
            return f"operator~{self._sign('operator')}"
        return token if self._bearer(token) else None

    def principal(self, headers: Headers) -> Principal | None:
        """Who sends these headers; None when nobody known."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            given = given.strip()
            if hmac.compare_digest(given.encode(), self._token.encode()):
                return Principal()
            return self._bearer(given)
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return None
        value = morsel.value if morsel else ""
        mark, _, mac = value.partition("~")
        good = self._sign("operator")
        if mark == "operator" and hmac.compare_digest(mac.encode(), good.encode()):
            return Principal()
        return self._bearer(value)

    def _bearer(self, text: str) -> Principal | None:
        table_id, _, rest = text.partition("~")
        viewer, _, mac = rest.rpartition("~")
        number = self.passes.number(table_id, viewer)
        good = self._sign(_admission(table_id, viewer, number))
        if table_id and viewer and hmac.compare_digest(mac.encode(), good.encode()):
            return Principal(table_id=table_id, viewer=viewer, number=number)
        return None

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _admission(table_id: str, viewer: str, number: int) -> str:
    """What is signed in a pass; the first of a viewer as before there were numbers."""
    return f"pass{number or ''}/{table_id}/{viewer}"


def caller(client: str, forwarded: list[str], *, behind_proxy: bool) -> str:
    """The address that asks. Behind a proxy it is the one that the proxy itself added, the last."""
    if not behind_proxy or not forwarded:
        return client
    return forwarded[-1].rpartition(",")[2].strip()


def is_viewer(viewer: str, seats: tuple[str, ...]) -> bool:
    """Whether there is such a viewer at a table with these seats."""
    return viewer in seats or viewer in (WATCHER_VIEW, FACILITATOR_VIEW)


class Gate:
    """Stands before everything: Host, Origin, size; and puts the security headers on answers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.names = frozenset(settings.names)
        self.pages = frozenset(settings.pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused:
            await _refuse(scope, send, *refused)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        await self.app(scope, _limited(receive), _dressed(send))

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        headers = Headers(scope=scope)
        named = headers.getlist("host")
        if scope["path"] == "/healthz" and scope["type"] == "http":
            return None
        if len(named) != 1 or named[0].lower() not in self.names:
            return 421, "bad-host", "This server does not answer to that name."
        origins = headers.getlist("origin")
        if scope["type"] == "http" and scope["method"] in SAFE:
            return None
        bearer = headers.get("authorization", "").lower().startswith("bearer ")
        if origins:
            good = len(origins) == 1 and origins[0] in self.pages
        else:
            # A page always says where it comes from; only programs with a token of theirs do not.
            # Who comes without one is told so where a cookie opens nothing.
            good = bearer or (scope["type"] == "http" and scope["path"] in BEARERS_ONLY)
        if not good:
            return 403, "bad-origin", "Pages of that origin may not speak with this server."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return 413, "too-large", f"A request has at most {MAX_BODY} bytes."
        return None


async def _refuse(scope: Scope, send: Send, status: int, code: str, message: str) -> None:
    """One plain answer, before anything is accepted."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4403, "reason": ""})
        return
    problem = Problem(code=code, message=message)
    body = json.dumps(refusal(scope["path"], status, problem), separators=(",", ":")).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    headers += [(key.encode(), value.encode()) for key, value in HEADERS.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _limited(receive: Receive) -> Receive:
    """Count a body that does not tell its length; cut it off where it grows too large."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            return {"type": "http.disconnect"}
        return message

    return limited


def _dressed(send: Send) -> Send:
    """Put the security headers on, where the answer has none of its own."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            held = {key.lower() for key, _ in message["headers"]}
            more = [
                (key.encode(), value.encode())
                for key, value in HEADERS.items()
                if key.encode() not in held
            ]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return dressed
