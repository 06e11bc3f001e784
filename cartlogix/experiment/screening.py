"""Indices of Morris and of Sobol; the only door to SALib (the extra `sensitivity`).

Sources: Morris, Technometrics 33 (1991) 161-174; Campolongo, Cariboni and Saltelli, Environmental
Modelling and Software 22 (2007) 1509-1518, for the mean of absolute effects; Sobol, Mathematics and
Computers in Simulation 55 (2001) 271-280; Saltelli et al., Computer Physics Communications 181
(2010) 259-270, for the estimators.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from cartlogix.analysis.statistics import Floats, bonferroni_level
from cartlogix.experiment.responses import Key
from cartlogix.ground.errors import Finding, InvalidInput

Model = Callable[[Floats], Mapping[Key, Floats]]
"""Given quantiles (a row for each point, a column for each input), returns the mean figures."""
MORRIS = ("scenario", "kpi", "input", "mu_star", "mu_star_half", "mu", "sigma")
SOBOL = ("scenario", "kpi", "input", "first", "first_half", "total", "total_half")
_LEVELS = 4


def morris(inputs: Sequence[str], model: Model, trajectories: int, seed: int) -> pd.DataFrame:
    """Return the elementary effects of inputs over their whole range, by figure.

    `mu_star` is the mean absolute effect with the half-width of its interval, `mu` the mean effect
    and `sigma` its spread, which is large where inputs act together or not in proportion. The
    intervals of all inputs of a figure hold together with 95 % (Bonferroni).

    Raises:
        InvalidInput: if SALib is not installed.
    """
    with _salib() as salib:
        problem = _problem(inputs)
        places = salib.morris_sample(problem, trajectories, num_levels=_LEVELS, seed=seed)
        rows, sure = [], bonferroni_level(len(inputs))
        for key, values in model(places).items():
            if not _varies(values):
                rows += [(*key, name, 0.0, 0.0, 0.0, 0.0) for name in inputs]
                continue
            found = salib.morris_indices(
                problem, places, values, num_levels=_LEVELS, conf_level=sure, seed=seed
            )
            columns = (found[name] for name in ("mu_star", "mu_star_conf", "mu", "sigma"))
            rows += [(*key, *row) for row in zip(inputs, *map(_floats, columns), strict=True)]
    return pd.DataFrame(rows, columns=list(MORRIS))


def sobol(inputs: Sequence[str], model: Model, samples: int, seed: int) -> pd.DataFrame:
    """Return the shares of variance that inputs cause alone (`first`) and in all (`total`).

    Each has the half-width of its bootstrap interval; those of all inputs of a figure hold together
    with 95 % (Bonferroni). `samples * (inputs + 2)` points are run.

    Raises:
        InvalidInput: if SALib is not installed.
    """
    with _salib() as salib:
        problem = _problem(inputs)
        places = salib.sobol_sample(problem, samples, calc_second_order=False, seed=seed)
        rows, sure = [], bonferroni_level(2 * len(inputs))
        for key, values in model(places).items():
            if not _varies(values):
                rows += [(*key, name, *(float("nan"),) * 4) for name in inputs]
                continue
            found = salib.sobol_indices(
                problem, values, calc_second_order=False, conf_level=sure, seed=seed
            )
            columns = (found[name] for name in ("S1", "S1_conf", "ST", "ST_conf"))
            rows += [(*key, *row) for row in zip(inputs, *map(_floats, columns), strict=True)]
    return pd.DataFrame(rows, columns=list(SOBOL))


def _problem(inputs: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(inputs), "names": list(inputs), "bounds": [[0.0, 1.0]] * len(inputs)}


def _varies(values: Floats) -> bool:
    return bool(np.isfinite(values).all() and np.ptp(values) > 0)


def _floats(values: Any) -> list[float]:  # noqa: ANN401 - an array of a library without types
    return [float(value) for value in values]


@contextmanager
def _salib() -> Iterator[Any]:
    try:
        from SALib.analyze import morris as morris_indices  # noqa: PLC0415 - an extra
        from SALib.analyze import sobol as sobol_indices  # noqa: PLC0415
        from SALib.sample import morris as morris_sample  # noqa: PLC0415
        from SALib.sample import sobol as sobol_sample  # noqa: PLC0415
    except ImportError:
        message = "this method needs SALib; install cartlogix[sensitivity]"
        raise InvalidInput([Finding("--method", 0, 0, "", message)]) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield SimpleNamespace(
            morris_sample=morris_sample.sample,
            morris_indices=morris_indices.analyze,
            sobol_sample=sobol_sample.sample,
            sobol_indices=sobol_indices.analyze,
        )
