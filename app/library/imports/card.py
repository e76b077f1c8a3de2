"""Character Card V2 and V3, JSON or PNG, as the skeleton of a seat file.

A card is a prompt written by somebody else. Only its name is taken over; every other text is
kept under `[untrusted]`, which no part of Parley ever reads out or sends to a model.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.library.imports.foreign import decoded, one_line, plain, read_bytes, refuse, slug
from app.library.imports.json_text import parsed_json
from app.library.reading import Document
from app.library.shapes import MAX_UNTRUSTED, SEAT_FORMAT
from app.library.write import toml

MAX_PNG = 16 * 1024 * 1024
MAX_JSON = 2 * 1024 * 1024
MAX_CHUNKS = 10_000
SPECS = {"chara_card_v2": "2", "chara_card_v3": "3"}

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXTS = (
    "description",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "system_prompt",
    "post_history_instructions",
    "creator_notes",
)
_HEAD = (
    "# A persona skeleton made of a character card. What is under [untrusted] was written by\n"
    "# somebody else as a prompt: it is off, never shown to a table and never sent to a model.\n"
    "# Write the briefs in your own words, then fill in sheet, no_deal, red_lines and mandate;\n"
    "# parley check names what is missing.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """A seat file to begin with: its id and its text, and what could not be taken over."""

    seat: str
    text: str
    notes: tuple[str, ...] = ()


def read_card(source: str | Path) -> Skeleton:
    """The skeleton of a card file; CaseError when it is no card."""
    path = Path(source)
    name = ascii(path.name)[1:-1][:100] or "card"
    raw = read_bytes(path, name, MAX_PNG)
    if raw.startswith(_SIGNATURE):
        raw = _card_in(raw, name)
    elif raw[:4] in (b"\xff\xd8\xff\xe0", b"RIFF") or raw[:1] == b"\x89":
        refuse(name, "", "an image, but no PNG; a card is JSON or PNG")
    if len(raw) > MAX_JSON:
        refuse(name, "", f"the card is larger than {MAX_JSON} bytes")
    return _skeleton(parsed_json(decoded(raw), name), name)


def _card_in(raw: bytes, name: str) -> bytes:
    """The JSON in a PNG's text chunks: V3 (`ccv3`) before V2 (`chara`)."""
    held: dict[bytes, bytes] = {}
    for kind, body in _chunks(raw, name):
        key, nul, inner = body.partition(b"\0")
        if kind == b"tEXt" and nul and key in (b"ccv3", b"chara"):
            held.setdefault(key, inner)
    text = held.get(b"ccv3") or held.get(b"chara")
    if not text:
        refuse(name, "", "a PNG without a card: no tEXt chunk named ccv3 or chara")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        refuse(name, "tEXt", "the card in this PNG is not base64")


def _chunks(raw: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG up to its end, each checked."""
    at = len(_SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(raw):
            refuse(name, f"byte {at}", "the PNG ends in the middle of a chunk")
        size = int.from_bytes(raw[at : at + 4], "big")
        kind = raw[at + 4 : at + 8]
        if at + 12 + size > len(raw):
            refuse(name, f"byte {at}", "a chunk claims to be longer than the file")
        body = raw[at + 8 : at + 8 + size]
        if kind == b"tEXt":
            told = int.from_bytes(raw[at + 8 + size : at + 12 + size], "big")
            if zlib.crc32(kind + body) != told:
                refuse(name, f"byte {at}", "a text chunk is damaged: its checksum does not match")
        if kind == b"IEND":
            return
        yield kind, body
        at += 12 + size
    refuse(name, "", f"more than {MAX_CHUNKS} chunks")


def _skeleton(card: object, name: str) -> Skeleton:
    """A seat file of what the card says."""
    spec = card.get("spec") if isinstance(card, Mapping) else None
    data = card.get("data") if isinstance(card, Mapping) else None
    if not isinstance(spec, str) or spec not in SPECS or not isinstance(data, Mapping):
        known = " or ".join(SPECS)
        refuse(name, "spec", f"found {one_line(repr(spec), 60)}; expected {known} with its data")
    who = data.get("name")
    if not isinstance(who, str) or not one_line(who):
        refuse(name, "data.name", "a name was expected")
    label = one_line(who, 120)
    seat = slug(label, (), "persona")
    notes: list[str] = []
    paper: Document = {
        "format": SEAT_FORMAT,
        "id": seat,
        "name": label,
        "short": one_line(who, 60),
        "public_brief": f"{label} speaks at this table. (Say what everybody may know.)",
        "confidential_brief": "(Say what this seat wants and hides.)",
        "untrusted": _untrusted(data, spec, notes),
    }
    return Skeleton(seat=seat, text=_HEAD + toml(paper), notes=tuple(notes))


def _untrusted(data: Mapping[str, Any], spec: str, notes: list[str]) -> Document:
    """The card's own words, cleaned of control characters, cut to a limit, and off."""
    creator = data.get("creator")
    kept: Document = {
        "on": False,
        "format": spec,
        "creator": one_line(creator, 200) if isinstance(creator, str) and plain(creator) else "?",
        "texts": {},
    }
    texts: dict[str, str] = {}
    for key in _TEXTS:
        value = data.get(key)
        if isinstance(value, str) and plain(value):
            texts[key] = plain(value)
    for place, greeting in enumerate(_listed(data.get("alternate_greetings"))[:20]):
        if isinstance(greeting, str) and plain(greeting):
            texts[f"greeting_{place + 1}"] = plain(greeting)
    book = data.get("character_book")
    entries = _listed(book.get("entries")) if isinstance(book, Mapping) else []
    for place, entry in enumerate(entries[:50]):
        content = entry.get("content") if isinstance(entry, Mapping) else None
        if isinstance(content, str) and plain(content):
            texts[f"lore_{place + 1}"] = plain(content)
    if len(entries) > 50:
        notes.append(f"{len(entries) - 50} entries of the character book were left out")
    for key, text in texts.items():
        if len(text) > MAX_UNTRUSTED:
            notes.append(f"{key} was cut to {MAX_UNTRUSTED} characters")
        kept["texts"][key] = text[:MAX_UNTRUSTED]
    return kept


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
