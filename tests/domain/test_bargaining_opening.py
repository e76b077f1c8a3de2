"""What would open an empty zone, against an oracle that tries every package."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.bargaining import survey
from app.domain.case import Case
from app.domain.mandate import RedLine
from app.domain.opening import Opening, easing, openings
from tests import brute
from tests.cases import cases, presets


def shut(case: Case) -> Case:
    """The case with mandates so high that hardly a package passes."""
    mandates = {
        seat: replace(m, least=dict.fromkeys(("guided", "standard", "hard"), m.best() - 2))
        for seat, m in case.mandates.items()
    }
    return replace(case, mandates=mandates)


@given(cases(), presets, st.sampled_from([1, 8, 131_072]))
def test_openings_are_the_smallest_single_changes(case: Case, preset: str, tail: int) -> None:
    case = shut(case)
    assume(not brute.joint(case, preset))
    space = brute.everything(case)
    expected: list[Opening] = []
    for seat in case.seat_ids:
        need = max(case.mandates[seat].least[preset], sum(brute.no_deal(case, seat)) + case.gain)
        mandate = replace(case.mandates[seat], least={}, no_deal_lines=())
        eased = replace(
            case,
            gain=-1000,
            presets=tuple(replace(p, strong=False) for p in case.presets),
            mandates={**case.mandates, seat: mandate},
        )
        strong = next(p.strong for p in case.presets if p.id == preset)
        tops = [
            sum(brute.worth(case, seat, p))
            for p in space
            if all(brute.signs(case, s, p, preset) for s in case.seat_ids if s != seat)
            and brute.signs(eased, seat, p, preset)
            and (
                not strong
                or all(
                    a >= b
                    for a, b in zip(
                        brute.worth(case, seat, p), brute.no_deal(case, seat), strict=True
                    )
                )
            )
        ]
        if tops:
            expected.append(Opening(seat=seat, points=need - max(tops), floor=need))
    expected.sort(key=lambda o: o.points)
    found = openings(case, preset, tail=tail)
    assert [o for o in found if not o.line] == expected
    for opening in found:
        assert survey(eased_by(case, preset, opening), preset).signable > 0
    lines = {(o.seat, o.line) for o in found if o.line}
    for seat in case.seat_ids:
        for line in case.mandates[seat].red_lines:
            opening = Opening(seat=seat, line=line.id)
            opens = bool(brute.joint(eased_by(case, preset, opening), preset))
            assert ((seat, line.id) in lines) == opens


def eased_by(case: Case, preset: str, opening: Opening) -> Case:
    """The case with one opening made."""
    mandate = case.mandates[opening.seat]
    if opening.line:
        kept = tuple(line for line in mandate.red_lines if line.id != opening.line)
        mandate = replace(mandate, red_lines=kept)
    else:
        least = {**mandate.least, preset: opening.floor - opening.points}
        # Where the signing test is what binds, the same change is made to its other side.
        if least[preset] < sum(mandate.no_deal) + case.gain:
            return _with_every_gain(case, preset, opening)
        mandate = replace(mandate, least=least)
    return replace(case, mandates={**case.mandates, opening.seat: mandate})


def _with_every_gain(case: Case, preset: str, opening: Opening) -> Case:
    """The signing test eased for one seat: what the gain asked of all, the others' mandates ask."""
    mandates = {
        seat: replace(
            m,
            least={**m.least, preset: max(m.least[preset], sum(m.no_deal) + case.gain)},
        )
        for seat, m in case.mandates.items()
    }
    own = mandates[opening.seat]
    mandates[opening.seat] = replace(
        own, least={**own.least, preset: opening.floor - opening.points}
    )
    return replace(case, gain=-1000, mandates=mandates)


@given(cases(), presets, st.sampled_from([1, 8, 131_072]))
def test_easing_is_the_fewest_points_over_all_floors(case: Case, preset: str, tail: int) -> None:
    case = shut(case)
    assume(not brute.joint(case, preset))
    strong = next(p.strong for p in case.presets if p.id == preset)
    needs = {
        seat: max(
            case.mandates[seat].least.get(preset, 0), sum(brute.no_deal(case, seat)) + case.gain
        )
        for seat in case.seat_ids
    }
    lacks = [
        [max(0, needs[seat] - sum(brute.worth(case, seat, package))) for seat in case.seat_ids]
        for package in brute.everything(case)
        if not any(brute.crosses(case, seat, package) for seat in case.seat_ids)
        and (not strong or brute.whole(case, package))
    ]
    found = easing(case, preset, tail=tail)
    if not lacks:
        assert found == ()
        return
    fewest = min(lacks, key=sum)
    assert [(o.seat, o.points, o.floor) for o in found] == [
        (seat, points, needs[seat])
        for seat, points in zip(case.seat_ids, fewest, strict=True)
        if points
    ]
    for opening in found:
        case = eased_by(case, preset, opening)
    assert brute.joint(case, preset)


@given(cases(), presets)
def test_no_points_open_what_a_line_that_cannot_be_read_shuts(case: Case, preset: str) -> None:
    seat = case.seat_ids[0]
    odd = RedLine(id="odd", text="odd", of={"nowhere": ("x",)}, limit=5)
    mandate = replace(case.mandates[seat], red_lines=(*case.mandates[seat].red_lines, odd))
    shut_case = replace(case, mandates={**case.mandates, seat: mandate})
    assert survey(shut_case, preset).signable == 0
    assert easing(shut_case, preset) == ()
    opened = bool(brute.joint(case, preset))
    lines = [Opening(seat=seat, line="odd")] if opened else []
    assert list(openings(shut_case, preset)) == lines
