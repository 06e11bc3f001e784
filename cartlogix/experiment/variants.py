"""A scenario of an experiment file, to be had with other values while the study goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cartlogix.scenario.compose import Composed, changed, read_layers
from cartlogix.scenario.loader import Loaded, judged
from cartlogix.scenario.model import Scenario


@dataclass(frozen=True)
class Variants:
    """Makes variants of one scenario; its files are read once."""

    name: str
    """Name in the experiment; that of every variant: one that is not changed is one scenario."""
    title: str | None
    file: Path
    changes: Mapping[str, Any] = field(default_factory=dict)
    """What the experiment sets in it."""
    overrides: Sequence[str] = ()
    root: Path | None = None
    _layers: list[Composed] = field(default_factory=list, repr=False, compare=False)

    def at(self, values: Mapping[str, Any]) -> Scenario:
        """Return the scenario with values by dotted path.

        Raises:
            InvalidInput: if a path leads nowhere, or the scenario does not allow a value.
        """
        return self.loaded(values).scenario

    def loaded(self, values: Mapping[str, Any]) -> Loaded:
        """Return the same with the warnings about it.

        Raises:
            InvalidInput: if a path leads nowhere, or the scenario does not allow a value.
        """
        if not self._layers:
            self._layers.append(read_layers(self.file, self.root))
        composed = changed(self._layers[0], self.overrides, {**self.changes, **values})
        found = judged(composed, self.file)
        named = {"name": self.name, "title": self.title or found.scenario.title}
        return replace(found, scenario=found.scenario.model_copy(update=named))
