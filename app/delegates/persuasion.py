"""Which published reason fits which text: public stances against the texts on the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.delegates.base import Plan
from app.delegates.rhetoric import Rostrum, agrees, package_of, speakable, stance
from app.domain.case import TalkingPoint
from app.domain.table import PLENARY, Offer
from app.domain.terms import Package


def merit(
    rostrum: Rostrum,
    issue: str,
    carried: Mapping[str, str],
    wanted: Sequence[str],
    other: Mapping[str, str] | None = None,
) -> bool:
    """Speak one unused published point on an issue that fits the text we carry.

    `wanted` are the point ids the plan asks for; `other` is a text we answer, whose option
    on this issue the point must not favour.
    """
    return utter(rostrum, _fitting(rostrum, issue, carried, wanted, other or {}))


def utter(rostrum: Rostrum, points: Sequence[TalkingPoint]) -> bool:
    """Speak the first of these points that is new: those for this kind of room first."""
    for point in points:
        if point in rostrum.here(point.issue)[0] and rostrum.say(point.text):
            return _noted(rostrum, point)
    for point in points:
        elsewhere = point in rostrum.here(point.issue)[1] and rostrum.fresh(point.text)
        if elsewhere and any(map(rostrum.say, rostrum.aside(point.text))):
            return _noted(rostrum, point)
    return False


def _noted(rostrum: Rostrum, point: TalkingPoint) -> bool:
    rostrum.points.append(point.id)
    rostrum.issues.append(point.issue)
    return True


def _fitting(
    rostrum: Rostrum,
    issue: str,
    carried: Mapping[str, str],
    wanted: Sequence[str],
    other: Mapping[str, str],
) -> list[TalkingPoint]:
    """Candidates, best first: asked for by the plan, against the other text, then as drawn."""
    found = [
        point
        for point in speakable(rostrum.case, rostrum.seat)
        if point.issue == issue
        and agrees(point, carried)
        and not rostrum.bound.get(issue, set()) & set(point.against)
    ]
    if issue in other:
        found = [p for p in found if other[issue] not in p.favours]
    if issue not in carried:
        found = [p for p in found if p.kind != "live-with" and _is_preferred(rostrum, p)]
    liked = stance(rostrum.case, rostrum.seat, issue, carried.get(issue, "")) >= 1

    def rank(point: TalkingPoint) -> tuple[bool, bool, bool]:
        odd = (point.kind == "live-with") is liked
        return (point.id not in wanted, other.get(issue, "") not in point.against, odd)

    return sorted(rostrum.order(found, f"point/{issue}"), key=rank)


def _is_preferred(rostrum: Rostrum, point: TalkingPoint) -> bool:
    """Whether a point argues for what the seat publicly wants most on its issue."""
    return bool(point.favours) and best_option(rostrum, point.issue) in point.favours


def best_option(rostrum: Rostrum, issue: str) -> str:
    """What the seat publicly wants most on an issue."""
    options = rostrum.room.agenda.issue(issue).options
    return max(options, key=lambda o: stance(rostrum.case, rostrum.seat, issue, o.id)).id


def fallback_issues(rostrum: Rostrum) -> tuple[str, ...]:
    """Subjects of this seat when the plan names none: stated positions, what it owns, the rest."""
    stated = [position.issue for position in rostrum.me.positions]
    owned = [i.id for i in rostrum.room.agenda.issues if rostrum.seat in i.owners]
    rest = rostrum.order(rostrum.room.agenda.ids, "issues")
    return tuple(dict.fromkeys((*stated, *owned, *rest)))


def change(rostrum: Rostrum, package: Package) -> list[tuple[str, str]]:
    """What a new text gives against the seat's own last one, most given first.

    Seen from outside: an option counts as given when the seat publicly liked its old one
    better, or when the new one is what somebody else has tabled and the old one was not.
    """
    before = [o for o in rostrum.room.offers if o.by == rostrum.seat]
    held = rostrum.own() or (package_of(rostrum.room, before[-1].package) if before else {})
    others = [rostrum.held(s) for s in rostrum.room.latest if s != rostrum.seat]
    given: list[tuple[float, str, str]] = []
    for issue, option in package_of(rostrum.room, package).items():
        old = held.get(issue)
        if old is None or old == option:
            continue
        liked = stance(rostrum.case, rostrum.seat, issue, old)
        now = stance(rostrum.case, rostrum.seat, issue, option)
        nearer = sum(h.get(issue) == option for h in others)
        nearer -= sum(h.get(issue) == old for h in others)
        if liked > now or (liked == now and nearer > 0):
            given.append((liked - now + nearer, issue, option))
    given.sort(key=lambda term: (-term[0], term[1]))
    return [(issue, option) for _, issue, option in given]


def ask_of(rostrum: Rostrum, plan: Plan, given: set[str]) -> list[tuple[str, str]]:
    """What a text keeps asking: publicly wanted, and not what the addressee already carries."""
    if plan.package is None:
        return []
    seats = [plan.to] if plan.to else [s for s in rostrum.case.seat_ids if s != rostrum.seat]
    asked: list[tuple[float, int, str, str]] = []
    for place, (issue, option) in enumerate(package_of(rostrum.room, plan.package).items()):
        if issue in given:
            continue
        own = stance(rostrum.case, rostrum.seat, issue, option)
        theirs = [rostrum.held(seat).get(issue) for seat in seats]
        same = sum(held == option for held in theirs)
        wish = sum(stance(rostrum.case, seat, issue, option) for seat in seats) / len(seats)
        wanted = 3 - plan.issues.index(issue) if issue in plan.issues[:3] else 0
        if own <= 0 or same == len(seats):
            continue
        told = rostrum.named(rostrum.option(issue, option).label)
        asked.append((own + 2 * wanted - wish - same - 4 * told, -place, issue, option))
    asked.sort(reverse=True)
    return [(issue, option) for _, _, issue, option in asked]


def addressed_to(rostrum: Rostrum) -> tuple[str, str] | None:
    """Who last spoke to this seat since it last spoke here, and about what."""
    for remark in reversed(rostrum.room.words):
        if remark.seat == rostrum.seat and remark.room == PLENARY:
            return None
        if remark.speech.to == rostrum.seat and remark.seat != rostrum.seat:
            issues = [i for i in remark.speech.issues if i in rostrum.room.agenda.ids]
            return (remark.seat, issues[0]) if issues else None
    return None


def dispute(rostrum: Rostrum, plan: Plan, carried: Mapping[str, str]) -> tuple[Offer, str] | None:
    """The newest text of somebody else that we do not back, and what in it we object to."""
    since = max((m.turn for m in rostrum.room.moves if m.seat == rostrum.seat), default=0)
    fresh = [
        offer
        for offer in rostrum.room.offers
        if offer.by != rostrum.seat
        and offer.turn > since
        and offer.number not in plan.endorse
        and rostrum.seat not in rostrum.room.backers(offer.number)
    ]
    fresh.sort(key=lambda o: (o.by == plan.to, o.number), reverse=True)
    for offer in fresh:
        objections: list[tuple[float, str]] = []
        for issue, option in package_of(rostrum.room, offer.package).items():
            own = carried.get(issue, best_option(rostrum, issue))
            if own == option:
                continue
            gap = stance(rostrum.case, rostrum.seat, issue, own) - stance(
                rostrum.case, rostrum.seat, issue, option
            )
            if gap > 0:
                objections.append((gap + 2 * (issue in plan.issues), issue))
        if objections:
            return offer, max(objections)[1]
    return None


def pressable(rostrum: Rostrum, to: str, issue: str, carried: Mapping[str, str]) -> bool:
    """Whether there is anything left to ask of a seat on an issue."""
    theirs = rostrum.held(to).get(issue)
    return to != rostrum.seat and (theirs is None or theirs != carried.get(issue))
