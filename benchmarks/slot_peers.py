"""What else could solve a slot problem: PyJobShop, and interval variables in plain CP-SAT.

Both see a lot as its demands, each a task or an interval at a fixed distance from the lot's start;
where a capacity is lower for a while, tasks or intervals of nobody take up the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cartlogix.scheduling.plan import Plan, Step
from cartlogix.scheduling.problem import Demand, Job, Mode, Problem

CORES = 2


@dataclass(frozen=True)
class Solved:
    """A plan, None if none was found, and a proven lower bound of 10 x tardiness + wait."""

    plan: Plan | None
    bound: float


def pyjobshop(problem: Problem, seconds: float) -> Solved:
    """PyJobShop's constraint model, solved by the CP-SAT beneath it."""
    from pyjobshop import Model

    model = Model()
    most = [max(resource.capacity) for resource in problem.resources]
    limits = [model.add_renewable(units) for units in most]
    for index, begin, end, units in blocked(problem):
        task = model.add_task(earliest_start=begin, latest_start=begin)
        model.add_mode(task, limits[index], end - begin, units)
    firsts = []
    for job in problem.jobs:
        theirs = model.add_job(weight=int(job.weight), release_date=job.release, due_date=job.due)
        whole = model.add_task(theirs, job.release, latest_end=problem.horizon)
        model.add_mode(whole, [], duration(job))
        for demand, begin, end in demands(job):
            task = model.add_task(earliest_start=begin)
            model.add_mode(
                task, limits[problem.resource_index[demand.resource]], end - begin, demand.amount
            )
            model.add_start_before_start(whole, task, begin)
            model.add_start_before_start(task, whole, -begin)
        firsts.append(whole)
    model.set_objective(weight_total_tardiness=10, weight_total_flow_time=1)
    result = model.solve(time_limit=seconds, display=False, num_workers=CORES, random_seed=1)
    tasks = result.best.tasks
    if not tasks:
        return Solved(None, result.lower_bound - offset(problem))
    places = {id(task): place for place, task in enumerate(model.tasks)}
    starts = [tasks[places[id(first)]].start for first in firsts]
    return Solved(at(starts), result.lower_bound - offset(problem))


def plain_cp_sat(problem: Problem, seconds: float) -> Solved:
    """One interval per demand, one cumulative constraint per resource, nothing else."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    intervals: list[list[cp_model.IntervalVar]] = [[] for _ in problem.resources]
    units: list[list[int]] = [[] for _ in problem.resources]
    for index, begin, end, missing in blocked(problem):
        intervals[index].append(model.new_fixed_size_interval_var(begin, end - begin, ""))
        units[index].append(missing)
    starts, cost = [], []
    for job in problem.jobs:
        last = problem.horizon - duration(job)
        start = model.new_int_var(job.release, last, "")
        late = model.new_int_var(0, problem.horizon, "")
        model.add(late >= start + duration(job) - (job.due or 0))
        for demand, begin, end in demands(job):
            index = problem.resource_index[demand.resource]
            interval = model.new_fixed_size_interval_var(start + begin, end - begin, "")
            intervals[index].append(interval)
            units[index].append(demand.amount)
        starts.append(start)
        cost.append(int(job.weight) * (10 * late + start - job.release))
    for index, resource in enumerate(problem.resources):
        model.add_cumulative(intervals[index], units[index], max(resource.capacity))
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = CORES
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    plan = at([solver.value(start) for start in starts]) if found else None
    return Solved(plan, solver.best_objective_bound)


def at(starts: list[int]) -> Plan:
    """The plan in which each lot, of one operation, starts then."""
    return Plan(tuple((Step(int(start)),) for start in starts))


def mode(job: Job) -> Mode:
    """The only way to make a lot."""
    return job.operations[0].modes[0]


def duration(job: Job) -> int:
    """Ticks from start to end."""
    return mode(job).duration


def demands(job: Job) -> Iterator[tuple[Demand, int, int]]:
    """Each demand with its first tick and the one after its last, from the start."""
    for demand in mode(job).demands:
        yield demand, *demand.ticks(duration(job))


def offset(problem: Problem) -> float:
    """Weighted flow time less weighted wait: the lots' own lengths."""
    return sum(job.weight * duration(job) for job in problem.jobs)


def blocked(problem: Problem) -> Iterator[tuple[int, int, int, int]]:
    """Resource, first tick, tick after the last, and units that are missing from the most."""
    for index, resource in enumerate(problem.resources):
        most, begin = max(resource.capacity), 0
        capacity = resource.capacity
        for tick in range(1, len(capacity) + 1):
            if tick == len(capacity) or capacity[tick] != capacity[begin]:
                if capacity[begin] < most:
                    yield index, begin, tick, most - capacity[begin]
                begin = tick
