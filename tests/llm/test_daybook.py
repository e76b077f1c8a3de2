"""The day's cap is one for all processes of a home, whatever becomes of each of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delegates.base import Usage
from app.delegates.llm.budget import Budget, Reservation, most_tokens
from app.delegates.llm.daybook import KEPT_FILES, DayBook
from app.delegates.llm.faults import Fault
from app.settings import Cap, Price
from tests.llm.fault_cases import NOW
from tests.llm.rig import ask

DAY = "2023-11-14"
PRICE = Price(prompt=Decimal(2), completion=Decimal(8))
ASK = ask(max_tokens=50)
MOST = most_tokens(ASK)
WHOLE = MOST.prompt + MOST.completion


def budget(folder: Path, cap: Cap, now: float = NOW) -> Budget:
    """Another process' budget, as far as it can tell."""
    return Budget({"day": cap}, wall=lambda: now, book=DayBook(folder / "spent"))


def taken(of: Budget) -> Reservation:
    held = of.reserve(ASK, PRICE)
    assert isinstance(held, Reservation), held
    return held


STEPS = st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 60)), max_size=40)


@given(STEPS, st.integers(1, 6))
def test_budgets_over_one_book_allow_what_one_budget_would(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, bool, int]], room: int
) -> None:
    """The oracle is one budget without a book that is asked everything."""
    folder = tmp_path_factory.mktemp("home")
    cap = Cap(tokens=room * WHOLE, calls=15, money=Decimal("0.01"))
    several = [budget(folder, cap) for _ in range(3)]
    alone = Budget({"day": cap}, wall=lambda: NOW)
    open_: list[tuple[int, Reservation, Reservation]] = []
    for who, settles, part in steps:
        if settles and open_:
            owner, held, oracle = open_.pop(part % len(open_))
            used = Usage(prompt=part, completion=part // 2)
            several[owner].settle(held, used)
            alone.settle(oracle, used)
            continue
        got, want = several[who].reserve(ASK, PRICE), alone.reserve(ASK, PRICE)
        assert isinstance(got, Fault) == isinstance(want, Fault)
        if isinstance(got, Fault):
            assert got.parameter == "day"
        elif isinstance(want, Reservation):
            open_.append((who, got, want))
    for each in several:
        refused = each.reserve(ASK, PRICE)
        assert isinstance(refused, Fault) == isinstance(alone.reserve(ASK, PRICE), Fault)
        if isinstance(refused, Fault):
            assert each.spent(f"day:{DAY}") == alone.spent(f"day:{DAY}")
            break


HAMMER = """
import sys
from pathlib import Path
from tests.llm.test_daybook import ASK, PRICE, budget, Cap, Fault, Usage
of = budget(Path(sys.argv[1]), Cap(calls=300))
print("ready", flush=True)
sys.stdin.readline()
got = 0
while not isinstance(held := of.reserve(ASK, PRICE), Fault):
    got += 1
    of.settle(held, Usage(prompt=1, completion=1))
print(got, flush=True)
"""


def test_real_processes_share_the_cap_to_the_last_call(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HAMMER, str(tmp_path)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    try:
        for each in running:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in running:
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        counts = [int(each.communicate(timeout=120)[0]) for each in running]
    finally:
        for each in running:
            each.kill()
            each.wait()
    assert sum(counts) == 300
    late = budget(tmp_path, Cap(calls=301))
    taken(late)
    assert isinstance(late.reserve(ASK, PRICE), Fault)


def test_what_a_killed_process_had_set_aside_stays_so(tmp_path: Path) -> None:
    held = """
import os, signal, sys
from pathlib import Path
from tests.llm.test_daybook import Cap, WHOLE, budget, taken
taken(budget(Path(sys.argv[1]), Cap(tokens=2 * WHOLE)))
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", held, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    of = budget(tmp_path, Cap(tokens=2 * WHOLE))
    one = taken(of)
    assert isinstance(of.reserve(ASK, PRICE), Fault)
    of.settle(one, Usage())
    taken(of)


def test_the_next_day_is_another(tmp_path: Path) -> None:
    cap = Cap(calls=1)
    now = [NOW]
    of = Budget({"day": cap}, wall=lambda: now[0], book=DayBook(tmp_path / "spent"))
    late = taken(of)
    assert isinstance(of.reserve(ASK, PRICE), Fault)
    for day in range(1, 12):
        now[0] = NOW + 86_400 * day
        taken(of)
        of.settle(late, Usage(prompt=5, completion=5))  # of the day before: no harm to this one
        assert isinstance(of.reserve(ASK, PRICE), Fault)
        assert isinstance(budget(tmp_path, cap, now[0]).reserve(ASK, PRICE), Fault)
    files = sorted(path.name for path in (tmp_path / "spent").iterdir())
    assert len(files) == KEPT_FILES
    assert files[-1] == "2023-11-25.jsonl"


def test_a_book_that_is_let_go_of_is_read_on_and_not_again(tmp_path: Path) -> None:
    cap = Cap(calls=3)
    one, other = budget(tmp_path, cap), budget(tmp_path, cap)
    taken(other)
    taken(one)
    assert one.book is not None
    one.book.close()
    taken(one)
    assert isinstance(one.reserve(ASK, PRICE), Fault)
    assert one.spent(f"day:{DAY}").calls == 3


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"\xff\xfe\n",
        b"[]\n",
        b"{}\n",
        b'{"by": "x", "n": 1}\n',
        b'{"by": "x", "n": "one", "tokens": 1, "money": "0"}\n',
        b'{"by": "x", "n": 1, "tokens": 5, "money": "much"}\n',
        b'{"by": "x", "n": 1, "tokens": 5, "money": "NaN"}\n',
        b'{"by": "x", "n": 1, "used": [1, 2], "money": "0", "unpriced": 0}\n',
        b'{"by": "x", "n": 1, "tokens": 999999999, "mon',
    ],
)
def test_what_is_no_line_is_passed_over(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "spent" / f"{DAY}.jsonl"
    path.parent.mkdir()
    path.write_bytes(line)
    of = budget(tmp_path, Cap(calls=2, money=Decimal(1)))
    taken(of)
    assert isinstance(budget(tmp_path, Cap(calls=1)).reserve(ASK, PRICE), Fault)
    taken(of)
    assert isinstance(of.reserve(ASK, PRICE), Fault)


def test_half_a_line_of_ones_own_spoils_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk may have room for half of it, and more later."""
    of = budget(tmp_path, Cap(calls=9))
    taken(of)
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(
            "app.delegates.llm.daybook.os.write",
            lambda file, data: write(file, data[: len(data) // 2]),
        )
        taken(of)
    taken(of)
    assert budget(tmp_path, Cap(calls=9)).today().calls == 2


def test_nothing_said_is_in_it_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    of = budget(tmp_path, Cap(calls=9))
    of.settle(taken(of), Usage(prompt=12, completion=3))
    folder = tmp_path / "spent"
    (path,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [set(row) for row in rows] == [
        {"by", "n", "tokens", "money"},
        {"by", "n", "used", "money", "unpriced"},
    ]
    assert rows[1]["used"] == [12, 3, 0]


@pytest.mark.parametrize("how", ["file", "full"])
def test_where_it_cannot_be_written_each_process_counts_for_itself(
    tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "file":
        (tmp_path / "spent").write_text("in the way", "utf-8")
    else:

        def full(number: int, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("app.delegates.llm.daybook.os.write", full)
    of = budget(tmp_path, Cap(calls=3))
    for _ in range(3):
        of.settle(taken(of), Usage(prompt=1, completion=1))
    assert isinstance(of.reserve(ASK, PRICE), Fault)
    (told,) = [record for record in caplog.records if record.name == "parley.models"]
    assert "the day's cap is kept by this process alone" in told.getMessage()


def test_nothing_is_made_before_the_first_call(tmp_path: Path) -> None:
    assert budget(tmp_path, Cap(calls=1)).today().calls == 0
    assert list(tmp_path.iterdir()) == []
