"""Loading: the flagship and the starter are sound, and every mistake is named with its place."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.case import Case
from app.domain.events import EVERYBODY
from app.errors import CaseError
from app.library import find, load_case, new_case, shipped, tables
from app.library.reading import MAX_BYTES

Spoil = Callable[[str, str, str], list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the flagship to spoil."""
    return Path(shutil.copytree(shipped("personas") / "table-for-five", tmp_path / "five"))


@pytest.fixture
def spoil(folder: Path) -> Spoil:
    """Replaces a text in a file once and gives the findings."""

    def change(file: str, old: str, new: str) -> list[str]:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}: this test spoils nothing"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return findings(folder)

    return change


def findings(where: Path | str) -> list[str]:
    """What loading finds; empty when the case is sound."""
    try:
        load_case(where)
    except CaseError as error:
        return [str(finding) for finding in error.findings]
    return []


@pytest.fixture(scope="module")
def five() -> Case:
    return load_case("table-for-five")


def test_the_flagship_loads(five: Case) -> None:
    assert five.seat_ids == ("ukraine", "russia", "nato", "eu", "usa")
    assert five.agenda.sizes == (5, 5, 4, 5, 4, 4, 4, 4, 4, 4)
    assert five.as_of == "2024-12-02"
    assert five.currencies == ("security", "economics", "face")
    assert len(five.claims) == 67
    assert five.session.rounds == 10
    assert {preset.id: preset.strong for preset in five.presets} == {
        "guided": False,
        "standard": False,
        "hard": True,
        "expert": False,
    }
    assert [mandate.best() for mandate in five.mandates.values()] == [100] * 5
    assert five.injects[0].to == EVERYBODY
    assert five.injects[1].to == ("ukraine", "russia")
    assert all(five.agenda.complete(row.package) for row in five.references)


def test_red_lines_mean_what_the_file_says(five: Case) -> None:
    lines = {line.id: line for mandate in five.mandates.values() for line in mandate.red_lines}
    assert lines["e1"].of == {"union": ("fixed-date",)}
    assert lines["e1"].limit == 0
    assert lines["e4"].limit == 1
    assert (lines["a1"].limit, len(lines["a1"].of)) == (1, 7)
    settled = dict(zip(five.agenda.ids, five.references[0].package, strict=True))
    assert all(line.holds(settled) for line in lines.values())
    both = settled | {"territory": "recognition", "alliance": "renunciation"}
    assert not lines["e4"].holds(both)
    assert lines["e4"].holds(settled | {"territory": "recognition"})


def test_secrets_stay_in_the_mandate(five: Case) -> None:
    for seat in five.seats:
        public = repr(seat)
        mandate = five.mandates[seat.id]
        assert mandate.brief[:60] not in public
        assert all(aim.text not in public for aim in (*mandate.goals, *mandate.interests))


def test_a_name_a_folder_and_its_file_are_the_same_table(five: Case) -> None:
    folder = shipped("personas") / "table-for-five"
    for where in (folder, str(folder), folder / "table.toml"):
        assert find(where) == folder
    assert load_case(folder) == five


def test_tables_are_listed_and_home_comes_first(own_home: Path) -> None:
    assert {"first-offer", "table-for-five"} <= {info.name for info in tables()}
    assert all(not info.problem for info in tables())
    mine = own_home / "personas" / "first-offer"
    new_case(mine)
    text = (mine / "table.toml").read_text().replace('title = "First offer"', 'title = "Mine"')
    (mine / "table.toml").write_text(text)
    (own_home / "personas" / "broken").mkdir()
    (own_home / "personas" / "broken" / "table.toml").write_text("title = ")
    found = {info.name: info for info in tables(own_home)}
    assert found["first-offer"].title == "Mine"
    assert found["first-offer"].seats == ("candidate", "firm")
    assert found["first-offer"].issues == 7
    assert "line 1" in found["broken"].problem
    assert load_case("first-offer", own_home).title == "Mine"
    assert load_case("first-offer").title == "First offer"


@pytest.mark.parametrize(
    "where", ["", "table-for-fife", "no/such/folder", "\0", "x" * 5_000, "../..", "\ud800"]
)
def test_what_is_no_table_is_refused(where: str, tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        load_case(where)
    assert str(caught.value)
    if where == "table-for-fife":
        assert "did you mean 'table-for-five'?" in str(caught.value)


def test_a_copy_of_the_starter_is_a_sound_case(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "my" / "case")
    assert load_case(folder) == load_case("first-offer")
    (tmp_path / "empty").mkdir()
    assert load_case(new_case(tmp_path / "empty")).id == "first-offer"


def test_nothing_is_overwritten_by_a_copy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path, tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(CaseError):
            new_case(target)
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


SPOILED: list[tuple[str, str, str, str]] = [
    # shape
    ("eu.toml", "standard = 72", 'standard = "72"', "eu.toml: mandate.standard: found '72'"),
    ("eu.toml", "standard = 72", "standard = 72.5", "mandate.standard: found 72.5"),
    ("eu.toml", "standard = 72", "standart = 72", "no preset 'standart'; did you mean 'standard'?"),
    ("eu.toml", "standard = 72", "standard = true", "mandate.standard: found true"),
    ("eu.toml", "exponent = 0.9", "exponent = nan", "style.exponent: found nan"),
    ("eu.toml", "exponent = 0.9", "exponent = inf", "style.exponent: found inf"),
    ("eu.toml", "[style]", "[stile]", "stile: unknown key; did you mean 'style'?"),
    ("eu.toml", "short =", "shirt =", "eu.toml: short: is missing"),
    ("eu.toml", 'id = "eu"', 'id = "ue"', "eu.toml: id: found 'ue'"),
    ("eu.toml", "parley.seat/1", "parley.seat/2", "eu.toml: format: found 'parley.seat/2'"),
    ("table.toml", "rounds = 10", "rounds = 0", "table.toml: session.rounds: found 0"),
    ("table.toml", "rounds = 10", "rounds = 1" + "0" * 400, "session.rounds: found an enormous"),
    ("table.toml", 'floor = "list"', 'floor = "loud"', "session.floor: found 'loud'"),
    ("table.toml", "signable = false", "signable = 0", "patterns[0].signable: found 0"),
    ("table.toml", "as_of = 2024-12-02", 'as_of = "soon"', "as_of: found 'soon'"),
    ("table.toml", 'id = "territory"', 'id = "Territory!"', "issues[0].id: found 'Territory!'"),
    ("table.toml", "at_least = 5", "at_least = 6", "rule.at_least: asks for 6 of 5"),
    # agreement between the files
    ("table.toml", '"usa"]', '"usb"]', "there is no such file, but table.toml lists this seat"),
    ("table.toml", 'seats = ["ukraine"', 'seats = ["ukraine", "ukraine"', "stands already at [0]"),
    ("table.toml", "vetoes = []", 'vetoes = ["rusia"]', "rule.vetoes[0]: there is no seat 'rusia'"),
    ("table.toml", 'preset = "standard"', 'preset = "soft"', "session.preset: there is no preset"),
    ("table.toml", "gain = 10", "gain = -1", "table.toml: gain: found -1"),
    ("table.toml", "scale = 100", "scale = 99", "eu.toml: sheet: the best options add up to 100"),
    ("table.toml", 'id = "G2"', 'id = "G1"', "claims[1]: id 'G1' stands already at [0]"),
    ("table.toml", 'to = ["all"]', 'to = ["everyone"]', "injects[0].to[0]: there is no seat"),
    ("table.toml", ', kursk = "prisoners-first" }', "}", "packages[0].choose: no option for kursk"),
    ("table.toml", 'source = "article"', 'source = "book"', "claims[0].source: there is no source"),
    ("eu.toml", "pause = [0, 2, 0]", "pause = [0, 2]", "sheet.union.pause: found 2 numbers"),
    ("eu.toml", "pause = [0, 2, 0]", "", "sheet.union.pause: no points for this option"),
    ("eu.toml", "pause = [0, 2, 0]", "paus = [0, 2, 0]", "sheet.union.paus: there is no option"),
    ("eu.toml", "[sheet.kursk]", "[sheet.korsk]", "sheet.korsk: there is no issue 'korsk'; did"),
    ("eu.toml", "[sheet.kursk]", "[sheet.korsk]", "sheet.kursk: no points for this issue"),
    ("eu.toml", "interest = [0, 17, 4]", "interest = [0, 18, 4]", "the best options add up to 101"),
    ("eu.toml", '"security", "face"]', '"face", "face"]', "must name each currency once"),
    ("eu.toml", 'id = "e2"', 'id = "e1"', "red_lines[1]: id 'e1' stands already at [0]"),
    ("eu.toml", "{who}", "{whom}", "the fill-in {whom} is not one of this list"),
    ("eu.toml", 'kind = "live-with"', 'kind = "dislike"', "kind: found 'dislike'"),
    # red lines: nothing weak slips through
    (
        "eu.toml",
        'union = ["pause"]',
        'union = ["pauses"]',
        "red_lines[1].forbid.union[0]: there is",
    ),
    ("eu.toml", 'union = ["pause"]', "union = []", "red_lines[1].forbid.union"),
    ("eu.toml", 'union = ["pause"]', 'onion = ["pause"]', "red_lines[1].forbid.onion: there is no"),
    ("eu.toml", '{ union = ["pause"] }', "{ }", "red_lines[1].forbid"),
    ("eu.toml", 'forbid = { union = ["pause"] }', "", "red_lines[1]: needs `forbid`"),
    ("eu.toml", 'forbid = { union = ["pause"] }', "at_most = 0", "red_lines[1]: needs `forbid`"),
    ("eu.toml", "forbid = { union", "allow = { union", "red_lines[0].allow: unknown key"),
    ("usa.toml", "at_most = 1", "at_most = 7", "red_lines[0].at_most: 7 of 7 issues can never"),
    ("usa.toml", "at_most = 1", "at_most = nan", "red_lines[0].at_most: found nan"),
    ("usa.toml", "at_most = 1", "at_most = -1", "red_lines[0].at_most: found -1"),
    ("usa.toml", "at_most = 1", "at_most = 1\nat_most = 6", "usa.toml: line"),
    ("usa.toml", "at_most = 1", 'forbid = { aid = ["cessation"] }', "has both"),
    ("usa.toml", "[[red_lines]]", "[red_lines]", "usa.toml: line"),
    ("usa.toml", '{ nuclear = ["suspension"] }', '{ nuclear = "suspension" }', "forbid.nuclear"),
    # talking points
    ("usa.toml", '[[points]]\nid = "usa.', '[[points]]\nid = "Usa.', "points[0].id: found 'Usa."),
    # text
    ("eu.toml", 'short = "the', 'short = "\\u0007the', "short: holds the character U+0007"),
    ("eu.toml", 'short = "the', 'short = "\\u202ethe', "short: holds the character U+202E"),
    ("eu.toml", 'short = "the', 'short = "the\\n', "short: found"),
    ("eu.toml", 'short = "the', 'short = "' + "x" * 400, "short: found 'xxx"),
    ("eu.toml", 'format = "parley.seat/1"', "format = ", "eu.toml: line 1, column 10: not TOML"),
    ("eu.toml", "exponent = 0.9", "exponent = " + "[" * 10_000, "nested too deeply"),
    ("eu.toml", "exponent = 0.9", "exponent." + "a." * 10_000 + "a = 1", "nested too deeply"),
    ("eu.toml", "exponent = 0.9", "exponent = 1" + "0" * 5_000, "eu.toml: not TOML"),
]


@pytest.mark.parametrize(("file", "old", "new", "sign"), SPOILED)
def test_a_mistake_is_named_with_its_place(
    spoil: Spoil, file: str, old: str, new: str, sign: str
) -> None:
    found = spoil(file, old, new)
    assert any(sign in line for line in found), "\n".join(found) or "it loaded"
    assert all(len(line) < 600 for line in found)


def test_an_author_s_view_is_not_a_seat_s_position(spoil: Spoil) -> None:
    found = spoil("nato.toml", "[[positions]]", '[[positions]]\nsource = ["N6"]\n[[positions]]')
    assert any("positions[0].source[0]: N6 is the author's view" in line for line in found)


def test_all_mistakes_of_all_files_come_at_once(folder: Path) -> None:
    for file, old, new in [
        ("table.toml", "rounds = 10", "rounds = 0"),
        ("table.toml", "[rule]", "[rools]"),
        ("eu.toml", "standard = 72", 'standart = "72"'),
        ("usa.toml", 'nuclear = ["suspension"] }', 'nuclear = ["suspense"] }'),
    ]:
        path = folder / file
        path.write_text(path.read_text().replace(old, new, 1))
    (folder / "nato.toml").unlink()
    (folder / "russia.toml").write_text("[[[")
    text = "\n".join(findings(folder))
    for sign in ("session.rounds", "rools: unknown", "rule: is missing", "'standart'", "suspense"):
        assert sign in text
    assert "five/nato.toml: there is no such file" in text
    assert re.search(r"five/russia\.toml: line 1, column \d+: not TOML", text)


def test_two_seats_do_not_share_a_point(folder: Path) -> None:
    for seat in ("eu", "nato"):
        path = folder / f"{seat}.toml"
        path.write_text(
            re.sub(r'(\[\[points\]\]\nid = )"[^"]*"', r'\1"same.1"', path.read_text(), count=1)
        )
    assert any("'same.1' is a point of nato already" in line for line in findings(folder))


def test_what_is_not_a_readable_file_is_named(folder: Path) -> None:
    raw = (folder / "eu.toml").read_bytes()
    (folder / "eu.toml").write_bytes(b"\xef\xbb\xbf" + raw)
    (folder / "nato.toml").write_bytes(raw + "# “quoted”".encode("cp1252"))
    (folder / "usa.toml").unlink()
    (folder / "usa.toml").mkdir()
    (folder / "russia.toml").write_bytes(b"#" * (MAX_BYTES + 1))
    (folder / "ukraine.toml").write_bytes(b"a = 'x\0'")
    text = "\n".join(findings(folder))
    assert "eu.toml: line 1: begins with a byte order mark" in text
    assert re.search(r"nato\.toml: line \d+: byte 0x93 is not UTF-8", text)
    assert "usa.toml: this is not a regular file" in text
    assert f"russia.toml: larger than {MAX_BYTES} bytes" in text
    assert "ukraine.toml: line 1" in text


def test_windows_line_ends_are_fine(folder: Path, five: Case) -> None:
    for path in folder.glob("*.toml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_case(folder) == five
