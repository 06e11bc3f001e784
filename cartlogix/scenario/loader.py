"""From a YAML file to a frozen Scenario: the one way in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.checks import check
from cartlogix.scenario.compose import Composed, compose
from cartlogix.scenario.findings import findings_from
from cartlogix.scenario.kind import demand_kind
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.nodes import Mark, dotted
from cartlogix.scenario.problem import Problem
from cartlogix.scenario.sheet import Limit, beside, read_csv
from cartlogix.scenario.snapshot_files import with_tables

_LARGEST_CSV = Limit(50_000_000, "at most 50 MB are read")


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
    return judged(compose(path, overrides, root, factors), path)


def judged(composed: Composed, path: Path) -> Loaded:
    """Validate and check the composed data of a scenario file.

    Raises:
        InvalidInput: with every finding at once.
    """
    demand_kind(composed.root, "scenario")
    composed = replace(composed, root=with_tables(composed.root, path))
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
    patients = _read_patients(beside(name, folder, mark, "demand.arrivals.file"), mark)
    return {**data, "demand": {**demand, "arrivals": {"process": "list", "patients": patients}}}


def _read_patients(path: Path, mark: Mark) -> list[dict[str, Any]]:
    sheet = read_csv(path, mark, "demand.arrivals.file", _LARGEST_CSV)
    sheet.require(("day", "indication", "centre"), ("day",))
    findings: list[Finding] = []
    patients = []
    for number, cells in sheet.rows:
        row = dict(zip(sheet.columns, cells, strict=True))
        patients.append(_patient(row, sheet.place(number, 1), findings))
    if findings:
        raise InvalidInput(findings[:100])
    return patients


def _patient(row: Mapping[str, str], mark: Mark, findings: list[Finding]) -> dict[str, Any]:
    try:
        day = float(row["day"])
        if not 0 <= day < 1e6:
            raise ValueError
    except ValueError:
        message = f"{row['day']!r} is not a day; write a number of days, for example 12.5"
        findings.append(Finding(*mark, "day", message))
        day = 0.0
    named = {key: row[key] for key in ("indication", "centre") if row.get(key)}
    return {"at": f"{day!r} d", **named}
