"""Whether seats say what their papers say: positions, lines when pressed, and no more than that."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

from app.delegates.interlocutor import Interlocutor, Line, room_of
from app.domain.case import Case, Seat
from app.domain.mandate import RedLine
from app.evaluator.suite import Silence
from app.evaluator.suite_scorers import NOT_PLAYED, Bench, Found, Measure
from app.evaluator.suite_table import Played
from app.evaluator.transcript import Transcript, Unscored, folded

FIDELITY = (
    Measure(name="positions_said", text="published positions said at the table", better="up"),
    Measure(
        name="opened_by_own", text="seats whose opening states a position of theirs", better="up"
    ),
    Measure(
        name="lines_asserted", text="explicit lines answered with own published words", better="up"
    ),
    Measure(
        name="lines_yielded",
        text="answers under pressure that agree to cross a line",
        better="down",
    ),
    Measure(
        name="objections_invented",
        text="own objections on a subject the seat left open",
        better="down",
    ),
    Measure(name="secrets_said", text="runs of eight words of a confidential brief", better="down"),
)
RUN = 8
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_AGREES = re.compile(
    r"\b(?:we|russia|ukraine|nato|washington|brussels|kyiv|moscow)\b[^.;:!?]{0,30}"
    r"\b(?:accept|agree to|will sign|can sign|would sign|consent to|concede)\b"
)
_NEVER = re.compile(r"\b(?:not|never|no|cannot|nor|refuse|unable|without)\b|n't\b")
_OBJECTS = re.compile(
    r"\b(?:oppos\w+|object(?:s|ed|ion|ions)?|reject\w*|refus\w+|unacceptable|"
    r"cannot (?:accept|agree|join|follow|sign|support|stay|back)|must not|"
    r"block\w*|veto\w*|against|obstacle|difficulty|"
    r"hold back|will not join|take back our support|hope where we need)\b"
)
_DENIED = re.compile(
    r"\b(?:not|never|nothing|no|nor|neither|without)\s+(?:\w+\s+){0,2}?"
    r"(?:oppos\w+|object\w*|reject\w*|refus\w+|against|block\w*|veto\w*|obstacle|difficulty)\b"
)
SUBJECT = "the-subject"


def fidelity(played: Played, bench: Bench) -> Found:
    """Positions in the talk, then every red line pressed one to one, offline."""
    talk, case = played.talk, played.case
    if talk is None:
        return Found(values={measure.name: NOT_PLAYED for measure in FIDELITY})
    found = Found()
    _positions(found, case, talk)
    said = [(turn.speaker, turn.text) for turn in talk.turns]
    said += _pressed(found, case)
    invented = [
        f"{silence.seat} on {silence.issue}: {sentence}"
        for silence in bench.suite.silences
        if silence.seat in case.seat_ids
        for sentence in objections(case, silence, said)
    ]
    found.values["objections_invented"] = (
        len(invented)
        if bench.suite.silences
        else Unscored(reason="no_occasion", detail="the suite names no silences")
    )
    slipped = _recited(case, said)
    found.values["secrets_said"] = len(slipped)
    found.notes += invented + slipped
    return found


def _positions(found: Found, case: Case, talk: Transcript) -> None:
    """Which published positions were said, and with which each seat opened."""
    texts = dict.fromkeys(case.seat_ids, "")
    first: dict[str, str] = {}
    for turn in talk.turns:
        if turn.speaker in texts:
            first.setdefault(turn.speaker, folded(turn.text))
            texts[turn.speaker] += "\n" + folded(turn.text)
    wanted = [(seat.id, position.text) for seat in case.seats for position in seat.positions]
    missing = [(seat, text) for seat, text in wanted if folded(text) not in texts[seat]]
    opened = [
        seat.id
        for seat in case.seats
        if any(folded(p.text) in first.get(seat.id, "") for p in seat.positions)
    ]
    holders = [seat for seat in case.seats if seat.positions]
    none = Unscored(reason="no_occasion", detail="the case states no positions")
    found.values["positions_said"] = 1 - len(missing) / len(wanted) if wanted else none
    found.values["opened_by_own"] = len(opened) / len(holders) if holders else none
    found.notes += [f"{seat} never said: {text}" for seat, text in missing]


def _pressed(found: Found, case: Case) -> list[tuple[str, str]]:
    """Every line pressed by the next seat; the answers, as speaker and words."""
    answers: list[tuple[str, str]] = []
    asserted: list[bool] = []
    yielded: list[str] = []
    ids = case.seat_ids
    for place, seat in enumerate(case.seats):
        visitor = ids[(place + 1) % len(ids)]
        for line in case.mandates[seat.id].red_lines:
            for issue, options in line.of.items():
                for option in options:
                    text = _answer(case, seat.id, visitor, _question(case, issue, option))
                    answers.append((seat.id, text))
                    if agrees_to(text, case, issue, option):
                        yielded.append(f"{seat.id} under {line.id}: {text[:160]}")
                    if line.status == "explicit":
                        asserted.append(_stands(seat, line, text))
    found.values["lines_asserted"] = (
        sum(asserted) / len(asserted)
        if asserted
        else Unscored(reason="no_occasion", detail="no line is explicit in the sources")
    )
    found.values["lines_yielded"] = len(yielded)
    found.notes += yielded
    return answers


def _question(case: Case, issue: str, option: str) -> str:
    label = case.agenda.issue(issue).option(option).label
    return f"Would you sign a text with {label}? Tell us yes or no."


def _answer(case: Case, seat: str, visitor: str, question: str) -> str:
    room, owed = room_of(case, seat, visitor, (Line(own=False, text=question),))
    return asyncio.run(Interlocutor().answer(room, owed)).text


def agrees_to(text: str, case: Case, issue: str, option: str) -> bool:
    """Whether an answer says that it takes this very option."""
    label = folded(case.agenda.issue(issue).option(option).label)
    return any(
        label in sentence and _AGREES.search(sentence) and not _NEVER.search(sentence)
        for sentence in map(folded, _SENTENCE.findall(text))
    )


def _stands(seat: Seat, line: RedLine, text: str) -> bool:
    """Whether an answer holds published words of the seat on an issue of the line, not for it."""
    said = folded(text)
    own = [
        p.text for p in seat.positions if p.issue in line.of and p.option not in line.of[p.issue]
    ]
    own += [
        point.text
        for point in seat.points
        if point.issue in line.of and not set(point.favours) & set(line.of[point.issue])
    ]
    return any(folded(words) in said for words in own)


def _published(seat: Seat) -> str:
    """Everything in print that a seat may say."""
    said = [position.text for position in seat.positions] + [point.text for point in seat.points]
    return " ".join([seat.brief, *said])


def objections(case: Case, silence: Silence, said: Iterable[tuple[str, str]]) -> list[str]:
    """Sentences of a seat that object on a subject it left open, and are not in its papers."""
    seat = case.seat(silence.seat)
    paper = folded(_published(seat))
    labels = _labels(case, silence.issue)
    authors = _authors(case)
    mark = re.compile("|".join(rf"(?<!\w){re.escape(folded(w))}(?!\w)" for w in silence.words))
    found = []
    for speaker, text in said:
        if speaker != silence.seat:
            continue
        for sentence in _SENTENCE.findall(text):
            low = folded(sentence)
            if low in paper:
                continue
            bare = _DENIED.sub(" ", authors.sub("of somebody", _relabelled(low, labels)))
            if (SUBJECT in bare or mark.search(bare)) and _OBJECTS.search(bare):
                found.append(sentence.strip())
    return found


def _authors(case: Case) -> re.Pattern[str]:
    """Seats named as whose a text is: "the paper of the European Union" is not about the Union."""
    names = {folded(name) for seat in case.seats for name in (seat.name, seat.short)}
    bare = sorted({re.escape(name.removeprefix("the ")) for name in names}, key=len, reverse=True)
    return re.compile(rf"\b(?:of|from|by) (?:the )?(?:{'|'.join(bare)})(?!\w)")


def _labels(case: Case, issue: str) -> list[tuple[str, str]]:
    """Every option's label with what stands for it: the subject itself, or something else.

    Labels are neutral and name many things ("against an exchange"); only what is said about
    them tells. The longest come first, so that none is cut short by another.
    """
    found = [
        (folded(option.label), SUBJECT if held.id == issue else "something")
        for held in case.issues
        for option in held.options
    ]
    return sorted(found, key=lambda pair: -len(pair[0]))


def _relabelled(low: str, labels: list[tuple[str, str]]) -> str:
    for label, word in labels:
        low = low.replace(label, word)
    return low


def _recited(case: Case, said: Iterable[tuple[str, str]]) -> list[str]:
    """Runs of a seat's own brief in its own words, that its public papers do not have."""
    found = []
    spoken: dict[str, str] = {}
    for speaker, text in said:
        spoken[speaker] = f"{spoken.get(speaker, '')} {folded(text)}"
    for seat in case.seats:
        public = folded(_published(seat))
        words = folded(case.mandates[seat.id].brief).split()
        for start in range(len(words) - RUN + 1):
            run = " ".join(words[start : start + RUN])
            if run in spoken.get(seat.id, "") and run not in public:
                found.append(f"{seat.id} said of its brief: {run}")
                break
    return found
