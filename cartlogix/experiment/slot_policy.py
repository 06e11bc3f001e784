"""The experiment `slot_policy`: rules against rolling optimization against clairvoyance.

Every policy meets the same lots, replication by replication, so that differences are paired.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from cartlogix.analysis.statistics import Interval, mean_interval, paired_difference
from cartlogix.experiment.pool import WorkerPool
from cartlogix.experiment.slot_cases import STRUCTURES, case
from cartlogix.policies.online import Case, run
from cartlogix.policies.slots import ByRule, Rolling
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.rules import RULES
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.verify import recompute, violations

OBJECTIVE = Objective(({"tardiness": 1.0, "flow": 0.1, "beyond_limit": 50.0},))
"""Weighted days late, a tenth of the weighted days from arrival to end, and 50 for each lot lost.

A lot that is lost counts, beside the 50, as one that ends when the plant closes, as in every plan.
"""

LOADS = (0.7, 0.8, 0.9, 1.0, 1.1)
HIGH = 0.9
"""From this load on, order is expected to matter."""

ROLLING, CLAIRVOYANT = "rolling", "clairvoyant"
POLICIES = (*RULES, ROLLING, CLAIRVOYANT)
RIVALS = ("EDD", "ATC", "index")


@dataclass(frozen=True)
class Settings:
    """What is compared, on what, and with how much work.

    Attributes:
        structures: Names of `slot_cases.STRUCTURES`.
        loads: Shares of capacity asked for.
        replications: Of each structure and load.
        seed: Of the lots.
        effort: Deterministic work of each rolling solve.
        hindsight: Deterministic work of the clairvoyant's solve.
        jobs: Processes.
    """

    structures: tuple[str, ...] = tuple(STRUCTURES)
    loads: tuple[float, ...] = LOADS
    replications: int = 12
    seed: int = 2027
    effort: float = 0.05
    hindsight: float = 2.0
    jobs: int = 1


@dataclass(frozen=True)
class Task:
    """One structure at one load in one replication."""

    structure: str
    load: float
    replication: int
    settings: Settings


@dataclass(frozen=True)
class Score:
    """What came of one policy in one task.

    Attributes:
        value: Objective per lot.
        terms: Every term of the realised plan.
        seconds: Wall-clock time of all decisions and of the plant; differs from run to run.
        asked: Times that the policy was asked; `solved` of these went to the solver.
    """

    value: float
    terms: Mapping[str, float]
    seconds: float
    asked: int = 0
    solved: int = 0


Scores = Mapping[str, Score]


@dataclass(frozen=True)
class Cell:
    """One structure at one load: for each policy, the scores in order of replication."""

    structure: str
    load: float
    scores: Mapping[str, tuple[Score, ...]]

    def mean(self, policy: str) -> Interval:
        """Mean objective per lot, with its 95 % interval over replications."""
        return mean_interval(self._values(policy))

    def gain(self, rival: str) -> Interval:
        """Objective of rolling minus that of another policy; below zero rolling is better."""
        return paired_difference(self._values(rival), self._values(ROLLING))

    def seconds(self, policy: str) -> float:
        """Mean wall-clock time of a replication."""
        return float(np.mean([score.seconds for score in self.scores[policy]]))

    def solves(self) -> float:
        """Mean number of times that the rolling policy asked the solver in a replication."""
        return float(np.mean([score.solved for score in self.scores[ROLLING]]))

    @property
    def verdict(self) -> str:
        """Rolling against the rules EDD, ATC and index together: better, worse, or a tie.

        Better means significantly better than each of the three; worse, than any.
        """
        gains = [self.gain(rival) for rival in RIVALS]
        if any(gain.low > 0 for gain in gains):
            return "worse"
        return "better" if all(gain.high < 0 for gain in gains) else "tie"

    def _values(self, policy: str) -> list[float]:
        return [score.value for score in self.scores[policy]]


def study(
    settings: Settings, progress: Callable[[int, int], None] = lambda done, of: None
) -> Iterator[Cell]:
    """Run the experiment and yield its cells in order.

    Raises:
        RuntimeError: if a worker process dies twice on the same task.
    """
    tasks = [
        Task(structure, load, replication, settings)
        for structure in settings.structures
        for load in settings.loads
        for replication in range(settings.replications)
    ]
    pool = WorkerPool[Task, Scores](
        scores, _lost, settings.jobs, preload=("cartlogix.experiment.slot_policy",)
    )
    found: list[Scores] = []
    for done, (task, one) in enumerate(zip(tasks, pool.map(tasks), strict=True), start=1):
        progress(done, len(tasks))
        found.append(one)
        if len(found) == settings.replications:
            by_policy = {name: tuple(each[name] for each in found) for name in POLICIES}
            yield Cell(task.structure, task.load, MappingProxyType(by_policy))
            found = []


def scores(task: Task) -> Scores:
    """Let every policy meet the lots of one task."""
    settings = task.settings
    lots = case(STRUCTURES[task.structure], task.load, settings.seed, task.replication)
    found = {name: _ruled(lots, ByRule(rule)) for name, rule in RULES.items()}
    found[ROLLING] = _ruled(lots, Rolling(OBJECTIVE, settings.effort, RULES["ATC"]))
    found[CLAIRVOYANT] = _hindsight(lots, settings)
    return found


def _ruled(lots: Case, policy: ByRule | Rolling) -> Score:
    begun = time.perf_counter()
    result = run(lots, policy)
    seconds = time.perf_counter() - begun
    solved = sum(e.decision.status not in {"rule", "trivial"} for e in result.epochs)
    return _score(lots, result.plan, seconds, len(result.epochs), solved)


def _hindsight(lots: Case, settings: Settings) -> Score:
    """The best plan found with every arrival, duration and failure known from the start."""
    begun = time.perf_counter()
    budget = Budget(effort=settings.hindsight, exact=False)
    outcome = solve(lots.actual, OBJECTIVE, budget)
    if outcome.plan is None:
        raise RuntimeError(f"no plan in hindsight: {outcome.reasons}")
    return _score(lots, outcome.plan, time.perf_counter() - begun, 1, 1)


def _score(lots: Case, plan: Plan, seconds: float, asked: int, solved: int) -> Score:
    broken = violations(lots.actual, plan)
    if broken:
        raise RuntimeError(f"the referee refuses what came of a policy: {broken[0]}")
    terms = recompute(lots.actual, plan)
    value = OBJECTIVE.values(terms)[0] / sum(job.weight > 0 for job in lots.actual.jobs)
    return Score(value, terms, seconds, asked, solved)


def _lost(task: Task) -> Scores:
    raise RuntimeError(f"a worker process was killed twice on {task}")


def summary(cells: Sequence[Cell]) -> str:
    """Where optimization pays and where it does not, in a sentence for each kind of structure."""
    high = [cell for cell in cells if cell.load >= HIGH]
    parts = []
    for structured, name in ((True, "structured"), (False, "unstructured")):
        those = [cell for cell in high if STRUCTURES[cell.structure].structured == structured]
        if those:
            verdicts = [cell.verdict for cell in those]
            parts.append(
                f"{name}, load {HIGH:g} and above: rolling is significantly better than EDD, ATC"
                f" and index in {verdicts.count('better')} of {len(those)} cases, ties in"
                f" {verdicts.count('tie')}, is significantly worse in {verdicts.count('worse')}"
            )
    return "; ".join(parts)
