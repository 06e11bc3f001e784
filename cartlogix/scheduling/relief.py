"""What one more unit of something would change, measured: the problem with it is solved again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Demand, Mode, Problem, Resource
from cartlogix.scheduling.solve import never, solve

Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Relief:
    """What a plan would be with one more unit of something.

    Attributes:
        what: What there is more, in words.
        resource: The limit.
        values: The objective then, level by level; None if no plan was found.
        terms: Every term of the plan then.
    """

    what: str
    resource: str
    values: tuple[float, ...] | None
    terms: dict[str, float]


def variants(problem: Problem, name: str) -> Iterator[tuple[str, Problem]]:
    """Yield the problem with one more unit of a limit, and with its closed days open."""
    index = problem.resource_index[name]
    resource = problem.resources[index]
    if resource.kind == "suite":
        yield f"one more suite like {name}", _another(problem, resource)
    else:
        least = 1 if max(resource.capacity) else 0
        more = tuple(units + (units >= least) for units in resource.capacity)
        yield f"one more of {name}", _with(problem, replace(resource, capacity=more))
    usual = max(resource.capacity)
    if usual and 0 in resource.capacity and resource.window == 1:
        opened = tuple(units or usual for units in resource.capacity)
        yield f"{name} open every day", _with(problem, replace(resource, capacity=opened))


def relief(
    problem: Problem,
    objective: Objective,
    plan: Plan | None,
    limits: Iterable[str],
    budget: Budget,
    stopped: Stopped = never,
) -> list[Relief]:
    """Return what one more unit of each limit changes, measured, the best first.

    Each is solved again from the plan within the budget, so that the change shown is one that can
    be had; a longer search may find more.
    """
    found = []
    for name in limits:
        for what, changed in variants(problem, name):
            if stopped():
                break
            outcome = solve(changed, objective, budget, start=plan, stopped=stopped)
            values = None if outcome.plan is None else outcome.values
            found.append(Relief(what, name, values, dict(outcome.terms)))
    found.sort(key=lambda one: (one.values is None, one.values or ()))
    return found


def _with(problem: Problem, changed: Resource) -> Problem:
    resources = tuple(
        changed if resource.name == changed.name else resource for resource in problem.resources
    )
    return replace(problem, resources=resources)


def _another(problem: Problem, suite: Resource) -> Problem:
    """Return the problem with a second suite that takes what a suite takes, and is never down."""
    twin = replace(suite, name=f"{suite.name} (one more)", capacity=(1,))
    jobs = []
    for job in problem.jobs:
        operations = tuple(
            replace(operation, modes=(*operation.modes, *_moved(operation.modes, suite, twin)))
            for operation in job.operations
        )
        jobs.append(replace(job, operations=operations))
    return replace(problem, jobs=tuple(jobs), resources=(*problem.resources, twin))


def _moved(modes: Sequence[Mode], suite: Resource, twin: Resource) -> Iterator[Mode]:
    for mode in modes:
        if any(demand.resource == suite.name for demand in mode.demands):
            demands = tuple(_renamed(demand, suite, twin) for demand in mode.demands)
            yield replace(mode, demands=demands, place=twin.name)


def _renamed(demand: Demand, suite: Resource, twin: Resource) -> Demand:
    return replace(demand, resource=twin.name) if demand.resource == suite.name else demand
