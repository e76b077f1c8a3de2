"""Bad frames get typed errors and the connection lives; a reader too slow is let go alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed

from app.eventlog.memory import MemoryLog
from app.library import load_case
from app.main import create_app
from app.settings import Settings
from app.web import socket as socket_module
from app.web import wire
from app.web.office import Office
from app.web.socket import Connection
from tests.web import stand_ins
from tests.web.service import TOKEN, Client, Service

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
TYPES = ("say", "move", "ballot", "vote", "caucus.open", "worth", "ping", "session.open", "x")
KEYS = ("text", "room", "endorse", "withdraw", "package", "ranking", "seats", "viewer", "cursor")
frames = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES), "id": st.text(min_size=1, max_size=70)},
    optional=dict.fromkeys(KEYS, plain),
)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | frames.map(json.dumps))
@settings(max_examples=400)
def test_any_text_is_a_frame_or_a_typed_error(text: str) -> None:
    bad, frame = None, None
    try:
        frame = wire.read_frame(text)
    except wire.BadFrame as caught:
        bad = caught
    if bad is not None:
        assert bad.code in {"malformed", "unknown-type", "bad-field"}
        assert str(bad)
        assert bad.re is None or len(bad.re) <= 64
    else:
        assert isinstance(frame, wire.Frame)
        assert json.loads(text)["id"] == frame.id


DEEP = "[" * 50_000
NASTY = [
    ("{", "malformed"),
    (DEEP, "malformed"),
    ('{"id":"a","id":"b","type":"ping"}', "malformed"),
    ('{"id":"a","type":"ping","x":NaN}', "malformed"),
    ('["ping"]', "malformed"),
    ("1e999", "malformed"),
    ('{"type":"ping"}', "bad-field"),
    ('{"id":"a","type":"pang"}', "unknown-type"),
    ('{"id":"a"}', "unknown-type"),
    ('{"id":"a","type":["say"]}', "unknown-type"),
    ('{"id":"a","type":"say","text":7}', "bad-field"),
    ('{"id":"a","type":"say","text":"x","seat":"firm"}', "bad-field"),
    ('{"id":"a","type":"say","text":"\\ud800"}', "bad-field"),
    ('{"id":"a","type":"say","text":"%s"}' % ("x" * 8_001), "bad-field"),
    ('{"id":"a b","type":"ping"}', "bad-field"),
    ('{"id":"a","type":"move","endorse":[true]}', "bad-field"),
    ('{"id":"a","type":"move","endorse":[-1]}', "bad-field"),
]


@pytest.mark.parametrize(("text", "code"), NASTY, ids=range(len(NASTY)))
def test_what_is_wrong_is_told_by_its_kind(text: str, code: str) -> None:
    with pytest.raises(wire.BadFrame) as caught:
        wire.read_frame(text)
    assert caught.value.code == code


def test_marks_that_nobody_sees_are_taken_out_of_words() -> None:
    frame = wire.read_frame('{"id":"a","type":"say","text":"a\\u202eb\\u0007c\\nd"}')
    assert isinstance(frame, wire.Say)
    assert frame.text == "abc\nd"


async def seat(service: Service) -> Client:
    table = service.open(case="first-offer", seed=1, seats={"candidate": "person"})
    return await Client(service, table, "candidate").connect()


async def test_a_bad_frame_is_answered_and_the_connection_lives(service: Service) -> None:
    client = await seat(service)
    bad: list[str | bytes] = [
        "{",
        b"\x00\x01",
        '{"id":"t","type":"nope"}',
        '{"id":"f","type":"say"}',
    ]
    for data in bad:
        await client.raw(data)
    assert (await client.ask("ping"))["type"] == "pong"
    errors = [json.loads(f) for f in client.frames if '"type":"error"' in f]
    assert [e["code"] for e in errors] == ["malformed", "malformed", "unknown-type", "bad-field"]
    assert [e["re"] for e in errors] == [None, None, "t", "f"]
    assert (await client.ask("say", text="Still here."))["type"] == "ack"
    await client.raw("{")
    await client.until(lambda: client.closed is not None)
    assert client.closed == 4400
    await client.leave()


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ('{"id":"a","type":"say","text":"%s"}' % ("x" * 70_000), {1009}),
        ("y" * 65_537, {1009}),
        ("\u00e9" * 33_000, {1009}),
        # So much that the server hangs up while it still comes: the code may be lost on the way.
        ("y" * 400_000, {1006, 1009}),
    ],
    ids=["say", "plain", "accents", "far"],
)
async def test_a_frame_too_large_ends_the_connection(
    service: Service, data: str, codes: set[int]
) -> None:
    client = await seat(service)
    with suppress(ConnectionClosed):
        await client.raw(data)
    await client.until(lambda: client.closed is not None)
    assert client.closed in codes
    await client.leave()


async def test_the_first_frame_opens_the_session_once(service: Service) -> None:
    client = await seat(service)
    again = await client.ask("session.open", viewer="firm")
    assert (again["type"], again["code"]) == ("error", "already-open")
    assert client.ready["you"]["viewer"] == "candidate"
    await client.leave()


async def test_a_cursor_from_elsewhere_begins_anew(service: Service) -> None:
    client = await seat(service)
    other = Client(service, client.table, "candidate")
    other.events = []
    await other.connect()
    await other.until(lambda: len(other.events) >= other.ready["head"])
    await other.leave()
    stranger = Client(service, client.table, "watcher")
    from websockets.asyncio.client import connect

    async with connect(
        f"ws://127.0.0.1:{service.port}/v1/tables/{client.table}/ws",
        subprotocols=["parley.v1"],  # type: ignore[list-item]
        additional_headers={"Authorization": f"Bearer {TOKEN}"},
        proxy=None,
    ) as line:
        await line.recv()
        opening = {"id": "o", "type": "session.open", "viewer": "watcher", "cursor": 99_999}
        await line.send(json.dumps(opening))
        ready = json.loads(await line.recv())
        assert (ready["type"], ready["after"]) == ("session.ready", 0)
    assert stranger.events == []
    await client.leave()


async def test_every_command_is_answered_once_and_ids_are_the_clients_own(
    service: Service,
) -> None:
    client = await seat(service)
    refs = [await client.put({"type": "say", "text": f"word {n}"}) for n in range(20)]
    await client.until(lambda: all(ref in client.answers for ref in refs))
    assert [len(client.answers[ref]) for ref in refs] == [1] * 20
    cursors = [client.answers[ref][0]["cursor"] for ref in refs]
    assert cursors == sorted(set(cursors))
    refused = await client.ask("move", turn=999, text="Out of turn.")
    assert (refused["type"], refused["code"]) == ("refused", "not-your-turn")
    await client.leave()


async def test_a_flood_is_refused_and_not_done(service: Service) -> None:
    client = await seat(service)
    nowhere = {"type": "caucus.close", "room": "nowhere"}
    refs = [await client.put(nowhere) for _ in range(200)]
    await client.until(lambda: all(ref in client.answers for ref in refs))
    codes = {client.answers[ref][0]["code"] for ref in refs}
    assert codes == {"no-such-room", "rate-limited"}
    await client.leave()


class Stuck:
    """A peer that says what it is told to and stops reading after some frames."""

    def __init__(self, reads: int) -> None:
        self.reads = reads
        self.says: list[dict[str, Any]] = [{"type": "websocket.connect"}]
        self.got: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if self.says:
            return self.says.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.send":
            self.reads -= 1
            if self.reads < 0:
                await asyncio.Event().wait()
        self.got.append(dict(message))


class Gone(Stuck):
    """A peer whose close the server had answered while something was on its way to it."""

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.reads -= 1
        if self.reads < 0:
            raise RuntimeError(f"Unexpected ASGI message '{message['type']}', after the close.")
        self.got.append(dict(message))


async def peered(tmp_path: Path, peer: Stuck) -> tuple[Office, str, Connection]:
    """An office without a port, a table, and a watcher's connection over this peer."""
    own = Settings(home=tmp_path, token=TOKEN, port=8000)
    app = create_app(
        own, store=MemoryLog(), delegates=stand_ins.delegates(), helpers=stand_ins.helpers()
    )
    office: Office = app.state.office
    wanted = wire.NewTable(case="first-offer", seed=1, seats={"candidate": "person"})
    table = await office.open(load_case("first-offer"), wanted)
    assert isinstance(table, str)
    opening = json.dumps({"id": "o", "type": "session.open", "viewer": "watcher"})
    peer.says.append({"type": "websocket.receive", "text": opening})
    scope = {
        "type": "websocket",
        "headers": [(b"authorization", f"Bearer {TOKEN}".encode())],
        "subprotocols": ["parley.v1"],
        "app": app,
        "path": "/",
        "path_params": {},
    }
    return office, table, Connection(WebSocket(scope, peer.receive, peer.send), office, table)


async def test_a_reader_too_slow_is_let_go_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "SEND_SECONDS", 0.05)
    stuck = Stuck(3)
    office, table, connection = await peered(tmp_path, stuck)
    slow = asyncio.create_task(connection.run())
    done = await office.reception.submit(
        table, "candidate", "c1", stand_ins.say("candidate", "Not held up.")
    )
    assert type(done).__name__ == "Ack"
    await asyncio.wait_for(slow, 30)
    assert stuck.got[-1] == {"type": "websocket.close", "code": 4430, "reason": "too slow"}
    await office.hosts.close()


@pytest.mark.parametrize("reads", range(1, 6))
async def test_a_peer_that_goes_while_it_is_written_to_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, reads: int
) -> None:
    gone = Gone(reads)
    office, _, connection = await peered(tmp_path, gone)
    await asyncio.wait_for(connection.run(), 30)
    assert len(gone.got) == reads
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    await office.hosts.close()
