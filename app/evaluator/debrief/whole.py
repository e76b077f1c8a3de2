"""The debrief as one record: fifteen pages for the facilitator, or what one seat may have of them.

A seat's debrief is worked out from that seat's own view of the log and from nothing else: other
sheets cannot be in it. What needs them says that it opens with the facilitator's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.case import Case
from app.domain.events import Event
from app.domain.table import FACILITATOR_VIEW, Table, fold
from app.evaluator import wording
from app.evaluator.debrief.dance import Dance, dance
from app.evaluator.debrief.feelings import Felt, Reply, felt
from app.evaluator.debrief.frontier import Frontier, frontier
from app.evaluator.debrief.ground import Untold, ground
from app.evaluator.debrief.leftover import Leftover, leftover
from app.evaluator.debrief.news import News, news
from app.evaluator.debrief.outcome import Axes, Ledger, Verdict, axes, ledger, verdict
from app.evaluator.debrief.plan import Plan, plan
from app.evaluator.debrief.players import Players, Price, players
from app.evaluator.debrief.positions import IssueMap, issue_map
from app.evaluator.debrief.rubric import Rubric, rubric
from app.evaluator.debrief.slips import Slips, slips
from app.evaluator.debrief.tables import Across, across, sittings
from app.evaluator.debrief.talk import Talk, talk
from app.evaluator.judge import Judgement
from app.evaluator.value import Assessment, assess

FORMAT = "parley.debrief/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair:
    """One seat: what it is called, and whose it was at the end."""

    id: str
    name: str
    label: str
    occupant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One issue with what its options are called."""

    id: str
    title: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the debrief is of. `fiction` and `notice` stand on every page of it."""

    case: str
    case_hash: str
    title: str
    as_of: str
    fiction: str
    notice: str
    table: str
    viewer: str
    open: bool
    preset: str
    seed: int
    version: str
    currencies: tuple[str, ...]
    gain: int
    seats: tuple[Chair, ...]
    issues: tuple[Subject, ...]
    yardstick: str
    not_on_table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """All fifteen pages. A page the record cannot fill is Untold, with why and how to get it."""

    format: str
    heading: Heading
    verdict: Verdict
    ledger: Ledger
    frontier: Frontier | Untold
    axes: Axes
    dance: Dance | Untold
    issue_map: IssueMap | Untold
    talk: Talk | Untold
    rubric: Rubric | Untold
    leftover: Leftover | Untold
    news: News | Untold
    slips: Slips
    felt: Felt | Untold
    across: Across | Untold
    plan: Plan | Untold
    players: Players


def debrief(
    events: Sequence[Event],
    viewer: str = FACILITATOR_VIEW,
    *,
    found: Assessment | None = None,
    others: Sequence[Assessment] = (),
    replies: Sequence[Reply] = (),
    judged: Judgement | None = None,
    price: Price | None = None,
    names: bool = True,
) -> Debrief:
    """The debrief of a table from `events`, which are the viewer's own (`view_for`).

    For the facilitator `found` is the assessment when it is at hand, `others` those of further
    tables of the same case. Raises CaseError for a facilitator's view without every mandate and
    for tables of another case, TooLarge for a case too large to enumerate, ValueError for a
    viewer who holds no seat.
    """
    table = fold(events) if found is None else found.table
    if viewer == FACILITATOR_VIEW:
        found = found if found is not None else assess(table)
    elif tuple(table.case.mandates) != (viewer,):
        raise ValueError(f"these events are not the view of {viewer}")
    on = ground(table, events, viewer, found)
    tables = sittings(found, others) if found is not None else ()
    return Debrief(
        format=FORMAT,
        heading=_heading(table, viewer),
        verdict=verdict(on),
        ledger=ledger(on),
        frontier=frontier(on, tables[1:]),
        axes=axes(on),
        dance=dance(on) if table.offers else _NO_OFFERS,
        issue_map=issue_map(on),
        talk=talk(on),
        rubric=rubric(on, judged),
        leftover=leftover(on),
        news=news(on),
        slips=slips(on),
        felt=felt(on, replies, names=names),
        across=across(on, tables),
        plan=plan(on),
        players=players(on, price, names=names),
    )


_NO_OFFERS = Untold(
    why="Nobody tabled a package.", how="Offers are packages sent as a form; words never bind."
)


def _heading(table: Table, viewer: str) -> Heading:
    case = table.case
    return Heading(
        case=case.id,
        case_hash=table.case_hash,
        title=case.title,
        as_of=case.as_of,
        fiction=wording.fiction(case),
        notice=_notice(case),
        table=table.table_id,
        viewer=viewer,
        open=table.closed is None,
        preset=table.preset,
        seed=table.seed,
        version=table.version,
        currencies=case.currencies,
        gain=case.gain,
        seats=tuple(
            Chair(
                id=seat.id,
                name=seat.name,
                label=wording.label(case, seat.id),
                occupant=table.occupants.get(seat.id, ""),
            )
            for seat in case.seats
        ),
        issues=tuple(
            Subject(
                id=issue.id,
                title=issue.title,
                options=tuple((option.id, option.label) for option in issue.options),
            )
            for issue in case.issues
        ),
        yardstick=wording.yardstick(case),
        not_on_table=case.not_on_table,
    )


def _notice(case: Case) -> str:
    """What stands on every page, in one line."""
    drawn = "; ".join(f"{s.author}, {s.publisher}, {s.date}" for s in case.sources)
    source = f" Source: {drawn}." if drawn else ""
    return f"Rehearsal fiction, frozen at {case.as_of}; magnitudes are judgments.{source}"
