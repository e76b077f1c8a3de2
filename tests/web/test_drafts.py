"""A speaker's sentences before the turn is made: shown to its audience, and to nobody else."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from app.delegates.drafting import Delta, Void
from app.domain.table import Owed
from app.eventlog.memory import MemoryLog
from app.main import create_app, listen
from app.settings import Settings
from app.web.drafts import Drafts
from app.web.office import Office
from tests.llm.server import ModelServer
from tests.web import stand_ins
from tests.web.service import TOKEN, Client, Service
from tests.web.speaking_model import Halting, cut, reply, running, seated, with_models

pytestmark = pytest.mark.timeout(300)

SEATS = ("ukraine", "russia", "nato", "eu", "usa")
VIEWERS = (*SEATS, "watcher", "facilitator")


async def opened(service: Service, firm: str) -> str:
    return await asyncio.to_thread(
        lambda: service.open(
            case="first-offer", seed=5, rounds=1, seats={"candidate": "person", "firm": firm}
        )
    )


async def test_sentences_come_while_the_model_speaks_and_the_turn_replaces_them(
    tmp_path: Path,
) -> None:
    halting = Halting()
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url)) as service,
        AsyncExitStack() as here,
    ):
        other = await opened(service, "engine")
        elsewhere = await here.enter_async_context(
            seated(service, other, "candidate", want=("drafts",))
        )
        await elsewhere.until(lambda: elsewhere.my_turn)
        await caught_up(elsewhere)
        await ponged(elsewhere)
        before = list(elsewhere.frames)
        model.always = halting
        table = await opened(service, "openai:mock-1")
        viewers = ("candidate", "watcher", "facilitator")
        clients = {
            viewer: await here.enter_async_context(seated(service, table, viewer, want=("drafts",)))
            for viewer in viewers
        }
        plain = await here.enter_async_context(seated(service, table, "candidate"))
        for client in clients.values():
            await drafted(client)
        late = await here.enter_async_context(seated(service, table, "watcher", want=("drafts",)))
        await late.until(lambda: late.of("draft"))
        speaking = next(r for r in reversed(model.requests) if r.body.get("stream"))
        first, rest = cut(speaking.body)
        for client in (*clients.values(), late):
            (shown,) = client.of("draft")
            assert (shown["seat"], shown["offset"], shown["text"]) == ("firm", 0, first)
            assert "cursor" not in shown
            # Provisional: the turn is not made while it is shown.
            assert client.status["turn"]["number"] == shown["turn"]
        # Another table's line is quiet, from before the first sentence to after the turn.
        halting.go.set()
        for client in (*clients.values(), late, plain):
            moved = await first_move(client)
            assert moved["move"]["speech"]["text"] == f"{first} {rest}"
        for client in clients.values():
            whole = ""
            for frame in client.of("draft"):
                gap = " " if frame["offset"] > len(whole) else ""
                assert frame["offset"] == len(whole) + len(gap)
                whole += gap + frame["text"]
            assert whole == f"{first} {rest}"
            kinds = [json.loads(text)["type"] for text in client.frames]
            last_draft = len(kinds) - 1 - kinds[::-1].index("draft")
            place = next(i for i, text in enumerate(client.frames) if '"seat.moved"' in text)
            assert last_draft < place, "the turn comes after its draft"
        assert plain.of("draft", "void") == []
        await ponged(elsewhere)
        assert elsewhere.frames[:-1] == before


async def test_a_draft_of_a_room_reaches_that_room_alone(tmp_path: Path) -> None:
    """Not a frame, not its size: the others are sent the very bytes they would have been sent."""
    sock = listen("127.0.0.1", 0)
    port = sock.getsockname()[1]
    app = create_app(
        Settings(home=tmp_path, port=port, token=TOKEN),
        store=MemoryLog(),
        delegates=stand_ins.delegates(),
        helpers=stand_ins.helpers(),
    )
    office: Office = app.state.office
    server = uvicorn.Server(
        uvicorn.Config(app, ws="websockets-sansio", log_level="warning", lifespan="on")
    )
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    service = Service(tmp_path)
    service.port = port
    async with AsyncExitStack() as here:
        assert (await asyncio.to_thread(service.get, "/healthz"))["status"] == "ok"
        table = await asyncio.to_thread(
            lambda: service.open(
                case="table-for-five", seed=2, seats=dict.fromkeys(SEATS, "person")
            )
        )
        clients = {
            viewer: await here.enter_async_context(seated(service, table, viewer, want=("drafts",)))
            for viewer in VIEWERS
        }
        for client in clients.values():
            await caught_up(client)
            assert (await ponged(client))["type"] == "pong"
        before = {viewer: list(client.frames) for viewer, client in clients.items()}
        room = ("russia", "usa")
        at: dict[str, Any] = {"table_id": table, "turn": 1, "seat": "russia", "draft": 1}
        said = Delta(**at, offset=0, text="CANARY words.", audience=room)
        office.drafts.publish(said)
        office.drafts.publish(Void(**at))
        for viewer, client in clients.items():
            await ponged(client)  # whatever was under way before it has come by now
            news = [text for text in client.frames[len(before[viewer]) :] if '"pong"' not in text]
            admitted = viewer in (*room, "facilitator")
            assert [json.loads(text)["type"] for text in news] == (
                ["draft", "void"] if admitted else []
            ), viewer
    server.should_exit = True
    await serving
    sock.close()


async def test_an_answer_in_private_is_shown_to_that_room_only(tmp_path: Path) -> None:
    halting = Halting()
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url)) as service,
        AsyncExitStack() as here,
    ):
        seats = dict.fromkeys(SEATS, "person") | {"russia": "openai:mock-1"}
        table = await asyncio.to_thread(
            lambda: service.open(case="table-for-five", seed=2, seats=seats)
        )
        clients = {
            viewer: await here.enter_async_context(seated(service, table, viewer, want=("drafts",)))
            for viewer in VIEWERS
        }
        usa = clients["usa"]
        meeting = await usa.ask("caucus.open", seats=["russia", "usa"], topic="apart")
        assert meeting["type"] == "ack", meeting
        await usa.until(lambda: any(e["kind"] == "caucus.opened" for e in usa.events))
        opened_as = next(e["body"] for e in usa.events if e["kind"] == "caucus.opened")
        model.always = halting
        room = opened_as["room"]
        said = await usa.ask("say", room=room, text="What of the seat of the talks?")
        assert said["type"] == "ack", said
        inside = ("russia", "usa", "facilitator")
        for viewer in inside:
            await drafted(clients[viewer])
            (frame,) = clients[viewer].of("draft")
            assert (frame["seat"], frame["room"], frame["reply"]) == ("russia", room, 1)
        halting.go.set()
        for viewer in inside:
            client = clients[viewer]
            await client.until(lambda c=client: len(c.of("draft")) == 2)  # type: ignore[misc]
        await usa.until(lambda: sum(e["kind"] == "words.spoken" for e in usa.events) == 2)
        answer = [e["body"] for e in usa.events if e["kind"] == "words.spoken"][-1]
        shown = " ".join(frame["text"] for frame in usa.of("draft"))
        assert (answer["speech"]["text"], answer["speech"]["by"]) == (shown, "model")
        for viewer in set(VIEWERS) - set(inside):
            await ponged(clients[viewer])
            assert clients[viewer].of("draft") == []


async def drafted(client: Client) -> None:
    await client.until(lambda: client.of("draft"))


async def first_move(client: Client) -> Any:
    def made() -> list[Any]:
        return [event["body"] for event in client.events if event["kind"] == "seat.moved"]

    await client.until(made)
    return made()[0]


async def caught_up(client: Client) -> None:
    await client.until(lambda: client.status["head"] == len(client.events))


async def ponged(client: Client) -> dict[str, object]:
    return await client.ask("ping")


@given(
    st.frozensets(st.sampled_from((*SEATS, "*")), max_size=3),
    st.lists(
        st.tuples(
            st.integers(1, 3), st.booleans(), st.sampled_from((0, 7)), st.sampled_from(SEATS)
        ),
        max_size=12,
    ),
)
def test_only_the_audience_is_shown_anything(
    audience: frozenset[str], steps: list[tuple[int, bool, int, str]]
) -> None:
    board, shown = Drafts(), {viewer: list[str]() for viewer in VIEWERS}
    elsewhere: list[str] = []
    with ExitStack() as stack:
        for viewer in VIEWERS:
            stack.enter_context(board.listen("t", viewer, shown[viewer].append))
        stack.enter_context(board.listen("other", "facilitator", elsewhere.append))
        for number, (draft, voided, reply, seat) in enumerate(steps):
            at: dict[str, Any] = {"table_id": "t", "turn": 1, "seat": seat, "draft": draft}
            at["reply"] = reply
            said = Delta(**at, offset=number, text="Words.", audience=tuple(audience))
            board.publish(Void(**at) if voided else said)
    assert elsewhere == []
    inside = {v for v in VIEWERS if v == "facilitator" or "*" in audience or v in audience}
    for viewer in VIEWERS:
        assert shown[viewer] == (shown["facilitator"] if viewer in inside else [])
    assert board._listeners == {}


def test_who_comes_in_late_is_shown_the_present_draft_only_if_it_is_theirs() -> None:
    board = Drafts()
    at: dict[str, Any] = {"table_id": "t", "turn": 4, "seat": "eu"}
    board.publish(Delta(**at, draft=1, offset=0, text="Gone.", audience=("eu",)))
    board.publish(Void(**at, draft=1))
    board.publish(Delta(**at, draft=2, offset=0, text="One.", audience=("eu",)))
    board.publish(Void(**at, draft=1))  # late, and of a draft that is over
    got: dict[str, list[str]] = {"eu": [], "usa": []}
    for viewer, held in got.items():
        with board.listen("t", viewer, held.append):
            pass
    assert [json.loads(text)["text"] for text in got["eu"]] == ["One."]
    assert got["usa"] == []
    board.forget("t")
    with board.listen("t", "eu", got["usa"].append):
        pass
    assert got["usa"] == []


def test_an_answer_has_a_draft_of_its_own() -> None:
    """Beside the turn's, and beside those of others who answer the same remark."""
    board = Drafts()
    at: dict[str, Any] = {"table_id": "t", "turn": 4, "draft": 1}
    words: dict[str, Any] = {"offset": 0, "audience": ("eu", "usa")}
    room: dict[str, Any] = {"room": "eu+usa/1", "reply": 3}
    board.publish(Delta(**at, seat="eu", offset=0, text="The turn."))
    board.publish(Delta(**at, **room, **words, seat="eu", text="Ours."))
    board.publish(Delta(**at, **room, **words, seat="usa", text="Theirs."))

    def late(viewer: str) -> list[tuple[str, Any]]:
        held: list[str] = []
        with board.listen("t", viewer, held.append):
            pass
        return [(json.loads(text)["text"], json.loads(text).get("reply")) for text in held]

    assert late("usa") == [("The turn.", None), ("Ours.", 3), ("Theirs.", 3)]
    assert late("russia") == [("The turn.", None)]
    board.forget("t", Owed(seat="eu", room="eu+usa/1", number=3))
    assert late("usa") == [("The turn.", None), ("Theirs.", 3)]
    board.forget("t")
    assert late("usa") == [("Theirs.", 3)]
    board.publish(Void(**at, **room, seat="usa"))
    assert late("usa") == []
    assert board._drafts == {}
