"""The commands that simulate: run, compare, sweep, demo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cartlogix.cli.console import note, say, table
from cartlogix.cli.manner import kept_text, options_of, study_of
from cartlogix.cli.options import processes
from cartlogix.cli.request import Request
from cartlogix.cli.sweep_text import print_levels
from cartlogix.cli.workload_text import print_workload
from cartlogix.experiment.find_break_even import BreakEvens, break_even_json
from cartlogix.experiment.folder import slug
from cartlogix.experiment.measure import Failed
from cartlogix.experiment.plan import Study
from cartlogix.experiment.results import Results, results_json
from cartlogix.experiment.run import Outcome, finished, run_study
from cartlogix.experiment.workload import runs_of, workload
from cartlogix.ground.errors import Finding, InvalidInput, PartialFailure
from cartlogix.report.break_even_data import questions
from cartlogix.report.break_even_text import sentence
from cartlogix.report.text import difference_rows, headline_rows, shared_luck_rows, short_labels


def run_files(
    files: Sequence[Path], request: Request, *, sweep: bool = False, only: Sequence[str] = ()
) -> None:
    """Read, run, report, and print the headline figures.

    Args:
        files: scenario files, or one experiment file.
        request: what the user asked for.
        sweep: whether factors may be varied.
        only: tags or names of the scenarios to take; all if left out.

    Raises:
        PartialFailure: if a scenario failed; the others are kept and reported.
    """
    study = study_of(files, request, only)
    if study.factors and not sweep:
        message = "this experiment varies factors; run it with: cartlogix sweep"
        raise InvalidInput([Finding(str(files[0]), 0, 0, "factors", message)])
    if request.dry_run:
        jobs, count = processes(request.jobs), len(study.arms)
        print_workload(
            workload(runs_of(study)),
            jobs,
            of="runs",
            count=count,
            at_most=study.rule is not None,
            as_json=request.json,
        )
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


def _explained(failed: Failed) -> str:
    again = f"--set run.seed={failed.seed} --replications {failed.replication + 1}"
    return f"{failed}; to see it again: {again}"


def _run(study: Study, request: Request) -> Outcome:
    out = request.out or Path("reports") / slug(study.name)
    with options_of(request) as options:
        try:
            return run_study(study, out, options)
        except BaseException as stop:
            total = sum(arm.scenario.run.replications for arm in study.arms)
            stop.add_note(kept_text(finished(study, out), f" of {total}"))
            raise


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
