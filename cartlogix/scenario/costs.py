"""Activity-based costs: every line says what it is charged for, and who bears it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cartlogix.scenario.base import Name, Part, Text
from cartlogix.scenario.quantity import Money

Driver = Literal[
    "step",
    "shipment",
    "patient",
    "dose",
    "lot",
    "lot_step",
    "wasted_lot",
    "wasted_dose",
    "dose_day",
    "resource_day",
    "busy_day",
]
Bearer = Literal["manufacturer", "provider"]
Perspective = Literal["manufacturer", "provider", "system"]


class CostLine(Part):
    """One price and what it is charged for."""

    name: Name
    """Name of the line in the ledger."""
    category: Name | None = None
    """Category by which the report adds up; the line's name if left out."""
    per: Driver
    """What the amount is charged for: each start of a patient's `step`; each `shipment` on top
    of the lane's price; each enrolled `patient`; each `dose` issued; each `lot` started; each
    start of a lot's step (`lot_step`); each `wasted_lot` or `wasted_dose`; each `dose_day` in
    store; each `resource_day` of capacity, used or not; each `busy_day` of a resource."""
    amount: Money
    """Price in the scenario's currency."""
    of: tuple[Name, ...] = ()
    """Names it applies to: steps, stocks or resources, as the driver asks; all if left out."""
    pathways: tuple[Name, ...] = ()
    """Pathways whose patients it applies to; all if left out."""
    borne_by: Bearer = "manufacturer"
    """Who pays: the manufacturer or the provider (hospital)."""
    kind: Literal["fixed", "variable"] | None = None
    """Fixed or variable; a `resource_day` is fixed and all else variable if left out."""

    @property
    def is_fixed(self) -> bool:
        """Whether the line is a fixed cost."""
        return (self.kind or ("fixed" if self.per == "resource_day" else "variable")) == "fixed"


class Costs(Part):
    """All prices, in one currency at the prices of one year."""

    currency: Annotated[str, Field(min_length=1, max_length=40)] = "USD"
    """Currency of every amount (free text)."""
    price_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    """Year whose prices the amounts are in."""
    perspective: Perspective = "system"
    """Whose costs count: the manufacturer's, the provider's, or the whole system's."""
    transport_borne_by: Bearer = "manufacturer"
    """Who pays the lanes' shipment prices."""
    note: Text | None = None
    """Remarks on the cost data."""
    lines: tuple[CostLine, ...] = ()
    """The cost lines."""

    @model_validator(mode="after")
    def _step_lines_name_steps(self) -> Costs:
        for line in self.lines:
            if line.per in ("step", "lot_step") and not line.of:
                raise ValueError(f"cost line '{line.name}' is per {line.per}: name steps in 'of'")
        return self
