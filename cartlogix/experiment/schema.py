"""JSON Schemas of scenario and experiment files, for editors."""

from __future__ import annotations

from typing import Any

from cartlogix.experiment.experiment import Experiment
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import MODE_KEYS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXTENDS = {
    "description": "File or files whose content this file changes; later ones win.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}
_OF_NAMED = {
    "remove": {"const": True, "description": "Takes the thing of this name out of the list."},
    "before": {"type": "string", "description": "Puts a new thing before the one of this name."},
}
"""What an item with a name may say to the list that it extends."""
_WORD = {"type": "string"}
_SHORT_FORMS: dict[str, tuple[dict[str, Any], ...]] = {
    "Resource": ({"type": "integer", "minimum": 1}, {"type": "null"}),
    "Need": (_WORD,),
    "Ship": (_WORD,),
    "Draw": (_WORD,),
    "FromStock": (_WORD,),
    "Branch": ({"enum": ["remake", "infuse", "lost", "switch"]},),
}
"""What may be written instead of the mapping."""
_LISTS_OF_ONE = (("Step", "needs"), ("Failure", "then"), ("Draw", "stock"), ("PickUp", "at"))
"""Lists whose only item may stand without the list."""


def scenario_schema() -> dict[str, Any]:
    """Return the schema of a scenario file, with every short form that may be written.

    A file that extends another one may leave out what the other one says, so only the types are
    demanded here; ``validate`` judges the composed scenario.
    """
    schema = Scenario.model_json_schema(by_alias=True)
    parts = schema["$defs"]
    for part in (schema, *parts.values()):
        part.pop("required", None)
        if "name" in part["properties"]:
            part["properties"] |= _OF_NAMED
    for word in _OF_NAMED:
        schema["properties"].pop(word)
    schema["properties"]["extends"] = _EXTENDS
    parts["Lane"]["properties"] |= {key: parts["Mode"]["properties"][key] for key in MODE_KEYS}
    for name, key in _LISTS_OF_ONE:
        listed = parts[name]["properties"][key]
        array = {word: listed.pop(word) for word in ("type", "items", "minItems") if word in listed}
        listed["anyOf"] = [array, array["items"]]
    for name, forms in _SHORT_FORMS.items():
        parts[name] = {"anyOf": [parts[name], *forms]}
    return {"$schema": _DIALECT, **schema, "title": "cartlogix scenario"}


def experiment_schema() -> dict[str, Any]:
    """Return the schema of an experiment file."""
    schema = Experiment.model_json_schema(by_alias=True)
    return {"$schema": _DIALECT, **schema, "title": "cartlogix experiment"}
