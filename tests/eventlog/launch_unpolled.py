"""Run `parley serve` with a poll of eleven days: what is seen sooner was carried by a ring."""

from __future__ import annotations

import importlib
import sys

from app.orchestrator import runner

# Before anything copies it.
assert "app.web.socket" not in sys.modules
runner.POLL_SECONDS = 1e6

if __name__ == "__main__":
    launch = importlib.import_module("tests.web.launch")
    sys.exit(launch.serve.run())
