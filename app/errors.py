"""Exceptions for broken assumptions; expected outcomes are values, not exceptions.

ParleyError
+-- CaseError        a case, persona or record file is wrong: every finding with its place
+-- Conflict         another writer appended first; read again and decide again
+-- DelegateFailed   a delegate gave no usable move in time
+-- SettingsError    an operator's setting is wrong: names the setting and the remedy
"""

from __future__ import annotations

from dataclasses import dataclass


class ParleyError(Exception):
    """Parent of every error that Parley raises on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong in a file: where it is, what was found, what was expected."""

    path: str
    key: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.path}: {self.key}" if self.key else self.path
        return f"{place}: {self.problem}"


class CaseError(ParleyError):
    """A file cannot be used. Carries all findings of all its files at once."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(str(finding) for finding in findings))


class Conflict(ParleyError):
    """The log moved on: the expected sequence number is taken."""

    def __init__(self, table_id: str, seq: int) -> None:
        self.table_id = table_id
        self.seq = seq
        super().__init__(f"table {table_id}: event {seq} was written by somebody else")


class DelegateFailed(ParleyError):
    """A delegate did not answer with a usable move."""


class SettingsError(ParleyError):
    """A setting is missing or wrong; the text names it and says what to do."""
