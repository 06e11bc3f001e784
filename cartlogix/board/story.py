"""Everything that is said about a planned board, in one value: for the terminal, files and page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cartlogix.board.promise import Promise, promises
from cartlogix.board.replan import Replan
from cartlogix.board.rows import Lateness, Move, late, moved_from_previous
from cartlogix.board.slots import Slot
from cartlogix.board.translate import Posed
from cartlogix.scheduling.explain import hold, words
from cartlogix.scheduling.outcome import Budget, Outcome
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.relief import Relief, relief
from cartlogix.scheduling.solve import never

Stopped = Callable[[], bool]

MOST_HOLDS = 60
"""Late orders of which the reason is looked for."""
_MOST_LIMITS = 4


@dataclass(frozen=True)
class Story:
    """A plan with what it promises, what is late and why, and what would help.

    Attributes:
        posed: The problem.
        plan: The plan that is shown.
        outcome: What the solver said of it.
        promises: By order.
        late: Orders that are late or left out.
        reasons: Why, by order.
        reliefs: What one more unit of the limits that hold them back would change, the best first.
        moved: What moved against the previous plan.
        what_if: The changes that were asked for, in the planner's words.
        replan: The replan that they led to; its plan is `plan`.
        slots: Slots suggested for an order.
        wanted: The order that they are for.
        interrupted: Whether the search was stopped by hand.
    """

    posed: Posed
    plan: Plan
    outcome: Outcome
    promises: Mapping[str, Promise]
    late: Sequence[Lateness]
    reasons: Mapping[str, str]
    reliefs: Sequence[Relief]
    moved: Sequence[Move]
    what_if: Sequence[str] = ()
    replan: Replan | None = None
    slots: Sequence[Slot] = ()
    wanted: str = ""
    interrupted: bool = False


def tell(posed: Posed, outcome: Outcome, plan: Plan, seed: int, stopped: Stopped = never) -> Story:
    """Return the story of a plan: promises, lateness, its reasons, and what would help."""
    lateness = late(posed, plan)
    reasons, limits = {}, dict[str, int]()
    day = posed.clock.at
    for one in lateness[:MOST_HOLDS]:
        held = hold(posed.problem, plan, one.job)
        reasons[one.order] = words(posed.problem, held, lambda tick: str(day(tick)))
        for name, end in held.limits:
            gain = (posed.problem.horizon if held.end is None else held.end) - end
            limits[name] = limits.get(name, 0) + gain
    strongest = _strongest(posed, limits)
    # Short: what is shown is a change that can be had, not the best one.
    budget = Budget(effort=0.3, seconds=1.5, exact=False, seed=seed)
    reliefs = relief(posed.problem, posed.objective, plan, strongest, budget, stopped)
    return Story(
        posed,
        plan,
        outcome,
        promises(posed, plan, seed),
        lateness,
        reasons,
        reliefs,
        moved_from_previous(posed, plan),
    )


def _strongest(posed: Posed, limits: Mapping[str, int]) -> list[str]:
    """Return the limits that hold most back, of the suites of a plant only the first."""
    found: dict[str, str] = {}
    for name in sorted(limits, key=lambda name: -limits[name]):
        resource = posed.problem.resources[posed.problem.resource_index[name]]
        key = name.rpartition("/")[0] if resource.kind == "suite" else f"{name} "
        found.setdefault(key, name)
    return list(found.values())[:_MOST_LIMITS]


def number_text(value: float) -> str:
    """Return a term's value with as many digits as a planner can use."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def days_late(posed: Posed, one: Lateness) -> str:
    """Say how late an order is."""
    if one.ticks is None:
        return "left out"
    text = f"{one.ticks / posed.clock.per_day:g} d"
    return f"{text}, beyond its deadline" if one.beyond else text


def promise_texts(posed: Posed, promise: Promise) -> tuple[str, str, str]:
    """Return P50, P90 and the chance of being on time as text."""
    dates = [
        str(posed.clock.last(tick)) if tick < float("inf") else "not reached"
        for tick in (promise.p50, promise.p90)
    ]
    chance = "" if promise.on_time is None else f"{promise.on_time:.3f}"
    return dates[0], dates[1], chance


def shown_terms(story: Story) -> list[str]:
    """Return the terms that matter: those of the objective, and how many lots are late."""
    named = [name for level in story.posed.objective.levels for name in level]
    return list(dict.fromkeys([*named, "late", "mean_flow"]))


def compared_terms(story: Story) -> list[str]:
    """Return the terms in which a replan is compared; starts moved are shown one by one."""
    return [name for name in shown_terms(story) if not name.startswith("moved")]


def explanation(story: Story) -> str:
    """Return the explanation of a plan as plain text."""
    lines = [story.posed.board.title, ""]
    if story.late:
        lines.append(f"{len(story.late)} of {len(story.plan.jobs)} orders are late:")
        lines += [
            f"- {one.order}: {days_late(story.posed, one)}; {story.reasons.get(one.order, '')}"
            for one in story.late
        ]
    else:
        lines.append("No order is late.")
    if story.reliefs:
        lines += ["", "What one more would change (solved again from this plan, short search):"]
        lines += [f"- {relief_text(story, one)}" for one in story.reliefs]
    if story.posed.notes:
        lines += ["", "Notes:", *(f"- {note}" for note in story.posed.notes)]
    return "\n".join(lines) + "\n"


def relief_text(story: Story, one: Relief) -> str:
    """Say what one more unit changed."""
    if one.values is None:
        return f"{one.what}: no plan found"
    changes = _changes(story, shown_terms(story), one.terms)
    return f"{one.what}: {changes or 'changes nothing'}"


def reason_text(story: Story, order: str) -> str:
    """Say why an order moves in a replan: it must, or what it would cost if it stayed."""
    reason = None if story.replan is None else story.replan.reasons.get(order)
    if reason is None:
        return "the reason was not looked for"
    if reason.must:
        return f"must: {reason.must}"
    if reason.stayed is None:
        return "no plan was found in which it stays"
    changes = _changes(story, compared_terms(story), reason.stayed)
    return f"if it stayed, with {reason.moved} moved: {changes or 'no term would change'}"


def _changes(story: Story, names: Sequence[str], terms: Mapping[str, float]) -> str:
    base = story.outcome.terms
    return ", ".join(
        f"{name} {number_text(base[name])} -> {number_text(terms[name])}"
        for name in names
        if abs(base[name] - terms[name]) > 1e-9
    )
