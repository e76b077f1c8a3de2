"""The mediator and the chair: what they ask, what they learn, what they table."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import numpy as np

from app.delegates.chair import Chair, joint_chances, likeliest, read_all
from app.delegates.mediator import APART, DRAFTS, Mediator, answers, learned
from app.domain.case import Case, Session
from app.domain.events import Event
from app.domain.moves import Vote
from app.domain.table import Table, fold, view_for
from app.library import load_case
from tests.brute import everything
from tests.small_cases import small_case
from tests.tables import run_table


@cache
def flagship() -> Case:
    return load_case("table-for-five")


@cache
def log(mode: str) -> tuple[Event, ...]:
    return run_table(flagship(), 5, Session(mediator=mode, chair=True, rounds=4))


def views(mode: str, viewer: str, kind: str) -> list[Table]:
    """What a helper sees just before it acts."""
    events = log(mode)
    places = [n for n, event in enumerate(events) if event.body.kind == kind]
    return [fold(view_for(events[:place], viewer)) for place in places]


def test_drafts_are_complete_apart_and_never_asked_twice() -> None:
    for mode in DRAFTS:
        asked: set[tuple[str, ...]] = set()
        rounds = views(mode, "mediator", "drafts.circulated")
        assert len(rounds) >= 2
        for view in rounds:
            drafts = Mediator().drafts(view)
            assert len(drafts) == DRAFTS[mode]
            assert all(view.agenda.complete(draft) for draft in drafts)
            for place, one in enumerate(drafts):
                for other in drafts[:place]:
                    assert len(view.agenda.differences(one, other)) >= APART
            assert not asked & set(drafts)
            asked |= set(drafts)
            assert Mediator().drafts(view) == drafts


def test_what_all_said_they_could_sign_is_tabled_before_anything_else() -> None:
    view = next(v for v in views("votes", "mediator", "text.tabled") if v.drafts)
    none = replace(view, votes={s: Vote(yes=()) for s in view.present}, polls=())
    for number in range(len(view.drafts)):
        if view.offer_of(view.drafts[number]) is not None:
            continue
        keen = replace(none, votes={s: Vote(yes=(number,)) for s in view.present})
        package, words = Mediator().text(keen)
        assert package == view.drafts[number]
        assert words.by == "mediator"
        assert words.text


def test_a_vote_teaches_more_than_it_told() -> None:
    """Seats that say yes to a draft seem likelier to sign what is near it."""
    view = views("votes", "mediator", "text.tabled")[0]
    draft = view.drafts[0]
    near = np.array([view.agenda.indices(draft)], dtype=np.int64)
    yes = replace(view, votes={s: Vote(yes=(0,)) for s in view.present})
    no = replace(view, votes={s: Vote(yes=()) for s in view.present})
    assert joint_chances(learned(yes), near)[0] > joint_chances(learned(no), near)[0]


def test_rankings_are_read_as_comparisons_only_in_their_mode() -> None:
    view = views("ranks", "mediator", "text.tabled")[0]
    seat = view.present[0]
    ranked = replace(view, votes={seat: Vote(yes=(), ranking=(1, 0, 2, 3))}, polls=())
    pairs = [e for e in answers(ranked, seat) if e.over is not None]
    assert [(e.package, e.over) for e in pairs] == [
        (view.drafts[a], view.drafts[b]) for a, b in ((1, 0), (0, 2), (2, 3))
    ]
    votes = replace(ranked, session=replace(view.session, mediator="votes"))
    assert all(e.over is None for e in answers(votes, seat))
    odd = replace(ranked, votes={seat: Vote(yes=(9,), ranking=(9, 0))})
    assert all(e.over is None for e in answers(odd, seat))


def test_the_chair_tables_something_new_from_public_acts() -> None:
    for view in views("votes", "chair", "text.tabled"):
        package, words = Chair().text(view)
        assert package is not None
        assert view.agenda.complete(package)
        assert view.offer_of(package) is None
        assert words.by == "chair"
        assert Chair().drafts(view) == ()


def test_the_chair_does_not_see_the_votes() -> None:
    for view in views("votes", "chair", "text.tabled"):
        assert view.votes == {}
        assert all(votes == {} for _, votes in view.polls)


def test_the_likeliest_package_is_the_likeliest_of_all() -> None:
    """Against a walk over every package of a small case."""
    for number in range(20):
        case = small_case(random.Random(number))
        events = run_table(case, number, Session(rounds=3))
        view = fold(view_for(events, "chair"))
        readers = read_all(view)
        taken = [offer.package for offer in view.offers]
        free = [p for p in everything(case) if p not in taken]
        found = likeliest(view, readers, taken, count=1)
        if not free:
            assert found == ()
            continue
        chances = joint_chances(
            readers, np.array([case.agenda.indices(p) for p in free], dtype=np.int64)
        )
        assert found == (free[int(chances.argmax())],)


def test_helpers_with_nothing_left_say_so() -> None:
    case = small_case(random.Random(3))
    events = run_table(case, 3, Session(rounds=2))
    view = fold(view_for(events, "chair"))
    full = replace(
        view,
        offers=tuple(
            replace(view.offers[0], number=n, package=package)
            for n, package in enumerate(everything(case), start=1)
        ),
    )
    package, words = Chair().text(full)
    assert package is None
    assert words.text
    package, words = Mediator().text(full)
    assert package is None
    assert words.by == "mediator"
