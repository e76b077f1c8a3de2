"""Wake-ups between servers over Redis: a ring goes out as a message without content.

A ring is a hint. Redis carries no event, so what is lost on the way, or while Redis is away, is
seen at the next poll; nobody waits for Redis and nobody is told of its faults but the operator.
Every listener is rung once more when its subscription is confirmed: what others appended before
that moment could not be heard, and is read now.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Connection, SSLConnection

from app.eventlog.remedies import complaint
from app.eventlog.wakeup.local import LocalBell, LocalWakeup
from app.settings import RedisSetting

log = logging.getLogger("parley.wakeup")

MAX_WAITING = 1_024
"""Tables whose rings may wait for Redis; when there are more, the oldest rings are given up."""

MAX_BATCH = 256
"""Rings or channels that are sent in one go."""

_NAME = re.compile(rb"[0-9a-f]{16}")
_TELLING = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long Redis is waited for, in seconds."""

    patience: float = 5.0
    """For an answer, before the server counts as gone."""

    idle: float = 15.0
    """Without a word, before it is asked whether it is there."""

    first: float = 0.25
    most: float = 10.0
    """Before it is tried again: the first time, and at most; doubled from one to the other."""

    def pause(self, failures: int) -> float:
        """Before the next try, after so many that failed."""
        return float(min(self.most, self.first * 2 ** min(max(failures - 1, 0), 30)))


PACE = Pace()


class RedisWakeup:
    """Rings for listeners here at once, and for those of other processes over Redis.

    A message names its sender, whose own listeners have been rung already. Only tables that
    somebody listens to here are subscribed to. All of it on one event loop.
    """

    def __init__(self, setting: RedisSetting, name: str, pace: Pace = PACE) -> None:
        """`name` is this process among those that share the log: 16 digits or letters a to f."""
        self._setting = setting
        self._name = name.encode()
        self._pace = pace
        self._local = LocalWakeup()
        self._waiting: dict[str, None] = {}
        self._rung = asyncio.Event()
        self._moved = asyncio.Event()
        self._failures = 0
        self._gone = False

    def ring(self, table_id: str) -> None:
        """See `Wakeup.ring`. Returns at once, whatever Redis does."""
        self._local.ring(table_id)
        self._put([table_id])
        self._rung.set()

    @asynccontextmanager
    async def listen(self, table_id: str) -> AsyncIterator[LocalBell]:
        """See `Wakeup.listen`."""
        try:
            async with self._local.listen(table_id) as bell:
                self._moved.set()
                yield bell
        finally:
            self._moved.set()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """See `Wakeup.connected`. Does not wait for Redis, and goes on trying to reach it."""
        keeper = asyncio.create_task(self._keep(), name="wakeup-redis")
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _keep(self) -> None:
        """Be connected for ever. A fault is told once, and its end once."""
        while True:
            try:
                await self._afresh()
            except Exception as error:  # noqa: BLE001 - whatever it was, it costs a poll
                self._failures += 1
                said = explained(self._setting, error)
                if not self._gone:
                    log.warning(
                        "wake-ups by %s are gone (%s): what other servers write is seen at the "
                        "poll; trying again",
                        self._setting.place,
                        said,
                    )
                log.debug("wake-ups by %s: try %d: %s", self._setting.place, self._failures, said)
                self._gone = True
            await asyncio.sleep(self._pace.pause(self._failures))

    async def _afresh(self) -> None:
        """`_stay` in a task of its own.

        Until Python 3.11.3 a task whose group of tasks has failed counts as cancelled from then on,
        and its next timeout would end it.
        """
        stay = asyncio.create_task(self._stay(), name="wakeup-redis-line")
        try:
            await asyncio.wait((stay,))
        finally:
            stay.cancel()
            await asyncio.gather(stay, return_exceptions=True)
        if stay.cancelled():
            raise ConnectionError("the connection was given up")
        stay.result()

    async def _stay(self) -> None:
        """Connect, and carry rings until something fails."""
        line = _Line(self._setting, self._name, self._pace)
        try:
            await line.open()
            if self._gone:
                log.warning("wake-ups by %s are back", self._setting.place)
            self._gone = False
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear(line))
                tasks.create_task(self._follow(line))
                tasks.create_task(self._tell(line))
        finally:
            await line.close()

    async def _hear(self, line: _Line) -> None:
        """Ring here for what others rang there."""
        async for kind, table_id, sender in line.messages():
            # Its own ring comes back to every sender; what no server of ours wrote is no ring.
            rung = kind == b"message" and sender != self._name and _NAME.fullmatch(sender)
            if rung:
                self._failures = 0
            if rung or kind == b"subscribe":
                self._local.ring(table_id)

    async def _follow(self, line: _Line) -> None:
        """Be subscribed to the tables that are listened to, and to no others."""
        while True:
            self._moved.clear()
            await line.subscribe(set(self._local.tables))
            await self._moved.wait()

    async def _tell(self, line: _Line) -> None:
        """Send the rings that wait; what could not be sent waits for the next connection."""
        while True:
            while self._waiting:
                batch = list(self._waiting)[:MAX_BATCH]
                for table_id in batch:
                    del self._waiting[table_id]
                try:
                    await line.publish(batch)
                except BaseException:
                    self._put(batch)
                    raise
            self._rung.clear()
            try:
                async with asyncio.timeout(self._pace.idle):
                    await self._rung.wait()
            except TimeoutError:
                await line.ask()
                self._failures = 0  # not sooner: a server may let us in and go at once, for ever

    def _put(self, tables: list[str]) -> None:
        """Let rings wait. Rings of one table are one, and there is room for so many tables."""
        self._waiting.update(dict.fromkeys(tables))
        while len(self._waiting) > MAX_WAITING:
            del self._waiting[next(iter(self._waiting))]


class _Line:
    """Two connections, since one that is subscribed may not publish: one hears, one tells."""

    def __init__(self, setting: RedisSetting, name: bytes, pace: Pace) -> None:
        self._channels = setting.channels
        self._name = name
        self._pace = pace
        self._ears, self._mouth = _connection(setting, pace), _connection(setting, pace)
        self._tables: dict[bytes, str] = {}

    async def open(self) -> None:
        """Connect both and send ourselves a ring: then it is known that rings get through."""
        own = self._own_channel
        async with asyncio.timeout(2 * self._pace.patience):
            await self._ears.connect()  # type: ignore[no-untyped-call]
            await self._mouth.connect()  # type: ignore[no-untyped-call]
            await self._ears.send_command("SUBSCRIBE", own)
            await self._expect([b"subscribe", own, 1])
            await self._mouth.send_command("PUBLISH", own, self._name)
            await self._mouth.read_response()
            await self._expect([b"message", own, self._name])

    async def _expect(self, answer: list[object]) -> None:
        """Read until this is heard; nothing else has reason to come."""
        while True:
            if await self._ears.read_response() == answer:
                return
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Hang up; nothing that was said is waited for."""
        for connection in (self._ears, self._mouth):
            with suppress(Exception):  # it is broken already
                await connection.disconnect(nowait=True)

    async def messages(self) -> AsyncIterator[tuple[bytes, str, bytes]]:
        """Kind, table and content of what comes; raises when the server is silent when asked."""
        asked = False
        while True:
            heard = await self._ears.read_response(
                timeout=self._pace.patience if asked else self._pace.idle,
                disconnect_on_error=False,
            )
            if heard is None and asked:
                raise TimeoutError("it does not answer")
            asked = heard is None
            if asked:
                await self._say(self._ears, "PING")
            elif isinstance(heard, list) and len(heard) == 3:
                kind, channel, content = heard
                table_id = self._tables.get(channel)
                if table_id is not None:
                    yield kind, table_id, content if isinstance(content, bytes) else b""
            await asyncio.sleep(0)  # a flood does not keep the server from its other work

    async def subscribe(self, tables: set[str]) -> None:
        """Change what is subscribed to, to exactly these tables."""
        wanted = {self._channel(table_id): table_id for table_id in tables}
        new = [channel for channel in wanted if channel not in self._tables]
        old = [channel for channel in self._tables if channel not in wanted]
        self._tables = wanted
        for order, channels in (("SUBSCRIBE", new), ("UNSUBSCRIBE", old)):
            for start in range(0, len(channels), MAX_BATCH):
                await self._say(self._ears, order, *channels[start : start + MAX_BATCH])

    async def publish(self, tables: list[str]) -> None:
        """Ring for these tables at other processes; raises unless all went out."""
        orders = [("PUBLISH", self._channel(each), self._name) for each in tables]
        async with asyncio.timeout(self._pace.patience):
            await self._mouth.send_packed_command(self._mouth.pack_commands(orders))
            for _ in orders:
                await self._mouth.read_response()

    async def ask(self) -> None:
        """Whether the server still answers who tells; raises when it does not."""
        async with asyncio.timeout(self._pace.patience):
            await self._mouth.send_command("PING")
            await self._mouth.read_response()

    async def _say(self, connection: Connection, *words: str | bytes) -> None:
        """Send, and wait no longer than is patient for a peer that does not read."""
        async with asyncio.timeout(self._pace.patience):
            await connection.send_command(*words)

    @property
    def _own_channel(self) -> bytes:
        return f"{self._channels}server:".encode() + self._name

    def _channel(self, table_id: str) -> bytes:
        return f"{self._channels}table:{table_id}".encode("utf-8", "surrogatepass")


async def probe(setting: RedisSetting, name: str, pace: Pace = PACE) -> str:
    """Send a ring over Redis to ourselves; empty when it came, else what is wrong."""
    line = _Line(setting, name.encode(), pace)
    try:
        await line.open()
    except Exception as error:  # noqa: BLE001 - whatever it was, the operator is told
        return explained(setting, error)
    finally:
        await line.close()
    return ""


def explained(setting: RedisSetting, error: BaseException) -> str:
    """An error's first cause in one line with its remedy, and never with the password.

    A server may quote what it was sent: some say which arguments an unknown command had.
    """
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    words = str(error) or ("it does not answer" if isinstance(error, TimeoutError) else "no reason")
    if setting.password is not None:
        words = words.replace(setting.password.reveal(), "***")
    plain = "".join(each if each.isprintable() else " " for each in words)
    return complaint("redis", plain[:_TELLING].rstrip(" ."))


def _connection(setting: RedisSetting, pace: Pace) -> Connection:
    """A connection that is not open yet, and that tries nothing twice by itself.

    How long it waits is said here and not to it: with a `socket_timeout` it sends through
    `asyncio.wait_for`, which until Python 3.12 may pass over that it is cancelled.
    """
    options: dict[str, Any] = {
        "host": setting.host,
        "port": setting.port,
        "db": setting.database,
        "username": setting.user or None,
        "password": None if setting.password is None else setting.password.reveal(),
        "socket_timeout": None,
        "socket_connect_timeout": pace.patience,
        "socket_keepalive": True,
        "protocol": 2,
        **setting.files,
    }
    return SSLConnection(**options) if setting.tls else Connection(**options)
