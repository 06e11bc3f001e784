"""What can go wrong at a step, who notices, and what follows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cartlogix.scenario.base import Name, Part, PositiveCount
from cartlogix.scenario.quantity import (
    Number,
    PositiveDuration,
    Probability,
    number,
    probability,
)


class Branch(Part):
    """One thing that may follow a failure."""

    action: Literal["remake", "infuse", "lost", "switch"]
    """`remake`: try again; `infuse`: go on with the out-of-specification product; `lost`: the
    patient (or lot) is lost; `switch`: the patient changes to another pathway."""
    share: Number = number(1)
    """Relative share of failures that take this branch."""
    material: Literal["stored", "new"] = "stored"
    """A remake starts from stored material (at manufacture) or a new apheresis."""
    from_step: Name | None = None
    """Step at which a remake starts again; overrides `material`."""
    queue: Literal["back", "front", "same_suite"] = "back"
    """A remake joins the back or the front of the queue, or keeps the suite it holds."""
    pathway: Name | None = None
    """Pathway to which the patient switches."""

    @model_validator(mode="after")
    def _pathway_with_switch(self) -> Branch:
        if (self.action == "switch") != (self.pathway is not None):
            raise ValueError("'pathway' goes with 'action: switch', and only with it")
        return self


def _one_word(given: Any) -> Any:
    return {"action": given} if isinstance(given, str) else given


def _one_or_more(given: Any) -> Any:
    given = _one_word(given)
    return (given,) if isinstance(given, dict) else given


def _exhausted_ends(given: Branch) -> Branch:
    if given.action == "remake":
        raise ValueError("'exhausted' cannot be a remake: no attempt is left")
    return given


def _some_are_taken(given: tuple[Branch, ...]) -> tuple[Branch, ...]:
    if sum(branch.share.value for branch in given) <= 0:
        raise ValueError("the shares of 'then' must not all be 0")
    return given


_Then = Annotated[
    tuple[Branch, ...],
    Field(min_length=1),
    BeforeValidator(_one_or_more),
    AfterValidator(_some_are_taken),
]
_Exhausted = Annotated[Branch, BeforeValidator(_one_word), AfterValidator(_exhausted_ends)]


class Errors(Part):
    """How often a test is wrong. It looks for what is bad: finding it is a positive."""

    false_positive: Probability = probability(0)
    """Probability that a good product fails the test, and what follows a failure follows."""
    false_negative: Probability = probability(0)
    """Probability that a bad product passes it, is released, and is given to patients."""


class Failure(Part):
    """What can go wrong at the end of a step."""

    probability: Probability
    """Probability that an attempt fails; with a `test`, that the product is bad."""
    test: Errors | None = None
    """How often the test at the end of the step errs; it never does if left out."""
    by_indication: dict[Name, Probability] = Field(default_factory=dict)
    """Probability for single indications instead."""
    later_attempts: Probability | None = None
    """Probability for the second and later attempts, if it differs."""
    then: _Then = (Branch(action="lost"),)
    """What follows, by share: a list of branches, or one word for the only branch."""
    max_attempts: PositiveCount | None = 3
    """Attempts allowed, the first included; `null` means without limit."""
    exhausted: _Exhausted = Branch(action="lost")
    """What follows when a remake is due but no attempt is left."""

    def seen(self, bad: float) -> float:
        """Return the chance that an attempt fails whose product is bad with this one."""
        if self.test is None:
            return bad
        found = bad * (1 - self.test.false_negative.value)
        return found + (1 - bad) * self.test.false_positive.value


class Fresh(Part):
    """Fresh material that a step needs: how long it lives, and what follows when it is too old."""

    life: PositiveDuration
    """Time from the end of the step `from` to the latest start of this one."""
    from_: Name = Field("apheresis", alias="from")
    """Step at whose end the life begins."""
    then: _Then = (Branch(action="remake", material="new"),)
    """What follows when it is over, by share; a new apheresis if left out."""
    max_attempts: PositiveCount | None = 3
    """Attempts allowed, the first included; `null` means without limit."""
    exhausted: _Exhausted = Branch(action="lost")
    """What follows when a remake is due but no attempt is left."""

    @property
    def failure(self) -> Failure:
        """What is too old as a failure that always happens."""
        return Failure(
            probability=probability(1),
            then=self.then,
            max_attempts=self.max_attempts,
            exhausted=self.exhausted,
        )
