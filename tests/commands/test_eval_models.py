"""Suites with models over the wire: seats and a judge, what they used, and where spending stops."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.evaluator.suite_journal import lines_of
from tests.commands.test_play_models import reply
from tests.llm.in_thread import ServerInThread
from tests.llm.server import KEY, ModelServer

SUITE = """
format = "parley.suite/1"
id = "models"
title = "A model against the engine"
about = "One seat is played by a model, another model judges."
scorers = ["value", "floor", "talk"]

[tables]
cases = ["first-offer"]
presets = ["standard"]
rounds = 2
seeds = { first = 1, count = 3 }

[[lineups]]
id = "model"
seats = { candidate = "openai:player", "*" = "engine" }

[judge]
model = "openai:judge"

[[gates]]
name = "no seat below its floor"
require = "below_floor.total == 0"

[[gates]]
name = "the model speaks for itself"
require = "stood_in.total >= 0"
"""


def answers(body: Mapping[str, Any]) -> str:
    """The player's form, or a judge's answer with the first words of a turn as its quote."""
    if "You assess how parties bargained" not in body["messages"][0]["content"]:
        return reply(body)
    text = body["messages"][-1]["content"]
    data = json.loads(re.search(r"<<<(\w+)\n(.*?)\n\1>>>", text, re.DOTALL).group(2))  # type: ignore[union-attr]
    entries = []
    for name, party in re.findall(r'^- (c\d+), about "(.+?)":', text, re.MULTILINE):
        said = next(row for row in data if row["speaker"] == party)
        quotes = [{"t": said["t"], "text": " ".join(said["text"].split()[:4])}]
        entries.append({"id": name, "rationale": "So it seems.", "quotes": quotes, "level": 2})
    return json.dumps({"criteria": entries})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> Iterator[ModelServer]:
    with ServerInThread(answers) as held:
        monkeypatch.setenv("OPENAI_BASE_URL", held.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        own_home.mkdir(exist_ok=True)
        (own_home / "models.toml").write_text(
            "".join(
                f'[[model]]\nname = "openai:{name}"\nbase_url = "{held.url}"\n'
                'key_env = "OPENAI_API_KEY"\nprompt_price = "1000"\ncompletion_price = "1000"\n'
                for name in ("player", "judge")
            ),
            "utf-8",
        )
        yield held


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(SUITE, "utf-8")
    return path


def parley(*words: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    code = left.value.code
    return code if isinstance(code, int) else 0


def test_models_play_and_judge_and_what_they_used_is_told(
    server: ModelServer, suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "r"
    code = parley("eval", "run", suite, "--out", folder, "--no-cache")
    out = capsys.readouterr().out
    assert code == 0, out
    rows = list(lines_of(folder / "results.jsonl"))
    assert all(row["usage"]["calls"] > 0 for row in rows)
    assert all(float(row["usage"]["money"]) > 0 for row in rows)
    assert all(row["scores"]["stood_in"] == row["usage"]["stood_in"] for row in rows)
    judged = list(lines_of(folder / "judged.jsonl"))
    assert [row["judge"] for row in judged] == ["openai:judge"] * 3
    for row in judged:
        assert set(row["levels"].values()) == {2}, row["unscored"]
        assert row["scores"]["judge:asking"] == 1.0
        assert row["scores"]["rules:asking"] is not None
        assert row["scores"]["judge_against_rules"] > 0
        assert row["usage"]["calls"] == 12, "six groups in two orders"
    assert "Spent on models" in out
    spent = json.loads((folder / "run.json").read_text())["took"]["spent"]
    money = sum(float(row["usage"]["money"]) for row in (*rows, *judged))
    assert float(spent["money"]) == pytest.approx(money)


def test_a_run_stops_at_its_cap_and_goes_on_with_a_higher_one(
    server: ModelServer, suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "r"
    first = parley("eval", "run", suite, "--out", folder, "--money", "0.000001")
    out = " ".join(capsys.readouterr().out.split())
    rows = list(lines_of(folder / "results.jsonl"))
    assert len(rows) == 1, "nothing is known of the price before the first case"
    assert first == 1
    assert "Stopped: the cap of 1e-06 money is reached" in out
    assert parley("eval", "run", suite, "--resume", folder) == 0
    assert len(list(lines_of(folder / "results.jsonl"))) == 3
    took = json.loads((folder / "run.json").read_text())["took"]
    assert (took["resumed"], took["left"], took["stopped"]) == (1, 0, "")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("openai:player", "nobody:here", "nobody"),
        ("openai:judge", "nobody:here", "nobody"),
        ("openai:judge", "openai:player", "plays a seat itself"),
    ],
)
def test_a_model_that_cannot_be_asked_is_said_before_anything_is_played(
    server: ModelServer,
    suite: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    says: str,
) -> None:
    suite.write_text(SUITE.replace(old, new), "utf-8")
    assert parley("eval", "run", suite, "--out", tmp_path / "r") == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "r").exists()
