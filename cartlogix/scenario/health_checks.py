"""What a schema cannot say of states of health: transitions that lead somewhere, known names."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.health import Health
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.problem import Path, Problem, unknown


def check_health(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of the states of health."""
    known: set[str] = set()
    for index, item in enumerate(scenario.demand.indications):
        if item.health is not None:
            known |= {state.name for state in item.health.states}
            yield from _states(("demand", "indications", index, "health"), item.health)
    for i, pathway in enumerate(scenario.pathways):
        for k, level in enumerate(pathway.outcomes):
            for name in level.by_health:
                if name not in known:
                    path: Path = ("pathways", i, "outcomes", k, "by_health", name)
                    yield unknown(path, "state of health", name, known)
        for name in sorted(known):
            levels = [o.by_health[name].value for o in pathway.outcomes if name in o.by_health]
            if sum(levels) > 1 + 1e-9:
                message = f"the outcomes' probabilities for '{name}' add up to {sum(levels):g}"
                yield Problem(("pathways", i, "outcomes"), f"{message}, above 1")


def check_allocation(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of the preferences by which patients are allocated."""
    pathways = [pathway.name for pathway in scenario.pathways]
    indications = scenario.demand.indications
    states = {s.name for item in indications if item.health for s in item.health.states}
    decided: set[str] = set()
    for index, preference in enumerate(scenario.allocation):
        path: Path = ("allocation", index)
        for key, name in (("first", preference.first), ("second", preference.second)):
            if name is not None and name not in pathways:
                yield unknown((*path, key), "pathway", name, pathways)
        if preference.first == preference.second:
            yield Problem((*path, "second"), "'first' and 'second' are the same pathway")
        for key, names, known in (
            ("indications", preference.indications, {item.name for item in indications}),
            ("health", preference.health, states),
        ):
            for k, name in enumerate(names):
                if name not in known:
                    yield unknown((*path, key, k), key.removesuffix("s"), name, known)
        concerned = {item.name for item in indications if preference.concerns(item)}
        if concerned and concerned <= decided:
            message = f"nobody is left for '{preference.name}': preferences before it decide"
            yield Problem((*path, "name"), message, "warning")
        if not preference.health:
            decided |= concerned


def _states(path: Path, health: Health) -> Iterator[Problem]:
    names = [state.name for state in health.states]
    ends = {state.name for state in health.states if state.end}
    for i, state in enumerate(health.states):
        if names.index(state.name) != i:
            message = f"the name '{state.name}' is used twice; names must differ"
            yield Problem((*path, "states", i, "name"), message)
        if state.end and state.mortality is not None:
            message = f"nobody is infused in '{state.name}': whoever comes to it is lost"
            yield Problem((*path, "states", i, "mortality"), message)
    shares = [state.share.value for state in health.states if state.share is not None]
    if shares and sum(shares) <= 0:
        yield Problem((*path, "states"), "the states' shares must not all be 0")
    first = [s.name for s in health.states if s.share is not None and s.share.value > 0]
    for name in first or names[:1]:
        if name in ends:
            message = f"patients would enrol in '{name}', in which they are lost at once"
            yield Problem((*path, "states", names.index(name), "end"), message)
    yield from _transitions(path, health, names, ends)
    reached = {*(first or names[:1]), *(transition.to for transition in health.transitions)}
    for i, state in enumerate(health.states):
        if state.name not in reached:
            message = f"nobody comes to '{state.name}': add a transition, or a share"
            yield Problem((*path, "states", i, "name"), message, "warning")


def _transitions(path: Path, health: Health, names: list[str], ends: set[str]) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for i, transition in enumerate(health.transitions):
        place = (*path, "transitions", i)
        for key, name in (("from", transition.from_), ("to", transition.to)):
            if name not in names:
                yield unknown((*place, key), "state of health", name, names)
        if transition.from_ in ends:
            message = f"nobody leaves '{transition.from_}': whoever comes to it is lost"
            yield Problem((*place, "from"), message)
        if (transition.from_, transition.to) in seen or transition.from_ == transition.to:
            message = f"from '{transition.from_}' to '{transition.to}' twice, or to itself"
            yield Problem((*place, "to"), message)
        seen.add((transition.from_, transition.to))
        if transition.after is not None and transition.after.value <= 0:
            yield Problem((*place, "after"), "the time until a transition must be above 0")
