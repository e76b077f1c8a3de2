"""Run `parley serve` in a process of its own: python -m tests.web.launch."""

from __future__ import annotations

import importlib.util
import sys

import app.main
from app.commands import serve
from tests.web import stand_ins

if importlib.util.find_spec("app.delegates.offline") is None:
    app.main.offline_delegates = stand_ins.delegates
    app.main.offline_helpers = stand_ins.helpers

if __name__ == "__main__":
    sys.exit(serve.run())
