"""A person at the terminal: reads lines, talks between turns, and makes the move of a turn."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.markup import escape

from app.commands.papers import show_brief, show_draft, show_offers, show_sheet, show_worth
from app.delegates import reading
from app.delegates.base import Delegate
from app.domain.moves import Ballot, Move, Speech, Vote, Withdrawal
from app.domain.table import PLENARY, Owed, Table
from app.domain.terms import Package
from app.errors import DelegateFailed
from app.orchestrator.orders import Refusal, Say, Submit
from app.orchestrator.procedure import decide, outstanding
from app.orchestrator.runner import Desk, Host

HELP = """\
  words...               speak to the table; a seat you name answers
  /offer                 build a package and table it (starts from your last text or the draft)
  /endorse N [words]     put your name to offer N          /withdraw N reason   take it back
  /pass [words]          end your turn without an offer    /walk words          leave for good
  /brief  /sheet         your instructions and your points
  /offers  /draft        what is on the table              /worth N             offer N to you
  /help                  this list;  Ctrl-C stops (go on later with --resume)"""


class Person(Delegate):
    """The seat of somebody at this terminal. `host` lets others answer between turns."""

    def __init__(self, seat: str, desk: Desk, table_id: str) -> None:
        self.seat = seat
        self.desk = desk
        self.table_id = table_id
        self.host: Host | None = None
        self.show_news: Callable[[], Awaitable[object]] | None = None
        self.console = Console(highlight=False, emoji=False)
        self._greeted = False
        self._package: Package | None = None

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        """Ask for lines until one of them is a move the table would take."""
        del room
        if not self._greeted:
            self._greeted = True
            show_brief(self.console, view, seat)
            self.console.print(HELP, markup=False)
        what = "" if view.round else ": your opening statement, /pass with your words"
        self.console.print(f"\n[bold]Your turn[/bold] ({escape(view.case.seat(seat).short)}){what}")
        while True:
            line = (await self._ask("> ")).strip()
            if not line:
                continue
            view = (await self.desk.sitting(self.table_id)).view(seat)
            move = await self._understood(view, line)
            if move is None:
                continue
            move = await self._confirmed(view, move)
            if move is not None:
                self._package = None
                return move

    async def reply(self, room: Table, owed: Owed) -> Speech:
        """People answer when they like; nobody waits for them."""
        raise DelegateFailed(f"a person owes no answer in {owed.room} of {room.table_id}")

    async def vote(self, view: Table, seat: str) -> Vote:
        """Could you sign these drafts?"""
        self.console.print("\nThe mediator asks you in private about these drafts:")
        for number, draft in enumerate(view.drafts, start=1):
            show_worth(self.console, view, seat, draft, f"Draft {number}")
        yes = await self._numbers("Which could you sign? (numbers, or none) ", len(view.drafts))
        order = sorted(
            range(len(view.drafts)),
            key=lambda n: -view.case.mandates[seat].total(view.drafts[n]),
        )
        return Vote(yes=tuple(n - 1 for n in yes), ranking=tuple(order))

    async def ballot(self, view: Table, seat: str) -> Ballot:
        """Rank what passes."""
        self.console.print("\nSeveral offers meet the decision rule. Rank them, best first:")
        for number in view.ranking:
            package = view.offers[number - 1].package
            show_worth(self.console, view, seat, package, f"Offer {number}")
        while True:
            said = await self._numbers("Your order: ", len(view.offers))
            if sorted(said) == sorted(view.ranking):
                return Ballot(ranking=tuple(said))
            self.console.print(f"Name exactly these: {', '.join(map(str, view.ranking))}")

    async def improvement(self, view: Table, seat: str) -> bool:
        """Yes or no."""
        if view.improvement is None:
            return False
        show_worth(self.console, view, seat, view.improvement, "A proposed improvement")
        return (await self._ask("Accept it? (y/n) ")).strip().lower().startswith("y")

    async def _understood(self, view: Table, line: str) -> Move | None:
        """A move, or None after something that takes no turn."""
        shows: dict[str, Callable[[], None]] = {
            "help": lambda: self.console.print(HELP, markup=False),
            "brief": lambda: show_brief(self.console, view, self.seat),
            "sheet": lambda: show_sheet(self.console, view, self.seat),
            "offers": lambda: show_offers(self.console, view, self.seat),
            "draft": lambda: show_draft(self.console, view),
        }
        # A bare "help" or "brief" is meant for this terminal, not for the table.
        if not line.startswith("/") and line.lower() not in shows:
            await self._say(view, line)
            return None
        try:
            word, *rest = shlex.split(line.removeprefix("/")) or ["help"]
        except ValueError:
            word, *rest = line[1:].split()
        if word.lower() in shows:
            shows[word.lower()]()
            return None
        words = Speech(text=" ".join(rest) or "(no further words)", by="person")
        match word:
            case "pass":
                return Move(speech=words)
            case "walk":
                return Move(speech=words, walk=True)
            case "offer":
                return await self._offer(view)
            case "endorse" | "withdraw" | "worth":
                return await self._on_offer(view, word, rest)
            case _:
                self.console.print(f"There is no /{word}; /help lists what there is.", markup=False)
                return None

    async def _on_offer(self, view: Table, word: str, rest: list[str]) -> Move | None:
        offer = view.offer(_number(rest[0])) if rest else None
        if offer is None:
            self.console.print(f"/{word} needs the number of an offer on the table.", markup=False)
            return None
        text = " ".join(rest[1:])
        if word == "worth":
            show_worth(self.console, view, self.seat, offer.package, f"Offer {offer.number}")
            return None
        if word == "endorse":
            words = Speech(text=text or f"We support offer {offer.number}.", by="person")
            return Move(speech=words, endorse=(offer.number,))
        back = Withdrawal(offer=offer.number, reason=text)
        words = Speech(text=text or "(no reason given)", by="person")
        return Move(speech=words, withdraw=(back,))

    async def _confirmed(self, view: Table, move: Move) -> Move | None:
        """The move if the table would take it; an override is asked for, never assumed."""
        turn = view.turn.number if view.turn else 0
        checked = decide(view, Submit(seat=self.seat, turn=turn, move=move), 0)
        if not isinstance(checked, Refusal):
            return move
        self.console.print(f"[red]{escape(checked.reason)}[/red]")
        if checked.code != "own-line":
            return None
        said = await self._ask("Cross your own line? It is recorded. Type 'override' to do it: ")
        if said.strip().lower() != "override":
            return None
        return Move(
            speech=move.speech,
            endorse=move.endorse,
            withdraw=move.withdraw,
            package=move.package,
            walk=move.walk,
            override=True,
        )

    async def _say(self, view: Table, line: str) -> None:
        """Words to the table; whoever is asked answers before the turn goes on."""
        standing = view.offer(view.latest.get(self.seat, 0))
        found = reading.read(line, view.case, self.seat, standing.package if standing else None)
        to = found.addressee or _last_speaker(view, self.seat)
        speech = Speech(text=line, by="person", to=to, issues=found.issues)
        certain = found.options if found.kind == "offer" else ()
        said = Say(
            seat=self.seat,
            room=PLENARY,
            speech=speech,
            reading=tuple(certain),
            reading_text=found.text,
        )
        result = await self.desk.submit(self.table_id, said)
        if isinstance(result, Refusal):
            self.console.print(f"[red]{escape(result.reason)}[/red]")
            return
        if certain:
            self._package = _applied(view, self._package or _start(view, self.seat), certain)
        while self.host is not None and await self._answer_is_owed(self.host):
            await self.host.step(self.table_id)
        if self.show_news is not None:
            await self.show_news()

    async def _answer_is_owed(self, host: Host) -> bool:
        """Whether somebody who is here still has to answer words."""
        table = (await self.desk.sitting(self.table_id)).table
        return any(
            awaited.act == "reply" and table.occupants.get(awaited.seat) in host.delegates
            for awaited in outstanding(table)
        )

    async def _offer(self, view: Table) -> Move | None:
        """Walk through the issues; Enter keeps what stands there."""
        package = list(self._package or _start(view, self.seat))
        for place, issue in enumerate(view.case.issues):
            self.console.print(f"\n[bold]{escape(issue.title)}[/bold]")
            for number, option in enumerate(issue.options, start=1):
                mark = "*" if option.id == package[place] else " "
                worth = sum(view.case.mandates[self.seat].sheet[place][option.id])
                self.console.print(
                    f" {mark}{number}. {option.text}  ({worth} to you)", markup=False
                )
            said = (await self._ask("number, Enter to keep, q to leave: ")).strip()
            if said.lower() == "q":
                return None
            if 1 <= _number(said) <= len(issue.options):
                package[place] = issue.options[_number(said) - 1].id
        chosen = tuple(package)
        show_worth(self.console, view, self.seat, chosen, "Your offer")
        text = (await self._ask("Words with it (Enter: none), q to leave: ")).strip()
        if text.lower() == "q":
            self._package = chosen
            return None
        words = Speech(text=text or "We put this text on the table.", by="person")
        return Move(speech=words, package=chosen)

    async def _numbers(self, prompt: str, most: int) -> list[int]:
        said = (await self._ask(prompt)).replace(",", " ").split()
        return [_number(word) for word in said if 1 <= _number(word) <= most]

    async def _ask(self, prompt: str) -> str:
        # Nobody else acts while a person thinks, so the loop may wait.
        return typed_line(prompt)


def typed_line(prompt: str) -> str:
    """One line from the keyboard; what is no text is an empty one, its end is a Ctrl-C.

    asyncio takes Ctrl-C for itself and would tell of it only after the next Enter.
    """
    held = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return input(prompt).encode("utf-8", "replace").decode()
    except UnicodeDecodeError:
        return ""
    except EOFError:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, held)


def _number(word: str) -> int:
    """A number as typed, or 0."""
    return int(word) if word.isdecimal() and len(word) < 10 else 0


def _last_speaker(view: Table, seat: str) -> str | None:
    """Whoever spoke last is the one words without a name are for."""
    for remark in reversed(view.words):
        if remark.seat != seat and remark.seat in view.case.seat_ids:
            return remark.seat
    return None


def _start(view: Table, seat: str) -> Package:
    """Where an offer begins: the seat's last text, else the newest offer, else its wishes."""
    own = view.offer(view.latest.get(seat, 0))
    if own is not None:
        return own.package
    if view.offers:
        return view.offers[-1].package
    sheet = view.case.mandates[seat].sheet
    return tuple(max(row, key=lambda option, row=row: sum(row[option])) for row in sheet)  # type: ignore[misc]


def _applied(view: Table, package: Package, choices: tuple[tuple[str, str], ...]) -> Package:
    changed = dict(zip(view.agenda.ids, package, strict=True)) | dict(choices)
    return tuple(changed[issue] for issue in view.agenda.ids)
