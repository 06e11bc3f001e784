"""Tests that err: a good product that fails, a bad one that passes."""

from __future__ import annotations

from collections.abc import Sequence

from cartlogix.ground.streams import Streams
from cartlogix.pathways.route import RouteFailure
from cartlogix.scenario.failure import Errors
from cartlogix.sim.recorder import Misjudged
from cartlogix.sim.station import Chances, Tried


class TestedChances(Chances):
    """Whether a step fails whose test errs.

    One number decides, u: the product is bad if u < p, and of the bad ones those nearest to p pass
    (false negatives); of the good ones those nearest to p fail (false positives). So scenarios that
    differ in their tests make the same products bad, and without errors u < p fails as ever.
    """

    __slots__ = ("_bit", "_label", "_noted", "_test")

    def __init__(
        self,
        failure: RouteFailure,
        test: Errors,
        indications: Sequence[str],
        purpose: str,
        streams: Streams,
        index: int,
        label: float,
        noted: list[Misjudged],
    ) -> None:
        super().__init__(failure, indications, purpose, streams)
        self._test = test
        self._bit = 1 << index
        self._label = label
        self._noted = noted

    def fail(self, who: Tried) -> bool:
        """Return whether the test fails the product; note it where that is wrong."""
        u = self._luck(who)
        bad = (self._first if who.attempt == 1 else self._later)[who.indication]
        if u < bad * (1 - self._test.false_negative.value):
            return True
        if u < bad:
            who.flaws |= self._bit
            self._note(who, "false_negative")
            return False
        if u < bad + (1 - bad) * self._test.false_positive.value:
            self._note(who, "false_positive")
            return True
        return False

    def _note(self, who: Tried, error: str) -> None:
        self._noted.append(Misjudged(self._label, who.number, who.attempt, who.clock, error))
