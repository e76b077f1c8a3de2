"""Score files: flat JSONL, and logs that Inspect opens, both by the standard library alone.

The log names no model (`none/none`), puts the speaker into the content and into metadata (a chat
message has no name there), and writes an unscored measure as NaN with its reason.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
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
        yield json.dumps(plain(card), ensure_ascii=False, separators=(",", ":")) + "\n"


def write_scores(path: Path, cards: Iterable[ScoreCard]) -> None:
    """A JSONL file of score cards."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(score_lines(cards))


def write_eval(path: Path, head: LogHead, pairs: Sequence[Pair], level: int = 1) -> None:
    """An `.eval` log: a ZIP of JSON documents, one a talk, packed with deflate."""
    header = _header(head, pairs)
    summaries: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        start = {"version": 2, "eval": header["eval"], "plan": header["plan"]}
        archive.writestr("_journal/start.json", _json(start))
        used: set[str] = set()
        for number, (transcript, card) in enumerate(pairs, 1):
            sample = _sample(transcript, card, number, used)
            archive.writestr(f"samples/{sample['id']}_epoch_1.json", _json(sample))
            summaries.append(_summary(sample))
            values.append({**sample["scores"]["parley"], "sample_id": sample["id"]})
        archive.writestr("summaries.json", _json(summaries))
        reduced = [{"scorer": "parley", "reducer": None, "samples": values}]
        archive.writestr("reductions.json", _json(reduced))
        archive.writestr("header.json", _json(header))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def _header(head: LogHead, pairs: Sequence[Pair]) -> dict[str, Any]:
    names = sorted({score.name for _, card in pairs for score in card.scores})
    metrics = {name: {"name": name, "value": _mean(pairs, name), "params": {}} for name in names}
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
            "dataset": {"name": head.task, "samples": len(pairs), "shuffled": False},
            "model": "none/none",
            "model_args": {},
            "config": {},
            "packages": {"parley": head.version},
            "metadata": {"seed": head.seed, "note": "rehearsal fiction, scored by code"},
        },
        "plan": {"name": "plan", "steps": [], "config": {}},
        "results": {
            "total_samples": len(pairs),
            "completed_samples": len(pairs),
            "scores": [{"name": "parley", "scorer": "parley", "params": {}, "metrics": metrics}],
        },
        "stats": {"started_at": head.created, "completed_at": head.created, "model_usage": {}},
    }


def _mean(pairs: Sequence[Pair], name: str) -> float:
    """The mean over talks where the measure is a number; NaN where it never is."""
    found = [
        float(value)
        for _, card in pairs
        if isinstance(value := card.value(name), (bool, int, float))
    ]
    return sum(found) / len(found) if found else float("nan")


def _sample(transcript: Transcript, card: ScoreCard, number: int, used: set[str]) -> dict[str, Any]:
    name = "".join(c if c.isalnum() or c in "-." else "-" for c in transcript.id)[:80] or "talk"
    name = name if name not in used else f"{name}-{number}"
    used.add(name)
    first = transcript.turns[0].speaker if transcript.turns else ""
    messages = [
        {
            "role": "user" if turn.speaker == first else "assistant",
            "content": f"**{turn.speaker}:** {turn.text}",
            "metadata": {"speaker": turn.speaker, "turn": turn.id},
        }
        for turn in transcript.turns
    ]
    score = _score(card)
    return {
        "id": name,
        "epoch": 1,
        "input": messages,
        "target": "",
        "messages": messages,
        "output": {"model": "none/none", "choices": []},
        "scores": {"parley": score},
        "metadata": {"table": card.table, "format": transcript.format},
        "store": {},
        "events": [],
        "model_usage": {},
        "attachments": {},
    }


def _score(card: ScoreCard) -> dict[str, Any]:
    flat = plain(card)
    reasons = "; ".join(f"{name}: {why['reason']}" for name, why in flat["unscored"].items())
    value = {name: _number(held) for name, held in flat["scores"].items()}
    return {
        "value": value,
        "answer": str(flat["scores"].get("deal")),
        "explanation": f"deal: {flat['scores'].get('deal')}. {reasons}".strip(),
        "metadata": {
            key: flat[key] for key in ("quotes", "settled", "seats", "flagged", "unscored")
        },
        "history": [],
    }


def _number(value: object) -> object:
    """NaN stands for unscored; a truth value counts as 0 or 1."""
    if value is None:
        return float("nan")
    return int(value) if isinstance(value, bool) else value


def _summary(sample: dict[str, Any]) -> dict[str, Any]:
    text = sample["messages"][0]["content"][:200] if sample["messages"] else ""
    return {
        "id": sample["id"],
        "epoch": 1,
        "input": text,
        "target": "",
        "metadata": sample["metadata"],
        "scores": {"parley": {"value": sample["scores"]["parley"]["value"]}},
        "model_usage": {},
        "completed": True,
        "message_count": len(sample["messages"]),
    }
