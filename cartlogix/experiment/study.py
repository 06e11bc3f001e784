"""A study: scenarios that are run on the same patients to answer one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from cartlogix.experiment.folder import slug
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.base import Name, Part, Text
from cartlogix.scenario.compose import Composed, compose, default_root
from cartlogix.scenario.document import read_document
from cartlogix.scenario.findings import findings_from, suggest
from cartlogix.scenario.loader import Loaded, load
from cartlogix.scenario.model import Scenario


class StudyScenario(Part):
    """One scenario of an experiment file."""

    name: Name
    """Name of the scenario in this experiment."""
    title: Text | None = None
    """Name as shown in the report; the scenario's own title if left out."""
    file: Name
    """Scenario file, relative to the experiment file."""
    set: dict[str, Any] = Field(default_factory=dict)
    """Values by dotted path that this experiment changes."""


class Experiment(Part):
    """An experiment file: which scenarios to compare, and why."""

    name: Name
    """Name of the experiment."""
    title: Text | None = None
    """Title of the report."""
    question: Text | None = None
    """The question that the experiment answers."""
    baseline: Name | None = None
    """Scenario with which the others are compared; the first one if left out."""
    scenarios: Annotated[tuple[StudyScenario, ...], Field(min_length=1, max_length=200)]
    """The scenarios."""


@dataclass(frozen=True)
class Arm:
    """One scenario of a study, and how its values came about."""

    scenario: Scenario
    composed: Composed
    warnings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name


@dataclass(frozen=True)
class Study:
    """The scenarios to run, the first of which is the baseline."""

    name: str
    title: str
    question: str
    arms: tuple[Arm, ...]


def read_study(
    files: Sequence[Path], overrides: Sequence[str] = (), root: Path | None = None
) -> Study:
    """Read one experiment file, or one or several scenario files.

    Raises:
        InvalidInput: with the findings of every file at once, or if two scenarios share a name.
    """
    if len(files) == 1 and _is_experiment(files[0]):
        return _read_experiment(files[0], overrides, root)
    arms, findings = [], list[Finding]()
    for file in files:
        try:
            arms.append(_arm(load(file, overrides, root)))
        except InvalidInput as error:
            findings.extend(error.findings)
    if findings:
        raise InvalidInput(dict.fromkeys(findings))
    _refuse_equal_names(arms, [str(file) for file in files])
    first = arms[0].scenario
    title = first.label if len(arms) == 1 else " / ".join(arm.scenario.label for arm in arms)
    question = first.description or "" if len(arms) == 1 else ""
    name = first.name if len(arms) == 1 else "-vs-".join(arm.name for arm in arms)
    return Study(name, title, question, tuple(arms))


def _is_experiment(file: Path) -> bool:
    data = read_document(file).data
    return isinstance(data, dict) and "scenarios" in data and "pathways" not in data


def _read_experiment(file: Path, overrides: Sequence[str], root: Path | None) -> Study:
    composed = compose(file, root=root)
    experiment = _experiment(composed)
    arms, findings = [], list[Finding]()
    for index, item in enumerate(experiment.scenarios):
        target = file.parent / item.file
        try:
            inside = (root or default_root(file.resolve())).resolve()
            if not target.resolve().is_relative_to(inside):
                mark = composed.locate(("scenarios", index, "file"))
                message = f"'{item.file}' leaves the config folder; name a wider one with --root"
                raise InvalidInput([Finding(*mark, f"scenarios.{item.name}.file", message)])
            if not target.is_file():
                mark = composed.locate(("scenarios", index, "file"))
                known = sorted(near.name for near in target.parent.glob("*.y*ml"))
                message = f"there is no file '{item.file}'{suggest(target.name, known)}"
                raise InvalidInput([Finding(*mark, f"scenarios.{item.name}.file", message)])
            loaded = load(target, overrides, root, item.set)
            arms.append(_renamed(_arm(loaded), item))
        except InvalidInput as error:
            findings.extend(error.findings)
    if findings:
        raise InvalidInput(dict.fromkeys(findings))
    _refuse_equal_names(arms, [str(file)] * len(arms))
    arms = _told_apart(arms, experiment)
    if experiment.baseline is not None:
        arms = _baseline_first(arms, experiment.baseline, composed)
    title = experiment.title or experiment.name
    return Study(experiment.name, title, experiment.question or "", tuple(arms))


def _experiment(composed: Composed) -> Experiment:
    data = {
        **composed.data,
        "scenarios": tuple(composed.data["scenarios"])
        if isinstance(composed.data["scenarios"], list)
        else composed.data["scenarios"],
    }
    try:
        return Experiment.model_validate(data)
    except ValidationError as error:
        raise InvalidInput(findings_from(error, composed, Experiment)) from None


def _arm(loaded: Loaded) -> Arm:
    return Arm(loaded.scenario, loaded.composed, loaded.warnings)


def _renamed(arm: Arm, item: StudyScenario) -> Arm:
    changes: Mapping[str, object] = {"name": item.name, "title": item.title or arm.scenario.title}
    return replace(arm, scenario=arm.scenario.model_copy(update=dict(changes)))


def _told_apart(arms: list[Arm], experiment: Experiment) -> list[Arm]:
    """Label scenarios by their name where the title of a shared file would label several."""
    labels = [arm.scenario.label for arm in arms]
    if len(set(labels)) == len(labels):
        return arms
    return [
        arm
        if item.title
        else replace(arm, scenario=arm.scenario.model_copy(update={"title": None}))
        for arm, item in zip(arms, experiment.scenarios, strict=True)
    ]


def _baseline_first(arms: list[Arm], baseline: str, composed: Composed) -> list[Arm]:
    names = [arm.name for arm in arms]
    if baseline not in names:
        message = f"no scenario is named '{baseline}'{suggest(baseline, names)}"
        raise InvalidInput([Finding(*composed.locate(("baseline",)), "baseline", message)])
    return sorted(arms, key=lambda arm: arm.name != baseline)


def _refuse_equal_names(arms: Sequence[Arm], files: Sequence[str]) -> None:
    """Refuse names that are one name, or one folder name, on some file system."""
    seen: dict[str, str] = {}
    findings = []
    for arm, file in zip(arms, files, strict=True):
        keys = {arm.name.casefold(), slug(arm.name)}
        other = next((seen[key] for key in keys if key in seen), None)
        if other is not None:
            message = (
                f"the scenario name '{arm.name}' is used twice; names must differ"
                if other == arm.name
                else f"the scenario names '{other}' and '{arm.name}' are too alike; change one"
            )
            findings.append(Finding(file, 0, 0, "name", message))
        seen.update(dict.fromkeys(keys, arm.name))
    if findings:
        raise InvalidInput(findings)
