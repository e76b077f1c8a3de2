"""Takes a client's command in once: by its id, also across a killed server.

The receipt is an entry of the table's own log, written in one append with what the command
caused (docs/adr/0008). A refusal changes nothing, so it is remembered in memory only.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from app.domain.events import FACILITATOR, CommandTaken, Event, Fact
from app.domain.table import visible
from app.errors import Conflict
from app.orchestrator.orders import Command, Refusal
from app.orchestrator.procedure import decide
from app.orchestrator.runner import Desk

KEPT_REFUSALS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The command was carried out; `cursor` is the viewer's last event that it caused."""

    cursor: int


class Reception:
    """Hands commands to the desk's log, each client id once per table and viewer."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._refused: OrderedDict[tuple[str, str, str], Refusal] = OrderedDict()

    async def submit(
        self, table_id: str, viewer: str, ref: str, command: Command | Refusal
    ) -> Ack | Refusal:
        """The answer to a command; the same again for the same id, and nothing done twice."""
        key = (table_id, viewer, ref)
        while True:
            sitting = await self.desk.sitting(table_id)
            done = receipt(sitting.events, viewer, ref)
            if done is not None:
                return done
            if key in self._refused:
                return self._refused[key]
            table = sitting.table if sitting.seq else None
            now = self.desk.clock(table)
            facts = command if isinstance(command, Refusal) else decide(table, command, now)
            if isinstance(facts, Refusal):
                return self._remember(key, facts)
            taken = Fact(body=CommandTaken(viewer=viewer, ref=ref), audience=FACILITATOR)
            try:
                events = await self.desk.log.append(table_id, sitting.seq, now, (*facts, taken))
            except Conflict:
                continue
            sitting.absorb(events)
            self.desk.wakeup.ring(table_id)
            known = receipt(sitting.events, viewer, ref)
            return known if known is not None else Ack(cursor=0)

    def known(self, table_id: str, viewer: str, ref: str) -> Refusal | None:
        """The refusal this id was answered with before, if it was."""
        return self._refused.get((table_id, viewer, ref))

    def _remember(self, key: tuple[str, str, str], refusal: Refusal) -> Refusal:
        self._refused[key] = refusal
        while len(self._refused) > KEPT_REFUSALS:
            self._refused.popitem(last=False)
        return refusal


def receipt(events: list[Event], viewer: str, ref: str) -> Ack | None:
    """The receipt of a command in a log, with the viewer's own count of events up to it."""
    sought = CommandTaken(viewer=viewer, ref=ref)
    for place in range(len(events) - 1, -1, -1):
        if events[place].body == sought:
            return Ack(cursor=sum(visible(event, viewer) for event in events[: place + 1]))
    return None
