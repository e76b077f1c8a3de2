"""What a person at a terminal sees of a table, and the words by which they act."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from app.commands.screen import safe
from app.evaluator.stand_in import stood_in

Json: TypeAlias = dict[str, Any]


class TerminalSeat:
    """One person's state: what was heard, what is kept for the next turn."""

    def __init__(self, console: Console, viewer: str) -> None:
        self.console = console
        self.viewer = viewer
        self.ready: Json = {}
        self.status: Json = {}
        self.opened = asyncio.Event()
        self.cursor = 0
        self.offers: dict[int, Json] = {}
        self.choices: dict[str, str] = {}
        self.endorse: list[int] = []
        self.withdraw: list[Json] = []
        self.table = False
        self._waiting: dict[str, str] = {}
        self._moves: set[str] = set()
        self._mark = secrets.token_hex(4)
        self._count = 0
        self._said_turn = 0

    # -- hearing -------------------------------------------------------------------------------

    def hear(self, text: str | bytes) -> list[str]:
        """Show what came; the frames to send back."""
        frame: Json = json.loads(text)
        kind = frame["type"]
        if kind == "hello":
            opening = {"type": "session.open", "viewer": self.viewer, "cursor": self.cursor}
            return [json.dumps({"id": self._id(), **opening})]
        if kind == "session.ready":
            return self._ready(frame)
        if kind == "event":
            self.cursor = frame["cursor"]
            self._event(frame)
        elif kind == "status":
            self._status(frame)
        elif kind in ("ack", "refused", "error", "worth"):
            self._answer(frame)
        elif kind == "server.draining":
            self.note("The server is stopping; the table goes on when it is back.")
        return []

    def _ready(self, frame: Json) -> list[str]:
        first = not self.ready
        self.ready, self.status = frame, frame["status"]
        self.cursor = frame["after"]
        if first:
            table = frame["table"]
            self.show(f"{table['title']}: preset {table['preset']['id']}", "bold")
            self.show(table["disclaimer"], "italic")
            self.show(f"You are {self.name(self.viewer)}. /help lists what you can do.")
        self.opened.set()
        return list(self._waiting.values())

    def _answer(self, frame: Json) -> None:
        ref = frame.get("re") or ""
        self._waiting.pop(ref, None)
        if frame["type"] == "worth":
            lines = "; ".join(each["reason"] for each in frame["breaches"])
            self.note(
                f"Worth {frame['total']} to you (no deal {frame['no_deal']}, floor "
                f"{frame['floor']}). {lines or 'It crosses none of your lines.'}"
            )
        elif frame["type"] != "ack":
            self.note(f"Not done: {frame.get('reason') or frame.get('message')}")
            if frame.get("code") == "own-line":
                self.note("/override WORDS does it all the same; it is recorded.")
        elif ref in self._moves:
            self.endorse, self.withdraw, self.table = [], [], False
        self._moves.discard(ref)

    def _event(self, frame: Json) -> None:
        body = frame["body"]
        package = body.get("package") or body.get("move", {}).get("package")
        if body.get("offer") and package and body["kind"] in ("seat.moved", "text.tabled"):
            self.offers[body["offer"]] = {"by": body.get("seat") or body["by"], "package": package}
        show = _SHOWN.get(body["kind"])
        if show is not None:
            show(self, body)

    def _status(self, frame: Json) -> None:
        self.status = frame
        turn, legal = frame["turn"], frame["legal"]
        if turn and turn["seat"] == self.viewer and turn["number"] != self._said_turn:
            self._said_turn = turn["number"]
            self.note("It is your turn: /turn WORDS, after /endorse, /withdraw or /table.")
        for asked in legal["asked"] if legal else ():
            words = {
                "ballot": f"Several texts pass: /rank {' '.join(map(str, frame['ranking']))}",
                "vote": f"The mediator asks about drafts 1 to {len(frame['drafts'])}: /vote N...",
                "improvement": "There is a text that takes nothing from anybody: /accept, /refuse",
            }
            self.note(words[asked])

    # -- showing -------------------------------------------------------------------------------

    def name(self, seat: str) -> str:
        """A seat's short name."""
        names = {each["id"]: each["short"] for each in self.ready["table"]["seats"]}
        return str(names.get(seat, seat))

    def note(self, text: str) -> None:
        """A line that is not of the talks."""
        self.show(f"· {text}", "dim")

    def show(self, text: str, style: str = "", indent: int = 0) -> None:
        """Text as it is: nothing in it acts on the terminal."""
        self.console.print(Padding(Text(safe(text), style=style), (0, 0, 0, indent)))

    def words(self, seat: str, speech: Mapping[str, Any], room: str = "") -> None:
        """Who said what, as whom."""
        to = f" to {self.name(speech['to'])}" if speech.get("to") else ""
        where = f" in private ({room})" if room else ""
        self.show(f"\n{self.name(seat)} [{speech['by']}]{to}{where}", "bold")
        self.show(speech["text"], indent=2)

    def label(self, issue: str, option: str) -> str:
        """What an option is called."""
        for each in self.ready["table"]["issues"]:
            if each["id"] == issue:
                return next(str(o["label"]) for o in each["options"] if o["id"] == option)
        return option

    def terms(self, package: Mapping[str, str], base: Mapping[str, str] | None = None) -> None:
        """A package, or what it changes."""
        for issue, option in package.items():
            if base is None or base[issue] != option:
                self.show(f"{issue}: {self.label(issue, option)}  [{option}]", indent=4)

    def own(self) -> Mapping[str, str] | None:
        """The text one stands behind."""
        number = self.status["latest"].get(self.viewer)
        return self.offers[number]["package"] if number in self.offers else None

    def moved(self, body: Json) -> None:
        """One turn."""
        move = body["move"]
        self.words(body["seat"], move["speech"])
        if why := stood_in(body.get("stand_in", "")):
            self.show(why, "dim", 2)
        if move["endorse"]:
            self.show(f"supports offer {', '.join(map(str, move['endorse']))}", "green", 2)
        for each in move["withdraw"]:
            self.show(f"no longer supports offer {each['offer']}: {each['reason']}", "red", 2)
        if move["walk"]:
            self.show("leaves the table for good", "red", 2)
        if body["offer"]:
            self.tabled(body["offer"], move["package"])

    def tabled(self, number: int, package: Mapping[str, str]) -> None:
        """A new offer, against one's own text."""
        base = self.own()
        against = "changes from yours" if base else "a complete text"
        self.show(f"offer {number} ({against}), {self.value(package)}", "cyan", 2)
        self.terms(package, base)

    def value(self, package: Mapping[str, str]) -> str:
        """What a package is worth to one's own seat."""
        sheet = self.ready["you"].get("sheet")
        if not sheet:
            return ""
        total = sum(sum(sheet[issue][option]) for issue, option in package.items())
        return f"{total} to you, floor {self.ready['you']['floor']['total']}"

    # -- acting --------------------------------------------------------------------------------

    def move(self, text: str, **more: Any) -> list[str]:
        """One's turn with what was kept for it."""
        package = dict(self.choices) if self.table else None
        fields = {"endorse": self.endorse, "withdraw": self.withdraw, "package": package}
        frame = self._frame("move", text=text, **{**fields, **more})
        self._moves.add(json.loads(frame)["id"])
        return [frame]

    def send(self, type: str, **fields: Any) -> list[str]:
        """One command."""
        return [self._frame(type, **fields)]

    def _id(self) -> str:
        self._count += 1
        return f"{self._mark}-{self._count}"

    def _frame(self, type: str, **fields: Any) -> str:
        """A command, kept until it is answered: a broken line sends it again."""
        ref = self._id()
        self._waiting[ref] = json.dumps({"id": ref, "type": type, **fields})
        return self._waiting[ref]


def _spoken(seat: TerminalSeat, body: Json) -> None:
    seat.words(body["seat"], body["speech"], "" if body["room"] == "plenary" else body["room"])


def _tabled(seat: TerminalSeat, body: Json) -> None:
    seat.words(body["by"], body["speech"])
    seat.tabled(body["offer"], body["package"])


def _reading(seat: TerminalSeat, body: Json) -> None:
    seat.choices.update(dict(body["choices"]))
    seat.note(f"{body['text']} (It is in /build now; /table keeps it for your turn.)")


_SHOWN: dict[str, Callable[[TerminalSeat, Json], None]] = {
    "seat.moved": TerminalSeat.moved,
    "words.spoken": _spoken,
    "text.tabled": _tabled,
    "reading.proposed": _reading,
    "round.opened": lambda d, b: d.note(f"Round {b['round']}"),
    "news.arrived": lambda d, b: d.note(f"News: {b['text']}"),
    "caucus.opened": lambda d, b: d.note(f"Private room {b['room']}: /room {b['room']} WORDS"),
    "caucus.closed": lambda d, b: d.note(f"Private room {b['room']} is closed."),
    "agreement.reached": lambda d, b: d.note(f"Agreement on offer {b['offer']}. {b['how']}"),
    "improvement.settled": lambda d, b: d.note(f"Improvement: {b['outcome']}."),
    "table.closed": lambda d, b: d.note(f"The talks are over: {b['outcome']}, {b['reason']}."),
}
