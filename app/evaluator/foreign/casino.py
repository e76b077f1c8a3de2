"""CaSiNo: campsite talks of two people over three packages each of food, water and firewood.

Every dialogue has a table of its own, because each participant ranks the items differently:
5, 4 and 3 points a package, and 5 points for either if the talks fail.
"""

from __future__ import annotations

from typing import Any

from app.domain.case import Case, PassRule, Preset, Seat, Session
from app.domain.mandate import Mandate, NoDealLine, Style
from app.domain.terms import Issue, Option
from app.evaluator.foreign.plain import json_of, wrong
from app.evaluator.transcript import Form, Transcript, Turn

ITEMS = ("Food", "Water", "Firewood")
WORTH = {"High": 5, "Medium": 4, "Low": 3}
OF_EACH = 3
WALK_AWAY = 5
"""Points of each participant without a deal, as the data set's authors set them."""

_KINDS = {"Submit-Deal": "submit", "Accept-Deal": "accept", "Reject-Deal": "reject"}


def read_casino(raw: bytes, name: str) -> tuple[Transcript, ...]:
    """Every dialogue of the file; the forms are typed acts and leave the words."""
    listed = json_of(raw, name)
    if not isinstance(listed, list):
        raise wrong(name, "", "expected a JSON list of dialogues")
    return tuple(_dialogue(entry, name, number) for number, entry in enumerate(listed, 1))


def _dialogue(entry: Any, name: str, number: int) -> Transcript:
    if not isinstance(entry, dict) or not isinstance(entry.get("chat_logs"), list):
        raise wrong(name, f"dialogue {number}", "no list `chat_logs`")
    turns: list[Turn] = []
    forms: list[Form] = []
    people = sorted(entry.get("participant_info") or {})
    for log in entry["chat_logs"]:
        who, text = str(log.get("id")), str(log.get("text"))
        if text in _KINDS or text == "Walk-Away":
            forms.append(_form(log, who, text, len(turns), people))
        else:
            turns.append(Turn(number=len(turns) + 1, speaker=who, text=text))
    return Transcript(
        id=str(entry.get("dialogue_id", number)),
        format="casino",
        turns=tuple(turns),
        forms=tuple(forms),
        typed=True,
        meta={"participant_info": entry.get("participant_info") or {}},
    )


def _form(log: dict[str, Any], who: str, text: str, turn: int, people: list[str]) -> Form:
    """A form in terms of the first participant's share."""
    if text == "Walk-Away":
        return Form(turn=turn, by=who, kind="walk")
    data = log.get("task_data") or {}
    first = "issue2youget" if people and who == people[0] else "issue2theyget"
    terms = {item.casefold(): share(item, int(n)) for item, n in (data.get(first) or {}).items()}
    kind = _KINDS[text]
    if kind == "submit":
        return Form(turn=turn, by=who, kind="submit", terms=terms)
    return Form(turn=turn, by=who, kind="accept" if kind == "accept" else "reject")


def share(item: str, packages: int) -> str:
    """The option by which the first participant gets so many packages."""
    return f"{item.casefold()}-{packages}"


def casino_case(transcript: Transcript) -> Case:
    """The table of one dialogue: an issue an item, an option for each way to divide it."""
    info: Any = transcript.meta.get("participant_info") or {}
    people = sorted(info)
    if len(people) != 2:
        raise wrong(transcript.id, "participant_info", f"found {len(people)} people; expected two")
    issues = tuple(_issue(item) for item in ITEMS)
    return Case(
        id=f"casino-{transcript.id}",
        title="Campsite neighbours",
        as_of="",
        disclaimer="A talk of the public CaSiNo data set.",
        not_on_table="",
        currencies=("points",),
        scale=36,
        gain=0,
        issues=issues,
        seats=tuple(Seat(id=who, name=who, short=who, brief="", phrases={}) for who in people),
        rule=PassRule(required=tuple(people), at_least=2),
        presets=(Preset(id="standard", text="", strong=False),),
        session=Session(),
        mandates={
            who: _mandate(who, first=who == people[0], ranked=info[who].get("value2issue") or {})
            for who in people
        },
    )


def _issue(item: str) -> Issue:
    return Issue(
        id=item.casefold(),
        title=item,
        topic=item,
        options=tuple(
            Option(id=share(item, n), label=f"{n} of 3 {item.lower()} to the first", text="")
            for n in range(OF_EACH + 1)
        ),
    )


def _mandate(who: str, *, first: bool, ranked: dict[str, str]) -> Mandate:
    worth = {item: WORTH[rank] for rank, item in ranked.items() if rank in WORTH}
    sheet = tuple(
        {
            share(item, n): ((n if first else OF_EACH - n) * worth.get(item, 0),)
            for n in range(OF_EACH + 1)
        }
        for item in ITEMS
    )
    return Mandate(
        seat=who,
        brief="",
        sheet=sheet,
        no_deal_lines=(NoDealLine(line="no deal", points=(WALK_AWAY,)),),
        red_lines=(),
        least={},
        style=Style(),
    )
