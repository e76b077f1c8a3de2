"""Reads acts out of words: offers, acceptances, refusals, questions, retractions, walk-outs.

What is not certain is left out: a hedge, a report, a joke or a quotation binds nobody, and words
that address whoever grades the talk are not read at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.case import Case
from app.evaluator import turns_of_speech as said
from app.evaluator.acts import Act, ActKind, Firmness, Term
from app.evaluator.cueing import Hit, Index, Near, index
from app.evaluator.naming import names
from app.evaluator.transcript import Turn

QUOTE_LIMIT = 320
_YES = 48
"""Characters of a bare yes, at most."""

FRAGMENT = 6
"""Words beside the options named that a line may have and still be an offer in note form."""

_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_DEAL_TAG = re.compile(r"</?deal>")
_SOFT = re.compile(r"\b(?:could|would be (?:ready|prepared|willing|able))\b")
_OFFERED = "proposal offer offers packages text texts draft drafts terms suggestion position"
_PROPOSAL = said.heads_of(said.words_of(_OFFERED))
_PLUS = re.compile(
    r"\b(?:proposal|offer|package|terms|text|draft|deal|rest|"
    r"everything else)\b[^\u00a7]{0,24}\b(?:with|and)\b"
)
_WHOLE = re.compile(r"\b(?:deal|package|everything|all (?:of|points|terms)|whole|sign|text)\b")


@dataclass(slots=True)
class _Clause:
    """A piece of a sentence; `bare` has the options blanked, so that their words mean nothing."""

    link: str
    bare: str
    hits: list[Hit]
    start: int
    heads: frozenset[str]


class _Place(NamedTuple):
    """Where a sentence stands: whose turn, which cues it can hold, and whether it was spoiled."""

    turn: int
    seat: str
    near: Near
    spoiled: bool
    quote: str = ""


@dataclass(slots=True)
class _Sentence:
    """What one sentence adds up to before it becomes acts."""

    acts: list[Act]
    conditions: list[Term]
    strings: bool = False
    hedged: bool = False


class Ear:
    """Reads the turns of one talk in their order; it never looks ahead."""

    def __init__(self, case: Case) -> None:
        self._names = names(case)
        self._index: Index = index(case)
        self._asked = ""
        self.flagged: list[int] = []

    def acts(self, turn: Turn, seat: str, heard: said.Heard | None = None) -> list[Act]:
        """The acts of one turn by a seat; `heard` is its utterance where it is ready."""
        heard = heard or said.hear(turn.text)
        text, spoiled = heard.text, False
        if said.planted(heard.low, heard.heads):
            self.flagged.append(turn.number)
            heard = said.hear(said.PLANTED.sub("\n", text))
            text, spoiled = heard.text, True
        found: list[Act] = []
        near = self._index.near(heard.low, heard.words)
        if not near and said.SIGNAL.isdisjoint(heard.heads):
            return found
        place = _Place(turn.number, seat, near, spoiled)
        for match in said.SENTENCE.finditer(text):
            sentence = match.group()
            read = self._sentence(sentence, place, heard if len(sentence) == len(text) else None)
            if read is None:
                continue
            if not read.acts and found and (read.conditions or read.strings or read.hedged):
                found[-1] = _amended(found[-1], read)
            found += read.acts
        self._asked = next((act.kind for act in reversed(found)), self._asked)
        return found

    def _sentence(self, sentence: str, place: _Place, alone: said.Heard | None) -> _Sentence | None:
        low = sentence.lower()
        if '"' in low or low.count("'") > 1:
            low, alone = said.QUOTED.sub(lambda quote: " " * len(quote.group()), low), None
        words = alone.words if alone else said.words_of(low)
        heads = alone.heads if alone else said.heads_of(words)
        hits = self._index.hits(low, words, place.near) if place.near else []
        if not hits and said.SIGNAL.isdisjoint(heads):
            return None
        if (place.spoiled and said.planted(low, heads)) or said.SARCASM.search(low, heads):
            return None
        own = self._in_first_person(low, place.seat)
        if own is None:
            return None
        if own != low:
            low, words = own, said.words_of(own)
            heads, hits = said.heads_of(words), self._index.hits(low, words)
        place = place._replace(quote=" ".join(sentence.split())[:QUOTE_LIMIT])
        if low.rstrip().endswith("?") or (not hits and said.QUESTION.match(low)):
            return self._question(low, hits, heads, place)
        read = _Sentence(acts=[], conditions=[])
        for clause in _clauses(low, hits, heads):
            self._clause(clause, read, place)
        if read.acts and (read.conditions or read.strings):
            read.acts = [_bound(act, read) for act in read.acts]
        return read

    def _in_first_person(self, low: str, seat: str) -> str | None:
        """The seat's own name read as "we"; None for a line put into another's mouth."""
        if ":" in low and self._names.other_line.match(low):
            return None
        for name in self._names.of.get(seat, ()):
            if name in low:
                return self._names.own[seat].sub("we", low, count=1)
        return low

    def _question(
        self, low: str, hits: list[Hit], heads: frozenset[str], place: _Place
    ) -> _Sentence:
        """Sounding somebody out is a soft offer; everything else only asks."""
        terms = _terms(hits)
        if terms and said.SOUNDING.search(low) and not said.HEDGE.search(low, heads):
            kind: ActKind = "offer"
        elif not terms and "deal?" not in low and "agreed?" not in low and not hits:
            return _Sentence(acts=[], conditions=[])
        else:
            kind = "query"
        act = Act(
            turn=place.turn,
            seat=place.seat,
            kind=kind,
            terms=terms,
            issues=_issues(hits),
            firmness="soft",
            quote=place.quote,
        )
        return _Sentence(acts=[act], conditions=[])

    def _clause(self, clause: _Clause, read: _Sentence, place: _Place) -> None:
        if clause.link in said.CONDITION or clause.link in said.TRADE:
            terms = _terms(clause.hits)
            refused = _negated(clause)
            if not terms or refused or clause.link == "unless":
                read.strings = True
            else:
                read.conditions += terms
            return
        if clause.link in said.INSTEAD:
            if clause.link.startswith("except") and clause.hits:
                named = tuple(dict.fromkeys(hit.issue for hit in clause.hits))
                read.acts.append(
                    Act(
                        turn=place.turn,
                        seat=place.seat,
                        kind="reject",
                        issues=named,
                        quote=place.quote,
                    )
                )
            return
        if clause.link in ("because", "since", "although", "though", "whereas"):
            return
        read.acts += self._main(clause, read, place)

    def _main(self, clause: _Clause, read: _Sentence, place: _Place) -> list[Act]:
        """The acts of a clause that stands by itself."""
        bare, hits, heads = clause.bare, clause.hits, clause.heads
        if said.RETRACT.search(bare, heads):
            return [self._act("retract", _terms(hits), clause, place)]
        if said.WALK.search(bare, heads) and not said.HEDGE.search(bare, heads):
            return [self._act("walk_away", (), clause, place)]
        first = said.OFFER.search(bare, heads) or said.WANT.search(bare, heads)
        taken = self._taken(clause)
        if not hits and not taken and not said.REFUSE.search(bare, heads):
            if not said.HEDGE.heads.isdisjoint(heads):
                read.hedged = read.hedged or bool(said.HEDGE.pattern.match(bare.strip()))
            return []
        if self._told(clause, binding=bool(first or taken)):
            return []
        if not hits:
            if said.HEDGE.search(bare, heads):
                return []
            kind: ActKind = "reject" if _refuses(clause) else "accept"
            return [self._act(kind, (), clause, place)]
        return self._named(clause, read, place, offered=bool(first), taken=bool(taken))

    def _named(
        self, clause: _Clause, read: _Sentence, place: _Place, *, offered: bool, taken: bool
    ) -> list[Act]:
        """The acts of a clause that names options or issues."""
        good, bad = _parted(clause)
        if said.HEDGE.search(clause.bare, clause.heads):
            hedged = self._act("offer", good, clause, place)._replace(firmness="hedged")
            return [hedged] if good else []
        out = [self._act("reject", bad, clause, place)] if bad else []
        if taken and not offered:
            if good or not bad:
                out.append(self._act("accept", good, clause, place))
        elif good and (offered or self._goes_on(clause, read) or _fragment(clause)):
            out.append(self._act("offer", good, clause, place))
        return out

    def _act(self, kind: ActKind, terms: tuple[Term, ...], clause: _Clause, place: _Place) -> Act:
        bare = clause.bare
        answers = kind in ("accept", "reject")
        return Act(
            turn=place.turn,
            seat=place.seat,
            kind=kind,
            terms=terms,
            issues=_issues(clause.hits),
            firmness=_firmness(bare) if kind in ("accept", "offer") else "firm",
            whole=kind == "accept" and bool((_PLUS if terms else _WHOLE).search(bare)),
            of=self._author(bare, place.seat, clause.heads) if answers else "",
            quote=place.quote,
        )

    def _taken(self, clause: _Clause) -> bool:
        """Whether a clause takes something up, and not just agrees that the weather is fine."""
        bare, hits, heads = clause.bare, clause.hits, clause.heads
        if said.TAKE_UP.search(bare, heads):
            empty = not _terms(hits) and said.EMPTY_AGREEMENT.search(bare, heads) is not None
            if not empty:
                return True
        asked = self._asked in ("offer", "accept") and not hits and len(bare) <= _YES
        return asked and said.BARE_YES.match(bare) is not None

    def _told(self, clause: _Clause, *, binding: bool) -> bool:
        """Whether a clause speaks of the past or of what others say."""
        bare, heads = clause.bare, clause.heads
        if said.PAST.search(bare, heads):
            return True
        if binding or said.REPORTED.heads.isdisjoint(heads):
            return False
        return self._names.reported.search(bare) is not None

    def _goes_on(self, clause: _Clause, read: _Sentence) -> bool:
        """A clause that carries on an offer or acceptance of its sentence: "yes, but with B2"."""
        binding = any(act.kind in ("offer", "accept", "reject") for act in read.acts)
        return binding and len(_WORD.findall(clause.bare)) <= 2 * FRAGMENT

    def _author(self, bare: str, seat: str, heads: frozenset[str]) -> str:
        """The seat whose proposal is named: "Ukraine's package"."""
        if _PROPOSAL.isdisjoint(heads):
            return ""
        found = self._names.proposal.search(bare)
        if found is None:
            return ""
        name = found.group(1)
        for other, called in self._names.of.items():
            if other != seat and name in called:
                return other
        return name if name in ("mediator", "chair") else ""


def _clauses(low: str, hits: list[Hit], heads: frozenset[str]) -> list[_Clause]:
    """The sentence in pieces; no cut goes through an option's own words."""
    found = [] if said.LINK.heads.isdisjoint(heads) else [*said.LINK.pattern.finditer(low)]
    if " and " in low or ", " in low:
        found = sorted([*found, *said.JOIN.finditer(low)], key=re.Match.start)
    cuts: list[tuple[int, int, str]] = [(0, 0, "")]
    for match in found:
        start, end = match.span()
        if not any(hit.start < end and start < hit.end for hit in hits):
            cuts.append((start, end, match[1] if match.re is said.LINK.pattern else ""))
    clauses = []
    for place, (_, begin, link) in enumerate(cuts):
        end = cuts[place + 1][0] if place + 1 < len(cuts) else len(low)
        inside = [hit for hit in hits if begin <= hit.start < end]
        bare = low[begin:end]
        for hit in inside:
            left, right = hit.start - begin, hit.end - begin
            bare = bare[:left] + "\u00a7" * (right - left) + bare[right:]
        if bare.strip(" ,.!") or link:
            clauses.append(_Clause(link, bare, inside, begin, heads))
    return clauses


def _terms(hits: list[Hit]) -> tuple[Term, ...]:
    """Options named; an issue with two different ones in a clause is not certain and left out."""
    found: dict[str, set[str]] = {}
    for hit in hits:
        if hit.option is not None:
            found.setdefault(hit.issue, set()).add(hit.option)
    return tuple((issue, options.pop()) for issue, options in found.items() if len(options) == 1)


def _issues(hits: list[Hit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.issue for hit in hits if hit.option is None))


def _parted(clause: _Clause) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Options carried and options refused, by where the refusals stand."""
    if said.NEGATED.heads.isdisjoint(clause.heads):
        return _terms(clause.hits), ()
    plain = said.HARMLESS.sub(lambda m: " " * len(m.group()), clause.bare)
    refusals = [m.start() + clause.start for m in said.NEGATED.pattern.finditer(plain)]
    if not refusals:
        return _terms(clause.hits), ()
    last = max(refusals)
    trailing = not any(hit.start > last for hit in clause.hits)
    bad = [h for h in clause.hits if trailing or any(at < h.start for at in refusals)]
    good = [hit for hit in clause.hits if hit not in bad]
    return _terms(good), _terms(bad)


def _negated(clause: _Clause) -> bool:
    if said.NEGATED.heads.isdisjoint(clause.heads):
        return False
    return said.NEGATED.pattern.search(said.HARMLESS.sub(" ", clause.bare)) is not None


def _refuses(clause: _Clause) -> bool:
    if _negated(clause):
        return True
    if said.REFUSE.heads.isdisjoint(clause.heads):
        return False
    return said.REFUSE.pattern.search(said.HARMLESS.sub(" ", clause.bare)) is not None


def _firmness(bare: str) -> Firmness:
    return "soft" if "ould" in bare and _SOFT.search(bare) else "firm"


def _fragment(clause: _Clause) -> bool:
    """A line in note form: options and hardly a word beside them."""
    left = _WORD.findall(_DEAL_TAG.sub(" ", clause.bare).replace("\u00a7", " "))
    return len(left) <= FRAGMENT


def _bound(act: Act, read: _Sentence) -> Act:
    """An act of a sentence with a condition in it."""
    if act.kind == "walk_away":
        return act._replace(kind="query")
    if act.kind not in ("offer", "accept") or act.firmness == "hedged":
        return act
    kept = tuple(term for term in read.conditions if term not in act.terms)
    return act._replace(firmness="conditional", conditions=kept, strings=read.strings)


def _amended(act: Act, read: _Sentence) -> Act:
    """An earlier act of the same turn that a later sentence puts under a condition or in doubt."""
    if read.hedged and not (read.conditions or read.strings):
        return act._replace(firmness="hedged") if act.kind in ("offer", "accept") else act
    return _bound(act, read)
