"""The prompt files: what ships is whole, and what is wrong in one is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.delegates.briefing import NEEDS
from app.errors import CaseError
from app.library import load_prompts, shipped

GOOD = "---\npurpose: One sentence.\ninputs: seat, reason\nversion: 2\n---\n{{seat}} {{reason}}\n"


def test_what_ships_is_what_is_needed_and_nothing_else() -> None:
    held = load_prompts(NEEDS)
    assert set(held) == {path.stem for path in shipped("prompts").glob("*.md")}
    for prompt in held.values():
        assert prompt.mark.startswith(f"{prompt.version}/")
        assert "{%" not in prompt.text


def test_a_good_file(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text(GOOD)
    prompt = load_prompts({"one": ("seat", "reason")}, tmp_path)["one"]
    assert (prompt.version, prompt.inputs, prompt.text) == (
        2,
        ("seat", "reason"),
        "{{seat}} {{reason}}",
    )
    (tmp_path / "one.md").write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert load_prompts({"one": ("seat", "reason")}, tmp_path)["one"].digest == prompt.digest
    (tmp_path / "one.md").write_text(GOOD.replace("reason}}", "reason}}!"))
    assert load_prompts({"one": ("seat", "reason")}, tmp_path)["one"].digest != prompt.digest


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("no front matter", "line 1"),
        (GOOD.replace("---\npurpose", "purpose"), "line 1"),
        (GOOD.replace("purpose: One sentence.\n", ""), "front matter"),
        (GOOD.replace("purpose", "purpoise"), "line 2"),
        (GOOD.replace("version: 2", "version: 0"), "version"),
        (GOOD.replace("version: 2", "version: two"), "version"),
        (GOOD.replace("version: 2", "version: 2\nversion: 3"), "line 5"),
        (GOOD.replace("{{reason}}", ""), "inputs"),
        (GOOD.replace("{{reason}}", "{{reason}} {{secret}}"), "inputs"),
        (GOOD.replace("seat, reason", "seat, reason, seat"), "inputs"),
        ("---\npurpose: x\ninputs: seat\nversion: 1\n---\n{{seat}}\n", "inputs"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "one.md").write_text(text)
    with pytest.raises(CaseError) as caught:
        load_prompts({"one": ("seat", "reason")}, tmp_path)
    assert key in {finding.key for finding in caught.value.findings}
    assert all(finding.path == "prompts/one.md" for finding in caught.value.findings)


def test_all_files_are_complained_of_at_once(tmp_path: Path) -> None:
    (tmp_path / "two.md").write_bytes(b"\xff")
    (tmp_path / "big.md").write_text("x" * 100_000)
    with pytest.raises(CaseError) as caught:
        load_prompts({"one": (), "two": (), "big": ()}, tmp_path)
    assert {finding.path for finding in caught.value.findings} == {
        "prompts/one.md", "prompts/two.md", "prompts/big.md"
    }  # fmt: skip
