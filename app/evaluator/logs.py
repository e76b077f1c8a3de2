"""Score files: flat JSONL, and logs that Inspect opens, both by the standard library alone.

The log names no model (`none/none`), puts the speaker into the content and into metadata (a chat
message has no name there), and writes an unscored measure as NaN with its reason.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.evaluator.scorers import ScoreCard, plain
from app.evaluator.transcript import Transcript

Pair = tuple[Transcript, ScoreCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """What a log says of its run. `created` is ISO 8601 with an offset: time is a parameter."""

    task: str
    run: str
    created: str
    version: str
    seed: int = 0
    arguments: Mapping[str, str] | None = None

    @property
    def file_name(self) -> str:
        """The name by which Inspect's tools list it."""
        stamp = self.created.replace(":", "-")
        return f"{stamp}_{self.task.replace('_', '-')}_{self.run}.eval"


def score_lines(cards: Iterable[ScoreCard]) -> Iterable[str]:
    """One line of JSON a talk, each ending in a newline."""
    for card in cards:
        yield _line(_parts(plain(card)))


def write_scores(path: Path, cards: Iterable[ScoreCard]) -> None:
    """A JSONL file of score cards."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(score_lines(cards))


def write_eval(path: Path, head: LogHead, pairs: Iterable[Pair], level: int = 1) -> None:
    """An `.eval` log: a ZIP of JSON documents, one a talk, packed with deflate."""
    with EvalLog(path, head, level) as log:
        for transcript, card in pairs:
            flat = plain(card)
            log.add(transcript, flat, _parts(flat))


class ScoreFiles:
    """Both files at once, talk by talk: nothing of a talk is held once it is written."""

    def __init__(self, lines: Path, log: Path, head: LogHead) -> None:
        self._lines, self._log, self._head = lines, log, head

    def __enter__(self) -> ScoreFiles:
        self._file = self._lines.open("w", encoding="utf-8", newline="\n")
        self._eval = EvalLog(self._log, self._head).__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        self._file.close()
        self._eval.__exit__(*why)

    def add(self, transcript: Transcript, card: ScoreCard) -> None:
        """One more talk."""
        flat = plain(card)
        parts = _parts(flat)
        self._file.write(_line(parts))
        self._eval.add(transcript, flat, parts)


class EvalLog:
    """An `.eval` log as it is written; what stands for all talks together comes at its end.

    A log that is left by an exception has no header and is no log.
    """

    def __init__(self, path: Path, head: LogHead, level: int = 1) -> None:
        self._path, self._head, self._level = path, head, level
        self._used: set[str] = set()
        self._summaries: list[str] = []
        self._values: list[str] = []
        self._sums: dict[str, list[float]] = {}

    def __enter__(self) -> EvalLog:
        self._archive = zipfile.ZipFile(
            self._path, "w", zipfile.ZIP_DEFLATED, compresslevel=self._level
        )
        return self

    def __exit__(self, *why: object) -> None:
        if why[:1] == (None,):
            self._finish()
        self._archive.close()

    def add(
        self, transcript: Transcript, flat: Mapping[str, Any], parts: Mapping[str, str]
    ) -> None:
        """One more talk with its scores as `plain` gives them, and each part of them in JSON."""
        number = len(self._summaries) + 1
        wanted = "".join(c if c.isalnum() or c in "-." else "-" for c in transcript.id)[:80]
        name = wanted or "talk"
        name = name if name not in self._used else f"{name}-{number}"
        self._used.add(name)
        for measure, value in flat["scores"].items():
            known = self._sums.setdefault(measure, [0, 0])
            if isinstance(value, (bool, int, float)):
                known[0] += float(value)
                known[1] += 1
        called = _ENCODE(name)
        value = _ENCODE({name: _number(held) for name, held in flat["scores"].items()})
        scored = _score(flat, value, parts)
        messages = _messages(transcript)
        about = _ENCODE({"table": flat["table"], "format": transcript.format})
        opening = transcript.turns[:1]
        first = "".join(f"**{turn.speaker}:** {turn.text}" for turn in opening)[:200]
        sample = (
            f'{{"id":{called},"epoch":1,"input":{messages},"target":"","messages":{messages},'
            f'"output":{{"model":"none/none","choices":[]}},"scores":{{"parley":{scored}}},'
            f'"metadata":{about},"store":{{}},"events":[],"model_usage":{{}},"attachments":{{}}}}'
        )
        self._archive.writestr(f"samples/{name}_epoch_1.json", _bytes(sample))
        self._summaries.append(
            f'{{"id":{called},"epoch":1,"input":{_ENCODE(first)},"target":"","metadata":{about},'
            f'"scores":{{"parley":{{"value":{value}}}}},"model_usage":{{}},"completed":true,'
            f'"message_count":{len(transcript.turns)}}}'
        )
        self._values.append(f'{scored[:-1]},"sample_id":{called}}}')

    def _finish(self) -> None:
        header = _header(self._head, len(self._summaries), self._sums)
        start = {"version": 2, "eval": header["eval"], "plan": header["plan"]}
        self._archive.writestr("_journal/start.json", _bytes(_ENCODE(start)))
        self._archive.writestr("summaries.json", _bytes(f"[{','.join(self._summaries)}]"))
        values = ",".join(self._values)
        reduced = f'[{{"scorer":"parley","reducer":null,"samples":[{values}]}}]'
        self._archive.writestr("reductions.json", _bytes(reduced))
        self._archive.writestr("header.json", _bytes(_ENCODE(header)))


# What is written is built here and cannot hold itself: looking for that costs a tenth.
_ENCODE = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _header(head: LogHead, talks: int, sums: Mapping[str, list[float]]) -> dict[str, Any]:
    """`sums` holds each measure's sum and count over the talks where it is a number."""
    metrics = {
        name: {"name": name, "value": total / of if of else float("nan"), "params": {}}
        for name, (total, of) in sorted(sums.items())
    }
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "run_id": head.run,
            "created": head.created,
            "task": head.task,
            "task_id": head.run,
            "task_version": 0,
            "task_attribs": {},
            "task_args": dict(head.arguments or {}),
            "dataset": {"name": head.task, "samples": talks, "shuffled": False},
            "model": "none/none",
            "model_args": {},
            "config": {},
            "packages": {"parley": head.version},
            "metadata": {"seed": head.seed, "note": "rehearsal fiction, scored by code"},
        },
        "plan": {"name": "plan", "steps": [], "config": {}},
        "results": {
            "total_samples": talks,
            "completed_samples": talks,
            "scores": [{"name": "parley", "scorer": "parley", "params": {}, "metrics": metrics}],
        },
        "stats": {"started_at": head.created, "completed_at": head.created, "model_usage": {}},
    }


def _messages(transcript: Transcript) -> str:
    """The turns as chat messages, in JSON: whoever spoke first is the user."""
    first = transcript.turns[0].speaker if transcript.turns else ""
    return _ENCODE(
        [
            {
                "role": "user" if turn.speaker == first else "assistant",
                "content": f"**{turn.speaker}:** {turn.text}",
                "metadata": {"speaker": turn.speaker, "turn": turn.id},
            }
            for turn in transcript.turns
        ]
    )


def _parts(flat: Mapping[str, Any]) -> dict[str, str]:
    """Each part of a line in JSON; a log uses some of them again."""
    return {name: _ENCODE(value) for name, value in flat.items()}


def _line(parts: Mapping[str, str]) -> str:
    """The line of a score file."""
    return "{" + ",".join(f'"{name}":{part}' for name, part in parts.items()) + "}\n"


def _score(flat: Mapping[str, Any], value: str, parts: Mapping[str, str]) -> str:
    """A talk's scores in JSON as Inspect holds them."""
    deal = flat["scores"].get("deal")
    reasons = "; ".join(f"{name}: {why['reason']}" for name, why in flat["unscored"].items())
    held = ("quotes", "settled", "seats", "flagged", "unscored")
    metadata = ",".join(f'"{name}":{parts[name]}' for name in held)
    return (
        f'{{"value":{value},"answer":{_ENCODE(str(deal))},'
        f'"explanation":{_ENCODE(f"deal: {deal}. {reasons}".strip())},'
        f'"metadata":{{{metadata}}},"history":[]}}'
    )


def _number(value: object) -> object:
    """NaN stands for unscored; a truth value counts as 0 or 1."""
    if value is None:
        return float("nan")
    return int(value) if isinstance(value, bool) else value
