"""`parley import` and `parley export`: exit codes, what is said, what is left behind."""

from pathlib import Path

import pytest

from app.commands import check, exporting, importing
from app.library import load_case

DAY = "2025-01-13"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def data(root: Path) -> Path:
    return root / "tests" / "data"


def test_a_game_becomes_a_table_that_check_reads(
    data: Path, tmp_path: Path, capsys: Capture
) -> None:
    source = data / "llm-deliberation" / "orchard"
    assert importing.llm_deliberation(source, tmp_path / "t", as_of=DAY) == 0
    assert "parley check" in capsys.readouterr().out
    assert load_case(tmp_path / "t").as_of == DAY
    assert check.run(str(tmp_path / "t")) in (0, 1)


@pytest.mark.parametrize("name", ["genius/harbour", "geniusweb/fence", "negmas/toy"])
def test_a_domain_is_told_by_its_content(data: Path, tmp_path: Path, name: str) -> None:
    assert importing.genius(data / name, tmp_path / "t", as_of=DAY) == 0
    assert len(load_case(tmp_path / "t").seats) == 2


def test_without_a_date_the_table_is_dated_today(data: Path, tmp_path: Path) -> None:
    assert importing.genius(data / "negmas" / "toy", tmp_path / "t") == 0
    assert load_case(tmp_path / "t").as_of > "2025"


def test_bad_input_leaves_nothing_behind(data: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "nowhere", tmp_path / "empty", data):
        assert importing.llm_deliberation(source, tmp_path / "t") == 2
        assert importing.genius(source, tmp_path / "t") == 2
    assert not (tmp_path / "t").exists()
    said = capsys.readouterr()
    assert said.out == ""
    assert "no such folder" in said.err
    assert "Traceback" not in said.err
    assert importing.genius(data / "negmas" / "toy", tmp_path, as_of=DAY) == 2
    assert importing.genius(data / "negmas" / "toy", tmp_path / "t", as_of="someday") == 2


def test_a_card_is_printed_or_written_once(tmp_path: Path, capsys: Capture) -> None:
    card = tmp_path / "ada.json"
    card.write_text('{"spec": "chara_card_v2", "data": {"name": "Ada", "description": "x"}}')
    assert importing.card(card) == 0
    assert "[untrusted]" in capsys.readouterr().out
    assert importing.card(card, tmp_path) == 0
    assert (tmp_path / "ada.toml").is_file()
    assert importing.card(card, tmp_path) == 2
    assert importing.card(tmp_path / "none.png") == 2


def test_export_says_what_is_lost(tmp_path: Path, capsys: Capture) -> None:
    assert exporting.genius("first-offer", tmp_path / "out") == 0
    said = capsys.readouterr()
    assert "red lines f1, f2, f3" in said.err
    assert "currencies money, growth, standing" in said.err
    assert len(list((tmp_path / "out").glob("*.xml"))) == 3
    assert exporting.genius("first-offer", tmp_path / "out") == 2
    assert exporting.genius("first-offer", tmp_path / "o", preset="no") == 2
    assert exporting.genius("no-such-table", tmp_path / "o") == 2
