"""An answer that holds the key it was asked with goes no further: it would stand in a record."""

from __future__ import annotations

from app.delegates.base import Completion
from app.delegates.llm.faults import CallFailed, Fault
from app.settings import ModelSetting

LEAST_KEY = 16
"""Characters from which a key is one: local servers are given words such as EMPTY for a key."""


def unkeyed(done: Completion, setting: ModelSetting) -> Completion:
    """The answer; CallFailed where it holds the model's key."""
    key = setting.key.reveal() if setting.key is not None else ""
    if len(key) >= LEAST_KEY and (key in done.text or key in done.model):
        raise CallFailed(Fault(code="key-sent"), setting.name, tries=done.tries)
    return done
