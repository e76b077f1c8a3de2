"""The prose of a scoreable game: its issues and options, in the four ways that games list them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.library.imports.foreign import plain

Options = dict[int, tuple[str, str]]

_ISSUE = re.compile(r"^\s*[-*]?\s*Issue ([A-Z])\s*:\s*(.*)$")
_OPTION = re.compile(r'^\s*[-*]?\s*([A-Z])(\d{1,2})\s*(:|(?="))\s*(.*)$')
_RULE = re.compile(r"^\s*[=_-]{4,}\s*$")
_NAME = re.compile(r'"([^"\n]{1,120})"')

# A closing quotation mark stands before the end or before a stop or a blank, so that a title
# may quote a name: "Compensation to "neighbouring cities"".
_QUOTED = re.compile(r'^"(.+?)"(?=$|[\s.,:;])[\s:]*(.*)$')
_TITLE = re.compile(r'^"(.+?)"(?=$|[.,:;]|\s(?!.*"$))')


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """What the global text says.

    `public` is all of it, cleaned; `quoted` the names it quotes, in small letters.
    """

    public: str
    quoted: frozenset[str]
    titles: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Options] = field(default_factory=dict)

    def issue(self, letter: str) -> tuple[str, Options]:
        """An issue's title and its listed options: number to label and text."""
        return self.titles.get(letter, ""), self.options.get(letter, {})


def read_prose(text: str) -> Prose:
    """Read the global text of a game; whatever is not understood is left as prose."""
    titles: dict[str, str] = {}
    options: dict[str, Options] = {}
    letter = ""
    kept: list[str] = []
    for line in text.split("\n"):
        if _RULE.match(line):
            continue
        kept.append(line)
        if heading := _ISSUE.match(line):
            letter = heading[1]
            titles[letter] = _title(heading[2])
            options[letter] = {}
        elif letter and (row := _OPTION.match(line)) and row[1] == letter:
            options[letter][int(row[2])] = _option(row[4], named=not row[3])
    public = re.sub(r"\n{3,}", "\n\n", plain("\n".join(kept)))
    return Prose(
        public=public,
        quoted=frozenset(name.casefold() for name in _NAME.findall(text)),
        titles=titles,
        options=options,
    )


def _title(words: str) -> str:
    """The quoted title at the start of a heading, or its first sentence."""
    words = words.strip()
    found = _TITLE.match(words)
    return found[1] if found else words.split(". ")[0].strip('". ')


def _option(words: str, *, named: bool) -> tuple[str, str]:
    """Label and full text of an option; without a colon after its number it has a quoted name."""
    words = words.strip()
    found = _QUOTED.match(words) if named else None
    if found:
        label, rest = found[1].strip(), found[2].strip()
        return label, f"{label}: {rest}" if rest else label
    label = words.split("==>")[0].strip().rstrip(".").strip()
    return label, words.replace(" ==>", ":")
