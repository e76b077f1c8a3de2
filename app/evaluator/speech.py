"""Reads acts out of words: offers, acceptances, refusals, questions, retractions, walk-outs.

Turns are read in their order, sentence by sentence; words that address whoever grades the talk
are not read at all.
"""

from __future__ import annotations

from app.domain.case import Case
from app.evaluator import hearing
from app.evaluator import turns_of_speech as said
from app.evaluator.acts import Act
from app.evaluator.sentences import Reading, bound, reader
from app.evaluator.transcript import Turn


class Ear:
    """Reads the turns of one talk in their order; it never looks ahead."""

    def __init__(self, case: Case) -> None:
        self._reader = reader(case)
        self._asked = False
        self.flagged: list[int] = []

    def acts(self, turn: Turn, seat: str, heard: hearing.Heard | None = None) -> list[Act]:
        """The acts of one turn by a seat; `heard` is its utterance where it is ready."""
        heard = heard or hearing.hear(turn.text)
        spoiled = said.planted(heard.low, heard.heads)
        if spoiled:
            self.flagged.append(turn.number)
            heard = hearing.hear(said.PLANTED.sub("\n", heard.text))
        found: list[Act] = []
        for sentence in said.SENTENCE.findall(heard.text):
            if spoiled and said.planted_in(sentence):
                continue
            alone = heard if sentence == heard.text else None
            read = self._reader.read(sentence, seat, asked=self._asked, heard=alone)
            if read is None:
                continue
            if read.acts:
                found += [Act(turn.number, seat, *act[2:]) for act in read.acts]
            elif found and (read.conditions or read.strings or read.hedged):
                found[-1] = _amended(found[-1], read)
        for act in reversed(found):
            self._asked = act.kind in ("offer", "accept")
            break
        return found


def _amended(act: Act, read: Reading) -> Act:
    """An earlier act of the same turn that a later sentence puts under a condition or in doubt."""
    if read.hedged and not (read.conditions or read.strings):
        return act._replace(firmness="hedged") if act.kind in ("offer", "accept") else act
    return bound(act, read)
