"""The commitment ledger: who stands where on each issue, as a pure fold over acts of speech.

An issue is agreed when the seats that the decision rule asks for stand firm on one option, each
by a word of its own after the last change. Hedged and conditional words leave it open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from app.domain.case import PassRule
from app.evaluator.acts import Act, Firmness, Term

Status: TypeAlias = Literal["open", "proposed", "tentative", "agreed", "reopened"]


@dataclass(slots=True, kw_only=True)
class _Proposal:
    """Terms on the table. `takers` accepted it in words or by a form."""

    seat: str
    terms: dict[str, str]
    number: int | None
    live: bool = True
    closed: bool = False
    takers: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class _Stand:
    """Where a seat stands on one issue, and by which proposal."""

    option: str
    turn: int
    firmness: Firmness
    proposal: _Proposal
    conditions: tuple[Term, ...]
    strings: bool
    quote: str
    accepted: bool
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One issue of the ledger. `option` is the agreed or, before that, the most backed one.

    `since` is the turn of the last word it took; `quotes` give each backer's words.
    """

    issue: str
    status: Status
    option: str | None = None
    since: int = 0
    backers: tuple[str, ...] = ()
    waverers: tuple[str, ...] = ()
    quotes: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All issues after some turns, and the acts that led there.

    `meant` holds, act by act, the terms it put its seat behind: also those of a bare "agreed".
    """

    lines: tuple[Line, ...]
    acts: tuple[Act, ...]
    meant: tuple[tuple[Term, ...], ...] = ()
    gone: tuple[str, ...] = ()

    def line(self, issue: str) -> Line:
        """The line of an issue; KeyError when there is none."""
        for line in self.lines:
            if line.issue == issue:
                return line
        raise KeyError(issue)

    @property
    def agreed(self) -> dict[str, str]:
        """Issue to agreed option."""
        return {x.issue: x.option for x in self.lines if x.status == "agreed" and x.option}


def ledger(acts: Iterable[Act], issues: tuple[str, ...], rule: PassRule) -> Ledger:
    """The ledger after these acts; it knows nothing of what comes after them."""
    book = Book(issues, rule)
    for act in acts:
        book.enter(act)
    return book.ledger()


class Book:
    """The fold's state. `enter` one act after the other, ask for the `ledger` at any time."""

    def __init__(self, issues: tuple[str, ...], rule: PassRule) -> None:
        self._issues, self._rule = issues, rule
        self._stands: dict[str, dict[str, _Stand]] = {}
        self._proposals: list[_Proposal] = []
        self._acts: list[Act] = []
        self._gone: list[str] = []
        self._agreed: dict[str, bool] = {}
        self._moved: set[str] = set()
        self._meant_terms: list[tuple[Term, ...]] = []

    def enter(self, act: Act) -> None:
        """One more act."""
        self._acts.append(act)
        self._meant_terms.append(())
        match act.kind:
            case "offer":
                self._offer(act)
            case "accept":
                self._accept(act)
            case "reject":
                self._reject(act)
            case "retract":
                self._retract(act)
            case "walk_away":
                self._walk(act)
            case "query":
                return
        for issue in self._moved:
            held = [stands[issue] for stands in self._stands.values() if issue in stands]
            if issue in self._agreed or len(held) < self._rule.at_least:
                continue
            if self._settled(self._backed(issue)[0]) is not None:
                self._agreed[issue] = True
        self._moved.clear()

    def ledger(self) -> Ledger:
        """The ledger as it stands now."""
        return Ledger(
            lines=tuple(self._line(issue) for issue in self._issues),
            acts=tuple(self._acts),
            meant=tuple(self._meant_terms),
            gone=tuple(self._gone),
        )

    # -- acts ---------------------------------------------------------------------------------

    def _offer(self, act: Act) -> None:
        if act.firmness == "hedged":
            self._waver(act)
            return
        last = self._proposals[-1] if self._proposals else None
        if last is None or last.seat != act.seat or last.closed or act.number is not None:
            self._close()
            last = _Proposal(seat=act.seat, terms={}, number=act.number)
            self._proposals.append(last)
        for issue, option in (*act.terms, *act.conditions):
            last.terms[issue] = option
        for issue, option in act.terms:
            self._stand(act, issue, option, last, accepted=False)
        for issue, option in act.conditions:
            self._stand(act, issue, option, last, accepted=False)

    def _waver(self, act: Act) -> None:
        """Hedged words on an issue: a seat that stood elsewhere stands there no longer firm."""
        for issue, option in act.terms:
            held = self._stands.get(act.seat, {}).get(issue)
            if held is not None and held.option != option:
                held.firmness = "hedged"

    def _accept(self, act: Act) -> None:
        target = self._target(act)
        if target is None:
            if act.terms:
                self._offer(act)
            return
        wanted = dict(act.terms)
        if act.whole or not wanted:
            wanted = {**self._meant(act, target), **wanted}
        if act.firmness in ("conditional", "soft"):
            self._close()
            own = _Proposal(seat=act.seat, terms={**wanted, **dict(act.conditions)}, number=None)
            self._proposals.append(own)
            for issue, option in own.terms.items():
                self._stand(act, issue, option, own, accepted=False)
            return
        self._take(act, target, wanted)

    def _meant(self, act: Act, target: _Proposal) -> dict[str, str]:
        """What "agreed" takes up: the proposal as its author stands by it now.

        Left out are issues on which the taker itself said something else since, in this turn.
        """
        author = self._stands.get(target.seat, {})
        meant = dict(target.terms)
        if author and target.number is None:
            now = {i: s.option for i, s in author.items() if s.firmness != "hedged"}
            meant = {i: o for i, o in now.items() if act.whole or i in target.terms}
        own = self._stands.get(act.seat, {})

        def countered(issue: str, option: str) -> bool:
            mine, theirs = own.get(issue), author.get(issue)
            if mine is None or mine.accepted or mine.option == option or mine.turn != act.turn:
                return False
            return theirs is None or mine.step > theirs.step

        return {
            issue: option
            for issue, option in meant.items()
            if (not act.issues or issue in act.issues) and not countered(issue, option)
        }

    def _take(self, act: Act, target: _Proposal, wanted: Mapping[str, str]) -> None:
        """Terms taken up: the taker stands on them, and on the strings of what it took."""
        if act.firmness == "hedged":
            return
        target.closed = True
        author = self._stands.get(target.seat, {})
        theirs = {**target.terms, **{i: s.option for i, s in author.items()}}
        fresh = {i: o for i, o in wanted.items() if theirs.get(i) != o}
        for issue, option in wanted.items():
            if issue not in fresh:
                stand = author.get(issue)
                meant = stand.proposal if stand is not None else target
                meant.takers.add(act.seat)
                self._moved.update(meant.terms)
                self._stand(act, issue, option, meant, accepted=True)
        if fresh:
            self._close()
            own = _Proposal(seat=act.seat, terms=dict(fresh), number=None)
            self._proposals.append(own)
            for issue, option in fresh.items():
                self._stand(act, issue, option, own, accepted=False)

    def _reject(self, act: Act) -> None:
        held = self._stands.get(act.seat, {})
        if act.terms:
            for issue, option in act.terms:
                if issue in held and held[issue].option == option:
                    del held[issue]
            return
        before = self._acts[-2] if len(self._acts) > 1 else None
        if before is not None and before.kind == "query" and before.seat != act.seat:
            return  # a plain no answers the question, not what was agreed before it
        target = self._target(act)
        if target is not None:
            target.closed = True
            for issue, option in target.terms.items():
                stand = held.get(issue)
                narrow = not act.issues or issue in act.issues
                if stand is not None and stand.accepted and stand.option == option and narrow:
                    del held[issue]

    def _retract(self, act: Act) -> None:
        held = self._stands.get(act.seat, {})
        if act.number is not None:
            lost = [i for i, s in held.items() if s.proposal.number == act.number]
        elif act.terms or act.issues:
            lost = [i for i in (*dict(act.terms), *act.issues) if i in held]
        else:
            lost = list(held)
            for proposal in self._proposals:
                if proposal.seat == act.seat:
                    proposal.live = False
        for issue in dict.fromkeys(lost):
            for proposal in self._proposals:
                if proposal.seat == act.seat and not held[issue].accepted:
                    proposal.terms.pop(issue, None)
            del held[issue]
        self._close()

    def _walk(self, act: Act) -> None:
        self._stands.pop(act.seat, None)
        for proposal in self._proposals:
            proposal.live = proposal.live and proposal.seat != act.seat
        if act.seat not in self._gone:
            self._gone.append(act.seat)

    # -- state --------------------------------------------------------------------------------

    def _close(self) -> None:
        """The last proposal takes no more terms: somebody else has the word."""
        if self._proposals:
            self._proposals[-1].closed = True

    def _target(self, act: Act) -> _Proposal | None:
        """The proposal meant: by number, by its author, else the latest of somebody else."""
        wanted = set(dict(act.terms)) | set(act.issues)
        for proposal in reversed(self._proposals):
            if not proposal.live or not proposal.terms:
                continue
            if act.number is not None:
                if proposal.number == act.number:
                    return proposal
                continue
            if proposal.seat == act.seat or (act.of and proposal.seat != act.of):
                continue
            if wanted and wanted.isdisjoint(proposal.terms):
                continue
            return proposal
        return None

    def _stand(
        self, act: Act, issue: str, option: str, proposal: _Proposal, *, accepted: bool
    ) -> None:
        if issue not in self._issues:
            return
        held = self._stands.setdefault(act.seat, {})
        before = held.get(issue)
        self._moved.add(issue)
        self._meant_terms[-1] = (*self._meant_terms[-1], (issue, option))
        if before is not None and before.option != option:
            self._spoil(act.seat, issue)
        held[issue] = _Stand(
            option=option,
            turn=act.turn,
            firmness=act.firmness,
            proposal=proposal,
            conditions=act.conditions,
            strings=act.strings,
            quote=act.quote,
            accepted=accepted,
            step=len(self._acts),
        )

    def _spoil(self, author: str, issue: str) -> None:
        """Whoever accepted what its author now changes has to say so again."""
        for seat, held in self._stands.items():
            stand = held.get(issue)
            if seat != author and stand and stand.accepted and stand.proposal.seat == author:
                del held[issue]

    def _firm(self, seat: str, stand: _Stand) -> bool:
        if stand.firmness == "firm" or stand.accepted:
            return stand.firmness != "hedged"
        if stand.firmness == "hedged":
            return False
        others = [s for s in self._rule.required if s != seat]
        if stand.strings:
            return bool(others) and stand.proposal.takers.issuperset(others)
        if stand.proposal.takers - {seat}:
            return True
        if stand.firmness == "soft" or not stand.conditions:
            return False
        return bool(others) and all(
            (held := self._stands.get(s, {}).get(issue)) is not None
            and held.option == option
            and held.firmness == "firm"
            for s in others
            for issue, option in stand.conditions
        )

    def _backed(self, issue: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Options with their firm backers, and with those who waver."""
        firm: dict[str, list[str]] = {}
        loose: dict[str, list[str]] = {}
        for seat, held in self._stands.items():
            stand = held.get(issue)
            if stand is not None:
                side = firm if self._firm(seat, stand) else loose
                side.setdefault(stand.option, []).append(seat)
        return firm, loose

    def _settled(self, firm: Mapping[str, list[str]]) -> str | None:
        passing = [o for o, seats in firm.items() if self._rule.passes(frozenset(seats))]
        return max(passing, key=lambda o: len(firm[o])) if passing else None

    def _line(self, issue: str) -> Line:
        if not any(issue in held for held in self._stands.values()):
            return Line(issue=issue, status="reopened" if self._agreed.get(issue) else "open")
        firm, loose = self._backed(issue)
        agreed = self._settled(firm)
        counts = {o: len(firm.get(o, ())) + len(loose.get(o, ())) for o in (*firm, *loose)}
        option = agreed or (max(counts, key=lambda o: counts[o]) if counts else None)
        status: Status = "open"
        if agreed is not None:
            status = "agreed"
        elif self._agreed.get(issue):
            status = "reopened"
        elif option is not None:
            status = "tentative" if counts[option] > 1 else "proposed"
        stands = [
            (seat, held[issue])
            for seat, held in self._stands.items()
            if issue in held and held[issue].option == option
        ]
        return Line(
            issue=issue,
            status=status,
            option=option,
            since=max((stand.turn for _, stand in stands), default=0),
            backers=tuple(sorted(firm.get(option or "", ()))),
            waverers=tuple(sorted(loose.get(option or "", ()))),
            quotes=tuple((seat, stand.turn, stand.quote) for seat, stand in stands),
        )
