"""How the seats of a case are named in talk: who speaks, and whose proposal is meant."""

from __future__ import annotations

import re

from app.domain.case import Case
from app.evaluator.transcript import plain_name
from app.evaluator.turns_of_speech import REPORTED


class Names:
    """How the seats of a case are named in its talks: made once for a case."""

    def __init__(self, case: Case) -> None:
        self.of = {
            seat.id: tuple(
                dict.fromkeys((plain_name(seat.short), plain_name(seat.name), plain_name(seat.id)))
            )
            for seat in case.seats
        }
        every = sorted({n for names in self.of.values() for n in names}, key=len, reverse=True)
        listed = "|".join(map(re.escape, every)) or "(?!)"
        self.proposal = re.compile(
            rf"\b({listed}|mediator|chair)(?:'s?)? (?:\w+ ){{0,3}}?(?:proposals?|offers?|packages?|"
            rf"texts?|drafts?|terms|suggestion|propos\w+|offer\w*|position)\b"
        )
        self.reported = re.compile(REPORTED.pattern.pattern.replace("{names}", listed))
        self.other_line = re.compile(rf"^\W*(?:the )?(?:{listed})\W*:\s")
        self.own = {
            seat: re.compile(
                rf"\b(?:the )?(?:{'|'.join(map(re.escape, names))})\b(?!'s)(?=\s+[a-z])"
            )
            for seat, names in self.of.items()
        }


_NAMES: dict[int, tuple[Case, Names]] = {}


def names(case: Case) -> Names:
    """The names of a case, made once."""
    held = _NAMES.get(id(case))
    if held is None or held[0] is not case:
        if len(_NAMES) > 64:
            _NAMES.clear()
        held = _NAMES[id(case)] = (case, Names(case))
    return held[1]
