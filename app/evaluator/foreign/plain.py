"""What every reader of foreign files stands on: bytes, JSON and complaints with their place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.errors import CaseError, Finding

MAX_BYTES = 512 * 1024 * 1024


def wrong(path: str, key: str, problem: str) -> CaseError:
    """One finding as an error to raise."""
    return CaseError((Finding(path=path, key=key, problem=problem),))


def bytes_of(path: Path) -> bytes:
    """The bytes of a file; CaseError when it cannot be read or is too large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise wrong(path.name, "", f"larger than {MAX_BYTES} bytes; split it")
        return path.read_bytes()
    except OSError as error:
        raise wrong(str(path), "", f"cannot be read ({error.strerror or error})") from None


def text_of(raw: bytes, name: str) -> str:
    """The bytes as UTF-8 text, without a mark of byte order."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong(name, f"byte {error.start}", "not UTF-8; save the file as UTF-8") from None


def json_of(raw: bytes, name: str) -> Any:
    """A whole file as JSON."""
    try:
        return json.loads(text_of(raw, name))
    except RecursionError:
        raise wrong(name, "", "nested too deeply") from None
    except ValueError as error:
        raise wrong(name, "", f"not JSON: {error}") from None


def json_lines(raw: bytes, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their line numbers; empty lines are passed over."""
    for number, line in enumerate(text_of(raw, name).split("\n"), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (RecursionError, ValueError) as error:
            raise wrong(name, f"line {number}", f"not JSON: {error}") from None
        if not isinstance(entry, dict):
            raise wrong(name, f"line {number}", "expected a JSON object")
        yield number, entry


def words(value: object) -> str:
    """The text of a message: a string, or the text parts of a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [
            part if isinstance(part, str) else str(part.get("text") or "")
            for part in value
            if isinstance(part, (str, dict))
        ]
        return "\n".join(part for part in parts if part)
    return ""


def strings(value: object) -> dict[str, str]:
    """A mapping with both sides as text; empty for anything else."""
    if not isinstance(value, dict):
        return {}
    return {str(key): str(item) for key, item in value.items()}
