"""The record of a table as text for a prompt: offers as a ledger, words quoted, within a budget.

What others wrote stands only in lines that begin with a bar, so that nothing in it can pass for
ours: there is no end mark to forge. Older rounds are told by the ledger, not retold by a model.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.delegates.utterance import seen
from app.domain.case import Case, Seat
from app.domain.derived import Derived
from app.domain.events import Moved
from app.domain.state import Offer, Remark, Table
from app.domain.table import HELPERS, PLENARY
from app.domain.terms import Issue, Option, Package

BAR = "| "
LONGEST_QUOTE = 1_200
"""Characters of one remark that are quoted; nobody bargains in longer sentences."""

MOST_ROLLS = 64
"""Cases whose names of seats are kept."""

MOST_LISTED = 1_024
"""Groups of seats of one case whose names are kept."""

_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SPACES = re.compile(r"[^\S\n]+")


def tokens(text: str) -> int:
    """A cautious estimate of tokens: four ASCII characters, or three bytes of other scripts."""
    if text.isascii():
        return len(text) // 4 + 1
    return len(text.encode("utf-8", "replace")) // 3 + 1


def readable(text: str) -> str:
    """Text without what cannot be seen: controls, marks of direction, tags, lone surrogates."""
    return _SPACES.sub(" ", seen(_BREAKS.sub("\n", text))).strip()


@lru_cache(maxsize=4_096)
def quoted(text: str) -> str:
    """Somebody's words, each line behind a bar."""
    clean = readable(text)
    if len(clean) > LONGEST_QUOTE:
        clean = clean[:LONGEST_QUOTE].rstrip() + " [...]"
    return "\n".join(BAR + line.strip() for line in clean.split("\n") if line.strip()) or BAR


def shuffled(issue: Issue, seed: int) -> tuple[Option, ...]:
    """Options in an order of the viewer's own: the file's would tell a rank."""

    def drawn(option: Option) -> bytes:
        return hashlib.sha256(f"{seed}/{issue.id}/{option.id}".encode()).digest()

    return tuple(sorted(issue.options, key=drawn))


@dataclass(frozen=True, slots=True)
class _Roll:
    """How the seats of a case are named, and several of them together."""

    shorts: Mapping[str, str]
    listed: dict[frozenset[str], str]


def _rolled(seats: tuple[Seat, ...]) -> _Roll:
    return _Roll({seat.id: seat.short for seat in reversed(seats)}, {})


_ROLLS: Derived[tuple[Seat, ...], _Roll] = Derived(_rolled, MOST_ROLLS)


def _roll(case: Case) -> _Roll:
    """Made once for a case and its views, which share their seats."""
    return _ROLLS(case.seats)


def who(case: Case, seat: str) -> str:
    """How a seat or a helper is named."""
    short = _roll(case).shorts.get(seat)
    if short is not None:
        return short
    return f"the {seat}" if seat in HELPERS else "the facilitator"


def names(case: Case, seats: Iterable[str]) -> str:
    """Several seats, in the case's order."""
    roll, held = _roll(case), frozenset(seats)
    listed = roll.listed.get(held)
    if listed is None:
        if len(roll.listed) > MOST_LISTED:
            roll.listed.clear()
        shorts = [roll.shorts[seat] for seat in case.seat_ids if seat in held]
        listed = roll.listed[held] = ", ".join(shorts) if shorts else "nobody"
    return listed


def codes(table: Table, package: Package) -> str:
    """A package by codes."""
    return _coded(table.agenda.ids, package)


@lru_cache(maxsize=4_096)
def _coded(issues: tuple[str, ...], package: Package) -> str:
    return "; ".join(f"{i}={o}" for i, o in zip(issues, package, strict=True))


def labels(table: Table, package: Package) -> str:
    """A package by the labels of its options."""
    lines = [
        f"- {issue.title}: {issue.option(option).label}"
        for issue, option in zip(table.case.issues, package, strict=True)
    ]
    return "\n".join(lines)


def ledger(view: Table, seat: str, budget: int) -> str:
    """Every offer in a line or two: by whom, who stands behind it, what it settles.

    The texts that seats stand on now are given whole, others by their difference from the text
    before them of the same author; when the budget is spent, by number and backers only.
    """
    if not view.offers:
        return "There is none yet."
    whole = set(view.latest.values()) | {view.offers[-1].number}
    lines: dict[int, str] = {}
    spent = 0
    ranked = sorted(view.offers, key=lambda o: (o.number not in whole, -o.number))
    before, ids = _before(view), view.agenda.ids
    for offer in ranked:
        head = _head(view, seat, offer)
        base = None if offer.number in whole else before.get(offer.number)
        text = f"{head}\n  {_terms(ids, offer, base)}"
        cost = tokens(text)
        if spent + cost > budget:
            text, cost = head, tokens(head)
        if spent + cost > budget:
            continue
        spent += cost
        lines[offer.number] = text
    left = len(view.offers) - len(lines)
    told = [lines[number] for number in sorted(lines)]
    return "\n".join([f"({left} older offers are left out.)"] * bool(left) + told)


def _head(view: Table, seat: str, offer: Offer) -> str:
    backers = view.backers(offer.number)
    yours = " You stand behind it." if seat in backers else ""
    by = "you" if offer.by == seat else who(view.case, offer.by)
    return (
        f"Offer {offer.number} by {by}, round {offer.round}. Behind it: "
        f"{names(view.case, backers)}.{yours}"
    )


def _before(view: Table) -> dict[int, Offer]:
    """For every offer but an author's first, the one before it of the same author."""
    found: dict[int, Offer] = {}
    last: dict[str, Offer] = {}
    for offer in view.offers:
        if offer.by in last:
            found[offer.number] = last[offer.by]
        last[offer.by] = offer
    return found


def _terms(ids: tuple[str, ...], offer: Offer, base: Offer | None) -> str:
    """A package whole, or by its difference from another offer."""
    if base is None:
        return _coded(ids, offer.package)
    return f"as offer {base.number} but {_changed(ids, base.package, offer.package)}"


@lru_cache(maxsize=4_096)
def _changed(ids: tuple[str, ...], base: Package, package: Package) -> str:
    """What a package holds that another does not."""
    terms = zip(ids, base, package, strict=True)
    return "; ".join(f"{issue}={new}" for issue, old, new in terms if old != new)


def words(view: Table, budget: int, rounds: int = 2, *, heard: bool = True) -> str:
    """What was said in the last rounds, newest kept first when the budget is short.

    With `heard` off the words of others are left out: what is left is who spoke on what.
    """
    entries = [*_news(view), *_talk(view, rounds), *_reasons(view, rounds)]
    if not entries:
        return "Nothing yet."
    if not heard:
        spoke = [head for _, head, _ in sorted(entries, key=lambda entry: entry[0])]
        return "\n".join(["(The words themselves are left out of this paper.)", *spoke])
    kept: list[tuple[int, str]] = []
    for place, head, text in sorted(entries, key=lambda entry: -entry[0]):
        line = f"{head}\n{quoted(text)}"
        budget -= tokens(line)
        if budget < 0:
            break
        kept.append((place, line))
    return "\n".join(line for _, line in sorted(kept)) or "(Left out for want of room.)"


def _news(view: Table) -> list[tuple[int, str, str]]:
    return [(n - 1_000, "News:", item.text) for n, item in enumerate(view.news)]


def _talk(view: Table, rounds: int) -> list[tuple[int, str, str]]:
    held: list[tuple[int, str, str]] = []
    after, ids = view.round - rounds, view.agenda.ids
    for place, remark in enumerate(view.words):
        if remark.round > after:
            held.append((place, _said(view, remark, ids), remark.speech.text))
    return held


def _said(view: Table, remark: Remark, ids: tuple[str, ...]) -> str:
    to = f", to {who(view.case, remark.speech.to)}" if remark.speech.to else ""
    issues = [i for i in remark.speech.issues if i in ids]
    on = f", on {', '.join(issues)}" if issues else ""
    where = "" if remark.room == PLENARY else f" (in private: {_room(view, remark.room)})"
    with_text = f", with offer {remark.offer}" if remark.offer else ""
    return f"{who(view.case, remark.seat)}, round {remark.round}{where}{to}{on}{with_text}:"


def _room(view: Table, room: str) -> str:
    held = view.rooms.get(room)
    return names(view.case, held.seats) if held else "some seats"


def _reasons(view: Table, rounds: int) -> list[tuple[int, str, str]]:
    """Reasons given for withdrawals."""
    left = [m for m in view.moves if m.move.withdraw]
    if not left:
        return []
    turns = {r.turn: r.round for r in view.words if r.turn is not None}
    lately: Callable[[Moved], bool] = lambda m: turns.get(m.turn, 0) > view.round - rounds  # noqa: E731
    place = len(view.words)
    return [
        (place, f"{who(view.case, m.seat)} on leaving offer {w.offer}:", w.reason)
        for m in filter(lately, left)
        for w in m.move.withdraw
    ]


def state(view: Table, seat: str) -> str:
    """Round, time left, and who stands on what: from public acts."""
    rounds = view.session.rounds
    left = rounds - view.round
    if view.round == 0:
        when = f"These are the opening statements; {rounds} bargaining rounds follow."
    elif left <= 0:
        when = f"This is round {view.round} of {rounds}, the last: without a deal the talks fail."
    else:
        when = f"This is round {view.round} of {rounds}."
    present = view.present
    gone = [s for s in view.case.seat_ids if s not in present]
    left_table = f" {names(view.case, gone)} left the table." if gone else ""
    held = view.latest.get(seat, 0)
    own = f" Your delegation stands on offer {held}." if held else ""
    return when + left_table + own


def texts_in_play(room: Table, seat: str, package: Package | None, numbers: Sequence[int]) -> str:
    """For the speaker: where other delegations stand now, against the text spoken for."""
    held = room.offer(room.latest.get(seat, 0))
    base = package or (held.package if held else None)
    shown = set(numbers) | set(room.latest.values())
    lines = []
    for offer in room.offers:
        if offer.number not in shown:
            continue
        by = "you" if offer.by == seat else who(room.case, offer.by)
        behind = names(room.case, room.backers(offer.number))
        lines.append(f"Offer {offer.number} by {by}; behind it: {behind}.")
        if base is not None and offer.package != base:
            places = room.agenda.differences(base, offer.package)[:4]
            lines += [_differs(room, offer.package, place) for place in places]
    return "\n".join(lines) or "There is none yet."


def _differs(room: Table, package: Package, place: int) -> str:
    issue = room.case.issues[place]
    return f"  - it says, on {issue.title}: {issue.option(package[place]).label}"
