"""Reading a study: from an experiment file, or from one or several scenario files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cartlogix.experiment.experiment import Experiment, with_tuples
from cartlogix.experiment.factors import Point
from cartlogix.experiment.folder import slug
from cartlogix.experiment.inputs import values_in
from cartlogix.experiment.places import at_their_place
from cartlogix.experiment.plan import Arm, Study, arm_of, levels_of, study_of, told_apart
from cartlogix.experiment.questions import with_questions
from cartlogix.experiment.variants import Variants
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.compose import Composed, compose, default_root
from cartlogix.scenario.document import read_document
from cartlogix.scenario.findings import findings_from, suggest
from cartlogix.scenario.kind import kind_of_file
from cartlogix.scenario.loader import Loaded, load
from cartlogix.scenario.nodes import Mark, dotted


def read_study(
    files: Sequence[Path],
    overrides: Sequence[str] = (),
    root: Path | None = None,
    only: Sequence[str] = (),
) -> Study:
    """Read one experiment file, or one or several scenario files.

    Args:
        files: the files.
        overrides: `path=value`, as after `--set`.
        root: the folder that files may not leave.
        only: tags or names of the scenarios of an experiment file to take; all if left out.

    Raises:
        InvalidInput: with the findings of every file at once, or if two scenarios share a name.
    """
    if len(files) == 1 and _is_experiment(files[0]):
        return _read_experiment(files[0], overrides, root, only)
    arms, named, findings = [], list[tuple[str, Mark]](), list[Finding]()
    for file in files:
        try:
            arms.append(arm_of(load(file, overrides, root)))
            named.append((arms[-1].name, Mark(str(file), 0, 0)))
        except InvalidInput as error:
            findings.extend(error.findings)
    findings.extend(_equal_names(named))
    if findings:
        raise InvalidInput(dict.fromkeys(findings))
    arms = told_apart(arms, [_titled_itself(arm) for arm in arms])
    first = arms[0].scenario
    title = first.label if len(arms) == 1 else " / ".join(arm.scenario.label for arm in arms)
    question = first.description or "" if len(arms) == 1 else ""
    name = first.name if len(arms) == 1 else "-vs-".join(arm.name for arm in arms)
    return Study(name, title, question, tuple(arms))


def _titled_itself(arm: Arm) -> bool:
    """Whether the file that names a scenario gives it its title too, not one that it extends."""
    return arm.composed.locate(("title",)).file == arm.composed.locate(("name",)).file


def _is_experiment(file: Path) -> bool:
    return kind_of_file(read_document(file).root.value) == "experiment"


def _read_experiment(
    file: Path, overrides: Sequence[str], root: Path | None, only: Sequence[str]
) -> Study:
    composed = compose(file, root=root)
    experiment: Experiment | None = None
    findings = [*_equal_names(_names(composed)), *_unknown_baseline(composed)]
    try:
        experiment = _experiment(composed)
    except InvalidInput as error:
        findings.extend(error.findings)
    loaded: dict[int, list[tuple[Point, Loaded]]] = {}
    for index, changes in _with_files(composed):
        item = experiment.scenarios[index] if experiment else None
        if item and only and not {item.name, *item.tags} & set(only):
            continue
        for levels in levels_of(experiment, item) if experiment and item else [{}]:
            try:
                target = _target(file, composed, index, root)
                varied = {
                    **changes,
                    **_repetition(experiment),
                    **(
                        values_in(item.name, experiment.factors, levels)
                        if experiment and item
                        else {}
                    ),
                }
                found = load(target, overrides, root, varied)
                loaded.setdefault(index, []).append((levels, found))
            except InvalidInput as error:
                sections = (("factors",), ("scenarios", index, "set"))
                findings.extend(at_their_place(error.findings, composed, sections))
    if experiment is not None:
        findings.extend(_unknown_only(experiment, only))
    if findings or experiment is None:
        raise InvalidInput(dict.fromkeys(findings))
    study = with_questions(
        study_of(experiment, loaded),
        experiment,
        composed,
        {
            item.name: Variants(
                item.name,
                item.title,
                _target(file, composed, index, root),
                {**item.set, **_repetition(experiment)},
                overrides,
                root,
            )
            for index, item in enumerate(experiment.scenarios)
            if index in loaded
        },
    )
    given = any(text.replace(" ", "").startswith("run.replications=") for text in overrides)
    return replace(study, precision=None, select=None) if given else study


def _repetition(experiment: Experiment | None) -> dict[str, Any]:
    wanted = experiment.replications if experiment else None
    return {"run.replications": wanted} if isinstance(wanted, int) else {}


def _unknown_only(experiment: Experiment, only: Sequence[str]) -> Iterator[Finding]:
    known = {word for item in experiment.scenarios for word in (item.name, *item.tags)}
    for word in only:
        if word not in known:
            message = f"no scenario has the name or tag '{word}'{suggest(word, sorted(known))}"
            yield Finding("--only", 0, 0, "", message)


def _experiment(composed: Composed) -> Experiment:
    try:
        return Experiment.model_validate(with_tuples(composed.data))
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


def _unknown_baseline(composed: Composed) -> Iterator[Finding]:
    given = composed.data.get("baseline")
    names = [name for name, _ in _names(composed)]
    for baseline in given if isinstance(given, list) else [given]:
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
