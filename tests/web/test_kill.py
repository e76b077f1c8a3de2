"""A table over a real socket, with the server killed under it: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.domain.table import fold
from app.eventlog.record import parse_record
from tests.web.service import Client, Json, Service

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Service]:
    """A server that may be killed."""
    held = Service(tmp_path / "home")
    held.start()
    yield held
    if held.running:
        held.stop()
    assert "Traceback" not in held.log


async def play(client: Client) -> str:
    """One turn: support what may be supported late, else put one's best text or pass."""
    legal = client.status["legal"]
    fields: Json = {"turn": client.status["turn"]["number"], "text": "We have thought about it."}
    if client.status["round"] >= 3 and legal["endorse"]:
        fields["endorse"] = legal["endorse"][:1]
    elif client.status["round"] == 1:
        sheet = client.ready["you"]["sheet"]
        best = {i: max(row, key=lambda o: (sum(row[o]), o)) for i, row in sheet.items()}
        worth = await client.ask("worth", package=best)
        if not worth["breaches"]:
            fields["package"] = best
    return str((await client.ask("move", **fields))["type"])


async def test_a_whole_table_with_a_kill_ends_in_the_record_that_the_client_saw(
    server: Service,
) -> None:
    table = server.open(case="first-offer", seed=11, rounds=6, seats={"candidate": "person"})
    client = await Client(server, table, "candidate").connect()
    turns = 0
    while not client.over:
        await client.until(lambda: client.my_turn or client.over)
        if client.over:
            break
        assert await play(client) == "ack"
        turns += 1
        if turns == 3:
            held = len(client.events)
            server.kill()
            await client.until(lambda: client.closed is not None)
            server.start()
            await client.connect()
            assert client.ready["after"] >= held
    await client.leave()
    assert turns > 3
    assert client.events[-1]["kind"] == "table.closed"

    told = server.get(f"/v1/tables/{table}/events?viewer=candidate")
    assert told["events"] == client.events
    status, raw = server.raw(f"/v1/tables/{table}/record?viewer=candidate")
    assert status == 200
    record = parse_record(raw)
    assert record.viewer == "candidate"
    assert [event.body.kind for event in record.events] == [e["kind"] for e in client.events]
    for line, event in list(zip(raw.decode().splitlines(), client.events, strict=True))[1:]:
        body = json.loads(line)["body"]
        named = {key: value for key, value in body.items() if isinstance(value, str | int | bool)}
        assert named.items() <= event["body"].items()
    table_now = fold(record.events)
    assert table_now.closed is not None
    assert table_now.closed.outcome == client.status["closed"]["outcome"]


@dataclass(slots=True)
class History:
    """What a client invoked and was told; `order` is its own program order."""

    order: list[str] = field(default_factory=list)
    ok: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


def faults(history: History, log: Sequence[str], views: Sequence[Sequence[str]]) -> Counter[str]:
    """Every way in which a log breaks the promise, counted. Words stand for their operation."""
    counts = Counter(log)
    invoked = set(history.order)
    found = Counter(
        lost=sum(op not in counts for op in history.ok),
        phantom=sum(op not in invoked for op in counts),
        duplicate=sum(times > 1 for times in counts.values()),
        refused_and_done=sum(op in counts for op in history.refused),
        out_of_order=int([op for op in history.order if op in counts] != list(dict.fromkeys(log))),
        views_differ=sum(list(view) != list(log) for view in views),
    )
    return Counter({name: count for name, count in found.items() if count})


def said(events: Sequence[Json]) -> list[str]:
    """The remarks of the person, in the order of a view."""
    return [
        event["body"]["speech"]["text"]
        for event in events
        if event["kind"] == "words.spoken" and event["body"]["speech"]["by"] == "person"
    ]


async def invoke(server: Service, client: Client, op: str, history: History, *, torn: bool) -> None:
    """Say it until an answer comes, always under the same id.

    `torn`: the line breaks after the first sending, so that its answer is never seen.
    """
    history.order.append(op)
    while True:
        try:
            if client.closed is not None or not client.ready:
                await client.connect()
            if torn:
                torn = False
                await client.put({"type": "say", "id": op, "text": op})
                await client.leave()
                client.answers.pop(op, None)
                client.ready = {}
                continue
            answer = await client.ask("say", id=op, text=op)
        except (OSError, ConnectionError, TimeoutError, EOFError):
            await asyncio.to_thread(wait_until_up, server)
            client.ready = {}
            continue
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "websockets":
                raise
            client.ready = {}
            continue
        (history.ok if answer["type"] == "ack" else history.refused).add(op)
        return


def wait_until_up(server: Service) -> None:
    """Look until the server answers again."""
    while True:
        try:
            server.get("/healthz")
        except OSError:
            continue
        return


async def test_acknowledged_words_survive_kills_once_each(server: Service) -> None:
    table = server.open(case="first-offer", seed=3, seats={"candidate": "person"})
    writer = Client(server, table, "candidate")
    history, chance, killed = History(), random.Random(5), 0
    await writer.connect()
    stop, spoken = asyncio.Event(), asyncio.Condition()

    def spoken_since(count: int) -> Callable[[], bool]:
        return lambda: len(history.order) >= count or stop.is_set()

    async def executioner() -> None:
        nonlocal killed
        while killed < 4:
            due = spoken_since(len(history.order) + chance.randint(3, 9))
            async with spoken:
                await spoken.wait_for(due)
            if stop.is_set():
                return
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            killed += 1

    async def speaker() -> None:
        for number in range(50):
            speaking = asyncio.create_task(
                invoke(server, writer, f"op-{number}", history, torn=number % 5 == 2)
            )
            await asyncio.sleep(0)
            async with spoken:
                spoken.notify_all()
            await speaking
        stop.set()
        async with spoken:
            spoken.notify_all()

    async with asyncio.TaskGroup() as group:
        group.create_task(executioner())
        group.create_task(speaker())
    assert killed >= 3
    views = []
    for viewer in ("candidate", "firm", "watcher", "facilitator"):
        told = server.get(f"/v1/tables/{table}/events?viewer={viewer}")
        assert told["head"] == len(told["events"])
        views.append(said(told["events"]))
    await writer.connect()
    await writer.until(lambda: len(writer.events) >= writer.ready["head"])
    views.append(said(writer.events))
    await writer.leave()
    assert len(history.ok) == 50
    assert faults(history, views[3], views) == {}


def test_the_checker_sees_a_broken_server() -> None:
    log = [f"op-{n}" for n in range(20)]
    history = History(order=list(log), ok=set(log))
    assert faults(history, log, [log, log]) == {}
    assert faults(history, log[:7] + log[8:], [])["lost"] == 1
    assert faults(history, [*log[:8], *log[7:]], [])["duplicate"] == 1
    assert faults(history, [log[1], log[0], *log[2:]], [])["out_of_order"] == 1
    assert faults(history, [*log, "stranger"], [])["phantom"] == 1
    assert faults(history, log, [log, log[1:]])["views_differ"] == 1
    refused = History(order=list(log), ok=set(log[1:]), refused={log[0]})
    assert faults(refused, log, [])["refused_and_done"] == 1


async def test_the_same_id_is_answered_the_same_and_done_once_across_a_restart(
    server: Service,
) -> None:
    table = server.open(case="first-offer", seed=4, seats={"candidate": "person"})
    client = await Client(server, table, "candidate").connect()
    first = await client.ask("say", id="once", text="Hear this once.")
    assert first["type"] == "ack"
    await client.put({"id": "once", "type": "say", "text": "Hear this once."})
    await client.until(lambda: len(client.answers["once"]) == 2)
    server.kill()
    server.start()
    await client.connect()
    await client.put({"id": "once", "type": "say", "text": "Other words under the same id."})
    await client.until(lambda: len(client.answers["once"]) == 3)
    over_http = server.post(
        f"/v1/tables/{table}/commands",
        {"viewer": "candidate", "command": {"id": "once", "type": "say", "text": "Again."}},
    )
    await client.leave()
    assert [answer for answer in client.answers["once"] if answer != first] == []
    assert over_http == first
    told = server.get(f"/v1/tables/{table}/events?viewer=facilitator")["events"]
    assert said(told) == ["Hear this once."]


async def test_ctrl_c_says_good_bye_and_loses_nothing(server: Service) -> None:
    table = server.open(case="first-offer", seed=5, seats={"candidate": "person"})
    client = await Client(server, table, "candidate").connect()
    assert (await client.ask("say", text="Before the end."))["type"] == "ack"
    assert await asyncio.to_thread(server.stop) == 0
    await client.until(lambda: client.closed is not None)
    assert client.closed in (1001, 1012)
    assert any('"server.draining"' in frame for frame in client.frames)
    assert "Stopped." in server.log
    server.start()
    await client.connect()
    await client.until(lambda: "Before the end." in said(client.events))
    await client.leave()
