"""Inspect's logs, `.eval` (a ZIP) and `.json`, by the standard library alone."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from app.evaluator.foreign.messages import said
from app.evaluator.foreign.plain import MAX_BYTES, json_of, wrong
from app.evaluator.transcript import Transcript, numbered

_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_inspect(raw: bytes, name: str) -> tuple[Transcript, ...]:
    """One transcript a sample; the log's own scores stay in `meta`."""
    samples = _zipped(raw, name) if raw[:2] == b"PK" else _plain(raw, name)
    if not samples:
        raise wrong(name, "samples", "the log holds no samples")
    return tuple(_sample(place, sample, name) for place, sample in samples)


def _plain(raw: bytes, name: str) -> list[tuple[str, Any]]:
    log = json_of(raw, name)
    listed = log.get("samples") if isinstance(log, dict) else None
    return [(f"samples[{n}]", sample) for n, sample in enumerate(listed or [])]


def _zipped(raw: bytes, name: str) -> list[tuple[str, Any]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except zipfile.BadZipFile as error:
        raise wrong(name, "", f"not a ZIP archive ({error})") from None
    with archive:
        wanted = [i for i in archive.infolist() if i.filename.startswith("samples/")]
        if sum(info.file_size for info in wanted) > MAX_BYTES:
            raise wrong(name, "samples", f"larger than {MAX_BYTES} bytes unpacked; split the log")
        found = []
        for info in wanted:
            if info.compress_type not in _READABLE:
                problem = "packed with zstd; convert it: inspect log convert LOG --to json"
                raise wrong(name, info.filename, problem)
            try:
                found.append((info.filename, json.loads(archive.read(info))))
            except (ValueError, RecursionError, zipfile.BadZipFile) as error:
                raise wrong(name, info.filename, f"not JSON: {error}") from None
    return found


def _sample(place: str, sample: Any, name: str) -> Transcript:
    """The messages of a sample, or its input where nothing was generated."""
    if not isinstance(sample, dict):
        raise wrong(name, place, "expected a JSON object")
    listed = sample.get("messages") or sample.get("input") or []
    if isinstance(listed, str):
        listed = [{"role": "user", "content": listed}]
    notes = sample.get("metadata") or {}
    return Transcript(
        id=f"{sample.get('id', place)}@{sample.get('epoch', 1)}",
        format="inspect",
        turns=numbered(said(list(listed), name, place)),
        table=str(notes.get("table") or "") if isinstance(notes, dict) else "",
        meta={"scores": sample.get("scores") or {}, "metadata": notes},
    )
