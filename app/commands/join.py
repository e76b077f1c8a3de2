"""`parley join`: a seat at a table of a running server, in the terminal, over the websocket."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from rich.console import Console
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from app.commands.terminal import TerminalSeat
from app.commands.terminal_acts import typed as acted
from app.errors import SettingsError
from app.settings import TOKEN_FILE, home_of

FINAL = {1000, 1009, 4400, 4401, 4403, 4404, 4406, 4411}
ENDS = {
    4401: "the token is not known: take the address that the server printed, or set PARLEY_TOKEN",
    4403: "this table or seat is not open to you",
    4404: "there is no such table on this server",
    4411: "the link to this seat was revoked: ask for a new one",
}


def run(url: str, seat: str | None = None, token: str | None = None) -> int:
    """Sit down and talk; 0 when you leave, 2 when there is nothing to join."""
    console = Console(highlight=False, emoji=False, markup=False)
    try:
        address, given, viewer = target(url)
        sitter = TerminalSeat(console, seat or viewer or "watcher")
        return asyncio.run(_join(address, token or given or _token(), sitter))
    except SettingsError as error:
        print(f"parley join: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        console.print("You left. Your seat is kept; join again to go on.")
        return 0


def target(url: str) -> tuple[str, str, str]:
    """The socket's address, the token and the viewer that a page's address holds."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    pieces = [piece for piece in parts.path.split("/") if piece]
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.netloc or not pieces:
        raise SettingsError(
            f"{url!r} is not a table: expected http://127.0.0.1:8000/tables/ID, as the page shows"
        )
    table = pieces[pieces.index("tables") + 1] if pieces[:-1].count("tables") else pieces[-1]
    scheme = "wss" if parts.scheme in ("https", "wss") else "ws"
    fragment, query = parse_qs(parts.fragment), parse_qs(parts.query)
    viewer = (fragment.get("viewer") or query.get("viewer") or [""])[0]
    token = (fragment.get("token") or [""])[0]
    return f"{scheme}://{parts.netloc}/v1/tables/{table}/ws", token, viewer


def _token() -> str:
    """The token of this machine's own server."""
    named = os.environ.get("PARLEY_TOKEN", "").strip()
    if named:
        return named
    try:
        return (home_of() / TOKEN_FILE).read_text("ascii").strip()
    except (OSError, UnicodeError):
        raise SettingsError(
            "no token: give --token, set PARLEY_TOKEN, or use the page's address with #token=..."
        ) from None


async def _join(address: str, token: str, seat: TerminalSeat) -> int:
    """Stay at the table, over as many connections as it takes."""
    typed: asyncio.Queue[str | None] = asyncio.Queue()
    _listen(typed, asyncio.get_running_loop())
    tries = 0
    while True:
        try:
            async with connect(
                address,
                subprotocols=[Subprotocol("parley.v1")],
                additional_headers={"Authorization": f"Bearer {token}"},
                compression=None,
                proxy=None,
                open_timeout=10,
            ) as socket:
                tries = 0
                if await _sit(socket, seat, typed):
                    return 0
        except InvalidURI:
            raise SettingsError(f"{address} is not an address") from None
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            if code in FINAL:
                raise SettingsError(ENDS.get(code, f"the server ended it ({code})")) from None
            seat.note("The line is down; trying again.")
        except (OSError, InvalidHandshake, TimeoutError) as error:
            if not seat.ready and tries >= 2:
                raise SettingsError(f"no server answers at {address}: {error}") from None
        tries += 1
        await asyncio.sleep(random.random() * min(30.0, 0.25 * 2**tries))  # noqa: S311


async def _sit(
    socket: ClientConnection, seat: TerminalSeat, typed: asyncio.Queue[str | None]
) -> bool:
    """One connection: what comes is shown, what is typed is sent. True when the person leaves."""
    reader = asyncio.create_task(_read(socket, seat))
    writer = asyncio.create_task(_write(socket, seat, typed))
    try:
        done, _ = await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        if writer in done:
            return writer.result()
        reader.result()
        return False
    finally:
        for task in (reader, writer):
            task.cancel()
        await asyncio.gather(reader, writer, return_exceptions=True)


async def _read(socket: ClientConnection, seat: TerminalSeat) -> None:
    """Every frame to the desk; the first is answered with who comes and what it holds."""
    while True:
        for frame in seat.hear(await socket.recv()):
            await socket.send(frame)


async def _write(
    socket: ClientConnection, seat: TerminalSeat, typed: asyncio.Queue[str | None]
) -> bool:
    await seat.opened.wait()
    while True:
        line = await typed.get()
        if line is None:
            return True
        frames = acted(seat, line)
        if frames is None:
            return True
        for frame in frames:
            await socket.send(frame)


def _listen(typed: asyncio.Queue[str | None], loop: asyncio.AbstractEventLoop) -> None:
    """Read lines in a thread: a terminal knows no other way."""

    def put(line: str | None) -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(typed.put_nowait, line)

    def read(take: Callable[[], str]) -> None:
        while line := take():
            put(line.rstrip("\n"))
        put(None)

    threading.Thread(target=read, args=(sys.stdin.readline,), daemon=True).start()
