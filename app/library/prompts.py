"""The prompt files: read, checked against what the code fills in, and hashed into the record.

---
purpose: one sentence
inputs: names, by, commas
version: 1
---
Text with {{names}}; no logic.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import CaseError, Finding
from app.library.places import shipped

KEYS = ("purpose", "inputs", "version")
MAX_PROMPT_BYTES = 64 * 1024
_HOLE = re.compile(r"\{\{([^{}]*)\}\}")
_NAME = re.compile(r"[a-z][a-z_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt file. `digest` is the SHA-256 of the whole file with plain line ends."""

    name: str
    purpose: str
    inputs: tuple[str, ...]
    version: int
    text: str
    digest: str

    @property
    def mark(self) -> str:
        """Version and hash, as the record keeps them."""
        return f"{self.version}/{self.digest[:16]}"


def load_prompts(
    needs: Mapping[str, tuple[str, ...]], folder: Path | None = None
) -> Mapping[str, Prompt]:
    """The prompts named in `needs`, each with exactly the inputs that the code gives it.

    CaseError with everything that is wrong in all of them.
    """
    place = folder if folder is not None else shipped("prompts")
    found: list[Finding] = []
    prompts: dict[str, Prompt] = {}
    for name, given in needs.items():
        prompt = _load(place / f"{name}.md", name, found)
        if prompt is None:
            continue
        prompts[name] = prompt
        if set(prompt.inputs) != set(given):
            problem = f"found {', '.join(prompt.inputs)}; Parley fills in {', '.join(given)}"
            found.append(Finding(path=_path(name), key="inputs", problem=problem))
    if found:
        raise CaseError(tuple(found))
    return prompts


def _path(name: str) -> str:
    return f"prompts/{name}.md"


def _load(path: Path, name: str, found: list[Finding]) -> Prompt | None:
    """One file; None, with findings, when it cannot be used."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        found.append(Finding(path=_path(name), key="", problem=problem))
        return None
    if len(raw) > MAX_PROMPT_BYTES:
        problem = f"larger than {MAX_PROMPT_BYTES} bytes"
        found.append(Finding(path=_path(name), key="", problem=problem))
        return None
    try:
        whole = raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 at byte {error.start}"
        found.append(Finding(path=_path(name), key="", problem=problem))
        return None
    return _parsed(whole, name, found)


def _parsed(whole: str, name: str, found: list[Finding]) -> Prompt | None:
    """Front matter and text."""
    begun = len(found)

    def wrong(key: str, problem: str) -> None:
        found.append(Finding(path=_path(name), key=key, problem=problem))

    head, mark, text = whole.removeprefix("---\n").partition("\n---\n")
    if not whole.startswith("---\n") or not mark:
        wrong("line 1", "expected front matter between two lines of ---")
        return None
    fields: dict[str, str] = {}
    for number, line in enumerate(head.split("\n"), 2):
        key, colon, value = line.partition(":")
        if not colon or key not in KEYS or key in fields or not value.strip():
            wrong(f"line {number}", f"expected each of {', '.join(KEYS)} once, with a value")
        fields[key] = value.strip()
    if missing := [key for key in KEYS if key not in fields]:
        wrong("front matter", f"missing: {', '.join(missing)}")
        return None
    version = fields["version"]
    if not version.isascii() or not version.isdigit() or int(version) < 1:
        wrong("version", f"found {version[:40]!a}; expected a whole number from 1")
    inputs = tuple(part.strip() for part in fields["inputs"].split(","))
    if not all(_NAME.fullmatch(part) for part in inputs) or len(set(inputs)) != len(inputs):
        wrong("inputs", "expected different lower-case names, by commas")
    used = {hole.strip() for hole in _HOLE.findall(text)}
    if used != set(inputs):
        odd = ", ".join(sorted(used ^ set(inputs)))
        wrong("inputs", f"the text and the list of inputs differ in: {odd}")
    if not text.strip():
        wrong("text", "there is none")
    if len(found) > begun:
        return None
    return Prompt(
        name=name,
        purpose=fields["purpose"],
        inputs=inputs,
        version=int(version),
        text=text.strip(),
        digest=hashlib.sha256(whole.encode()).hexdigest(),
    )
