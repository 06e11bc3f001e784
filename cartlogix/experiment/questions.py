"""What an experiment asks besides the comparison, judged before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cartlogix.experiment.break_even import BreakEven
from cartlogix.experiment.experiment import Experiment
from cartlogix.experiment.inputs import values_in
from cartlogix.experiment.plan import Study
from cartlogix.experiment.variants import Variants
from cartlogix.ground.errors import Finding, InvalidInput

Setting = tuple[str, dict[str, Any]]
"""A scenario, and values by path."""


def with_questions(study: Study, experiment: Experiment, variants: Mapping[str, Variants]) -> Study:
    """Add what the experiment asks of the scenarios that are taken, once every level is judged.

    Raises:
        InvalidInput: if a path leads nowhere, or a scenario does not allow a level.
    """
    asked = tuple(one for one in experiment.break_even if set(one.between) <= set(variants))
    findings: list[Finding] = []
    settings = [*_ends(experiment, variants)]
    settings.extend(_corners(experiment, variants))
    for one in asked:
        settings.extend(_levels(one))
    for name, values in settings:
        try:
            variants[name].at(values)
        except InvalidInput as error:
            findings.extend(error.findings)
    if findings:
        raise InvalidInput(dict.fromkeys(findings))
    return replace(study, break_even=asked, variants=variants, experiment=experiment)


def _levels(one: BreakEven) -> Iterator[Setting]:
    for point in one.points():
        listed = zip(one.factors, point, strict=True)
        levels = {factor.name: one.levels(factor)[level] for factor, level in listed}
        for name in one.between:
            yield name, one.values(name, levels)


def _corners(experiment: Experiment, variants: Mapping[str, Variants]) -> Iterator[Setting]:
    """Yield the least and the greatest design."""
    search = experiment.search
    name = (search.scenario if search else None) or experiment.scenarios[0].name
    if search and name in variants:
        for end in (0, -1):
            yield name, dict(search.values(tuple(one.choices[end] for one in search.decisions)))


def _ends(experiment: Experiment, variants: Mapping[str, Variants]) -> Iterator[Setting]:
    """Yield every uncertain input at its ends, alone, in every scenario that has it."""
    for one in experiment.uncertain:
        for end in one.ends:
            for name in variants:
                values = values_in(name, [one], {one.name: one.level(end)})
                if values:
                    yield name, values
