"""Writing a scenario as YAML."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML

from cartlogix.scenario.model import Scenario


def to_yaml(scenario: Scenario) -> str:
    """Return the resolved scenario as YAML that reads back as the same scenario."""
    return dump(scenario.plain())


def dump(data: Any) -> str:
    """Return plain data as YAML, keys in their order."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.allow_unicode = True
    yaml.width = 100
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()
