"""The scoring bench runs, writes both files and says what it measured; no figure is asserted."""

import json
from pathlib import Path

import pytest

from app.evaluator.foreign.reading import read_transcripts
from app.evaluator.turns_of_speech import SENTENCE
from app.library import load_case
from bench.scoring import in_new_words, run, talks


def test_it_scores_writes_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--talks", "3", "--turns", "24", "--out", str(tmp_path)]) in (0, 1)
    figures = json.loads(capsys.readouterr().out)
    assert figures["talks"] == 3
    assert figures["eval_bytes"] > 0
    assert len((tmp_path / "scores.jsonl").read_text("utf-8").splitlines()) == 3
    (log,) = tmp_path.glob("*.eval")
    assert [len(talk.turns) for talk in read_transcripts(log)] == [24, 24, 24]


def test_its_talks_are_seeded_and_all_different() -> None:
    case = load_case("table-for-five")
    made = list(talks(case, 20, 24, 1))
    assert made == list(talks(case, 20, 24, 1))
    assert len({talk.digest for talk in made}) == 20
    assert made != list(talks(case, 20, 24, 2))


def test_in_new_words_no_sentence_comes_again() -> None:
    made = list(talks(load_case("table-for-five"), 20, 24, 1))
    fresh = list(in_new_words(made))
    said = [s for talk in fresh for turn in talk.turns for s in SENTENCE.findall(turn.text)]
    assert len(set(said)) == len(said)
    assert [len(talk.turns) for talk in fresh] == [len(talk.turns) for talk in made]
