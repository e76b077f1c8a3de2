"""Reads a file or a corpus folder of transcripts, whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from app.evaluator.foreign.casino import read_casino
from app.evaluator.foreign.chat import read_chat
from app.evaluator.foreign.convokit import read_convokit
from app.evaluator.foreign.deliberation import read_deliberation
from app.evaluator.foreign.inspectlog import read_inspect
from app.evaluator.foreign.messages import read_messages
from app.evaluator.foreign.plain import bytes_of, wrong
from app.evaluator.foreign.records import read_record_talk
from app.evaluator.transcript import Transcript

FORMATS: Final[Mapping[str, Callable[[bytes, str], tuple[Transcript, ...]]]] = {
    "chat": read_chat,
    "messages": read_messages,
    "inspect": read_inspect,
    "deliberation": read_deliberation,
    "casino": read_casino,
    "convokit": read_convokit,
    "record": read_record_talk,
}
_MARKS = (
    ("record", re.compile(rb'"format"\s*:\s*"parley\.record/')),
    ("casino", re.compile(rb'"chat_logs"\s*:')),
    ("convokit", re.compile(rb'"(?:conversation_id|reply_to|reply-to)"\s*:')),
    ("inspect", re.compile(rb'^\s*\{\s*"version"\s*:\s*\d[^\0]*?"eval"\s*:')),
    ("messages", re.compile(rb'"(?:messages|conversations)"\s*:\s*\[')),
    ("deliberation", re.compile(rb'"turns"\s*:\s*\[')),
)
_HEAD = 65_536


def read_transcripts(path: Path, form: str = "") -> tuple[Transcript, ...]:
    """The transcripts of a file; `form` is one of FORMATS, found out by itself when empty."""
    if path.is_dir():
        path = path / "utterances.jsonl"
        form = form or "convokit"
    raw = bytes_of(path)
    kind = form or sniff(raw)
    if kind not in FORMATS:
        known = ", ".join(FORMATS)
        raise wrong(path.name, "", f"unknown form {kind[:40]!a}; say one of {known}")
    return FORMATS[kind](raw, path.name)


def sniff(raw: bytes) -> str:
    """The form of a file by its first bytes; plain chat when it is no JSON and no ZIP."""
    if raw[:2] == b"PK":
        return "inspect"
    head = raw[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] not in (b"{", b"["):
        return "chat"
    if head[:1] == b"[" and not re.match(rb"\[\s*[\[{\]\"]", head):
        return "chat"
    for kind, mark in _MARKS:
        if mark.search(head):
            return kind
    first = head.split(b"\n", 1)[0]
    try:
        json.loads(first)
    except ValueError:
        return "chat"
    return "messages"
