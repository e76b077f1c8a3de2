"""Puts an approved move into words, from what the audience of those words may see."""

from __future__ import annotations

from app.delegates.base import Plan
from app.delegates.persuasion import (
    addressed_to,
    ask_of,
    change,
    dispute,
    fallback_issues,
    merit,
    pressable,
)
from app.delegates.reading import read
from app.delegates.replies import answer
from app.delegates.rhetoric import (
    MOST_WORDS,
    Fills,
    Rostrum,
    drawn_seats,
    filled,
    fits,
    joined,
    lowered,
    package_of,
    speakable,
    topic,
)
from app.domain.moves import Speech
from app.domain.table import Offer, Table
from app.domain.terms import Issue, Package

__all__ = ["answer", "chair_words", "speak", "withdrawal_reason"]


SPEAK_OF_NEWS = 2
_LENGTHS = (75, 95, 110, MOST_WORDS)
"""Words after which a speaker adds nothing that is not owed: not every speech is a long one."""


def speak(room: Table, seat: str, plan: Plan) -> Speech:
    """The words of one turn: 20 to 120 of them, no sentence this seat has spoken before."""
    turn = room.turn.number if room.turn else room.turns
    rostrum = Rostrum(room=room, seat=seat, slot=f"{turn}/{len(room.words)}")
    carried = _carried(rostrum, plan)
    final = room.round >= room.session.rounds > 0
    if final and plan.act != "walk":
        rostrum.frame("last")
    if plan.act == "statement" and not _has_spoken(rostrum):
        _opening(rostrum, plan, carried)
    elif plan.act == "walk":
        rostrum.frame("walk")
    else:
        _business(rostrum, plan, carried)
    rostrum.limit = rostrum.order(_LENGTHS, "length")[0]
    _reasons(rostrum, plan, carried)
    _complete(rostrum, plan, carried)
    issues = tuple(dict.fromkeys(rostrum.issues))
    return Speech(
        text=rostrum.text,
        by="engine",
        to=plan.to,
        points=tuple(rostrum.points),
        issues=issues,
        tone=plan.tone,
    )


def withdrawal_reason(room: Table, seat: str, offer_number: int, issue: str) -> str:
    """One sentence for the record: why an endorsement is taken back."""
    rostrum = Rostrum(room=room, seat=seat, slot=f"reason/{room.turns}")
    if issue not in room.agenda.ids:
        issue = room.agenda.ids[0]
    frames = rostrum.frames("reason")
    for frame in frames[offer_number % len(frames) :] + frames:
        if rostrum.say(filled(frame, {"topic": room.agenda.issue(issue)}, rostrum)):
            break
    return rostrum.text or f"Offer {offer_number} no longer has this support."


def chair_words(room: Table, package: Package, by: str) -> Speech:
    """Neutral words for a text of the chair or the mediator, from public texts only."""
    rostrum = Rostrum(room=room, seat=by, slot=f"{by}/{len(room.words)}")
    agenda = room.agenda
    held = [offer.package for offer in map(room.offer, room.latest.values()) if offer]

    def spread(place: int) -> tuple[int, int]:
        return (-len({text[place] for text in held}), place)

    places = sorted(range(len(agenda.issues)), key=spread)[: min(3, len(agenda.issues))]
    issues = [agenda.issues[place] for place in places]
    names = [topic(issue, room.case) for issue in issues]
    listed = ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
    rostrum.frame("chair", {"topics": listed})
    for issue, place in zip(issues[:2], places, strict=False):
        rostrum.frame("chair_terms", {"option": issue.option(package[place]).label})
    rostrum.frame("chair_close")
    text = rostrum.text or f"The {by} puts a further complete text before the table for comment."
    named = tuple(issue.id for issue in issues)
    return Speech(text=text, by="mediator" if by == "mediator" else "chair", issues=named)


# -- the parts of a speech -------------------------------------------------------------------


def _has_spoken(rostrum: Rostrum) -> bool:
    return any(m.seat == rostrum.seat for m in rostrum.room.moves)


def _carried(rostrum: Rostrum, plan: Plan) -> dict[str, str]:
    """The text these words argue for; every text the move puts a name to binds them."""
    agenda = rostrum.room.agenda
    backed = [offer for offer in map(rostrum.room.offer, plan.endorse) if offer]
    texts = [offer.package for offer in backed]
    if plan.package is not None:
        texts.append(plan.package)
    for text in texts:
        for issue, option in agenda.as_mapping(text).items():
            rostrum.bound.setdefault(issue, set()).add(option)
    if plan.package is not None:
        return agenda.as_mapping(plan.package)
    main = _main(rostrum, backed)
    return agenda.as_mapping(main.package) if main else rostrum.own()


def _main(rostrum: Rostrum, backed: list[Offer]) -> Offer | None:
    """Of several texts joined at once the one to speak of: the newest that is not our own."""
    return max(backed, key=lambda o: (o.by != rostrum.seat, o.number), default=None)


def _opening(rostrum: Rostrum, plan: Plan, carried: dict[str, str]) -> None:
    """Who we are, what we came for, and what we have said in public that we want."""
    name = rostrum.me.name.split(" (")[0].strip()
    name = lowered(name.removeprefix("the ").removeprefix("The "), rostrum.case)
    intros = rostrum.neutral("intro")
    intro = intros[(rostrum.room.seed + len(rostrum.room.moves)) % len(intros)]
    rostrum.say(intro.format(name=f"the {name}"))
    rostrum.frame("opening")
    for position in rostrum.me.positions[:2]:
        if carried.get(position.issue, position.option) == position.option and rostrum.say(
            position.text
        ):
            rostrum.issues.append(position.issue)
    if not rostrum.me.positions:
        for issue in (plan.issues or fallback_issues(rostrum))[:2]:
            merit(rostrum, issue, carried, plan.points)


def _business(rostrum: Rostrum, plan: Plan, carried: dict[str, str]) -> None:
    """The act itself, and before it the reply owed to whoever spoke to us."""
    begun = len(rostrum.taken)
    if plan.act == "offer" and plan.package is not None:
        _tabled(rostrum, plan)
    if plan.endorse:
        _backed(rostrum, plan)
    if plan.withdraw:
        _withdrawn(rostrum, plan, carried)
    if len(rostrum.taken) == begun:
        _held(rostrum, plan, carried)
    _replied(rostrum, plan, carried, begun)
    _tidings(rostrum)


def _tidings(rostrum: Rostrum) -> None:
    """A word on what was reported since our last turn: by two of the seats, and not the same."""
    room = rostrum.room
    last = max((moved.turn for moved in room.moves if moved.seat == rostrum.seat), default=0)
    fresh = [n for n, at in enumerate(room.news_at) if at >= last]
    if not fresh or rostrum.seat not in drawn_seats(room, f"news/{fresh[-1]}", SPEAK_OF_NEWS):
        return
    named = read(room.news[fresh[-1]].text, room.case, "").issues
    fills: Fills = {"topic": room.agenda.issue(named[0])} if len(named) == 1 else {}
    heard = [remark.speech.text for remark in room.words]
    for act in ("news_topic", "news") if fills else ("news",):
        for frame in rostrum.frames(act):
            again = any(fits(frame, text) for text in heard)
            if not again and rostrum.say(filled(frame, fills, rostrum)):
                return


def _tabled(rostrum: Rostrum, plan: Plan) -> None:
    """What the new text gives, against our own last one, and what it keeps asking."""
    assert plan.package is not None
    gives = change(rostrum, plan.package)
    asks = ask_of(rostrum, plan, {issue for issue, _ in gives})
    fills: dict[str, str | Issue] = {}
    for slot, terms in (("give", gives), ("ask", asks)):
        phrase = _terms(rostrum, terms)
        if phrase:
            fills[slot] = phrase
    act = {(True, True): "offer", (False, True): "offer_plain", (True, False): "offer_give"}.get(
        ("give" in fills, "ask" in fills), "offer_bare"
    )
    if rostrum.frame(act, fills) or rostrum.frame("offer_bare"):
        rostrum.issues += [issue for issue, _ in (*gives[:1], *asks[:1])]


def _terms(rostrum: Rostrum, terms: list[tuple[str, str]]) -> str:
    """One option as a noun phrase, or two where both are short."""
    labels = [rostrum.option(issue, option).label for issue, option in terms[:2]]
    if len(labels) == 2:
        bare = not any("," in label or " and " in label for label in labels)
        if bare and sum(len(label.split()) for label in labels) <= 18:
            return " and ".join(labels)
    return labels[0] if labels else ""


def _backed(rostrum: Rostrum, plan: Plan) -> None:
    """Whose text we join, what in it made the difference, and which others we join as well."""
    backed = [offer for offer in map(rostrum.room.offer, plan.endorse) if offer]
    main = None if plan.package is not None else _main(rostrum, backed)
    if main is not None:
        _endorsed(rostrum, main)
    rest = [offer for offer in backed if offer is not main]
    if rest:
        rostrum.frame("also", {"drafts": _drafts(rostrum, rest)})


MOST_NAMED = 3
"""More texts than these are not named one by one in a sentence."""

COUNTS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def _drafts(rostrum: Rostrum, offers: list[Offer]) -> str:
    """Texts by number and author; of many their count and the newest, as one would say it.

    The move names each of them; a list of numbers is for the page and not for the ear.
    """
    if len(offers) > MOST_NAMED:
        newest = max(offers, key=lambda offer: offer.number)
        count = COUNTS[len(offers)] if len(offers) < len(COUNTS) else "many"
        return f"{count} more texts before us including {_drafts(rostrum, [newest])}"
    by: dict[str, list[str]] = {}
    for offer in offers:
        by.setdefault(offer.by, []).append(str(offer.number))
    named = []
    for author, numbers in by.items():
        one = "offer" if len(numbers) == 1 else "offers"
        listed = joined(numbers)
        own = author == rostrum.seat
        source = "of our own" if own else f"from {rostrum.who(author)}"
        named.append(f"{one} {listed} {source}")
    return " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def _endorsed(rostrum: Rostrum, offer: Offer) -> None:
    """Whose text we join, and a published reason that favours it."""
    if offer.by == rostrum.seat:
        if rostrum.frame("endorse_own"):
            rostrum.frame("reference", {"number": str(offer.number)})
        return
    settled = package_of(rostrum.room, offer.package)
    issue = _welcome(rostrum, settled)
    fills: dict[str, str | Issue] = {"who": rostrum.who(offer.by)}
    if issue is not None:
        fills["topic"] = rostrum.room.agenda.issue(issue)
    if rostrum.frame("endorse", fills):
        _which(rostrum, offer)
        if issue is not None:
            merit(rostrum, issue, settled, ())


def _which(rostrum: Rostrum, offer: Offer) -> None:
    """The number on the table, where the author has since tabled another text."""
    if any(o.by == offer.by and o.number > offer.number for o in rostrum.room.offers):
        rostrum.frame("reference", {"number": str(offer.number)})


def _welcome(rostrum: Rostrum, settled: dict[str, str]) -> str | None:
    """The issue of a text that our published points praise and have not yet been spent on."""
    from_points = [
        point.issue
        for point in speakable(rostrum.case, rostrum.seat)
        if settled.get(point.issue) in point.favours
        and point.kind != "live-with"
        and rostrum.fresh(point.text)
    ]
    issues = [i for i in dict.fromkeys(from_points) if i not in rostrum.issues]
    ranked = rostrum.order(issues, "welcome")
    return max(ranked, key=from_points.count) if ranked else None


def _withdrawn(rostrum: Rostrum, plan: Plan, carried: dict[str, str]) -> None:
    """Whose text we leave, and over what."""
    for number in plan.withdraw:
        offer = rostrum.room.offer(number)
        if offer is None:
            continue
        left = package_of(rostrum.room, offer.package)
        wanted = [i for i in plan.issues if carried.get(i) != left.get(i)] or list(plan.issues)
        name = (wanted or fallback_issues(rostrum))[0]
        act = "withdraw_own" if offer.by == rostrum.seat else "withdraw"
        who = "" if offer.by == rostrum.seat else rostrum.who(offer.by)
        fills: Fills = {"who": who, "topic": rostrum.room.agenda.issue(name)}
        if rostrum.frame(act, fills):
            rostrum.issues.append(name)
            _which(rostrum, offer)


def _held(rostrum: Rostrum, plan: Plan, carried: dict[str, str]) -> None:
    """Why we do not join a new text yet, and why it is worth talking on."""
    contested = dispute(rostrum, plan, carried)
    if contested is not None:
        offer, issue = contested
        fills: Fills = {"who": rostrum.who(offer.by), "topic": rostrum.room.agenda.issue(issue)}
        if rostrum.frame("refuse", fills, "who"):
            rostrum.issues.append(issue)
            _which(rostrum, offer)
            merit(
                rostrum, issue, carried, plan.points, other=package_of(rostrum.room, offer.package)
            )
    topics = [i for i in (*plan.issues, *fallback_issues(rostrum)) if i not in rostrum.issues]
    name = topics[0] if topics else rostrum.room.agenda.ids[0]
    if rostrum.frame("hold", {"topic": rostrum.room.agenda.issue(name)}):
        rostrum.issues.append(name)


def _replied(rostrum: Rostrum, plan: Plan, carried: dict[str, str], place: int) -> None:
    """The last point addressed to us gets its answer, if we have one to give."""
    asked = addressed_to(rostrum)
    if asked is None:
        return
    who, issue = asked
    reply = Rostrum(room=rostrum.room, seat=rostrum.seat, slot=f"{rostrum.slot}/reply")
    frames: Fills = {"who": rostrum.who(who), "topic": rostrum.room.agenda.issue(issue)}
    if not merit(reply, issue, carried, plan.points):
        return
    lead = Rostrum(room=rostrum.room, seat=rostrum.seat, slot=f"{rostrum.slot}/lead")
    if not lead.frame("answer", frames):
        return
    words = f"{lead.text} {reply.text}"
    if rostrum.say(words):
        rostrum.taken.insert(place, rostrum.taken.pop())
        rostrum.points += reply.points
        rostrum.issues.append(issue)


def _reasons(rostrum: Rostrum, plan: Plan, carried: dict[str, str]) -> None:
    """One or two published points, then what we could live with, then what we ask."""
    wanted = 1 if rostrum.points else 2
    if plan.act == "walk" or (plan.act == "statement" and rostrum.issues):
        wanted = 1
    tried: set[str] = set()
    for issue in plan.issues or fallback_issues(rostrum):
        if wanted <= 0 or (rostrum.left < 45 and rostrum.points):
            break
        if issue in tried:
            continue
        tried.add(issue)
        wanted -= merit(rostrum, issue, carried, plan.points)
    if plan.act == "walk":
        return
    if plan.live_with is not None:
        issue, option = plan.live_with
        label = rostrum.option(issue, option).label
        if not rostrum.named(label) and rostrum.frame("bridge", {"option": label}, owed=False):
            rostrum.issues.append(issue)
    if plan.to and plan.press and pressable(rostrum, plan.to, plan.press, carried):
        subject = rostrum.room.agenda.issue(plan.press)
        fills: Fills = {"who": rostrum.who(plan.to), "topic": subject}
        if rostrum.frame("press", fills, owed=False):
            rostrum.issues.insert(0, plan.press)


def _complete(rostrum: Rostrum, plan: Plan, carried: dict[str, str]) -> None:
    """Up to the least length, with words of our own text rather than with air."""
    pool = list(dict.fromkeys((*plan.issues, *fallback_issues(rostrum), *rostrum.room.agenda.ids)))
    for issue in pool:
        if not rostrum.short:
            return
        subject = rostrum.room.agenda.issue(issue)
        if issue in carried and plan.act != "walk":
            label = subject.option(carried[issue]).label
            if rostrum.frame("argue", {"topic": subject, "option": label}):
                rostrum.issues.append(issue)
    for issue in pool:
        if not rostrum.short:
            return
        if plan.act != "walk" and merit(rostrum, issue, carried, ()):
            continue
        if rostrum.frame("close", {"topic": rostrum.room.agenda.issue(issue)}):
            rostrum.issues.append(issue)
