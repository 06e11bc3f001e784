"""A sensitivity study from an experiment file into a result folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cartlogix.experiment.experiment import Experiment
from cartlogix.experiment.inquiry import Inquired, run_inquiry
from cartlogix.experiment.plan import Study
from cartlogix.experiment.points import Foreseen, NotRun, Points
from cartlogix.experiment.responses import Responses
from cartlogix.experiment.run import Options
from cartlogix.experiment.sensitivity import Found, Method, find_drivers
from cartlogix.experiment.uncertain import Uncertain
from cartlogix.experiment.workload import Work
from cartlogix.ground.errors import Finding, InvalidInput


def inquire_drivers(
    study: Study, file: Path, method: Method, out: Path, options: Options
) -> Inquired:
    """Find what drives the figures of a study's scenarios, and write the result folder `out`.

    Raises:
        InvalidInput: if the file names no uncertain inputs.
        PartialFailure: if a replication fails; the others are kept for the next run.
    """
    experiment = _asked(study, file)

    def work(points: Points) -> Inquired:
        responses = _responses(study, experiment, points)
        found = find_drivers(method, experiment.sensitivity, responses)
        return Inquired(
            {"sensitivity": found.table, **found.more}, _record(experiment, responses, found)
        )

    return run_inquiry("sensitivity", study, out, options, work)


def foresee_drivers(study: Study, file: Path, method: Method) -> list[Work]:
    """Return the points that a study would run, each once, without running any.

    Raises:
        InvalidInput: as :func:`inquire_drivers`.
    """
    experiment = _asked(study, file)
    responses = _responses(study, experiment, NotRun(Path()))
    try:
        find_drivers(method, experiment.sensitivity, responses)
    except Foreseen as found:
        return [Work(one.name, one.name, one) for one in found.scenarios]
    raise AssertionError("every method runs points")


def _asked(study: Study, file: Path) -> Experiment:
    experiment = study.experiment
    if experiment is None or not experiment.uncertain:
        message = "this file names no uncertain inputs; list them under 'uncertain'"
        raise InvalidInput([Finding(str(file), 0, 0, "uncertain", message)])
    return experiment


def _responses(study: Study, experiment: Experiment, points: Points) -> Responses:
    """Return the scenarios of the file, the baseline first, as far as they are asked."""
    asked = experiment.sensitivity
    kpis = tuple(dict.fromkeys((*asked.kpis, asked.decide)))
    first = (*experiment.baselines, experiment.scenarios[0].name)[0]
    listed = sorted(experiment.scenarios, key=lambda one: one.name != first)
    variants = [study.variants[one.name] for one in listed]
    return Responses(variants, experiment.uncertain, kpis, points, asked.replications)


def _record(experiment: Experiment, responses: Responses, found: Found) -> dict[str, Any]:
    titles = [(one.name, one.at({}).label) for one in responses.variants]
    first = titles[0]
    differences = [
        (f"{name} - {first[0]}", f"{label} less {first[1]}") for name, label in titles[1:]
    ]
    inputs = [(one.name, one.label) for one in experiment.uncertain]
    return {
        "method": found.method,
        "points": found.points,
        "replications": found.replications,
        "labels": dict([*inputs, *titles, *differences]),
        "inputs": [dict(_belief(one)) for one in experiment.uncertain],
    }


def _belief(one: Uncertain) -> Iterator[tuple[str, Any]]:
    yield "name", one.name
    yield "label", one.label
    yield "path", ", ".join(one.paths)
    parameters = one.belief.parameters()
    numbers = ", ".join(f"{name} {value:g}" for name, value in parameters.items()
                        if isinstance(value, float))  # fmt: skip
    yield "belief", f"{one.law}, {numbers}{f' {one.unit}' if one.unit else ''}"
    yield "scenarios", list(one.scenarios)
    yield "source", "; ".join(text for text in (one.source, one.note) if text)
