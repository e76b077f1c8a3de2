"""The offline delegate: real bargaining from one seat's own view.

Three replaceable parts: a target curve from the delegation's style, a reader of the other
seats, and a picker that trades across issues. It knows its own sheet and public acts only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.delegates.acceptance import Floats, Reader, log_willing, public_lean, read_seat
from app.delegates.base import Plan, Tone
from app.domain.case import Case
from app.domain.mandate import Style
from app.domain.moves import Ballot, Vote
from app.domain.space import OwnSet, choices, option_grid, own_set
from app.domain.table import Table, derived_seed
from app.domain.terms import Package

BAND = 8
"""Points above the target within which packages are looked at first."""

TEMPER = 0.25
WHIM = 0.2
MARGIN = 8
ISO_BASE = 0.5
ISO_GAIN = 1.0
RESCUE = 1
"""Rounds at the end in which a seat takes what it can sign, whole or not."""

SHORTLIST = 3_000
"""Packages whose chances are computed exactly after a linear ranking."""

_CACHE: dict[tuple[str, str, str], OwnSet] = {}
_LEANS: dict[tuple[str, str], tuple[Floats, ...]] = {}


def own_packages(view: Table, seat: str) -> OwnSet:
    """The packages the seat could sign, best first; computed once per case, seat and preset."""
    key = (view.case_hash, seat, view.preset)
    if key not in _CACHE:
        if len(_CACHE) > 40:
            _CACHE.clear()
        _CACHE[key] = own_set(view.case, seat, view.preset)
    return _CACHE[key]


def _lean(view: Table, seat: str) -> tuple[Floats, ...]:
    key = (view.case_hash, seat)
    if key not in _LEANS:
        if len(_LEANS) > 200:
            _LEANS.clear()
        _LEANS[key] = public_lean(view.case, seat)
    return _LEANS[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counsel:
    """What the engine would tell its own delegation before a turn. Confidential."""

    target: int
    own: OwnSet
    readers: Mapping[str, Reader]
    last_call: bool
    keep_whole: bool


def progress(view: Table) -> float:
    """How much of the bargaining time is gone, 0 to 1."""
    rounds = view.session.rounds - RESCUE
    return min(1.0, max(0.0, (view.round - 1) / (rounds - 1))) if rounds > 1 else 1.0


def temperament(view: Table, seat: str) -> float:
    """This table's draw of how quickly the delegation yields: around 1, from the view's seed."""
    drawn = derived_seed(view.seed, f"temper/{seat}") / 2**48
    return (1.0 + TEMPER) ** (2.0 * drawn - 1.0)


def isolation(view: Table, own: OwnSet, readers: Mapping[str, Reader]) -> float:
    """How far the others seem to be from what this seat wants most, 0 to 1."""
    if not len(own.numbers) or not readers:
        return 0.2
    ideal = choices(view.agenda, own.numbers[:1].astype(np.int64))
    gaps = [max(0.0, 0.97 - float(reader.worth(ideal)[0])) for reader in readers.values()]
    return sum(gaps) / len(gaps)


def concession(style: Style, gone: float, given: float, speed: float) -> float:
    """Share of its range the delegation has given up by now, 0 to 1.

    `given` is how much the others have moved; a reciprocal delegation waits for them.
    """
    plain = float(gone ** (1.0 / max(0.1, style.exponent * speed)))
    if gone >= 1.0:
        return 1.0
    return plain * (1.0 - 0.35 * style.reciprocity * (1.0 - given))


def movement(view: Table, seat: str) -> float:
    """How much the other seats have moved since their first texts, 0 to 1, from public acts."""
    shares: list[float] = []
    for other in view.case.seat_ids:
        if other == seat:
            continue
        mine = [offer for offer in view.offers if offer.by == other]
        backed = sum(other in view.backers(o.number) for o in view.offers if o.by != other)
        if len(mine) > 1 or backed:
            changed = view.agenda.differences(mine[0].package, mine[-1].package) if mine else ()
            shares.append(min(1.0, len(changed) / len(view.case.issues) + 0.25 * backed))
        else:
            shares.append(0.0)
    return sum(shares) / len(shares) if shares else 1.0


def counsel(view: Table, seat: str) -> Counsel:
    """Target, own packages and readers of the others, from the seat's own view."""
    mandate = view.case.mandates[seat]
    own = own_packages(view, seat)
    gone = progress(view)
    floor = view.case.floor(seat, view.preset).total
    best = int(own.totals[0]) if len(own.totals) else floor
    left = view.session.rounds - view.round
    readers = {
        other: read_seat(view, other, _lean(view, other))
        for other in view.case.seat_ids
        if other != seat
    }
    gap = isolation(view, own, readers)
    speed = min(2.5, max(0.4, ISO_BASE + ISO_GAIN * gap)) * temperament(view, seat)
    share = concession(mandate.style, gone, movement(view, seat), speed)
    return Counsel(
        target=floor + round((best - floor) * (1.0 - share)),
        own=own,
        readers=readers,
        last_call=left <= 0,
        keep_whole=left >= RESCUE,
    )


def plan(view: Table, seat: str) -> Plan:
    """The seat's decision for the turn it has."""
    if view.round == 0:
        return Plan(act="statement", issues=weightiest(view.case, seat)[:2])
    advice = counsel(view, seat)
    endorse = acceptable(view, seat, advice)
    package = pick(view, seat, advice, endorse)
    if package is None and not endorse:
        return _argued(view, seat, Plan(act="hold"), advice)
    act = "offer" if package is not None else "endorse"
    chosen = Plan(act=act, endorse=endorse, package=package)
    return _argued(view, seat, chosen, advice)


def acceptable(view: Table, seat: str, advice: Counsel) -> tuple[int, ...]:
    """Standing offers the seat puts its name to now."""
    mandate = view.case.mandates[seat]
    named: list[int] = []
    for offer in view.offers:
        if seat in view.backers(offer.number):
            continue
        if view.case.breaches(seat, offer.package, view.preset):
            continue
        worth = mandate.worth(offer.package)
        whole = all(w >= h for w, h in zip(worth, mandate.no_deal, strict=True))
        closing = view.session.rounds - view.round <= RESCUE
        need = 0 if closing else advice.target + MARGIN
        if (not advice.keep_whole) or (sum(worth) >= need and whole):
            named.append(offer.number)
    return tuple(named)


def pick(view: Table, seat: str, advice: Counsel, endorsed: tuple[int, ...]) -> Package | None:
    """The package to table: likeliest to win the others among those worth the target."""
    numbers = _candidates(view, advice)
    if not len(numbers):
        return None
    chosen = choices(view.agenda, numbers)
    chances = _chances(advice, chosen)
    noise = np.random.default_rng([view.seed, view.turns]).random(len(numbers))
    best = int(np.lexsort((numbers, -(chances + WHIM * noise)))[0])
    package = view.agenda.package(int(numbers[best]))
    standing = [o for o in view.offers if seat in view.backers(o.number) or o.number in endorsed]
    if standing and advice.last_call:
        held = np.array([view.agenda.indices(o.package) for o in standing], dtype=np.int64)
        if float(_chances(advice, held).max()) >= float(chances[best]):
            return None
    return package


def _chances(advice: Counsel, chosen: npt.NDArray[np.int64]) -> Floats:
    """Sum over the other seats of the log probability that they endorse."""
    total = np.zeros(len(chosen))
    for reader in advice.readers.values():
        total += log_willing(reader.log_odds(chosen))
    return total


def _candidates(view: Table, advice: Counsel) -> npt.NDArray[np.int64]:
    """Untabled own packages worth the target, the most promising by a linear ranking."""
    own = advice.own
    top = int(np.searchsorted(-own.totals, -advice.target, side="right"))
    start = int(np.searchsorted(-own.totals, -(advice.target + BAND), side="left"))
    if top - start < SHORTLIST:
        start = max(0, top - SHORTLIST)
    if top == 0:
        top, start = min(len(own.totals), 200), 0
    numbers = own.numbers[start:top].astype(np.int64)
    whole = own.whole[start:top]
    if advice.keep_whole and whole.any():
        numbers = numbers[whole]
    taken = [view.agenda.number(offer.package) for offer in view.offers]
    numbers = numbers[~np.isin(numbers, taken)]
    if len(numbers) > SHORTLIST:
        rows = [
            sum((reader.weights[place] for reader in advice.readers.values()), np.zeros(size))
            for place, size in enumerate(view.agenda.sizes)
        ]
        linear = option_grid(view.agenda, rows)[numbers]
        keep = np.argpartition(-linear, SHORTLIST)[:SHORTLIST]
        numbers = np.sort(numbers[keep])
    return numbers


def weightiest(case: Case, seat: str) -> tuple[str, ...]:
    """Issues by the range of their worth on the seat's own sheet, largest first."""
    spans = []
    for issue, row in zip(case.issues, case.mandates[seat].sheet, strict=True):
        sums = [sum(points) for points in row.values()]
        spans.append((min(sums) - max(sums), issue.id))
    order = {issue.id: n for n, issue in enumerate(case.issues)}
    return tuple(issue for _, issue in sorted(spans, key=lambda s: (s[0], order[s[1]])))


def _argued(view: Table, seat: str, draft: Plan, advice: Counsel) -> Plan:
    """Add to a decision what it should be argued with: addressee, issues, what could be lived with."""
    agenda = view.agenda
    held = view.offer(view.latest.get(seat, 0))
    before = held.package if held else None
    mine = draft.package or before
    if mine is None and draft.endorse:
        mine = view.offers[draft.endorse[-1] - 1].package
    weights = weightiest(view.case, seat)
    moved: list[str] = []
    if draft.package is not None and before is not None:
        changed = agenda.differences(draft.package, before)
        moved = [agenda.ids[place] for place in changed]
    issues = tuple(dict.fromkeys([*sorted(moved, key=weights.index), *weights]))[:3]
    to = _addressee(view, seat, mine, advice)
    press, live_with = _asks(view, seat, mine, to, advice)
    tone: Tone = "urgent" if advice.last_call else "firm" if draft.act == "hold" else "plain"
    return Plan(
        act=draft.act,
        endorse=draft.endorse,
        package=draft.package,
        to=to,
        issues=issues,
        press=press,
        live_with=live_with,
        tone=tone,
    )


def _addressee(view: Table, seat: str, mine: Package | None, advice: Counsel) -> str | None:
    """The seat that stands furthest from this text: it is the one to talk to."""
    if mine is None:
        return None
    chosen = np.array([view.agenda.indices(mine)], dtype=np.int64)
    standing = view.offer_of(mine)
    backers = view.backers(standing.number) if standing else frozenset()
    doubts = [
        (float(reader.log_odds(chosen)[0]), other)
        for other, reader in advice.readers.items()
        if other not in backers
    ]
    return min(doubts)[1] if doubts else None


def _asks(
    view: Table, seat: str, mine: Package | None, to: str | None, advice: Counsel
) -> tuple[str | None, tuple[str, str] | None]:
    """Where to press the addressee, and which of its wishes the seat could live with."""
    theirs = view.offer(view.latest.get(to, 0)) if to else None
    if mine is None or theirs is None:
        return None, None
    mandate = view.case.mandates[seat]
    losses: list[tuple[int, int]] = []
    for place in view.agenda.differences(mine, theirs.package):
        row = mandate.sheet[place]
        losses.append((sum(row[mine[place]]) - sum(row[theirs.package[place]]), place))
    if not losses:
        return None, None
    press = view.agenda.ids[max(losses)[1]]
    for loss, place in sorted(losses):
        swapped = (*mine[:place], theirs.package[place], *mine[place + 1 :])
        fair = mandate.total(swapped) >= advice.target - 4 and loss > 0
        if fair and not view.case.breaches(seat, swapped, view.preset):
            issue = view.agenda.ids[place]
            if issue != press:
                return press, (issue, theirs.package[place])
    return press, None


def vote(view: Table, seat: str) -> Vote:
    """Which of the mediator's drafts the seat could sign now, and its ranking of all."""
    advice = counsel(view, seat)
    mandate = view.case.mandates[seat]
    totals = [mandate.total(draft) for draft in view.drafts]
    order = sorted(range(len(totals)), key=lambda n: (-totals[n], n))
    easier = round(0.5 * (advice.target - view.case.floor(seat, view.preset).total))
    yes = tuple(
        n
        for n, draft in enumerate(view.drafts)
        if not view.case.breaches(seat, draft, view.preset) and totals[n] >= advice.target - easier
    )
    return Vote(yes=yes, ranking=tuple(order))


def ballot(view: Table, seat: str) -> Ballot:
    """The packages that pass, by the seat's own total; ties by package number."""
    mandate = view.case.mandates[seat]
    ranking = sorted(
        view.ranking,
        key=lambda n: (
            -mandate.total(view.offers[n - 1].package),
            view.agenda.number(view.offers[n - 1].package),
        ),
    )
    return Ballot(ranking=tuple(ranking))


def improvement(view: Table, seat: str) -> bool:
    """Accept what is not below the deal in total and not below the floor."""
    if view.improvement is None or view.deal is None:
        return False
    mandate = view.case.mandates[seat]
    fair = mandate.total(view.improvement) >= mandate.total(view.deal.package)
    return fair and not view.case.breaches(seat, view.improvement, view.preset)
