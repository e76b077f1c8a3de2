"""The wheel carries the code, the tables, the prompts and the suites, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Give the names of the files in a freshly built wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run([*command, "."], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return {name for name in zipfile.ZipFile(built).namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_ours(root: Path, wheel: set[str]) -> None:
    shipped = ("personas", "prompts", "evals/suites", "evals/talks")
    homes = {"app": "app"} | {folder: f"app/_shipped/{folder}" for folder in shipped}
    ours = {
        f"{home}/{path.relative_to(root / top).as_posix()}"
        for top, home in homes.items()
        for path in (root / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "app/_shipped/personas/table-for-five/table.toml" in ours
    assert wheel == ours
