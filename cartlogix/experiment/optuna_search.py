"""Designs proposed by Optuna; the only door to it (the extra `design`).

Source: Watanabe, Tree-structured Parzen estimator (2023), with constraints as in Optuna.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cartlogix.analysis.statistics import Floats
from cartlogix.experiment.search import Design, Search
from cartlogix.ground.errors import Finding, InvalidInput


def propose(
    asked: Search,
    run: Callable[[Iterable[Design]], list[dict[str, Floats]]],
    excesses: Callable[[dict[str, Floats]], list[float]],
) -> None:
    """Run the designs that Optuna proposes, one after the other.

    The aim is the mean figure; the constraints are by how much each one-sided limit is broken.

    Raises:
        InvalidInput: if Optuna is not installed.
    """
    optuna = _optuna()

    sampler = optuna.samplers.TPESampler(seed=asked.seed)
    study = optuna.create_study(sampler=sampler, direction="minimize")
    for _ in range(min(asked.trials, asked.size)):
        trial = study.ask()
        design = tuple(
            trial.suggest_int(one.name, one.low, one.choices[-1], step=one.step)
            for one in asked.decisions
        )
        (found,) = run([design])
        for number, value in enumerate(excesses(found)):
            trial.set_constraint(f"limit {number}", min(value, 1e12))
        aim = float(found[asked.minimise].mean())
        study.tell(trial, aim if aim == aim else 1e12)  # noqa: PLR0124 - NaN


def _optuna() -> Any:  # noqa: ANN401 - a library
    try:
        import optuna  # noqa: PLC0415 - an extra
    except ImportError:
        message = "method: optuna needs Optuna; install cartlogix[design]"
        raise InvalidInput([Finding("search", 0, 0, "method", message)]) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
