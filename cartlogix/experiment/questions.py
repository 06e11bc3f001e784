"""What an experiment asks besides the comparison, judged before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cartlogix.experiment.break_even import BreakEven
from cartlogix.experiment.experiment import Experiment
from cartlogix.experiment.inputs import values_in
from cartlogix.experiment.places import Place, at_their_place
from cartlogix.experiment.plan import Study
from cartlogix.experiment.variants import Variants
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.compose import Composed
from cartlogix.scenario.idle_checks import UNUSED

Setting = tuple[str, dict[str, Any]]
"""A scenario, and values by path."""


def with_questions(
    study: Study, experiment: Experiment, composed: Composed, variants: Mapping[str, Variants]
) -> Study:
    """Add what the experiment asks of the scenarios that are taken, once every level is judged.

    Raises:
        InvalidInput: if a path leads nowhere or to what nobody uses, or a scenario does not allow a
            level.
    """
    asked = tuple(one for one in experiment.break_even if set(one.between) <= set(variants))
    settings: list[tuple[Place, Setting]] = [
        *((("uncertain",), one) for one in _ends(experiment, variants)),
        *((("search", "decisions"), one) for one in _corners(experiment, variants)),
    ]
    for one in asked:
        factors = ("break_even", experiment.break_even.index(one), "factors")
        settings.extend((factors, level) for level in _levels(one))
    findings: list[Finding] = []
    for place, (name, values) in settings:
        found = _wrong(variants[name], values)
        findings.extend(at_their_place(found, composed, [place, *_set_in(experiment, name)]))
    if findings:
        raise InvalidInput(dict.fromkeys(findings))
    return replace(study, break_even=asked, variants=variants, experiment=experiment)


def _wrong(variants: Variants, values: Mapping[str, Any]) -> Sequence[Finding]:
    """Return why a scenario does not allow values, or that nothing uses one of them."""
    try:
        warnings = variants.loaded(values).warnings
    except InvalidInput as error:
        return error.findings
    return [
        replace(one, severity="error")
        for one in warnings
        if one.path in values and one.message.startswith(UNUSED)
    ]


def _set_in(experiment: Experiment, name: str) -> Iterator[Place]:
    for index, one in enumerate(experiment.scenarios):
        if one.name == name:
            yield "scenarios", index, "set"


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
