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
from app.delegates.aspiration import (
    RESCUE,
    closing_call,
    concession,
    hurry,
    movement,
    pace,
    progress,
    room,
    temperament,
)
from app.delegates.base import Act, Plan, Tone
from app.delegates.manner import manner, ready, worn
from app.domain.case import Case
from app.domain.moves import Ballot, Vote
from app.domain.space import OwnSet, choices, option_grid, own_set
from app.domain.table import Offer, Table
from app.domain.terms import Package

HOLD_BACK = 0.08
"""Before the closing call a seat that hears the others argue names only what beats its target by
this share of the scale: an early signature on a merely good text ends the search for a better."""

NEWS = 0.8
"""How much likelier (in log chances) than what the seat already stands behind a package must
be before it is worth the table's time."""

WHIM = 0.2
"""Seeded noise between packages of like chances, so that tables differ."""

BAND = 0.08
"""Share of the scale above the target within which packages are looked at first."""

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


def counsel(view: Table, seat: str) -> Counsel:
    """Target, own packages and readers of the others, from the seat's own view."""
    mandate = view.case.mandates[seat]
    own = own_packages(view, seat)
    floor = view.case.floor(seat, view.preset).total
    best = int(own.totals[0]) if len(own.totals) else floor
    left = view.session.rounds - view.round
    readers = {
        other: read_seat(view, other, _lean(view, other))
        for other in view.case.seat_ids
        if other != seat
    }
    speed = pace(room(view, seat, readers)) * temperament(view, seat)
    speed *= hurry(view.session.rounds)
    share = concession(mandate.style, progress(view), movement(view, seat), speed)
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
    act: Act = "offer" if package is not None else "endorse"
    chosen = Plan(act=act, endorse=endorse, package=package)
    return _argued(view, seat, chosen, advice)


def acceptable(view: Table, seat: str, advice: Counsel) -> tuple[int, ...]:
    """Standing offers the seat puts its name to now."""
    mandate = view.case.mandates[seat]
    floor = view.case.floor(seat, view.preset).total
    patience = HOLD_BACK * argued(view) - manner(mandate.style).eager
    named: list[int] = []
    for offer in view.offers:
        if seat in view.backers(offer.number) or leaves_out(view, seat, offer.number):
            continue
        if view.case.breaches(seat, offer.package, view.preset):
            continue
        if not ready(view, offer, mandate.style):
            continue
        worth = mandate.worth(offer.package)
        whole = all(w >= h for w, h in zip(worth, mandate.no_deal, strict=True))
        need = 0 if closing_call(view) else advice.target + round(patience * view.case.scale)
        mediated = round(0.5 * max(0, advice.target - floor)) if offer.by == "mediator" else 0
        if not advice.keep_whole or (whole and sum(worth) >= need - mediated):
            named.append(offer.number)
    return tuple(named)


def argued(view: Table) -> bool:
    """Whether seats argue their wishes in public; where none does, texts and names say it all."""
    return any(seat.points for seat in view.case.seats)


def leaves_out(view: Table, seat: str, number: int) -> bool:
    """Whether this endorsement would close the talks over somebody's head with time left.

    Under a rule that can pass without everybody, the first text that a majority could live with
    ends the search for one that all could. A seat whose name would complete such a text waits
    for the last round: it gives nothing away, for the text stays on the table.
    """
    if view.round >= view.session.rounds:
        return False
    backers = view.backers(number) | {seat}
    return view.case.rule.passes(backers) and not backers >= set(view.present)


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
    if not standing or restless(view, seat, standing):
        return package
    held = np.array([view.agenda.indices(o.package) for o in standing], dtype=np.int64)
    needed = 0.0 if closing_call(view) else NEWS
    if float(chances[best]) - float(_chances(advice, held).max()) <= needed:
        return None
    return package


def restless(view: Table, seat: str, standing: list[Offer]) -> bool:
    """Whether the seat tables a new text whatever it already stands behind.

    In short talks always, for each turn is one of few tries and each text asks all others; in
    the closing call when every text it stands behind was left unnamed by somebody there, for
    then all name what they could sign, and such a text will not have everybody.
    """
    if hurry(view.session.rounds) > 1.0 or not argued(view):
        return True
    if not closing_call(view):
        return False
    call = {
        (remark.turn, remark.seat)
        for remark in view.words
        if remark.turn is not None and view.session.rounds - remark.round <= RESCUE
    }
    return all(
        any(
            turn > offer.turn and who in view.present and who not in view.backers(offer.number)
            for turn, who in call
            if who != seat
        )
        for offer in standing
    )


def _chances(advice: Counsel, chosen: npt.NDArray[np.int64]) -> Floats:
    """Sum over the other seats of the log probability that they endorse."""
    total = np.zeros(len(chosen))
    for reader in advice.readers.values():
        total += log_willing(reader.log_odds(chosen))
    return total


def _candidates(view: Table, advice: Counsel) -> npt.NDArray[np.int64]:
    """Untabled own packages worth the target, the most promising by a linear ranking."""
    own, reach = advice.own, round(BAND * view.case.scale)
    top = int(np.searchsorted(-own.totals, -advice.target, side="right"))
    start = int(np.searchsorted(-own.totals, -(advice.target + reach), side="left"))
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
    """Add to a decision what to argue it with: addressee, issues, what could be lived with."""
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
    to = _addressee(view, mine, advice)
    press, live_with = _asks(view, seat, mine, to, advice)
    pressing = advice.last_call or worn(view, seat)
    tone: Tone = "urgent" if pressing else "firm" if draft.act == "hold" else "plain"
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


def _addressee(view: Table, mine: Package | None, advice: Counsel) -> str | None:
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
        fair = mandate.total(swapped) >= advice.target - round(0.04 * view.case.scale) and loss > 0
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
    """The packages that pass: those with most names first, then by the seat's own total.

    A text that somebody at the table refused binds nobody who was outvoted, so breadth comes
    before the last points; under unanimity all that pass have the same names.
    """
    mandate = view.case.mandates[seat]
    ranking = sorted(
        view.ranking,
        key=lambda n: (
            -len(view.backers(n)),
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
