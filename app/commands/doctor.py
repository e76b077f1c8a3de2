"""`parley doctor`: one cheap call to each model, one ring over Redis, and what is wrong there."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from json import dumps
from typing import TYPE_CHECKING

from rich.console import Console

from app.commands.models import HINT
from app.errors import ParleyError
from app.main import open_models, prompt_papers, tried_wakeup
from app.settings import models_from, redis_from

if TYPE_CHECKING:
    from app.delegates.llm.models import Report

HEARD = "wake-ups: a ring came back"


def run(names: Sequence[str], *, json: bool = False) -> int:
    """Test and print; 0 when all is well, 1 when something is wrong, 2 for bad settings."""
    try:
        wakeup = redis_from() if not names else None
        reports = asyncio.run(_probed(names))
        wrong = asyncio.run(tried_wakeup(wakeup)) if wakeup is not None else ""
    except ParleyError as error:
        print(f"parley doctor: {error}", file=sys.stderr)
        return 2
    if json:
        rows = [asdict(report) for report in reports]
        if wakeup is not None:
            rows.append({"wakeups": wakeup.place, "ok": not wrong, "says": wrong or HEARD})
        print(dumps(rows, ensure_ascii=False, indent=2))
    else:
        _print(reports)
        if wakeup is not None:
            print(f"{wakeup.place}: {wrong or HEARD}")
    return 0 if all(report.ok for report in reports) and not wrong else 1


async def _probed(names: Sequence[str]) -> list[Report]:
    from app.delegates.llm.models import WORD

    settings = models_from()
    models = open_models(settings)
    try:
        wanted = names or [model.name for model in settings.models]
        text = prompt_papers().fill("probe", word=WORD)
        return [await models.probe(name, text) for name in wanted]
    finally:
        await models.aclose()


def _print(reports: Sequence[Report]) -> None:
    console = Console(highlight=False, emoji=False)
    if not reports:
        console.print(HINT, markup=False)
    for report in reports:
        console.print(f"{report.model}: {report.says}", markup=False)
        if report.remedy:
            console.print(f"    remedy: {report.remedy}", markup=False)
        for note in report.notes:
            console.print(f"    note: {note}", markup=False)
