"""How fast talks are scored offline and written as JSONL and as a log for Inspect's tools.

Talks are made from the flagship's own options by a seeded generator; nothing is cached between
talks but the index of the case. CPU seconds are printed, because they do not change with load.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from app import __version__
from app.domain.case import Case
from app.evaluator.logs import LogHead, write_eval, write_scores
from app.evaluator.scorers import ScoreCard, card
from app.evaluator.transcript import Transcript, numbered
from app.library import load_case

TALKS, TURNS = 2_000, 24
MOST_CPU_MS = 2.0
MOST_IMPORT_S = 0.3
MODULES = "app.evaluator.scorers, app.evaluator.logs"

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


def talks(case: Case, count: int, turns: int, seed: int) -> list[Transcript]:
    """So many talks of so many turns, all different."""
    chance = Random(seed)
    labels = [option.label for issue in case.issues for option in issue.options]
    names = [seat.short for seat in case.seats]
    found = []
    for number in range(count):
        said = []
        for turn in range(turns):
            frames = (_OFFERS, _ANSWERS, _TALK)[chance.randrange(3)]
            frame = chance.choice(frames)
            text = frame.format(a=chance.choice(labels), b=chance.choice(labels))
            said.append((names[turn % len(names)], text))
        found.append(Transcript(id=f"talk-{number}", format="bench", turns=numbered(said)))
    return found


def run(argv: Sequence[str] = ()) -> int:
    """Measure and print one line a figure; 0 when the stated limits hold."""
    parser = argparse.ArgumentParser(prog="bench scoring", description=__doc__)
    parser.add_argument("--talks", type=int, default=TALKS)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="keep the files in this folder")
    chosen = parser.parse_args(list(argv))
    case = load_case("table-for-five")
    made = talks(case, chosen.talks, chosen.turns, chosen.seed)
    words = sum(len(turn.text.split()) for talk in made for turn in talk.turns)
    card(made[0], case)  # the case is indexed once
    with tempfile.TemporaryDirectory() as folder:
        out = chosen.out or Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        began, wall = time.process_time(), time.perf_counter()
        cards = [card(talk, case) for talk in made]
        scored = time.process_time()
        sizes = _write(out, made, cards, chosen.seed)
        ended, over = time.process_time(), time.perf_counter()
    each = 1_000 * (ended - began) / len(made)
    imported = cpu_of(f"import {MODULES}") - cpu_of("pass")
    figures = {
        "talks": len(made),
        "words_per_turn": round(words / len(made) / chosen.turns, 1),
        "cpu_ms_per_talk": round(each, 3),
        "cpu_ms_scoring": round(1_000 * (scored - began) / len(made), 3),
        "cpu_ms_writing": round(1_000 * (ended - scored) / len(made), 3),
        "wall_s": round(over - wall, 2),
        "jsonl_bytes": sizes[0],
        "eval_bytes": sizes[1],
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024,
        "import_cpu_s": round(imported, 3),
    }
    figures |= inspect_figures(made[:200])
    print(json.dumps(figures))
    return 0 if each <= MOST_CPU_MS and imported <= MOST_IMPORT_S else 1


def _write(
    out: Path, made: Sequence[Transcript], cards: Sequence[ScoreCard], seed: int
) -> tuple[int, int]:
    """Both files; their sizes."""
    head = LogHead(
        task="parley_scoring",
        run="bench",
        created="2024-12-02T00:00:00+00:00",
        version=__version__,
        seed=seed,
    )
    lines, log = out / "scores.jsonl", out / head.file_name
    write_scores(lines, cards)
    write_eval(log, head, list(zip(made, cards, strict=True)))
    return lines.stat().st_size, log.stat().st_size


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
