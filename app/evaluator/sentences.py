"""Reads the acts of one sentence: what it offers, takes up, refuses, asks, withdraws.

What is not certain is left out: a hedge, a report, a joke or a quotation binds nobody. A sentence
is read once for a case; what was read is kept, since talks repeat themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.case import Case
from app.evaluator import hearing
from app.evaluator import turns_of_speech as said
from app.evaluator.acts import Act, ActKind, Term
from app.evaluator.clauses import (
    FRAGMENT,
    WORD,
    Clause,
    clauses_of,
    firmness,
    is_fragment,
    is_negated,
    issues_of,
    parted,
    refuses,
    terms_of,
)
from app.evaluator.cueing import Hit, Index, index
from app.evaluator.naming import names

QUOTE_LIMIT = 320
_YES = 48
"""Characters of a bare yes, at most."""

KEPT = 8_192
"""Sentences of a case that are kept as they were read."""

_YES_WORDS = (
    "yes yep yeah ok okay fine agreed deal done accepted granted sure certainly of absolutely "
    "gladly very all alright"
)
_YES_HEADS = hearing.heads_of(hearing.words_of(_YES_WORDS))
"""Heads with one of which a bare yes begins."""

_HELPERS = frozenset(("mediator", "chair"))
_OFFERED = "proposal offer offers packages text texts draft drafts terms suggestion position"
_PROPOSAL = hearing.heads_of(hearing.words_of(_OFFERED))
_PLUS = re.compile(
    r"\b(?:proposal|offer|package|terms|text|draft|deal|rest|"
    r"everything else)\b[^\u00a7]{0,24}\b(?:with|and)\b"
)
_WHOLE = re.compile(r"\b(?:deal|package|everything|all (?:of|points|terms)|whole|sign|text)\b")


class _Place(NamedTuple):
    """Where a sentence stands: who says it, and whether an offer or acceptance came before."""

    seat: str
    asked: bool
    quote: str


@dataclass(slots=True)
class Reading:
    """What one sentence adds up to, its acts without turn. Shared: nobody changes it."""

    acts: list[Act]
    conditions: list[Term]
    strings: bool = False
    hedged: bool = False


class _Known(NamedTuple):
    """A sentence that was met, and what its readings hang on.

    `named` are seats named so that their own name reads as "we"; `on_seat` whether it matters
    for every seat who speaks, `on_asked` whether the last act does.
    """

    named: frozenset[str]
    on_seat: bool
    on_asked: bool
    read: dict[tuple[str, bool], Reading | None]


class Reader:
    """Reads sentences at the table of one case."""

    def __init__(self, case: Case) -> None:
        self._names = names(case)
        self._index: Index = index(case)
        self._called = frozenset(
            hearing.words_of(name)[0]
            for called in self._names.of.values()
            for name in called
            if hearing.words_of(name)
        )
        self._kept: dict[str, _Known] = {}

    def read(
        self, sentence: str, seat: str, *, asked: bool, heard: hearing.Heard | None = None
    ) -> Reading | None:
        """What a sentence of a seat adds up to; None where it binds nobody.

        `asked` says that the last act at the table was an offer or an acceptance, which a bare yes
        then answers; `heard` is the sentence where it is an utterance by itself. Words to a grader
        are to be taken out before.
        """
        known = self._kept.get(sentence)
        if known is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            heard = _heard(sentence, heard)
            known = self._kept[sentence] = _Known(*self._depends(heard), {})
        key = (
            seat if known.on_seat or seat in known.named else "",
            asked and known.on_asked,
        )
        if key not in known.read:
            known.read[key] = self._sentence(heard or _heard(sentence), sentence, *key)
        return known.read[key]

    def _depends(self, heard: hearing.Heard) -> tuple[frozenset[str], bool, bool]:
        """What beside its words a sentence's meaning hangs on: who says it, and what was asked."""
        asked = not _YES_HEADS.isdisjoint(heard.heads)
        words, low = heard.words, heard.low
        if self._called.isdisjoint(words):
            return frozenset(), not _HELPERS.isdisjoint(words), asked
        named = frozenset(
            seat
            for seat, called in self._names.of.items()
            if any(name in low for name in called) and self._names.own[seat].search(low)
        )
        told = not _PROPOSAL.isdisjoint(heard.heads)
        return named, told and self._names.proposal.search(low) is not None, asked

    def _sentence(
        self, heard: hearing.Heard, sentence: str, seat: str, asked: bool
    ) -> Reading | None:
        _, low, words, heads = heard
        hits = self._index.hits(low, words)
        if not hits and said.SIGNAL.isdisjoint(heads):
            return None
        if said.SARCASM.search(low, heads):
            return None
        own = self._in_first_person(low, seat)
        if own is None:
            return None
        if own != low:
            low, words = own, hearing.words_of(own)
            heads, hits = hearing.heads_of(words), self._index.hits(low, words)
        place = _Place(seat, asked, " ".join(sentence.split())[:QUOTE_LIMIT])
        if low.rstrip().endswith("?") or (not hits and said.QUESTION.match(low)):
            return self._question(low, hits, heads, place)
        read = Reading(acts=[], conditions=[])
        for clause in clauses_of(low, hits, heads):
            self._clause(clause, read, place)
        if read.acts and (read.conditions or read.strings):
            read.acts = [bound(act, read) for act in read.acts]
        return read

    def _in_first_person(self, low: str, seat: str) -> str | None:
        """The seat's own name read as "we"; None for a line put into another's mouth."""
        if ":" in low and self._names.other_line.match(low):
            return None
        for name in self._names.of.get(seat, ()):
            if name in low:
                return self._names.own[seat].sub("we", low, count=1)
        return low

    def _question(self, low: str, hits: list[Hit], heads: frozenset[str], place: _Place) -> Reading:
        """Sounding somebody out is a soft offer; everything else only asks."""
        terms = terms_of(hits)
        if terms and said.SOUNDING.search(low) and not said.HEDGE.search(low, heads):
            kind: ActKind = "offer"
        elif not terms and "deal?" not in low and "agreed?" not in low and not hits:
            return Reading(acts=[], conditions=[])
        else:
            kind = "query"
        act = Act(
            turn=0,
            seat=place.seat,
            kind=kind,
            terms=terms,
            issues=issues_of(hits),
            firmness="soft",
            quote=place.quote,
        )
        return Reading(acts=[act], conditions=[])

    def _clause(self, clause: Clause, read: Reading, place: _Place) -> None:
        if clause.link in said.CONDITION or clause.link in said.TRADE:
            terms = terms_of(clause.hits)
            refused = is_negated(clause)
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
                        turn=0,
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

    def _main(self, clause: Clause, read: Reading, place: _Place) -> list[Act]:
        """The acts of a clause that stands by itself."""
        bare, hits, heads = clause.bare, clause.hits, clause.heads
        if said.RETRACT.search(bare, heads):
            return [self._act("retract", terms_of(hits), clause, place)]
        if said.WALK.search(bare, heads) and not said.HEDGE.search(bare, heads):
            return [self._act("walk_away", (), clause, place)]
        first = said.OFFER.search(bare, heads) or said.WANT.search(bare, heads)
        taken = self._taken(clause, asked=place.asked)
        if not hits and not taken and not said.REFUSE.search(bare, heads):
            if not said.HEDGE.heads.isdisjoint(heads):
                read.hedged = read.hedged or bool(said.HEDGE.pattern.match(bare.strip()))
            return []
        if self._told(clause, binding=bool(first or taken)):
            return []
        if not hits:
            if said.HEDGE.search(bare, heads):
                return []
            kind: ActKind = "reject" if refuses(clause) else "accept"
            return [self._act(kind, (), clause, place)]
        return self._named(clause, read, place, offered=bool(first), taken=bool(taken))

    def _named(
        self, clause: Clause, read: Reading, place: _Place, *, offered: bool, taken: bool
    ) -> list[Act]:
        """The acts of a clause that names options or issues."""
        good, bad = parted(clause)
        if said.HEDGE.search(clause.bare, clause.heads):
            hedged = self._act("offer", good, clause, place)._replace(firmness="hedged")
            return [hedged] if good else []
        out = [self._act("reject", bad, clause, place)] if bad else []
        if taken and not offered:
            if good or not bad:
                out.append(self._act("accept", good, clause, place))
        elif good and (offered or self._goes_on(clause, read) or is_fragment(clause)):
            out.append(self._act("offer", good, clause, place))
        return out

    def _act(self, kind: ActKind, terms: tuple[Term, ...], clause: Clause, place: _Place) -> Act:
        bare = clause.bare
        answers = kind in ("accept", "reject")
        return Act(
            turn=0,
            seat=place.seat,
            kind=kind,
            terms=terms,
            issues=issues_of(clause.hits),
            firmness=firmness(bare) if kind in ("accept", "offer") else "firm",
            whole=kind == "accept" and bool((_PLUS if terms else _WHOLE).search(bare)),
            of=self._author(bare, place.seat, clause.heads) if answers else "",
            quote=place.quote,
        )

    def _taken(self, clause: Clause, *, asked: bool) -> bool:
        """Whether a clause takes something up, and not just agrees that the weather is fine."""
        bare, hits, heads = clause.bare, clause.hits, clause.heads
        if said.TAKE_UP.search(bare, heads):
            empty = not terms_of(hits) and said.EMPTY_AGREEMENT.search(bare, heads) is not None
            if not empty:
                return True
        answers = asked and not hits and len(bare) <= _YES
        return answers and said.BARE_YES.match(bare) is not None

    def _told(self, clause: Clause, *, binding: bool) -> bool:
        """Whether a clause speaks of the past or of what others say."""
        bare, heads = clause.bare, clause.heads
        if said.PAST.search(bare, heads):
            return True
        if binding or said.REPORTED.heads.isdisjoint(heads):
            return False
        return self._names.reported.search(bare) is not None

    def _goes_on(self, clause: Clause, read: Reading) -> bool:
        """A clause that carries on an offer or acceptance of its sentence: "yes, but with B2"."""
        binding = any(act.kind in ("offer", "accept", "reject") for act in read.acts)
        return binding and len(WORD.findall(clause.bare)) <= 2 * FRAGMENT

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


def _heard(sentence: str, ready: hearing.Heard | None = None) -> hearing.Heard:
    """A sentence in lower case, what it quotes blanked; `ready` where nothing is to be done."""
    low = ready.low if ready else sentence.lower()
    if '"' in low or low.count("'") > 1:
        low, ready = said.QUOTED.sub(lambda quote: " " * len(quote.group()), low), None
    if ready is not None:
        return ready
    words = hearing.words_of(low)
    return hearing.Heard(sentence, low, words, hearing.heads_of(words))


def bound(act: Act, read: Reading) -> Act:
    """An act of a sentence with a condition in it."""
    if act.kind == "walk_away":
        return act._replace(kind="query")
    if act.kind not in ("offer", "accept") or act.firmness == "hedged":
        return act
    kept = tuple(term for term in read.conditions if term not in act.terms)
    return act._replace(firmness="conditional", conditions=kept, strings=read.strings)


_READERS: dict[int, tuple[Case, Reader]] = {}


def reader(case: Case) -> Reader:
    """The reader of a case, made once."""
    held = _READERS.get(id(case))
    if held is None or held[0] is not case:
        if len(_READERS) > 64:
            _READERS.clear()
        held = _READERS[id(case)] = (case, Reader(case))
    return held[1]
