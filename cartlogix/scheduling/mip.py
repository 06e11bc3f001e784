"""Linear and integer programs over columns, solved by HiGHS through OR-Tools' MathOpt."""

from __future__ import annotations

import contextlib
import datetime
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from scipy import sparse

from cartlogix.scheduling import background

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Program:
    """min cost x, lower <= matrix x <= upper, least <= x <= most."""

    cost: Floats
    matrix: sparse.csc_array
    lower: Floats
    upper: Floats
    least: Floats
    most: Floats
    integer: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """What came of a program.

    Attributes:
        x: The solution, None if there is none.
        value: Its value.
        bound: Proven lower bound of any solution's value.
        duals: Of the rows, for a linear program.
        infeasible: Whether it is proven that there is no solution.
    """

    x: Floats | None
    value: float
    bound: float
    duals: Floats | None
    infeasible: bool


NOTHING = Answer(None, np.inf, -np.inf, None, infeasible=False)


def solve_program(
    program: Program,
    *,
    seconds: float | None,
    nodes: int | None = None,
    hint: Floats | None = None,
    tolerance: float = 1e-6,
    stopped: Callable[[], bool],
) -> Answer:
    """Solves a program, within a limit of time or (repeatably) of nodes.

    Args:
        program: The program.
        seconds: Wall-clock limit, None for none.
        nodes: Limit of the branch-and-bound tree, None for none.
        hint: A solution to begin with.
        tolerance: Absolute gap at which a solution counts as optimal.
        stopped: Asked while the solver works; once true, what it does is given up.
    """
    model = mathopt.Model.from_model_proto(_proto(program))
    parameters = mathopt.SolveParameters(
        time_limit=None if seconds is None else datetime.timedelta(seconds=max(seconds, 0.01)),
        node_limit=nodes,
        absolute_gap_tolerance=tolerance,
        relative_gap_tolerance=0.0,
    )
    extra = mathopt.ModelSolveParameters()
    if hint is not None:
        variables = list(model.variables())
        values = {variables[index]: float(hint[index]) for index in range(len(variables))}
        extra.solution_hints.append(mathopt.SolutionHint(variable_values=values))

    def work() -> mathopt.SolveResult | None:
        # A solver that breaks down has found nothing; its error has no type of its own.
        with contextlib.suppress(Exception):
            return mathopt.solve(
                model, mathopt.SolverType.HIGHS, params=parameters, model_params=extra
            )
        return None

    with _quiet():
        result = background.run(work, stopped, None)
    return NOTHING if result is None else _answer(result, program)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what HiGHS prints by itself, whatever it is told, out of the standard output."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def _answer(result: mathopt.SolveResult, program: Program) -> Answer:
    reason = result.termination.reason
    infeasible = reason == mathopt.TerminationReason.INFEASIBLE
    bound = result.termination.objective_bounds.dual_bound
    if not result.has_primal_feasible_solution():
        return Answer(None, np.inf, bound, None, infeasible)
    values = result.variable_values()
    x = np.fromiter(values.values(), dtype=float, count=len(values))
    duals = None
    if not program.integer.any() and result.has_dual_feasible_solution():
        prices = result.dual_values()
        duals = np.fromiter(prices.values(), dtype=float, count=len(prices))
    return Answer(x, result.objective_value(), bound, duals, infeasible)


def _proto(program: Program) -> model_pb2.ModelProto:
    model = model_pb2.ModelProto()
    rows, count = program.matrix.shape
    model.variables.ids.extend(range(count))
    model.variables.lower_bounds.extend(program.least.tolist())
    model.variables.upper_bounds.extend(program.most.tolist())
    model.variables.integers.extend(program.integer.tolist())
    model.linear_constraints.ids.extend(range(rows))
    model.linear_constraints.lower_bounds.extend(program.lower.tolist())
    model.linear_constraints.upper_bounds.extend(program.upper.tolist())
    by_row = sparse.csr_array(program.matrix)
    by_row.sort_indices()
    model.linear_constraint_matrix.row_ids.extend(
        np.repeat(np.arange(rows), np.diff(by_row.indptr)).tolist()
    )
    model.linear_constraint_matrix.column_ids.extend(by_row.indices.tolist())
    model.linear_constraint_matrix.coefficients.extend(by_row.data.tolist())
    priced = np.flatnonzero(program.cost)
    model.objective.linear_coefficients.ids.extend(priced.tolist())
    model.objective.linear_coefficients.values.extend(program.cost[priced].tolist())
    return model
