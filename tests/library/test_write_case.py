"""What is written is what was read: the shipped tables, and any text there is."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CaseError
from app.library import load_case
from app.library.write import toml, write_case

KEYS = st.text(max_size=8)
PLAIN = (
    st.text() | st.integers(-(2**60), 2**60) | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False) | st.dates()
)  # fmt: skip
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_toml_text_reads_back_the_same(document: dict[str, object]) -> None:
    assert tomllib.loads(toml(document)) == document


@given(st.text())
def test_any_long_text_reads_back_the_same(text: str) -> None:
    assert tomllib.loads(toml({"a": f"first\n{text}"})) == {"a": f"first\n{text}"}


@pytest.mark.parametrize("name", ["table-for-five", "first-offer"])
def test_a_shipped_table_survives(name: str, tmp_path: Path) -> None:
    case = load_case(name)
    assert load_case(write_case(case, tmp_path / name)) == case


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "held.txt").write_text("mine")
    with pytest.raises(CaseError, match="not an empty folder"):
        write_case(load_case("first-offer"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["held.txt"]
