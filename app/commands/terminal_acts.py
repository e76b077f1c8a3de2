"""The words by which a person at a terminal acts: /turn, /endorse, /sheet and the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from app.commands.terminal import TerminalSeat

Act: TypeAlias = Callable[[TerminalSeat, str], list[str]]

HELP = """\
Words alone are said to the whole table. What begins with / acts:
  /brief  /lines  /sheet [ISSUE]     your instructions, what you never sign, your points
  /draft  /offers  /offer N          the text with brackets, what is on the table
  /set ISSUE OPTION                  build your offer; /build shows it, /start N begins from one
  /endorse N   /withdraw N REASON    kept for your turn, as is your offer after /table
  /turn WORDS                        take your turn with these words and what was kept
  /override WORDS                    the same, though it crosses your own line
  /pass   /walk                      your turn without an act; leave for good
  /to SEAT WORDS                     say it to one seat; /room ROOM WORDS in a private room
  /caucus SEAT...                    open a private room; /rooms lists them
  /rank N...   /vote N...            your ballot, best first; the drafts you could sign
  /accept  /refuse                   the improvement
  /take  /back                       take the seat; hand it to the engine
  /quit                              go; the seat is kept"""


PLAIN = frozenset(("help", "brief", "sheet", "draft", "offers", "quit"))
"""Commands that are meant for this terminal even without their stroke: nobody says them alone."""


def typed(seat: TerminalSeat, line: str) -> list[str] | None:
    """The frames that a line asks for; None to leave."""
    line = line.strip()
    if not line:
        return []
    if not line.startswith("/") and line.lower() not in PLAIN:
        return seat.send("say", text=line)
    word, _, rest = line.removeprefix("/").partition(" ")
    word = word.lower()
    if word in ("quit", "q"):
        return None
    act = ACTS.get(word)
    if act is None:
        seat.note(f"There is no /{word}; /help lists what there is.")
        return []
    try:
        return act(seat, rest.strip())
    except (ValueError, KeyError, IndexError, StopIteration):
        seat.note(f"/{word} {rest}: not understood; /help shows how it goes.")
        return []


def _help(seat: TerminalSeat, _rest: str) -> list[str]:
    seat.show(HELP)
    return []


def _brief(seat: TerminalSeat, _rest: str) -> list[str]:
    you = seat.ready["you"]
    seat.show("For your eyes only.", "bold")
    seat.show(you["brief"])
    for title, rows in (("Goals", you["goals"]), ("Interests", you["interests"])):
        seat.show(title, "bold")
        for aim in rows:
            seat.show(f"{aim['text']} [{aim['currency']}]", indent=2)
    return _lines(seat, "")


def _lines(seat: TerminalSeat, _rest: str) -> list[str]:
    you = seat.ready["you"]
    seat.show("Your red lines", "bold")
    for line in you["red_lines"]:
        seat.show(line["text"], indent=2)
    held = ", ".join(f"{name} {points}" for name, points in you["no_deal"]["points"].items())
    seat.show(f"Without a deal you hold {you['no_deal']['total']} ({held}).")
    seat.show(f"Sign nothing worth less than {you['floor']['total']}.")
    return []


def _sheet(seat: TerminalSeat, rest: str) -> list[str]:
    you, table = seat.ready["you"], seat.ready["table"]
    if rest and rest not in you["sheet"]:
        raise KeyError(rest)
    seat.show(f"Points: {', '.join(table['currencies'])}", "bold")
    for issue in table["issues"]:
        if rest in ("", issue["id"]):
            seat.show(f"{issue['title']} [{issue['id']}]", "bold")
            for option in issue["options"]:
                points = you["sheet"][issue["id"]][option["id"]]
                split = " ".join(map(str, points))
                seat.show(f"{sum(points):3} ({split}) {option['label']} [{option['id']}]", indent=2)
    return []


def _draft(seat: TerminalSeat, _rest: str) -> list[str]:
    for clause in seat.status["draft"]:
        issue = clause["issue"]
        if clause["agreed"]:
            seat.show(f"{issue}: {seat.label(issue, clause['agreed'])}", "green")
            continue
        seat.show(f"{issue}:")
        for each in clause["alternatives"]:
            who = ", ".join(seat.name(one) for one in each["seats"])
            seat.show(f"[ {seat.label(issue, each['option'])} ] {who}", indent=2)
    return []


def _offers(seat: TerminalSeat, _rest: str) -> list[str]:
    for number, offer in seat.offers.items():
        backers = seat.status["backing"].get(str(number), [])
        who = ", ".join(seat.name(one) for one in backers) or "nobody"
        seat.show(f"{number}. by {seat.name(offer['by'])}: {who}. {seat.value(offer['package'])}")
    if not seat.offers:
        seat.note("No offer is on the table yet.")
    return []


def _offer(seat: TerminalSeat, rest: str) -> list[str]:
    package = seat.offers[int(rest)]["package"]
    seat.show(f"Offer {rest} {seat.value(package)}", "bold")
    seat.terms(package)
    return []


def _set(seat: TerminalSeat, rest: str) -> list[str]:
    issue, option = rest.split()
    if option not in seat.ready["you"]["sheet"][issue]:
        raise KeyError(option)
    seat.choices[issue] = option
    return _build(seat, "")


def _start(seat: TerminalSeat, rest: str) -> list[str]:
    seat.choices = dict(seat.offers[int(rest)]["package"])
    return _build(seat, "")


def _build(seat: TerminalSeat, _rest: str) -> list[str]:
    seat.terms(seat.choices)
    missing = [i["id"] for i in seat.ready["table"]["issues"] if i["id"] not in seat.choices]
    if missing:
        seat.note(f"Still open: {', '.join(missing)}. /set ISSUE OPTION, or /start N.")
        return []
    return seat.send("worth", package=seat.choices)


def _table(seat: TerminalSeat, _rest: str) -> list[str]:
    seat.table = True
    seat.note("Your offer goes with your next /turn.")
    return _build(seat, "")


def _endorse(seat: TerminalSeat, rest: str) -> list[str]:
    number = int(rest)
    if number not in seat.offers:
        raise KeyError(number)
    seat.endorse = sorted({*seat.endorse, number})
    seat.note(f"Support for {seat.endorse} goes with your next /turn.")
    return []


def _withdraw(seat: TerminalSeat, rest: str) -> list[str]:
    number, _, reason = rest.partition(" ")
    if not reason.strip():
        seat.note("The table asks for a reason: /withdraw N REASON")
        return []
    seat.withdraw.append({"offer": int(number), "reason": reason.strip()})
    seat.note(f"Withdrawal from offer {number} goes with your next /turn.")
    return []


def _to(seat: TerminalSeat, rest: str) -> list[str]:
    whom, text = rest.split(" ", 1)
    return seat.send("say", text=text, to=whom)


def _room(seat: TerminalSeat, rest: str) -> list[str]:
    room, text = rest.split(" ", 1)
    return seat.send("say", text=text, room=room)


def _rooms(seat: TerminalSeat, _rest: str) -> list[str]:
    for room in seat.status["rooms"]:
        seat.show(f"{room['id']}{'' if room['open'] else ' (closed)'} {room['topic']}")
    return []


def _caucus(seat: TerminalSeat, rest: str) -> list[str]:
    return seat.send("caucus.open", seats=[seat.viewer, *rest.replace(",", " ").split()])


def _vote(seat: TerminalSeat, rest: str) -> list[str]:
    yes = [int(each) - 1 for each in rest.replace(",", " ").split()]
    return seat.send("vote", yes=yes)


def _rank(seat: TerminalSeat, rest: str) -> list[str]:
    return seat.send("ballot", ranking=[int(each) for each in rest.replace(",", " ").split()])


ACTS: dict[str, Act] = {
    "help": _help,
    "brief": _brief,
    "lines": _lines,
    "sheet": _sheet,
    "draft": _draft,
    "offers": _offers,
    "offer": _offer,
    "set": _set,
    "start": _start,
    "build": _build,
    "table": _table,
    "endorse": _endorse,
    "withdraw": _withdraw,
    "turn": lambda seat, rest: seat.move(rest),
    "override": lambda seat, rest: seat.move(rest, override=True),
    "pass": lambda seat, rest: seat.move(rest, endorse=[], withdraw=[], package=None),
    "walk": lambda seat, rest: seat.move(rest, walk=True, endorse=[], withdraw=[], package=None),
    "to": _to,
    "room": _room,
    "rooms": _rooms,
    "caucus": _caucus,
    "vote": _vote,
    "rank": _rank,
    "accept": lambda seat, _rest: seat.send("improvement", accept=True),
    "refuse": lambda seat, _rest: seat.send("improvement", accept=False),
    "take": lambda seat, _rest: seat.send("seat.take"),
    "back": lambda seat, _rest: seat.send("seat.hand_back"),
}
