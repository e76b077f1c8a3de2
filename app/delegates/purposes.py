"""What a person's words are for, by turns of speech: where they name no subject, or beside one."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Purpose: TypeAlias = Literal[
    "aims",
    "leeway",
    "more",
    "deal",
    "draft",
    "proposal",
    "alternative",
    "private",
    "accord",
    "no",
    "trust",
    "procedure",
]

AIMS = re.compile(
    r"\bwhat (?:do|does|did|would|will) (?:you|your \w+|your side) (?:really |actually |most )?"
    r"(?:want|need|seek|hope for|care about|come (?:here )?for|ask for|propose|suggest|offer)\b|"
    r"\b(?:what|which|tell|explain|describe|say)\b[^.;?!]{0,40}\byour (?:\w+ ){0,2}(?:aims?|goals?|"
    r"priorit\w+|positions?|interests?|concerns?|views?|wish(?:es)?|needs|demands|objectives?)\b|"
    r"\b(?:what|which)\b[^.;?!]{0,40}\b(?:matters?|important|dear|dearest|vital|crucial)\b"
    r"[^.;?!]{0,12}\b(?:to|for) (?:you|your)\b|"
    r"\bwhat (?:worries|concerns|troubles|bothers) you\b|\bwhat would it take\b|"
    r"\bwhere do you stand\b|\bwhy are you here\b|\bwhat would you need\b|"
    r"\b(?:summari[sz]e|sum up|state|outline|describe) your (?:\w+ )?(?:position|case|aims?|view)"
)
"""Asks what a delegation is after."""

LEEWAY = re.compile(
    r"\broom (?:to|for) (?:move\w*|man\w+|compromise)\b|\bhow flexible\b|"
    r"\b(?:easy|easier|easiest|hard|harder|hardest|ready|willing|able|prepared) (?:for you )?to "
    r"(?:give|concede|move|drop|compromise|yield|trade)\b|\bgive (?:up|way|ground)\b|"
    r"\bwhere (?:can|could|would|will) you (?:move|give|compromise|be flexible|yield)\b|"
    r"\bwhat (?:can|could|would|will|are) you (?:\w+ )?(?:to )?(?:give|trade|concede|put in)\b|"
    r"\b(?:one|any|some|single)\W?(?:thing|point|where)\b[^.;?!]{0,20}\byou "
    r"(?:can|could|would|will|might) (?:give|offer|concede|move|yield)\b"
)
"""Asks where a delegation would give way."""

TRADE = re.compile(
    r"\b(?:if|provided(?: that)?|suppos(?:e|ing)|assuming|unless|as long as|on condition|"
    r"in (?:exchange|return)(?: for)?|trad(?:e|ing)|swap\w*|"
    r"(?:deal|bargain|exchange) (?:\w+ ){0,4}(?:between|over)|how about [^.?!]{3,80} for|"
    r"tied? to|link\w*)\b|\bdeal\?"
)
"""Sets one thing against another: "would you, if we did"."""

MORE = re.compile(
    r"^(?:but |and |so )?why\b(?! (?:not )?(?:should|do|don't) we)|"
    r"\bwhy (?:is|was) (?:that|this|it)\b|\bwhat do you mean\b|\btell (?:me|us) more\b|"
    r"\bsay more\b|\bgo on\b|\bexplain (?:that|this|it)\b|"
    r"\b(?:do not|don't|did not|didn't) (?:quite |really )?(?:understand|follow)\b"
)
"""Asks to go on with what was just said."""

_DEAL = re.compile(
    r"\bis (?:that|this|it) (?:then )?(?:a deal|agreed|settled)\b|"
    r"\b(?:do|have) we (?:now |got |then )?(?:have )?(?:a deal|an agreement|agreed)\b|"
    r"\bare we (?:all )?(?:agreed|done|there)\b|\b(?:shall|can|could) we (?:now )?(?:sign|close|"
    r"shake)\b|\b(?:will|would|can) you (?:now |then )?sign\b|\bready to sign\b|"
    r"\b(?:put|have|get) (?:that|this|it) (?:down )?(?:in writing|on paper)\b|"
    r"\bsign (?:it|this|that|now|here|today)\b|\bdeal\s*\?\s*$|\bit'?s a deal\b"
)
_DRAFT = re.compile(
    r"\b(?:our|my) (?:\w+ )?(?:draft|text|offer|proposal|package|paper)\b|"
    r"\bwhat(?:'s| is) (?:wrong|missing)\b|\bwhat would you change\b|"
    r"\bwhat (?:stops|keeps|holds|prevents|is stopping|is keeping|is holding) you\b"
)
_PROPOSAL = re.compile(
    r"\b(?:make|give|send) (?:me|us) (?:an?|your|some|one) (?:\w+ )?(?:offer|proposal)\b|"
    r"\byour (?:very )?(?:best|final|last|first|next|own|counter\W?) ?(?:offer|proposal|price|"
    r"draft|text)\b|\bwhat(?:'s| is) your (?:offer|proposal|counter\W?(?:offer|proposal)?|"
    r"draft)\b|\bmake a (?:\w+ )?(?:offer|proposal)\b"
)
_ALTERNATIVE = re.compile(
    r"\b(?:no|without (?:an?|any)) (?:deal|agreement|settlement)\b|\b(?:another|other|better|"
    r"competing|rival) (?:job )?offers?\b|\b(?:go|look|turn) elsewhere\b|\bwalk (?:away|out)\b|"
    r"\bother (?:options|ways|partners|choices)\b|\b(?:talks|negotiations?|we|this|it) (?:\w+ )?"
    r"(?:fails?|collapses?|breaks? down)\b"
)
_PRIVATE = re.compile(
    r"\b(?:talk|speak|meet|discuss (?:this|it|that)) (?:\w+ )?(?:in private|privately|alone|"
    r"separately|one[ -]to[ -]one|bilaterally|off the record)\b|\bword (?:in private|alone|"
    r"in your ear)\b|\bprivate (?:room|talk|word|meeting)\b|\bcaucus\b"
)
_TRUST = re.compile(
    r"\b(?:believe|trust|rely on) (?:you|your|anything|a word|that)\b|\bkeep (?:your|its|to your) "
    r"(?:word|promises?)\b|\byour (?:word|promises?)\b|\bhow (?:do|can|could) (?:we|i) (?:know|be "
    r"sure)\b|\byou (?:have )?(?:lied|cheated|broke\w*)\b|\bgood faith\b"
)
_PROCEDURE = re.compile(
    r"\bhow (?:many|much) (?:more |other )?(?:rounds?|turns?|time)\b|"
    r"\bwho (?:speaks|is|goes|comes) next\b|\bwhose turn\b|\bwhat(?:'s| is) on the table\b|"
    r"\b(?:which|what) (?:round|turn|drafts|offers)\b|\bhow does (?:this|it) work\b|"
    r"\bwhat (?:do|can) (?:we|i) do (?:now|next)\b"
)
_ACCORD = re.compile(
    r"\b(?:we|i) (?:can |could |do |fully |quite |both |all )*agree\b(?! to disagree)|"
    r"\bfair enough\b|\byou(?:'re| are) right\b|\bthat(?:'s| is| sounds| seems) (?:fine|fair|"
    r"acceptable|reasonable|good|sensible)\b|^agreed\b|\bsounds (?:good|fair|reasonable)\b|"
    r"\bworks for (?:me|us)\b|^(?:yes|yeah|yep|ok|okay|sure|right|fine|very well)\W*$"
)
_NO = re.compile(
    r"^no\b(?! (?:problem|doubt|objection|need|hurry|one\b))|\bnot (?:\w+ )?(?:acceptable|"
    r"good enough|enough|fair|an option)\b|\bunacceptable\b|\b(?:can(?:'t|not)|won't|will not|"
    r"could not|couldn't|never) (?:\w+ )?(?:accept|agree|live with|sign)\b|"
    r"\bout of the question\b"
)

# The first that fits: what is asked for comes before how it is put.
_IN_ORDER: tuple[tuple[Purpose, re.Pattern[str]], ...] = (
    ("leeway", LEEWAY),
    ("proposal", _PROPOSAL),
    ("private", _PRIVATE),
    ("procedure", _PROCEDURE),
    ("deal", _DEAL),
    ("draft", _DRAFT),
    ("alternative", _ALTERNATIVE),
    ("aims", AIMS),
    ("trust", _TRUST),
    ("no", _NO),
    ("more", MORE),
    ("accord", _ACCORD),
)


def purpose(text: str) -> Purpose | None:
    """What these words ask for or say, whatever they are about; None where no pattern fits."""
    low = text.casefold().replace("\u2019", "'").strip()
    return next((name for name, pattern in _IN_ORDER if pattern.search(low)), None)


def trades(text: str) -> bool:
    """Whether these words set one thing against another."""
    return TRADE.search(text.casefold()) is not None
