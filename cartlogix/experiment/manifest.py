"""The manifest of a result folder: what is needed to get the same numbers again."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cartlogix.experiment.folder import slug
from cartlogix.experiment.measure import Failed
from cartlogix.experiment.plan import Arm, Study
from cartlogix.experiment.results import Results
from cartlogix.experiment.until_precise import Reached
from cartlogix.experiment.version import code_digest, versions


def manifest(
    study: Study,
    results: Results,
    failures: Sequence[Failed],
    precise: Reached | None = None,
    *,
    command: str,
    jobs: int,
    seconds: float,
) -> dict[str, Any]:
    """Return the manifest of a study that has ended, without the digests of its files."""
    return {
        "study": study.name,
        "title": study.title,
        "question": study.question,
        "status": "partial" if failures else "complete",
        "command": command,
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "wall_seconds": round(seconds, 3),
        "jobs": jobs,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": dict(versions()),
        "code": code_digest(),
        "currency": results.scenarios[0].costs.currency if results.scenarios else "",
        "factors": [
            {"name": one.name, "label": one.label, "paths": list(one.paths)}
            for one in study.factors
        ],
        **({"precision": asdict(precise)} if precise else {}),
        "scenarios": [_scenario(arm) for arm in study.arms],
        "failures": [
            {
                "scenario": failed.scenario,
                "replication": failed.replication,
                "seed": failed.seed,
                "reason": failed.reason,
            }
            for failed in failures
        ],
        "warnings": [
            *(
                f"{arm.scenario.label}: {finding.path}: {finding.message}"
                for arm in study.arms
                for finding in arm.warnings
            ),
            *results.warnings,
        ],
    }


def _scenario(arm: Arm) -> dict[str, Any]:
    return {
        "name": arm.name,
        "folder": f"scenarios/{slug(arm.name)}",
        "seed": arm.scenario.run.seed,
        "replications": arm.scenario.run.replications,
        "digest": arm.scenario.digest(),
        "overrides": list(arm.composed.overrides),
    }
