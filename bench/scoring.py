"""How fast talks are scored offline and written as JSONL and as a log for Inspect's tools.

Talks are made from the flagship's own options by a seeded generator. Sentences are read once and
kept, and these talks repeat theirs as played tables do; `cpu_ms_new_words` is the same with a word
of its own in every sentence, so that nothing is ever met again. CPU seconds are printed, because
they change less with load. Making the talks is not counted.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from random import Random

from app import __version__
from app.commands.eval_workers import in_bulk
from app.domain.case import Case
from app.evaluator.logs import LogHead, ScoreFiles
from app.evaluator.scorers import card
from app.evaluator.transcript import Transcript, numbered
from app.library import load_case

TALKS, TURNS = 2_000, 24
MOST_CPU_MS = 2.0
MOST_IMPORT_S = 0.3
MODULES = "app.evaluator.scorers, app.evaluator.logs"

_END = re.compile(r"[.?;](?!\d)")
_LETTERS = str.maketrans("0123456789", "bdfgklmnpr")

_OFFERS = (
    "We propose {a} and {b}. That gives both sides something to take home.",
    "Our offer is {a}. We have weighed it with care and our partners know of it.",
    "We could accept {a} if there is {b}.",
    "We want {a}; without it our public would not follow us.",
    "We accept {a}. On the rest we have not moved.",
)
_ANSWERS = (
    "We accept your proposal.",
    "We cannot accept {a}. It goes too far for us.",
    "Agreed.",
    "We withdraw our offer.",
    "Would you accept {a}?",
    "Why does {a} matter so much to you? Help us understand.",
)
_TALK = (
    "Thank you for these words. It has been a long road, and we know how hard this is for you.",
    "The talks last year ended where they began, and the winter has not made anything easier.",
    "Let me sum up where we are: much is said, little is written, and the clock is running.",
    "Our delegation has listened. We will come back to this point after the break.",
)


def talks(case: Case, number: int, turns: int, seed: int) -> Iterator[Transcript]:
    """So many talks of so many turns, all different."""
    chance = Random(seed)
    labels = [option.label for issue in case.issues for option in issue.options]
    names = [seat.short for seat in case.seats]
    for place in range(number):
        said = []
        for turn in range(turns):
            frames = (_OFFERS, _ANSWERS, _TALK)[chance.randrange(3)]
            frame = chance.choice(frames)
            text = frame.format(a=chance.choice(labels), b=chance.choice(labels))
            said.append((names[turn % len(names)], text))
        yield Transcript(id=f"talk-{place}", format="bench", turns=numbered(said))


def in_new_words(made: Iterable[Transcript]) -> Iterator[Transcript]:
    """The talks with a word in every sentence that stands in no other."""
    fresh = count()
    for talk in made:
        turns = tuple(
            replace(turn, text=_END.sub(lambda end: f" {_word(next(fresh))}{end[0]}", turn.text))
            for turn in talk.turns
        )
        yield replace(talk, turns=turns)


def _word(number: int) -> str:
    """A word of letters that means nothing."""
    return "zq" + str(number).translate(_LETTERS)


def run(argv: Sequence[str] = ()) -> int:
    """Measure and print one line a figure; 0 when the stated limits hold."""
    parser = argparse.ArgumentParser(prog="bench scoring", description=__doc__)
    parser.add_argument("--talks", type=int, default=TALKS)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="keep the files in this folder")
    chosen = parser.parse_args(list(argv))
    case = load_case("table-for-five")

    def made() -> Iterator[Transcript]:
        return talks(case, chosen.talks, chosen.turns, chosen.seed)

    card(next(made()), case)  # the case is indexed once
    with tempfile.TemporaryDirectory() as folder:
        out = chosen.out or Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        with in_bulk():
            cost = measured(case, made(), out, chosen.seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    with tempfile.TemporaryDirectory() as folder, in_bulk():
        fresh = measured(case, in_new_words(made()), Path(folder), chosen.seed)
    imported = cpu_of(f"import {MODULES}") - cpu_of("pass")
    figures = {
        "talks": chosen.talks,
        "words_per_turn": round(cost.words / chosen.talks / chosen.turns, 1),
        "cpu_ms_per_talk": round(cost.each, 3),
        "cpu_ms_scoring": round(1_000 * cost.scoring / chosen.talks, 3),
        "cpu_ms_writing": round(1_000 * cost.writing / chosen.talks, 3),
        "cpu_ms_new_words": round(fresh.each, 3),
        "jsonl_bytes": cost.lines,
        "eval_bytes": cost.log,
        "peak_rss_mb": peak,
        "import_cpu_s": round(imported, 3),
    }
    figures |= inspect_figures([*islice(made(), 200)])
    print(json.dumps(figures))
    return 0 if cost.each <= MOST_CPU_MS and imported <= MOST_IMPORT_S else 1


@dataclass(slots=True, kw_only=True)
class Cost:
    """CPU seconds of scoring and writing so many talks, and what came of them."""

    talks: int = 0
    words: int = 0
    scoring: float = 0.0
    writing: float = 0.0
    lines: int = 0
    log: int = 0

    @property
    def each(self) -> float:
        """CPU milliseconds a talk, scored and written."""
        return 1_000 * (self.scoring + self.writing) / self.talks


def measured(case: Case, made: Iterable[Transcript], out: Path, seed: int) -> Cost:
    """Score and write talk by talk; nothing of a talk is held once it is written."""
    head = LogHead(
        task="parley_scoring",
        run="bench",
        created="2024-12-02T00:00:00+00:00",
        version=__version__,
        seed=seed,
    )
    lines, log = out / "scores.jsonl", out / head.file_name
    cost, clock = Cost(), time.process_time
    with ScoreFiles(lines, log, head) as files:
        for talk in made:
            began = clock()
            found = card(talk, case)
            scored = clock()
            files.add(talk, found)
            cost.scoring += scored - began
            cost.writing += clock() - scored
            cost.talks += 1
            cost.words += sum(len(turn.text.split()) for turn in talk.turns)
        ended = clock()
    cost.writing += clock() - ended
    cost.lines, cost.log = lines.stat().st_size, log.stat().st_size
    return cost


def cpu_of(code: str) -> float:
    """CPU seconds of a fresh interpreter with this code; the least of three."""
    return min(_cpu_once(code) for _ in range(3))


def _cpu_once(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


_INSPECT = """
import json, sys, tempfile, time
began = time.process_time()
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageUser
from inspect_ai.scorer import Score, mean, scorer
from inspect_ai.solver import solver
imported = time.process_time() - began
talks = json.load(sys.stdin)

@solver
def replay():
    async def solve(state, generate):
        return state
    return solve

@scorer(metrics=[mean()])
def agreed():
    async def score(state, target):
        return Score(value=int("We accept" in state.messages[-1].text))
    return score

samples = [Sample(input=[ChatMessageUser(content=t) for t in talk]) for talk in talks]
began = time.process_time()
task = Task(dataset=MemoryDataset(samples), solver=replay(), scorer=agreed())
eval(task, model=None, display="none", log_dir=tempfile.mkdtemp())
print(json.dumps([imported, 1000 * (time.process_time() - began) / len(talks)]))
"""


def inspect_figures(made: Sequence[Transcript]) -> dict[str, float]:
    """Inspect on the same talks with a scorer that does nothing, where the extra is installed."""
    if importlib.util.find_spec("inspect_ai") is None:
        return {}
    said = json.dumps([[f"{t.speaker}: {t.text}" for t in talk.turns] for talk in made])
    done = subprocess.run(
        [sys.executable, "-c", _INSPECT], input=said, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {}
    imported, each = json.loads(done.stdout.splitlines()[-1])
    return {"inspect_import_cpu_s": round(imported, 3), "inspect_cpu_ms_per_talk": round(each, 2)}


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
