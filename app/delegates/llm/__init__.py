"""The one door to models: LangChain for any provider, the openai client for compatible servers.

Both doors answer the same protocol, `Complete`, under the same policy. Vendors are imported when
a door is first used, so importing this package costs nothing. `faults.CODES` says what can go
wrong; a call that brings no finished answer raises `CallFailed` with one of those codes.
"""

from __future__ import annotations

from app.delegates.llm.answer import parse
from app.delegates.llm.chain import LangChainDoor
from app.delegates.llm.direct import OpenAIDoor
from app.delegates.llm.faults import CODES, CallFailed
from app.delegates.llm.vendors import hush

__all__ = ["CODES", "CallFailed", "LangChainDoor", "OpenAIDoor", "hush", "parse"]
