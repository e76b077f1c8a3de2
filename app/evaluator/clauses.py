"""Sentences in pieces: what each names, what it refuses, and how firmly it is said."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.evaluator import turns_of_speech as said
from app.evaluator.acts import Firmness, Term
from app.evaluator.cueing import Hit

FRAGMENT = 6
"""Words beside the options named that a line may have and still be an offer in note form."""

WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_DEAL_TAG = re.compile(r"</?deal>")
_SOFT = re.compile(r"\b(?:could|would be (?:ready|prepared|willing|able))\b")


@dataclass(slots=True)
class Clause:
    """A piece of a sentence; `bare` has the options blanked, so that their words mean nothing."""

    link: str
    bare: str
    hits: list[Hit]
    start: int
    heads: frozenset[str]


def clauses_of(low: str, hits: list[Hit], heads: frozenset[str]) -> list[Clause]:
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
            clauses.append(Clause(link, bare, inside, begin, heads))
    return clauses


def terms_of(hits: list[Hit]) -> tuple[Term, ...]:
    """Options named; an issue with two different ones in a clause is not certain and left out."""
    found: dict[str, set[str]] = {}
    for hit in hits:
        if hit.option is not None:
            found.setdefault(hit.issue, set()).add(hit.option)
    return tuple((issue, options.pop()) for issue, options in found.items() if len(options) == 1)


def issues_of(hits: list[Hit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.issue for hit in hits if hit.option is None))


def parted(clause: Clause) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Options carried and options refused, by where the refusals stand."""
    if said.NEGATED.heads.isdisjoint(clause.heads):
        return terms_of(clause.hits), ()
    plain = said.HARMLESS.sub(lambda m: " " * len(m.group()), clause.bare)
    refusals = [m.start() + clause.start for m in said.NEGATED.pattern.finditer(plain)]
    if not refusals:
        return terms_of(clause.hits), ()
    last = max(refusals)
    trailing = not any(hit.start > last for hit in clause.hits)
    bad = [h for h in clause.hits if trailing or any(at < h.start for at in refusals)]
    good = [hit for hit in clause.hits if hit not in bad]
    return terms_of(good), terms_of(bad)


def is_negated(clause: Clause) -> bool:
    if said.NEGATED.heads.isdisjoint(clause.heads):
        return False
    return said.NEGATED.pattern.search(said.HARMLESS.sub(" ", clause.bare)) is not None


def refuses(clause: Clause) -> bool:
    if is_negated(clause):
        return True
    bare = said.HARMLESS.sub(" ", clause.bare)
    return said.REFUSE.search(bare, clause.heads) is not None


def firmness(bare: str) -> Firmness:
    return "soft" if "ould" in bare and _SOFT.search(bare) else "firm"


def is_fragment(clause: Clause) -> bool:
    """A line in note form: options and hardly a word beside them."""
    left = WORD.findall(_DEAL_TAG.sub(" ", clause.bare).replace("\u00a7", " "))
    return len(left) <= FRAGMENT
