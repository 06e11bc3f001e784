"""The decisions of the constraint model: whether, when and in which way each job runs.

A job that is left out starts and ends at the horizon, as in every term of an objective.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ortools.sat.python import cp_model

from cartlogix.scheduling.plan import Plan, Step, Steps
from cartlogix.scheduling.problem import Job, Operation, Problem

Literal = cp_model.IntVar
Expression = cp_model.LinearExpr


@dataclass(frozen=True)
class Tick:
    """A point in time, and the least and largest value that it may take."""

    at: Expression
    low: int
    high: int


@dataclass(frozen=True)
class OperationChoice:
    """One operation: its start, its end, and a literal for each of its modes."""

    start: Tick
    end: Tick
    ways: tuple[Literal, ...]


@dataclass(frozen=True)
class JobChoice:
    """One job.

    Attributes:
        present: Whether it is in the plan.
        always: Whether that is certain.
        operations: In their order.
        kept: Whether there is nothing to choose.
        steps: The steps at which it is kept, None where it is free or kept out of the plan.
    """

    present: Literal
    always: bool
    operations: tuple[OperationChoice, ...]
    kept: bool = False
    steps: Steps | None = None

    @property
    def start(self) -> Tick:
        """First tick; the horizon when it is left out."""
        return self.operations[0].start

    @property
    def end(self) -> Tick:
        """First tick after the last operation; the horizon when it is left out."""
        return self.operations[-1].end


class Choices:
    """The jobs' part of a constraint model."""

    def __init__(
        self,
        model: cp_model.CpModel,
        problem: Problem,
        incumbent: Plan | None,
        fixed: Collection[int],
    ) -> None:
        self.model = model
        self.problem = problem
        self.jobs = tuple(
            self._kept(job, incumbent.jobs[place])
            if incumbent is not None and place in fixed
            else self._free(job)
            for place, job in enumerate(problem.jobs)
        )
        for job, choice in zip(problem.jobs, self.jobs, strict=True):
            for name in job.after:
                before = self.jobs[problem.job_index[name]]
                model.add_implication(choice.present, before.present)
                model.add(choice.start.at >= before.end.at).only_enforce_if(choice.present)

    def hint(self, plan: Plan) -> None:
        """Lets the search begin near a plan."""
        self._hinted: set[int] = set()
        for job, choice, steps in zip(self.problem.jobs, self.jobs, plan.jobs, strict=True):
            horizon = self.problem.horizon
            if not choice.always:
                self._hint(choice.present, int(steps is not None))
            for number, operation in enumerate(choice.operations):
                step = Step(horizon, -1) if steps is None else steps[number]
                end = horizon if steps is None else end_of_step(job.operations[number], step)
                self._hint(operation.start.at, step.start)
                self._hint(operation.end.at, end)
                if len(operation.ways) > 1:
                    for index, way in enumerate(operation.ways):
                        self._hint(way, int(index == step.mode))

    def plan(self, solver: cp_model.CpSolver) -> Plan:
        """The plan that a solver found."""
        return Plan(tuple(_steps(solver, choice) for choice in self.jobs))

    def _hint(self, variable: Expression, value: int) -> None:
        # Two names may stand for one variable: what takes no time ends where it starts.
        if isinstance(variable, cp_model.IntVar) and variable.index not in self._hinted:
            self._hinted.add(variable.index)
            self.model.add_hint(variable, value)

    def _kept(self, job: Job, steps: Steps | None) -> JobChoice:
        present = self.model.new_constant(steps is not None)
        operations = []
        for number, operation in enumerate(job.operations):
            step = Step(self.problem.horizon, -1) if steps is None else steps[number]
            end = self.problem.horizon if steps is None else end_of_step(operation, step)
            ways = tuple(
                self.model.new_constant(index == step.mode) for index in range(len(operation.modes))
            )
            start = self._certain(step.start)
            operations.append(OperationChoice(start, self._certain(end), ways))
        return JobChoice(present, steps is not None, tuple(operations), kept=True, steps=steps)

    def _certain(self, tick: int) -> Tick:
        return Tick(self.model.new_constant(tick), tick, tick)

    def _free(self, job: Job) -> JobChoice:
        model, optional = self.model, job.optional
        present = model.new_bool_var("") if optional else model.new_constant(1)
        operations: list[OperationChoice] = []
        for number, operation in enumerate(job.operations):
            low, high = self._window(job, number)
            start = self._start(low, high, optional)
            ways = self._ways(operation, present)
            end = self._end(operation, start, ways, optional)
            if number:
                lag = start.at - operations[-1].end.at
                model.add(lag >= operation.min_lag).only_enforce_if(present)
                if operation.max_lag is not None:
                    model.add(lag <= operation.max_lag).only_enforce_if(present)
            if optional:
                model.add(start.at == self.problem.horizon).only_enforce_if(~present)
                model.add(start.at <= high).only_enforce_if(present)
            operations.append(OperationChoice(start, end, ways))
        return JobChoice(present, not optional, tuple(operations))

    def _window(self, job: Job, number: int) -> tuple[int, int]:
        operation = job.operations[number]
        if operation.pinned is not None:
            return operation.pinned, operation.pinned
        high = self.problem.horizon - min(mode.duration for mode in operation.modes)
        if number:
            return 0, high
        high = min(high, self.problem.horizon - job.shortest)
        if job.latest_start is not None:
            high = min(high, job.latest_start)
        return max(job.release, 0), high

    def _start(self, low: int, high: int, optional: bool) -> Tick:
        horizon = self.problem.horizon
        spans = [[low, high]] if low <= high else []
        spans += [[horizon, horizon]] if optional else []
        if not spans:
            self.model.add_bool_or([])
            return self._certain(horizon)
        domain = cp_model.Domain.from_intervals(spans)
        at = self.model.new_int_var_from_domain(domain, "")
        return Tick(at, domain.min(), domain.max())

    def _ways(self, operation: Operation, present: Literal) -> tuple[Literal, ...]:
        if len(operation.modes) == 1:
            return (present,)
        ways = tuple(self.model.new_bool_var("") for _ in operation.modes)
        self.model.add(sum(ways) == present)
        if operation.pinned_mode is not None:
            self.model.add(ways[operation.pinned_mode] == present)
        return ways

    def _end(
        self, operation: Operation, start: Tick, ways: tuple[Literal, ...], optional: bool
    ) -> Tick:
        horizon = self.problem.horizon
        durations = [mode.duration for mode in operation.modes]
        low = min(start.low + min(durations), horizon)
        if not optional and len(set(durations)) == 1:
            self.model.add(start.at + durations[0] <= horizon)
            return Tick(start.at + durations[0], low, horizon)
        at = self.model.new_int_var(low, horizon, "")
        for way, duration in zip(ways, durations, strict=True):
            self.model.add(at == start.at + duration).only_enforce_if(way)
        if optional:
            absent = [~way for way in ways]
            self.model.add(at == horizon).only_enforce_if(absent)
        return Tick(at, low, horizon)


def end_of_step(operation: Operation, step: Step) -> int:
    """First tick after an operation."""
    return step.start + operation.modes[step.mode].duration


def _steps(solver: cp_model.CpSolver, choice: JobChoice) -> Steps | None:
    if choice.kept:
        return choice.steps
    if not solver.boolean_value(choice.present):
        return None
    return tuple(
        Step(
            solver.value(operation.start.at),
            next(index for index, way in enumerate(operation.ways) if solver.boolean_value(way)),
        )
        for operation in choice.operations
    )
