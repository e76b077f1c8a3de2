"""Reads acts out of words: offers, acceptances, refusals, questions, retractions, walk-outs.

What is not certain is left out: a hedge, a report, a joke or a quotation binds nobody, and words
that address whoever grades the talk are not read at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from app.domain.case import Case
from app.evaluator import turns_of_speech as said
from app.evaluator.cueing import Hit, Index, index
from app.evaluator.ledger import Act, ActKind, Firmness, Term
from app.evaluator.transcript import Turn, legible, plain_name

QUOTE_LIMIT = 320
FRAGMENT = 6
"""Words beside the options named that a line may have and still be an offer in note form."""

_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_DEAL_TAG = re.compile(r"</?deal>")
_SOFT = re.compile(r"\b(?:could|would be (?:ready|prepared|willing|able))\b")
_PLUS = re.compile(
    r"\b(?:proposal|offer|package|terms|text|draft|deal|rest|everything else)\b[^\u00a7]{0,24}\b(?:with|and)\b"
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
        self._index: Index = index(case)
        self._names = {
            seat.id: tuple(
                dict.fromkeys((plain_name(seat.short), plain_name(seat.name), plain_name(seat.id)))
            )
            for seat in case.seats
        }
        every = sorted({n for names in self._names.values() for n in names}, key=len, reverse=True)
        listed = "|".join(map(re.escape, every)) or "(?!)"
        self._named = re.compile(
            rf"\b({listed}|mediator|chair)(?:'s?)? (?:\w+ ){{0,3}}?(?:proposals?|offers?|packages?|"
            rf"texts?|drafts?|terms|suggestion|propos\w+|offer\w*|position)\b"
        )
        self._reported = re.compile(said.REPORTED.pattern.pattern.replace("{names}", listed))
        self._other_line = re.compile(rf"^\W*(?:the )?(?:{listed})\W*:\s")
        self._own: dict[str, re.Pattern[str]] = {}
        self._asked = ""
        self.flagged: list[int] = []

    def acts(self, turn: Turn, seat: str) -> list[Act]:
        """The acts of one turn by a seat."""
        text = legible(turn.text)
        if said.INJECTED.search(text.lower(), said.heads_of(text.lower())):
            self.flagged.append(turn.number)
            text = said.PLANTED.sub("\n", text)
        found: list[Act] = []
        for match in said.SENTENCE.finditer(text):
            read = self._sentence(match.group(), turn.number, seat)
            if read is None:
                continue
            if not read.acts and found and (read.conditions or read.strings or read.hedged):
                found[-1] = _amended(found[-1], read)
            found += read.acts
        self._asked = next((act.kind for act in reversed(found)), self._asked)
        return found

    def _sentence(self, sentence: str, turn: int, seat: str) -> _Sentence | None:
        low = sentence.lower()
        if '"' in low or "'" in low:
            low = said.QUOTED.sub(lambda quote: " " * len(quote.group()), low)
        heads = said.heads_of(low)
        hits = self._index.hits(low)
        if not hits and said.SIGNAL.isdisjoint(heads):
            return None
        if said.INJECTED.search(low, heads) or said.SARCASM.search(low, heads):
            return None
        own = self._in_first_person(low, seat)
        if own is None:
            return None
        if own != low:
            low, heads, hits = own, said.heads_of(own), self._index.hits(own)
        quote = " ".join(sentence.split())[:QUOTE_LIMIT]
        if low.rstrip().endswith("?") or (not hits and said.QUESTION.match(low)):
            return self._question(low, hits, turn, seat, quote, heads)
        read = _Sentence(acts=[], conditions=[])
        for clause in _clauses(low, hits, heads):
            self._clause(clause, read, turn, seat, quote)
        if read.acts and (read.conditions or read.strings):
            read.acts = [_bound(act, read) for act in read.acts]
        return read

    def _in_first_person(self, low: str, seat: str) -> str | None:
        """The seat's own name read as "we"; None for a line put into another's mouth."""
        own = self._own.get(seat)
        if own is None:
            listed = "|".join(map(re.escape, self._names.get(seat, ()))) or "(?!)"
            own = self._own[seat] = re.compile(rf"\b(?:the )?(?:{listed})\b(?!'s)(?=\s+[a-z])")
        line = self._other_line.match(low)
        if line is not None:
            return None
        return own.sub("we", low, count=1) if self._names.get(seat) else low

    def _question(
        self,
        low: str,
        hits: list[Hit],
        turn: int,
        seat: str,
        quote: str,
        heads: frozenset[str],
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
            turn=turn,
            seat=seat,
            kind=kind,
            terms=terms,
            issues=_issues(hits),
            firmness="soft",
            quote=quote,
        )
        return _Sentence(acts=[act], conditions=[])

    def _clause(self, clause: _Clause, read: _Sentence, turn: int, seat: str, quote: str) -> None:
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
                    Act(turn=turn, seat=seat, kind="reject", issues=named, quote=quote)
                )
            return
        if clause.link in ("because", "since", "although", "though", "whereas"):
            return
        read.acts += self._main(clause, read, turn, seat, quote)

    def _main(
        self, clause: _Clause, read: _Sentence, turn: int, seat: str, quote: str
    ) -> list[Act]:
        """The acts of a clause that stands by itself."""
        bare, hits, heads = clause.bare, clause.hits, clause.heads

        def act(kind: ActKind, terms: tuple[Term, ...], firmness: Firmness = "firm") -> Act:
            return Act(
                turn=turn,
                seat=seat,
                kind=kind,
                terms=terms,
                issues=_issues(hits),
                firmness=firmness,
                whole=kind == "accept" and bool((_PLUS if terms else _WHOLE).search(bare)),
                of=self._author(bare, seat),
                quote=quote,
            )

        if said.RETRACT.search(bare, heads):
            return [act("retract", _terms(hits))]
        if said.WALK.search(bare, heads) and not said.HEDGE.search(bare, heads):
            return [act("walk_away", ())]
        first = said.OFFER.search(bare, heads) or said.WANT.search(bare, heads)
        taken = (
            None
            if said.EMPTY_AGREEMENT.search(bare, heads) and not _terms(hits)
            else (said.TAKE_UP.search(bare, heads))
        )
        if (
            not taken
            and not hits
            and self._asked in ("offer", "accept")
            and said.BARE_YES.match(bare)
        ):
            taken = said.BARE_YES.match(bare)
        if not hits and not taken and not said.REFUSE.search(bare, heads):
            read.hedged = read.hedged or bool(said.HEDGE.pattern.match(bare.strip()))
            return []
        if said.PAST.search(bare, heads) or (not first and not taken and self._reported.search(bare)):
            return []
        good, bad = _parted(clause)
        if said.HEDGE.search(bare, heads):
            return [act("offer", good, "hedged")] if good else []
        out = [act("reject", bad)] if bad else []
        if not hits:
            return [act("reject" if _refuses(clause) else "accept", (), _firmness(bare))]
        if taken and not first:
            plain = bool(good) or not bad
            return [*out, act("accept", good, _firmness(bare))] if plain else out
        if good and (first or self._goes_on(clause, read) or _fragment(clause)):
            out.append(act("offer", good, _firmness(bare)))
        return out

    def _goes_on(self, clause: _Clause, read: _Sentence) -> bool:
        """A clause that carries on an offer or acceptance of its sentence: "yes, but with B2"."""
        binding = any(act.kind in ("offer", "accept", "reject") for act in read.acts)
        return binding and len(_WORD.findall(clause.bare)) <= 2 * FRAGMENT

    def _author(self, bare: str, seat: str) -> str:
        """The seat whose proposal is named: "Ukraine's package"."""
        found = self._named.search(bare)
        if found is None:
            return ""
        name = found.group(1)
        for other, names in self._names.items():
            if other != seat and name in names:
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
        return replace(act, kind="query")
    if act.kind not in ("offer", "accept") or act.firmness == "hedged":
        return act
    kept = tuple(term for term in read.conditions if term not in act.terms)
    return replace(act, firmness="conditional", conditions=kept, strings=read.strings)


def _amended(act: Act, read: _Sentence) -> Act:
    """An earlier act of the same turn that a later sentence puts under a condition or in doubt."""
    if read.hedged and not (read.conditions or read.strings):
        return replace(act, firmness="hedged") if act.kind in ("offer", "accept") else act
    return _bound(act, read)
