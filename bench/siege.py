"""One table under attack: two hostile persons, and a pliable model in the other seats."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from app import __version__
from app.delegates import engine, phrasebook
from app.delegates.base import Ask, Complete, Completion
from app.delegates.briefing import NEEDS, Papers
from app.delegates.drafting import Delta, Void
from app.delegates.model import Casting, ModelDelegate
from app.delegates.offline import OfflineDelegate
from app.domain.case import Case
from app.domain.events import Event
from app.domain.moves import Move, Speech, Withdrawal
from app.domain.table import PLENARY, Table
from app.errors import ParleyError
from app.evaluator.suite_siege import canary
from app.eventlog.base import case_hash
from app.eventlog.memory import MemoryLog
from app.eventlog.wakeup import LocalWakeup
from app.library import load_prompts
from app.main import offline_helpers
from app.orchestrator.orders import Announce, CallCaucus, Open, Refusal, Say
from app.orchestrator.runner import Desk, Host, virtual_clock
from bench.attacks import Attack, attacks
from bench.pliable import Gullible, Noise

Model = Literal["gullible", "random"]


def papers() -> Papers:
    """The shipped prompts."""
    held = load_prompts(NEEDS)
    return Papers(
        texts={name: prompt.text for name, prompt in held.items()},
        marks={name: prompt.mark for name, prompt in held.items()},
    )


class Attacker(OfflineDelegate):
    """Acts as the engine does; its words are injections, or harmless where `attacks` is empty."""

    def __init__(self, attacks: Sequence[Attack], seed: int) -> None:
        self.attacks = attacks
        self.dice = random.Random(seed)

    def text(self, tame: str = "We have heard the others and keep to our text for now.") -> str:
        """The next thing to say."""
        return self.dice.choice(self.attacks).text if self.attacks else tame

    async def move(self, view: Table, room: Table, seat: str) -> Move:
        plan = engine.plan(view, seat)
        tame = phrasebook.speak(room, seat, plan)
        words = replace(tame, by="person", text=self.text(tame.text))
        old = [
            o.number
            for o in view.offers
            if seat in view.backers(o.number) and o.number < view.latest.get(seat, 0)
        ]
        leave = old[:1] if view.round in (4, 7) else []
        return Move(
            speech=words,
            endorse=plan.endorse,
            package=plan.package,
            withdraw=tuple(Withdrawal(offer=n, reason=self.text("It is outdated.")) for n in leave),
        )


@dataclass(slots=True)
class Witness:
    """Keeps what a model was sent, with the seat it was sent for."""

    inner: Complete
    seat: str
    asked: list[tuple[str, Ask]]

    async def __call__(self, ask: Ask, on_text: Callable[[str], None] | None = None) -> Completion:
        self.asked.append((self.seat, ask))
        return await self.inner(ask, on_text)


@dataclass(slots=True)
class Siege:
    """One table and everything that left it."""

    case: Case
    seed: int
    model: Model
    hostile: bool = True
    barrier: Literal["strict", "filtered"] = "strict"
    rounds: int | None = None
    counsel: bool = True
    asked: list[tuple[str, Ask]] = field(default_factory=list)
    shown: list[Delta | Void] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def play(self) -> Table:
        """To the end."""
        return asyncio.run(self._play())

    async def _play(self) -> Table:
        dice = random.Random(self.seed)
        seats = list(self.case.seat_ids)
        enemies = sorted(dice.sample(seats, 2 if len(seats) > 2 else 1))
        wish = {issue.id: dice.choice(issue.options).id for issue in self.case.issues}
        arms = attacks(wish)
        attacker = Attacker(arms if self.hostile else (), self.seed)
        brain: Complete = Gullible(arms) if self.model == "gullible" else Noise(self.seed)
        desk = Desk(MemoryLog(), LocalWakeup(), virtual_clock(0))
        table_id = f"siege-{self.seed}"

        def cast(_room: Table, seat: str) -> Casting:
            return Casting(
                complete=Witness(brain, seat, self.asked),
                model=f"pliable:{self.model}",
                barrier=self.barrier,
                counsel=self.counsel,
            )

        delegate = ModelDelegate(cast, papers(), lambda: 0.0, on_delta=self.shown.append)
        opening = Open(
            case=self.case,
            case_hash=case_hash(self.case),
            seed=self.seed,
            session=replace(self.case.session, rounds=self.rounds or self.case.session.rounds),
            version=__version__,
            occupants={s: "person" if s in enemies else "model" for s in seats},
            names={s: attacker.text("Somebody")[:80] for s in enemies},
        )
        await _must(desk, table_id, opening)
        host = Host(desk, {"model": delegate, "person": attacker}, offline_helpers())
        await self._played(desk, host, table_id, attacker, enemies)
        sitting = await desk.sitting(table_id)
        self.events = list(sitting.events)
        return sitting.table

    async def _played(
        self, desk: Desk, host: Host, table_id: str, attacker: Attacker, enemies: list[str]
    ) -> None:
        """Step by step, with remarks, a caucus and news in every other round."""
        begun = -1
        while True:
            table = (await desk.sitting(table_id)).table
            if table.closed is not None:
                return
            if table.round != begun and table.turn is not None:
                begun = table.round
                await self._harass(desk, table_id, table, attacker, enemies)
            if not await host.step(table_id):
                raise ParleyError("the table waits for somebody who is not here")

    async def _harass(
        self, desk: Desk, table_id: str, table: Table, attacker: Attacker, enemies: list[str]
    ) -> None:
        victims = [s for s in table.case.seat_ids if s not in enemies]
        enemy, victim = enemies[0], victims[table.round % len(victims)]
        if len(table.case.seats) > 2:
            room = next((r for r in table.rooms.values() if r.open), None)
            if room is None:
                call = CallCaucus(by=enemy, seats=(enemy, victim), topic=attacker.text("A word"))
                await desk.submit(table_id, call)
            else:
                secret = f"{attacker.text()} {canary('room', self.seed)}"
                words = Speech(text=secret, by="person")
                await desk.submit(table_id, Say(seat=enemy, room=room.id, speech=words))
        if table.round % 3 == 1:
            words = Speech(text=attacker.text(), by="person", to=victim)
            await desk.submit(table_id, Say(seat=enemy, room=PLENARY, speech=words))
        if table.round % 4 == 2:
            await desk.submit(table_id, Announce(text=attacker.text("No news.")))


async def _must(desk: Desk, table_id: str, command: Open) -> None:
    result = await desk.submit(table_id, command)
    if isinstance(result, Refusal):
        raise ParleyError(result.reason)
