"""From a YAML file to a frozen Scenario: the one way in."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.checks import check
from cartlogix.scenario.compose import Composed, compose
from cartlogix.scenario.findings import findings_from
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.nodes import dotted
from cartlogix.scenario.problem import Problem

_LARGEST_CSV = 50_000_000


@dataclass(frozen=True)
class Loaded:
    """A scenario, where its values come from, and warnings about it."""

    scenario: Scenario
    composed: Composed
    warnings: tuple[Finding, ...]


def load(
    path: Path,
    overrides: Iterable[str] = (),
    root: Path | None = None,
    factors: Mapping[str, Any] | None = None,
) -> Loaded:
    """Read, compose, validate and check one scenario.

    Args:
        path: the YAML file.
        overrides: `path=value` texts, as after `--set`.
        root: the folder that `extends` and data files may not leave (see :func:`compose`).
        factors: values by dotted path, set by an experiment.

    Raises:
        InvalidInput: with every finding at once.
    """
    composed = compose(path, overrides, root, factors)
    if "scenarios" in composed.data and "pathways" not in composed.data:
        message = "this is an experiment file: give it, alone, to run or compare"
        raise InvalidInput([Finding(*composed.locate_key(("scenarios",)), "scenarios", message)])
    data = _with_file_arrivals(composed, path)
    try:
        scenario = Scenario.from_plain(data)
    except ValidationError as error:
        raise InvalidInput(findings_from(error, composed, Scenario)) from None
    findings = [_finding(problem, composed) for problem in check(scenario)]
    if any(finding.severity == "error" for finding in findings):
        raise InvalidInput(findings)
    return Loaded(scenario, composed, tuple(findings))


def _finding(problem: Problem, composed: Composed) -> Finding:
    mark = composed.locate(problem.path)
    where = dotted(problem.path, composed.data)
    return Finding(
        mark.file, mark.line, mark.column, where, problem.message, severity=problem.severity
    )


def _with_file_arrivals(composed: Composed, path: Path) -> dict[str, Any]:
    """Replace arrivals from a CSV file by the list of its patients."""
    data = dict(composed.data)
    demand = data.get("demand")
    if not isinstance(demand, dict):
        return data
    arrivals = demand.get("arrivals")
    if not isinstance(arrivals, dict) or arrivals.get("process") != "file":
        return data
    mark = composed.locate(("demand", "arrivals", "file"))
    name = arrivals.get("file")
    if not isinstance(name, str) or set(arrivals) != {"process", "file"}:
        return data
    folder = Path(mark.file).parent if mark.line else path.parent
    target = (folder / name).resolve()
    if Path(name).is_absolute() or not target.is_relative_to(folder.resolve()):
        message = f"'{name}' leaves the scenario's folder; put the CSV file beside the scenario"
        raise InvalidInput([Finding(*mark, "demand.arrivals.file", message)])
    patients = _read_patients(target, mark, name)
    return {**data, "demand": {**demand, "arrivals": {"process": "list", "patients": patients}}}


def _read_patients(target: Path, mark: tuple[str, int, int], name: str) -> list[dict[str, Any]]:
    try:
        if target.stat().st_size > _LARGEST_CSV:
            raise ValueError(f"'{name}' is larger than {_LARGEST_CSV // 1_000_000} MB")
        with target.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines, strict=True)
            columns = set(reader.fieldnames or ())
            if "day" not in columns or not columns <= {"day", "indication", "centre"}:
                raise ValueError(
                    f"'{name}' must have the column day, and may have indication and centre; "
                    f"found {', '.join(map(str, columns)) or 'nothing'}"
                )
            rows = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        message = str(error) if isinstance(error, ValueError) else f"cannot read '{name}': {error}"
        raise InvalidInput([Finding(*mark, "demand.arrivals.file", message)]) from None
    findings: list[Finding] = []
    patients = [_patient(row, name, findings, number) for number, row in enumerate(rows, start=2)]
    if findings:
        raise InvalidInput(findings[:100])
    return patients


def _patient(
    row: Mapping[str, str], name: str, findings: list[Finding], line: int
) -> dict[str, Any]:
    try:
        day = float(row["day"])
        if not 0 <= day < 1e6:
            raise ValueError
    except (TypeError, ValueError):
        message = f"{row.get('day')!r} is not a day; write a number of days, for example 12.5"
        findings.append(Finding(name, line, 1, "day", message))
        day = 0.0
    named = {key: row[key] for key in ("indication", "centre") if row.get(key)}
    return {"at": f"{day!r} d", **named}
