"""The scenario itself: all parts of one fully specified system."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from cartlogix.scenario.allocation import Preference
from cartlogix.scenario.base import Name, Part, Text
from cartlogix.scenario.costs import Costs
from cartlogix.scenario.demand import Demand
from cartlogix.scenario.disruption import Disruption
from cartlogix.scenario.network import Network
from cartlogix.scenario.pathway import Pathway
from cartlogix.scenario.run import Run
from cartlogix.scenario.snapshot import Snapshot
from cartlogix.scenario.stock import Stock

_NOT_NUMBERS = frozenset({"title", "description", "source", "note"})


class Published(Part):
    """A published figure that a run of this scenario should reproduce."""

    kpi: Name
    """Name of the KPI, as in the tidy KPI table."""
    group: str = ""
    """Group within the KPI: a step, pool, stock or cause; empty if it has none."""
    indication: Name = "all"
    """Indication, or `all` for the pooled figure."""
    low: float
    """Lower end of the accepted band."""
    high: float
    """Upper end of the accepted band."""
    published: Text
    """The published value, in words."""
    source: Text
    """Where it was published."""
    known_miss: Text | None = None
    """Why the model is known to miss the band, where that is understood; it is still shown."""


class Scenario(Part):
    """One fully specified system, frozen."""

    name: Annotated[str, Field(min_length=1, max_length=300)]
    """Name of the scenario."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    description: Text | None = None
    """What the scenario stands for."""
    demand: Demand
    """Who needs treatment."""
    network: Network = Network()
    """Where things happen."""
    stocks: tuple[Stock, ...] = ()
    """Inventories of finished doses."""
    pathways: Annotated[tuple[Pathway, ...], Field(min_length=1)]
    """The ways in which patients are supplied."""
    allocation: tuple[Preference, ...] = ()
    """Which pathway serves whom: the first preference that concerns a patient decides, and the
    pathways' shares where none does."""
    disruptions: tuple[Disruption, ...] = ()
    """What goes wrong from outside; the same in every scenario that is compared."""
    costs: Costs = Costs()
    """Prices."""
    run: Run = Run()
    """Window, replications and seed."""
    snapshot: Snapshot = Snapshot()
    """Where patients and lots are at day 0; nobody and nothing if left out."""
    expect: tuple[Published, ...] = ()
    """Published figures to compare with (validation cases)."""

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Scenario:
        """Validate plain YAML data.

        Raises:
            pydantic.ValidationError: with every finding at once.
        """
        return cls.model_validate(_tuples(data))

    @property
    def label(self) -> str:
        """The title if there is one, otherwise the name."""
        return self.title or self.name

    def repeated(self, replications: int) -> Scenario:
        """Return the same scenario with so many replications."""
        run = self.run.model_copy(update={"replications": replications})
        return self.model_copy(update={"run": run})

    def plain(self) -> dict[str, Any]:
        """Return the resolved scenario as plain YAML data, defaults included."""
        plain: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        return plain

    def digest(self) -> str:
        """Return a hash of everything that can change a number, as 64 hex digits.

        The scenario's name, titles, descriptions, sources and notes do not count.
        """
        body = {key: item for key, item in self.plain().items() if key not in ("name", "expect")}
        text = json.dumps(_numbers_only(body), sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _tuples(item: Any) -> Any:
    """Turn lists into tuples: strict validation of frozen parts takes nothing else."""
    if isinstance(item, Mapping):
        return {key: _tuples(value) for key, value in item.items()}
    return tuple(map(_tuples, item)) if isinstance(item, list) else item


def _numbers_only(item: Any) -> Any:
    if isinstance(item, dict):
        return {k: _numbers_only(v) for k, v in item.items() if k not in _NOT_NUMBERS}
    return [_numbers_only(v) for v in item] if isinstance(item, list) else item
