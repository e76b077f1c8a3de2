"""Canaries in every secret: none is in any byte that another viewer is sent."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator

import pytest

from tests.web.service import ROOT, TOKEN, Client, Service

pytestmark = pytest.mark.timeout(300)

SEATS = ("ukraine", "russia", "nato", "eu", "usa")
SECRET_BLOCKS = ("red_lines", "goals", "interests", "no_deal")


def planted(text: str, seat: str) -> str:
    """The persona file with a canary in every confidential text."""
    block, lines, count = "", [], 0
    for line in text.splitlines():
        head = re.fullmatch(r"\[+([a-z_.]+)\]+", line.strip())
        block = head[1] if head else block
        if block in SECRET_BLOCKS and re.match(r'(text|line) = "', line):
            count += 1
            line = re.sub(r'= "', f'= "CANARY-{seat}-{block}-{count} ', line, count=1)
        lines.append(line)
    marked = "\n".join(lines) + "\n"
    marked = marked.replace(
        'confidential_brief = """\n', f'confidential_brief = """\nCANARY-{seat}-brief '
    )
    assert marked.count(f"CANARY-{seat}-") >= 8
    return marked


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("canaries")
    case = home / "personas" / "table-for-five"
    shutil.copytree(ROOT / "personas" / "table-for-five", case)
    for seat in SEATS:
        path = case / f"{seat}.toml"
        path.write_text(planted(path.read_text("utf-8"), seat), "utf-8")
    held = Service(home).start()
    yield held
    assert held.stop() == 0, held.log
    assert "CANARY" not in held.log


def canaries(data: str | bytes) -> set[str]:
    """Whose canaries are in it."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    return set(re.findall(r"CANARY-([a-z]+)-", text))


def asked(server: Service, table: str, viewer: str, token: str, as_whom: str) -> list[bytes]:
    """Everything HTTP says about a table to a bearer, asked as `as_whom`."""
    base = f"/v1/tables/{table}"
    paths = [
        f"{base}?viewer={as_whom}",
        f"{base}/events?viewer={as_whom}",
        f"{base}/record?viewer={as_whom}",
        f"{base}/assessment?viewer={as_whom}",
        f"/tables/{table}/assessment?viewer={as_whom}",
    ]
    bodies = [server.raw(path, token=token)[1] for path in paths]
    command = {"id": f"x-{viewer}", "type": "adjourn"}
    bodies.append(server.raw(f"{base}/commands", {"viewer": as_whom, "command": command}, token)[1])
    bodies.append(server.raw(f"{base}/worth", {"viewer": as_whom, "package": {}}, token)[1])
    bodies.append(server.raw(f"{base}/passes", {"viewer": as_whom}, token)[1])
    return bodies


def everything(server: Service, table: str, viewer: str, token: str) -> list[bytes]:
    """All that HTTP gives the bearer of a pass, also when it asks as somebody else."""
    found = asked(server, table, viewer, token, viewer) + asked(
        server, table, viewer, token, "nobody"
    )
    for other in ("facilitator", "russia", "usa"):
        if other != viewer:
            bodies = asked(server, table, viewer, token, other)
            assert all(b'"not-allowed"' in body for body in bodies[:4]), (viewer, other)
            found += bodies
    for path in ("/openapi.json", "/v1/tables", "/v1/cases", "/v1/me", "/healthz", "/nowhere"):
        found.append(server.raw(path, token=token)[1])
    return found


async def play_to_the_end(people: list[Client]) -> None:
    """Everybody passes until the talks are over."""
    while not people[0].over:
        waits = [asyncio.create_task(until_due(client)) for client in people]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        for client in people:
            if client.my_turn and not client.over:
                await client.ask("move", text="We listen.")


async def until_due(client: Client) -> None:
    await client.until(lambda: client.my_turn or client.over)


async def test_no_viewer_is_sent_what_another_may_not_see(server: Service) -> None:
    table = server.open(
        case="table-for-five", seed=2, rounds=2, seats={"ukraine": "person", "nato": "person"}
    )
    viewers = (*SEATS, "watcher")
    tokens = {viewer: server.pass_for(table, viewer) for viewer in viewers}
    clients = {v: await Client(server, table, v, tokens[v]).connect() for v in viewers}
    ukraine, nato = clients["ukraine"], clients["nato"]
    answer = await ukraine.ask("caucus.open", seats=["ukraine", "nato"], topic="CANARY-caucus-t")
    assert answer["type"] == "ack"
    await nato.until(lambda: nato.status["rooms"])
    room = nato.status["rooms"][0]["id"]
    answer = await ukraine.ask("say", room=room, text="CANARY-caucus-w in this room only")
    assert answer["type"] == "ack"
    seen: dict[str, list[str | bytes]] = {viewer: [] for viewer in viewers}
    for viewer in viewers:
        seen[viewer] += await asyncio.to_thread(everything, server, table, viewer, tokens[viewer])
    for client in (ukraine, nato):
        # A refusal must not tell either.
        await client.ask("move", turn=12_345, text="Out of turn.")
    await play_to_the_end([ukraine, nato])
    for viewer, client in clients.items():
        await until_due(client)
        seen[viewer] += client.frames
        await client.leave()

    for viewer in viewers:
        allowed = {viewer} & set(SEATS) | ({"caucus"} if viewer in ("ukraine", "nato") else set())
        assert set().union(*map(canaries, seen[viewer])) == allowed, viewer
    # The numbering is dense for everybody, so no gap tells of the caucus.
    assert len(clients["russia"].events) == clients["russia"].status["head"]
    assert len(ukraine.events) > len(clients["watcher"].events)
    # The control: the facilitator is sent all of them.
    _, record = server.raw(f"/v1/tables/{table}/record?viewer=facilitator")
    assert canaries(record) >= {*SEATS, "caucus"}


async def test_the_facilitators_record_and_the_assessment_wait_for_the_end(
    server: Service,
) -> None:
    table = server.open(case="table-for-five", seed=3, rounds=1, seats={"eu": "person"})
    own = server.pass_for(table, "eu")
    for viewer in ("eu", "watcher"):
        status, body = server.raw(f"/v1/tables/{table}/assessment?viewer={viewer}")
        assert (status, canaries(body)) == (403, set())
        status, body = server.raw(f"/tables/{table}/assessment?viewer={viewer}")
        assert (status, canaries(body)) == (403, set())
        status, body = server.raw(f"/tables/{table}/debrief?viewer={viewer}")
        assert (status, canaries(body)) == (403, set())
    status, body = server.raw(f"/v1/tables/{table}/record?viewer=facilitator", token=own)
    assert (status, canaries(body)) == (403, set())
    assert server.raw(f"/v1/tables/{table}/assessment?viewer=facilitator")[0] == 200
    done = server.post(
        f"/v1/tables/{table}/commands",
        {"viewer": "facilitator", "command": {"id": "end", "type": "adjourn", "reason": "enough"}},
    )
    assert done["type"] == "ack"
    told = server.get(f"/v1/tables/{table}/assessment?viewer=eu", token=own)
    assert told["outcome"] == "adjourned"
    status, page = server.raw(f"/tables/{table}/assessment", token=own)
    assert status == 200
    assert b"<!doctype html>" in page.lower()
    # A seat's report is of its own view, whichever it asks for; a watcher has none.
    for viewer in ("eu", "facilitator"):
        status, page = server.raw(f"/tables/{table}/debrief?viewer={viewer}", token=own)
        assert status == 200
        assert canaries(page) <= {"eu"}
        assert b"After-action report" in page
    assert server.raw(f"/tables/{table}/debrief?viewer=watcher")[0] == 403
    status, page = server.raw(f"/tables/{table}/debrief")
    assert status == 200
    assert len(page) > 50_000


async def test_a_pass_is_for_one_viewer_of_one_table(server: Service) -> None:
    table = server.open(case="table-for-five", seed=4, seats={"eu": "person"})
    other = server.open(case="table-for-five", seed=5, seats={"eu": "person"})
    own = server.pass_for(table, "eu")
    assert [row["id"] for row in server.get("/v1/tables", token=own)] == [table]
    assert server.raw("/v1/tables", {"case": "table-for-five"}, own)[0] == 403
    for where, viewer in ((other, "eu"), (table, "russia"), (table, "facilitator"), (table, "no")):
        client = await Client(server, where, viewer, own).connect()
        assert client.closed == 4403
        assert "session.ready" not in "".join(client.frames)
        await client.leave()
    for forged in (
        own.replace("eu", "russia"),
        own[:-1] + ("1" if own[-1] == "0" else "0"),
        own.replace(table, other),
    ):
        client = await Client(server, table, "eu", forged).connect()
        assert client.closed == 4401
        await client.leave()
    client = await Client(server, "absent", "eu", TOKEN).connect()
    assert client.closed == 4404
    await client.leave()
