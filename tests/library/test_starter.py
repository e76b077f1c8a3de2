"""The starter case teaches: a zone that is there but narrow, two swaps, a shared wish, a split."""

import itertools
import re

import pytest

from app.domain.case import Case
from app.domain.terms import Package
from app.library import load_case

LISTS = {
    "opening": 3, "offer": 6, "offer_plain": 4, "endorse": 6, "withdraw": 3, "refuse": 6,
    "bridge": 6, "answer": 5, "press": 6, "hold": 5, "last": 3, "thanks": 3, "threat": 3,
    "unread": 3, "offtopic": 3, "question": 4, "caucus": 3, "reading": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("first-offer")


@pytest.fixture(scope="module")
def packages(case: Case) -> list[Package]:
    """Every package, by plain enumeration."""
    return list(itertools.product(*([option.id for option in i.options] for i in case.issues)))


def signable(case: Case, package: Package, preset: str) -> bool:
    return all(not case.breaches(seat, package, preset) for seat in case.seat_ids)


def worth(case: Case, seat: str, issue: int) -> list[int]:
    return [sum(points) for points in case.mandates[seat].sheet[issue].values()]


def test_the_zone_is_narrow_and_there(case: Case, packages: list[Package]) -> None:
    zone = [package for package in packages if signable(case, package, "standard")]
    assert 0.001 <= len(zone) / len(packages) <= 0.08
    wider = [package for package in packages if signable(case, package, "guided")]
    assert set(zone) < set(wider)
    assert case.references[0].package in zone


def test_no_ideal_and_no_middle_can_be_signed(case: Case) -> None:
    for mandate in case.mandates.values():
        best = tuple(max(row, key=lambda option: sum(row[option])) for row in mandate.sheet)
        assert not signable(case, best, "standard")
        assert not signable(case, best, "guided")
    for low in (1, 0):
        package = case.agenda.at(tuple((size - low) // 2 for size in case.agenda.sizes))
        assert not signable(case, package, "standard")


def test_every_red_line_bites_and_every_option_has_a_taker(
    case: Case, packages: list[Package]
) -> None:
    taken: set[tuple[int, str]] = set()
    for seat, mandate in case.mandates.items():
        alone = set()
        for package in packages:
            found = case.breaches(seat, package, "standard")
            if not found:
                taken |= set(enumerate(package))
            elif len(found) == 1 and found[0].rule == "red-line":
                alone.add(found[0].line)
        assert alone == {line.id for line in mandate.red_lines}
    assert len(taken) == sum(case.agenda.sizes)


def test_a_split_a_shared_wish_and_two_swaps(case: Case) -> None:
    one, other = case.seat_ids
    issues = dict(zip(case.agenda.ids, range(len(case.issues)), strict=True))
    pay = issues["pay"]
    totals = {a + b for a, b in zip(worth(case, one, pay), worth(case, other, pay), strict=True)}
    assert len(totals) == 1, "on pay every point won is a point lost"
    review = [worth(case, seat, issues["review"]) for seat in case.seat_ids]
    assert review[0].index(max(review[0])) == review[1].index(max(review[1]))
    for dear, cheap in (("remote", "start"), ("training", "title")):
        assert max(worth(case, one, issues[dear])) >= 2 * max(worth(case, one, issues[cheap]))
        assert max(worth(case, other, issues[cheap])) >= 2 * max(worth(case, other, issues[dear]))


def test_the_prose_is_complete(case: Case) -> None:
    sentences: list[str] = []
    for seat in case.seats:
        lists = {act: len(frames) for act, frames in seat.phrases.items()}
        assert all(lists[act] >= least for act, least in LISTS.items())
        sentences += [frame for frames in seat.phrases.values() for frame in frames]
        sentences += [point.text for point in seat.points]
        alone = {
            (issue, option)
            for line in case.mandates[seat.id].red_lines
            if line.limit == 0 and len(line.of) == 1
            for issue, options in line.of.items()
            for option in options
        }
        for issue in case.issues:
            points = [point for point in seat.points if point.issue == issue.id]
            assert len(points) >= 3
            assert any(point.kind == "live-with" for point in points)
            for option in issue.options:
                sides = [p.against if (issue.id, option.id) in alone else p.favours for p in points]
                assert any(option.id in side for side in sides), (seat.id, issue.id, option.id)
    assert all(re.search(r"[.?]$", sentence) for sentence in sentences)
    assert len(sentences) == len(set(sentences))


def test_no_secret_sentence_is_public(case: Case) -> None:
    for seat in case.seats:
        mandate = case.mandates[seat.id]
        public = " ".join(
            [seat.brief, *(p.text for p in seat.points), *itertools.chain(*seat.phrases.values())]
        )
        secret = " . ".join([mandate.brief, *(line.text for line in mandate.red_lines)])
        assert not runs(public) & runs(secret)


def runs(text: str, length: int = 7) -> set[tuple[str, ...]]:
    """All runs of so many words."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}
