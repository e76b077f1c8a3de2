"""What a test needs from its machine: skipped by name on a bare one, required where CI is set."""

import os
import shutil

import pytest


def need(found: object, what: str) -> None:
    """Skip the test, or fail it in CI, unless `found` holds."""
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what}: required in CI, and .ci/run installs it")
    pytest.skip(what)


def program(*names: str) -> str:
    """Give the path of the first of these programs that is installed."""
    paths = [path for path in map(shutil.which, names) if path]
    need(paths, f"{' or '.join(names)} is not installed")
    return paths[0]
