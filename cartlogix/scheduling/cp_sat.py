"""Constraint programming with CP-SAT: small problems to a proof, large ones a part at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from ortools.sat.python import cp_model

from cartlogix.scheduling import background
from cartlogix.scheduling.cp_costs import scaled
from cartlogix.scheduling.cp_jobs import Choices
from cartlogix.scheduling.cp_resources import limit
from cartlogix.scheduling.cp_terms import priced
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Status
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.verify import recompute, violations

WORK_PER_EFFORT = 0.15
"""CP-SAT's deterministic time in about a second of a usual core, as measured on slot problems."""

TOLERANCE = 1e-9
"""Relative difference of two values that floating point alone may make."""


class Found(NamedTuple):
    """What constraint programming found.

    Attributes:
        plan: The incumbent or better; None if there was none and none was found.
        bounds: Proven lower bound of each level, given the values reached on those before it.
        status: "optimal" where every bound meets its value, "feasible", "infeasible" or "unknown".
    """

    plan: Plan | None
    bounds: tuple[float, ...]
    status: Status


@dataclass(frozen=True)
class Limits:
    """What is left to spend; None is no limit."""

    seconds: float | None
    effort: float | None
    seed: int
    stopped: Callable[[], bool]

    def share(self, parts: int) -> Limits:
        """An equal part of it."""
        return replace(
            self,
            seconds=None if self.seconds is None else max(self.seconds, 0.0) / parts,
            effort=None if self.effort is None else max(self.effort, 0.0) / parts,
        )

    def less(self, seconds: float, effort: float) -> Limits:
        """What is left after some is spent."""
        return replace(
            self,
            seconds=None if self.seconds is None else self.seconds - seconds,
            effort=None if self.effort is None else self.effort - effort,
        )


def solve_cp(
    problem: Problem,
    objective: Objective,
    incumbent: Plan | None = None,
    *,
    seconds: float | None = None,
    effort: float | None = None,
    seed: int = 1,
    stopped: Callable[[], bool] = lambda: False,
    fixed: Collection[int] = (),
) -> Found:
    """The best plan that CP-SAT finds, level after level, and what it proves.

    Repeats exactly when only `effort` limits it. With `fixed`, bounds and "optimal" speak of the
    neighbourhood, the plans in which those jobs stay as they are.

    Args:
        problem: What is to be scheduled.
        objective: What is wanted.
        incumbent: A plan to begin with; the answer is never worse, where it is feasible.
        seconds: Limit on wall-clock time.
        effort: Limit on deterministic time, about seconds.
        seed: Of the search.
        stopped: Asked all the time; once true, the search ends.
        fixed: Places of jobs that stay as in the incumbent.
    """
    search = _Search(problem, objective, incumbent, fixed)
    return search.run(Limits(seconds, effort, seed, stopped))


class _Search:
    """One model, minimised one level after the other."""

    def __init__(
        self, problem: Problem, objective: Objective, incumbent: Plan | None, fixed: Collection[int]
    ) -> None:
        self.problem = problem
        self.objective = objective
        self.model = cp_model.CpModel()
        self.choices = Choices(self.model, problem, incumbent, fixed)
        weights = [name for level in objective.levels for name, weight in level.items() if weight]
        extras = [
            limit(
                self.choices,
                resource,
                count_overtime="overtime" in weights
                or ("cost" in weights and resource.overtime_cost > 0),
            )
            for resource in problem.resources
        ]
        levels = [priced(self.choices, extras, level) for level in objective.levels]
        self.bounds = [level.least for level in levels]
        self.levels = [scaled(level, len(problem.jobs)) for level in levels]
        self.plan: Plan | None = None
        self.values: tuple[float, ...] = ()
        if incumbent is not None:
            self.choices.hint(incumbent)
            if not violations(problem, incumbent):
                self._take(incumbent)

    def run(self, limits: Limits) -> Found:
        """Works through the levels; each gets an equal part of what is left."""
        for number in range(max(len(self.levels), 1)):
            if limits.stopped():
                break
            if self.levels:
                self._keep(number)
                if self._proven(number):
                    continue
                self.model.minimize(self.levels[number].expression)
            elif self.plan is not None:
                break
            solver, status = _ask(self.model, limits.share(max(len(self.levels) - number, 1)))
            limits = limits.less(solver.wall_time, solver.deterministic_time / WORK_PER_EFFORT)
            if status == cp_model.INFEASIBLE:
                if self.plan is not None:
                    raise RuntimeError("the constraint model forbids a plan that is feasible")
                return Found(None, tuple(self.bounds), "infeasible")
            if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
                self._take(self.choices.plan(solver))
                self._hint_all(solver)
            elif status == cp_model.MODEL_INVALID:
                raise RuntimeError(f"the constraint model is invalid: {self.model.validate()}")
            self._prove(number, solver.best_objective_bound)
            self._keep(number)
            if self.plan is None:
                break
        return Found(self.plan, tuple(self.bounds), self._status())

    def _take(self, plan: Plan) -> None:
        values = self.objective.values(recompute(self.problem, plan))
        if self.plan is None or not _worse(values, self.values):
            self.plan, self.values = plan, values

    def _hint_all(self, solver: cp_model.CpSolver) -> None:
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for index, value in enumerate(solver.response_proto.solution):
            self.model.add_hint(self.model.get_int_var_from_proto_index(index), value)

    def _keep(self, number: int) -> None:
        """Asks for no worse a level than the plan has."""
        if self.plan is not None and self.levels:
            level = self.levels[number]
            self.model.add(level.expression <= level.ceiling(self.values[number]))

    def _prove(self, number: int, whole: float) -> None:
        if self.levels and math.isfinite(whole):
            bound = self.levels[number].bound(whole)
            self.bounds[number] = max(self.bounds[number], bound)

    def _proven(self, number: int) -> bool:
        """Whether the plan meets the bound, which then becomes the plan's own value."""
        if self.plan is None or _differ(self.values[number], self.bounds[number]):
            return False
        self.bounds[number] = self.values[number]
        return True

    def _status(self) -> Status:
        if self.plan is None:
            return "unknown"
        proven = [self._proven(number) for number in range(len(self.levels))]
        return "optimal" if all(proven) else "feasible"


def _ask(
    model: cp_model.CpModel, limits: Limits
) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    """One worker, a fixed seed, and whatever limits there are."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2  # sums over jobs need the relaxation's bound
    solver.parameters.random_seed = limits.seed
    solver.parameters.catch_sigint_signal = False
    if limits.effort is not None:
        solver.parameters.max_deterministic_time = limits.effort * WORK_PER_EFFORT
    if limits.seconds is not None:
        solver.parameters.max_time_in_seconds = limits.seconds
    status = background.run(lambda: solver.solve(model), limits.stopped, solver.stop_search)
    return solver, cp_model.UNKNOWN if status is None else status


def _differ(one: float, other: float) -> bool:
    return not math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _worse(values: tuple[float, ...], others: tuple[float, ...]) -> bool:
    """Whether values are worse at the first level on which they differ."""
    for value, other in zip(values, others, strict=True):
        if _differ(value, other):
            return value > other
    return False
