"""Where all data lie: PARLEY_HOME, or the platform's place."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def default_home(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The data folder by the platform's convention."""
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "parley"
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "parley"
    data = environment.get("XDG_DATA_HOME", "")
    # The specification has relative paths ignored.
    return (Path(data) if data.startswith("/") else Path.home() / ".local" / "share") / "parley"


def home_of(environment: Mapping[str, str] | None = None) -> Path:
    """PARLEY_HOME, or the platform's place; nothing is created."""
    env = os.environ if environment is None else environment
    named = env.get("PARLEY_HOME", "").strip()
    return Path(named).expanduser() if named else default_home(env)
