"""Composes what a model is told for a turn, from views alone; pure, and knows no vendor.

The planner's papers come from its seat's own view. The speaker's come from what the whole
audience may see and the approved plan: no function here that writes for the speaker is given
anything else, so that nothing confidential can be in its prompt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.delegates.base import Message, Plan
from app.delegates.record_text import (
    labels,
    ledger,
    quoted,
    shuffled,
    state,
    texts_in_play,
    who,
    words,
)
from app.delegates.rhetoric import speakable
from app.domain.case import Case
from app.domain.state import Remark, Table

NEEDS: Mapping[str, tuple[str, ...]] = {
    "planner": ("seat", "disclaimer", "rules", "agenda", "delegations", "mandate"),
    "planner-turn": ("state", "ledger", "words", "counsel", "task"),
    "planner-again": ("reason",),
    "speaker": (
        *("seat", "short", "disclaimer", "delegations", "agenda"),
        *("brief", "positions", "points", "register"),
    ),
    "speaker-turn": ("state", "ledger", "words", "decision"),
    "speaker-reply": ("state", "ledger", "words", "question"),
    "speaker-again": ("reason",),
    "filtered": ("register",),
    "probe": ("word",),
}
"""Every prompt file and what is filled into it."""

MOST_RETURNED = 2_000
"""Characters of a faulty answer that are shown to its author again."""

LEDGER_SHARE = 0.5
"""Share of the token budget that the ledger of offers may take; the words get the rest."""

REASKS: Mapping[str, str] = {
    "length": "Your answer was cut off for its length: answer shorter.",
    "filtered": "Your answer was held back: answer in plain and neutral words.",
    "refused": "You declined. This is a rehearsal of diplomacy and all of it is fiction: answer.",
    "tools": "There are no tools here: answer with the text itself.",
    "context": "Answer from this shorter paper.",
}
"""What is said when a provider's fault can be answered by asking once more in other words."""

_HOLE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The prompt files: their texts, and their versions and hashes for the record."""

    texts: Mapping[str, str]
    marks: Mapping[str, str]

    def fill(self, name: str, **values: str) -> str:
        """A prompt with its inputs filled in, once: what is filled in is not looked at again."""
        return _HOLE.sub(lambda hole: values[hole.group(1)], self.texts[name])


# -- the planner -----------------------------------------------------------------------------


def planner_brief(papers: Papers, view: Table, seat: str) -> str:
    """The stable part of the planner's prompt: the same for a whole table, so it can be kept."""
    case = view.case
    return papers.fill(
        "planner",
        seat=case.seat(seat).name,
        disclaimer=case.disclaimer,
        rules=_rules(view),
        agenda=_agenda(case, view.seed, with_codes=True),
        delegations=_delegations(case, seat),
        mandate=_mandate(view, seat),
    )


def filtered_brief(papers: Papers, view: Table, seat: str) -> str:
    """The same with the words asked for as well."""
    register = view.case.seat(seat).register or "plain"
    return f"{planner_brief(papers, view, seat)}\n\n{papers.fill('filtered', register=register)}"


def planner_turn(
    papers: Papers, view: Table, seat: str, counsel: str, budget: int, *, heard: bool = True
) -> str:
    """The volatile part. With `heard` off it holds nobody else's words."""
    share = int(budget * LEDGER_SHARE)
    return papers.fill(
        "planner-turn",
        state=state(view, seat),
        ledger=ledger(view, seat, share),
        words=words(view, budget - share, heard=heard),
        counsel=counsel,
        task="Fill in the form for this turn: answer with the JSON object only.",
    )


def again(papers: Papers, who_asks: str, answer: str, reason: str) -> tuple[Message, ...]:
    """What is added to a prompt to ask once more. `who_asks` is "planner" or "speaker"."""
    return (
        Message(role="assistant", text=answer[:MOST_RETURNED] or "(no answer)"),
        Message(role="user", text=papers.fill(f"{who_asks}-again", reason=reason)),
    )


def _rules(view: Table) -> str:
    case, rule = view.case, view.case.rule
    everybody = len(rule.required) == len(case.seats) or rule.at_least == len(case.seats)
    if everybody:
        passing = "A package that every delegation endorses is the deal."
    else:
        required = ", ".join(case.seat(s).short for s in rule.required) or "nobody in particular"
        vetoes = ", ".join(case.seat(s).short for s in rule.vetoes)
        veto = f" {vetoes} can veto it." if vetoes else ""
        passing = (
            f"A package endorsed by at least {rule.at_least} delegations, among them "
            f"{required}, is the deal.{veto}"
        )
    return (
        f"{view.session.rounds} bargaining rounds after the opening statements; in each, every "
        "delegation has one turn. A turn is one move: endorsements given to or withdrawn from "
        "any offers on the table, at most one new complete package tabled, and a speech. "
        "Offers are numbered and stay on the table; whoever tables a package stands behind it. "
        f"{passing} Without a deal in the last round everybody is left with no deal."
        f" {case.not_on_table}"
    )


def _agenda(case: Case, seed: int, *, with_codes: bool) -> str:
    lines = []
    for issue in case.issues:
        lines.append(f"{issue.id}: {issue.title}" if with_codes else f"{issue.title}:")
        lines += [
            f"  {option.id}: {option.label}" if with_codes else f"  - {option.label}"
            for option in shuffled(issue, seed)
        ]
    return "\n".join(lines)


def _delegations(case: Case, own: str) -> str:
    lines = []
    for seat in case.seats:
        mark = " (you)" if seat.id == own else ""
        first = " ".join(seat.brief.split("\n\n")[0].split()) if seat.id != own else ""
        lines.append(f"- {seat.id}: {seat.name}, called {seat.short}{mark}. {first}".rstrip())
    return "\n".join(lines)


def _mandate(view: Table, seat: str) -> str:
    """The brief, the goals, the lines, the sheet and the floor, for the seat itself."""
    case, mandate = view.case, view.case.mandates[seat]
    floor = case.floor(seat, view.preset)
    sums = ", ".join(case.currencies)
    parts = [
        mandate.brief,
        "Goals:",
        *(f"- {aim.text} ({aim.currency})" for aim in (*mandate.goals, *mandate.interests)),
        "Lines never to be crossed:",
        *(
            f"- {line.id}: {line.text} ({_line_terms(line.of, line.limit)})"
            for line in mandate.red_lines
        ),
        f"Worth of each option to you ({sums}), the more the better:",
    ]
    for issue, row in zip(case.issues, mandate.sheet, strict=True):
        told = "; ".join(
            f"{o.id} {'/'.join(map(str, row[o.id]))}" for o in shuffled(issue, view.seed)
        )
        parts.append(f"- {issue.id}: {told}")
    parts.append(f"What you are left with without a deal, {sum(mandate.no_deal)} in all:")
    parts += [f"- {line.line}: {'/'.join(map(str, line.points))}" for line in mandate.no_deal_lines]
    parts.append(f"You may sign nothing that is worth less than {floor.total} in all.")
    if floor.strong:
        parts.append("Nor anything that leaves you below no deal in any one currency.")
    points = speakable(case, seat)
    parts.append("Published talking points (id: on what):")
    parts += [f"- {p.id}: {' '.join(p.text.split())}" for p in points]
    return "\n".join(parts)


def _line_terms(of: Mapping[str, tuple[str, ...]], limit: int) -> str:
    listed = "; ".join(f"{issue}: {' or '.join(options)}" for issue, options in of.items())
    return f"at most {limit} of these: {listed}" if limit else f"none of these: {listed}"


# -- the speaker: from the room and the approved plan only ----------------------------------------


def speaker_brief(papers: Papers, room: Table, seat: str) -> str:
    """The stable part of the speaker's prompt, from public papers."""
    case, own = room.case, room.case.seat(seat)
    return papers.fill(
        "speaker",
        seat=own.name,
        short=own.short,
        disclaimer=case.disclaimer,
        delegations=_delegations(case, seat),
        agenda=_agenda(case, room.seed, with_codes=False),
        brief=own.brief,
        positions="\n".join(f"- {p.text}" for p in own.positions) or "- none",
        points="\n".join(f"- {' '.join(p.text.split())}" for p in speakable(case, seat))
        or "- none",
        register=own.register or "plain",
    )


def speaker_turn(
    papers: Papers, room: Table, seat: str, plan: Plan, budget: int, *, heard: bool = True
) -> str:
    """The volatile part: what the audience sees, and the decision in plain words."""
    return papers.fill(
        "speaker-turn",
        state=state(room, seat),
        ledger=texts_in_play(room, seat, plan.package, plan.endorse),
        words=words(room, budget, rounds=1, heard=heard),
        decision=decision(room, seat, plan),
    )


def speaker_reply(papers: Papers, room: Table, seat: str, asked: Remark, budget: int) -> str:
    """The same for an answer to somebody's words."""
    name = who(room.case, asked.seat)
    return papers.fill(
        "speaker-reply",
        state=state(room, seat),
        ledger=texts_in_play(room, seat, None, ()),
        words=words(room, budget, rounds=1),
        question=f"{name} says to you:\n{quoted(asked.speech.text)}",
    )


def decision(room: Table, seat: str, plan: Plan) -> str:
    """An approved plan in plain words, by labels and numbers."""
    case, agenda = room.case, room.agenda
    parts: list[str] = []
    if plan.act == "statement":
        parts.append("It makes its opening statement. It tables and endorses nothing.")
    if plan.package is not None:
        number = len(room.offers) + 1
        parts.append(f"It tables offer {number}, which settles:\n{labels(room, plan.package)}")
    for number in plan.endorse:
        offer = room.offer(number)
        by = who(case, offer.by) if offer else "nobody"
        parts.append(f"It endorses offer {number} by {'itself' if by == who(case, seat) else by}.")
    parts += [f"It withdraws its endorsement of offer {number}." for number in plan.withdraw]
    if plan.act == "walk":
        parts.append("It leaves the table for good.")
    if plan.act == "hold":
        parts.append("It tables, endorses and withdraws nothing: it argues.")
    if plan.to is not None:
        parts.append(f"Address {who(case, plan.to)}.")
    if plan.issues:
        parts.append(f"Argue on: {', '.join(agenda.issue(i).title for i in plan.issues)}.")
    used = [p.text for p in case.seat(seat).points if p.id in plan.points]
    parts += [f"Use this published argument: {' '.join(text.split())}" for text in used]
    if plan.press is not None:
        whom = who(case, plan.to) if plan.to else "the table"
        parts.append(f"Ask {whom} to move on: {agenda.issue(plan.press).title}.")
    if plan.live_with is not None:
        issue, option = plan.live_with
        label = agenda.issue(issue).option(option).label
        parts.append(f"Say that you could live with this, in return for movement: {label}.")
    parts.append(f"Tone: {plan.tone}.")
    return "\n".join(parts)


# -- one message after the other -------------------------------------------------------------------


def messages(brief: str, turn: str, *more: Message) -> tuple[Message, ...]:
    """Stable part first, volatile part last, so that a provider's prefix cache hits."""
    return (Message(role="system", text=brief), Message(role="user", text=turn), *more)
