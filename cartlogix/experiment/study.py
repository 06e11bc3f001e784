"""A study: scenarios that are run on the same patients to answer one question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from cartlogix.scenario.nodes import Mark, dotted


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
    arms, named, findings = [], list[tuple[str, Mark]](), list[Finding]()
    for file in files:
        try:
            arms.append(_arm(load(file, overrides, root)))
            named.append((arms[-1].name, Mark(str(file), 0, 0)))
        except InvalidInput as error:
            findings.extend(error.findings)
    findings.extend(_equal_names(named))
    if findings:
        raise InvalidInput(dict.fromkeys(findings))
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
    experiment: Experiment | None = None
    findings = [*_equal_names(_names(composed)), *_unknown_baseline(composed)]
    try:
        experiment = _experiment(composed)
    except InvalidInput as error:
        findings.extend(error.findings)
    loaded: list[Loaded] = []
    for index, changes in _with_files(composed):
        try:
            loaded.append(load(_target(file, composed, index, root), overrides, root, changes))
        except InvalidInput as error:
            findings.extend(error.findings)
    if findings or experiment is None:
        raise InvalidInput(dict.fromkeys(findings))
    pairs = zip(loaded, experiment.scenarios, strict=True)
    arms = _told_apart([_renamed(_arm(one), item) for one, item in pairs], experiment)
    baseline = experiment.baseline or arms[0].name
    arms.sort(key=lambda arm: arm.name != baseline)
    title = experiment.title or experiment.name
    return Study(experiment.name, title, experiment.question or "", tuple(arms))


def _experiment(composed: Composed) -> Experiment:
    listed = composed.data["scenarios"]
    data = {**composed.data, "scenarios": tuple(listed) if isinstance(listed, list) else listed}
    try:
        return Experiment.model_validate(data)
    except ValidationError as error:
        raise InvalidInput(findings_from(error, composed, Experiment)) from None


def _listed(composed: Composed) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield every scenario of an experiment file that is a mapping, whatever else is wrong."""
    listed = composed.data["scenarios"]
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(item, dict):
            yield index, item


def _names(composed: Composed) -> Iterator[tuple[str, Mark]]:
    for index, item in _listed(composed):
        if isinstance(item.get("name"), str):
            yield item["name"], composed.locate(("scenarios", index, "name"))


def _with_files(composed: Composed) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield place and changes of every scenario that names a file.

    What the files say wrong is then told beside what the experiment itself says wrong.
    """
    for index, item in _listed(composed):
        changes = item.get("set")
        if isinstance(item.get("file"), str) and item["file"]:
            yield index, changes if isinstance(changes, dict) else {}


def _target(file: Path, composed: Composed, index: int, root: Path | None) -> Path:
    """Return the file of an experiment's scenario.

    Raises:
        InvalidInput: if it is missing, or outside the config folder.
    """
    path = ("scenarios", index, "file")
    written: str = composed.data["scenarios"][index]["file"]
    target = file.parent / written
    inside = (root or default_root(file.resolve())).resolve()
    if not target.resolve().is_relative_to(inside):
        message = f"'{written}' leaves the config folder; name a wider one with --root"
    elif not target.is_file():
        near = sorted(found.name for found in target.parent.glob("*.y*ml") if found != file)
        message = f"there is no file '{written}'{suggest(target.name, near)}"
    else:
        return target
    raise InvalidInput([Finding(*composed.locate(path), dotted(path, composed.data), message)])


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


def _unknown_baseline(composed: Composed) -> Iterator[Finding]:
    baseline = composed.data.get("baseline")
    names = [name for name, _ in _names(composed)]
    if isinstance(baseline, str) and names and baseline not in names:
        message = f"no scenario is named '{baseline}'{suggest(baseline, names)}"
        yield Finding(*composed.locate(("baseline",)), "baseline", message)


def _equal_names(named: Iterable[tuple[str, Mark]]) -> Iterator[Finding]:
    """Yield names that are one name, or one folder name, on some file system."""
    seen: dict[str, str] = {}
    for name, mark in named:
        keys = {name.casefold(), slug(name)}
        other = next((seen[key] for key in keys if key in seen), None)
        if other is not None:
            message = (
                f"the scenario name '{name}' is used twice; names must differ"
                if other == name
                else f"the scenario names '{other}' and '{name}' are too alike; change one"
            )
            yield Finding(*mark, "name", message)
        seen.update(dict.fromkeys(keys, name))
