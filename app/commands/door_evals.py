"""What an author of evaluations types: eval and bench."""

# Commands are imported inside the verbs, so that `parley --help` starts light.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.door_words import AsJson, TableName, home, leave

evals = typer.Typer(
    help="Run suites of tables or transcripts, with bounds and gates.", no_args_is_help=True
)
benches = typer.Typer(help="Measure the engine by published metrics.", no_args_is_help=True)

RunName = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run: its folder, its name, or: last.")
]


@evals.command("run")
def eval_run(
    suite: Annotated[str, typer.Argument(metavar="SUITE", help="A suite's name or its TOML file.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the run; in PARLEY_HOME if none.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Go on with a run that was stopped.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Processes.", min=1, max=256)] = 1,
    dask: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Run on the Dask cluster of this scheduler.")
    ] = "",
    seeds: Annotated[
        int | None, typer.Option(help="Only so many of the suite's seeds.", min=1)
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Only so many cases.", min=1)] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="AXIS=VALUE", help="Only cases with this case, preset or lineup."),
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Take known results from the cache.")
    ] = True,
    records: Annotated[
        bool, typer.Option("--records", help="Keep every table's record, secrets included.")
    ] = False,
    money: Annotated[
        float | None, typer.Option(help="Begin no case that would spend more.", min=0)
    ] = None,
    judge_only: Annotated[
        bool, typer.Option("--judge-only", help="With --resume: ask the judge again, play nothing.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print gates only.")] = False,
    json: AsJson = False,
) -> None:
    """Run a suite, or the rest of it; exit code 100 when a gate fails."""
    from app.commands import eval_run as command

    if judge_only and resume is None:
        raise typer.BadParameter("names the run with --resume", param_hint="--judge-only")
    wish = command.Wish(
        suite=suite,
        home=home(),
        out=out,
        resume=resume,
        jobs=jobs,
        dask=dask,
        seeds=seeds,
        limit=limit,
        only=_axes(only or []),
        cache=cache,
        records=records,
        money=money,
        judge_only=judge_only,
        quiet=quiet,
        json=json,
    )
    leave(command.run(wish))


def _axes(words: list[str]) -> dict[str, str]:
    """Read `--only lineup=engine` options."""
    found: dict[str, str] = {}
    for word in words:
        axis, equals, value = word.partition("=")
        if axis not in ("case", "preset", "lineup", "guard") or not (equals and value):
            raise typer.BadParameter(
                f"{word!r}: write case, preset, lineup or guard, = and a value"
            )
        found[axis] = value
    return found


@evals.command("show")
def eval_show(
    run: RunName,
    full: Annotated[bool, typer.Option("--full", help="Every measure of every group.")] = False,
    json: AsJson = False,
) -> None:
    """Print what a run found."""
    from app.commands import eval_show as command

    leave(command.show(run, home(), json=json, full=full))


@evals.command("compare")
def eval_compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A run.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another, or the same.")],
    left: Annotated[
        list[str] | None, typer.Option("--a", metavar="AXIS=VALUE", help="Only this part of A.")
    ] = None,
    right: Annotated[
        list[str] | None, typer.Option("--b", metavar="AXIS=VALUE", help="Only this part of B.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap and the sign flips.")] = 1,
    json: AsJson = False,
) -> None:
    """Compare two runs case by case, or two lineups or presets of one."""
    from app.commands import eval_compare as command

    leave(
        command.run(
            first,
            second,
            home(),
            left=_axes(left or []),
            right=_axes(right or []),
            seed=seed,
            json=json,
        )
    )


@evals.command("gate")
def eval_gate(
    run: RunName,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also fail when worse than this baseline.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write this run as a baseline.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Say whether a run's gates hold; exit code 100 when one fails."""
    from app.commands import eval_gate as command

    leave(command.run(run, home(), baseline=baseline, keep=keep, json=json))


@evals.command("calibrate")
def eval_calibrate(
    labels: Annotated[
        Path, typer.Argument(metavar="LABELS", help="A CSV: id, criterion, truth, judge, rater.")
    ],
    judged: Annotated[
        Path | None,
        typer.Option("--run", metavar="RUN", help="Take the judge's labels from this run."),
    ] = None,
    split: Annotated[str, typer.Option(help="Only rows of this split.")] = "",
    json: AsJson = False,
) -> None:
    """Measure a judge against people's labels; exit code 1 when it is not shown to be usable."""
    from app.commands import eval_calibrate as command

    leave(command.run(labels, home(), judged=judged, split=split, json=json))


@benches.command("deliberation")
def bench_deliberation(
    table: TableName,
    tables: Annotated[int, typer.Option(help="Tables to play.", min=1)] = 100,
    rounds: Annotated[int, typer.Option(help="Turns a party.", min=1, max=100)] = 4,
    mediator: Annotated[str, typer.Option(help="none, votes or ranks.")] = "none",
    chair: Annotated[bool, typer.Option("--chair", help="With a chair.")] = False,
    seed: Annotated[int, typer.Option(help="First seed.")] = 1,
    json: AsJson = False,
) -> None:
    """Success by the pass rule and by all parties, wrong offers, who is left out."""
    from app.commands import deliberation as command

    leave(
        command.run(
            table,
            tables,
            rounds=rounds,
            mediator=mediator,
            chair=chair,
            seed=seed,
            json=json,
            home=home(),
        )
    )
