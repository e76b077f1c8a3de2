"""Spoiled at random, a case either loads as a sound case or is refused with findings."""

import copy
import datetime
import random
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.case import Case
from app.errors import CaseError
from app.library import load_case, shipped

SOURCE = shipped("personas") / "table-for-five"
FILES = sorted(path.name for path in SOURCE.glob("*.toml"))
TEXTS = {name: (SOURCE / name).read_bytes() for name in FILES}


def toml(value: Any) -> str:
    """A value in TOML's inline notation; written here, apart from the reader it checks."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case datetime.date():
            return value.isoformat()
        case str():
            plain = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{plain}"'
        case list():
            return f"[{', '.join(toml(each) for each in value)}]"
        case dict():
            return (
                f"{{ {', '.join(f'{toml(key)} = {toml(each)}' for key, each in value.items())} }}"
            )
        case _:
            raise AssertionError(value)


def written(document: dict[str, Any]) -> bytes:
    """A document with one inline value a key."""
    lines = [f"{toml(key)} = {toml(value)}" for key, value in document.items()]
    return "\n".join(lines).encode()


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with a key or place in it, at every depth."""
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    else:
        return
    for key, inner in inside:
        yield value, key
        yield from spots(inner)


VALUES: list[Any] = [
    0, 1, -1, 10**30, 0.5, float("nan"), float("inf"), True, "", "source", "all", "a" * 50, "\t",
    [], {}, [[]], [1, 2, 3], ["source"], {"source": []}, datetime.date(2024, 12, 2), "../../x",
]  # fmt: skip


def outcome(folder: Path) -> Case | CaseError:
    """What loading gives: these two, and never another error."""
    try:
        return load_case(folder)
    except CaseError as error:
        refused = error
    assert refused.findings
    assert all(finding.problem and finding.path for finding in refused.findings)
    return refused


def lines_of(case: Case) -> dict[tuple[str, str], object]:
    """All red lines of a case."""
    return {
        (seat, line.id): (line.of, line.limit)
        for seat, mandate in case.mandates.items()
        for line in mandate.red_lines
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SOURCE, tmp_path_factory.mktemp("cases") / "spoiled"))


@pytest.fixture(scope="module")
def sound() -> Case:
    return load_case(SOURCE)


@pytest.mark.parametrize("name", FILES)
def test_the_writer_of_this_test_changes_nothing(folder: Path, sound: Case, name: str) -> None:
    (folder / name).write_bytes(written(tomllib.loads(TEXTS[name].decode())))
    assert outcome(folder) == sound
    (folder / name).write_bytes(TEXTS[name])


def test_values_that_are_swapped_dropped_or_renamed(folder: Path, sound: Case) -> None:
    documents = {name: tomllib.loads(text.decode()) for name, text in TEXTS.items()}

    @given(seed=st.integers(min_value=0), how=st.sampled_from(["drop", "swap", "rename", "twice"]))
    @settings(max_examples=50, deadline=None)
    def spoil(seed: int, how: str) -> None:
        draw = random.Random(seed)
        name = draw.choice(FILES)
        document = copy.deepcopy(documents[name])
        inside, key = draw.choice(list(spots(document)))
        if how == "drop":
            del inside[key]
        elif how == "swap":
            inside[key] = draw.choice(VALUES)
        elif how == "twice" and isinstance(inside, list):
            inside.append(copy.deepcopy(inside[key]))
        elif isinstance(inside, dict):
            inside[draw.choice(["x", "source", f"{key}s", "for"])] = inside.pop(key)
        (folder / name).write_bytes(written(document))
        try:
            found = outcome(folder)
            if isinstance(found, Case):
                for mandate in found.mandates.values():
                    for line in mandate.red_lines:
                        assert 0 <= line.limit < len(line.of)
                        assert all(line.of.values())
        finally:
            (folder / name).write_bytes(TEXTS[name])

    spoil()
    assert outcome(folder) == sound


@pytest.mark.parametrize("name", [name for name in FILES if name != "table.toml"])
def test_no_red_line_is_weakened_by_a_wrong_letter(folder: Path, sound: Case, name: str) -> None:
    """Any single letter changed in a line's terms: refused, or at least as many terms."""
    text = TEXTS[name].decode()
    draw = random.Random(name)
    before = lines_of(sound)
    starts = [at for at in range(len(text)) if text.startswith(("forbid", "at_most", "of ="), at)]
    for start in starts:
        end = text.index("\n", start)
        for at in draw.sample(range(start, end), 3):
            letter = draw.choice("abz_-9\"'[]{},=. \n")
            if letter == text[at]:
                continue
            (folder / name).write_bytes((text[:at] + letter + text[at + 1 :]).encode())
            found = outcome(folder)
            if isinstance(found, Case):
                assert lines_of(found) == before, f"{text[start:end]!r} with {letter!r} at {at}"
    (folder / name).write_bytes(TEXTS[name])


RAW: list[bytes] = [
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"[" * 10_000, b"a = " + b"[" * 10_000,
    b"a = " + b"{b=" * 10_000, b"[" + b"a." * 100_000 + b"a]", b'"' * 999, b"'''" * 333,
    b"a = 1\na = 2", b"[a]\n[a]", b"[[a]]\n[a]", b"a = 0x" + b"f" * 9_000,
    b"a = " + b"9" * 9_000, b"a = 1979-02-30", b"a = nan", b"a = +inf", b"seats = 3\nissues = {}",
    b"seats = [['a']]\nissues = [1, [2]]\nrule = []", b"\r", b"a = \"\\ud800\"", b"# \x07",
]  # fmt: skip


@pytest.mark.parametrize("raw", RAW, ids=range(len(RAW)))
@pytest.mark.parametrize("name", ["table.toml", "eu.toml"])
def test_strange_files_are_refused(folder: Path, name: str, raw: bytes) -> None:
    (folder / name).write_bytes(raw)
    assert isinstance(outcome(folder), CaseError)
    (folder / name).write_bytes(TEXTS[name])


def test_bytes_put_in_anywhere(folder: Path, sound: Case) -> None:
    bits = [
        b"\0",
        b"\x93",
        b"\xef\xbb\xbf",
        b"\xff",
        b'"',
        b"'''",
        b"\n",
        b"[",
        b"]]",
        b"{",
        b"=",
        b"\x1b",
    ]

    @given(seed=st.integers(min_value=0))
    @settings(max_examples=50, deadline=None)
    def spoil(seed: int) -> None:
        draw = random.Random(seed)
        name = draw.choice(FILES)
        at = draw.randrange(len(TEXTS[name]))
        (folder / name).write_bytes(TEXTS[name][:at] + draw.choice(bits) + TEXTS[name][at:])
        outcome(folder)
        (folder / name).write_bytes(TEXTS[name])

    spoil()
    assert outcome(folder) == sound
