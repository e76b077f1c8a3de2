"""The cap of a day: one for every play of a home, and told by `parley models`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.events import Moved
from app.eventlog.record import read_record
from tests.commands.test_play_models import parley, played, server
from tests.llm.server import ModelServer

__all__ = ["server"]


def test_the_day_is_one_for_every_play(
    server: ModelServer, own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_home.mkdir(parents=True, exist_ok=True)
    (own_home / "models.toml").write_text("[caps.day]\ncalls = 7\n", "utf-8")
    for number in range(3):
        played(tmp_path / f"{number}.jsonl")
    assert len(server.requests) == 7
    assert "today's cap is spent" in capsys.readouterr().out
    parley("models")
    told = " ".join(capsys.readouterr().out.split())
    assert "Today (UTC), with this home: 7 of 7 calls, " in told
    assert " of 300,000,000 tokens." in told
    last = read_record(tmp_path / "2.jsonl").events
    moved = [e.body for e in last if isinstance(e.body, Moved)]
    assert {body.move.speech.by for body in moved} == {"engine"}
