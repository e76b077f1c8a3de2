"""Command sequences: everything that anybody could send to a table, sane and hostile.

All of it is drawn from a seeded generator, so that a failing sequence is a number.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from app.domain.case import Case, Session
from app.domain.events import Event, Fact, Occupant
from app.domain.moves import Ballot, Move, Speech, Voice, Vote, Withdrawal
from app.domain.table import PLENARY, Table, evolve
from app.domain.terms import Package
from app.orchestrator.orders import (
    Adjourn,
    Announce,
    AnswerImprovement,
    Awaited,
    CallCaucus,
    CastBallot,
    CastVote,
    Circulate,
    CloseCaucus,
    Command,
    Expire,
    Open,
    ProposeImprovement,
    Refusal,
    Say,
    Submit,
    TableText,
    TakeSeat,
)
from app.orchestrator.procedure import decide, outstanding
from tests.cases import PRESETS
from tests.small_cases import any_package, canary, small_case

SEED = 918_273_645_546
"""A table's true seed that no view may show."""

START = 1_733_140_800_000
OCCUPANTS: tuple[Occupant, ...] = ("engine", "model", "person")


def any_session(dice: random.Random) -> Session:
    """Any session that a table may be opened with, record mode left out."""
    return Session(
        preset=dice.choice(PRESETS).id,
        rounds=dice.randint(1, 4),
        floor=dice.choice(("list", "mention", "bid")),
        mediator=dice.choice(("none", "none", "votes", "ranks")),
        chair=dice.random() < 0.3,
        improve=dice.random() < 0.6,
        injects=dice.random() < 0.8,
        turn_seconds=dice.choice((0, 60)),
    )


@dataclass
class Sent:
    """A command, what the table was before it, and the answer."""

    before: Table
    command: Command
    answer: tuple[Fact, ...] | Refusal


@dataclass
class Play:
    """One table driven by drawn commands; `events` is its log."""

    case: Case
    dice: random.Random
    session: Session
    seated: dict[str, Occupant]
    events: list[Event] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    now: int = START
    table: Table | None = None

    @property
    def live(self) -> Table:
        """The table as folded so far."""
        assert self.table is not None
        return self.table

    def open(self) -> None:
        """The opening."""
        done = self.hand_in(
            Open(
                case=self.case,
                case_hash="h" * 64,
                seed=SEED,
                session=self.session,
                version="0",
                occupants=self.seated,
            )
        )
        assert not isinstance(done, Refusal), done

    def hand_in(self, command: Command) -> tuple[Fact, ...] | Refusal:
        """Decide, number, fold."""
        before = self.table
        answer = decide(before, command, self.now)
        if before is not None:
            self.sent.append(Sent(before, command, answer))
        if not isinstance(answer, Refusal):
            for fact in answer:
                event = Event(
                    table_id="t",
                    seq=len(self.events) + 1,
                    at=self.now,
                    audience=fact.audience,
                    body=fact.body,
                )
                self.events.append(event)
                self.table = evolve(self.table, event)
        return answer

    def run(self, steps: int) -> Play:
        """Send so many commands."""
        self.open()
        late = 5
        for _ in range(steps):
            late -= self.live.closed is not None
            if not late:
                break
            self.now += self.dice.choice((0, 1_000, 70_000))
            self.hand_in(self.command())
        return self

    # ---- what could be sent ----

    def command(self) -> Command:
        """Mostly what is awaited, in a sane or a hostile form; else anything at all."""
        waiting = outstanding(self.live)
        if waiting and self.dice.random() < 0.72:
            return self.awaited(self.dice.choice(waiting))
        drawn: list[Callable[[], Command]] = [
            self.words,
            self.words,
            self.words,
            self.words,
            self.caucus,
            self.caucus,
            self.shut,
            self.takeover,
            self.takeover,
            self.stale,
            lambda: Expire(turn=self.live.turns),
            lambda: Announce(text=self.text("plenary"), to=self.dice.choice((("*",), self.some()))),
            lambda: CastVote(seat=self.anyone(), vote=self.vote()),
            lambda: CastBallot(seat=self.anyone(), ballot=self.ballot()),
            lambda: Circulate(drafts=self.drafts()),
            lambda: TableText(
                by=self.dice.choice(("chair", "mediator")),
                package=self.package(),
                speech=Speech(text="A text.", by="chair"),
            ),
            lambda: ProposeImprovement(package=self.package()),
            lambda: AnswerImprovement(seat=self.anyone(), accept=True, override=self.rarely()),
            self.leave,
        ]
        return self.dice.choice(drawn)()

    def awaited(self, awaited: Awaited) -> Command:
        """An answer to what the table waits for."""
        seat = awaited.seat if self.dice.random() < 0.95 else self.anyone()
        match awaited.act:
            case "turn":
                return Submit(
                    seat=seat,
                    turn=awaited.ref,
                    move=self.move(seat),
                    stand_in="test" if self.rarely() else "",
                )
            case "reply":
                words = replace(self.speech(seat), answers=awaited.ref)
                return Say(seat=seat, room=awaited.room, speech=words)
            case "vote":
                return CastVote(seat=seat, vote=self.vote())
            case "ballot":
                return CastBallot(seat=seat, ballot=self.ballot())
            case "improvement":
                yes = self.dice.random() < 0.85
                return AnswerImprovement(seat=seat, accept=yes, override=self.rarely())
            case "text":
                by: Literal["chair", "mediator"] = self.dice.choice(("chair", "mediator"))
                speech = Speech(text="A text.", by="chair")
                package = self.package() if self.dice.random() < 0.8 else None
                return TableText(by=by, package=package, speech=speech)
            case "drafts":
                return Circulate(drafts=self.drafts())
            case "search":
                return ProposeImprovement(package=self.better())

    def move(self, seat: str) -> Move:
        """A move, agreeable more often than not, lawful or not."""
        table, dice = self.live, self.dice
        speech = self.speech(seat)
        override = dice.random() < 0.3
        if table.round == 0 and not self.rarely():
            return Move(speech=speech)
        count = len(table.offers)
        endorse: list[int] = []
        if count and dice.random() < 0.75:
            pool = [n for n in range(1, count + 1) if seat not in table.backers(n)]
            endorse = dice.sample(pool, min(len(pool), dice.randint(1, 3)))
        if self.rarely():
            endorse.append(dice.choice((0, -1, 1, count, count + 1, 10**30)))
        withdraw: list[Withdrawal] = []
        if count and dice.random() < 0.08:
            reason = "" if self.rarely() else "Too dear."
            withdraw.append(Withdrawal(offer=dice.randint(1, count), reason=reason))
        package = self.package() if dice.random() < 0.55 else None
        return Move(
            speech=speech,
            endorse=tuple(endorse),
            withdraw=tuple(withdraw),
            package=package,
            walk=dice.random() < 0.015,
            override=override,
        )

    def speech(self, seat: str) -> Speech:
        """Words in the right voice, mostly."""
        voice: Voice = self.live.occupants.get(seat, "engine")
        if self.rarely():
            voice = self.dice.choice(("person", "engine", "model", "chair", "facilitator"))
        to = self.anyone() if self.dice.random() < 0.5 else None
        text = (
            self.text("plenary") if not self.rarely() else self.dice.choice(("", " ", "x" * 9_000))
        )
        return Speech(text=text, by=voice, to=to)

    def text(self, room: str) -> str:
        """Words that say where they were spoken."""
        return canary("room", room)

    def words(self) -> Command:
        """Somebody talks, in plenary or in a room; sometimes with a reading."""
        people = [seat for seat, who in self.live.occupants.items() if who == "person"]
        seat = self.dice.choice(people) if people and not self.rarely() else self.anyone()
        rooms = [PLENARY, *(r.id for r in self.live.rooms.values() if seat in r.seats)]
        room = self.dice.choice(rooms)
        if self.rarely():
            room = self.dice.choice((*self.live.rooms, "no-such-room"))
        speech = self.speech(seat)
        if speech.text.startswith("zq"):
            speech = replace(speech, text=self.text(room))
        reading = ((self.case.issues[0].id, self.case.issues[0].options[0].id),)
        return Say(
            seat=seat,
            room=room,
            speech=speech,
            reading=reading if self.dice.random() < 0.4 else (),
            reading_text=canary(seat, "reading"),
        )

    def caucus(self) -> Command:
        """Some seats meet, perhaps."""
        by = self.dice.choice((*self.case.seat_ids, "facilitator", "watcher"))
        seats = self.some()
        if by in self.case.seat_ids and not self.rarely():
            seats = tuple(dict.fromkeys((by, *seats)))
        return CallCaucus(by=by, seats=seats, topic=canary("room", "+".join(sorted(seats))))

    def shut(self) -> Command:
        """A meeting ends, perhaps."""
        by = self.dice.choice((*self.case.seat_ids, "facilitator"))
        return CloseCaucus(by=by, room=self.dice.choice((*self.live.rooms, "no-such-room")))

    def takeover(self) -> Command:
        """A seat changes hands."""
        name = "n" * 81 if self.rarely() else "Somebody"
        return TakeSeat(seat=self.anyone(), occupant=self.dice.choice(OCCUPANTS), name=name)

    def stale(self) -> Command:
        """A move for a turn that is not the seat's, or has passed."""
        seat = self.anyone()
        return Submit(
            seat=seat, turn=self.live.turns - self.dice.randint(0, 2), move=self.move(seat)
        )

    def leave(self) -> Command:
        """The facilitator ends it, seldom; else it is one more try to open the table."""
        if self.dice.random() < 0.15:
            return Adjourn(reason="It is late.")
        return Open(case=self.case, case_hash="", seed=1, session=Session(), version="")

    def package(self) -> Package:
        """Mostly a complete package, new or standing."""
        dice, table = self.dice, self.live
        if self.rarely():
            return dice.choice(((), ("nothing",), ("no",) * len(self.case.issues)))
        if table.offers and dice.random() < 0.1:
            return dice.choice(table.offers).package
        return any_package(dice, self.case.issues)

    def better(self) -> Package | None:
        """Something to improve a deal with."""
        if self.dice.random() < 0.2 or self.live.deal is None:
            return None
        deal = self.live.deal.package
        for _ in range(40):
            drawn = any_package(self.dice, self.case.issues)
            least = min(
                sum(sum(row[new]) - sum(row[old]) for row, new, old in zip(*each, strict=True))
                for each in ((m.sheet, drawn, deal) for m in self.case.mandates.values())
            )
            if least >= 0 and drawn != deal:
                return drawn
        return self.package()

    def drafts(self) -> tuple[Package, ...]:
        """Some drafts."""
        return tuple(self.package() for _ in range(self.dice.choice((1, 2, 3, 0, 13))))

    def vote(self) -> Vote:
        """A vote on drafts, sometimes on one that is not there."""
        count = len(self.live.drafts)
        known = list(range(count))
        yes = self.dice.sample(known, self.dice.randint(0, count))
        if self.rarely():
            yes.append(self.dice.choice((-1, count, 99)))
        return Vote(yes=tuple(yes), ranking=tuple(self.dice.sample(known, count)))

    def ballot(self) -> Ballot:
        """A ranking of what passes, mostly."""
        asked = list(self.live.ranking)
        self.dice.shuffle(asked)
        return Ballot(ranking=tuple(asked) if not self.rarely() else (*asked, 1))

    def anyone(self) -> str:
        """A seat, or somebody who is none."""
        if self.rarely():
            return self.dice.choice(("nobody", "", "facilitator", "mediator"))
        return self.dice.choice(self.case.seat_ids)

    def some(self) -> tuple[str, ...]:
        """Some seats."""
        most = len(self.case.seat_ids)
        count = self.dice.randint(0, most) if self.rarely() else self.dice.randint(1, most - 1)
        seats = self.dice.sample(self.case.seat_ids, count)
        return (*seats, "nobody") if self.rarely() else tuple(seats)

    def rarely(self) -> bool:
        """One time in twenty."""
        return self.dice.random() < 0.05


def played(number: int, case: Case | None = None, steps: int = 120) -> Play:
    """The table of this number."""
    dice = random.Random(number)
    chosen = case if case is not None else small_case(dice)
    kinds = dice.choice((("engine",), ("engine", "model"), OCCUPANTS, OCCUPANTS))
    seated: dict[str, Occupant] = {name: dice.choice(kinds) for name in chosen.seat_ids}
    session = any_session(dice)
    return Play(chosen, dice, session, seated).run(steps)
