"""JSON Schemas of scenario and experiment files, for editors."""

from __future__ import annotations

from typing import Any

from cartlogix.experiment.study import Experiment
from cartlogix.scenario.model import Scenario

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXTENDS = {
    "description": "File or files whose content this file changes; later ones win.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}


def scenario_schema() -> dict[str, Any]:
    """Return the schema of a scenario file.

    A file that extends another one may leave out what the other one says, so only the types are
    demanded here; ``validate`` judges the composed scenario.
    """
    schema = Scenario.model_json_schema(by_alias=True)
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("required", None)
    schema["properties"]["extends"] = _EXTENDS
    return {"$schema": _DIALECT, **schema, "title": "cartlogix scenario"}


def experiment_schema() -> dict[str, Any]:
    """Return the schema of an experiment file."""
    schema = Experiment.model_json_schema(by_alias=True)
    return {"$schema": _DIALECT, **schema, "title": "cartlogix experiment"}
