"""The same task in NegMAS: run as a file by a Python that has it, never imported by Parley."""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any


def solved(task: dict[str, Any]) -> dict[str, Any]:
    """Frontier and Nash point of the task by NegMAS's own functions."""
    outcomes, preferences = import_module("negmas.outcomes"), import_module("negmas.preferences")
    functions = import_module("negmas.preferences.value_fun")
    begun = time.process_time()
    sheets = task["sheets"]
    issues = [
        outcomes.make_issue(values=[f"o{n}" for n in range(len(row))], name=f"issue-{place}")
        for place, row in enumerate(sheets[0])
    ]
    space = outcomes.make_os(issues)
    ufuns = [
        preferences.LinearAdditiveUtilityFunction(
            values=[
                functions.TableFun({f"o{n}": float(worth) for n, worth in enumerate(row)})
                for row in sheet
            ],
            outcome_space=space,
            reserved_value=float(task["floor"]),
        )
        for sheet in sheets
    ]
    edge, _ = preferences.pareto_frontier(ufuns, issues=issues)
    edged = time.process_time()
    ranges = [(0.0, float(sum(max(row) for row in sheet))) for sheet in sheets]
    found = preferences.nash_points(ufuns, edge, ranges=ranges)
    done = time.process_time()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "frontier": len({tuple(point) for point in edge}),
        "nash": [round(worth) for worth in found[0][0]] if found else None,
        "parts": [edged - begun, done - edged],
        "seconds": done - begun,
        "megabytes": most / (2**20 if sys.platform == "darwin" else 2**10),
    }


if __name__ == "__main__":
    print(json.dumps(solved(json.loads(Path(sys.argv[1]).read_text("utf-8")))))
