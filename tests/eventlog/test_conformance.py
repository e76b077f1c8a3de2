"""What every store of events promises, run over each of them."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from app.domain.events import FACILITATOR, Event, Fact, NewsArrived, RoundOpened
from app.errors import Conflict, SettingsError
from app.eventlog.base import EventLog
from app.eventlog.memory import MemoryLog
from app.eventlog.sql import SqlLog
from tests.eventlog.places import Place

pytestmark = pytest.mark.anyio
Rounds = Callable[..., list[Fact]]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def log(request: pytest.FixtureRequest) -> AsyncIterator[EventLog]:
    store: EventLog = (
        MemoryLog()
        if request.param == "memory"
        else SqlLog(request.getfixturevalue(request.param).url)
    )
    yield store
    await store.close()


def numbers(events: tuple[Event, ...]) -> list[int]:
    return [event.seq for event in events]


def opened(events: tuple[Event, ...]) -> list[int]:
    return [event.body.round for event in events if isinstance(event.body, RoundOpened)]


async def test_events_are_numbered_and_read_back(
    log: EventLog, opening: Fact, rounds: Rounds
) -> None:
    first = await log.append("t", 0, 1_000, [opening])
    more = await log.append("t", 1, 2_000, rounds(0, 1))
    assert numbers(first + more) == [1, 2, 3]
    assert [event.at for event in first + more] == [1_000, 2_000, 2_000]
    assert await log.read("t") == first + more
    assert await log.read("t") == first + more  # the second reading may come from a cache


async def test_reading_begins_after_a_number(log: EventLog, opening: Fact, rounds: Rounds) -> None:
    await log.append("t", 0, 0, [opening, *rounds(0, 1, 2)])
    await log.read("t")
    for after in range(6):
        assert numbers(await log.read("t", after)) == list(range(after + 1, 5))


async def test_audience_and_body_survive(log: EventLog) -> None:
    facts = [
        Fact(
            body=NewsArrived(text='Zürich: «no» \\ "yes"\n\u2014 \U0001f54a'), audience=FACILITATOR
        ),
        Fact(body=NewsArrived(text="%s %(at)s :at \x00\x7f"), audience=("eu", 'ü"\x00')),
        Fact(body=NewsArrived(text=""), audience=("eu", "usa")),
    ]
    await log.append("t", 0, -5, facts)
    assert [(e.body, e.audience, e.at) for e in await log.read("t")] == [
        (fact.body, fact.audience, -5) for fact in facts
    ]


# Today; the first second that 32 bits do not hold; before 1970; the end of year 9999; 64 bits.
@pytest.mark.parametrize("at", [1_795_000_000_000, 2**31, -1, 253_402_300_799_999, 2**63 - 1])
async def test_every_moment_can_be_kept(
    log: EventLog, opening: Fact, rounds: Rounds, at: int
) -> None:
    await log.append("t", 0, at, [opening, *rounds(0)])
    await log.append("t", 2, at, rounds(1))
    assert [event.at for event in await log.read("t")] == [at] * 3


async def test_an_unknown_table_is_empty(log: EventLog) -> None:
    assert await log.read("nowhere") == ()
    assert await log.tables() == ()


async def test_tables_do_not_mix_and_are_listed_by_age(log: EventLog, rounds: Rounds) -> None:
    await log.append("late", 0, 300, rounds(3))
    await log.append("b", 0, 100, rounds(1))
    await log.append("a", 0, 100, rounds(2))
    await log.append("b", 1, 900, rounds(4))
    for name in ("Z", "_", "é", "B"):
        await log.append(name, 0, 200, rounds(0))
    assert await log.tables() == ("a", "b", "B", "Z", "_", "é", "late")
    assert opened(await log.read("b")) == [1, 4]


@pytest.mark.parametrize("after", [0, 1, 3, 7])
async def test_a_writer_who_is_late_or_early_conflicts(
    log: EventLog, rounds: Rounds, after: int
) -> None:
    await log.append("t", 0, 0, rounds(0, 1))
    with pytest.raises(Conflict) as caught:
        await log.append("t", after, 0, rounds(9))
    assert (caught.value.table_id, caught.value.seq) == ("t", after + 1)
    assert opened(await log.read("t")) == [0, 1]


async def test_nothing_appended_is_nothing_kept(log: EventLog, rounds: Rounds) -> None:
    assert await log.append("t", 0, 0, []) == ()
    assert await log.tables() == ()
    await log.append("t", 0, 0, rounds(0))
    with pytest.raises(Conflict):
        await log.append("t", 0, 0, [])


async def test_of_rivals_exactly_one_wins(log: EventLog, rounds: Rounds) -> None:
    results = await asyncio.gather(
        *(log.append("t", 0, 0, rounds(n, n, n)) for n in range(20)), return_exceptions=True
    )
    won = [result for result in results if isinstance(result, tuple)]
    assert len(won) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 19
    assert await log.read("t") == won[0]


async def test_appenders_that_try_again_leave_no_gap_and_lose_nothing(
    log: EventLog, rounds: Rounds
) -> None:
    async def appender(own: int) -> None:
        for step in range(5):
            while True:
                known = len(await log.read("t"))
                try:
                    await log.append("t", known, 0, rounds(own * 100 + step, own * 100 + step))
                    break
                except Conflict:
                    continue

    await asyncio.gather(*(appender(own) for own in range(6)))
    events = await log.read("t")
    assert numbers(events) == list(range(1, 61))
    kept = opened(events)
    assert kept[::2] == kept[1::2], "a pair was torn apart"
    assert sorted(kept[::2]) == sorted(own * 100 + step for own in range(6) for step in range(5))
    for own in range(6):
        mine = [number for number in kept[::2] if number // 100 == own]
        assert mine == sorted(mine)


@pytest.mark.parametrize("log", ["sqlite", "postgres"], indirect=True)  # memory encodes nothing
async def test_an_append_that_cannot_be_kept_is_kept_in_no_part(
    log: EventLog, rounds: Rounds
) -> None:
    bad = Fact(body=NewsArrived(text="\ud800"))
    with pytest.raises(ValueError, match="surrogates"):
        await log.append("t", 0, 0, [*rounds(0, 1), bad])
    too_late = 2**70
    with pytest.raises((SettingsError, OverflowError)):
        await log.append("t", 0, too_late, rounds(0, 1))
    await asyncio.gather(
        log.append("t", 0, 0, rounds(0)),
        log.append("u", 0, too_late, rounds(0)),
        log.append("v", 0, 0, rounds(0)),
        return_exceptions=True,
    )
    assert await log.tables() == ("t", "v"), "a neighbour's failure took others along"


async def test_what_was_acknowledged_is_there_after_reopening(
    place: Place, opening: Fact, rounds: Rounds
) -> None:
    log = SqlLog(place.url)
    kept = await log.append("t", 0, 5, [opening, *rounds(0, 1)])
    await log.close()
    again = SqlLog(place.url)
    assert await again.read("t") == kept
    await again.append("t", 3, 6, rounds(2))
    assert len(await again.read("t")) == 4
    await again.close()


async def test_two_processes_share_one_database(place: Place, rounds: Rounds) -> None:
    one, other = SqlLog(place.url), SqlLog(place.url)

    async def play(log: SqlLog) -> int:
        won = 0
        while (known := len(await log.read("t"))) < 60:
            try:
                await log.append("t", known, 0, rounds(known))
                won += 1
            except Conflict:
                continue
        return won

    assert sum(await asyncio.gather(play(one), play(other), play(one))) == 60
    events = await one.read("t")
    assert numbers(events) == list(range(1, len(events) + 1))
    assert opened(events) == list(range(len(events))), "an event stands behind a wrong number"
    assert await other.read("t") == events
    await one.close()
    await other.close()


async def test_waiting_appends_are_written_before_closing(place: Place, rounds: Rounds) -> None:
    log = SqlLog(place.url)
    waiting = [asyncio.create_task(log.append(f"t{n}", 0, 0, rounds(n))) for n in range(50)]
    await asyncio.sleep(0)
    await log.close()
    assert len(await asyncio.gather(*waiting)) == 50
    assert place.rows("SELECT count(*) FROM event") == [(50,)]
    with pytest.raises(SettingsError, match="closed"):
        await log.append("t", 0, 0, rounds(0))


WRITER = """
import asyncio, os, sys
from app.domain.events import Fact, RoundOpened
from app.eventlog.sql import SqlLog

async def main():
    log = SqlLog(sys.argv[1])
    async def table(name):
        known = 0
        while True:
            facts = [Fact(body=RoundOpened(round=known)), Fact(body=RoundOpened(round=known + 1))]
            await log.append(name, known, 0, facts)
            known += 2
            os.write(1, f"{name} {known}\\n".encode())
    await asyncio.gather(*(table(f"t{n}") for n in range(4)))

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("place", "enough"),
    [("sqlite", 1), ("sqlite", 30), ("sqlite", 200), ("postgres", 200)],
    indirect=["place"],
)
def test_a_killed_writer_loses_nothing_it_acknowledged(
    place: Place, root: Path, enough: int
) -> None:
    command = [sys.executable, "-c", WRITER, place.url]
    acknowledged: dict[str, int] = {}
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for count, line in enumerate(writer.stdout, 1):
            name, known = line.split()
            acknowledged[name] = int(known)
            if count == enough:
                writer.send_signal(signal.SIGKILL)
        # What still came out of the pipe was acknowledged before the kill.
    assert writer.returncode == -signal.SIGKILL
    assert acknowledged
    for name, events in asyncio.run(kept_in(place.url)).items():
        assert len(events) >= acknowledged.get(name, 0)
        assert len(events) % 2 == 0, "half an append was kept"
        assert opened(events) == list(range(len(events)))


async def kept_in(url: str) -> dict[str, tuple[Event, ...]]:
    log = SqlLog(url)
    kept = {name: await log.read(name) for name in ("t0", "t1", "t2", "t3")}
    await log.close()
    return kept
