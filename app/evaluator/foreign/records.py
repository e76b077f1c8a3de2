"""Parley's own records: words as turns, and every typed move as a form that binds."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.case import Case
from app.domain.events import (
    AgreementReached,
    Event,
    ImprovementSettled,
    Moved,
    Spoken,
    TableOpened,
    TextTabled,
)
from app.domain.table import PLENARY
from app.domain.terms import Package
from app.evaluator.foreign.plain import wrong
from app.evaluator.transcript import Form, Transcript, Turn
from app.eventlog.record import parse_record


def read_record_talk(raw: bytes, name: str) -> tuple[Transcript, ...]:
    """The plenary of one record."""
    return (talk_of(parse_record(raw, name).events, name.partition(".")[0]),)


def talk_of(events: Iterable[Event], name: str) -> Transcript:
    """The plenary talk of a table's events; caucus words stay in their room."""
    case: Case | None = None
    turns: list[Turn] = []
    forms: list[Form] = []
    meta: dict[str, object] = {}
    for event in events:
        body = event.body
        match body:
            case TableOpened():
                case = body.case
                meta |= {"case": body.case, "preset": body.session.preset, "seed": body.seed}
            case Moved():
                _turn(turns, body.seat, body.move.speech.text, body.move.speech.to or "")
                forms += _moves(body, len(turns), case)
            case TextTabled():
                _turn(turns, body.by, body.speech.text, "")
                forms.append(
                    Form(
                        turn=len(turns),
                        by=body.by,
                        kind="submit",
                        terms=_terms(body.package, case),
                        number=body.offer,
                    )
                )
            case Spoken() if body.room == PLENARY:
                _turn(turns, body.seat, body.speech.text, body.speech.to or "")
            case AgreementReached():
                forms.append(Form(turn=len(turns), by="table", kind="agreed", number=body.offer))
            case ImprovementSettled() if body.outcome == "accepted":
                terms = _terms(body.package, case)
                forms.append(Form(turn=len(turns), by="table", kind="agreed", terms=terms))
            case _:
                pass
    if case is None:
        raise wrong(name, "line 1", "a record begins with its table's opening")
    return Transcript(
        id=name,
        format="record",
        turns=tuple(turns),
        forms=tuple(forms),
        table=case.id,
        typed=True,
        meta=meta,
    )


def _turn(turns: list[Turn], seat: str, text: str, to: str) -> None:
    turns.append(Turn(number=len(turns) + 1, speaker=seat, text=text, to=to))


def _terms(package: Package, case: Case | None) -> dict[str, str]:
    return case.agenda.as_mapping(package) if case is not None else {}


def _moves(moved: Moved, turn: int, case: Case | None) -> list[Form]:
    """Withdrawals first, then endorsements, then the package: the order in which a table folds."""
    move, seat = moved.move, moved.seat
    found = [Form(turn=turn, by=seat, kind="retract", number=w.offer) for w in move.withdraw]
    found += [Form(turn=turn, by=seat, kind="accept", number=number) for number in move.endorse]
    if move.package is not None and moved.offer is not None:
        terms = _terms(move.package, case)
        found.append(Form(turn=turn, by=seat, kind="submit", terms=terms, number=moved.offer))
    if move.walk:
        found.append(Form(turn=turn, by=seat, kind="walk"))
    return found
