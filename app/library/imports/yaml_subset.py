"""The little YAML that negotiation scenarios are written in: no tags, no anchors, no code.

Block and flow lists and mappings, plain and quoted scalars on one line. Everything else is
refused with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.library.imports.foreign import refuse

MAX_DEPTH = 20
MAX_LINES = 50_000
_QUOTATION = r""""(?:\\.|[^"\\])*"|'(?:''|[^'])*'"""
_KEY = re.compile(rf"""({_QUOTATION}|[^\s"'\[\]{{}},#&*!|>%@`][^#]*?)\s*:(?:\s+(.*)|)$""")
_NUMBER = re.compile(r"[-+]?(\d[\d_]*)(\.\d*)?([eE][-+]?\d+)?|[-+]?\.\d+([eE][-+]?\d+)?")
_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_REFUSED = "&*!|>%@`"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line that says something: its number, its indent, its text."""

    number: int
    indent: int
    text: str


def parsed_yaml(text: str, name: str) -> Any:
    """The value of a text in this subset; CaseError with the line of what is not."""
    rows = text.split("\n")
    if len(rows) > MAX_LINES:
        refuse(name, "", f"more than {MAX_LINES} lines")
    lines: list[_Line] = []
    for place, row in enumerate(rows, start=1):
        bare = _uncommented(row)
        if not bare.strip() or (bare.strip() == "---" and not lines):
            continue
        if "\t" in row[: len(row) - len(row.lstrip())]:
            refuse(name, f"line {place}", "indented with a tab")
        lines.append(_Line(place, len(bare) - len(bare.lstrip(" ")), bare.strip()))
    if not lines:
        return None
    reader = _Reader(lines, name)
    value = reader.block(lines[0].indent, 0)
    reader.end()
    return value


def _uncommented(row: str) -> str:
    """A line without its comment: a # after a blank, outside quotes."""
    quote = ""
    for place, mark in enumerate(row):
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "\"'" and (place == 0 or row[place - 1] in " [{,:"):
            quote = mark
        elif mark == "#" and (place == 0 or row[place - 1] == " "):
            return row[:place].rstrip()
    return row.rstrip()


class _Reader:
    """Walks the lines; a block ends where the indent falls."""

    def __init__(self, lines: list[_Line], name: str) -> None:
        self.lines, self.name, self.at = lines, name, 0

    def fail(self, problem: str) -> Any:
        line = self.lines[min(self.at, len(self.lines) - 1)]
        refuse(self.name, f"line {line.number}", problem)

    def end(self) -> None:
        if self.at < len(self.lines):
            self.fail("does not belong to what stands before it")

    def here(self, indent: int) -> _Line | None:
        if self.at < len(self.lines) and self.lines[self.at].indent == indent:
            return self.lines[self.at]
        return None

    def block(self, indent: int, depth: int) -> Any:
        """A list, a mapping or a scalar that begins on this line."""
        if depth > MAX_DEPTH:
            self.fail(f"nested too deeply; at most {MAX_DEPTH} levels are read")
        line = self.lines[self.at]
        if line.text == "-" or line.text.startswith("- "):
            return self.listed(indent, depth)
        if _KEY.fullmatch(line.text):
            return self.mapped(indent, depth)
        self.at += 1
        return self.flow(line.text, depth)

    def listed(self, indent: int, depth: int) -> list[Any]:
        found: list[Any] = []
        while (line := self.here(indent)) and (line.text == "-" or line.text.startswith("- ")):
            rest = line.text[1:].lstrip()
            if not rest:
                self.at += 1
                found.append(self.below(indent, depth))
                continue
            inner = indent + len(line.text) - len(rest)
            self.lines[self.at] = _Line(line.number, inner, rest)
            found.append(self.block(inner, depth + 1))
        return found

    def mapped(self, indent: int, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (line := self.here(indent)) and (row := _KEY.fullmatch(line.text)):
            key, rest = str(self.scalar(row[1], text=True)), (row[2] or "").strip()
            if key in found:
                self.fail(f"the key {key[:40]!a} stands twice")
            if rest:
                value = self.flow(rest, depth)
                self.at += 1
            else:
                self.at += 1
                value = self.below(indent, depth, lists_level=True)
            found[key] = value
        return found

    def below(self, indent: int, depth: int, *, lists_level: bool = False) -> Any:
        """What stands deeper than its heading; a list may stand level with its key."""
        if self.at >= len(self.lines):
            return None
        line = self.lines[self.at]
        level = lists_level and line.indent == indent and line.text.startswith("-")
        if line.indent > indent or level:
            return self.block(line.indent, depth + 1)
        return None

    def flow(self, text: str, depth: int) -> Any:
        """A value on one line."""
        value, rest = self.flowed(text, depth)
        if rest.strip():
            self.fail(f"not understood: {rest.strip()[:40]!a}")
        return value

    def flowed(self, text: str, depth: int) -> tuple[Any, str]:
        """A value and what stands behind it."""
        text = text.lstrip()
        if depth > MAX_DEPTH:
            self.fail(f"nested too deeply; at most {MAX_DEPTH} levels are read")
        if text[:1] == "[":
            return self.flow_list(text[1:], depth)
        if text[:1] == "{":
            return self.flow_map(text[1:], depth)
        return self.scalar(text), ""

    def flow_list(self, text: str, depth: int) -> tuple[list[Any], str]:
        found: list[Any] = []
        while True:
            text = text.lstrip()
            if text[:1] == "]":
                return found, text[1:]
            value, text = self.item(text, "]", depth)
            found.append(value)
            text = self.comma(text, "]")

    def flow_map(self, text: str, depth: int) -> tuple[dict[str, Any], str]:
        found: dict[str, Any] = {}
        while True:
            text = text.lstrip()
            if text[:1] == "}":
                return found, text[1:]
            word, text = self.token(text, ":")
            if not text.startswith(":"):
                self.fail("a mapping between braces needs key: value")
            value, text = self.item(text[1:].lstrip(), "}", depth)
            key = str(self.scalar(word, text=True))
            if key in found:
                self.fail(f"the key {key[:40]!a} stands twice")
            found[key] = value
            text = self.comma(text, "}")

    def item(self, text: str, end: str, depth: int) -> tuple[Any, str]:
        if text[:1] in "[{" and text:
            return self.flowed(text, depth + 1)
        word, rest = self.token(text, f",{end}")
        return self.scalar(word), rest

    def comma(self, text: str, end: str) -> str:
        text = text.lstrip()
        if text[:1] == ",":
            return text[1:]
        if text[:1] != end:
            self.fail(f"expected , or {end}; it must close on the same line")
        return text

    def token(self, text: str, ends: str) -> tuple[str, str]:
        """A scalar up to one of these marks."""
        if text[:1] in ("'", '"'):
            found = re.match(_QUOTATION, text)
            if found is None:
                self.fail("a quotation is not closed on its line")
                raise AssertionError
            return found.group(), text[found.end() :].lstrip()
        place = next((n for n, mark in enumerate(text) if mark in ends), len(text))
        return text[:place].strip(), text[place:]

    def scalar(self, word: str, *, text: bool = False) -> Any:
        """A word as a value; as text when it is a key."""
        word = word.strip()
        if word[:1] == '"' and word.endswith('"') and len(word) > 1:
            return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), word[1:-1])
        if word[:1] == "'" and word.endswith("'") and len(word) > 1:
            return word[1:-1].replace("''", "'")
        if word[:1] in ("'", '"') and word:
            self.fail("a quotation is not closed on its line")
        if word[:1] and word[0] in _REFUSED:
            self.fail(f"{word[:40]!a}: tags, anchors and block texts are not read")
        if text:
            return word
        if word.lower() in _WORDS:
            return _WORDS[word.lower()]
        if _NUMBER.fullmatch(word):
            plain = word.replace("_", "")
            return float(plain) if set(plain) & set(".eE") else int(plain[:300])
        if word.lower().lstrip("+-") in (".inf", ".nan"):
            return float(word.lower().replace(".", ""))
        return word
