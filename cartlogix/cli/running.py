"""The commands that simulate: run, compare, demo."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cartlogix.cli.console import note, note_findings, progress, say, say_json, table
from cartlogix.cli.sweep_text import print_levels, print_plan
from cartlogix.experiment.estimate import Estimate, estimate
from cartlogix.experiment.find_break_even import BreakEvens, break_even_json
from cartlogix.experiment.folder import slug
from cartlogix.experiment.measure import Failed
from cartlogix.experiment.plan import Study
from cartlogix.experiment.pool import Workers
from cartlogix.experiment.results import Results, results_json
from cartlogix.experiment.run import Options, Outcome, finished, run_study
from cartlogix.experiment.study import read_study
from cartlogix.ground.errors import Finding, InvalidInput, PartialFailure
from cartlogix.report.break_even_data import questions
from cartlogix.report.break_even_text import sentence
from cartlogix.report.text import difference_rows, headline_rows, shared_luck_rows, short_labels
from cartlogix.report.write import write_page


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    files: Sequence[Path]
    overrides: Sequence[str] = ()
    root: Path | None = None
    out: Path | None = None
    jobs: int | None = None
    force: bool = False
    resume: bool = True
    fail_fast: bool = False
    dry_run: bool = False
    json: bool = False
    sweep: bool = False
    """Whether factors may be varied."""
    only: Sequence[str] = ()
    cluster: str | None = None
    """Address of a scheduler, or its file, whose workers compute."""

    def with_short_forms(self, replications: int | None, seed: int | None) -> Request:
        """Add the overrides that have an option of their own."""
        short = {"run.replications": replications, "run.seed": seed}
        extra = [f"{path}={value}" for path, value in short.items() if value is not None]
        return replace(self, overrides=[*self.overrides, *extra])


def run_files(request: Request) -> None:
    """Read, run, report, and print the headline figures.

    Raises:
        PartialFailure: if a scenario failed; the others are kept and reported.
    """
    study = read_study(request.files, request.overrides, request.root, request.only)
    if study.factors and not request.sweep:
        message = "this experiment varies factors; run it with: cartlogix sweep"
        raise InvalidInput([Finding(str(request.files[0]), 0, 0, "factors", message)])
    note_findings(finding for arm in study.arms for finding in arm.warnings)
    if request.dry_run:
        if study.factors:
            print_plan(study, jobs_of(request), as_json=request.json)
        else:
            print_estimates([estimate(arm.scenario) for arm in study.arms], as_json=request.json)
        for asked in study.break_even:
            note(f"break_even '{asked.name}': {len(list(asked.points()))} levels besides")
        return
    outcome = _run(study, request)
    _print(study, outcome, as_json=request.json)
    if outcome.failures:
        raise PartialFailure("\n".join(_explained(failed) for failed in outcome.failures))


def _print(study: Study, outcome: Outcome, *, as_json: bool) -> None:
    for warning in outcome.results.warnings:
        note(f"warning: {warning}")
    if as_json:
        more = {"folder": str(outcome.folder), **break_even_json(outcome.break_even)}
        if outcome.selected and study.select:
            more["select"] = outcome.selected.record(study.select, study.labels)
        for piece in results_json(outcome.results, more):
            say(piece, end="")
        return
    if study.factors:
        print_levels(study, outcome.results)
    else:
        print_headlines(outcome.results)
    print_break_even(outcome.break_even, outcome.results)
    if outcome.selected and study.select:
        say(f"\n{outcome.selected.text(study.select, study.labels)}")
    if outcome.results.scenarios:
        say(f"\nReport: {outcome.folder / 'report.html'}")


def jobs_of(request: Request) -> int:
    """Return the number of processes to use."""
    return request.jobs or os.cpu_count() or 1


def _explained(failed: Failed) -> str:
    again = f"--set run.seed={failed.seed} --replications {failed.replication + 1}"
    return f"{failed}; to see it again: {again}"


def _run(study: Study, request: Request) -> Outcome:
    if request.cluster is None:
        return _run_with(study, request, None)
    from cartlogix.experiment.cluster import connected

    with connected(request.cluster, note) as cluster:
        return _run_with(study, request, cluster)


def _run_with(study: Study, request: Request, cluster: Workers | None) -> Outcome:
    options = Options(
        jobs=jobs_of(request),
        cluster=cluster,
        force=request.force,
        resume=request.resume,
        fail_fast=request.fail_fast,
        command=shlex.join(["cartlogix", *sys.argv[1:]]),
        notice=note,
        progress=progress,
        finish=write_page,
    )
    out = request.out or Path("reports") / slug(study.name)
    try:
        return run_study(study, out, options)
    except BaseException as stop:
        total = sum(arm.scenario.run.replications for arm in study.arms)
        stop.add_note(_kept(finished(study, out), total))
        raise


def _kept(finished: int, total: int) -> str:
    """Say what a run that was stopped has left for the next one."""
    if not finished:
        return "no replication was finished, so nothing is kept: run again from the start"
    verb = "is" if finished == 1 else "are"
    few = f"{finished} of {total} replications {verb} finished and kept"
    return f"{few}: the same command continues"


def print_headlines(results: Results) -> None:
    """Print the headline figures of every scenario, and the differences from the first one."""
    if not len(results.summary):
        return
    labels = short_labels([scenario.label for scenario in results.scenarios])
    replications = max(scenario.run.replications for scenario in results.scenarios)
    alone = replications == 1
    means = f"Mean (95 % interval) over {replications} replications"
    say(f"{'The one replication (no interval)' if alone else means}, all patients")
    table(["", *labels], headline_rows(results), right=range(1, len(labels) + 1))
    if len(labels) > 1:
        sure = (
            "(no interval: one replication cannot tell whether they differ)"
            if alone
            else "(simultaneous 95 % intervals)"
        )
        say(f"\nDifference from {labels[0]} on the same patients {sure}")
        table(["", *labels[1:]], difference_rows(results), right=range(1, len(labels)))
        gained = shared_luck_rows(results)
        if gained:
            say(
                "\nWhat common random numbers gained: correlation (and how many times as many "
                "replications independent runs would need)"
            )
            table(["", *labels[1:]], gained, right=range(1, len(labels)))


def print_break_even(found: BreakEvens | None, results: Results) -> None:
    """Print where scenarios change places, a line for each question and figure."""
    if found is None or not results.scenarios:
        return
    say("\nWhere they change places, on the same patients")
    for question in questions(found, results.scenarios[0].costs.currency):
        say(f"  {question.title} ({question.asked['replications']} replications)")
        say(f"    {sentence(question)}")


def print_estimates(estimates: Sequence[Estimate], *, as_json: bool) -> None:
    """Print how much work a run would be."""
    if as_json:
        say_json([item.as_dict() for item in estimates])
        return
    headers = ["scenario", "replications", "patients each", "events", "memory"]
    rows = [
        [
            item.scenario,
            f"{item.replications:,}",
            f"{item.patients:,}",
            f"{item.events:,}",
            f"{item.megabytes:,.0f} MB",
        ]
        for item in estimates
    ]
    table(headers, rows, right=range(1, len(headers)))
