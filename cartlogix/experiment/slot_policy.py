"""The experiment `slot_policy`: rules against rolling optimization against clairvoyance.

Every policy meets the same lots, replication by replication, so that differences are paired.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cartlogix.analysis.statistics import (
    Interval,
    bonferroni_level,
    mean_interval,
    paired_difference,
)
from cartlogix.experiment.pool import WorkerPool
from cartlogix.experiment.slot_cases import STRUCTURES, case
from cartlogix.experiment.slot_scores import Address, Score, ScoreBook, Scores
from cartlogix.policies.online import Case, run
from cartlogix.policies.slots import ByRule, Rolling
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Problem
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
        clairvoyant: Replications, from the first, that are also solved with everything known.
        hindsight: Deterministic work of each of these solves.
        jobs: Processes.
    """

    structures: tuple[str, ...] = tuple(STRUCTURES)
    loads: tuple[float, ...] = LOADS
    replications: int = 24
    seed: int = 2027
    effort: float = 0.05
    clairvoyant: int = 2
    hindsight: float = 0.5
    jobs: int = 1


@dataclass(frozen=True)
class Task:
    """One structure at one load in one replication."""

    structure: str
    load: float
    replication: int
    settings: Settings

    @property
    def address(self) -> Address:
        """What tells the task from the others of its study."""
        return self.structure, self.load, self.replication


@dataclass(frozen=True)
class Cell:
    """One structure at one load: for each policy, the scores in order of replication."""

    structure: str
    load: float
    scores: Mapping[str, tuple[Score, ...]]
    together: int = len(RIVALS)
    """Differences of the whole study from the rules, of which the verdicts hold together."""

    def mean(self, policy: str) -> Interval:
        """Mean objective per lot, with its 95 % interval over replications."""
        return mean_interval(self._values(policy))

    def gain(self, rival: str, level: float = 0.95) -> Interval:
        """Objective of rolling minus that of another policy; below zero rolling is better."""
        return paired_difference(self._values(rival), self._values(ROLLING), level)

    def bound(self) -> tuple[float, float, float]:
        """Means per lot of the clairvoyant's bound, its plan, and rolling on the same lots."""
        known = self.scores[CLAIRVOYANT]
        rolling = self.scores[ROLLING][: len(known)]
        if not known:
            return math.nan, math.nan, math.nan
        return (
            float(np.mean([-math.inf if s.bound is None else s.bound for s in known])),
            float(np.mean([score.value for score in known])),
            float(np.mean([score.value for score in rolling])),
        )

    def seconds(self, policy: str) -> float:
        """Mean wall-clock time of a replication."""
        return float(np.mean([score.seconds for score in self.scores[policy]]))

    def solves(self) -> float:
        """Mean number of times that the rolling policy asked the solver in a replication."""
        return float(np.mean([score.solved for score in self.scores[ROLLING]]))

    @property
    def verdict(self) -> str:
        """Rolling against the rules EDD, ATC and index together: better, worse, or a tie.

        Better means significantly better than each of the three; worse, than any. The intervals are
        widened so that all of the study hold together with 95 % (Bonferroni).
        """
        gains = [self.gain(rival, bonferroni_level(self.together)) for rival in RIVALS]
        if any(gain.low > 0 for gain in gains):
            return "worse"
        return "better" if all(gain.high < 0 for gain in gains) else "tie"

    def _values(self, policy: str) -> list[float]:
        return [score.value for score in self.scores[policy]]


def study(settings: Settings, book: ScoreBook | None = None) -> Iterator[Cell]:
    """Run the experiment and yield its cells in order; a book keeps what is finished.

    Raises:
        RuntimeError: if a worker process dies twice on the same task.
        WriteFailed: if the book cannot be written.
    """
    tasks = [
        Task(structure, load, replication, settings)
        for structure in settings.structures
        for load in settings.loads
        for replication in range(settings.replications)
    ]
    known = book.read() if book else {}
    pool = WorkerPool[Task, Scores](
        scores, _lost, settings.jobs, preload=("cartlogix.experiment.slot_policy",)
    )
    fresh = pool.map([task for task in tasks if task.address not in known])
    found: list[Scores] = []
    for task in tasks:
        if (one := known.get(task.address)) is None:
            one = next(fresh)
            if book:
                book.add(task.address, one)
        found.append(one)
        if len(found) == settings.replications:
            by_policy = {
                name: tuple(each[name] for each in found if name in each) for name in POLICIES
            }
            together = len(RIVALS) * len(settings.structures) * len(settings.loads)
            yield Cell(task.structure, task.load, by_policy, together)
            found = []


def score_book(path: Path, settings: Settings) -> ScoreBook:
    """Return the book of a study, whatever part of its cases is chosen."""
    return ScoreBook(
        path,
        {
            "seed": settings.seed,
            "effort": settings.effort,
            "clairvoyant": settings.clairvoyant,
            "hindsight": settings.hindsight,
        },
    )


def scores(task: Task) -> Scores:
    """Let every policy meet the lots of one task."""
    settings = task.settings
    lots = case(STRUCTURES[task.structure], task.load, settings.seed, task.replication)
    found = {name: _ruled(lots, ByRule(rule)) for name, rule in RULES.items()}
    begun = time.perf_counter()
    came = run(lots, Rolling(OBJECTIVE, settings.effort, RULES["ATC"]))
    solved = sum(e.decision.status not in {"rule", "trivial"} for e in came.epochs)
    score = _score(lots, came.plan, time.perf_counter() - begun)
    found[ROLLING] = replace(score, asked=len(came.epochs), solved=solved)
    if task.replication < settings.clairvoyant:
        found[CLAIRVOYANT] = _hindsight(lots, came.plan, settings.hindsight)
    return found


def _ruled(lots: Case, policy: ByRule) -> Score:
    begun = time.perf_counter()
    result = run(lots, policy)
    score = _score(lots, result.plan, time.perf_counter() - begun)
    return replace(score, asked=len(result.epochs))


def _hindsight(lots: Case, came: Plan, effort: float) -> Score:
    """The best plan with every arrival, duration and failure known from the start.

    To keep the model small, no lot waits two weeks longer, and none ends a week later, than the
    last one did under the rolling policy.
    """
    begun = time.perf_counter()
    outcome = solve(_narrowed(lots.actual, came), OBJECTIVE, Budget(effort=effort), came)
    if outcome.plan is None:
        raise RuntimeError(f"no plan in hindsight: {outcome.status}")
    score = _score(lots, outcome.plan, time.perf_counter() - begun)
    slack = outcome.values[0] - outcome.bounds[0]
    bound = score.value - slack / _patients(lots)
    return replace(score, asked=1, solved=1, bound=bound)


def _narrowed(problem: Problem, came: Plan) -> Problem:
    places = [place for place, steps in enumerate(came.jobs) if steps is not None]
    waits = [(came.start(place) or 0) - problem.jobs[place].release for place in places]
    ends = [came.end(problem, place) or 0 for place in places]
    longest = max(waits) + 14
    jobs = tuple(
        job if job.optional else replace(job, latest_start=job.release + longest)
        for job in problem.jobs
    )
    return replace(problem, jobs=jobs, horizon=min(problem.horizon, max(ends) + 7))


def _patients(lots: Case) -> int:
    return sum(job.weight > 0 for job in lots.actual.jobs)


def _score(lots: Case, plan: Plan, seconds: float) -> Score:
    broken = violations(lots.actual, plan)
    if broken:
        raise RuntimeError(f"the referee refuses what came of a policy: {broken[0]}")
    terms = recompute(lots.actual, plan)
    return Score(OBJECTIVE.values(terms)[0] / _patients(lots), terms, seconds)


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
    if not parts:
        return f"no case has a load of {HIGH:g} or more"
    return f"{'; '.join(parts)} (simultaneous 95 % intervals)"
