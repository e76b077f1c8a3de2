"""What may be shown on a terminal: text that does nothing there."""

from __future__ import annotations

import unicodedata

from rich.markup import escape

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def safe(text: str) -> str:
    """Text as it is: nothing in it acts on the terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in "\n\t" or _is_space(c) else REPLACEMENT for c in text
    )


def _is_space(char: str) -> bool:
    """A space of some width, which Python does not count among the printable ones."""
    return unicodedata.category(char) == "Zs"


def shown(text: str) -> str:
    """The same as a part of rich markup."""
    return escape(safe(text))
