"""Plain chat: `speaker: text` a line, as rehearsals and meetings are written down.

Also read: `**Speaker:** text`, `[12:01] Speaker: text`, and WebVTT with `<v Speaker>`.
"""

from __future__ import annotations

import re
from collections import Counter

from app.evaluator.foreign.plain import text_of, wrong
from app.evaluator.transcript import Transcript, numbered

_LINE = re.compile(
    r"^\s*(?:\[[^\]\n]{1,40}\]\s*|\(?\d{1,2}:\d{2}(?::\d{2})?\)?\s+(?:-\s*)?)?"
    r"(?P<mark>\*\*|__)?(?P<name>[^\W\d_][\w .'()&/-]{0,59}?)"
    r"(?:\*\*|__)?\s*:(?(mark)(?:\*\*|__)?)\s*(?P<text>.*)$"
)
_VOICE = re.compile(r"^<v(?:\.[\w.]+)? (?P<name>[^>\n]{1,60})>(?P<text>.*?)(?:</v>)?$")
_NOISE = re.compile(r"^(?:WEBVTT.*|NOTE.*|\d+|[\d:.,]+ --> [\d:.,]+.*)$")
_NOT_NAMES = frozenset(
    ("note", "example", "deal", "proposal", "offer", "issue", "option", "http", "https", "ps", "re")
)


def read_chat(raw: bytes, name: str) -> tuple[Transcript, ...]:
    """One transcript of one file. CaseError when no line names a speaker.

    A line opens a turn when it begins with a name and a colon and the name opens another line
    too, or the file's very first; what follows belongs to that turn.
    """
    text = text_of(raw, name)
    subtitles = text.lstrip().startswith("WEBVTT")
    lines = [line for line in text.splitlines() if not (subtitles and _NOISE.match(line.strip()))]
    cut = [_VOICE.match(line.strip()) or _LINE.match(line) for line in lines]
    counts = Counter(found["name"].strip() for found in cut if found)
    named = {who for who in counts if who.casefold() not in _NOT_NAMES}
    said: list[tuple[str, list[str]]] = []
    for line, found in zip(lines, cut, strict=True):
        who = found["name"].strip() if found else ""
        if found and who in named and _opens(who, counts, said):
            said.append((who, [found["text"]]))
        elif said:
            said[-1][1].append(line)
        elif line.strip() and not line.startswith("#"):
            raise wrong(name, "line 1", "no speaker; expected lines of the form `speaker: text`")
    if not said:
        raise wrong(name, "", "no turns; expected lines of the form `speaker: text`")
    turns = numbered((who, "\n".join(parts).strip()) for who, parts in said)
    return (Transcript(id=name.rpartition(".")[0] or name, format="chat", turns=turns),)


def _opens(who: str, counts: Counter[str], said: list[tuple[str, list[str]]]) -> bool:
    """A name that stands once is a speaker only where a title would not be: few words."""
    return counts[who] > 1 or not said or len(who.split()) <= 3
