"""Chunks of a stream that differ in their words alone: the first is read, the others compared."""

from __future__ import annotations

from collections.abc import Callable

MOST_LESSONS = 4
"""How often a stream is learnt from: where every chunk differs in more, learning is in vain."""


class Alike:
    """What stood before and after the words of a chunk.

    A chunk that begins and ends the same, with characters between that mean themselves in a string
    of JSON, is the same chunk with those words.
    """

    def __init__(
        self, words_of: Callable[[object], object], read: Callable[[bytes], object]
    ) -> None:
        """`read` reads a chunk, ValueError where it is none; `words_of` finds the words in it."""
        self._words_of, self._read = words_of, read
        self._before = self._after = b""
        self._lessons = 0

    def words(self, chunk: bytes) -> str:
        """Its words, or none where it has to be read."""
        before, after = self._before, self._after
        if not before or not chunk.startswith(before) or not chunk.endswith(after):
            return ""
        try:
            text = chunk[len(before) : -len(after)].decode()
        except UnicodeDecodeError:
            return ""
        return text if _is_plain(text) else ""

    def learn(self, chunk: bytes, words: str) -> None:
        """Take note of a chunk that was read and found to say these words and nothing else."""
        if self._lessons >= MOST_LESSONS or not _is_plain(words):
            return
        self._lessons += 1
        before, mark, rest = chunk.partition(f'"{words}"'.encode())
        if not mark or not before.rstrip().endswith(b":"):  # a key, which may hide another
            return
        # They may stand elsewhere too, or be written otherwise where they count: so try others.
        others = f"{words}?"
        try:
            found = self._words_of(self._read(before + f'"{others}"'.encode() + rest))
        except ValueError:
            return
        if found == others:
            self._before, self._after = before + b'"', b'"' + rest


def _is_plain(text: str) -> bool:
    """Whether every character means itself between the quotation marks of JSON."""
    return text.isprintable() and '"' not in text and "\\" not in text
