"""A debrief as JSON, format parley.debrief/1, and back.

The shape is that of the records in this package, key for key; docs/debrief.md describes it. A
page that the record cannot fill is {"why": ..., "how": ...}.
"""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from app.errors import CaseError, Finding
from app.evaluator.debrief.whole import FORMAT, Debrief

_SHAPE: list[TypeAdapter[Debrief]] = []


def as_json(told: Debrief) -> str:
    """The debrief as JSON, in plain ASCII so that no terminal reads it as orders."""
    plain = _shape().dump_python(told, mode="json")
    return json.dumps(plain, indent=1, allow_nan=False) + "\n"


def read_json(text: str, name: str = "debrief") -> Debrief:
    """The debrief again; CaseError for what is none of this version."""
    try:
        told = _shape().validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _wrong(name, place, first["msg"]) from None
    if told.format != FORMAT:
        raise _wrong(name, "format", f"found {told.format[:40]!a}; expected {FORMAT!r}")
    return told


def _shape() -> TypeAdapter[Debrief]:
    """Built when first needed: it takes longer than most debriefs."""
    if not _SHAPE:
        _SHAPE.append(TypeAdapter(Debrief))
    return _SHAPE[0]


def _wrong(name: str, key: str, problem: str) -> CaseError:
    return CaseError((Finding(path=name, key=key, problem=problem),))
