"""When a study has enough replications: by hand, and against the rule written out plainly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from cartlogix.analysis.statistics import mean_interval
from cartlogix.experiment.precision import HalfWidth, Precision, Stopping

KPI = "enrolment_to_infusion.mean"


def rule(minimum: int = 3, maximum: int = 1000, look_ahead: int = 5, **target: float) -> Precision:
    wanted = HalfWidth(kpi=KPI, **target)  # type: ignore[arg-type]
    return Precision(half_width=(wanted,), minimum=minimum, maximum=maximum, look_ahead=look_ahead)


def run(stopping: Stopping, values: list[float]) -> int:
    for value in values:
        stopping.add({"a": {KPI: value}})
        if stopping.over:
            break
    return stopping.done


def test_by_hand() -> None:
    # 9, 10, 11: sd 1, t(0.975; 2) = 4.3027, so 2.484. A fourth 10: sd 0.8165, t(3) = 3.1824, 1.299.
    stopping = Stopping(rule(look_ahead=0, absolute=2.49), ())
    assert (run(stopping, [9, 10, 11, 10]), stopping.since) == (3, 3)
    stopping = Stopping(rule(look_ahead=0, absolute=2.48), ())
    assert (run(stopping, [9, 10, 11, 10]), stopping.since) == (4, 4)
    (width,) = stopping.widths()
    assert width.half == pytest.approx(1.2992, abs=1e-4)
    assert stopping.reached


def test_a_look_ahead_that_meets_a_wide_interval_starts_again() -> None:
    # Narrow after three, wide again with the fourth value; then narrow for good.
    values = [10.0, 10.0, 10.0, 40.0] + [10.0, 40.0] * 200
    stopping = Stopping(rule(look_ahead=5, absolute=5.0), ())
    done = run(stopping, values)
    first = next(n for n in range(4, 400) if all(_half(values[:m]) <= 5.0 for m in range(n, n + 6)))
    assert stopping.since == first > 4
    assert done == first + 5


def _half(values: list[float]) -> float:
    found = mean_interval(values)
    return found.high - found.estimate


def test_agrees_with_the_rule_written_out(seed: int = 11) -> None:
    for shape in range(20):
        random = np.random.default_rng(seed + shape)
        values = [float(v) for v in random.gamma(2.0, 5.0, 3000)]
        stopping = Stopping(rule(relative=0.05, maximum=3000), ())
        run(stopping, values)
        # Plainly: the first n whose intervals, up to n + floor(k max(n, 100) / 100), are narrow.
        narrow = [n >= 3 and _half(values[:n]) <= 0.05 * float(np.mean(values[:n]))
                  for n in range(1, stopping.done + 1)]  # fmt: skip
        first = next(n for n in range(3, 3000) if all(narrow[n - 1 : n + 5 * max(n, 100) // 100]))
        assert stopping.since == first
        assert stopping.done == first + 5 * max(first, 100) // 100


def test_differences_must_be_narrow_too() -> None:
    # Both figures swing by 1 around 100, against each other: their difference swings by 2.
    stopping = Stopping(rule(minimum=4, look_ahead=0, absolute=2.0), [("a", "b")])
    for sign in (1, -1) * 2:
        stopping.add({"a": {KPI: 100.0 + sign}, "b": {KPI: 100.0 - sign}})
    halves = [width.half for width in stopping.widths()]
    # By hand: sd 1.1547 and 2.3094, t(3) = 3.1824, root of 4.
    assert halves == pytest.approx([1.8374, 1.8374, 3.6747], abs=1e-4)
    assert not stopping.reached


def test_what_is_never_known_is_never_narrow_and_the_budget_ends_it() -> None:
    stopping = Stopping(rule(maximum=6, absolute=1.0), ())
    assert run(stopping, [math.nan] * 10) == 6
    assert not stopping.reached
    assert stopping.over


def test_targets_are_checked() -> None:
    for wrong in ({}, {"absolute": 1.0, "relative": 0.1}, {"absolute": -1.0}):
        with pytest.raises(ValidationError):
            HalfWidth(kpi=KPI, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="did you mean"):
        HalfWidth(kpi="enrolment_to_infusion.men", absolute=1.0)
    with pytest.raises(ValidationError, match="maximum"):
        rule(minimum=9, maximum=8, absolute=1.0)
