"""What a request says: messages and schemas as JSON, kept where they come again in every turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from app.delegates.base import Message
from app.delegates.encoded import COMPACT, encoded
from app.domain.derived import Derived

MOST_FORMS = 256
SHORT = 2_000
"""Characters of a message that is worth keeping whoever says it."""


def response_format(schema: Mapping[str, object]) -> dict[str, object]:
    """A structured answer, as the chat completions interface asks for it."""
    inner = {"name": "answer", "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": inner}


def _written(message: Message) -> str:
    return f'{{"role":"{message.role}","content":{encoded(message.text)}}}'


_kept = lru_cache(maxsize=512)(_written)


def _form(schema: Mapping[str, object]) -> str:
    return COMPACT.encode(response_format(schema))


_form_text: Derived[Mapping[str, object], str] = Derived(_form, MOST_FORMS)
"""A schema as `response_format`; the same object comes again for a whole table."""


def written(
    body: Mapping[str, object],
    messages: Sequence[Message],
    schema: Mapping[str, object] | None,
) -> bytes:
    """A request: its parameters in `body`, which is not empty, then the form and the messages."""
    form = f',"response_format":{_form_text(schema)}' if schema is not None else ""
    spoken = [
        # What a prompt begins with, and what is short, comes again in the turns of a table.
        _kept(each) if each.role == "system" or len(each.text) < SHORT else _written(each)
        for each in messages
    ]
    text = f'{COMPACT.encode(body)[:-1]}{form},"messages":[{",".join(spoken)}]}}'
    return text.encode("utf-8", "replace")
