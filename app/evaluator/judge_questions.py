"""What a judge model is asked of a talk: the rubric's questions, and what code cannot see.

Questions come in groups, one call each, because answers to many at once lean on each other. Where
the ledger knows a fact, it goes with the criterion and is not told to the judge, so that the two
can disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.case import Case
from app.evaluator.extraction import Extraction, extract
from app.evaluator.grader import criteria
from app.evaluator.judge_request import Criterion
from app.evaluator.transcript import Transcript, seats_of

RUBRIC: Mapping[str, tuple[str, ...]] = {
    "exploring": ("interests", "asking", "listening"),
    "reasoning": ("options", "legitimacy", "warnings"),
    "working": ("face", "commitment", "process"),
    "pressing": ("threats", "irritators"),
}
"""The rule grader's questions as they are asked together; its levels stand beside the judge's."""

UNSEEN: Mapping[str, str] = {
    "answering": "Does the party answer the substance of what others put to it?",
    "dignity": "Does the party help another one to present the outcome at home with dignity?",
    "cornering": "Does the party blame, belittle or corner another one so that it loses face?",
    "looseness": "Does the party call something settled that can be read in two ways?",
}
"""What no rule sees. `cornering` and `looseness` are faults: a high level is bad."""

KNOWN: Mapping[str, str] = {
    "closing": "When the talk ends, does the party stand by terms that the others accepted too?",
    "retracting": "Does the party take back something that it had offered or accepted?",
    "leaving": "Does the party break off or leave the talks?",
}
"""What the ledger knows too. The judge is not told; a verdict against it is flagged."""

QUALITY = ("not at all", "hinted at", "once, plainly", "plainly and more than once", "throughout")
CERTAINTY = ("no", "hardly", "in part or with reservations", "most probably", "yes, plainly")
SILENT = ("chair", "mediator", "facilitator")
"""Speakers who have nothing to gain and are not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions of one call."""

    name: str
    criteria: tuple[Criterion, ...]


def parties_of(transcript: Transcript, case: Case | None = None) -> tuple[str, ...]:
    """Who is judged: the speakers who are seats; without a case all but those who preside."""
    if case is not None:
        seats = seats_of(transcript, case)
        return tuple(speaker for speaker in transcript.speakers if speaker in seats)
    return tuple(s for s in transcript.speakers if s.casefold() not in SILENT)


def aliases_of(transcript: Transcript, case: Case | None) -> dict[str, tuple[str, ...]]:
    """All names of the seats that speak, so that hiding a name hides its other forms."""
    if case is None:
        return {}
    seats = {seat.id: seat for seat in case.seats}
    return {
        speaker: (seats[seat].id, seats[seat].name, seats[seat].short)
        for speaker, seat in seats_of(transcript, case).items()
    }


def groups(transcript: Transcript, case: Case | None = None) -> tuple[Group, ...]:
    """Every question about every party, in groups; with a case also what the ledger knows."""
    parties = parties_of(transcript, case)
    if not parties:
        return ()
    asked = criteria(parties)
    found = [
        Group(
            name=name,
            criteria=tuple(one for one in asked if one.id.partition(":")[0] in questions),
        )
        for name, questions in RUBRIC.items()
    ]
    found.append(Group(name="meeting", criteria=_unseen(parties)))
    heard = extract(transcript, case) if case is not None else None
    if isinstance(heard, Extraction):
        found.append(Group(name="outcome", criteria=_known(parties, heard)))
    return tuple(found)


def _unseen(parties: tuple[str, ...]) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(id=f"{name}:{party}", party=party, question=question, anchors=QUALITY)
        for name, question in UNSEEN.items()
        for party in parties
    )


def _known(parties: tuple[str, ...], heard: Extraction) -> tuple[Criterion, ...]:
    """Questions whose answer the ledger has, with that answer."""
    return tuple(
        Criterion(
            id=f"{name}:{party}",
            party=party,
            question=question,
            anchors=CERTAINTY,
            met=3,
            fact=_fact(name, heard.seats[party], heard),
        )
        for name, question in KNOWN.items()
        for party in parties
    )


def _fact(name: str, seat: str, heard: Extraction) -> bool:
    if name == "leaving":
        return seat in heard.ledger.gone
    if name == "retracting":
        return any(act.seat == seat and act.kind == "retract" for act in heard.ledger.acts)
    clauses = heard.deal.clauses
    return any(backer == seat for clause in clauses for backer, _, _ in clause.quotes)
