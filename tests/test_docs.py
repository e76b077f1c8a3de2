"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command

from app.cli import cli
from app.orchestrator.orders import REFUSALS
from app.settings import Secret, models_from

ROOT = Path(__file__).resolve().parent.parent


def test_the_readme_lists_exactly_the_commands_there_are() -> None:
    text = (ROOT / "README.md").read_text()
    block = text.split("<!-- commands -->")[1].split("<!-- /commands -->")[0]
    listed = dict(re.findall(r"^(\w+) +(.+)$", block, flags=re.MULTILINE))
    command = get_command(cli)
    known = {
        name: sub.get_short_help_str(limit=200)
        for name, sub in command.commands.items()  # type: ignore[attr-defined]
    }
    assert listed == known


def test_every_link_of_the_documents_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    missing = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not missing


def test_every_file_named_in_the_architecture_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    rooms = "orchestrator|delegates|eventlog|evaluator|web|domain"
    named = re.findall(rf"`((?:{rooms})/\w+\.py)`", text)
    assert named
    assert [name for name in named if not (ROOT / "app" / name).is_file()] == []


def test_every_refusal_code_says_what_it_means() -> None:
    assert all(meaning and not meaning.endswith(".") for meaning in REFUSALS.values())


def test_the_list_of_models_in_the_documents_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "models.md").read_text()
    found = re.search(r"```\n(chat = .*?)```", text, flags=re.DOTALL)
    assert found is not None
    (tmp_path / "models.toml").write_text(found[1])
    held = models_from({"PARLEY_HOME": str(tmp_path), "LOCAL_KEY": "a-key"})
    assert held.chat == held.models[0].name
    assert (held.models[0].key, held.models[0].price is None) == (Secret("a-key"), False)
    assert (held.tables.barriers, held.tables.temperatures) == (("strict", "filtered"), (0, 1))
    assert held.caps["turn"].calls == 18
