"""A run's files: torn lines, broken lines, whole rewrites and a cache that believes only itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import CaseError
from app.evaluator.suite_journal import (
    Cache,
    Journal,
    line_of,
    lines_of,
    rewrite,
    talk_from,
    talk_row,
)
from app.evaluator.transcript import Transcript, numbered

ROWS = [{"id": f"case/{n}", "text": "line\nbreak \u2028 \u00e9", "n": n} for n in range(5)]


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "r.jsonl")
    for row in ROWS:
        journal.write(row)
    journal.close()
    assert list(lines_of(tmp_path / "r.jsonl")) == ROWS


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 400))
def test_wherever_a_kill_cuts_the_file_whole_rows_stay(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("torn") / "r.jsonl"
    whole = "".join(line_of(row) for row in ROWS).encode()
    path.write_bytes(whole[:cut])
    kept = whole[:cut].count(b"\n") + (whole[cut : cut + 1] == b"\n")
    assert list(lines_of(path)) == ROWS[:kept]
    journal = Journal(path)
    for row in ROWS[kept:]:
        journal.write(row)
    journal.close()
    assert list(lines_of(path)) == ROWS
    assert path.read_bytes() == whole


def test_a_broken_line_before_the_last_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(f'{line_of(ROWS[0])}{{"id": \n{line_of(ROWS[1])}')
    with pytest.raises(CaseError, match="line 2"):
        list(lines_of(path))
    path.write_text("[1, 2]\n")
    with pytest.raises(CaseError, match="line 1"):
        list(lines_of(path))


def test_a_rewrite_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    rewrite(path, ROWS)

    def breaks() -> object:
        yield ROWS[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        rewrite(path, breaks())  # type: ignore[arg-type]
    assert list(lines_of(path)) == ROWS


def test_the_cache_gives_back_only_what_it_can_read(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert cache.get("ab" * 16) is None
    cache.put("ab" * 16, {"row": {"n": 1}})
    held = cache.get("ab" * 16)
    assert held is not None
    assert held["row"] == {"n": 1}
    (file,) = (tmp_path / "cache").rglob("*.json")
    file.write_text(file.read_text()[:-5])
    assert cache.get("ab" * 16) is None
    file.write_text('{"key": "of another", "row": {}}')
    assert cache.get("ab" * 16) is None


def test_a_talk_survives_its_row() -> None:
    talk = Transcript(
        id="t", format="chat", turns=numbered([("a b", "x\ny"), ("c", "")]), table="k"
    )
    back = talk_from(talk_row("id", talk))
    assert (back.turns, back.digest, back.table) == (talk.turns, talk.digest, "k")
