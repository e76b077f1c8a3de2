"""The composition root: the only place where adapters are chosen."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app import __version__
from app.delegates.base import Complete, Delegate
from app.delegates.interlocutor import Interlocutor
from app.domain.table import Table
from app.errors import CaseError, ParleyError, SettingsError
from app.eventlog.base import EventLog, Lease, Wakeup
from app.eventlog.lease import Unshared
from app.eventlog.wakeup import LocalWakeup
from app.orchestrator.runner import Desk, Host
from app.orchestrator.turn import Helper
from app.settings import ModelSettings, RedisSetting, Settings
from app.web.access import Access, Gate
from app.web.api import Failure, open_routes, routes
from app.web.chat import chat_router
from app.web.desk import desk_routes
from app.web.drafts import Drafts
from app.web.office import Hosts, Office
from app.web.pages import pages, static_files
from app.web.players import Player, Players, player
from app.web.recall import Recallable
from app.web.reception import Reception
from app.web.socket import table_socket
from app.web.wire import MAX_MESSAGE, Problem, refusal

if TYPE_CHECKING:
    from app.delegates.briefing import Papers
    from app.delegates.drafting import OnDelta
    from app.delegates.llm.models import Models
    from app.delegates.model import Barrier
    from app.eventlog.sql import SqlLog

log = logging.getLogger("parley.web")

TEMPERATURE = 0.7
DRAIN_SECONDS = 5
USER_TIMEOUT_MS = 20_000
"""After so long without an acknowledgement a peer is gone: a ping cannot tell, TCP can."""

DESCRIPTION = (
    "A rehearsal table for multi-party negotiation. Everything played here is fiction. "
    "The same commands go over the websocket `/v1/tables/{id}/ws` (subprotocol `parley.v1`)."
)


def open_log(settings: Settings) -> SqlLog:
    """The event log in its database, or in the data folder where none is named."""
    from app.eventlog.sql import SqlLog

    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"PARLEY_HOME {settings.home} cannot be used ({error.strerror}): "
            "make it writable or set another folder"
        ) from error
    return SqlLog(settings.database or f"sqlite:///{settings.home / 'parley.db'}")


def _opened(settings: Settings) -> tuple[EventLog, Lease]:
    """The log, and who runs its tables."""
    events = open_log(settings)
    return events, events.lease()


def open_wakeup(settings: Settings) -> Wakeup:
    """How a table's listeners learn that its log grew: in this process, or over Redis."""
    if settings.redis is None:
        return LocalWakeup()
    try:
        from app.eventlog.wakeup.redis import RedisWakeup
    except ImportError as error:
        raise _no_client(error) from None
    return RedisWakeup(settings.redis, secrets.token_hex(8))


async def tried_wakeup(setting: RedisSetting) -> str:
    """What is wrong with wake-ups over this Redis; empty when a ring came back."""
    try:
        from app.eventlog.wakeup.redis import probe
    except ImportError as error:
        raise _no_client(error) from None
    return await probe(setting, secrets.token_hex(8))


def _no_client(error: ImportError) -> SettingsError:
    return SettingsError(
        f"PARLEY_REDIS needs a client that is not installed ({error.name}): "
        "pip install 'parley[scale]'"
    )


def offline_delegates() -> Mapping[str, Delegate]:
    """Who plays a seat without a person: the offline engine."""
    from app.delegates.offline import OfflineDelegate

    return {"engine": OfflineDelegate()}


def open_models(settings: ModelSettings) -> Models:
    """The operator's models; nothing is imported from a vendor before the first call."""
    from app.delegates.llm.daybook import book_of
    from app.delegates.llm.models import Models

    return Models(settings, book=book_of(settings))


def prompt_papers() -> Papers:
    """The shipped prompts, checked against what is filled into them."""
    from app.delegates.briefing import NEEDS, Papers
    from app.library import load_prompts

    held = load_prompts(NEEDS)
    return Papers(
        texts={name: prompt.text for name, prompt in held.items()},
        marks={name: prompt.mark for name, prompt in held.items()},
    )


def model_delegate(
    complete_of: Callable[[str], Complete],
    *,
    barrier: Barrier = "strict",
    counsel: bool = True,
    temperature: float = TEMPERATURE,
    on_delta: OnDelta | None = None,
    now: Callable[[], int] | None = None,
) -> Delegate:
    """Who plays the seats held by models: each by the model that its occupant is named after.

    What the seat's own name says of barrier and temperature goes before what is given here.
    """
    from app.delegates.model import Casting, ModelDelegate

    def cast(room: Table, seat: str) -> Casting:
        name = room.names.get(seat, "")
        known = player(name) or Player(model=name)
        return Casting(
            complete=complete_of(known.model),
            model=known.model,
            barrier=known.barrier if known.barrier != "strict" else barrier,
            counsel=counsel,
            temperature=temperature if known.temperature is None else known.temperature,
        )

    return ModelDelegate(cast, prompt_papers(), time.monotonic, now=now, on_delta=on_delta)


def seated_models(models: Models, desk: Desk, drafts: Drafts) -> Delegate:
    """The models of served tables: their sentences are shown as drafts, a turn may be recalled."""
    delegate = model_delegate(
        models.complete, on_delta=drafts.publish, now=lambda: int(time.time() * 1000)
    )
    return Recallable(delegate, desk, drafts)


def chat_answers(settings: ModelSettings, models: Models | None) -> Interlocutor:
    """Who answers chat clients: the operator's chat model in the strict barrier, or offline."""
    if not settings.chat or models is None:
        return Interlocutor()
    from app.delegates.model import Casting

    casting = Casting(
        complete=models.complete(settings.chat), model=settings.chat, temperature=TEMPERATURE
    )
    return Interlocutor(casting, prompt_papers(), time.monotonic)


def offline_helpers() -> Mapping[str, Helper]:
    """The chair and the mediator."""
    from app.delegates.chair import Chair
    from app.delegates.mediator import Mediator

    return {"chair": Chair(), "mediator": Mediator()}


def create_app(
    settings: Settings,
    *,
    store: EventLog | None = None,
    delegates: Mapping[str, Delegate] | None = None,
    helpers: Mapping[str, Helper] | None = None,
    interlocutor: Interlocutor | None = None,
) -> FastAPI:
    """The service. Tests pass a log or delegates of their own."""
    wakeup = open_wakeup(settings)
    events, lease = (store, Unshared()) if store is not None else _opened(settings)
    desk = Desk(events, wakeup)
    players, drafts = Players(settings.models), Drafts()
    models = open_models(settings.models) if settings.models.models else None
    seated = dict(delegates or offline_delegates())
    if models is not None:
        seated.setdefault("model", seated_models(models, desk, drafts))
    office = Office(
        settings=settings,
        desk=desk,
        hosts=Hosts(Host(desk, seated, helpers or offline_helpers(), lease), players, models),
        access=Access(settings),
        reception=Reception(desk),
        players=players,
        models=models,
        drafts=drafts,
    )

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        """Go on with every open table; at the end let go of all without losing anything."""
        async with wakeup.connected():
            resuming = asyncio.create_task(office.resume())
            try:
                yield
            finally:
                resuming.cancel()
                await asyncio.gather(resuming, return_exceptions=True)
                await office.hosts.close()
                if models is not None:
                    await models.aclose()
                await lease.close()
                await events.close()

    app = FastAPI(
        title="Parley",
        version=__version__,
        description=DESCRIPTION,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    app.state.office = office
    app.include_router(open_routes)
    app.include_router(routes)
    app.include_router(desk_routes)
    app.include_router(chat_router(interlocutor or chat_answers(settings.models, models)))
    app.include_router(pages)
    app.mount("/static", static_files)
    app.add_api_websocket_route("/v1/tables/{table_id}/ws", table_socket)
    app.add_exception_handler(Failure, _failed)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(ParleyError, _broken)
    app.add_exception_handler(Exception, _crashed)
    app.add_middleware(Gate, settings=settings)
    return app


def _answer(
    request: Request, status: int, problem: Problem, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    body = refusal(request.url.path, status, problem)
    return JSONResponse(body, status_code=status, headers=headers)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Failure)
    return _answer(request, error.status, error.problem, error.headers)


async def _unreadable(request: Request, error: Exception) -> JSONResponse:
    """What pydantic refused, without what was sent."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])[:200]
    return _answer(
        request, 422, Problem(code="unreadable", message=first["msg"][:200], place=place)
    )


async def _plain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {404: "not-found", 405: "method-not-allowed"}
    code = codes.get(error.status_code, "http-error")
    return _answer(request, error.status_code, Problem(code=code, message=str(error.detail)[:200]))


async def _broken(request: Request, error: Exception) -> JSONResponse:
    """A wrong file, or a log that cannot be reached: its own words name place and remedy."""
    if isinstance(error, CaseError):
        first = error.findings[0]
        place = ": ".join(part for part in (first.path, first.key) if part)
        return _answer(request, 422, Problem(code="bad-case", message=first.problem, place=place))
    log.error("%s", error)
    return _answer(
        request,
        503,
        Problem(code="unavailable", message="The server cannot do this now; its log says why."),
    )


async def _crashed(request: Request, _error: Exception) -> JSONResponse:
    return _answer(
        request, 500, Problem(code="internal", message="Something broke; the server's log says.")
    )


class _Server(uvicorn.Server):
    """Tells the open sockets before it goes."""

    def __init__(self, config: uvicorn.Config, office: Office) -> None:
        super().__init__(config)
        self._office = office

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say good-bye, then let go."""
        self._office.draining.set()
        for _ in range(20):
            if not self._office.connections:
                break
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that the port is known and a busy one is named before all else."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # A peer that stops reading would otherwise keep its connection for ever.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
    try:
        sock.bind((host, port))
        sock.listen(256)
    except OSError as error:
        sock.close()
        raise SettingsError(
            f"port {port} on {host} cannot be used ({error.strerror}): "
            "stop what holds it, or choose another with --port, or --port 0 for any free one"
        ) from error
    return sock


def serve(settings: Settings, sock: socket.socket) -> None:
    """Serve on this socket until a signal ends it."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        http="h11",
        h11_max_incomplete_event_size=16_384,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        lifespan="on",
    )
    _Server(config, app.state.office).run(sockets=[sock])
