"""Passes that are revoked and made again; wrong tokens that are tried too often."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ParleyError
from app.settings import Settings
from app.web.access import Access, caller
from app.web.attempts import BURST, MOST_ADDRESSES, REFILL_SECONDS, Attempts
from app.web.passes import FILE, Passes
from tests.web.service import TOKEN, Service
from tests.web.speaking_model import running, seated

pytestmark = pytest.mark.timeout(300)


async def test_a_revoked_pass_opens_nothing_and_its_line_is_closed(tmp_path: Path) -> None:
    async with running(Service(tmp_path)) as service, AsyncExitStack() as here:
        table = await asyncio.to_thread(
            lambda: service.open(case="first-offer", seed=1, seats={"candidate": "person"})
        )
        old = await asyncio.to_thread(service.pass_for, table, "candidate")
        watch = await asyncio.to_thread(service.pass_for, table, "watcher")
        seat = await here.enter_async_context(seated(service, table, "candidate", old))
        watcher = await here.enter_async_context(seated(service, table, "watcher", watch))
        own = await here.enter_async_context(seated(service, table, "candidate"))
        done = await asyncio.to_thread(
            service.post, f"/v1/tables/{table}/passes/revoke", {"viewer": "candidate"}
        )
        assert done == {"viewer": "candidate", "closed": 1}
        await seat.until(lambda: seat.closed is not None)
        assert seat.closed == 4411
        held = len(seat.frames)
        # The others stay, and go on; the one who is out is sent nothing of it.
        assert (await own.ask("say", text="Is anybody there?"))["type"] == "ack"
        await watcher.until(lambda: watcher.events[-1]["kind"] == "words.spoken")
        assert watcher.closed is None
        assert len(seat.frames) == held
        for path in (f"/v1/tables/{table}?viewer=candidate", "/v1/tables", "/v1/me"):
            assert (await asyncio.to_thread(service.raw, path, None, old))[0] == 401
        login, _ = await asyncio.to_thread(service.raw, "/api/login", {"token": old}, None)
        assert login == 401
        status, _ = await asyncio.to_thread(
            service.raw, f"/v1/tables/{table}/passes/revoke", {"viewer": "watcher"}, watch
        )
        assert status == 403

        new = await asyncio.to_thread(service.pass_for, table, "candidate")
        assert new != old
        again = await here.enter_async_context(seated(service, table, "candidate", new))
        assert again.ready["you"]["viewer"] == "candidate"
        # A restart forgets neither.
        await asyncio.to_thread(service.kill)
        await asyncio.to_thread(service.start)
        for token, good in ((old, False), (new, True), (watch, True)):
            status, _ = await asyncio.to_thread(service.raw, "/v1/me", None, token)
            assert (status == 200) is good


def test_the_first_pass_is_the_one_made_before_passes_had_numbers(tmp_path: Path) -> None:
    access = Access(Settings(home=tmp_path, token=TOKEN))
    first = access.pass_for("t", "eu")
    assert first == f"t~eu~{access._sign('pass/t/eu')}"
    made = {first}
    for count in range(1, 12):
        assert access.passes.revoke("t", "eu") == count
        made.add(access.pass_for("t", "eu"))
    assert len(made) == 12
    assert [token for token in made if access.login(token)] == [access.pass_for("t", "eu")]
    assert access.login(access.pass_for("t", "usa")) is not None


@pytest.mark.parametrize("text", ["{", "[]", '{"t~eu": "1"}', '{"t~eu": true}'])
def test_a_spoilt_list_of_revoked_passes_is_not_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(ParleyError, match="PARLEY_TOKEN"):
        Passes(tmp_path)


def test_wrong_tokens_are_counted_on_the_login(tmp_path: Path) -> None:
    service = Service(tmp_path).start()
    try:
        for _ in range(BURST):
            assert service.raw("/api/login", {"token": "wrong"}, None)[0] == 401
        status, body = service.raw("/api/login", {"token": "wrong"}, None)
        problem = json.loads(body)
        assert (status, problem["code"]) == (429, "too-many-attempts")
        assert "seconds" in problem["remedy"]
        # Nor is the right one looked at now: else the limit would be none.
        assert service.raw("/api/login", {"token": TOKEN}, None)[0] == 429
        # Who is logged in already is not held up.
        assert service.raw("/v1/me")[0] == 200
    finally:
        assert service.stop() == 0, service.log


class Clock:
    """Seconds moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_attempts_come_back_with_time_and_right_tokens_cost_nothing() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(BURST):
        assert attempts.wait("192.0.2.1") == 0
        attempts.failed("192.0.2.1")
    wait = attempts.wait("192.0.2.1")
    assert wait == REFILL_SECONDS
    assert attempts.wait("192.0.2.2") == 0
    clock.at += wait - 1
    assert attempts.wait("192.0.2.1") == 1
    clock.at += 1
    assert attempts.wait("192.0.2.1") == 0
    attempts.failed("192.0.2.1")
    assert attempts.wait("192.0.2.1") == REFILL_SECONDS


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 40)), max_size=60))
def test_no_address_tries_more_often_than_it_may(steps: list[tuple[int, float]]) -> None:
    clock = Clock()
    attempts = Attempts(clock)
    tried: dict[int, list[float]] = {}
    for address, pause in steps:
        clock.at += pause
        if attempts.wait(f"192.0.2.{address}") == 0:
            attempts.failed(f"192.0.2.{address}")
            tried.setdefault(address, []).append(clock.at)
    for times in tried.values():
        for first, start in enumerate(times):
            for last in range(first, len(times)):
                allowed = BURST + (times[last] - start) / REFILL_SECONDS
                assert last - first + 1 <= allowed + 1e-6


def test_what_is_remembered_of_addresses_is_bounded() -> None:
    attempts = Attempts(Clock())
    for number in range(MOST_ADDRESSES + 500):
        attempts.failed(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(attempts) == MOST_ADDRESSES
    for number in range(1_000):
        attempts.failed(f"2001:db8::{number:x}")
    assert attempts.wait("2001:db8::ffff") > 0, "a whole network of IPv6 is one visitor's"
    assert len(attempts) == MOST_ADDRESSES


@pytest.mark.parametrize(
    ("client", "forwarded", "behind", "address"),
    [
        ("192.0.2.1", ["198.51.100.7"], False, "192.0.2.1"),
        ("10.0.0.1", [], True, "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.7"], True, "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.7"], True, "198.51.100.7"),
    ],
)
def test_only_what_the_proxy_added_is_believed(
    client: str, forwarded: list[str], behind: bool, address: str
) -> None:
    assert caller(client, forwarded, behind_proxy=behind) == address
