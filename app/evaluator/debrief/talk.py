"""Page 7: who spoke to whom, how much, with how many questions, and who stood together when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.table import PLENARY
from app.evaluator.debrief.ground import Caucus, Ground, Untold

TABLE = "table"
"""The addressee of words to nobody in particular."""

SKILLED = 21.3
AVERAGE = 9.6
"""Questions in per cent of behaviour among skilled and average negotiators (Rackham)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One seat's plenary talk. `to` counts speeches by addressee, "table" for nobody named.

    `sentences` and `questions` count sentences; `apart` counts words said in caucuses that this
    viewer may see; `backed` counts endorsements given by the author of the offer.
    """

    seat: str
    speeches: int
    words: int
    share: float
    sentences: int
    questions: int
    open_questions: int
    to: Mapping[str, int]
    apart: int
    backed: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bloc:
    """The best-backed offer at the end of a round, and who stood behind it."""

    round: int
    offer: int
    by: str
    backers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Page 7."""

    speakers: tuple[Speaker, ...]
    blocs: tuple[Bloc, ...]
    caucuses: tuple[Caucus, ...]
    helpers: Mapping[str, int]


def talk(on: Ground) -> Talk | Untold:
    """The page; untold while nobody has spoken."""
    if not on.lines:
        return Untold(why="Nobody has spoken yet.", how="Assess the table when it has been played.")
    seats = on.case.seat_ids
    to: dict[str, Counter[str]] = {seat: Counter() for seat in seats}
    helpers: Counter[str] = Counter()
    for line in on.lines:
        seat = line.remark.seat
        if seat not in to:
            helpers[seat] += 1
            continue
        to[seat][line.remark.speech.to or TABLE] += 1
    words = {seat: _count(on, seat, "words")[0] for seat in seats}
    everything = sum(words.values())
    return Talk(
        speakers=tuple(
            Speaker(
                seat=seat,
                speeches=sum(to[seat].values()),
                words=words[seat],
                share=round(words[seat] / everything, 6) if everything else 0.0,
                sentences=_count(on, seat, "questions")[1],
                questions=_count(on, seat, "questions")[0],
                open_questions=_count(on, seat, "open questions")[0],
                to=dict(to[seat]),
                apart=sum(
                    remark.seat == seat and remark.room != PLENARY for remark in on.table.words
                ),
                backed=_backed(on, seat),
            )
            for seat in seats
        ),
        blocs=blocs(on),
        caucuses=on.course.caucuses,
        helpers=dict(helpers),
    )


def _count(on: Ground, seat: str, name: str) -> tuple[int, int]:
    """A count of the rubric's third element: hits and occasions."""
    for counted in on.counted:
        if counted.seat == seat and (count := counted.count("listening", name)) is not None:
            return count.hits, count.of
    return 0, 0


def _backed(on: Ground, seat: str) -> dict[str, int]:
    """How many offers of each other author this seat put its name to."""
    found: Counter[str] = Counter()
    for change in on.course.backing:
        offer = on.table.offer(change.offer)
        if change.given and change.seat == seat and offer is not None and offer.by != seat:
            found[offer.by] += 1
    return dict(found)


def blocs(on: Ground) -> tuple[Bloc, ...]:
    """For every round the offer with most seats behind it at its end; of equals the later one."""
    now: dict[int, set[str]] = {}
    found: list[Bloc] = []
    for number in sorted(on.course.rounds):
        for change in on.course.backing:
            if change.round == number:
                held = now.setdefault(change.offer, set())
                (held.add if change.given else held.discard)(change.seat)
        best = max(now, key=lambda each: (len(now[each]), each), default=0)
        offer = on.table.offer(best)
        if offer is not None:
            backers = tuple(seat for seat in on.case.seat_ids if seat in now[best])
            found.append(Bloc(round=number, offer=best, by=offer.by, backers=backers))
    return tuple(found)
